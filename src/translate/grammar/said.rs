//! The numbers of a request, for whoever else read it: what "10만원 이상" and "40대" are in a field's unit.

use super::parts;
use super::reader::Reader;
use super::text::Text;
use super::{Grammar, MAX_CHARACTERS, lattice};
use crate::catalog::{Catalog, Field};
use crate::segment::Words;
use crate::translate::Context;

/// A number of a request in the unit of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct SaidNumber {
    /// The words.
    pub words: Words,
    /// Lower bound and whether it is included.
    pub low: Option<(f64, bool)>,
    /// Upper bound and whether it is included.
    pub high: Option<(f64, bool)>,
}

impl Grammar {
    /// The numbers of `text` that can be counted in the unit of `field`. A span of time that nothing is compared with
    /// says when, not how much, and is none.
    #[must_use]
    pub fn numbers(&self, text: &str, field: &Field, catalog: &Catalog) -> Vec<SaidNumber> {
        let text = Text::new(text);
        if text.chars.len() > MAX_CHARACTERS {
            return Vec::new();
        }
        let tokens = lattice::read(&text, &self.lexicon, &[]);
        let context = Context::default();
        let parts = parts::build(&tokens, &text, catalog.as_of);
        let reader = Reader::new(catalog, &text, &context, parts);
        let number = |part: &parts::Part| {
            let amount = part.amount()?;
            let when = amount.unit.time.is_some() && !amount.compared && !amount.decade;
            let factor = reader.fits(field, amount).filter(|_| !when)?;
            let scaled = |bound: Option<(f64, bool)>| bound.map(|(n, included)| (n * factor, included));
            let (low, high) = (scaled(amount.low), scaled(amount.high));
            Some(SaidNumber { words: text.words(part.from, part.to), low, high })
        };
        reader.parts.iter().filter_map(number).collect()
    }
}
