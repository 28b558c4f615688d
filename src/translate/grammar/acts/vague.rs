//! Words too vague to count by: the question they raise, and its choices.

use crate::catalog::FieldType;
use crate::segment::{
    Act, Amount, Assumption, Choice, DraftExpr, Edit, EditOp, End, Expr, Literal, Question, Test, Why, Words, text,
};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::{Meaning, Sense, Target};
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// "credit score": a score of something nobody knows is not known either.
    pub(super) fn unknown_measures(&mut self) {
        for at in 1..self.parts.len() {
            let before = &self.parts[at - 1];
            if self.parts[at].vague().is_some() && before.unknown() && !before.taken {
                self.parts[at].meanings = vec![Meaning { sense: Sense::Unknown, form: None }];
            }
        }
    }

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
        self.degree();
    }

    /// "데이터 적게 쓰는", "low income": how much, without a number, of a field that can be ranked.
    fn degree(&mut self) {
        let counted = [Class::Top, Class::Bottom, Class::By, Class::Which, Class::Cross];
        let ranked = self.parts.iter().any(|p| p.any(&counted) || p.amount().is_some());
        if ranked || !self.draft.show.breakdown.is_empty() || self.draft.show.metric.is_some() {
            return;
        }
        for at in 0..self.parts.len() {
            let part = &self.parts[at];
            let low = part.is(Class::DegreeLow);
            if part.taken || !(low || part.is(Class::DegreeHigh)) {
                continue;
            }
            let beside = if part.hangul { self.prev_full(at) } else { self.next_full(at) };
            let Some((by, f)) = beside.and_then(|i| self.measure_named(i).map(|f| (i, f))) else { continue };
            let words = self.words(at.min(by), at.max(by));
            let end = if low { End::Bottom } else { End::Top };
            let op = self.plain_op();
            let choices =
                [0.1, 0.2, 0.3].into_iter().map(|share| self.ranked_choice(f, end, share, &words, op)).collect();
            self.draft.question = Some(Question { words, why: Why::Vague, choices });
            self.take([at, by]);
            return;
        }
    }

    /// The number field of the entity that a part names, and nothing has used.
    fn measure_named(&self, at: usize) -> Option<usize> {
        let part = &self.parts[at];
        let number = |f: &usize| self.field(0, *f).kind.is_number();
        let named = part.fields().into_iter().filter(|(d, _)| *d == 0).map(|(_, f)| f).find(number);
        let cue = || {
            part.cues().into_iter().find_map(|t| match t {
                Target::Field(0, f) if number(&f) => Some(f),
                _ => None,
            })
        };
        named.or_else(cue).filter(|_| !part.taken && part.values().is_empty())
    }

    fn ranked_choice(&self, f: usize, end: End, share: f64, words: &Words, op: EditOp) -> Choice<DraftExpr> {
        let field = self.field(0, f);
        let expr =
            Expr::Rank { field: field.name.clone(), end, amount: Amount::Share(share), within: Box::new(Expr::All) };
        let percent = share * 100.0;
        let (ko, en) = if end == End::Top { ("상위", "top") } else { ("하위", "bottom") };
        Choice {
            label: [
                format!("{} {ko} {percent:.0}%", field.label.ko),
                format!("{en} {percent:.0}% by {}", field.label.en),
            ],
            words: vec![format!("{percent:.0}%"), format!("{percent:.0}퍼센트"), format!("{percent:.0} percent")],
            edits: vec![Edit { op, ..self.plain_edit(expr, words) }],
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
        let mut known = vec![field.label.ko.clone(), field.label.en.clone()];
        known.extend(field.synonyms.iter().cloned());
        let f = self.catalog.entity().fields.iter().position(|x| x.name == field.name)?;
        if field.kind.is_number() {
            return Some(Choice { words: known, ..self.ranked_choice(f, End::Top, 0.1, words, op) });
        }
        let test = match field.ordered.last() {
            Some(highest) => Test::Eq(Literal::Text(highest.clone())),
            None => Some(Test::True).filter(|_| field.kind == FieldType::Bool)?,
        };
        let value = field.ordered.last().and_then(|v| field.value(v)).map(|v| &v.label);
        let said = |label: &str, value: Option<&String>| value.map_or(label.to_owned(), |v| format!("{label} {v}"));
        Some(Choice {
            label: [said(&field.label.ko, value.map(|v| &v.ko)), said(&field.label.en, value.map(|v| &v.en))],
            words: known,
            edits: vec![edit(Expr::Compare { field: field.name.clone(), test })],
        })
    }
}
