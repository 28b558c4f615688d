//! One name, several meanings: the question, with each meaning as a choice.

use crate::segment::{Choice, Expr, Literal, Question, Why};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::parts::ValueSense;
use crate::translate::grammar::reader::Reader;
use crate::translate::grammar::values::List;

impl Reader<'_> {
    /// A name that several parents share: the one parent that is left, or a question.
    pub(super) fn with_parent(&mut self, list: &List, d: usize, f: usize, names: &[String]) -> Option<Expr> {
        let field = self.field(d, f);
        let within = field.within.clone()?;
        let said = self.parents_after(list, d, &within);
        let before = if self.starts_anew() { None } else { self.allowed_parents(d, f) };
        let allowed = said.or(before);
        let mut parts = Vec::new();
        for name in names {
            let value = field.value(name)?;
            let plain = Expr::is_in(&field.name, vec![Literal::Text(name.clone())]);
            if value.parents.len() <= 1 {
                parts.push(plain);
                continue;
            }
            let left: Vec<&String> =
                value.parents.iter().filter(|p| allowed.as_ref().is_none_or(|a| a.contains(p))).collect();
            if let [parent] = left.as_slice() {
                parts.push(Expr::all_of(vec![Expr::is_in(&within, vec![Literal::Text((*parent).clone())]), plain]));
            } else {
                self.ask_parent(list, d, f, name);
                return None;
            }
        }
        Some(Expr::any_of(parts))
    }

    /// "Dong-gu in Ulsan": the parents named right after a list.
    fn parents_after(&self, list: &List, d: usize, within: &str) -> Option<Vec<String>> {
        let next = self.next_full(list.last)?;
        let next = if self.parts[next].is(Class::Within) { self.next_full(next)? } else { next };
        if self.parts[next].hangul || self.joined(list.last, next) {
            return None;
        }
        let named =
            self.parts[next].values().into_iter().find(|(x, f, _)| *x == d && self.field(*x, *f).name == within)?;
        Some(named.2.iter().map(|v| self.field(d, named.1).values[*v].name.clone()).collect())
    }

    fn ask_parent(&mut self, list: &List, d: usize, f: usize, name: &str) {
        let field = self.field(d, f);
        let dataset = self.dataset(d);
        let (Some(value), Some(parent_field)) =
            (field.value(name), field.within.as_deref().and_then(|w| dataset.field(w)))
        else {
            return;
        };
        let words = self.words(list.first, list.last);
        let allowed = if self.starts_anew() { None } else { self.allowed_parents(d, f) };
        let choices = value
            .parents
            .iter()
            .filter(|p| allowed.as_ref().is_none_or(|a| a.is_empty() || a.contains(p)))
            .filter_map(|p| parent_field.value(p))
            .map(|parent| {
                let rows = Expr::all_of(vec![
                    Expr::is_in(&parent_field.name, vec![Literal::Text(parent.name.clone())]),
                    Expr::is_in(&field.name, vec![Literal::Text(name.to_owned())]),
                ]);
                let expr = if d == 0 { rows } else { Expr::exists(&dataset.name, rows) };
                let mut known = vec![parent.name.clone(), parent.label.ko.clone(), parent.label.en.clone()];
                known.extend(parent.synonyms.iter().cloned());
                Choice {
                    label: [
                        format!("{} {}", parent.label.ko, value.label.ko),
                        format!("{}, {}", value.label.en, parent.label.en),
                    ],
                    words: known,
                    edits: vec![self.plain_edit(expr, &words)],
                }
            })
            .collect();
        self.take(list.members.clone());
        self.draft.question.get_or_insert(Question { words, why: Why::SharedName, choices });
    }

    /// One word, several tables: ask, with each as an option.
    pub(super) fn ask_which(&mut self, list: &List, senses: &[ValueSense]) {
        let words = self.words(list.first, list.last);
        let choices = senses
            .iter()
            .map(|(d, f, values)| {
                let (dataset, field) = (self.dataset(*d), self.field(*d, *f));
                let literals = values.iter().map(|v| Literal::Text(field.values[*v].name.clone())).collect();
                let rows = Expr::is_in(&field.name, literals);
                let expr = if *d == 0 { rows } else { Expr::exists(&dataset.name, rows) };
                let value = &field.values[values[0]].label;
                let mut known: Vec<String> = dataset.presence.verbs.clone();
                known.extend(dataset.presence.nouns.iter().cloned());
                known.extend([
                    dataset.label.ko.clone(),
                    dataset.label.en.clone(),
                    field.label.ko.clone(),
                    field.label.en.clone(),
                ]);
                Choice {
                    label: [
                        format!("{}: {} = {}", dataset.label.ko, field.label.ko, value.ko),
                        format!("{}: {} = {}", dataset.label.en, field.label.en, value.en),
                    ],
                    words: known,
                    edits: vec![self.plain_edit(expr, &words)],
                }
            })
            .collect();
        self.take(list.members.clone());
        self.draft.question.get_or_insert(Question { words, why: Why::SeveralTables, choices });
    }
}
