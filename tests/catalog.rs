//! The catalog room, from outside: the carried catalog, another one over other data, and broken ones.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::Path;

use waggle::catalog::{self, Catalog, Locale, Reading};

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn telco() -> Catalog {
    catalog::builtin().unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_carried_catalog_is_the_one_in_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/telco");
    let loaded = catalog::load(&folder).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(loaded.version, telco().version);
    assert_eq!(loaded.datasets.len(), 7);
    assert_eq!(loaded.key(), "customer_id");
}

#[test]
fn districts_know_their_provinces_and_short_names() {
    let catalog = telco();
    let district = catalog.field("home_sigungu").unwrap();
    let words = |name: &str| district.value(name).unwrap().synonyms.clone();
    assert!(words("강남구").contains(&"강남".to_owned()));
    assert!(words("강남구").contains(&"Gangnam".to_owned()));
    assert!(!words("중구").contains(&"중".to_owned()), "one syllable is no name");
    assert!(!words("광주시").contains(&"광주".to_owned()), "the province of that name wins");
    assert!(!words("제주시").contains(&"Jeju".to_owned()));
    assert_eq!(district.value("중구").unwrap().parents.len(), 6);
    assert_eq!(district.value("고성군").unwrap().parents, ["강원특별자치도", "경상남도"]);
    assert_eq!(catalog.attribute("customers", "home_sigungu"), "home_sido");
    assert_eq!(catalog.attribute("customers", "device_model"), "device_maker");
    assert_eq!(district.shared.as_deref(), Some("sigungu"));
    assert!(district.preferred && !catalog.field("work_sigungu").unwrap().preferred);
}

#[test]
fn every_value_within_another_has_a_parent_and_a_label_in_each_language() {
    for dataset in telco().datasets {
        for field in dataset.fields {
            for value in &field.values {
                assert_eq!(value.parents.is_empty(), field.within.is_none(), "{} {}", field.name, value.name);
                assert!(!value.label.get(Locale::En).chars().any(|c| ('가'..='힣').contains(&c)), "{}", value.name);
            }
        }
    }
}

#[test]
fn a_catalog_over_other_data_loads_in_one_language() {
    let grocery = catalog::load(&fixture("grocery")).unwrap_or_else(|faults| panic!("{faults}"));
    let age = grocery.field("age").unwrap();
    assert_eq!(age.ordered.len(), 6);
    assert_eq!(age.value("35-44").unwrap().label.get(Locale::Ko), "35-44");
    assert_eq!(grocery.field("children").unwrap().value("0").unwrap().label.get(Locale::Ko), "none");
    assert_eq!(grocery.entity_label.get(Locale::Ko), "household");
    let product = grocery.dataset("purchases").unwrap().field("product").unwrap();
    assert_eq!(product.value("Coffee").unwrap().parents, ["Grocery"]);
    assert_eq!(grocery.dataset("purchases").unwrap().field("quantity").unwrap().reading, Reading::Total);
    assert!((grocery.unit("dollars").unwrap().words.last().unwrap().1 - 0.01).abs() < 1e-12);
}

#[test]
fn words_find_their_things() {
    let grocery = catalog::load(&fixture("grocery")).unwrap();
    let hits = catalog::search(&grocery, "poultry", 3);
    assert_eq!((hits[0].name.as_str(), hits[0].score), ("Chicken", 100));
    assert_eq!(hits[0].to_string(), "value purchases.product = 'Chicken' (Chicken)");
}

/// The faults of a broken catalog are those listed beside it.
fn faults_are_those_of(name: &str) {
    let folder = fixture("broken-catalogs");
    let found = catalog::load(&folder.join(format!("{name}.yaml"))).err().map(|f| f.to_string()).unwrap_or_default();
    let listed = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap_or_default();
    assert_eq!(found.trim_end(), listed.trim_end(), "{name}.yaml:\n{found}\n");
}

#[test]
fn all_names_that_lead_nowhere_are_reported_at_once() {
    faults_are_those_of("names");
}

#[test]
fn all_values_and_words_that_clash_are_reported_at_once() {
    faults_are_those_of("values");
}

#[test]
fn channels_that_lead_nowhere_are_reported_at_once() {
    faults_are_those_of("contact");
    faults_are_those_of("values-of-channels");
}

#[test]
fn files_that_cannot_be_read_are_reported_before_anything_else() {
    faults_are_those_of("not-yaml");
    faults_are_those_of("empty");
    faults_are_those_of("files");
    assert!(catalog::load(&fixture("no-such-catalog")).is_err());
}
