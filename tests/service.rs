//! The service from outside: conversations that are kept, saved segments, exports, analysts' SQL.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::served::Served;

const OPEN: &[&str] = &["--min-group", "0"];

#[test]
fn what_was_said_is_there_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let (id, first) = {
        let service = Served::start(home.path(), OPEN);
        let id = service.session();
        (id.clone(), service.say(&id, "서울 사는 사람"))
    };
    let service = Served::start(home.path(), OPEN);
    let second = service.say(&id, "이 중 여성만");
    assert_eq!(second["turn"], 2);
    assert!(second["count"].as_u64() < first["count"].as_u64());
    let (_, kept) = service.get(&format!("/v1/sessions/{id}"));
    assert_eq!(kept["history"][0]["answer"], first);
    assert_eq!((kept["turns"].as_u64(), kept["title"].as_str()), (Some(2), Some("서울 사는 사람")));
    let (_, listed) = service.get("/v1/sessions");
    assert_eq!(listed[0]["id"], json!(id));
}

#[test]
fn a_repeated_call_gives_the_first_answer_and_makes_no_turn() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let path = format!("/v1/sessions/{}/messages", service.session());
    let send = |text: &str| {
        let body = json!({ "text": text }).to_string();
        service.request("POST", &path, Some(&body), &[("idempotency-key", "one")])
    };
    let first = send("서울 사는 사람");
    assert_eq!((first.status, send("서울 사는 사람").bytes), (200, first.bytes));
    let other = send("부산 사는 사람");
    assert_eq!((other.status, other.json()["code"].as_str()), (422, Some("key_reused")));
    let (_, kept) = service.get(path.trim_end_matches("/messages"));
    assert_eq!(kept["turns"], 1);
}

#[test]
fn an_answer_comes_as_events_in_order() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let path = format!("/v1/sessions/{}/messages", service.session());
    let body = json!({ "text": "서울 사는 사람 성별로" }).to_string();
    let reply = service.request("POST", &path, Some(&body), &[("accept", "text/event-stream")]);
    assert!(reply.header("content-type").starts_with("text/event-stream"));
    let text = String::from_utf8(reply.bytes).unwrap();
    let fields = |name: &str| text.lines().filter_map(|l| l.strip_prefix(name).map(str::trim)).collect::<Vec<_>>();
    assert_eq!(fields("event:"), ["reading", "sql", "count", "breakdown", "reply", "done"]);
    assert_eq!(fields("id:"), ["1", "2", "3", "4", "5", "6"]);
    let data: Vec<Value> = fields("data:").iter().map(|d| serde_json::from_str(d).unwrap()).collect();
    assert_eq!(data[2]["count"], data[5]["count"]);
    assert_eq!(data[1]["sql"], data[5]["sql"]);
    let nobody = service.request("POST", "/v1/sessions/none/messages", Some(&body), &[("accept", "text/event-stream")]);
    assert_eq!((nobody.status, nobody.json()["code"].as_str()), (404, Some("no_session")));
}

#[test]
fn conditions_can_be_changed_by_hand() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let id = service.session();
    let seoul = service.say(&id, "서울 사는 사람");
    let edit = |edit: Value| service.post(&format!("/v1/sessions/{id}/messages"), &json!({ "edit": edit }));
    let (status, women) = edit(json!({ "op": "narrow", "condition": "gender = 'F'", "breakdown": ["age_band"] }));
    assert_eq!(status, 200, "{women}");
    assert!(women["count"].as_u64() < seoul["count"].as_u64() && women["breakdown"].is_object());
    let (_, back) = edit(json!({ "op": "remove", "condition": "gender = 'F'" }));
    assert_eq!(back["count"], seoul["count"]);
    let (_, undone) = service.post(&format!("/v1/sessions/{id}/undo"), &json!({}));
    assert_eq!(undone["count"], women["count"]);
    let (_, gone) = service.post(&format!("/v1/sessions/{id}/goto"), &json!({ "turn": 1 }));
    assert_eq!(gone["text"], seoul["text"]);
    let (status, wrong) = edit(json!({ "op": "narrow", "condition": "gendre = 'F'" }));
    assert_eq!((status, wrong["code"].as_str()), (422, Some("unsupported")));
    assert!(wrong["message"].as_str().unwrap().contains("gender"), "{wrong}");
}

#[test]
fn a_segment_is_read_part_by_part_and_put_together_anew() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let id = service.session();
    let young = service.say(&id, "서울 사는 20대 여성");
    let english = [("accept-language", "en"), ("content-type", "application/json")];
    let body = json!({ "segment": young["segment"] }).to_string();
    let read = service.request("POST", "/v1/segments/read", Some(&body), &english).json();
    assert_eq!(read["text"], young["text"]);
    let parts = read["parts"].as_array().unwrap();
    assert_eq!(parts.len(), young["reading"].as_array().unwrap().len());
    assert!(parts.iter().all(|part| part["kind"] == "is" && part["reading"].is_string()), "{read}");

    // Two of three in one group, of which one is enough.
    let [first, rest @ ..] = &parts[..] else { panic!("{read}") };
    let rest: Vec<_> = rest.iter().map(|part| part["segment"].clone()).collect();
    let condition = json!({ "and": [first["segment"], { "or": rest }] });
    let edit = json!({ "edit": { "op": "replace", "condition": condition } });
    let (status, wider) = service.post(&format!("/v1/sessions/{id}/messages"), &edit);
    assert_eq!(status, 200, "{wider}");
    assert!(wider["count"].as_u64() > young["count"].as_u64(), "{wider}");
    let (_, again) = service.post("/v1/segments/read", &json!({ "segment": wider["text"] }));
    assert_eq!((&again["parts"][1]["kind"], &again["parts"][1]["parts"][0]["kind"]), (&json!("or"), &json!("is")));
    let (_, view) = service.get(&format!("/v1/sessions/{id}"));
    assert_eq!(view["history"][1]["parent"], 1, "a change by hand grows from where the conversation stood");
    let (_, undone) = service.post(&format!("/v1/sessions/{id}/undo"), &json!({}));
    assert_eq!(undone["count"], young["count"]);
    let (status, _) = service.post("/v1/segments/read", &json!({ "segment": "gendre = 'F'" }));
    assert_eq!(status, 422);
}

#[test]
fn everybody_and_a_segment_are_grouped_without_words() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let (_, everybody) = service.get("/v1/catalog/groups?by=gender");
    let shares: f64 = everybody["rows"].as_array().unwrap().iter().map(|row| row["share"].as_f64().unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{everybody}");
    assert_eq!(service.get("/v1/catalog/groups?by=gendre").0, 422);
    assert_eq!(service.get("/v1/catalog/groups?by=").0, 422);
    let id = service.session();
    service.say(&id, "서울 사는 사람");
    let (status, grouped) =
        service.post(&format!("/v1/sessions/{id}/messages"), &json!({ "by": ["gender", "age_band"] }));
    assert_eq!((status, &grouped["breakdown"]["by"]), (200, &json!(["gender", "age_band"])), "{grouped}");
}

#[test]
fn the_sql_of_a_segment_is_shown_in_a_dialect() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let wanted = |dialect: &str| json!({ "text": "gender = 'F'", "by": ["age_band"], "dialect": dialect });
    let (status, shown) = service.post("/v1/sql/preview", &wanted("bigquery"));
    assert_eq!((status, shown["dialect"].as_str()), (200, Some("BigQuery")), "{shown}");
    assert!(shown["sql"].as_str().unwrap().contains("GROUP BY"), "{shown}");
    assert_eq!(service.post("/v1/sql/preview", &wanted("cobol")).0, 400);
}

#[test]
fn a_saved_segment_goes_through_its_life() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let id = service.session();
    let women = service.say(&id, "서울 사는 여성");
    let saved = service.say(&id, "'서울 여성' 이름으로 저장해줘");
    let url = saved["action"]["url"].as_str().unwrap();
    let (_, kept) = service.get(url);
    assert_eq!((&kept["name"], &kept["version"], &kept["count"]), (&json!("서울 여성"), &json!(1), &women["count"]));
    // Another conversation of the same caller knows it by name.
    let other = service.session();
    let loaded = service.say(&other, "'서울 여성' 불러와줘");
    assert_eq!(loaded["count"], women["count"], "{loaded}");
    let (status, renamed) = service.send("PATCH", url, Some(&json!({ "name": "수도 여성", "description": "시험" })));
    assert_eq!((status, &renamed["description"]), (200, &json!("시험")));
    let (_, refreshed) = service.post(&format!("{url}/refresh"), &json!({}));
    assert_eq!(refreshed["history"].as_array().map(Vec::len), Some(2));
    assert_eq!((&refreshed["count_before"], &refreshed["counted"]), (&women["count"], &refreshed["history"][1]["at"]));
    let (_, again) = service.post("/v1/segments", &json!({ "name": "수도 여성", "text": "gender = 'F' AND age < 40" }));
    let versions = again["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2, "{again}");
    assert_eq!((&versions[0]["text"], &versions[1]["text"]), (&women["text"], &again["text"]));
    assert_eq!(versions[1]["sentence"], again["sentence"], "{again}");
    let (_, back) = service.post("/v1/segments", &json!({ "name": "수도 여성", "text": women["text"] }));
    assert_eq!((&back["count"], &back["version"]), (&women["count"], &json!(3)));
    let (_, young) = service.post("/v1/segments", &json!({ "name": "이십대", "text": "age BETWEEN 20 AND 29" }));
    let with = young["id"].as_str().unwrap();
    let (status, compared) = service.get(&format!("{url}/compare?with={with}"));
    assert_eq!(status, 200, "{compared}");
    let number = |v: &Value| v.as_u64().unwrap();
    assert_eq!(number(&compared["both"]) + number(&compared["this"]["only"]), number(&women["count"]));
    assert_eq!(compared["fields"][0]["distance"].as_f64().map(|d| d > 0.5), Some(true), "{compared}");
    assert_eq!(service.send("DELETE", url, None).0, 204);
    let (_, listed) = service.get("/v1/segments");
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let (status, restored) = service.post(&format!("{url}/restore"), &json!({}));
    assert_eq!((status, &restored["name"]), (200, &json!("수도 여성")));
    let (status, taken) = service.send("PATCH", url, Some(&json!({ "name": "이십대" })));
    assert_eq!((status, taken["code"].as_str()), (409, Some("name_taken")));
}

#[test]
fn segments_are_combined_by_name() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let id = service.session();
    let vip = service.say(&id, "VIP 등급 고객");
    service.say(&id, "'VIP' 이름으로 저장해줘");
    let fresh = service.session();
    let left = service.say(&fresh, "VIP 세그먼트에서 지난달 발송분 빼줘");
    assert_eq!(left["status"], "answered", "{left}");
    assert!(left["count"].as_u64() <= vip["count"].as_u64(), "{left}");
    assert!(left["text"].as_str().unwrap().contains("contacts"), "{left}");
}

/// The export at `url`, once it is done.
fn done(service: &Served, url: &str) -> Value {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let (_, info) = service.get(url);
        match info["state"].as_str() {
            Some("queued" | "running") if Instant::now() < deadline => sleep(Duration::from_millis(50)),
            _ => return info,
        }
    }
}

#[test]
fn an_export_is_fetched_whole_or_in_ranges() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let id = service.session();
    let answer = service.say(&id, "서울 사는 여성");
    let count = answer["count"].as_u64().unwrap();
    let order = json!({ "format": "csv", "columns": ["gender", "age"] });
    let (status, started) = service.post(&format!("/v1/sessions/{id}/exports"), &order);
    assert_eq!(status, 202, "{started}");
    let url = format!("/v1/exports/{}", started["id"].as_str().unwrap());
    let info = done(&service, &url);
    assert_eq!((info["state"].as_str(), info["rows"].as_u64()), (Some("done"), Some(count)), "{info}");
    assert_eq!(info["manifest"]["segment"], answer["text"]);
    assert_eq!((&info["text"], &info["order"]["columns"]), (&answer["text"], &order["columns"]), "{info}");
    let whole = service.request("GET", &format!("{url}/file"), None, &[]);
    let text = String::from_utf8(whole.bytes.clone()).unwrap();
    assert_eq!(text.lines().count() as u64, count + 1);
    assert!(text.starts_with("customer_id_hash,gender,age\r\n"), "{}", &text[..60]);
    assert_eq!(whole.header("etag").trim_matches('"'), info["files"][0]["sha256"].as_str().unwrap());
    let tail = service.request("GET", &format!("{url}/file"), None, &[("range", "bytes=100-")]);
    assert_eq!((tail.status, tail.bytes.as_slice()), (206, &whole.bytes[100..]));
    assert_eq!(service.send("DELETE", &url, None).0, 204);
    assert_eq!(service.get(&format!("{url}/file")).0, 410);
    let (status, wrong) = service.post(&format!("/v1/sessions/{id}/exports"), &json!({ "columns": ["customer_id"] }));
    assert_eq!((status, wrong["code"].as_str()), (422, Some("invalid")));
}

#[test]
fn an_export_can_be_asked_for_in_words() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let id = service.session();
    let count = service.say(&id, "부산 사는 남성")["count"].clone();
    let answer = service.say(&id, "엑셀로 뽑아줘");
    let url = answer["action"]["url"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let info = done(&service, url);
    assert_eq!((&info["state"], &info["rows"]), (&json!("done"), &count), "{info}");
    assert!(info["files"][0]["name"].as_str().unwrap().contains(".xlsx"));
}

#[test]
fn an_analyst_checks_and_runs_sql() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let (status, verdict) =
        service.post("/v1/sql/check", &json!({ "sql": "SELECT gender, count(*) FROM customers GROUP BY gender" }));
    assert_eq!((status, &verdict["ok"], &verdict["tables"]), (200, &json!(true), &json!(["customers"])));
    let flavours: Vec<&str> =
        verdict["dialects"].as_array().unwrap().iter().filter_map(|d| d["name"].as_str()).collect();
    assert_eq!((flavours[0], flavours.len()), ("DataFusion", 6), "{verdict}");
    assert_eq!(verdict["dialects"][0]["sql"], verdict["sql"]);
    let (_, wrong) = service.post("/v1/sql/check", &json!({ "sql": "SELECT gendre FROM customers" }));
    assert_eq!((&wrong["ok"], &wrong["refusals"][0]["line"]), (&json!(false), &json!(1)), "{wrong}");
    let run = json!({ "sql": "SELECT gender, count(*) AS n FROM customers GROUP BY gender ORDER BY gender" });
    let (status, rows) = service.post("/v1/sql/run", &run);
    assert_eq!((status, rows["rows"].as_array().map(Vec::len)), (200, Some(2)), "{rows}");
    let csv = service.request("POST", "/v1/sql/run", Some(&run.to_string()), &[("accept", "text/csv")]);
    assert!(String::from_utf8(csv.bytes).unwrap().starts_with("gender,n"));
    let (status, refused) = service.post("/v1/sql/run", &json!({ "sql": "DELETE FROM customers" }));
    assert_eq!((status, refused["code"].as_str()), (422, Some("sql_refused")));
}

#[test]
fn two_answers_that_differ_by_few_are_not_both_given() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let count = |sql: &str| {
        let (_, result) = service.post("/v1/sql/run", &json!({ "sql": sql }));
        (result["rows"][0][0].as_u64(), result["below_minimum"].as_bool())
    };
    let (all, hidden) = count("SELECT count(*) FROM customers WHERE age >= 20");
    assert!(all.is_some() && hidden == Some(false));
    // Whatever age is held by 1 to 4 makes the difference.
    let near = (70..100).rev().find_map(|age| {
        let (n, hidden) = count(&format!("SELECT count(*) FROM customers WHERE age >= 20 AND age < {age}"));
        (hidden == Some(true)).then_some((n, age))
    });
    let (told, _) = near.expect("some age has few");
    assert_eq!(told, None);
}

#[test]
fn feedback_becomes_a_candidate_for_the_golden_set() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), OPEN);
    let id = service.session();
    let answer = service.say(&id, "서울 사는 여성");
    let feedback = json!({ "session": id, "turn": 1, "verdict": "right", "comment": "좋아요" });
    let (status, kept) = service.post("/v1/feedback", &feedback);
    assert_eq!(status, 200, "{kept}");
    assert_eq!(
        kept["candidate"]["turns"][0],
        json!({ "user": "서울 사는 여성", "read": answer["text"], "segment": answer["text"] })
    );
    let none = json!({ "session": id, "turn": 9, "verdict": "wrong" });
    assert_eq!(service.post("/v1/feedback", &none).0, 404);
    let (_, usage) = service.get("/v1/catalog/usage");
    let mno = usage.as_array().unwrap().iter().find(|c| c["category"] == "mno").unwrap();
    assert!(mno["count"].as_u64() > Some(0), "{usage}");
}
