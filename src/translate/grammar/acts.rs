//! What the turn does: refuse, explain, save, undo, or change the segment; and the stages of a reading in
//! their order.

mod actions;
mod anew;
mod back;
mod background;
mod edits;
mod explains;
mod leftovers;
mod refusals;
mod removals;
mod vague;

use super::language::Class;
use super::reader::Reader;
use crate::segment::{Act, Action, Draft, Says, Topic, Used};

impl Reader<'_> {
    /// Reads the request from its parts.
    pub(super) fn read(mut self) -> Draft {
        self.number_clauses();
        self.background();
        if self.refuses() || self.explains_segment() {
            return self.draft;
        }
        self.noting(Says::Do, Self::action);
        if matches!(self.draft.action, Some(Action::Save { .. } | Action::Load { .. } | Action::Compare { .. })) {
            return self.draft;
        }
        if matches!(self.draft.action, Some(Action::Export { .. })) && !self.has(Class::Head) {
            return self.draft;
        }
        if self.noting(Says::Do, Self::goes_back) {
            self.all_do();
            return self.draft;
        }
        if self.explains() {
            return self.draft;
        }
        self.recall();
        self.unknown_measures();
        self.noting(Says::Show, Self::shows);
        let conds = self.conditions();
        self.edits(conds);
        self.vague();
        self.leftovers();
        self.finish()
    }

    /// Runs a stage, and notes the words that it used.
    fn noting<T>(&mut self, says: Says, stage: impl FnOnce(&mut Self) -> T) -> T {
        let before: Vec<bool> = self.parts.iter().map(|p| p.taken).collect();
        let done = stage(self);
        let is_new = |at: usize| self.parts[at].taken && !before.get(at).is_some_and(|taken| *taken);
        let mut at = 0;
        while at < self.parts.len() {
            let first = at;
            while at < self.parts.len() && is_new(at) {
                at += 1;
            }
            if at > first {
                let words = self.words(first, at - 1);
                self.draft.used.push(Used { says, words });
            }
            at += 1;
        }
        done
    }

    /// A request that only goes back: where no words were used for it one by one, all of them say so.
    fn all_do(&mut self) {
        if self.draft.used.is_empty() && !self.parts.is_empty() {
            let words = self.words(0, self.parts.len() - 1);
            self.draft.used.push(Used { says: Says::Do, words });
        }
    }

    fn finish(mut self) -> Draft {
        let op = self.plain_op();
        if let Some(question) = &mut self.draft.question {
            for edit in question.choices.iter_mut().flat_map(|c| &mut c.edits) {
                edit.op = op;
            }
        }
        let draft = &self.draft;
        let nothing = draft.edits.is_empty()
            && draft.show.breakdown.is_empty()
            && draft.show.metric.is_none()
            && draft.action.is_none()
            && draft.question.is_none()
            && draft.act == Act::Continue;
        let empty = draft.act == Act::New
            && draft.edits.is_empty()
            && draft.question.is_none()
            && draft.show.breakdown.is_empty();
        if (nothing || empty) && !draft.unmatched.is_empty() {
            self.draft.act = Act::Unknown;
        } else if nothing
            && !self
                .parts
                .iter()
                .any(|p| p.any(&[Class::HowMany, Class::Anaphor, Class::Ask, Class::Head, Class::Everyone]))
        {
            self.draft.act = Act::About;
            self.draft.topics.push(Topic::Everything);
        }
        #[allow(clippy::cast_precision_loss, reason = "a handful")]
        let doubts = self.draft.unmatched.len() as f32;
        self.draft.confidence = (1.0 - 0.2 * doubts).clamp(0.0, 1.0);
        self.draft
    }
}
