//! The catalog room, from outside.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use waggle::catalog;

#[test]
fn the_carried_catalog_has_no_faults() {
    let loaded = catalog::builtin().unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(loaded.datasets.len(), 7);
}
