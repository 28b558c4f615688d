//! Every operation for every role and for nobody. The operations are those of the server's own document: one that is
//! not in the table fails the test.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{House, Who};
use crate::support::mcp;

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Whoever reaches the port.
    Anybody,
    /// Every role.
    Marketer,
    /// Analysts and administrators.
    Analyst,
    /// Administrators.
    Admin,
}

use May::{Admin, Analyst, Anybody, Marketer};

/// An operation: method, path, what is sent (a query where it begins with `?`), who may, and the status for those.
type Line = (&'static str, &'static str, &'static str, May, u16);

const SQL: &str = r#"{"sql": "SELECT count(*) AS n FROM customers"}"#;

/// In an order in which each caller can go through them: what deletes comes last. `{id}` and `$...` stand for things of
/// the caller's own.
const TABLE: &[Line] = &[
    ("GET", "/healthz", "", Anybody, 200),
    ("GET", "/readyz", "", Anybody, 200),
    ("GET", "/openapi.json", "", Anybody, 200),
    ("GET", "/", "", Anybody, 200),
    ("GET", "/ui/app.js", "", Anybody, 200),
    ("GET", "/metrics", "", Admin, 200),
    ("POST", "/mcp", "", Marketer, 200),
    ("GET", "/v1/me", "", Marketer, 200),
    ("GET", "/v1/catalog", "", Marketer, 200),
    ("GET", "/v1/catalog/usage", "", Marketer, 200),
    ("GET", "/v1/notices", "", Marketer, 200),
    ("GET", "/v1/models", "", Marketer, 200),
    ("GET", "/v1/leaderboard", "", Marketer, 200),
    ("GET", "/v1/leaderboard.html", "", Marketer, 200),
    ("GET", "/v1/router/explain", "?text=women", Analyst, 200),
    ("GET", "/v1/golden", "", Analyst, 200),
    ("GET", "/v1/eval/metrics", "", Analyst, 200),
    ("GET", "/v1/eval/runs", "", Analyst, 200),
    ("POST", "/v1/eval/runs", r#"{"set": "none such"}"#, Analyst, 404),
    ("GET", "/v1/eval/runs/{id}", "", Analyst, 404),
    ("GET", "/v1/eval/runs/{a}/compare/{b}", "", Analyst, 404),
    ("DELETE", "/v1/eval/runs/{id}", "", Analyst, 404),
    ("POST", "/v1/feedback/{id}/approve", "{}", Analyst, 404),
    ("POST", "/v1/feedback/{id}/reject", "{}", Analyst, 404),
    ("POST", "/v1/chat/completions", r#"{"messages": [{"role": "user", "content": "여성 고객"}]}"#, Marketer, 200),
    ("POST", "/v1/sessions", "{}", Marketer, 200),
    ("GET", "/v1/sessions", "", Marketer, 200),
    ("GET", "/v1/sessions/{id}", "", Marketer, 200),
    ("POST", "/v1/sessions/{id}/messages", r#"{"text": "이 중 20대"}"#, Marketer, 200),
    ("POST", "/v1/sessions/{id}/undo", "{}", Marketer, 200),
    ("POST", "/v1/sessions/{id}/goto", r#"{"turn": 1}"#, Marketer, 200),
    ("POST", "/v1/sessions/{id}/exports", "{}", Marketer, 202),
    ("POST", "/v1/sessions/{id}/reach", "{}", Marketer, 200),
    ("POST", "/v1/feedback", r#"{"session": "$session", "turn": 1, "verdict": "right"}"#, Marketer, 200),
    ("GET", "/v1/feedback", "", Marketer, 200),
    ("POST", "/v1/segments", r#"{"name": "또", "text": "gender = 'M'"}"#, Marketer, 200),
    ("GET", "/v1/segments", "", Marketer, 200),
    ("GET", "/v1/segments/{id}", "", Marketer, 200),
    ("PATCH", "/v1/segments/{id}", r#"{"description": "시험"}"#, Marketer, 200),
    ("POST", "/v1/segments/{id}/refresh", "{}", Marketer, 200),
    ("POST", "/v1/segments/{id}/load", r#"{"session": "$session"}"#, Marketer, 200),
    ("GET", "/v1/segments/{id}/compare", "?with=$segment", Marketer, 200),
    ("POST", "/v1/segments/{id}/exports", "{}", Marketer, 202),
    ("POST", "/v1/segments/{id}/reach", "{}", Marketer, 200),
    ("GET", "/v1/exports", "", Marketer, 200),
    ("GET", "/v1/exports/{id}", "", Marketer, 200),
    ("GET", "/v1/exports/{id}/file", "", Marketer, 200),
    ("POST", "/v1/sql/check", SQL, Analyst, 200),
    ("POST", "/v1/sql/run", SQL, Analyst, 200),
    ("GET", "/v1/keys", "", Admin, 200),
    ("POST", "/v1/keys", r#"{"name": "새 키", "role": "marketer"}"#, Admin, 200),
    ("DELETE", "/v1/keys/{id}", "", Admin, 204),
    ("GET", "/v1/audit", "", Admin, 200),
    ("POST", "/v1/audit/verify", "", Admin, 200),
    ("GET", "/v1/service", "", Admin, 200),
    ("GET", "/v1/budgets", "", Admin, 200),
    ("POST", "/v1/data/reload", "", Admin, 200),
    ("DELETE", "/v1/segments/{id}", "", Marketer, 204),
    ("POST", "/v1/segments/{id}/restore", "", Marketer, 200),
    ("DELETE", "/v1/exports/{id}", "", Marketer, 204),
    ("DELETE", "/v1/sessions/{id}", "", Marketer, 204),
];

/// Operations that are served and are not in the document, since it describes another protocol, or a page.
const BESIDE: [(&str, &str); 3] = [("POST", "/mcp"), ("GET", "/"), ("GET", "/ui/app.js")];

/// What a caller has, by the names of the table.
struct Things {
    session: String,
    segment: String,
    export: String,
    /// A key that nobody uses.
    key: String,
}

impl Things {
    fn of(who: &Who<'_>, admin: &Who<'_>) -> Self {
        let id = |made: &Value| made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let session = who.session();
        who.say(&session, "서울 사는 여성");
        let segment = id(&who.save("나", "gender = 'F'", false));
        let export = id(&who.post(&format!("/v1/segments/{segment}/exports"), &json!({})).1);
        assert_eq!(who.done(&format!("/v1/exports/{export}"))["state"], "done");
        let key = id(&admin.post("/v1/keys", &json!({ "name": "여분", "role": "marketer" })).1);
        Self { session, segment, export, key }
    }

    /// The path and the body of a line.
    fn fill(&self, (_, path, sent, ..): &Line) -> (String, Option<String>) {
        let id = match path.split('/').nth(2) {
            Some("sessions") => &self.session,
            Some("segments") => &self.segment,
            Some("exports") => &self.export,
            _ => &self.key,
        };
        let sent = sent.replace("$session", &self.session).replace("$segment", &self.segment);
        let path = path.replace("{id}", id);
        match sent.as_str() {
            "" => (path, None),
            query if query.starts_with('?') => (format!("{path}{query}"), None),
            _ => (path, Some(sent)),
        }
    }
}

/// Sends a line about `things`; the status, and what was said.
fn sent(house: &House, line: &Line, things: &Things, key: Option<&str>) -> (u16, String) {
    let bearer = key.map(|key| format!("Bearer {key}"));
    let headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    if line.1 == "/mcp" {
        let (status, said) = mcp::post(&house.service, &mcp::hello(), &headers);
        return (status, said.to_string());
    }
    let (path, body) = things.fill(line);
    let reply = house.service.request(line.0, &path, body.as_deref(), &headers);
    (reply.status, String::from_utf8_lossy(&reply.bytes).into_owned())
}

#[test]
fn every_operation_is_in_the_table() {
    let house = House::open();
    let (status, document) = house.service.get("/openapi.json");
    assert_eq!(status, 200);
    let paths = document["paths"].as_object().unwrap();
    let served = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    let beside = BESIDE.iter().map(|&(method, path)| (method.to_owned(), path.to_owned()));
    let served: BTreeSet<(String, String)> = served.chain(beside).collect();
    let table: BTreeSet<(String, String)> = TABLE.iter().map(|line| (line.0.to_owned(), line.1.to_owned())).collect();
    assert_eq!(table.len(), TABLE.len(), "an operation is in the table twice");
    assert_eq!(served.difference(&table).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not in the table");
    assert_eq!(table.difference(&served).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not served");
}

#[test]
fn each_role_may_what_it_may_and_no_more() {
    let house = House::open();
    let admin = house.key("r", "admin", &[]);
    let marketer = house.key("m", "marketer", &[]);
    let analyst = house.key("a", "analyst", &[]);
    let callers = [(&marketer, 1), (&analyst, 2), (&admin, 3)];
    let least = |may: May| match may {
        Anybody => 0,
        Marketer => 1,
        Analyst => 2,
        Admin => 3,
    };
    for (who, rank) in callers {
        let things = Things::of(who, &admin);
        // Nobody, before anything is deleted.
        for line in TABLE {
            let (status, said) = sent(&house, line, &things, None);
            let right = if line.3 == Anybody { line.4 } else { 401 };
            assert_eq!(status, right, "nobody: {line:?}: {said}");
        }
        for line in TABLE {
            let (status, said) = sent(&house, line, &things, Some(&who.key));
            let right = if rank >= least(line.3) { line.4 } else { 403 };
            assert_eq!(status, right, "{rank}: {line:?}: {said}");
        }
    }
    for method in ["GET", "DELETE"] {
        assert_eq!(house.service.request(method, "/mcp", None, &[]).status, 401, "{method} /mcp");
    }
}

#[test]
fn no_operation_finds_what_is_somebody_elses() {
    let house = House::open();
    let admin = house.key("r", "admin", &[]);
    let (mine, other) = (house.key("m", "marketer", &[]), house.key("a", "analyst", &[]));
    let things = Things::of(&mine, &admin);
    for line in TABLE.iter().filter(|line| line.1.contains("{id}") && !line.1.starts_with("/v1/keys")) {
        let (status, said) = sent(&house, line, &things, Some(&other.key));
        assert_eq!(status, 404, "{line:?}: {said}");
    }
    // The same by ids in bodies and queries.
    let session = &things.session;
    let own = other.save("내 것", "gender = 'M'", false);
    let own = own["id"].as_str().unwrap();
    let load = format!("/v1/segments/{own}/load");
    let bodies = [
        ("/v1/feedback", json!({ "session": session, "turn": 1, "verdict": "right" })),
        ("/v1/segments", json!({ "name": "남의 것", "session": session })),
        (load.as_str(), json!({ "session": session })),
        (
            "/v1/chat/completions",
            json!({ "messages": [{ "role": "user", "content": "여성" }], "metadata": { "session": session } }),
        ),
    ];
    for (path, body) in bodies {
        let (status, said) = other.post(path, &body);
        assert_eq!(status, 404, "{path}: {said}");
    }
    assert_eq!(other.get(&format!("/v1/segments/{own}/compare?with={}", things.segment)).0, 404);
    // Nothing of it was changed.
    assert_eq!(mine.get(&format!("/v1/sessions/{session}")).1["turns"], 1);
    assert_eq!(mine.get(&format!("/v1/exports/{}/file", things.export)).0, 200);
}
