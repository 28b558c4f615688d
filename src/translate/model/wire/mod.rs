//! What a model writes: the JSON of a draft, small enough for small models to get right.
//!
//! The order of the properties is the order in which they are written: the words of the request first, then what
//! they mean. Whatever the built-in translator can believe can be said here, but for the wording of an answer (labels,
//! texts of conditions), which is Waggle's own. [`Wire::schema`] is `schema/draft.schema.json`; it keeps to the strict
//! subset of JSON schema that servers hold a model to.

mod brief;
mod draft;
mod kinds;
mod named;
mod of;
mod read;
mod strict;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::segment::{Act, Action, EditOp, End, Func, Refusal, Topic, Why};

/// A draft as a model writes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// What the turn does.
    pub act: Act,
    /// Changes of the segment, in the order they were said.
    #[serde(default)]
    pub edits: Vec<WireEdit>,
    /// What to show beside the count.
    #[serde(default)]
    pub show: Option<WireShow>,
    /// What to do beside reading.
    #[serde(default)]
    pub action: Option<Action>,
    /// With act `refuse`: what must not be done.
    #[serde(default)]
    pub refused: Option<Refusal>,
    /// With act `about`: what to explain.
    #[serde(default)]
    pub topics: Vec<Topic>,
    /// What to ask back.
    #[serde(default)]
    pub question: Option<WireQuestion>,
    /// Readings chosen without asking.
    #[serde(default)]
    pub assumptions: Vec<WireAssumption>,
    /// Words of the request that nothing above covers, as they were typed.
    #[serde(default)]
    pub unmatched: Vec<String>,
    /// From 0 to 1.
    #[serde(default = "sure")]
    pub confidence: f64,
}

fn sure() -> f64 {
    1.0
}

/// One change of the segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WireEdit {
    /// The words of the request that it comes from, as they were typed.
    #[serde(default)]
    pub words: String,
    /// How the condition changes the segment.
    #[serde(deserialize_with = "kinds::change")]
    pub op: EditOp,
    /// The condition.
    pub condition: Condition,
    /// With op `swap`: the condition that is replaced.
    #[serde(default)]
    pub instead_of: Option<Condition>,
}

/// What to show beside the count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WireShow {
    /// Fields or bands to group by, at most two; a field of a many-table is `dataset.field`.
    #[serde(default)]
    pub breakdown: Vec<String>,
    /// Only so many of the largest groups.
    #[serde(default)]
    pub top: Option<u32>,
    /// The smallest groups instead.
    #[serde(default)]
    pub bottom: bool,
    /// A figure of the segment.
    #[serde(default)]
    pub metric: Option<WireMetric>,
    /// With a breakdown by a many-table's field: condition on its rows.
    #[serde(default)]
    pub rows: Option<Condition>,
}

/// A figure of the segment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum WireMetric {
    /// A function of a number.
    Of(Figure),
    /// The share for which a condition holds.
    Share(Share),
}

/// A function of a number field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Which function.
    pub func: Func,
    /// The many-table; null for a field of the entity.
    #[serde(default)]
    pub dataset: Option<String>,
    /// The field.
    pub field: String,
    /// With a many-table: condition on its rows.
    #[serde(default)]
    pub rows: Option<Condition>,
}

/// The share of the segment for which a condition holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The condition.
    pub share: Condition,
}

/// A condition; which kind is known by its first key.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Condition {
    /// `{"field": …, "op": …, "values": […]}`
    Field(FieldTest),
    /// `{"exists": …, "rows": …}`
    Exists(Exists),
    /// `{"total": …, "func": …, "of": …, "rows": …, "op": …, "values": […]}`
    Total(Total),
    /// `{"rank": …, "end": …, "percent": …, "number": …}`
    Rank(Rank),
    /// `{"term": …}`
    Term(TermOf),
    /// `{"saved": …}`
    Saved(SavedOf),
    /// `{"all": […]}`
    All(AllOf),
    /// `{"any": […]}`
    Any(AnyOf),
    /// `{"not": …}`
    Not(NotThis),
    /// `{"sample": …, "seed": …}`
    Sample(SampleOf),
}

/// A field compared with values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldTest {
    /// The field.
    pub field: String,
    /// The comparison.
    #[schemars(schema_with = "ops")]
    pub op: String,
    /// Texts, numbers, or days as `2024-04-22`, `-30d`, `-3m`.
    #[serde(default)]
    #[schemars(schema_with = "scalars")]
    pub values: Vec<Json>,
}

/// A row of a many-table exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exists {
    /// The many-table.
    pub exists: String,
    /// Condition on the row.
    #[serde(default)]
    pub rows: Option<Box<Condition>>,
}

/// An aggregate of a many-table's rows compared with a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Total {
    /// The many-table.
    pub total: String,
    /// What is computed.
    pub func: Func,
    /// Of which field; null to count rows.
    #[serde(default)]
    pub of: Option<String>,
    /// Condition on the rows.
    #[serde(default)]
    pub rows: Option<Box<Condition>>,
    /// The comparison.
    #[schemars(schema_with = "ops")]
    pub op: String,
    /// Numbers.
    #[serde(default)]
    #[schemars(schema_with = "scalars")]
    pub values: Vec<Json>,
}

/// The top or bottom by a field: a percentage or a number of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rank {
    /// The number field.
    pub rank: String,
    /// Which end.
    pub end: End,
    /// So many percent.
    #[serde(default)]
    pub percent: Option<f64>,
    /// Or so many.
    #[serde(default)]
    pub number: Option<u64>,
}

/// A glossary term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TermOf {
    /// Its name.
    pub term: String,
}

/// A saved segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedOf {
    /// Its name.
    pub saved: String,
}

/// All of them hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllOf {
    /// The conditions.
    pub all: Vec<Condition>,
}

/// Any of them holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnyOf {
    /// The conditions.
    pub any: Vec<Condition>,
}

/// It does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotThis {
    /// The condition.
    pub not: Box<Condition>,
}

/// So many at random.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleOf {
    /// How many.
    pub sample: u64,
    /// Seed.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// A question back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WireQuestion {
    /// The words that could mean several things, as they were typed.
    pub words: String,
    /// Why it is asked.
    pub why: Why,
    /// What they could mean.
    #[serde(default)]
    pub choices: Vec<WireChoice>,
}

/// One way to read what was ambiguous. Its label is Waggle's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WireChoice {
    /// Words by which a reply picks it.
    #[serde(default)]
    pub words: Vec<String>,
    /// The edits that it stands for.
    pub edits: Vec<WireEdit>,
}

/// A reading that was chosen without asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum WireAssumption {
    /// A word with several meanings was read as this field.
    Chosen {
        /// The word as it was typed.
        word: String,
        /// The field.
        read_as: String,
    },
    /// A slip of typing was mended.
    Typo {
        /// The word as it was typed.
        word: String,
        /// As it was read.
        read_as: String,
    },
    /// Words that say why, not whom, and were set aside.
    Background {
        /// The words as they were typed.
        word: String,
    },
    /// A span of time that the measure already covers.
    Window {
        /// The words as they were typed.
        word: String,
        /// Days that the measure covers.
        days: u32,
    },
    /// A glossary word was read as its condition.
    Term {
        /// The word as it was typed.
        word: String,
        /// The condition in text form.
        means: String,
    },
}

/// Comparisons that a schema offers; [`super::super::resolve`] knows further spellings.
const OPS: [&str; 13] =
    ["=", "!=", ">", ">=", "<", "<=", "between", "in", "not in", "true", "false", "missing", "present"];

fn ops(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": OPS })
}

fn scalars(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": ["string", "number", "boolean"] } })
}

/// Properties of a draft that a small model is not asked for.
const BRIEFLY_NEVER: [&str; 3] = ["question", "assumptions", "confidence"];

impl Wire {
    /// The JSON schema of a draft, as `schema/draft.schema.json` has it.
    #[must_use]
    pub fn schema() -> Json {
        let mut schema = Self::generated();
        strict::strict(&mut schema);
        schema
    }

    fn generated() -> Json {
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Self>().to_value()
    }

    /// The same without the descriptions, as it is sent: the prompt explains more shortly.
    #[must_use]
    pub fn bare_schema() -> Json {
        let mut schema = Self::schema();
        strict::bare(&mut schema);
        schema
    }

    /// The schema for small models, which fill whatever they may: what can be empty can be left out and is never null,
    /// and what they do badly (asking back, judging themselves) cannot be said.
    #[must_use]
    pub fn brief_schema() -> Json {
        let mut schema = Self::generated();
        brief::brief(&mut schema, &BRIEFLY_NEVER);
        schema
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::path::Path;

    use super::*;

    /// `WAGGLE_UPDATE=1` writes the file anew.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests asks for the file to be written")]
    fn the_schema_is_the_file() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/draft.schema.json");
        let schema = format!("{}\n", serde_json::to_string_pretty(&Wire::schema()).unwrap());
        if std::env::var("WAGGLE_UPDATE").is_ok_and(|v| v == "1") {
            std::fs::write(&file, &schema).unwrap();
        }
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(written == schema, "schema/draft.schema.json is old: run the tests once with WAGGLE_UPDATE=1");
    }

    /// Everything that servers refuse in a strict schema, at any depth.
    fn faults(node: &Json, place: &str, faults: &mut Vec<String>) {
        const KNOWN: [&str; 10] = [
            "type",
            "enum",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "anyOf",
            "$ref",
            "$defs",
            "description",
        ];
        let Some(object) = node.as_object() else {
            faults.push(format!("{place}: no schema"));
            return;
        };
        faults.extend(object.keys().filter(|k| !KNOWN.contains(&k.as_str())).map(|k| format!("{place}: {k}")));
        if object.contains_key("$ref") && object.len() > 1 {
            faults.push(format!("{place}: something beside $ref"));
        }
        if let Some(properties) = object.get("properties").and_then(Json::as_object) {
            let names: Vec<_> = properties.keys().map(String::as_str).collect();
            let required: Vec<_> = object["required"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
            if names != required || object["additionalProperties"] != Json::Bool(false) {
                faults.push(format!("{place}: not strict"));
            }
        }
        for inside in ["properties", "$defs"] {
            for (name, node) in object.get(inside).and_then(Json::as_object).into_iter().flatten() {
                self::faults(node, &format!("{place}.{name}"), faults);
            }
        }
        for node in object.get("anyOf").and_then(Json::as_array).into_iter().flatten() {
            self::faults(node, &format!("{place}.anyOf"), faults);
        }
        if let Some(items) = object.get("items") {
            self::faults(items, &format!("{place}[]"), faults);
        }
    }

    #[test]
    fn the_schema_is_strict() {
        for schema in [Wire::schema(), Wire::bare_schema()] {
            let mut found = Vec::new();
            faults(&schema, "", &mut found);
            assert!(found.is_empty(), "{}", found.join("\n"));
        }
        assert!(!Wire::bare_schema().to_string().contains("description"));
    }

    #[test]
    fn the_brief_schema_lets_what_is_empty_be_left_out() {
        let schema = Wire::brief_schema();
        let names = |of: &Json| of["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&schema), ["act", "edits", "show", "action", "refused", "topics", "unmatched"]);
        assert_eq!(schema["required"], serde_json::json!(["act", "edits"]));
        assert_eq!(schema["$defs"]["WireEdit"]["required"], serde_json::json!(["words", "op", "condition"]));
        assert_eq!(schema["$defs"]["FieldTest"]["required"], serde_json::json!(["field", "op", "values"]));
        let text = schema.to_string();
        assert!(!text.contains("null") && !text.contains("WireQuestion") && !text.contains("WireAssumption"));
        assert!(text.len() * 2 < Wire::schema().to_string().len());
        // What it allows is a draft.
        let written = r#"{"act":"continue","edits":[{"words":"남성","op":"set","condition":{"field":"gender","op":"=","values":["M"]}}]}"#;
        assert_eq!(Wire::read(written).unwrap().edits.len(), 1);
        assert_eq!(Wire::read(r#"{"act":"undo","show":{"top":3}}"#).unwrap().show.unwrap().top, Some(3));
    }

    #[test]
    fn the_words_come_before_what_they_mean() {
        let schema = Wire::schema();
        let names = |of: &Json| of["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&schema)[..3], ["act", "edits", "show"]);
        assert_eq!(names(&schema).last().unwrap(), "confidence");
        assert_eq!(names(&schema["$defs"]["WireEdit"]), ["words", "op", "condition", "instead_of"]);
        assert_eq!(schema["$defs"]["Act"]["enum"][0], "new");
    }
}
