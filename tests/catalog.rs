//! The catalog room, from outside.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use waggle::catalog;

#[test]
fn the_carried_catalog_has_no_faults() {
    let loaded = catalog::builtin().unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(loaded.datasets.len(), 7);
}

#[test]
#[ignore]
fn dump() {
    let loaded = catalog::builtin().unwrap();
    std::fs::write("/tmp/catalog.json", serde_json::json!({"datasets":loaded.datasets,"bands":loaded.bands,"glossary":loaded.glossary,"categories":loaded.categories,"vague":loaded.vague,"units":loaded.units}).to_string()).unwrap();
}
