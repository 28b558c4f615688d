//! Runs that are kept: measured, gone on with, compared, told; and the doors to them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use waggle::app::App;
use waggle::eval::{CaseResult, EvalError, GoldenSet, Order, PlayOptions, RunState, Translator, bench, compare};
use waggle::store::Store;

use crate::reference;
use crate::support::served::Served;

/// Two questions that are answered rightly, and one that the set is wrong about.
const CSV: &str = "id,question,segment,sql,lang,tags,expect\n\
    women,여성 고객 몇 명이야,gender = 'F',,ko,gender,\n\
    men,how many men,,gender = 'M',en,gender,\n\
    wrong,여성 고객 몇 명이야,gender = 'M',,ko,other,\n";

fn set(app: &App, home: &Path) -> GoldenSet {
    let file = home.join("few.csv");
    std::fs::write(&file, CSV).unwrap();
    GoldenSet::read(&[file], app.catalog()).unwrap()
}

fn order(app: &App, set: GoldenSet, repeats: u32) -> Order {
    Order {
        set,
        translator: Translator::named("builtin", app).unwrap(),
        repeats,
        metrics: Vec::new(),
        options: PlayOptions { audiences: true, ..PlayOptions::default() },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_measured_kept_and_compared() {
    let home = tempfile::tempdir().unwrap();
    let app = Arc::new(reference::app(reference::few()));
    let store = Store::open(&home.path().join("runs.db").to_string_lossy()).await.unwrap();
    let order = order(&app, set(&app, home.path()), 2);
    let stop = CancellationToken::new();
    let run = bench::run(app.clone(), &store, &order, None, &stop, &|_, _| ()).await.unwrap();
    assert_eq!(run.summary.state, RunState::Done);
    assert_eq!(run.cases.len(), 6);
    let value = |name: &str| run.summary.metrics[name].value;
    assert!((value("turn_accuracy") - 2.0 / 3.0).abs() < 1e-9, "{:?}", run.cases);
    assert!((value("pass^2") - 2.0 / 3.0).abs() < 1e-9);
    // The two right audiences overlap wholly, the wrong one not at all.
    assert!((value("jaccard") - 2.0 / 3.0).abs() < 1e-9, "{:?}", run.cases);
    assert!((value("own") - 1.0).abs() < 1e-9 && !run.summary.metrics.contains_key("retriever_recall"));
    let kept = store.runs().await.unwrap();
    let known = |r: &waggle::store::RunSummary| (r.id.clone(), r.state, r.metrics.keys().cloned().collect::<Vec<_>>());
    assert_eq!(kept.iter().map(known).collect::<Vec<_>>(), [known(&run.summary)]);
    let again = bench::load(&store, &run.summary.id).await.unwrap();
    let compared = compare::compare(&again, &run, "turn_accuracy").unwrap();
    assert!(compared.n == 6 && compared.fixed.is_empty() && compared.broken.is_empty());
    assert!(matches!(bench::load(&store, "no such").await, Err(EvalError::NoRun(_))));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_goes_on_where_it_stopped() {
    let home = tempfile::tempdir().unwrap();
    let app = Arc::new(reference::app(reference::few()));
    let store = Store::open(&home.path().join("runs.db").to_string_lossy()).await.unwrap();
    let order = order(&app, set(&app, home.path()), 1);
    let stop = CancellationToken::new();
    stop.cancel();
    let run = bench::run(app.clone(), &store, &order, None, &stop, &|_, _| ()).await.unwrap();
    assert_eq!(run.summary.state, RunState::Cancelled);
    // A case that was played is not played again: what is kept of it, even if it is odd, stays.
    let odd = CaseResult { case: "men".into(), lang: "kept".into(), ..CaseResult::default() };
    let result_json = serde_json::to_string(&odd).unwrap();
    let case = waggle::store::RunCase { case: "men".into(), attempt: 0, result_json, at: 1 };
    let before = store.run_progress(&run.summary.id).await.unwrap();
    store.add_run_case(&run.summary.id, case).await.unwrap();
    let go_on = CancellationToken::new();
    let id = run.summary.id.clone();
    let whole = bench::run(app.clone(), &store, &order, Some(&id), &go_on, &|_, _| ()).await.unwrap();
    assert_eq!((whole.summary.state, whole.cases.len()), (RunState::Done, 3));
    if before == 0 {
        assert_eq!(whole.cases[1].lang, "kept");
    }
    // Another run cannot be gone on with as this one.
    let other = Order { repeats: 5, ..order.clone() };
    let refused = bench::run(app.clone(), &store, &other, Some(&id), &go_on, &|_, _| ()).await;
    assert!(matches!(refused, Err(EvalError::AnotherRun { differ, .. }) if differ == "repeats"));
    assert!(Translator::named("no-such-model", &app).is_err());
    store.close().await;
}

fn said(home: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = reference::waggle(home).args(args).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn the_command_line_runs_reports_and_compares() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_string_lossy().into_owned();
    std::fs::write(home.path().join("few.csv"), CSV).unwrap();
    let (few, store, data) = (path("few.csv"), path("runs.db"), reference::few().to_string_lossy().into_owned());
    let (html, md) = (path("r.html"), path("r.md"));
    let eval = ["eval", &few, "--data", &data, "--store", &store, "--models", "builtin"];
    let run = |more: &[&str]| said(home.path(), &[&eval[..], more].concat());
    let (code, text) = run(&["--report", &html, "--report", &md, "--fail-under", "turn_accuracy=0.6"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("turn_accuracy") && text.contains("66.7%"), "{text}");
    assert!(std::fs::read_to_string(&html).unwrap().contains("few"));
    assert!(std::fs::read_to_string(&md).unwrap().contains("few"));
    let (code, text) = run(&["--json", "--fail-under", "turn_accuracy=0.9"]);
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(said(home.path(), &["eval", &few, "--data", &data, "--models", "nobody"]).0, Some(2));
    let (_, listed) = said(home.path(), &["eval", "runs", "--json", "--store", &store]);
    let runs: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    let ids: Vec<&str> = runs.as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    let (code, text) = said(home.path(), &["eval", "compare", ids[0], ids[1], "--store", &store]);
    assert!(code == Some(0) && text.contains("p = 1.0000"), "{text}");
    let (code, text) = said(home.path(), &["eval", "--list-metrics"]);
    assert!(code == Some(0) && text.contains("pass^k"), "{text}");
}

#[test]
fn analysts_run_evaluations_over_http() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &["--min-group", "0"]);
    let id = service.session();
    let answer = service.say(&id, "서울 사는 여성");
    let (_, kept) = service.post("/v1/feedback", &json!({ "session": id, "turn": 1, "verdict": "right" }));
    assert_eq!(kept["state"], "candidate");
    let path = format!("/v1/feedback/{}", kept["id"].as_str().unwrap());
    let (status, approved) = service.post(&format!("{path}/approve"), &json!({}));
    assert_eq!((status, &approved["state"]), (200, &json!("approved")), "{approved}");
    let wrong = json!({ "segments": ["no_such = 1"] });
    assert_eq!(service.post(&format!("{path}/approve"), &wrong).0, 422);
    let (_, sets) = service.get("/v1/golden");
    let feedback = sets.as_array().unwrap().iter().find(|s| s["name"] == "feedback").unwrap();
    assert_eq!(feedback["conversations"], 1, "{sets}");
    let (_, metrics) = service.get("/v1/eval/metrics");
    let accuracy = &metrics[0];
    assert_eq!(
        (&accuracy["name"], &accuracy["better"], &accuracy["comparable"]),
        (&json!("turn_accuracy"), &json!("higher"), &json!(true)),
        "{metrics}"
    );
    assert_eq!(service.post("/v1/eval/runs", &json!({ "set": "../etc" })).0, 404);
    assert_eq!(service.post("/v1/eval/runs", &json!({ "set": "feedback", "models": ["nobody"] })).0, 422);
    let (status, begun) = service.post("/v1/eval/runs", &json!({ "set": "feedback" }));
    assert_eq!(status, 200, "{begun}");
    let run = format!("/v1/eval/runs/{}", begun[0]["id"].as_str().unwrap());
    let done = wait_for(&service, &run);
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["metrics"]["turn_accuracy"]["value"], 1.0, "{done}");
    assert_eq!((&done["played"], &done["total"]), (&json!(1), &json!(1)));
    let itself = format!("{run}/compare/{}", begun[0]["id"].as_str().unwrap());
    assert_eq!(service.get(&itself).1["difference"], 0.0);
    assert_eq!(service.send("DELETE", &run, None).0, 204);
    assert_eq!(service.send("DELETE", "/v1/eval/runs/none", None).0, 404);
    // Told otherwise by who reviews it, the same reading is wrong, and both are shown.
    let otherwise = json!({ "segments": ["gender = 'M'"] });
    assert_eq!(service.post(&format!("{path}/approve"), &otherwise).0, 200);
    let begun = begin(&service, &json!({ "set": "feedback" }));
    let done = wait_for(&service, &format!("/v1/eval/runs/{}", begun[0]["id"].as_str().unwrap()));
    let failure = &done["failures"][0];
    assert_eq!((&failure["expect"], &failure["status"]), (&json!("answer"), &json!("answered")), "{done}");
    assert!(failure["given"].as_str().unwrap().contains("gender") && failure["expected"] == "gender = 'M'", "{done}");
    let (_, rejected) = service.post(&format!("{path}/reject"), &json!({}));
    assert_eq!(rejected["state"], "rejected");
    assert!(answer["count"].as_u64().is_some());
}

/// Begins a run; the one before may be over and its place not yet free.
fn begin(service: &Served, order: &Value) -> Value {
    for _ in 0..200 {
        let (status, begun) = service.post("/v1/eval/runs", order);
        if status != 409 {
            return begun;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("another run goes on");
}

fn wait_for(service: &Served, run: &str) -> Value {
    for _ in 0..200 {
        let (_, view) = service.get(run);
        if view["state"] != "running" {
            return view;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the run did not end");
}

#[test]
fn what_was_approved_is_exported_as_a_conversation_file() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("store.db").to_string_lossy().into_owned();
    {
        let service = Served::start(home.path(), &["--min-group", "0"]);
        let id = service.session();
        service.say(&id, "부산 사는 남성");
        let (_, kept) = service.post("/v1/feedback", &json!({ "session": id, "turn": 1, "verdict": "right" }));
        let path = format!("/v1/feedback/{}/approve", kept["id"].as_str().unwrap());
        assert_eq!(service.post(&path, &json!({})).0, 200);
    }
    let out = home.path().join("set.yaml");
    let (code, text) =
        said(home.path(), &["golden", "export", "feedback", "--out", &out.to_string_lossy(), "--store", &store]);
    assert_eq!(code, Some(0), "{text}");
    let read = waggle::eval::file::read(&PathBuf::from(&out)).unwrap();
    assert_eq!((read.len(), read[0].turns[0].user.as_str()), (1, "부산 사는 남성"));
}
