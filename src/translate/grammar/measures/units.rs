//! Whether an amount can be counted in a field's unit, and by what factor.

use crate::catalog::Field;
use crate::translate::grammar::amounts::{Amount, Unit};
use crate::translate::grammar::language::Measure;
use crate::translate::grammar::reader::Reader;

/// The unit that a bare number or a decade counts in, where the catalog has it.
pub(super) const YEARS: &str = "years";

impl Reader<'_> {
    /// The factor by which an amount counts in a field's unit; none where it cannot.
    pub(in crate::translate::grammar) fn fits(&self, field: &Field, amount: &Amount) -> Option<f64> {
        self.fits_directly(field, amount).or_else(|| {
            // A handset that is three years old.
            let years = self.catalog.units.iter().position(|u| u.name == YEARS)?;
            let unit = self.catalog.unit(field.unit.as_deref()?)?;
            let factor = unit.words.iter().find(|(w, _)| w == "years").map(|(_, factor)| *factor);
            factor.filter(|_| field.kind.is_number() && amount.unit.catalog.iter().any(|(u, _)| *u == years))
        })
    }

    /// The same, by the unit that was said alone.
    pub(super) fn fits_directly(&self, field: &Field, amount: &Amount) -> Option<f64> {
        if !field.kind.is_number() {
            return None;
        }
        if amount.unit == Unit::default() {
            let ages = amount.decade && field.unit.as_deref() != Some(YEARS);
            return (!ages).then_some(1.0);
        }
        let unit = field.unit.as_deref()?;
        if amount.unit.age && unit == YEARS {
            return Some(1.0);
        }
        let index = self.catalog.units.iter().position(|u| u.name == unit)?;
        let words = &self.catalog.units[index].words;
        let word = |wanted: &str| words.iter().find(|(w, _)| w == wanted).map(|(_, factor)| *factor);
        amount
            .unit
            .catalog
            .iter()
            .find(|(u, _)| *u == index)
            .map(|(_, factor)| *factor)
            .or_else(|| {
                let canonical = match amount.unit.time? {
                    Measure::Minute => "minutes",
                    Measure::Hour => "hours",
                    Measure::Day => "days",
                    Measure::Week => return word("days").map(|f| f * 7.0),
                    Measure::Month => "months",
                    Measure::Year => return word("months").map(|f| f * 12.0),
                    _ => return None,
                };
                word(canonical)
            })
            .or_else(|| (amount.unit.times).then(|| word("times")).flatten())
    }
}
