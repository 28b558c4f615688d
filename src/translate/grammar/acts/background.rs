//! Clauses that only say why the request is made: set aside, and named in the answer.

use crate::segment::Assumption;
use crate::translate::grammar::korean::Form;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::parts::Part;
use crate::translate::grammar::reader::Reader;

/// Parts after a word of background in which its clause must end; English clauses have their objects there.
const MAX_AFTER: usize = 7;

impl Reader<'_> {
    /// Clauses that say why the request is made are set aside, and the reader is told.
    pub(super) fn background(&mut self) {
        let mut at = 0;
        while at < self.parts.len() {
            let colon = self.surface(at) == ":" && !self.labels(at) && self.only_leads(at);
            if !(self.parts[at].is(Class::Background) || colon || self.intends(at) || self.leads_to_a_request(at)) {
                at += 1;
                continue;
            }
            let addressed = |i: usize| matches!(self.surface(i).as_str(), "에게" | "한테" | "께" | "에게는");
            let start = (0..at)
                .rev()
                .find(|&i| self.ends_sentence(i) || self.parts[i].taken || addressed(i))
                .map_or(0, |i| i + 1);
            let mut end = at;
            // "It is for a partnership check": a sentence of its own, to its end.
            let own = start > 0 && self.parts[at].is(Class::Background) && !self.parts[at].hangul;
            if own && (self.says_no_more(start) || (start..at).all(|i| self.parts[i].is_empty())) {
                let last =
                    (at..self.parts.len()).find(|&i| self.ends_sentence(i)).unwrap_or(self.parts.len()).max(at + 1) - 1;
                let word = self.words(start, last).text;
                self.take(start..=last);
                self.draft.assumptions.push(Assumption::Background { word });
                at = last + 1;
                continue;
            }
            let reach = if self.parts[at].hangul { MAX_AFTER } else { MAX_AFTER * 2 };
            let reach = if self.surface(at) == "so" { 0 } else { reach };
            for i in at + 1..self.parts.len().min(at + reach) {
                if self.parts[i].any(&[Class::Comma, Class::Stop]) || colon {
                    end = i - usize::from(colon);
                    break;
                }
                let leads_out = self.parts[i].hangul
                    && (self.parts[i].is_empty() || self.parts[i].is(Class::Background))
                    && end == i - 1;
                if leads_out {
                    end = i;
                }
            }
            let content = |i: usize| {
                let p = &self.parts[i];
                !p.values().is_empty()
                    || !p.terms().is_empty()
                    || p.amount().is_some()
                    || !p.fields().is_empty()
                    || !p.datasets().is_empty()
                    || p.band().is_some()
            };
            if (end + 1..self.parts.len()).any(content) && (start..=end).any(|i| !self.parts[i].is_empty()) {
                let word = self.words(start, end).text;
                self.take(start..=end);
                self.draft.assumptions.push(Assumption::Background { word });
            }
            at = end + 1;
        }
        self.idle_sentences();
        let spoken = self.parts.iter().position(|p| !p.taken).unwrap_or(0);
        for i in 0..spoken {
            self.parts[i].meanings.clear();
        }
    }

    /// "The board likes pets, so could you …": the reason stands before.
    fn leads_to_a_request(&self, at: usize) -> bool {
        let reach = self.parts.len().min(at + 5);
        at > 0
            && self.surface(at) == "so"
            && self.parts[at - 1].is(Class::Comma)
            && self.parts[at..reach].iter().any(|p| p.any(&[Class::Ask, Class::HowMany]))
    }

    /// "쿠폰을 보내려 합니다", "행사를 하려고": what somebody is about to do.
    fn intends(&self, at: usize) -> bool {
        let part = &self.parts[at];
        let surface = self.surface(at);
        let whole = self.parts.get(at + 1).is_none_or(|next| next.starts_word);
        part.hangul && whole && part.form() == Some(Form::And) && (surface.ends_with('려') || surface.ends_with("려고"))
    }

    /// Whether the sentence from `start` asks for nothing.
    fn says_no_more(&self, start: usize) -> bool {
        let end = (start..self.parts.len()).find(|&i| self.ends_sentence(i)).unwrap_or(self.parts.len());
        !self.parts[start..end].iter().any(asks)
    }

    /// A sentence that asks nothing, before one that does, says why.
    fn idle_sentences(&mut self) {
        let mut start = 0;
        for at in 0..self.parts.len() {
            if !self.ends_sentence(at) || self.surface(at) == ":" {
                continue;
            }
            let rest = self.parts[at + 1..].iter().any(|p| p.any(&[Class::Ask, Class::HowMany]))
                && self.parts[at + 1..].iter().any(|p| p.is(Class::Head));
            let said = self.parts[start..at].iter().any(|p| !p.is_empty() && !p.taken);
            if rest && said && !self.parts[start..at].iter().any(asks) {
                let word = self.words(start, at - 1).text;
                self.take(start..=at);
                self.draft.assumptions.push(Assumption::Background { word });
            }
            start = at + 1;
        }
    }

    pub(in crate::translate::grammar) fn ends_sentence(&self, at: usize) -> bool {
        match self.surface(at).as_str() {
            "." | "!" | "?" => true,
            ":" => !self.labels(at),
            _ => false,
        }
    }

    /// "거주: 대전", "plan: 5G": a colon after the name of what its values belong to.
    pub(in crate::translate::grammar) fn labels(&self, colon: usize) -> bool {
        self.surface(colon) == ":"
            && self.prev_full(colon).is_some_and(|i| {
                let p = &self.parts[i];
                !p.fields().is_empty() || !p.datasets().is_empty() || !p.cues().is_empty() || p.band().is_some()
            })
    }

    /// Whether what stands before a colon only leads to what follows.
    fn only_leads(&self, colon: usize) -> bool {
        let before = &self.parts[..colon];
        let asked = self.next_full(colon).is_some_and(|i| self.parts[i].is(Class::Ask));
        if asked && !before.iter().any(|p| p.any(&[Class::Reset, Class::Undo, Class::Anaphor])) {
            return true;
        }
        if before.iter().any(|p| p.any(&[Class::Reset, Class::Undo, Class::Anaphor])) {
            return false;
        }
        before.iter().any(|p| p.any(&[Class::Background, Class::Ask]))
            || before.iter().all(|p| p.values().is_empty() && p.terms().is_empty() && p.amount().is_none())
    }
}

/// Whether a part asks for something, or changes it.
fn asks(p: &Part) -> bool {
    p.any(&[
        Class::Ask,
        Class::HowMany,
        Class::Head,
        Class::Anaphor,
        Class::Only,
        Class::Exclude,
        Class::Add,
        Class::Replace,
        Class::Keep,
        Class::Drop,
        Class::About,
        Class::Undo,
        Class::Reset,
        Class::By,
    ])
}
