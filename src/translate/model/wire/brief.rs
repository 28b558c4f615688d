//! The schema of a draft made brief, for models that write every property that a schema has: what can be empty can be
//! left out and is never null.

use serde_json::{Map, Value as Json};

use super::strict;

/// Properties that are written even where they are empty: what follows is better for it.
const ALWAYS: [&str; 3] = ["edits", "words", "values"];

/// Makes `schema` brief; `never` and whatever only they need is gone.
pub(super) fn brief(schema: &mut Json, never: &[&str]) {
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        properties.retain(|name, _| !never.contains(&name.as_str()));
    }
    strict::plain(schema, &needed);
    strict::bare(schema);
    drop_unused(schema);
}

/// What must be there in an object, the choice of null taken out of what need not.
fn needed(object: &mut Map<String, Json>) -> Vec<Json> {
    let said: Vec<Json> = object.get("required").and_then(Json::as_array).cloned().unwrap_or_default();
    let Some(properties) = object.get_mut("properties").and_then(Json::as_object_mut) else { return Vec::new() };
    properties.values_mut().for_each(without_null);
    let always = |name: &str| ALWAYS.contains(&name) || said.iter().any(|said| said == name);
    properties.keys().filter(|name| always(name)).cloned().map(Json::String).collect()
}

fn without_null(property: &mut Json) {
    let Some(object) = property.as_object_mut() else { return };
    for key in ["type", "anyOf"] {
        let Some(choices) = object.get_mut(key).and_then(Json::as_array_mut) else { continue };
        choices.retain(|choice| choice != "null" && choice.get("type").is_none_or(|of| of != "null"));
        let [one] = choices.as_slice() else { continue };
        let one = one.clone();
        if key == "type" {
            object.insert(key.to_owned(), one);
        } else {
            *property = one;
            return;
        }
    }
}

/// Takes out the definitions that nothing refers to any more.
fn drop_unused(schema: &mut Json) {
    loop {
        let text = schema.to_string();
        let Some(defs) = schema.get_mut("$defs").and_then(Json::as_object_mut) else { return };
        let before = defs.len();
        defs.retain(|name, _| text.contains(&format!("\"#/$defs/{name}\"")));
        if defs.len() == before {
            return;
        }
    }
}
