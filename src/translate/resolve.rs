//! Draft → Turn: names, values and synonyms become typed conditions, or errors with the nearest names.

use crate::catalog::{Catalog, Locale};
use crate::segment::{Draft, Turn};

/// What could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub struct ResolveError {
    /// Where in the draft.
    pub place: String,
}

impl ResolveError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, _locale: Locale) -> String {
        unimplemented!()
    }
}

/// The turn that `draft` means in `catalog`.
///
/// # Errors
/// Everything that the catalog lacks or refuses.
pub fn resolve(_draft: Draft, _catalog: &Catalog) -> Result<Turn, Vec<ResolveError>> {
    unimplemented!()
}
