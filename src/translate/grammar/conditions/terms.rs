//! Glossary words → the predicates they stand for.

use crate::segment::{Assumption, Topic, text};
use crate::translate::grammar::conditions::Cond;
use crate::translate::grammar::conditions::Presence;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Glossary words over the entity.
    pub(in crate::translate::grammar) fn terms(&mut self, conds: &mut Vec<Cond>) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken || !self.parts[at].values().is_empty() && !self.is_rather_a_term(at) {
                continue;
            }
            let found = self.parts[at].terms().into_iter().find(|t| self.catalog.glossary[*t].of.is_none());
            let Some(term) = found.map(|t| &self.catalog.glossary[t]) else { continue };
            let Ok(expr) = text::parse(&term.predicate, self.catalog) else { continue };
            let word = self.words(at, at).text;
            self.draft.assumptions.push(Assumption::Term { word, means: term.predicate.clone() });
            conds.push(self.cond(expr, at, at, None));
            self.take([at]);
        }
        self.term_of_last_turn(conds);
    }

    /// "그 기준에 걸리는 분들": the term that the last turn explained.
    fn term_of_last_turn(&mut self, conds: &mut Vec<Cond>) {
        let Some(at) = self.find(Class::ThatTerm) else { return };
        let topics = self.context.last.map(|t| t.topics.as_slice()).unwrap_or_default();
        for topic in topics {
            let Topic::Term { name } = topic else { continue };
            let Some(term) = self.catalog.term(name).filter(|t| t.of.is_none()) else { continue };
            let Ok(expr) = text::parse(&term.predicate, self.catalog) else { continue };
            self.draft.assumptions.push(Assumption::Term { word: name.clone(), means: term.predicate.clone() });
            conds.push(self.cond(expr, at, at, None));
        }
        self.take([at]);
    }

    /// Words such as 자주 that restrict the rows of a presence said in the same request.
    pub(super) fn row_terms(&mut self, presences: &mut [Presence]) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken {
                continue;
            }
            let clause = self.clauses[at];
            for t in self.parts[at].terms() {
                let term = &self.catalog.glossary[t];
                let near = presences
                    .iter_mut()
                    .filter(|p| term.row_predicate(&self.catalog.datasets[p.dataset].name).is_some())
                    .min_by_key(|p| p.clause.abs_diff(clause));
                let Some(presence) = near else { continue };
                let dataset = &self.catalog.datasets[presence.dataset].name;
                let Some(predicate) = term.row_predicate(dataset) else { continue };
                let Ok(expr) = text::parse_rows(predicate, self.catalog, dataset) else { continue };
                presence.rows.push(expr);
                presence.first = presence.first.min(at);
                presence.last = presence.last.max(at);
                let word = self.text.words(self.parts[at].from, self.parts[at].to).text;
                self.draft.assumptions.push(Assumption::Term { word, means: predicate.to_owned() });
                self.parts[at].taken = true;
                break;
            }
        }
    }
}
