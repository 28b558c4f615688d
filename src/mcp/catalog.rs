//! What `search_catalog` tells of what it found.

use rmcp::schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{Catalog, Dataset, Field, Hit, HitKind, Label, Sensitivity, search};
use crate::segment::{Expr, Literal, Test, check, text};

/// Most values of a field that are listed.
const MAX_VALUES: usize = 30;

/// Things found where the number is left open, and at most.
const FOUND: [usize; 2] = [10, 50];

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Found {
    /// The things, the best match first.
    pub hits: Vec<FoundThing>,
}

/// One thing of the catalog.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct FoundThing {
    /// `field`, `value`, `group` (of values), `band` (of a number), `term` (a word for a condition), `dataset`, `category`.
    pub kind: String,
    /// Its name, as conditions and `by` use it.
    pub name: String,
    /// What it is called in Korean.
    pub label_ko: String,
    /// What it is called in English.
    pub label_en: String,
    /// The table it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The field that it is a value of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Type of a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_type: Option<String>,
    /// The first values of a field, where they are listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// How many values the field has in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values_total: Option<usize>,
    /// A condition for it in segment text, to be used as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// What is called something like `words`.
pub(super) fn find(catalog: &Catalog, words: &str, limit: Option<u32>) -> Found {
    let [usual, most] = FOUND;
    let limit = limit.map_or(usual, |n| usize::try_from(n).unwrap_or(most)).clamp(1, most);
    let hits = search(catalog, words, limit);
    Found { hits: hits.iter().filter_map(|hit| thing(catalog, hit)).collect() }
}

/// What is told of one hit; nothing of what may never be shown.
fn thing(catalog: &Catalog, hit: &Hit) -> Option<FoundThing> {
    let dataset = hit.dataset.as_deref().and_then(|name| catalog.dataset(name));
    let name = if hit.kind == HitKind::Field { Some(hit.name.as_str()) } else { hit.field.as_deref() };
    let field = dataset.zip(name).and_then(|(dataset, name)| Some((dataset, dataset.field(name)?)));
    if field.is_some_and(|(_, field)| field.sensitivity != Sensitivity::Open) {
        return None;
    }
    let told = FoundThing {
        kind: serde_json::to_value(hit.kind).ok().and_then(|k| k.as_str().map(str::to_owned)).unwrap_or_default(),
        name: hit.name.clone(),
        label_ko: hit.label.ko.clone(),
        label_en: hit.label.en.clone(),
        dataset: hit.dataset.clone(),
        field: hit.field.clone(),
        ..FoundThing::default()
    };
    Some(match (hit.kind, field) {
        (HitKind::Field, Some((dataset, field))) => FoundThing {
            about: about(&field.about),
            field_type: Some(format!("{:?}", field.kind).to_lowercase()),
            values: field.values.iter().take(MAX_VALUES).map(|v| v.name.clone()).collect(),
            values_total: (!field.values.is_empty()).then_some(field.values.len()),
            condition: is_true(dataset, field, catalog),
            ..told
        },
        (HitKind::Value, Some((dataset, field))) => FoundThing {
            condition: printed(dataset, Expr::is_in(&field.name, vec![Literal::Text(hit.name.clone())]), catalog),
            ..told
        },
        (HitKind::Group, Some((dataset, field))) => {
            let group = field.groups.iter().find(|g| g.label == hit.label);
            let values = group.map(|g| g.values.iter().cloned().map(Literal::Text).collect());
            let condition = values.and_then(|values| printed(dataset, Expr::is_in(&field.name, values), catalog));
            FoundThing { condition, ..told }
        }
        (HitKind::Term, _) => {
            let term = catalog.glossary.iter().find(|t| t.name == hit.name);
            FoundThing { condition: term.map(|t| t.predicate.clone()), ..told }
        }
        _ => told,
    })
}

fn about(label: &Label) -> Option<String> {
    let text = if label.en.is_empty() { &label.ko } else { &label.en };
    (!text.is_empty()).then(|| text.clone())
}

/// The condition of a field that is true or false.
fn is_true(dataset: &Dataset, field: &Field, catalog: &Catalog) -> Option<String> {
    printed(dataset, Expr::Compare { field: field.name.clone(), test: Test::True }, catalog)
}

/// A condition on the entity, or on the rows of a many-table; none where the catalog has no such condition.
fn printed(dataset: &Dataset, condition: Expr, catalog: &Catalog) -> Option<String> {
    let is_entity = dataset.name == catalog.entity().name;
    let expr = if is_entity { condition } else { Expr::exists(&dataset.name, condition) };
    check::check(&expr, catalog).is_ok().then(|| text::print(&expr))
}

impl Found {
    /// A line for each thing.
    pub(super) fn lines(&self) -> String {
        if self.hits.is_empty() {
            return "Nothing in the catalog is called something like this.".to_owned();
        }
        self.hits.iter().map(FoundThing::line).collect::<Vec<_>>().join("\n")
    }
}

impl FoundThing {
    fn line(&self) -> String {
        let of = match (&self.dataset, &self.field) {
            (Some(dataset), Some(field)) => format!(" of {dataset}.{field}"),
            (Some(dataset), None) => format!(" of {dataset}"),
            _ => String::new(),
        };
        let means = self.condition.as_ref().map(|c| format!(" · condition: {c}")).unwrap_or_default();
        let values = match self.values.as_slice() {
            [] => String::new(),
            values => format!(" · values: {}", values.join(", ")),
        };
        format!("- {} {}{of} ({}, {}){means}{values}", self.kind, self.name, self.label_ko, self.label_en)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::catalog::builtin;

    #[test]
    fn a_value_comes_with_a_condition_that_parses() {
        let catalog = builtin().unwrap();
        for words in ["넷플릭스", "강남구", "시니어"] {
            let found = find(&catalog, words, Some(1));
            let condition = found.hits[0].condition.clone().unwrap();
            assert!(text::parse(&condition, &catalog).is_ok(), "{condition}");
            assert!(found.lines().contains(&condition));
        }
    }

    #[test]
    fn identifiers_are_not_told_of() {
        let catalog = builtin().unwrap();
        let key = catalog.key().to_owned();
        assert!(find(&catalog, &key, Some(50)).hits.iter().all(|hit| hit.name != key));
    }
}
