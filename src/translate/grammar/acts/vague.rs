//! Words too vague to count by: the question they raise, and its choices.

use crate::segment::{Act, Amount, Assumption, Choice, DraftExpr, Edit, EditOp, End, Expr, Question, Why, Words, text};
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// A word too vague to count by is asked about.
    pub(in crate::translate::grammar) fn vague(&mut self) {
        if self.draft.question.is_some() || self.draft.act == Act::Refuse {
            return;
        }
        for at in 0..self.parts.len() {
            let part = self.parts[at].clone();
            if part.taken {
                continue;
            }
            let row_term = part.terms().iter().any(|t| self.catalog.glossary[*t].of.is_some());
            let row_in_segment = row_term && self.row_term_in_segment(at);
            if row_in_segment {
                continue;
            }
            let vague = part.vague().or_else(|| {
                let surface = self.surface(at);
                row_term
                    .then(|| {
                        self.catalog
                            .vague
                            .iter()
                            .position(|v| v.words.iter().any(|w| crate::translate::grammar::text::normal(w) == surface))
                    })
                    .flatten()
            });
            let Some(vague) = vague else { continue };
            let words = self.words(at, at);
            let op = self.plain_op();
            let choices =
                self.catalog.vague[vague].options.iter().filter_map(|o| self.vague_choice(o, &words, op)).collect();
            self.draft.question = Some(Question { words, why: Why::Vague, choices });
            self.take([at]);
            return;
        }
    }

    /// "자주" after a presence that the segment already has restricts its rows.
    fn row_term_in_segment(&mut self, at: usize) -> bool {
        let terms = self.parts[at].terms();
        for condition in self.segment().conditions.iter().rev() {
            let Expr::Exists { dataset, rows } = &condition.expr else { continue };
            for t in &terms {
                let term = &self.catalog.glossary[*t];
                let Some(predicate) = term.row_predicate(dataset) else { continue };
                let Ok(row) = text::parse_rows(predicate, self.catalog, dataset) else { continue };
                let expr = Expr::exists(dataset, Expr::all_of(vec![(**rows).clone(), row]));
                let words = self.words(at, at);
                self.draft.assumptions.push(Assumption::Term { word: words.text.clone(), means: predicate.to_owned() });
                let edit = Edit { op: EditOp::Narrow, ..self.plain_edit(expr, &words) };
                self.draft.edits.push(edit);
                self.take([at]);
                return true;
            }
        }
        false
    }

    fn vague_choice(&self, option: &str, words: &Words, op: EditOp) -> Option<Choice<DraftExpr>> {
        let edit = |expr| Edit { op, ..self.plain_edit(expr, words) };
        if let Some(term) = self.catalog.term(option) {
            let expr = text::parse(&term.predicate, self.catalog).ok()?;
            let mut known = vec![term.label.ko.clone(), term.label.en.clone()];
            known.extend(term.synonyms.iter().cloned());
            return Some(Choice {
                label: [term.label.ko.clone(), term.label.en.clone()],
                words: known,
                edits: vec![edit(expr)],
            });
        }
        let field = self.catalog.field(option)?;
        let expr = Expr::Rank {
            field: field.name.clone(),
            end: End::Top,
            amount: Amount::Share(0.1),
            within: Box::new(Expr::All),
        };
        let mut known = vec![field.label.ko.clone(), field.label.en.clone()];
        known.extend(field.synonyms.iter().cloned());
        Some(Choice {
            label: [format!("{} 상위 10%", field.label.ko), format!("top 10% by {}", field.label.en)],
            words: known,
            edits: vec![edit(expr)],
        })
    }
}
