//! `[router]`: who translates what. The table is that of [`Policy`]; what it may say is told here.

use serde_json::Value as Json;

use super::sources::Said;
use super::value::quoted;
use crate::catalog::Locale;
use crate::translate::model::ModelSpec;
use crate::translate::router::{Mode, Policy};

/// What each setting is for, in the order in which they are shown; those without a default have an example.
const ABOUT: &[(&str, &str, Option<&str>)] = &[
    (
        "policy",
        "Who is asked first: builtin_first (a model only where the built-in translator is unsure), model_first, \
         builtin_only, or cheapest_above (the cheapest that is good enough on the leaderboard)",
        None,
    ),
    ("confidence", "From which confidence on the built-in translator's reading stands by itself, from 0 to 1", None),
    (
        "chain",
        "Models in the order in which they are asked; after the last one the built-in translator answers. Empty: all, as \
         they stand in this file",
        None,
    ),
    ("metric", "For cheapest_above: the metric of the leaderboard", None),
    ("threshold", "For cheapest_above: the least that it must be", None),
    ("offer_both", "Whether both readings are offered where the built-in translator and a model differ", None),
    ("plausible", "From which confidence on the built-in translator's reading is worth offering", None),
    ("failures", "Failures in a row after which a model is left alone for a while; 0 never", None),
    ("cool_down_s", "Seconds for which it is left alone", None),
    ("cached", "Translations that are kept and not paid for again; 0 for none", None),
    ("patience_s", "Longest time for all models together on one request, in seconds", None),
    ("comment", "Whether a model may add a comment to a result; its figures are Waggle's own", None),
    ("budget.total.usd", "US dollars that all callers together may spend on a day (UTC)", Some("20.0")),
    ("budget.total.tokens", "Tokens that all callers together may use on a day", Some("20000000")),
    ("budget.per_caller.usd", "US dollars that one caller may spend on a day", Some("2.0")),
    ("budget.per_caller.tokens", "Tokens that one caller may use on a day", Some("2000000")),
    (
        "rules",
        "Exceptions; all that hold for a request apply, the later ones over the earlier. What a request is told by: \
         locale, act, caller, role, sensitivity; what then holds: policy, chain, confidence, place",
        Some("[{ locale = \"en\", chain = [\"local\"] }, { role = [\"admin\"], policy = \"model_first\" }]"),
    ),
];

/// The policy that was said, where nothing is wrong with it; what is wrong becomes a fault.
pub(super) fn of(said: &mut Said, models: &[ModelSpec]) -> Policy {
    let Some((policy, origin)) = said.router.clone() else { return Policy::default() };
    let names: Vec<&str> = models.iter().map(|spec| spec.name.as_str()).collect();
    for fault in policy.faults(&names) {
        said.fault(&origin, format!("`router`: {}", fault.message(Locale::En)));
    }
    if models.is_empty() && policy.mode != Mode::BuiltinOnly && policy.mode != Mode::default() {
        said.fault(&origin, "`router.policy` needs models, and there is no `[[models]]`");
    }
    policy
}

/// What is in force.
pub(super) fn effective(said: &Said) -> Vec<String> {
    let policy = said.router.as_ref().map(|(policy, _)| policy.clone()).unwrap_or_default();
    let origin = said.router.as_ref().map_or_else(|| "default".to_owned(), |(_, origin)| origin.to_string());
    let json = serde_json::to_value(policy).unwrap_or_default();
    let mut lines = vec![String::new(), format!("[router]  # {origin}")];
    for (name, ..) in ABOUT {
        match at(&json, name) {
            Some(Json::Null) | None => lines.push(format!("# {name} is not set.")),
            Some(value) => lines.push(format!("{name} = {}", toml(value))),
        }
    }
    lines
}

/// The table with all that can be said, commented out.
pub(super) fn example() -> Vec<String> {
    let json = serde_json::to_value(Policy::default()).unwrap_or_default();
    let mut lines = vec![
        String::new(),
        "# Who translates what. Where models fail, are too slow or cost too much, the next one answers.".to_owned(),
        "#[router]".to_owned(),
    ];
    for (name, about, example) in ABOUT {
        let value = example.map_or_else(|| at(&json, name).map(toml).unwrap_or_default(), str::to_owned);
        lines.extend([format!("# {about}."), format!("#{name} = {value}")]);
    }
    lines
}

fn at<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    name.split('.').try_fold(json, |json, part| json.get(part))
}

/// The value as the file writes it; what is not set is left out.
fn toml(value: &Json) -> String {
    match value {
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let set = entries.iter().filter(|(_, value)| !value.is_null());
            let entries: Vec<String> = set.map(|(name, value)| format!("{name} = {}", toml(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        // Some are kept with fewer digits than others: what was written is shown.
        Json::Number(number) if number.is_f64() => number.as_f64().map_or_else(String::new, short),
        other => other.to_string(),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "shown with as many digits as were written")]
fn short(number: f64) -> String {
    format!("{:?}", number as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_of_a_policy_is_told() {
        let Json::Object(policy) = serde_json::to_value(Policy::default()).unwrap() else { panic!("no table") };
        for name in policy.keys() {
            let told = |(about, ..): &(&str, &str, Option<&str>)| about.split('.').next() == Some(name.as_str());
            assert!(ABOUT.iter().any(told), "{name} has no line in the example");
        }
    }
}
