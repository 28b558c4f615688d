//! Running the service: limits, what is known of requests, the API's description, administration, erasing by age, new
//! data, and stopping. The real router on the loopback, and the real binary where signals and files matter.

mod house;
mod secrets;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use waggle::access::{Caller, Role};
use waggle::app::AppConfig;
use waggle::generate::{self, Shapes};
use waggle::http::HttpLimits;
use waggle::store::{AuditWanted, ExportRow, now};
use waggle::translate::router::{Mode, Policy, Purse, Routing};

use crate::reference;
use crate::support::llm::{self, Llm, Say};
use house::House;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every method and path that the code routes: `.route("/v1/x", get(a).post(b))`.
fn routed() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let mut found = Vec::new();
    let files = |folder: &Path| fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect::<Vec<_>>();
    let (folders, mut paths): (Vec<_>, Vec<_>) = files(&folder).into_iter().partition(|path| path.is_dir());
    paths.extend(folders.iter().flat_map(|folder| files(folder)));
    for path in paths {
        if path.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for rest in code.split(".route(\"").skip(1) {
            let (path, methods) = rest.lines().next().and_then(|line| line.split_once('"')).unwrap();
            let named = METHODS.iter().filter(|m| methods.contains(&format!("{m}(")));
            found.extend(named.map(|m| ((*m).to_owned(), path.to_owned())));
        }
    }
    found.sort();
    found
}

#[test]
fn the_document_describes_what_is_served() {
    let house = House::open(HttpLimits::default());
    let (status, document) = house.get("/openapi.json");
    assert_eq!((status, document["openapi"].as_str().map(|v| &v[..3])), (200, Some("3.1")));
    let mut described = Vec::new();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|m| item.get(**m).is_some()) {
            let operation = &item[*method];
            described.push(((*method).to_owned(), path.clone()));
            names.push(operation["operationId"].as_str().unwrap().to_owned());
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
            assert!(operation["tags"][0].is_string() && operation["security"].is_array(), "{method} {path}");
            let (status, answer) = house.send(method, &path.replace("{id}", "none"), None, &[]);
            assert_ne!(status, 405, "{method} {path}");
            assert_ne!(answer["code"], "not_found", "{method} {path}");
        }
    }
    described.sort();
    assert_eq!(described, routed(), "described, and routed");
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "no two operations share a name");
    assert!(document["components"]["schemas"]["Error"]["properties"]["code"].is_object());
}

#[test]
fn the_page_of_the_document_needs_no_network() {
    let house = House::open(HttpLimits::default());
    let (status, page) = house.get("/docs/");
    let page = page.as_str().unwrap().to_owned();
    assert!(status == 200 && page.contains("swagger-ui"), "{status}: {page}");
    let (_, start) = house.get("/docs/swagger-initializer.js");
    let start = start.as_str().unwrap();
    assert!(start.contains("/openapi.json") && start.contains("none"), "{start}");
    for text in [page.as_str(), start] {
        assert!(!text.contains("https://") && !text.contains("src=\"//"), "{text}");
    }
}

#[test]
fn every_response_carries_an_id() {
    let house = House::open(HttpLimits::default());
    let given = house.raw("GET", "/healthz", &[("x-request-id", "mine-1")]);
    assert_eq!(given.headers()["x-request-id"], "mine-1");
    let refused = house.raw("GET", "/nowhere", &[("x-request-id", "not one")]);
    assert_eq!(refused.headers()["x-request-id"].len(), 32);
}

#[test]
fn a_caller_that_comes_too_often_is_told_when_to_come_again() {
    let limits = HttpLimits { rate_per_minute: Some(2), rate_burst: 2, ..HttpLimits::default() };
    let house = House::with_keys(limits);
    let [mine, other] = [house.key(Role::Marketer), house.key(Role::Marketer)];
    let ask = |key: &str| house.raw("GET", "/v1/me", &[("authorization", &format!("Bearer {key}"))]);
    let seen: Vec<u16> = (0..3).map(|_| ask(&mine).status().as_u16()).collect();
    assert_eq!(seen, [200, 200, 429]);
    let refused = ask(&mine);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(ask(&other).status(), 200);
}

#[test]
fn a_full_house_says_so_and_how_it_is() {
    let house = House::open(HttpLimits { max_requests: 0, ..HttpLimits::default() });
    let refused = house.raw("GET", "/v1/sessions", &[]);
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].as_bytes()), (503, b"1".as_slice()));
    assert_eq!(house.get("/healthz").0, 200);
    assert_eq!(house.get("/metrics").0, 200);
}

#[test]
fn what_takes_too_long_is_ended_in_words() {
    let house = House::open(HttpLimits { request_timeout: Duration::ZERO, ..HttpLimits::default() });
    // A body that never comes: nothing but time ends such a request.
    let said = house.unfinished("POST /v1/sessions HTTP/1.1", "content-type: application/json\r\ncontent-length: 9");
    assert!(said.starts_with("HTTP/1.1 504 ") && said.contains(r#""code":"timeout""#), "{said}");
}

#[test]
fn metrics_tell_of_requests_and_turns_to_those_who_may_read_them() {
    let house = House::open(HttpLimits::default());
    let id = house.session();
    house.say(&id, "서울 사는 사람");
    let (status, text) = house.get("/metrics");
    let text = text.as_str().unwrap();
    assert_eq!(status, 200);
    for wanted in [
        r#"waggle_http_requests_total{method="POST",route="/v1/sessions/{id}/messages",status="200"}"#,
        r#"waggle_turns_total{status="answered"}"#,
        r#"waggle_turn_stage_seconds_bucket{stage="run","#,
        "waggle_http_request_seconds_bucket",
        "waggle_turns_waiting 0",
        "waggle_turns_running 0",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    assert!(!text.contains(&id) && !text.contains("서울"));

    let house = House::with_keys(HttpLimits::default());
    assert_eq!(house.get("/metrics").0, 401);
    let admin = house.key(Role::Admin);
    let analyst = house.key(Role::Analyst);
    assert_eq!(house.send("get", "/metrics", None, &[("x-api-key", &analyst)]).0, 403);
    assert_eq!(house.send("get", "/metrics", None, &[("x-api-key", &admin)]).0, 200);
}

#[test]
fn administrators_make_keys_and_read_the_audit_log() {
    let house = House::with_keys(HttpLimits::default());
    let admin = house.key(Role::Admin);
    let admin = [("x-api-key", admin.as_str())];
    let body = json!({ "name": "캠페인", "role": "marketer", "attributes": { "region": "부산광역시" } });
    let (status, made) = house.send("post", "/v1/keys", Some(&body), &admin);
    assert_eq!(status, 200, "{made}");
    let key = made["key"].as_str().unwrap().to_owned();
    let marketer = [("x-api-key", key.as_str())];
    let (_, me) = house.send("get", "/v1/me", None, &marketer);
    assert_eq!((me["id"].as_str(), me["role"].as_str()), (made["id"].as_str(), Some("marketer")));
    assert!(me["rights"].as_array().unwrap().contains(&json!("ask")) && me["attributes"]["region"] == "부산광역시");
    for (method, path) in [
        ("get", "/v1/keys"),
        ("delete", "/v1/keys/key_x"),
        ("get", "/v1/audit"),
        ("post", "/v1/audit/verify"),
        ("get", "/v1/service"),
        ("get", "/v1/budgets"),
        ("post", "/v1/data/reload"),
    ] {
        assert_eq!(house.send(method, path, None, &marketer).0, 403, "{method} {path}");
    }
    let (_, listed) = house.send("get", "/v1/keys", None, &admin);
    assert!(listed.as_array().unwrap().len() == 2 && !listed.to_string().contains(&key));
    let revoke = format!("/v1/keys/{}", made["id"].as_str().unwrap());
    assert_eq!(house.send("delete", &revoke, None, &admin).0, 204);
    assert_eq!(house.send("get", "/v1/me", None, &marketer).0, 401);
    assert_eq!(house.send("delete", "/v1/keys/key_x", None, &admin).1["code"], "no_key");
    let nameless = json!({ "name": " ", "role": "admin" });
    assert_eq!(house.send("post", "/v1/keys", Some(&nameless), &admin).0, 422);

    let (_, log) = house.send("get", "/v1/audit?limit=100", None, &admin);
    let actions: Vec<&str> = log.as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"make_key") && actions.contains(&"revoke_key"), "{actions:?}");
    let found = |query: &str| {
        let (status, log) = house.send("get", &format!("/v1/audit?{query}"), None, &admin);
        assert_eq!(status, 200, "{log}");
        log.as_array().unwrap().iter().map(|e| e["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let last = actions.len() as u64;
    assert_eq!(found("newest=true&limit=2"), [last, last - 1]);
    assert_eq!(found(&format!("newest=true&limit=2&before={last}")), [last - 1, last - 2]);
    let made_keys = actions.iter().filter(|action| **action == "make_key").count();
    assert_eq!((found("action=make").len(), found("action=ake").len()), (made_keys, 0));
    let subject = made["id"].as_str().unwrap();
    assert_eq!((found(&format!("subject={subject}")).len(), found("actor=nobody").len()), (2, 0));
    assert_eq!((found("since=0&until=1").len(), found("since=1").len()), (0, actions.len()));
    let (_, verdict) = house.send("post", "/v1/audit/verify", None, &admin);
    assert_eq!((verdict["holds"].as_bool(), verdict["entries"].as_u64()), (Some(true), Some(actions.len() as u64)));
    let (_, rest) = house.send("get", &format!("/v1/audit?after={}", actions.len()), None, &admin);
    assert_eq!(rest, json!([]));
}

#[test]
fn administrators_see_how_the_service_is_and_what_models_cost() {
    let house = House::over(reference::few(), HttpLimits::default(), false, |config| {
        config.sessions_kept = Some(Duration::from_hours(48));
    });
    let (status, state) = house.get("/v1/service");
    assert_eq!(status, 200, "{state}");
    assert_eq!((&state["kept"]["sessions_days"], &state["kept"]["exports_days"]), (&json!(2), &Value::Null));
    assert_eq!((&state["auth"], &state["waiting"]), (&json!(false), &json!(0)));
    assert_eq!(state["data_version"], house.get("/readyz").1["data_version"]);
    // There are no models: nothing is allowed or spent, and that is said.
    let (status, budgets) = house.get("/v1/budgets");
    assert_eq!((status, &budgets["policy"], &budgets["spent"]["tokens"]), (200, &Value::Null, &json!(0)), "{budgets}");
    assert_eq!((&budgets["total"], budgets["day"].as_str().unwrap().len()), (&json!({}), 10));
}

#[test]
fn answers_say_which_data_and_new_data_is_read_on_request() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let make = |lines| generate::run(&Shapes::builtin().unwrap(), lines, 3, &data, &|_| ()).unwrap();
    make(300);
    let house = House::over(&data, HttpLimits::default(), false, |config| config.lines_total = Some(12_345));
    let id = house.session();
    let (_, first) = house.say(&id, "여성 고객");
    assert_eq!(first["lines_total"], 12_345);
    let before = first["data_version"].as_str().unwrap().to_owned();
    assert!(!before.is_empty() && !house.run(house.service.is_stale()));
    fs::remove_dir_all(&data).unwrap();
    make(600);
    assert!(house.run(house.service.is_stale()));
    let (status, versions) = house.send("post", "/v1/data/reload", None, &[]);
    assert_eq!((status, versions["from"].as_str()), (200, Some(before.as_str())));
    assert_ne!(versions["to"], versions["from"]);
    let (_, second) = house.say(&id, "남성 고객");
    assert_eq!(second["data_version"], versions["to"]);
    assert!(!house.run(house.service.is_stale()));
}

/// What is in a folder, in another one.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn models_are_told_of_the_catalog_that_is_read_anew() {
    let llm = Llm::answering(|_| Say::json(&json!({ "act": "unknown", "edits": [] })));
    let home = tempfile::tempdir().unwrap();
    let catalog = home.path().join("catalog");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/telco"), &catalog);
    let policy = Policy { mode: Mode::ModelFirst, ..Policy::default() };
    let routing = Routing { policy, models: vec![llm::spec("house", llm.base())], ledger: Arc::new(Purse::default()) };
    let opened = AppConfig {
        catalog: Some(catalog.clone()),
        routing: Some(routing),
        ..AppConfig::new(reference::few().to_path_buf())
    };
    let house = House::opened(opened, HttpLimits::default(), false, |_| ());
    let id = house.session();
    let told = |label: &str| llm.heard().last().unwrap().body.to_string().contains(label);
    house.say(&id, "넷플 보는 사람");
    assert!(told("넷플릭스") && !told("넷플릭스 극장"));
    let apps = catalog.join("values/apps.yaml");
    let text = fs::read_to_string(&apps).unwrap();
    fs::write(&apps, text.replace("Netflix: {ko: 넷플릭스,", "Netflix: {ko: 넷플릭스 극장,")).unwrap();
    assert_eq!(house.send("post", "/v1/data/reload", None, &[]).0, 200);
    house.say(&id, "넷플 보는 사람");
    assert!(told("넷플릭스 극장"), "the prompt is over the new catalog");
}

#[test]
fn data_whose_files_change_is_read_by_itself() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let make = |lines| generate::run(&Shapes::builtin().unwrap(), lines, 3, &data, &|_| ()).unwrap();
    make(300);
    let looks = Duration::from_millis(50);
    let house = House::over(&data, HttpLimits::default(), false, |config| config.watch_data = Some(looks));
    let version = || house.get("/readyz").1["data_version"].clone();
    let before = version();
    fs::remove_dir_all(&data).unwrap();
    make(600);
    let start = Instant::now();
    house.run(async {
        tokio::select! {
            never = house.service.keep_house() => match never {},
            () = async {
                while house.service.is_stale().await && start.elapsed() < Duration::from_secs(20) {
                    tokio::time::sleep(looks).await;
                }
            } => {}
        }
    });
    assert_ne!(version(), before);
}

#[test]
fn what_is_too_old_is_erased_and_the_audit_log_stays() {
    let house = House::over(reference::few(), HttpLimits::default(), false, |config| {
        config.sessions_kept = Some(Duration::ZERO);
        config.exports_kept = Some(Duration::ZERO);
    });
    let id = house.session();
    house.say(&id, "여성 고객");
    let folder = house.service.config().exports.join("e1");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.csv"), "1").unwrap();
    let ended = now() - 1000;
    let export = ExportRow {
        id: "e1".to_owned(),
        owner: "local".to_owned(),
        request_json: "{}".to_owned(),
        state: "done".to_owned(),
        files_json: Some("[]".to_owned()),
        created: ended,
        finished: Some(ended),
        expires: Some(ended),
        ..ExportRow::default()
    };
    house.run(house.service.store().insert_export(export, Vec::new())).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    let erased = house.run(house.service.erase_old()).unwrap();
    assert_eq!((erased.sessions, erased.files, erased.exports), (1, 1, 1));
    assert!(!folder.exists());
    assert_eq!(house.get(&format!("/v1/sessions/{id}")).0, 404);
    let verdict = house.run(house.service.store().verify_audit(|_, _| ())).unwrap();
    assert!(verdict.holds() && verdict.entries >= 3);
    assert_eq!(
        house.run(house.service.audit(&Caller::local(), &AuditWanted::default(), None)).unwrap().len() as u64,
        verdict.entries
    );
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_command_line_keeps_keys_and_copies_the_store() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| -> Output {
        reference::waggle(home.path()).args(args).current_dir(home.path()).output().unwrap()
    };
    let made = run(&["keys", "create", "--name", "a", "--role", "admin", "--store", "s.db", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&made.stderr)));
    let id = made["id"].as_str().unwrap();
    assert_eq!(run(&["backup", "--to", "copy.db", "--store", "s.db"]).status.code(), Some(0));
    assert_eq!(run(&["backup", "--to", "copy.db", "--store", "s.db"]).status.code(), Some(1));
    assert_eq!(run(&["keys", "revoke", id, "--store", "s.db"]).status.code(), Some(0));
    assert_eq!(run(&["keys", "revoke", "key_x", "--store", "s.db"]).status.code(), Some(2));
    let revoked = |store: &str| {
        let listed: Value = serde_json::from_slice(&run(&["keys", "list", "--store", store, "--json"]).stdout).unwrap();
        assert!(listed.get("hash").is_none());
        !listed["revoked"].is_null()
    };
    assert!(revoked("s.db") && !revoked("copy.db"));
    let verified = run(&["audit", "verify", "--store", "s.db", "--json"]);
    let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((verified["holds"].as_bool(), verified["entries"].as_u64()), (Some(true), Some(2)));
    assert!(text(&run(&["audit", "show", "--store", "s.db"]).stdout).contains("revoke_key"));
    assert_eq!(run(&["restore", "--from", "copy.db", "--store", "s.db"]).status.code(), Some(1));
    assert_eq!(run(&["restore", "--from", "copy.db", "--store", "s.db", "--force"]).status.code(), Some(0));
    assert!(!revoked("s.db"));
    assert_eq!(run(&["health", "--listen", "127.0.0.1:1"]).status.code(), Some(1));
}

/// Takes what is posted to it, and hands over each request whole.
fn collector() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let (send, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, send) = (stream.unwrap(), send.clone());
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                loop {
                    let (mut head, mut length) = (Vec::new(), 0);
                    loop {
                        let mut line = String::new();
                        if reader.read_line(&mut line).unwrap_or(0) == 0 {
                            return;
                        }
                        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                            length = value.trim().parse().unwrap();
                        }
                        head.extend(line.bytes());
                        if line.trim().is_empty() {
                            break;
                        }
                    }
                    let mut body = vec![0; length];
                    reader.read_exact(&mut body).unwrap();
                    head.extend(body);
                    let _ = send.send(head);
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
                }
            });
        }
    });
    (at, received)
}

fn started(home: &Path, args: &[&str]) -> (Child, String, Receiver<String>) {
    started_with(home, args, &[])
}

fn started_with(home: &Path, args: &[&str], variables: &[(&str, &str)]) -> (Child, String, Receiver<String>) {
    let mut command = reference::waggle(home);
    command.envs(variables.iter().copied());
    command.args(["serve", "--listen", "127.0.0.1:0", "--store", "s.db", "--data"]).arg(reference::few()).args(args);
    let mut child = command.current_dir(home).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let base = lines.find_map(|line| line.unwrap().split_once("listening on ").map(|(_, at)| at.to_owned())).unwrap();
    let (send, log) = channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
    (child, base, log)
}

#[test]
fn a_service_traces_logs_and_stops_by_signal() {
    let home = tempfile::tempdir().unwrap();
    let (collector, traces) = collector();
    let (mut child, base, log) = started(home.path(), &["--telemetry-otlp", &collector, "--telemetry-log", "json"]);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let session: Value =
        agent.post(format!("{base}/v1/sessions")).send_empty().unwrap().body_mut().read_json().unwrap();
    let messages = format!("{base}/v1/sessions/{}/messages", session["id"].as_str().unwrap());
    let said = agent.post(&messages).header("x-request-id", "req-7").send_json(json!({ "text": "강남 사는 여성" }));
    assert_eq!(said.unwrap().status(), 200);
    let health = reference::waggle(home.path())
        .args(["health", "--listen", base.trim_start_matches("http://")])
        .output()
        .unwrap();
    assert_eq!(health.status.code(), Some(0), "{}", text(&health.stderr));

    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let start = Instant::now();
    let code = child.wait().unwrap().code();
    assert_eq!(code, Some(0));
    assert!(start.elapsed() < Duration::from_secs(20), "nothing was running: {:?}", start.elapsed());

    let lines: Vec<String> = log.iter().collect();
    let answered: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of_message = answered.iter().find(|line| line["span"]["id"] == "req-7").unwrap_or_else(|| panic!("{lines:?}"));
    assert_eq!(of_message["span"]["route"], "/v1/sessions/{id}/messages");
    assert_eq!((of_message["status"].as_u64(), of_message["span"]["caller"].as_str()), (Some(200), Some("local")));
    assert!(!lines.concat().contains("강남") && !lines.concat().contains("여성"), "{lines:?}");

    let sent: Vec<Vec<u8>> = traces.try_iter().collect();
    let sent = text(&sent.concat());
    assert!(sent.starts_with("POST /v1/traces"), "{sent}");
    for span in ["request", "turn", "translate", "compile", "run", "store"] {
        assert!(sent.contains(span), "{span} in {sent}");
    }
    assert!(!sent.contains("강남"));
}

#[test]
fn what_does_not_end_is_cancelled_when_the_service_stops() {
    let home = tempfile::tempdir().unwrap();
    let (mut child, base, _log) = started(home.path(), &["--limits-stop-within-s", "1"]);
    // A request whose body never comes.
    let mut waiting = std::net::TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    waiting.write_all(b"POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let start = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(start.elapsed() >= Duration::from_millis(900) && start.elapsed() < Duration::from_secs(10));
    let mut answer = String::new();
    let _ = waiting.read_to_string(&mut answer);
    assert!(answer.contains(" 503 ") && answer.contains("stopping"), "{answer}");
}
