//! Checks of fields and their values.

use std::collections::BTreeMap;

use crate::catalog::fault::{Log, Place};
use crate::catalog::fields::Marks;
use crate::catalog::model::{Catalog, Dataset, Field, FieldType, Sensitivity};
use crate::catalog::read::hint;
use crate::catalog::values::words;
use crate::catalog::words::fold;

/// One field being checked.
struct Checked<'a> {
    catalog: &'a Catalog,
    dataset: &'a Dataset,
    field: &'a Field,
    path: String,
    /// What its values belong to: the list that it shares with others, or the field itself.
    owner: String,
    marks: &'a Marks,
}

impl Checked<'_> {
    fn at(&self, key: &str) -> Place {
        self.marks.at(&format!("{}/{key}", self.path))
    }

    /// Where the value at `index` stands.
    fn value_at(&self, index: usize) -> Place {
        let list = self.marks.values.get(&self.path);
        list.and_then(|l| l.places.get(index)).cloned().unwrap_or_else(|| self.marks.at(&self.path))
    }

    fn group_at(&self, index: usize) -> Place {
        let list = self.marks.values.get(&self.path);
        list.and_then(|l| l.group_places.get(index)).cloned().unwrap_or_else(|| self.marks.at(&self.path))
    }
}

/// Checks one field.
pub(super) fn check_field(catalog: &Catalog, dataset: &Dataset, field: &Field, marks: &Marks, log: &mut Log) {
    let path = format!("{}.{}", dataset.name, field.name);
    let owner = marks.lists.get(&path).map_or_else(|| format!("`{path}`"), |list| format!("the list `{list}`"));
    let checked = Checked { catalog, dataset, field, path, owner, marks };
    check_names(&checked, log);
    check_type(&checked, log);
    check_within(&checked, log);
    check_values(&checked, log);
    check_ordered(&checked, log);
}

fn check_names(checked: &Checked<'_>, log: &mut Log) {
    let (field, catalog) = (checked.field, checked.catalog);
    if field.category.is_empty() {
        if field.sensitivity == Sensitivity::Open {
            log.add(&checked.at(""), format!("field `{}` needs `category`", checked.path));
        }
    } else if !catalog.categories.iter().any(|c| c.name == field.category) {
        let near = hint(&field.category, catalog.categories.iter().map(|c| c.name.as_str()));
        log.add(&checked.at("category"), format!("there is no category `{}`{near}", field.category));
    }
    if let Some(unit) = field.unit.as_deref().filter(|u| catalog.unit(u).is_none()) {
        let near = hint(unit, catalog.units.iter().map(|u| u.name.as_str()));
        log.add(&checked.at("unit"), format!("there is no unit `{unit}`{near}"));
    }
    let Some(name) = &field.band else { return };
    match catalog.band(name) {
        None => {
            let near = hint(name, catalog.bands.iter().map(|b| b.name.as_str()));
            log.add(&checked.at("band"), format!("there is no band `{name}`{near}"));
        }
        Some(band) if band.field != field.name || checked.dataset.name != catalog.entity().name => {
            log.add(&checked.at("band"), format!("the band `{name}` groups `{}`, not `{}`", band.field, field.name));
        }
        Some(_) => {}
    }
}

fn check_type(checked: &Checked<'_>, log: &mut Log) {
    let field = checked.field;
    if checked.marks.untyped.contains(&checked.path) {
        return;
    }
    if !field.kind.is_number() {
        for (key, present) in
            [("unit", field.unit.is_some()), ("range", field.range.is_some()), ("band", field.band.is_some())]
        {
            if present {
                log.add(&checked.at(key), format!("`{key}` is for numbers, and `{}` is none", checked.path));
            }
        }
    }
    if field.kind != FieldType::String && !field.values.is_empty() {
        log.add(&checked.at(""), format!("only text fields list values, and `{}` is none", checked.path));
    }
}

fn check_within(checked: &Checked<'_>, log: &mut Log) {
    let field = checked.field;
    let Some(outer_name) = &field.within else {
        if field.values.iter().any(|v| !v.parents.is_empty()) {
            log.add(&checked.at(""), format!("values of `{}` have parents, so it needs `within`", checked.path));
        }
        return;
    };
    let Some(outer) = checked.dataset.field(outer_name) else {
        let near = hint(outer_name, checked.dataset.fields.iter().map(|f| f.name.as_str()));
        log.add(&checked.at("within"), format!("`{}` has no field `{outer_name}`{near}", checked.dataset.name));
        return;
    };
    if is_cyclic(checked.dataset, field) {
        log.add(&checked.at("within"), format!("`{}` is within itself", checked.path));
    }
    for (i, value) in field.values.iter().enumerate() {
        if value.parents.is_empty() {
            log.add(
                &checked.value_at(i),
                format!("`{}` needs a parent among the values of `{outer_name}`", value.name),
            );
        }
        for parent in value.parents.iter().filter(|p| outer.value(p).is_none()) {
            let near = hint(parent, outer.values.iter().map(|v| v.name.as_str()));
            log.add(
                &checked.value_at(i),
                format!("`{}` stands within `{parent}`, no value of `{outer_name}`{near}", value.name),
            );
        }
    }
}

fn is_cyclic(dataset: &Dataset, field: &Field) -> bool {
    let mut next = field.within.as_deref();
    for _ in 0..dataset.fields.len() {
        match next {
            Some(name) if name == field.name => return true,
            Some(name) => next = dataset.field(name).and_then(|f| f.within.as_deref()),
            None => return false,
        }
    }
    false
}

/// Each word of a field's values and groups stands for one of them.
fn check_values<'a>(checked: &Checked<'a>, log: &mut Log) {
    let field = checked.field;
    let mut owners: BTreeMap<String, &'a str> = BTreeMap::new();
    for (i, value) in field.values.iter().enumerate() {
        for word in words(value) {
            match owners.get(&word) {
                Some(other) if *other != value.name => {
                    let message =
                        format!("`{word}` stands for both `{other}` and `{}` of {}", value.name, checked.owner);
                    log.add(&checked.value_at(i), message);
                }
                _ => {
                    owners.insert(word, &value.name);
                }
            }
        }
    }
    check_groups(checked, &mut owners, log);
}

fn check_groups<'a>(checked: &Checked<'a>, owners: &mut BTreeMap<String, &'a str>, log: &mut Log) {
    let field = checked.field;
    for (i, group) in field.groups.iter().enumerate() {
        for value in group.values.iter().filter(|v| field.value(v).is_none()) {
            let near = hint(value, field.values.iter().map(|v| v.name.as_str()));
            let message = format!("group `{}` holds `{value}`, no value of {}{near}", group.label.en, checked.owner);
            log.add(&checked.group_at(i), message);
        }
        if group.values.is_empty() {
            log.add(&checked.group_at(i), format!("group `{}` holds no values", group.label.en));
        }
        for word in [&group.label.ko, &group.label.en].into_iter().chain(&group.synonyms).map(|w| fold(w)) {
            match owners.get(&word) {
                Some(other) if *other != group.label.en => {
                    let message = format!(
                        "`{word}` stands for both `{other}` and the group `{}` of {}",
                        group.label.en, checked.owner
                    );
                    log.add(&checked.group_at(i), message);
                }
                _ => {
                    owners.insert(word, &group.label.en);
                }
            }
        }
    }
}

fn check_ordered(checked: &Checked<'_>, log: &mut Log) {
    let field = checked.field;
    if field.ordered.is_empty() {
        return;
    }
    for (i, name) in field.ordered.iter().enumerate() {
        if field.value(name).is_none() {
            let near = hint(name, field.values.iter().map(|v| v.name.as_str()));
            log.add(&checked.at("ordered"), format!("`ordered` holds `{name}`, no value of `{}`{near}", checked.path));
        }
        if field.ordered[..i].contains(name) {
            log.add(&checked.at("ordered"), format!("`ordered` of `{}` holds `{name}` twice", checked.path));
        }
    }
    for value in field.values.iter().filter(|v| !field.ordered.contains(&v.name)) {
        log.add(&checked.at("ordered"), format!("`ordered` of `{}` leaves out `{}`", checked.path, value.name));
    }
}

/// Of the fields that share a list, one is meant when nothing else tells.
pub(super) fn check_shared(catalog: &Catalog, marks: &Marks, log: &mut Log) {
    let mut preferred: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for dataset in &catalog.datasets {
        for field in &dataset.fields {
            let path = format!("{}.{}", dataset.name, field.name);
            let Some(list) = &field.shared else {
                if field.preferred {
                    log.add(&marks.at(&path), format!("`{path}` shares no list, so it cannot be `preferred`"));
                }
                continue;
            };
            let paths = preferred.entry(list).or_default();
            if field.preferred {
                paths.push(path);
            }
        }
    }
    for (list, paths) in preferred {
        match &paths[..] {
            [_] => {}
            [] => {
                log.add(&marks.at(""), format!("of the fields that share the list `{list}`, one must be `preferred`"));
            }
            [_, second, ..] => {
                log.add(&marks.at(second), format!("two fields that share the list `{list}` are `preferred`"));
            }
        }
    }
}
