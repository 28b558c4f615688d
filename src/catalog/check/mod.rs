//! The checks that no single section of a file can make: names that must exist, words that must mean
//! one thing, bands that must hold every value. Conditions in text form are checked by the room that
//! can read them.

mod contact;
mod fields;
mod language;

use std::collections::BTreeMap;

use super::fault::Log;
use super::fields::Marks;
use super::model::{Catalog, Dataset, Sensitivity};
use super::read::hint;

/// Adds to `log` all that is wrong with `catalog`.
pub(super) fn check(catalog: &Catalog, marks: &Marks, log: &mut Log) {
    if catalog.datasets.is_empty() {
        log.add(&marks.at(""), "the catalog has no datasets");
        return;
    }
    unique(catalog.datasets.iter().map(|d| d.name.as_str()), str::to_owned, "datasets", marks, log);
    for (i, dataset) in catalog.datasets.iter().enumerate() {
        check_keys(dataset, catalog, i == 0, marks, log);
        check_item(dataset, i == 0, marks, log);
        for field in &dataset.fields {
            fields::check_field(catalog, dataset, field, marks, log);
        }
    }
    fields::check_shared(catalog, marks, log);
    language::check_language(catalog, marks, log);
    contact::check_contact(catalog, marks, log);
}

/// Reports the names that stand twice; `mark` turns a name into the name of its place.
fn unique<'a>(
    names: impl Iterator<Item = &'a str>,
    mark: impl Fn(&str) -> String,
    what: &str,
    marks: &Marks,
    log: &mut Log,
) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        let count = seen.entry(name).or_default();
        *count += 1;
        if *count == 2 && !name.is_empty() {
            log.add(&marks.again(&mark(name)), format!("there are two {what} named `{name}`"));
        }
    }
}

fn check_keys(dataset: &Dataset, catalog: &Catalog, is_entity: bool, marks: &Marks, log: &mut Log) {
    let name = &dataset.name;
    unique(dataset.fields.iter().map(|f| f.name.as_str()), |f| format!("{name}.{f}"), "fields", marks, log);
    let place = marks.at(&format!("{name}/primary_key"));
    if dataset.primary_key.is_empty() {
        log.add(&place, format!("dataset `{name}` needs `primary_key`"));
    }
    for column in dataset.primary_key.iter().filter(|c| dataset.field(c).is_none()) {
        let near = hint(column, dataset.fields.iter().map(|f| f.name.as_str()));
        log.add(&place, format!("the key column `{column}` is no field of `{name}`{near}"));
    }
    if is_entity {
        check_entity_key(dataset, marks, log);
    } else {
        check_join(dataset, catalog, marks, log);
    }
}

fn check_entity_key(entity: &Dataset, marks: &Marks, log: &mut Log) {
    if entity.primary_key.len() > 1 {
        let place = marks.at(&format!("{}/primary_key", entity.name));
        log.add(&place, format!("the entity's dataset `{}` has one key column", entity.name));
    }
    for key in entity.primary_key.iter().filter_map(|k| entity.field(k)) {
        if key.sensitivity != Sensitivity::Identifier {
            let place = marks.at(&format!("{}.{}", entity.name, key.name));
            log.add(&place, format!("the key `{}` needs `sensitivity: identifier`", key.name));
        }
    }
}

fn check_join(dataset: &Dataset, catalog: &Catalog, marks: &Marks, log: &mut Log) {
    let entity = catalog.entity();
    let place = marks.at(&format!("{}/joins_on", dataset.name));
    let Some(column) = dataset.joins_on.as_deref().and_then(|c| dataset.field(c)) else {
        log.add(&place, format!("no relationship joins `{}` to `{}`", dataset.name, entity.name));
        return;
    };
    if column.sensitivity != Sensitivity::Identifier {
        let place = marks.at(&format!("{}.{}", dataset.name, column.name));
        log.add(&place, format!("`{}` joins to the entity and needs `sensitivity: identifier`", column.name));
    }
    let Some(key) = entity.primary_key.first().and_then(|k| entity.field(k)) else { return };
    if key.kind != column.kind {
        log.add(
            &place,
            format!("`{}.{}` and `{}.{}` differ in type", dataset.name, column.name, entity.name, key.name),
        );
    }
}

fn check_item(dataset: &Dataset, is_entity: bool, marks: &Marks, log: &mut Log) {
    let Some(item) = &dataset.item else { return };
    let place = marks.at(&format!("{}/item", dataset.name));
    if is_entity {
        log.add(&place, "the entity's dataset has no `item`");
    }
    match dataset.field(item) {
        None => {
            let near = hint(item, dataset.fields.iter().map(|f| f.name.as_str()));
            log.add(&place, format!("the item `{item}` is no field of `{}`{near}", dataset.name));
        }
        Some(field) if field.values.is_empty() => {
            log.add(&place, format!("the item `{item}` lists no values"));
        }
        Some(_) => {}
    }
}
