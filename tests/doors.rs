//! The doors from outside: the real binary, and real HTTP on the loopback.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use waggle::answer::contract::{Answer, Status};

use crate::reference;
use crate::support::served::Served;

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn ask(home: &Path, args: &[&str]) -> Output {
    run(reference::waggle(home).arg("ask").args(args).arg("--data").arg(reference::few()).current_dir(home))
}

fn answer(output: &Output) -> Answer {
    let shown = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {shown}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn ask_gives_one_answer_and_goes_on_in_its_session() {
    let home = tempfile::tempdir().unwrap();
    let first = ask(home.path(), &["서울 사는 사람 성별로", "--json", "--session", "s.json", "--min-group", "0"]);
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    let first = answer(&first);
    assert_eq!((first.status, first.turn), (Status::Answered, 1));
    assert!(first.breakdown.is_some() && first.sql.is_some());
    let second =
        answer(&ask(home.path(), &["이 중 아이폰 쓰는 사람", "--json", "--session", "s.json", "--min-group", "0"]));
    assert_eq!((second.status, second.turn), (Status::Answered, 2));
    assert!(second.count < first.count && second.count > Some(0), "{:?} of {:?}", second.count, first.count);
}

#[test]
fn ask_shows_the_numbers_and_the_sql_to_a_person() {
    let home = tempfile::tempdir().unwrap();
    let output = ask(home.path(), &["서울 사는 사람 성별로", "--sql"]);
    let shown = text(&output.stdout);
    assert!(shown.contains("SELECT") && shown.contains('█') && shown.contains('%'), "{shown}");
    let english = text(&ask(home.path(), &["people living in Seoul by gender", "--locale", "en"]).stdout);
    assert!(english.contains("As of"), "{english}");
}

#[test]
fn exit_codes_say_how_it_ended() {
    let home = tempfile::tempdir().unwrap();
    let code = |args: &[&str]| ask(home.path(), args).status.code();
    assert_eq!(code(&["서울 사는 사람"]), Some(0));
    assert_eq!(code(&["중구 사는 사람"]), Some(3));
    assert_eq!(code(&["고객 전화번호 목록 뽑아줘"]), Some(5));
    assert_eq!(code(&["   "]), Some(5));
    assert_eq!(code(&["--no-such-flag", "x"]), Some(2));
    let nowhere = run(reference::waggle(home.path()).args(["ask", "x", "--data", "no/such/folder"]));
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(text(&nowhere.stderr).contains("no/such/folder") && nowhere.stdout.is_empty());
}

#[test]
fn ask_reads_json_from_standard_input() {
    let home = tempfile::tempdir().unwrap();
    let mut command = reference::waggle(home.path());
    command.args(["ask", "--input-json", "--json", "--data"]).arg(reference::few()).current_dir(home.path());
    let input = json!({ "text": "여성 고객", "session": "mine.json", "locale": "en" }).to_string();
    let answer = answer(&reference::with_input(command, input.as_bytes()));
    assert_eq!(answer.status, Status::Answered);
    assert!(home.path().join("mine.json").is_file());
}

#[test]
fn a_session_file_that_is_none_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("s.json"), "{\"mine\": 1}").unwrap();
    let output = ask(home.path(), &["여성 고객", "--session", "s.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(home.path().join("s.json")).unwrap(), "{\"mine\": 1}");
}

#[test]
fn chat_works_without_a_terminal() {
    let home = tempfile::tempdir().unwrap();
    let mut command = reference::waggle(home.path());
    command.args(["chat", "--data"]).arg(reference::few()).current_dir(home.path());
    let input = "서울 사는 사람\n이 중 여성만\n/sql\n/tree\n/undo\n/back 2\n/export out.csv\n/frob\n/quit\n여성\n";
    let output = reference::with_input(command, input.as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(shown.contains("SELECT") && shown.contains("/help"), "{shown}");
    assert!(shown.contains("→ 2: "), "{shown}");
    let exported = fs::read_to_string(home.path().join("out.csv")).unwrap();
    assert!(exported.lines().count() > 1 && !exported.contains("customer_id"));
}

#[test]
fn sql_is_checked_run_and_translated() {
    let home = tempfile::tempdir().unwrap();
    let sql =
        |args: &[&str]| run(reference::waggle(home.path()).arg("sql").args(args).arg("--data").arg(reference::few()));
    let counted = sql(&["SELECT count(*) AS n FROM customers", "--json"]);
    let rows: Value = serde_json::from_slice(&counted.stdout).unwrap();
    let consented = rows["rows"][0]["n"].as_u64().unwrap();
    assert!(consented > 0 && consented < 2_000, "the population is enforced: {consented}");
    assert_eq!(sql(&["DELETE FROM customers"]).status.code(), Some(5));
    assert_eq!(sql(&["SELECT customer_id FROM customers"]).status.code(), Some(5));
    for dialect in ["postgres", "bigquery", "snowflake", "spark", "duckdb", "datafusion"] {
        let printed = sql(&["SELECT count(*) FROM customers", "--dialect", dialect]);
        assert!(text(&printed.stdout).to_uppercase().contains("COUNT"), "{dialect}: {}", text(&printed.stderr));
    }
}

#[test]
fn the_catalog_can_be_looked_into() {
    let home = tempfile::tempdir().unwrap();
    let look = |args: &[&str]| run(reference::waggle(home.path()).arg("catalog").args(args));
    assert_eq!(look(&["check"]).status.code(), Some(0));
    assert!(text(&look(&["show"]).stdout).contains("mno"));
    assert!(text(&look(&["show", "mno"]).stdout).contains("customers.gender"));
    assert!(text(&look(&["search", "아이폰"]).stdout).contains("iPhone"));
    let wrong = look(&["show", "mmo"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("mno"));
}

#[test]
fn segments_are_listed_and_exported_without_identifiers() {
    let home = tempfile::tempdir().unwrap();
    ask(home.path(), &["서울 사는 20대", "--session", "s.json"]);
    ask(home.path(), &["이대로 서울20대 라는 이름으로 저장해줘", "--session", "s.json"]);
    let listed = run(reference::waggle(home.path()).args(["segments", "--session", "s.json"]).current_dir(home.path()));
    assert!(text(&listed.stdout).contains("서울20대"), "{}", text(&listed.stdout));
    let export = |file: &str| {
        let mut command = reference::waggle(home.path());
        command.args(["export", "--session", "s.json", "--segment", "서울20대", "--out", file, "--data"]);
        run(command.arg(reference::few()).current_dir(home.path()))
    };
    let made = export("out.csv");
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let csv = fs::read_to_string(home.path().join("out.csv")).unwrap();
    assert!(csv.lines().count() > 1 && !csv.lines().next().unwrap().split(',').any(|c| c == "customer_id"));
    for file in ["out.csv.gz", "out.jsonl", "out.jsonl.gz", "out.parquet", "out.arrow", "out.xlsx"] {
        let made = export(file);
        assert_eq!(made.status.code(), Some(0), "{file}: {}", text(&made.stderr));
        let manifest = fs::read_to_string(home.path().join(format!("{file}.manifest.json"))).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["rows"], json!(csv.lines().count() - 1), "{file}");
    }
    assert_eq!(export("out.txt").status.code(), Some(2));
}

#[test]
fn reach_is_shown_without_exporting() {
    let home = tempfile::tempdir().unwrap();
    ask(home.path(), &["여성 고객 몇 명이야", "--session", "s.json"]);
    let export = |args: &[&str]| {
        let mut command = reference::waggle(home.path());
        command.args(["export", "--session", "s.json"]).args(args).arg("--data").arg(reference::few());
        run(command.current_dir(home.path()))
    };
    let shown = export(&["--dry-run", "--channel", "sms", "--not-contacted-days", "30", "--hold-out", "10"]);
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    assert!(text(&shown.stdout).contains("not contacted in the last 30 days"), "{}", text(&shown.stdout));
    for wrong in [&["--dry-run", "--channel", "pigeon"][..], &["--dry-run", "--hold-out", "100"], &[]] {
        assert_eq!(export(wrong).status.code(), Some(2), "{wrong:?}");
    }
    fs::write(home.path().join("key"), "a secret of some length\n").unwrap();
    let hashed = ["--out", "h.csv", "--columns", "gender", "--identifiers", "hashed", "--hash-key-file", "key"];
    let made = export(&hashed);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    assert!(fs::read_to_string(home.path().join("h.csv")).unwrap().starts_with("customer_id_hash,gender\r\n"));
}

#[test]
fn eval_scores_a_file_and_holds_it_to_thresholds() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("two.yaml");
    let conversations =
        "- {id: a, lang: ko, tags: [t], turns: [{user: 여성 고객 몇 명이야, segment: \"gender = 'F'\"}]}
- {id: b, lang: ko, tags: [t], turns: [{user: 여성 고객 몇 명이야, segment: \"gender = 'M'\"}]}\n";
    fs::write(&file, conversations).unwrap();
    let eval = |args: &[&str]| {
        let mut command = reference::waggle(home.path());
        run(command.arg("eval").arg(&file).args(args).arg("--data").arg(reference::few()))
    };
    let report: Value = serde_json::from_slice(&eval(&["--json"]).stdout).unwrap();
    assert_eq!(report["turns"], json!({ "total": 2, "right": 1, "silent": 1 }));
    let shown = eval(&["--failures", "--min-turns", "0.92"]);
    assert_eq!(shown.status.code(), Some(1));
    assert!(text(&shown.stdout).contains("b #1 [WRONG, NO DOUBT]"), "{}", text(&shown.stdout));
    assert_eq!(eval(&["--limit", "1", "--min-turns", "1"]).status.code(), Some(0));
}

#[test]
fn generate_makes_the_same_data_for_the_same_seed() {
    let home = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let out = home.path().join(name);
        let args = ["generate", "--customers", "500", "--seed", "3", "--out"];
        assert_eq!(run(reference::waggle(home.path()).args(args).arg(&out)).status.code(), Some(0));
        let mut files: Vec<_> =
            fs::read_dir(&out).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
        files.sort();
        files.iter().map(|f| fs::read(f).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(make("a"), make("b"));
}

/// Sends a body as it is, readable or not.
fn send(service: &Served, method: &str, path: &str, body: Option<&str>) -> (u16, Value) {
    let reply = service.request(method, path, body, &[]);
    (reply.status, reply.json())
}

#[test]
fn http_answers_in_sessions() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    assert_eq!(service.get("/healthz").0, 200);
    assert_eq!(service.get("/readyz").1["ready"], true);
    let (mine, other) = (service.session(), service.session());
    let first = service.say(&mine, "서울 사는 사람");
    assert_eq!((first["status"].as_str(), first["turn"].as_u64()), (Some("answered"), Some(1)));
    let second = service.say(&mine, "이 중 여성만");
    assert!(second["count"].as_u64() < first["count"].as_u64());
    // Refused, with 200 as every answer.
    service.say(&mine, "고객 전화번호 목록 뽑아줘");
    let apart = service.say(&other, "여성 고객");
    assert_eq!(apart["turn"], 1);
    let (status, kept) = service.get(&format!("/v1/sessions/{mine}"));
    assert_eq!((status, kept["id"].as_str()), (200, Some(mine.as_str())));
}

#[test]
fn http_errors_are_json() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let id = service.session();
    let messages = format!("/v1/sessions/{id}/messages");
    let large = json!({ "text": "가".repeat(200_000) }).to_string();
    let cases = [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("GET", messages.as_str(), None, 405, "method_not_allowed"),
        ("GET", "/v1/sessions/none", None, 404, "no_session"),
        ("POST", messages.as_str(), Some("{"), 400, "bad_body"),
        ("POST", messages.as_str(), Some(r#"{"text": "\ud800"}"#), 400, "bad_body"),
        ("POST", messages.as_str(), Some(large.as_str()), 413, "too_large"),
    ];
    for (method, path, body, status, code) in cases {
        let (given, error) = send(&service, method, path, body);
        assert_eq!((given, error["code"].as_str()), (status, Some(code)), "{method} {path}");
        assert!(error["message"].is_string());
    }
}

#[test]
fn http_messages_to_one_session_are_put_in_order() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let id = service.session();
    let mut turns: Vec<u64> = std::thread::scope(|scope| {
        let sent: Vec<_> =
            (0..6).map(|_| scope.spawn(|| service.say(&id, "서울 사는 사람")["turn"].as_u64().unwrap())).collect();
        sent.into_iter().map(|s| s.join().unwrap()).collect()
    });
    turns.sort_unstable();
    assert_eq!(turns, [1, 2, 3, 4, 5, 6]);
}
