//! The key of a model, where its server does its worst: says it back in errors and in replies. It is in no answer, no log
//! at its most talkative, no trace, no figure and no byte of the store.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::{collector, started_with, text};
use crate::support::llm::{Heard, Llm, Say};

const KEY: &str = "sk-house-7f1e-never-to-be-seen";

/// Says the key back in every way that a server could, one after another.
fn indiscreet() -> Llm {
    let said = std::sync::atomic::AtomicUsize::new(0);
    Llm::answering(move |heard: &Heard| {
        let key = heard.header("authorization").unwrap_or_default().to_owned();
        let edit = json!({ "words": key, "op": "narrow",
            "condition": { "field": "gender", "op": "=", "values": ["F"] }, "instead_of": null });
        match said.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % 6 {
            0 => Say::fail(401, &format!("the key {key} is not known")),
            1 => Say::fail(500, &key),
            2 => Say::text(&key),
            3 => Say::json(&json!({ "act": "new", "edits": [{ "words": "", "op": "narrow",
                "condition": { "field": key, "op": "=", "values": [key] } }] })),
            4 => Say::json(&json!({ "act": "new", "confidence": 0.9, "edits": [edit], "unmatched": [key],
                "assumptions": [{ "kind": "chosen", "word": "여성", "read_as": key }] })),
            _ => Say::text(&format!("{{\"act\": \"{key}\"}}")),
        }
    })
}

#[test]
fn the_key_of_a_model_is_seen_by_its_server_alone() {
    let home = tempfile::tempdir().unwrap();
    let llm = indiscreet();
    let (collector, traces) = collector();
    let config = home.path().join("models.toml");
    let file = format!(
        "[[models]]\nname = 'house'\nbase_url = '{}'\nkey_env = 'HOUSE_KEY'\nagent = true\n\n\
         [router]\npolicy = 'model_first'\nfailures = 1000\noffer_both = false\n",
        llm.base()
    );
    fs::write(&config, file).unwrap();
    let args = ["--config", config.to_str().unwrap(), "--telemetry-otlp", &collector, "--telemetry-log", "json"];
    let (mut child, base, log) = started_with(home.path(), &args, &[("HOUSE_KEY", KEY), ("RUST_LOG", "trace,h2=info")]);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut seen = String::new();
    let get = |path: &str| -> String {
        agent.get(format!("{base}{path}")).call().unwrap().body_mut().read_to_string().unwrap()
    };
    let session: Value =
        agent.post(format!("{base}/v1/sessions")).send_empty().unwrap().body_mut().read_json().unwrap();
    let session = session["id"].as_str().unwrap();
    for (i, request) in
        ["여성", "서울 사는 사람", "이 중 30대", "by age group", "5G 쓰는 사람", "men"].iter().enumerate()
    {
        let model = if i % 2 == 0 { json!({ "text": request }) } else { json!({ "text": request, "model": "house" }) };
        let said = agent.post(format!("{base}/v1/sessions/{session}/messages")).send_json(model);
        seen += &said.unwrap().body_mut().read_to_string().unwrap();
    }
    for path in ["/metrics", "/v1/models", "/openapi.json", "/v1/router/explain?text=x", "/v1/audit", "/readyz"] {
        seen += &get(path);
    }
    seen += &get(&format!("/v1/sessions/{session}"));
    assert!(llm.heard().len() >= 6, "the model was asked: {}", llm.heard().len());
    let bearer = format!("Bearer {KEY}");
    assert!(llm.heard().iter().all(|heard| heard.header("authorization") == Some(bearer.as_str())));
    assert!(llm.heard().iter().all(|heard| !heard.body.to_string().contains(KEY)), "nor is it in a prompt");

    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let logged = log.iter().collect::<Vec<_>>().join("\n");
    std::thread::sleep(Duration::from_millis(50));
    let spans = text(&traces.try_iter().collect::<Vec<_>>().concat());
    assert!(logged.contains("house") && spans.contains("house"), "both were looked at");
    for (what, found) in [("an answer", &seen), ("the log", &logged), ("a trace", &spans)] {
        let at = found.find(KEY).map(|at| found[..at].chars().rev().take(300).collect::<Vec<_>>());
        assert!(at.is_none(), "the key is in {what}, after …{}", at.unwrap().into_iter().rev().collect::<String>());
    }
    let mut kept = 0;
    for file in fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().path()) {
        if file.is_file() && file != config {
            let bytes = fs::read(&file).unwrap();
            kept += bytes.len();
            assert!(!bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes()), "{}", file.display());
        }
    }
    assert!(kept > 10_000, "the store was looked at");
}
