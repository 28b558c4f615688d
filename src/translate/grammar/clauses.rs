//! Clauses: where one condition's words end and another's begin.
//!
//! A Korean verb closes its clause (부산 사는 | 넷플릭스 보는 | …), an English one opens it. "중에", "but" and
//! punctuation stand between clauses.

use super::korean::Form;
use super::language::Class;
use super::lexicon::Target;
use super::reader::Reader;

/// On which side of a cue the words stand that it governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Korean verbs.
    Left,
    /// English verbs and nouns before.
    Right,
    /// Nouns.
    Either,
}

/// A part that tells what the parts around it are about.
#[derive(Debug, Clone)]
pub(super) struct Governor {
    /// Which part.
    pub(super) part: usize,
    /// What it points to.
    pub(super) targets: Vec<Target>,
    /// Where its words stand.
    pub(super) side: Side,
}

impl Reader<'_> {
    /// Numbers the clauses.
    pub(super) fn number_clauses(&mut self) {
        let mut clause = 0;
        for at in 0..self.parts.len() {
            if self.opens_clause(at) {
                clause += 1;
            }
            self.clauses[at] = clause;
            if self.closes_clause(at) {
                clause += 1;
            }
        }
    }

    fn opens_clause(&self, at: usize) -> bool {
        let part = &self.parts[at];
        // "by telephone": a value, though one may telephone, too.
        let english_verb = !part.hangul && part.form().is_some() && !part.cues().is_empty() && part.values().is_empty();
        let noun_follows_value = english_verb && self.is_noun_use(at);
        (english_verb && !noun_follows_value)
            || part.any(&[Class::But, Class::Who])
            || (part.is(Class::Exclude) && !part.hangul)
    }

    /// "health app users", "hospital visits": an English verb form right after a value is its noun.
    fn is_noun_use(&self, at: usize) -> bool {
        let part = &self.parts[at];
        at > 0
            && part
                .meanings
                .iter()
                .any(|m| matches!(m.sense, super::lexicon::Sense::Dataset(_) | super::lexicon::Sense::Field(..)))
            && (!self.parts[at - 1].values().is_empty() || self.parts[at - 1].amount().is_some())
    }

    fn closes_clause(&self, at: usize) -> bool {
        let part = &self.parts[at];
        if part.is(Class::But) || matches!(self.surface(at).as_str(), "." | "?" | "!") {
            return true;
        }
        if self.surface(at) == ":" && !self.labels(at) {
            return true;
        }
        if part.is(Class::Among) && part.hangul && !part.is(Class::Within) {
            return true;
        }
        if part.is(Class::Among) && part.hangul && part.dates().is_none() {
            return true;
        }
        if part.is(Class::Comma) {
            return self.comma_closes(at);
        }
        if !part.hangul {
            return false;
        }
        if self.takes_from(at) {
            return true;
        }
        if part.is(Class::Has) || part.is(Class::HasNot) {
            let place = at > 0 && matches!(self.surface(at - 1).as_str(), "에" | "에서");
            return !place;
        }
        let verb = part.form().is_some_and(|f| f != Form::Negatable && f != Form::Noun);
        if part.is(Class::NotAfter) {
            return true;
        }
        let cue = !part.cues().is_empty() || !part.terms().is_empty();
        // "안 쓰는" closes with the verb; "쓰지 않는" with 않는.
        verb && (cue || part.form() == Some(Form::And) || part.form() == Some(Form::Or))
    }

    /// "VIP 고객에서 … 빼줘", "VIP 세그먼트에서": 에서 after people says from among whom, not where.
    pub(super) fn takes_from(&self, at: usize) -> bool {
        let people = [Class::Head, Class::Anaphor, Class::Kept];
        at > 0
            && self.surface(at) == "에서"
            && (self.parts[at - 1].any(&people) || !self.parts[at - 1].terms().is_empty())
    }

    /// A comma in a list of values does not close a clause.
    fn comma_closes(&self, at: usize) -> bool {
        let listed = |i: Option<usize>| {
            i.is_some_and(|i| !self.parts[i].values().is_empty() || self.parts[i].amount().is_some())
        };
        // "캠페인=해지 방어, 채널=전화": another field of the same table.
        let table = |i: Option<usize>| {
            i.map(|i| {
                self.parts[i]
                    .fields()
                    .iter()
                    .map(|(d, _)| *d)
                    .chain(self.parts[i].values().iter().map(|v| v.0))
                    .filter(|d| *d > 0)
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default()
        };
        let (before, after) = (table(self.prev_full(at)), table(self.next_full(at)));
        let same = before.iter().any(|d| after.contains(d))
            && self.next_full(at).is_some_and(|i| !self.parts[i].fields().is_empty());
        !(same || listed(self.prev_full(at)) && listed(self.next_full(at)))
    }

    /// Everything that tells what other words are about.
    pub(super) fn governors(&self) -> Vec<Governor> {
        let mut all = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            if part.taken {
                continue;
            }
            // 찾아줘 asks; only 찾는 speaks of visits.
            if part.hangul && part.is(Class::Ask) && part.form() == Some(Form::End) {
                continue;
            }
            let mut targets = part.cues();
            let verb = part.form().is_some() && !targets.is_empty();
            targets.extend(part.datasets().into_iter().map(Target::Dataset));
            targets.extend(part.fields().into_iter().map(|(d, f)| Target::Field(d, f)));
            if targets.is_empty()
                || !part.values().is_empty()
                    && part.cues().is_empty()
                    && part.datasets().is_empty()
                    && part.fields().is_empty()
            {
                continue;
            }
            let side = match (verb, part.hangul) {
                (true, true) => Side::Left,
                (true, false) if !self.is_noun_use(at) => Side::Right,
                _ => Side::Either,
            };
            all.push(Governor { part: at, targets, side });
        }
        all
    }

    /// How far a governor is from the part it might govern: none where it cannot.
    pub(super) fn distance(&self, governor: &Governor, part: usize) -> Option<usize> {
        if governor.part == part {
            return None;
        }
        let (low, high) = (governor.part.min(part), governor.part.max(part));
        let between = (low + 1..high).filter(|&i| !self.parts[i].is_empty()).count();
        let clauses = self.clauses[high] - self.clauses[low];
        let wrong = match governor.side {
            Side::Right => governor.part > part,
            Side::Left | Side::Either => false,
        };
        // "호텔 방문한 서울 사람": what comes after a Korean verb is not its object.
        if governor.side == Side::Left && governor.part < part {
            return None;
        }
        // A noun after its value is nearer than one before it: "강남 거주 아이폰".
        let lean = usize::from(governor.side == Side::Either && governor.part < part);
        Some(between * 2 + lean + clauses * 8 + if wrong { 12 } else { 0 })
    }
}
