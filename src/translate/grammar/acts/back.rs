//! Undo and reset.

use crate::segment::{Act, text};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::parts::Part;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// "undo the delivery bit": every value named is one that the last change brought.
    fn last_change_named(&self) -> bool {
        let conditions = &self.segment().conditions;
        let Some(last) = conditions.iter().map(|c| c.turn).max() else { return false };
        let brought: Vec<String> = conditions.iter().filter(|c| c.turn == last).map(|c| text::print(&c.expr)).collect();
        let named = |p: &Part| {
            p.values().iter().any(|(d, f, values)| {
                values.iter().any(|v| brought.iter().any(|b| b.contains(&self.field(*d, *f).values[*v].name)))
            })
        };
        let said: Vec<&Part> = self.parts.iter().filter(|p| !p.values().is_empty()).collect();
        let first = self.parts.iter().find(|p| !p.is_empty()).is_some_and(|p| p.is(Class::Undo));
        first && !said.is_empty() && said.into_iter().all(named)
    }

    /// Undo and reset, where nothing else is asked.
    pub(super) fn goes_back(&mut self) -> bool {
        let content = self.parts.iter().any(|p| {
            !p.taken
                && (!p.values().is_empty()
                    || !p.terms().is_empty()
                    || p.amount().is_some_and(|a| a.compared || !a.unit.times)
                    || p.dates().is_some()
                    || !p.fields().is_empty()
                    || p.unknown() && p.from > 0
                    || p.is(Class::DateWord))
        });
        if self.has(Class::Reset) && self.draft.action.is_none() {
            let at: Vec<usize> = (0..self.parts.len()).filter(|&i| self.parts[i].is(Class::Reset)).collect();
            // "새로 가입한", "다시 보여줘": only where it stands for itself.
            let condition = self.has(Class::Condition) && content;
            if !content && !condition {
                self.draft.act = Act::Reset;
                return true;
            }
            let own = at.iter().any(|&i| self.surface(i).chars().filter(|c| *c != ' ').count() > 2);
            if own {
                self.draft.act = Act::New;
                self.take(at);
            }
        }
        let emptied = self.has(Class::Everyone) && self.has(Class::Condition) && self.has(Class::Drop) && !content;
        if emptied {
            self.draft.act = Act::Reset;
            return true;
        }
        if self.has(Class::Undo) && (!content || self.last_change_named()) && self.draft.action.is_none() {
            self.draft.act = Act::Undo;
            return true;
        }
        let last = self.has(Class::Drop) && self.has(Class::Condition) && !content;
        if last {
            self.draft.act = Act::Undo;
        }
        last
    }
}
