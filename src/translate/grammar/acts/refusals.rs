//! What is not answered: personal data, those outside the population, writing, the system itself.

use crate::segment::{Act, Expr, Refusal, text};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Sense;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Personal data, those outside the population, writing, the system itself.
    pub(super) fn refuses(&mut self) -> bool {
        let saving = self.has(Class::Save) || self.has(Class::NameIs) || self.parts.iter().any(|p| p.name().is_some());
        let number = self.phone_number();
        let personal = self
            .parts
            .iter()
            .any(|p| !p.taken && p.starts_word && p.meanings.iter().any(|m| m.sense == Sense::Personal));
        let shown = !(self.has(Class::Exclude) || self.has(Class::About));
        let content = self.parts.iter().any(|p| !p.values().is_empty() || !p.fields().is_empty());
        let refusal = if number || personal && shown && !saving {
            Some(Refusal::Personal)
        } else if self.has(Class::System) {
            Some(Refusal::System)
        } else if self.has(Class::Delete)
            && !self.has(Class::Condition)
            && (!content || self.has(Class::Anaphor) || self.has(Class::Head) && !self.has(Class::Only))
        {
            Some(Refusal::Write)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            self.draft.act = Act::Refuse;
            self.draft.refused = Some(refusal);
        }
        refusal.is_some()
    }

    /// A telephone number: somebody in particular is asked about.
    fn phone_number(&self) -> bool {
        let shape: String = self.text.chars.iter().map(|c| if c.is_ascii_digit() { '0' } else { *c }).collect();
        ["000-0000-0000", "000-000-0000", "00000000000", "000000-0000000"].iter().any(|s| shape.contains(s))
    }

    /// A condition on who belongs to the population: true of everybody counted, or not to be asked for.
    pub(super) fn population_asked(&mut self, expr: &Expr) -> bool {
        let Ok(population) = text::parse(&self.catalog.everybody, self.catalog) else { return false };
        if *expr == population.clone().negated() || self.has(Class::Exclude) && *expr == population {
            self.draft.act = Act::Refuse;
            self.draft.refused = Some(Refusal::Population);
            self.draft.edits.clear();
            return true;
        }
        *expr == population
    }
}
