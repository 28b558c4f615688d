//! Whether a request stands by itself or goes on from the segment, and how it then changes it.

use crate::segment::{Act, EditOp};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::parts::Part;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Whether the request is whole by itself: a verb of asking, a head, and nothing that refers back.
    pub(in crate::translate::grammar) fn starts_anew(&self) -> bool {
        if self.draft.act == Act::New {
            return true;
        }
        let has = |class: Class| self.parts.iter().any(|p| p.is(class));
        let refers = has(Class::Anaphor)
            || [Class::Add, Class::Replace, Class::Keep, Class::InsteadAfter, Class::NotJust].into_iter().any(has)
            || self.has(Class::LikeThat) && !self.parts.iter().any(|p| p.hangul);
        let only = self
            .parts
            .iter()
            .enumerate()
            .any(|(i, p)| p.is(Class::Only) && !(i > 0 && self.parts[i - 1].any(&[Class::By, Class::HowMany])));
        let counted = |p: &Part| p.is(Class::HowMany);
        let head = has(Class::Head) || self.parts.iter().any(counted);
        let asks = self.parts.iter().any(|p| p.is(Class::Ask) && !p.is(Class::Filler))
            || self.parts.iter().any(counted)
            || self.starts_with_head();
        let dropped = has(Class::Drop) || has(Class::Exclude) && self.starts_with_exclude();
        let too = self.parts.iter().any(|p| p.is(Class::Too) && p.hangul) || has(Class::Too) && !has(Class::Ask);
        head && asks && !refers && !only && !dropped && !too
    }

    /// "people working in Mapo", "customers who …": a noun phrase alone is a request in English.
    fn starts_with_head(&self) -> bool {
        let first = self.parts.iter().position(|p| !p.is_empty() && !p.taken);
        let head = first.is_some_and(|i| {
            self.parts[i].is(Class::Head) && !self.parts[i].hangul && !self.parts[i].is(Class::Anaphor)
        });
        let verbs =
            self.parts.iter().any(|p| !p.hangul && (p.form().is_some() && !p.cues().is_empty() || p.is(Class::Who)));
        head && verbs
    }

    fn starts_with_exclude(&self) -> bool {
        let first = self.parts.iter().position(|p| !p.is_empty() && !p.taken);
        first.is_some_and(|i| self.parts[i].is(Class::Exclude))
            || self.parts.iter().rposition(|p| !p.is_empty()).is_some_and(|i| self.parts[i].is(Class::Exclude))
    }

    /// How conditions change the segment when nothing else is said.
    pub(super) fn plain_op(&self) -> EditOp {
        let has = |class: Class| self.parts.iter().any(|p| p.is(class));
        if self.starts_anew() {
            return EditOp::Narrow;
        }
        if !self.segment().is_everybody() && (has(Class::Add) || has(Class::Too) && !has(Class::Anaphor)) {
            return EditOp::Widen;
        }
        if has(Class::InsteadAfter) {
            return EditOp::Swap;
        }
        if has(Class::Anaphor) || has(Class::Keep) || has(Class::Both) { EditOp::Narrow } else { EditOp::Set }
    }
}
