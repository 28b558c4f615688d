//! The canonical text form of a segment, and its parser.

use super::Expr;
use crate::catalog::{Catalog, Locale};

/// Why a text is no segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}")]
pub struct TextError {
    /// Byte offset into the text.
    pub offset: usize,
}

impl TextError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, _locale: Locale) -> String {
        unimplemented!()
    }
}

/// The text form of `expr`.
#[must_use]
pub fn print(_expr: &Expr) -> String {
    unimplemented!()
}

/// The condition on the entity that `text` says.
///
/// # Errors
/// Where the text breaks the grammar or names what the catalog lacks.
pub fn parse(_text: &str, _catalog: &Catalog) -> Result<Expr, TextError> {
    unimplemented!()
}

/// The condition on rows of `dataset` that `text` says.
///
/// # Errors
/// As [`parse`].
pub fn parse_rows(_text: &str, _catalog: &Catalog, _dataset: &str) -> Result<Expr, TextError> {
    unimplemented!()
}
