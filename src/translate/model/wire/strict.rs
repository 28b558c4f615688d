//! A generated JSON schema as servers take it: only keywords that all of them know, nothing beside the properties, and
//! in strict mode every property required.

use serde_json::{Map, Value as Json};

/// Keywords that stay.
const KEPT: [&str; 9] =
    ["description", "type", "enum", "properties", "items", "anyOf", "$ref", "$defs", "additionalProperties"];

/// Makes `schema` strict.
pub(super) fn strict(schema: &mut Json) {
    plain(schema, &every);
}

/// Makes `schema` plain: only keywords that are known, nothing beside the properties; `required` are those that it says of
/// an object.
pub(super) fn plain(schema: &mut Json, required: &dyn Fn(&mut Map<String, Json>) -> Vec<Json>) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(value) = object.remove("const") {
        object.insert("enum".to_owned(), Json::Array(vec![value]));
    }
    if let Some(one_of) = object.remove("oneOf") {
        object.insert("anyOf".to_owned(), one_of);
    }
    let needed = required(object);
    object.retain(|key, _| KEPT.contains(&key.as_str()));
    if let Some(target) = object.remove("$ref") {
        object.clear();
        object.insert("$ref".to_owned(), target);
        return;
    }
    object.remove("additionalProperties");
    each(object, &|schema| plain(schema, required));
    join_enums(object);
    if object.contains_key("properties") {
        object.insert("required".to_owned(), Json::Array(needed));
        object.insert("additionalProperties".to_owned(), Json::Bool(false));
    }
}

fn every(object: &mut Map<String, Json>) -> Vec<Json> {
    let properties = object.get("properties").and_then(Json::as_object);
    properties.into_iter().flat_map(Map::keys).cloned().map(Json::String).collect()
}

/// Takes out the descriptions.
pub(super) fn bare(schema: &mut Json) {
    if let Some(object) = schema.as_object_mut() {
        // The order of what is left stays.
        object.shift_remove("description");
        each(object, &bare);
    }
}

/// Every schema directly within.
fn each(object: &mut Map<String, Json>, change: &dyn Fn(&mut Json)) {
    for inside in ["properties", "$defs"] {
        for (_, schema) in object.get_mut(inside).and_then(Json::as_object_mut).into_iter().flatten() {
            change(schema);
        }
    }
    for schema in object.get_mut("anyOf").and_then(Json::as_array_mut).into_iter().flatten() {
        change(schema);
    }
    if let Some(items) = object.get_mut("items") {
        change(items);
    }
}

/// Texts to choose from, each with a description of its own, are one list of texts.
fn join_enums(object: &mut Map<String, Json>) {
    let Some(branches) = object.get("anyOf").and_then(Json::as_array) else { return };
    let texts = |branch: &Json| {
        let of_texts = branch.get("type").is_some_and(|t| t == "string");
        branch.get("enum").and_then(Json::as_array).filter(|_| of_texts).cloned()
    };
    let Some(all) = branches.iter().map(texts).collect::<Option<Vec<_>>>() else { return };
    object.shift_remove("anyOf");
    object.insert("type".to_owned(), Json::String("string".to_owned()));
    object.insert("enum".to_owned(), Json::Array(all.concat()));
}
