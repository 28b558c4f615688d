//! Looking things up in the catalog for a model that searches: fields and values by words. Tells names and labels
//! of the catalog, never a row, and nothing at all of identifiers.

use crate::catalog::{Catalog, Hit, HitKind, search};
use crate::segment::check::is_identifier;

/// Finds what is called something like some words.
pub trait Lookup: Send + Sync {
    /// Fields, bands, terms and datasets, best first, at most `most`.
    fn fields(&self, words: &str, most: usize) -> Vec<Hit>;

    /// Values and named sets of values, of one `field` (`field` or `dataset.field`) or of any, best first, at most
    /// `most`.
    fn values(&self, field: Option<&str>, words: &str, most: usize) -> Vec<Hit>;
}

impl Lookup for Catalog {
    fn fields(&self, words: &str, most: usize) -> Vec<Hit> {
        let named = |hit: &Hit| match hit.kind {
            HitKind::Field => !hides(self, hit.dataset.as_deref(), &hit.name),
            HitKind::Band | HitKind::Term | HitKind::Dataset => true,
            HitKind::Value | HitKind::Group | HitKind::Category => false,
        };
        search(self, words, usize::MAX).into_iter().filter(named).take(most).collect()
    }

    fn values(&self, field: Option<&str>, words: &str, most: usize) -> Vec<Hit> {
        let of = |hit: &Hit| {
            let (Some(dataset), Some(name)) = (&hit.dataset, &hit.field) else { return false };
            let asked = field.is_none_or(|f| f == name || f.split_once('.') == Some((dataset.as_str(), name.as_str())));
            asked && matches!(hit.kind, HitKind::Value | HitKind::Group) && !hides(self, Some(dataset), name)
        };
        search(self, words, usize::MAX).into_iter().filter(of).take(most).collect()
    }
}

/// Whether a field is one that nobody may ask for.
fn hides(catalog: &Catalog, dataset: Option<&str>, field: &str) -> bool {
    let of = dataset.and_then(|name| catalog.dataset(name));
    of.is_none_or(|of| of.field(field).is_none_or(|field| is_identifier(field, of)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::catalog::builtin;

    #[test]
    fn fields_and_values_are_found_by_words_of_both_languages() {
        let catalog = builtin().unwrap();
        assert_eq!(catalog.fields("요금제", 5)[0].name, "plan_name");
        assert_eq!(catalog.values(Some("home_sigungu"), "gangnam", 5)[0].name, "강남구");
        assert_eq!(catalog.values(Some("app_usage.app"), "넷플릭스", 5)[0].name, "Netflix");
        assert!(catalog.values(Some("gender"), "넷플릭스", 5).is_empty());
        assert!(catalog.values(None, "넷플릭스", 5).iter().any(|h| h.field.as_deref() == Some("app")));
        assert!(catalog.fields("앱", 3).len() <= 3);
    }

    #[test]
    fn identifiers_are_not_found() {
        let catalog = builtin().unwrap();
        assert!(catalog.fields("customer_id", 20).iter().all(|h| h.name != "customer_id"));
    }
}
