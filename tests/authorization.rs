//! Who may what: every path for every role, other people's things, and rows that a caller must not see.

use std::path::Path;

use serde_json::{Value, json};

use crate::reference;
use crate::support::served::Served;

/// A service that asks who calls, and the keys that were made for it.
struct House {
    service: Served,
    home: tempfile::TempDir,
}

const BUSAN: &str = "region=부산광역시";

impl House {
    fn open() -> Self {
        let home = tempfile::tempdir().unwrap();
        // The keys are made first: the store is the file that the service opens.
        let service = Served::start(home.path(), &["--auth-mode", "on", "--min-group", "0"]);
        Self { service, home }
    }

    fn key(&self, name: &str, role: &str, attributes: &[&str]) -> Who<'_> {
        Who { house: self, key: make(self.home.path(), name, role, attributes) }
    }
}

fn make(home: &Path, name: &str, role: &str, attributes: &[&str]) -> String {
    let mut command = reference::waggle(home);
    command.args(["keys", "create", "--json", "--name", name, "--role", role, "--store"]).arg(home.join("store.db"));
    for attribute in attributes {
        command.args(["--attribute", attribute]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    made["key"].as_str().unwrap().to_owned()
}

/// A caller.
struct Who<'a> {
    house: &'a House,
    key: String,
}

impl Who<'_> {
    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.key);
        let body = body.map(Value::to_string);
        let reply = self.house.service.request(method, path, body.as_deref(), &[("authorization", &bearer)]);
        (reply.status, reply.json())
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, None)
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send("POST", path, Some(body))
    }

    fn session(&self) -> String {
        self.post("/v1/sessions", &json!({})).1["id"].as_str().unwrap().to_owned()
    }

    fn say(&self, session: &str, text: &str) -> Value {
        let (status, answer) = self.post(&format!("/v1/sessions/{session}/messages"), &json!({ "text": text }));
        assert_eq!(status, 200, "{answer}");
        answer
    }

    fn save(&self, name: &str, text: &str, public: bool) -> Value {
        let (status, saved) = self.post("/v1/segments", &json!({ "name": name, "text": text, "public": public }));
        assert_eq!(status, 200, "{saved}");
        saved
    }

    fn sql(&self, sql: &str) -> Value {
        let (status, result) = self.post("/v1/sql/run", &json!({ "sql": sql }));
        assert_eq!(status, 200, "{sql}: {result}");
        result["rows"].clone()
    }
}

#[test]
fn nobody_asks_without_saying_who() {
    let house = House::open();
    for (method, path) in
        [("GET", "/v1/sessions"), ("POST", "/v1/sql/run"), ("GET", "/v1/catalog"), ("GET", "/metrics")]
    {
        let reply = house.service.request(method, path, Some("{}").filter(|_| method == "POST"), &[]);
        assert_eq!((reply.status, reply.json()["code"].as_str()), (401, Some("unauthenticated")), "{path}");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    let wrong = house.service.request("GET", "/v1/sessions", None, &[("authorization", "Bearer wgl_nonsense")]);
    assert_eq!(wrong.status, 401);
    assert_eq!(house.service.get("/healthz").0, 200);
}

#[test]
fn each_role_may_what_it_may_and_no_more() {
    let house = House::open();
    let (marketer, analyst, admin) =
        (house.key("m", "marketer", &[]), house.key("a", "analyst", &[]), house.key("r", "admin", &[]));
    let sql = json!({ "sql": "SELECT count(*) AS n FROM customers" });
    // Path, body, and the roles that may: marketer, analyst, admin.
    let cases: [(&str, &str, Option<&Value>, [bool; 3]); 14] = [
        ("GET", "/v1/sessions", None, [true; 3]),
        ("GET", "/v1/segments", None, [true; 3]),
        ("GET", "/v1/exports", None, [true; 3]),
        ("GET", "/v1/catalog", None, [true; 3]),
        ("GET", "/v1/feedback", None, [true; 3]),
        ("POST", "/v1/sql/check", Some(&sql), [false, true, true]),
        ("POST", "/v1/sql/run", Some(&sql), [false, true, true]),
        ("GET", "/v1/golden", None, [false, true, true]),
        ("GET", "/v1/eval/runs", None, [false, true, true]),
        ("GET", "/v1/audit", None, [false, false, true]),
        ("POST", "/v1/audit/verify", None, [false, false, true]),
        ("GET", "/v1/keys", None, [false, false, true]),
        ("POST", "/v1/data/reload", None, [false, false, true]),
        ("GET", "/metrics", None, [false, false, true]),
    ];
    for (method, path, body, may) in cases {
        for (who, may) in [&marketer, &analyst, &admin].into_iter().zip(may) {
            let (status, said) = who.send(method, path, body);
            assert_eq!(status, if may { 200 } else { 403 }, "{method} {path}: {said}");
        }
    }
    let mine = marketer.save("나", "gender = 'F'", false);
    let path = format!("/v1/segments/{}/exports", mine["id"].as_str().unwrap());
    assert_eq!(marketer.post(&path, &json!({ "identifiers": "plain" })).0, 403);
    assert_eq!(marketer.post(&path, &json!({})).0, 202);
    let own = admin.save("관리", "gender = 'F'", false);
    let path = format!("/v1/segments/{}/exports", own["id"].as_str().unwrap());
    assert_eq!(admin.post(&path, &json!({ "identifiers": "plain" })).0, 202);
}

#[test]
fn what_is_somebody_elses_is_not_found() {
    let house = House::open();
    let (mine, other) = (house.key("m", "marketer", &[]), house.key("o", "admin", &[]));
    let session = mine.session();
    mine.say(&session, "서울 사는 여성");
    let private = mine.save("비밀", "gender = 'F'", false);
    let public = mine.save("공개", "gender = 'M'", true);
    let (private, public) = (private["id"].as_str().unwrap(), public["id"].as_str().unwrap());
    let started = mine.post(&format!("/v1/segments/{private}/exports"), &json!({})).1;
    let export = started["id"].as_str().unwrap();
    let text = json!({ "text": "이 중 20대" });
    let hidden: [(&str, String, Option<&Value>); 8] = [
        ("GET", format!("/v1/sessions/{session}"), None),
        ("POST", format!("/v1/sessions/{session}/messages"), Some(&text)),
        ("POST", format!("/v1/sessions/{session}/undo"), None),
        ("GET", format!("/v1/segments/{private}"), None),
        ("POST", format!("/v1/segments/{private}/refresh"), None),
        ("DELETE", format!("/v1/segments/{private}"), None),
        ("GET", format!("/v1/exports/{export}"), None),
        ("GET", format!("/v1/exports/{export}/file"), None),
    ];
    for (method, path, body) in &hidden {
        assert_eq!(other.send(method, path, *body).0, 404, "{method} {path}");
    }
    assert_eq!(other.get("/v1/sessions").1, json!([]));
    assert_eq!(other.get(&format!("/v1/segments/{public}")).0, 200);
    assert_eq!(other.send("DELETE", &format!("/v1/segments/{public}"), None).0, 403);
    let theirs = other.session();
    assert_eq!(other.say(&theirs, "'공개' 불러와줘")["status"], "answered");
    assert_eq!(other.say(&theirs, "'비밀' 불러와줘")["status"], "clarify");
}

#[test]
fn rows_of_others_cannot_be_reached() {
    let house = House::open();
    let (free, bound) = (house.key("all", "admin", &[]), house.key("busan", "analyst", &[BUSAN]));
    let n = |rows: &Value| rows[0][0].as_u64().unwrap();
    let here = n(&free.sql("SELECT count(*) FROM customers WHERE home_sido = '부산광역시'"));
    let everywhere = n(&free.sql("SELECT count(*) FROM customers"));
    assert!(0 < here && here < everywhere);
    // SQL, whatever it says.
    for sql in [
        "SELECT count(*) FROM customers",
        "SELECT count(*) FROM customers WHERE home_sido = '부산광역시' OR 1 = 1",
        "SELECT sum(n) FROM (SELECT home_sido, count(*) AS n FROM customers GROUP BY home_sido) AS t",
        "WITH a AS (SELECT home_sido FROM customers) SELECT count(*) FROM a",
        "SELECT count(DISTINCT customer_id) FROM customers",
    ] {
        assert_eq!(n(&bound.sql(sql)), here, "{sql}");
    }
    assert_eq!(bound.sql("SELECT count(*) FROM customers WHERE home_sido <> '부산광역시'"), json!([[0]]));
    let used = n(&bound.sql("SELECT count(DISTINCT customer_id) FROM app_usage"));
    assert!(used <= here);
    // Chat.
    let session = bound.session();
    let all = bound.say(&session, "전체 고객 지역별로");
    assert_eq!((all["count"].as_u64(), all["population"].as_u64()), (Some(here), Some(here)));
    assert_eq!(all["breakdown"]["rows"].as_array().unwrap().iter().filter(|r| r["count"] != 0).count(), 1);
    assert_eq!(bound.say(&session, "서울 사는 사람")["count"], 0);
    // A public segment of somebody who sees all, loaded, refreshed, compared, exported.
    let women = free.save("여성", "gender = 'F'", true);
    let men = free.save("남성", "gender = 'M'", true);
    let id = women["id"].as_str().unwrap();
    let (_, seen) = bound.get(&format!("/v1/segments/{id}"));
    assert!(seen.get("count").is_none() && seen.get("history").is_none(), "{seen}");
    let local = n(&bound.sql("SELECT count(*) FROM customers WHERE gender = 'F'"));
    let (_, compared) = bound.get(&format!("/v1/segments/{id}/compare?with={}", men["id"].as_str().unwrap()));
    assert_eq!(compared["this"]["count"].as_u64(), Some(local));
    let (_, reach) = bound.post(&format!("/v1/segments/{id}/reach"), &json!({}));
    assert_eq!(reach["steps"][0]["count"].as_u64(), Some(local));
    let (status, started) = bound.post(&format!("/v1/segments/{id}/exports"), &json!({ "columns": ["home_sido"] }));
    assert_eq!(status, 202, "{started}");
    let url = format!("/v1/exports/{}", started["id"].as_str().unwrap());
    let info = loop {
        let (_, info) = bound.get(&url);
        if !matches!(info["state"].as_str(), Some("queued" | "running")) {
            break info;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert_eq!(info["rows"].as_u64(), Some(local), "{info}");
    let bearer = format!("Bearer {}", bound.key);
    let file = house.service.request("GET", &format!("{url}/file"), None, &[("authorization", &bearer)]);
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(text.lines().skip(1).all(|line| line.ends_with(",부산광역시")), "{}", &text[..200]);
}

#[test]
fn a_rule_that_cannot_be_applied_shows_nothing() {
    let house = House::open();
    let lost = house.key("lost", "analyst", &["region=아틀란티스"]);
    let (status, said) = lost.post("/v1/sql/run", &json!({ "sql": "SELECT count(*) FROM customers" }));
    assert_eq!((status, said["code"].as_str()), (403, Some("no_rows")), "{said}");
    let (status, _) = lost.get("/v1/catalog");
    assert_eq!(status, 403);
}

#[test]
fn a_revoked_key_stops_at_once() {
    let house = House::open();
    let admin = house.key("r", "admin", &[]);
    let (status, made) = admin.post("/v1/keys", &json!({ "name": "짧게", "role": "marketer" }));
    assert_eq!(status, 200, "{made}");
    let short = Who { house: &house, key: made["key"].as_str().unwrap().to_owned() };
    assert_eq!(short.get("/v1/sessions").0, 200);
    assert_eq!(admin.send("DELETE", &format!("/v1/keys/{}", made["id"].as_str().unwrap()), None).0, 204);
    assert_eq!(short.get("/v1/sessions").0, 401);
}
