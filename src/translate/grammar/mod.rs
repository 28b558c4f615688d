//! The built-in translator: words to a Draft, deterministic, without network or model.

use super::Context;
use crate::catalog::Catalog;
use crate::segment::Draft;

/// The compiled language of one catalog.
#[derive(Debug)]
pub struct Grammar {}

impl Grammar {
    /// Compiles the lexicon of `catalog`.
    #[must_use]
    pub fn new(_catalog: &Catalog) -> Self {
        Self {}
    }

    /// What `text` asks for.
    #[must_use]
    pub fn translate(&self, _text: &str, _catalog: &Catalog, _context: &Context<'_>) -> Draft {
        Draft::default()
    }
}
