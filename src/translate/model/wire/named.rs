//! The brief schema with the names of a catalog in it: a model that a server holds to it cannot write a field, a table, a
//! term or a grouping that there is not. Values stay free: a wrong one is noticed, one forced into a list is not.

use serde_json::{Map, Value as Json, json};

use super::Wire;
use crate::catalog::{Catalog, Dataset, Field, FieldType};
use crate::segment::check::is_identifier;
use crate::translate::resolve::MAX_GROUPED;

/// Most names that a schema lists: a server turns each into a rule of its grammar.
const MAX_NAMES: usize = 400;
/// Values of one comparison, changes of one draft: a small model that has begun to list does not stop by itself.
const MAX_VALUES: usize = 12;
const MAX_EDITS: usize = 8;

impl Wire {
    /// [`Wire::brief_schema`] with the names of `catalog`, where it has not too many of them.
    #[must_use]
    pub fn brief_schema_over(catalog: &Catalog) -> Json {
        let mut schema = Self::brief_schema();
        let fields: usize = catalog.datasets.iter().map(|of| of.fields.len()).sum();
        if fields + catalog.bands.len() + catalog.glossary.len() <= MAX_NAMES {
            Named { catalog }.put_into(&mut schema);
        }
        schema
    }
}

struct Named<'a> {
    catalog: &'a Catalog,
}

impl Named<'_> {
    fn put_into(&self, schema: &mut Json) {
        if let Some(edits) = schema.pointer_mut("/properties/edits").and_then(Json::as_object_mut) {
            edits.insert("maxItems".to_owned(), json!(MAX_EDITS));
        }
        let Some(defs) = schema.get_mut("$defs").and_then(Json::as_object_mut) else { return };
        let entity = self.catalog.entity();
        let tests = tests(entity);
        defs.insert("FieldTest".to_owned(), json!({ "anyOf": tests }));
        limit(defs, "Rank", "rank", &names(entity, |field| field.kind.is_number()));
        let of_entity = self.catalog.glossary.iter().filter(|term| term.of.is_none());
        limit(defs, "TermOf", "term", &of_entity.map(|term| json!(term.name)).collect::<Vec<_>>());
        if let Some(of) = defs.get_mut("WireShow").and_then(|show| show.pointer_mut("/properties/breakdown")) {
            *of = json!({ "type": "array", "items": { "type": "string", "enum": self.groupings() }, "maxItems": MAX_GROUPED });
        }
        let (mut exists, mut totals) = (Vec::new(), Vec::new());
        for dataset in self.catalog.datasets.iter().skip(1) {
            exists.push(Self::about(defs, "Exists", "exists", dataset));
            totals.push(Self::about(defs, "Total", "total", dataset));
            let rows = self.rows(dataset);
            defs.insert(rows_of(dataset), rows);
        }
        for (name, of) in [("Exists", exists), ("Total", totals)] {
            defs.insert(name.to_owned(), json!({ "anyOf": of }));
        }
    }

    /// The definition `name` for one many-table.
    fn about(defs: &Map<String, Json>, name: &str, key: &str, dataset: &Dataset) -> Json {
        let mut of = defs.get(name).cloned().unwrap_or_default();
        if let Some(properties) = of.get_mut("properties").and_then(Json::as_object_mut) {
            properties.insert(key.to_owned(), json!({ "type": "string", "enum": [dataset.name] }));
            properties.insert("rows".to_owned(), refers(&rows_of(dataset)));
            let measures = names(dataset, |field| field.kind.is_number());
            if properties.contains_key("of") && !measures.is_empty() {
                properties.insert("of".to_owned(), json!({ "type": "string", "enum": measures }));
                properties.insert("op".to_owned(), json!({ "type": "string", "enum": ORDERED }));
                properties.insert("values".to_owned(), listed("number"));
            }
        }
        of
    }

    /// A condition on the rows of a many-table.
    fn rows(&self, dataset: &Dataset) -> Json {
        let mut choices = tests(dataset);
        let terms = self.catalog.glossary.iter().filter(|term| term.row_predicate(&dataset.name).is_some());
        let terms: Vec<Json> = terms.map(|term| json!(term.name)).collect();
        if !terms.is_empty() {
            choices.push(object("term", &json!({ "type": "string", "enum": terms })));
        }
        let rows = refers(&rows_of(dataset));
        choices.extend(["all", "any"].map(|key| object(key, &json!({ "type": "array", "items": rows }))));
        choices.push(object("not", &rows));
        json!({ "anyOf": choices })
    }

    fn groupings(&self) -> Vec<Json> {
        let mut all: Vec<Json> = self.catalog.bands.iter().map(|band| json!(band.name)).collect();
        all.extend(names(self.catalog.entity(), |_| true));
        for dataset in self.catalog.datasets.iter().skip(1) {
            let of = open(dataset, |field| !field.kind.is_number());
            all.extend(of.map(|name| json!(format!("{}.{name}", dataset.name))));
        }
        all
    }
}

/// Comparisons of what has an order, and of what has none.
const ORDERED: [&str; 7] = [">=", ">", "<=", "<", "=", "!=", "between"];
const UNORDERED: [&str; 4] = ["=", "!=", "in", "not in"];
/// Whether something is known, which can be asked of every field.
const KNOWN: [&str; 2] = ["missing", "present"];

/// Comparisons of the fields of `dataset`: numbers with numbers, texts with texts.
fn tests(dataset: &Dataset) -> Vec<Json> {
    type Kind = fn(&Field) -> bool;
    let kinds: [(Kind, Vec<&str>, &str); 4] = [
        (|field| field.kind == FieldType::String && field.ordered.is_empty(), UNORDERED.to_vec(), "string"),
        (
            |field| field.kind == FieldType::String && !field.ordered.is_empty(),
            [&ORDERED[..], &UNORDERED[2..]].concat(),
            "string",
        ),
        (|field| field.kind.is_number(), ORDERED.to_vec(), "number"),
        (|field| field.kind == FieldType::Date, ORDERED.to_vec(), "string"),
    ];
    let mut tests = Vec::new();
    for (of, mut ops, values) in kinds {
        ops.extend(KNOWN);
        tests.push((names(dataset, of), ops, values));
    }
    tests.push((names(dataset, |field| field.kind == FieldType::Bool), vec!["true", "false"], "boolean"));
    tests.retain(|(names, ..)| !names.is_empty());
    let test = |(names, ops, values)| {
        json!({
            "type": "object",
            "properties": {
                "field": { "type": "string", "enum": names },
                "op": { "type": "string", "enum": ops },
                "values": listed(values),
            },
            "required": ["field", "op", "values"],
            "additionalProperties": false,
        })
    };
    tests.into_iter().map(test).collect()
}

/// Some values of a type.
fn listed(of: &str) -> Json {
    json!({ "type": "array", "items": { "type": of }, "maxItems": MAX_VALUES })
}

/// Names of the fields of `dataset` that may be asked for.
fn open(dataset: &Dataset, wanted: impl Fn(&Field) -> bool) -> impl Iterator<Item = &str> {
    let open = dataset.fields.iter().filter(move |field| !is_identifier(field, dataset) && wanted(field));
    open.map(|field| field.name.as_str())
}

fn names(dataset: &Dataset, wanted: impl Fn(&Field) -> bool) -> Vec<Json> {
    open(dataset, wanted).map(|name| json!(name)).collect()
}

fn rows_of(dataset: &Dataset) -> String {
    format!("RowsOf_{}", dataset.name)
}

fn refers(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn object(key: &str, of: &Json) -> Json {
    json!({ "type": "object", "properties": { key: of }, "required": [key], "additionalProperties": false })
}

/// Lets `property` of the definition `name` be one of `names` only; nothing can be one of none, so then it stays.
fn limit(defs: &mut Map<String, Json>, name: &str, property: &str, names: &[Json]) {
    let properties = defs.get_mut(name).and_then(|of| of.get_mut("properties")).and_then(Json::as_object_mut);
    if let Some(properties) = properties
        && !names.is_empty()
    {
        properties.insert(property.to_owned(), json!({ "type": "string", "enum": names }));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::catalog::builtin;

    #[test]
    fn names_that_there_are_not_cannot_be_written() {
        let catalog = builtin().unwrap();
        let schema = Wire::brief_schema_over(&catalog);
        let fields = |of: &str, kind: usize| {
            let test = &schema["$defs"][of]["anyOf"][kind]["properties"];
            (test["field"]["enum"].as_array().unwrap().clone(), test["values"]["items"]["type"].clone())
        };
        let (texts, values) = fields("FieldTest", 0);
        assert!(texts.contains(&json!("gender")) && !texts.contains(&json!("app")) && values == "string");
        assert!(!texts.contains(&json!(catalog.key())), "who somebody is cannot be asked for");
        assert!(fields("FieldTest", 2).0.contains(&json!("age")));
        assert!(fields("RowsOf_app_usage", 0).0.contains(&json!("app")));
        let exists = schema["$defs"]["Exists"]["anyOf"].as_array().unwrap();
        assert_eq!(exists.len(), catalog.datasets.len() - 1);
        assert_eq!(exists[0]["properties"]["rows"]["$ref"], "#/$defs/RowsOf_app_usage");
        let show = &schema["$defs"]["WireShow"]["properties"]["breakdown"];
        assert!(show["items"]["enum"].as_array().unwrap().contains(&json!("age_band")));
    }

    #[test]
    fn a_large_catalog_is_not_listed() {
        let mut catalog = builtin().unwrap();
        let field = catalog.datasets[0].fields[1].clone();
        catalog.datasets[0].fields.resize(MAX_NAMES + 1, field);
        assert_eq!(Wire::brief_schema_over(&catalog), Wire::brief_schema());
    }
}
