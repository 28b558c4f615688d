//! The leaderboard and the capacity plan as a user meets them: in the terminal, as a page, over HTTP.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use waggle::store::{Measured, RunCase, RunState, RunSummary, Store};

use crate::reference;
use crate::support::served::Served;

fn run(translator: &str, set: &str, at: i64, accuracy: f64) -> RunSummary {
    let measured = Measured { value: accuracy, n: 100, low: Some(accuracy - 0.05), high: Some(accuracy + 0.05) };
    RunSummary {
        id: format!("{translator}-{set}-{at}"),
        key: format!("{translator}-{set}"),
        translator: translator.to_owned(),
        set: set.to_owned(),
        set_hash: "h".to_owned(),
        cases: 40,
        repeats: 1,
        state: RunState::Done,
        started_at: at,
        metrics: BTreeMap::from([("turn_accuracy".to_owned(), measured)]),
        ..RunSummary::default()
    }
}

/// A store with three runs that ended and one that goes on.
fn keep(home: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(home.join("store.db").to_str().unwrap()).await.unwrap();
        let going_on = RunSummary { state: RunState::Running, ..run("small", "hard", 9, 1.0) };
        for run in [run("builtin", "dev", 1, 0.91), run("small", "dev", 2, 0.8), run("small", "dev", 3, 0.84), going_on]
        {
            store.insert_run(run, Vec::new()).await.unwrap();
        }
        let result_json = r#"{"turns": [{"prompt_tokens": 1200, "completion_tokens": 80}]}"#.to_owned();
        let case = RunCase { case: "c".into(), result_json, ..RunCase::default() };
        store.add_run_case("small-dev-3", case).await.unwrap();
        store.close().await;
    });
}

fn waggle(home: &Path, arguments: &[&str]) -> Output {
    let mut command = reference::waggle(home);
    command.args(arguments).arg("--store").arg(home.join("store.db"));
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/harness/results.json");

#[test]
fn the_board_shows_what_was_measured_and_imported() {
    let home = tempfile::tempdir().unwrap();
    keep(home.path());
    let table = said(&waggle(home.path(), &["leaderboard"]));
    assert!(table.contains("*91.0") && table.contains("84.0") && !table.contains("80.0"), "{table}");
    assert!(!table.contains("hard"), "a run that goes on does not count: {table}");

    let import = ["leaderboard", "import", RESULTS, "--as", "small"];
    assert!(said(&waggle(home.path(), &import)).contains("imported: 5 of small: MMLU, ARC"));
    assert!(said(&waggle(home.path(), &import)).contains("nothing changed"));
    let board: Value = serde_json::from_str(&said(&waggle(home.path(), &["leaderboard", "--json"]))).unwrap();
    let rows = board["entries"].as_array().unwrap();
    assert_eq!(rows.iter().map(|r| r["translator"].as_str().unwrap()).collect::<Vec<_>>(), ["builtin", "small"]);
    assert_eq!(rows[1]["scores"]["harness/arc_challenge (acc_norm, 25-shot, v1.0)"]["value"], 0.4471);
    assert_eq!(rows[1]["trend"].as_array().unwrap().len(), 2);
    assert_eq!((&rows[0]["kind"], &rows[0]["place"]), (&"built-in".into(), &"on_prem".into()));

    let page = home.path().join("board.html");
    said(&waggle(home.path(), &["leaderboard", "--html", page.to_str().unwrap()]));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<strong>91.0</strong>") && page.contains("ARC"));
}

#[test]
fn a_file_that_is_no_result_is_named_with_its_fault() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("other.json");
    std::fs::write(&file, r#"{"results": {"arc": {"acc,none": "high"}}}"#).unwrap();
    let output = waggle(home.path(), &["leaderboard", "import", file.to_str().unwrap(), "--as", "small"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("other.json: `results.arc.acc,none`"), "{error}");
}

#[test]
fn the_service_answers_json_and_a_page() {
    let home = tempfile::tempdir().unwrap();
    keep(home.path());
    let service = Served::start(home.path(), &[]);
    let (status, board) = service.get("/v1/leaderboard");
    assert_eq!((status, board["entries"][0]["translator"].as_str()), (200, Some("builtin")));
    assert_eq!(board["entries"][0]["scores"]["dev/turn_accuracy"]["best"], true);
    let (_, none) = service.get("/v1/leaderboard?set=nowhere");
    assert_eq!(none["entries"], serde_json::json!([]));
    for (path, accept) in [("/v1/leaderboard", "text/html"), ("/v1/leaderboard.html", "*/*")] {
        let page = service.request("GET", path, None, &[("accept", accept), ("accept-language", "ko")]);
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains("<html lang=\"ko\"") && text.contains("small"), "{text}");
    }
}

#[test]
fn who_asks_has_to_be_known() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &["--auth-mode", "on"]);
    for path in ["/v1/leaderboard", "/v1/leaderboard.html"] {
        assert_eq!(service.get(path).0, 401, "{path}");
    }
}

#[test]
fn a_plan_says_what_is_needed_and_what_it_rests_on() {
    let home = tempfile::tempdir().unwrap();
    keep(home.path());
    let load = ["models", "plan", "--turns-per-day", "50000", "--params-b", "8", "--model", "small"];
    let api = ["--api-input", "0.5", "--api-output", "1.5"];
    let told = said(&waggle(home.path(), &[&load[..], &api].concat()));
    for part in
        ["measured: 1 turns of small", "1,200 tokens in", "NVIDIA H100", "FuriosaAI RNGD", "assumed", "estimate:"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    let plan: Value = serde_json::from_str(&said(&waggle(home.path(), &[&load[..], &["--json"]].concat()))).unwrap();
    assert_eq!(plan["question"]["tokens"]["completion"], 80.0);
    let h100 = plan["options"].as_array().unwrap().iter().find(|o| o["accelerator"]["name"] == "h100").unwrap();
    assert!(h100["fit"]["cards"].as_u64().unwrap() >= 2, "one and a spare one: {h100}");
    assert!(h100["monthly"]["on_premises"]["low"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_plan_without_a_load_or_of_nonsense_is_wrong_usage() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [
        &["--params-b", "8"][..],
        &["--params-b", "0", "--turns-per-day", "10"],
        &["--params-b", "8", "--turns-per-day", "10", "--accelerator", "abacus"],
        &["--params-b", "8", "--turns-per-day", "10", "--measured-tokens-per-s", "900"],
    ] {
        let output = waggle(home.path(), &[&["models", "plan"][..], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
