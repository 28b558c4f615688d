//! Models as they are configured and as the doors show them: what is refused and where, what is never shown, and that one
//! `waggle serve` with a model that cannot be reached and one that can goes on.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use waggle::catalog::Locale;
use waggle::cli::config::{self, ConfigFlags, Settings};
use waggle::translate::model::{Billing, Place};
use waggle::translate::router::Mode;

use crate::reference;
use crate::support::llm::{Llm, Say};
use crate::support::served::Served;

/// A key that must not be seen anywhere.
const KEY: &str = "sk-8f2c-never-seen-41d7";

fn read(file: &str) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waggle.toml");
    std::fs::write(&path, file).unwrap();
    let variable = |name: &str| (name == "HOUSE_KEY").then(|| KEY.to_owned());
    config::read(Some(&path), &variable, &ConfigFlags::default()).map_err(|error| {
        assert_ne!(error.message(Locale::Ko), error.message(Locale::En));
        error.to_string().replace(&path.display().to_string(), "waggle.toml")
    })
}

const TWO: &str = r#"
[[models]]
name = "house"
base_url = "http://10.0.0.7:8000/v1/"
model = "tuned-7b"
key_env = "HOUSE_KEY"
price = { input = 1, cached_input = 0.25, output = 2.5 }
context_tokens = 16_384
timeout_s = 20
concurrency = 2
can = { json_schema = false, tools = true }
size_b = 7
kind = "fine-tuned"
agent = true

[[models]]
name = "far"
base_url = "https://api.example.com/v1"
price.input = 3.0

[router]
policy = "model_first"
chain = ["far", "house"]
confidence = 0.9
budget.per_caller.usd = 2.5
rules = [{ locale = "ko", place = "on_prem" }]
"#;

#[test]
fn models_and_the_router_are_read() {
    let settings = read(TWO).unwrap();
    let [house, far] = settings.models.as_slice() else { panic!("{:?}", settings.models) };
    assert_eq!((house.name.as_str(), house.base_url.as_str()), ("house", "http://10.0.0.7:8000/v1"));
    assert_eq!((house.model.as_str(), house.place, house.key.is_some()), ("tuned-7b", Place::OnPrem, true));
    assert_eq!(house.billing, Billing { input: 1.0, cached_input: 0.25, output: 2.5 });
    assert_eq!((house.timeout, house.concurrency, house.context_tokens), (Duration::from_secs(20), 2, 16_384));
    assert!(house.can.tools && !house.can.json_schema && house.agent);
    assert_eq!((house.size_b, house.kind.as_deref()), (Some(7.0), Some("fine-tuned")));
    // What nobody says: its own name, a place that is safe, the price of what is cached, a schema mode.
    assert_eq!((far.model.as_str(), far.place, far.billing.cached_input), ("far", Place::Cloud, 3.0));
    assert!(far.key.is_none() && far.can.json_schema && !far.can.tools);
    let policy = &settings.policy;
    assert_eq!((policy.mode, policy.chain.len(), policy.rules.len()), (Mode::ModelFirst, 2, 1));
    assert_eq!(policy.budget.per_caller.usd, Some(2.5));
}

#[test]
fn what_is_wrong_with_models_is_told_with_its_place() {
    let model = |more: &str| format!("[[models]]\nname = 'a'\nbase_url = 'http://127.0.0.1:1/v1'\n{more}");
    for (file, told) in [
        (
            model("timout_s = 3\n"),
            "waggle.toml:4: there is no setting `models.timout_s`; did you mean `models.timeout_s`",
        ),
        (model("timeout_s = 'long'\n"), "waggle.toml:4: `models.timeout_s` must be a whole number"),
        (model("price = { input = -1.0 }\n"), "waggle.toml:4: `models.price.input` must be a number from 0 on"),
        (model("price = { inptu = 1.0 }\n"), "waggle.toml:4: there is no setting `models.price.inptu`"),
        (model("place = 'moon'\n"), "waggle.toml:4: `models.place` must be on_prem or cloud"),
        (model("can = true\n"), "waggle.toml:4: `models.can` is a table"),
        (
            model("key_env = 'NO_SUCH_KEY'\n"),
            "waggle.toml:4: `models.key_env`: the environment variable NO_SUCH_KEY is not set",
        ),
        (model("key = 'sk-1'\n"), "waggle.toml:4: there is no setting `models.key`"),
        (format!("{0}{0}", model("")), "waggle.toml:5: two models are called `a`"),
        ("[[models]]\nname = 'a'\n".to_owned(), "waggle.toml:2: this model needs `models.base_url`"),
        (
            "[[models]]\nname = 'builtin'\nbase_url = 'http://[::1]/v1'\n".to_owned(),
            "waggle.toml:2: `models.name` cannot be",
        ),
        (
            "[[models]]\nname = 'My Model'\nbase_url = 'http://[::1]/v1'\n".to_owned(),
            "waggle.toml:2: `models.name` is made of",
        ),
        (
            "[[models]]\nname = 'a'\nbase_url = 'localhost:1'\n".to_owned(),
            "waggle.toml:3: `models.base_url` must be an address",
        ),
        ("[[models]]\nname = 'a'\nbase_url = 'https://me:pw@h/v1'\n".to_owned(), "must hold no user and password"),
        ("[[models]]\nname = 'a'\nbase_url = 'http://api.example.com/v1'\n".to_owned(), "must begin with https://"),
        ("[models]\nname = 'a'\n".to_owned(), "waggle.toml:1: `models` is a list"),
        (model("[router]\nchian = []\n"), "waggle.toml:5: `router`: unknown field `chian`"),
        (model("[router]\nchain = ['b']\n"), "there is no model `b`"),
        (model("[router]\nconfidence = 1.5\n"), "a confidence is from 0 to 1"),
        ("modles = 1\n".to_owned(), "did you mean `models`"),
    ] {
        let error = read(&file).map(|_| ()).unwrap_err();
        assert!(error.contains(told), "{file}\n{error}\n(expected: {told})");
        assert!(!error.contains("me:pw"), "{error}");
    }
}

#[test]
fn keys_are_not_shown() {
    let settings = read(TWO).unwrap();
    let shown = settings.lines().join("\n");
    assert!(shown.contains("key_env = \"HOUSE_KEY\"") && shown.contains("policy = \"model_first\""), "{shown}");
    assert!(!shown.contains(KEY) && !format!("{settings:?}").contains(KEY));
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("waggle.toml"), TWO).unwrap();
    for args in [&["config"][..], &["models", "list"], &["models", "list", "--json"]] {
        let (code, text) = run(home.path(), args);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("house") && text.contains("tuned-7b") && !text.contains(KEY), "{text}");
    }
    let (code, text) = run(home.path(), &["models", "test", "hose"]);
    assert!(code == Some(2) && text.contains("there is no model `hose`"), "{text}");
}

fn run(home: &Path, args: &[&str]) -> (Option<i32>, String) {
    let mut command = reference::waggle(home);
    let output = command.args(args).current_dir(home).env("HOUSE_KEY", KEY).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

/// A file with a model that nobody can reach and one that `llm` plays.
fn configured(home: &Path, llm: &Llm, more: &str) -> String {
    let file = home.join("models.toml");
    let text = format!(
        "[[models]]\nname = 'gone'\nbase_url = 'http://127.0.0.1:1/v1'\n\n[[models]]\nname = 'there'\nbase_url = '{}'\n\
         model = 'scripted'\nprice = {{ input = 1.0, output = 10.0 }}\n{more}",
        llm.base()
    );
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// A model that takes everything for women.
fn women() -> Llm {
    let condition = json!({ "field": "gender", "op": "=", "values": ["F"] });
    let edit = json!({ "words": "여성", "op": "narrow", "condition": condition, "instead_of": null });
    Llm::answering(move |_| Say::json(&json!({ "act": "new", "confidence": 0.9, "edits": [edit] })))
}

fn counted(served: &Served, name: &str, labels: &[&str]) -> f64 {
    let text = served.get("/metrics").1.as_str().unwrap_or_default().to_owned();
    let lines = text.lines().filter(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

#[test]
fn a_service_with_a_model_that_cannot_be_reached_goes_on_and_says_who_translated() {
    let home = tempfile::tempdir().unwrap();
    let llm = women();
    let more = "[router]\npolicy = 'model_first'\nchain = ['gone', 'there']\noffer_both = false\n";
    let file = configured(home.path(), &llm, more);
    let served = Served::start(home.path(), &["--config", &file, "--min-group", "0"]);

    let (_, models) = served.get("/v1/models");
    let ids: Vec<&str> = models["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["automatic", "builtin", "gone", "there"]);
    let there = &models["data"][3]["waggle"];
    assert_eq!(
        (&there["place"], &there["price"]["output"], &there["state"]),
        (&json!("on_prem"), &json!(10.0), &json!("ready"))
    );

    let (status, route) = served.get("/v1/router/explain?text=%EC%97%AC%EC%84%B1");
    assert_eq!((status, &route["order"][0]["translator"]), (200, &json!("gone")), "{route}");
    assert!(llm.heard().is_empty(), "explaining asks nobody");

    let session = served.session();
    let answer = served.say(&session, "여성");
    assert_eq!((&answer["status"], &answer["translator"]), (&json!("answered"), &json!("there")), "{answer}");
    assert!(answer["notes"][0].as_str().unwrap().contains("gone"), "{answer}");
    assert_eq!(answer["usage"]["completion_tokens"], 20);
    let said = |model: &str| {
        served.post(&format!("/v1/sessions/{session}/messages"), &json!({ "text": "남성", "model": model }))
    };
    assert_eq!(said("builtin").1["translator"], "builtin");
    let (status, unknown) = said("ther");
    assert_eq!((status, &unknown["code"]), (404, &json!("model_not_found")));
    assert!(unknown["message"].as_str().unwrap().contains("there"), "{unknown}");

    let request = json!({ "model": "waggle", "messages": [{ "role": "user", "content": "여성 고객" }] });
    let (status, completion) = served.post("/v1/chat/completions", &request);
    assert_eq!((status, &completion["metadata"]["translator"]), (200, &json!("there")), "{completion}");
    assert_eq!((&completion["usage"]["total_tokens"], &completion["model"]), (&json!(120), &json!("waggle")));

    let of_there = "model=\"there\"";
    assert!(counted(&served, "waggle_model_drafts_total", &[of_there, "outcome=\"parsed\""]) >= 2.0);
    assert!(counted(&served, "waggle_model_tokens_total", &[of_there, "kind=\"output\""]) >= 40.0);
    assert!(counted(&served, "waggle_model_cost_microdollars_total", &[of_there]) > 0.0);
    assert!(counted(&served, "waggle_model_calls_total", &["model=\"gone\"", "outcome=\"unreachable\""]) >= 2.0);
    let (_, models) = served.get("/v1/models");
    assert!(models["data"][3]["waggle"]["requests"].as_u64().unwrap() >= 2, "{models}");
}

#[test]
fn a_model_is_named_and_explained_on_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let llm = women();
    let file = configured(home.path(), &llm, "");
    let data = reference::few().display().to_string();
    let given = ["--config", &file, "--data", &data];
    let asked = |args: &[&str]| run(home.path(), &[args, &given[..]].concat());
    let (code, text) = asked(&["ask", "여성", "--json", "--model", "there"]);
    let answer: Value = serde_json::from_str(text.lines().next().unwrap_or_default()).unwrap();
    assert_eq!((code, &answer["translator"]), (Some(0), &json!("there")), "{text}");
    let (code, text) = asked(&["ask", "여성", "--model", "their"]);
    assert!(code == Some(2) && text.contains("there"), "{text}");
    let (code, text) = asked(&["route", "explain", "여성", "--json"]);
    let route: Value = serde_json::from_str(text.lines().next().unwrap_or_default()).unwrap();
    assert_eq!((code, &route["order"][0]["translator"]), (Some(0), &json!("builtin")), "it is sure: {text}");
    let (code, text) = asked(&["models", "test", "gone", "--no-turns"]);
    assert!(code == Some(1) && text.contains("reachable          no"), "{text}");
}
