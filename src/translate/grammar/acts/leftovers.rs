//! What no reading used: named in the answer, so that nothing is dropped silently.

use crate::translate::grammar::amounts::Unit;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Sense;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Names the parts that say something and that nothing used.
    pub(super) fn leftovers(&mut self) {
        for at in 0..self.parts.len() {
            if !(self.nobody_knows(at) || self.unused(at)) {
                continue;
            }
            let unknown = self.parts[at].unknown();
            let mut words = self.words(at, at);
            // The rest of the word, without what is clearly a particle.
            if unknown
                && self.parts.get(at + 1).is_some_and(|n| {
                    !n.starts_word
                        && n.hangul
                        && n.is(Class::Particle)
                        && matches!(self.surface(at + 1).as_str(), "이" | "가" | "인" | "나" | "야" | "일")
                })
            {
                words = self.words(at, at + 1);
            }
            match self.draft.unmatched.last_mut() {
                Some(last) if words.start >= last.end && words.start - last.end <= 1 && unknown => {
                    last.text = format!("{}{}{}", last.text, if words.start > last.end { " " } else { "" }, words.text);
                    last.end = words.end;
                }
                _ => self.draft.unmatched.push(words),
            }
        }
    }

    /// A word outside the lexicon; punctuation is none.
    fn nobody_knows(&self, at: usize) -> bool {
        let part = &self.parts[at];
        !part.taken && part.unknown() && self.surface(at).chars().any(char::is_alphanumeric)
    }

    /// Something known that should have become a condition, a group or a figure, and did not.
    fn unused(&self, at: usize) -> bool {
        let part = &self.parts[at];
        if part.taken || part.unknown() {
            return false;
        }
        let measured = part.amount().is_some_and(|a| a.compared || a.unit != Unit::default());
        if measured || part.dates().is_some() {
            return true;
        }
        let named = |m: &Sense| matches!(m, Sense::Value { .. } | Sense::Band(_) | Sense::Term(_));
        let whether = self.parts.get(at + 1).is_some_and(|p| p.is(Class::Whether)) && !part.values().is_empty();
        let only_named = whether || !part.meanings.is_empty() && part.meanings.iter().all(|m| named(&m.sense));
        let negates = [Class::NotBefore, Class::HasNot, Class::NotAfter, Class::Exclude, Class::Instead];
        let computes = [Class::Avg, Class::Median, Class::Share, Class::Top, Class::Bottom];
        let compares = [Class::Ge, Class::Gt, Class::Le, Class::Lt];
        let also_a_date = [Class::From, Class::Since, Class::Until, Class::Within, Class::Before];
        let compares = part.any(&compares) && !part.any(&also_a_date);
        only_named || compares || part.is(Class::OneOnly) || part.any(&negates) || part.any(&computes)
    }
}
