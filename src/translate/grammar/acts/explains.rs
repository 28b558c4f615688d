//! Questions about the segment, a word, a field or the data instead of a count.

use crate::segment::{Act, Topic};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Sense;
use crate::translate::grammar::parts::Part;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// "지금 조건이 뭐야".
    pub(super) fn explains_segment(&mut self) -> bool {
        let asks = self.has(Class::About) || self.has(Class::Which);
        let values = self.parts.iter().any(|p| !p.values().is_empty() || !p.terms().is_empty());
        let acts = self.has(Class::Save) || self.has(Class::Export) || self.parts.iter().any(|p| p.name().is_some());
        let fields = self.parts.iter().any(|p| !p.fields().is_empty());
        if !(asks && self.has(Class::Condition)) || self.has(Class::Drop) || acts || values || fields {
            return false;
        }
        self.draft.act = Act::About;
        self.draft.topics.push(Topic::Segment);
        true
    }

    /// Whether a number field comes next: "mean travel radius", but not "what does tenure mean".
    fn measures_next(&self, at: usize) -> bool {
        let measured = |(d, f): (usize, usize)| self.field(d, f).kind.is_number();
        self.next_full(at).is_some_and(|i| self.parts[i].fields().into_iter().any(measured))
    }

    /// A question about words, fields or data.
    pub(super) fn explains(&mut self) -> bool {
        let data = self.find(Class::Data).filter(|_| self.has(Class::Which) && !self.has(Class::Head));
        let measured = |(d, f): (usize, usize)| self.field(d, f).kind.is_number();
        let term = self.parts.iter().any(|p| !p.terms().is_empty())
            && !self.parts.iter().any(|p| p.fields().into_iter().any(measured));
        let means = self.parts.iter().position(|p| p.is(Class::Avg) && p.is(Class::Filler)).filter(|_| term);
        let Some(at) = self.find(Class::About).or(data).or(means) else { return false };
        // "설명 감사합니다. … 조회해 주세요": a later sentence asks for something else.
        let end = (at..self.parts.len()).find(|&i| self.ends_sentence(i)).unwrap_or(self.parts.len());
        if self.parts[end..].iter().any(|p| p.any(&[Class::Ask, Class::HowMany])) {
            return false;
        }
        let numbers = [
            Class::HowMany,
            Class::Max,
            Class::Min,
            Class::HowLong,
            Class::Most,
            Class::Avg,
            Class::Share,
            Class::Median,
            Class::Sum,
        ];
        let figure = |(i, p): (usize, &Part)| {
            i != at
                && !p.taken
                && p.any(&numbers)
                && !p.is(Class::About)
                && (self.measures_next(i) || !p.is(Class::Filler))
        };
        if self.parts.iter().enumerate().any(figure) || self.draft.action.is_some() {
            return false;
        }
        let grouped = self.parts.iter().any(|p| p.any(&[Class::By, Class::Cross, Class::Top]));
        let asked = self.has(Class::Ask)
            && self.has(Class::Head)
            && self.parts.iter().filter(|p| !p.values().is_empty()).count() > 1;
        if grouped || asked {
            return false;
        }
        let mut topics = Vec::new();
        for part in self.parts.iter().filter(|p| !p.taken) {
            if let Some(t) = part.terms().first() {
                topics.push(Topic::Term { name: self.catalog.glossary[*t].name.clone() });
            } else if let Some((d, f)) = part.fields().first() {
                let (dataset, field) = (self.dataset(*d).name.clone(), self.field(*d, *f).name.clone());
                topics.push(Topic::Field { dataset, field });
            } else if let Some(c) =
                part.meanings.iter().find_map(|m| if let Sense::Category(c) = m.sense { Some(c) } else { None })
            {
                topics.push(Topic::Category { name: self.catalog.categories[c].name.clone() });
            } else if let Some(d) = part.datasets().first() {
                topics.push(Topic::Dataset { name: self.dataset(*d).name.clone() });
            } else if let Some((d, f, _)) = part.values().first() {
                let (dataset, field) = (self.dataset(*d).name.clone(), self.field(*d, *f).name.clone());
                topics.push(Topic::Field { dataset, field });
            } else if part.is(Class::Data) {
                topics.push(Topic::Data);
            }
        }
        if topics.is_empty() {
            topics.push(Topic::Everything);
        }
        topics.dedup();
        self.draft.act = Act::About;
        self.draft.topics = topics;
        true
    }
}
