//! Checks of a segment against the catalog.

use super::Expr;
use crate::catalog::{Catalog, Fault, Locale};

/// How deep a segment may nest.
pub const MAX_SEGMENT_DEPTH: usize = 64;

/// What is wrong with a segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub enum SegmentError {
    /// Nested deeper than [`MAX_SEGMENT_DEPTH`].
    TooDeep,
}

impl SegmentError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, _locale: Locale) -> String {
        unimplemented!()
    }
}

/// Whether `expr` can be asked of `catalog`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check(_expr: &Expr, _catalog: &Catalog) -> Result<(), Vec<SegmentError>> {
    unimplemented!()
}

/// The predicates of the catalog itself (population, glossary) that do not parse or check.
#[must_use]
pub fn catalog_predicates(_catalog: &Catalog) -> Vec<Fault> {
    unimplemented!()
}
