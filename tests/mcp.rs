//! The door for assistants, as its protocol has it: over HTTP at `/mcp`, and on standard input and output.

use std::process::Command;

use serde_json::{Value, json};

use crate::reference;
use crate::support::mcp::{self, hello, post, request};
use crate::support::served::Served;

const TOOLS: [&str; 6] = ["ask", "break_down", "preview_sql", "refine", "save_segment", "search_catalog"];

fn call(service: &Served, tool: &str, arguments: &Value) -> Value {
    mcp::call(service, tool, arguments, &[])
}

fn given(service: &Served, tool: &str, arguments: &Value) -> Value {
    mcp::given(service, tool, arguments, &[])
}

fn has(value: &Value, part: &str) -> bool {
    value.as_str().is_some_and(|text| text.contains(part))
}

#[test]
fn tools_hold_a_conversation_over_http() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::over(home.path(), reference::many(), &["--min-group", "0"]);
    let (_, greeted) = post(&service, &hello(), &[]);
    assert_eq!(greeted["result"]["serverInfo"]["name"], "waggle", "{greeted}");
    assert!(has(&greeted["result"]["instructions"], "ask"));
    let (_, listed) = post(&service, &request(2, "tools/list", &json!({})), &[]);
    let tools = listed["result"]["tools"].as_array().unwrap();
    let mut names: Vec<&str> = tools.iter().map(|t| t["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, TOOLS);
    for tool in tools {
        assert!(tool["description"].as_str().unwrap().len() > 80, "{tool}");
        assert_eq!((&tool["inputSchema"]["type"], &tool["outputSchema"]["type"]), (&json!("object"), &json!("object")));
    }

    let found = given(&service, "search_catalog", &json!({ "query": "넷플릭스" }));
    let condition = found["hits"][0]["condition"].as_str().unwrap();
    let first = given(&service, "ask", &json!({ "text": "강남 거주 아이폰 사용자 연령별 통계 뽑아줘" }));
    assert!(first["breakdown"]["rows"].is_array(), "{first}");
    let session = first["session"].as_str().unwrap();
    let second = given(&service, "ask", &json!({ "session": session, "text": "이 중 넷플릭스 보는 사람" }));
    assert_eq!((&second["turn"], &second["session"]), (&json!(2), &json!(session)));
    assert!(has(&second["text"], condition), "{condition}: {second}");

    let narrowed = given(
        &service,
        "refine",
        &json!({ "session": session, "edit": { "op": "remove",
        "condition": condition } }),
    );
    assert_eq!(narrowed["text"], first["text"]);
    let worded = given(&service, "refine", &json!({ "session": session, "text": "이 중 여성만" }));
    assert!(has(&worded["text"], "gender"));
    let grouped = given(&service, "break_down", &json!({ "session": session, "by": ["age_band"] }));
    assert_eq!((&grouped["text"], &grouped["breakdown"]["by"]), (&worded["text"], &json!(["age_band"])));
    let shown = given(&service, "preview_sql", &json!({ "session": session, "dialect": "bigquery" }));
    assert!(shown["dialect"] == "BigQuery" && has(&shown["sql"], "pi_consent"), "{shown}");
    let typed = given(&service, "preview_sql", &json!({ "segment": condition, "by": ["gender"] }));
    assert!(has(&typed["sql"], "GROUP BY"), "{typed}");
    let saved = given(&service, "save_segment", &json!({ "session": session, "name": "강남 여성" }));
    assert_eq!((&saved["version"], &saved["text"]), (&json!(1), &worded["text"]));
    assert_eq!(service.get("/v1/segments").1[0]["name"], "강남 여성");
}

#[test]
fn tools_say_what_is_wrong() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let session = service.session();
    let cases = [
        ("ask", json!({ "text": "여성", "session": "none" }), "no session"),
        ("refine", json!({ "session": session }), "either"),
        ("refine", json!({ "session": session, "edit": { "op": "narrow", "condition": "nothing = 1" } }), "nothing"),
        ("break_down", json!({ "session": session, "by": ["nothing"] }), "nothing"),
        ("preview_sql", json!({}), "either"),
        ("save_segment", json!({ "name": " ", "segment": "gender = 'F'" }), "name"),
    ];
    for (tool, arguments, part) in cases {
        let result = call(&service, tool, &arguments);
        assert_eq!(result["isError"], json!(true), "{tool}: {result}");
        assert!(has(&result["content"][0]["text"], part), "{tool}: {result}");
    }
}

#[test]
fn a_page_from_elsewhere_cannot_ask() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    assert_eq!(post(&service, &hello(), &[("host", "evil.example")]).0, 403);
    assert_eq!(post(&service, &hello(), &[("origin", "https://evil.example")]).0, 403);
    assert_eq!(post(&service, &hello(), &[("origin", "http://localhost:3000")]).0, 200);
}

#[test]
fn nobody_unknown_uses_the_tools_of_a_service_that_asks_who_it_is() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &["--auth-mode", "on"]);
    assert_eq!(post(&service, &hello(), &[]).0, 401);
    assert_eq!(post(&service, &hello(), &[("authorization", "Bearer wgl_nobody")]).0, 401);
    let (status, failure) = service.post("/v1/chat/completions", &json!({ "messages": [] }));
    assert_eq!((status, &failure["error"]["type"]), (401, &json!("authentication_error")));
}

#[test]
fn tools_answer_on_standard_output_and_say_nothing_else_there() {
    let home = tempfile::tempdir().unwrap();
    let mut command: Command = reference::waggle(home.path());
    command.args(["mcp", "--data"]).arg(reference::few());
    let ask = json!({ "name": "ask", "arguments": { "text": "강남 거주 아이폰 사용자 연령별 통계 뽑아줘" } });
    let lines = [
        hello(),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        request(2, "tools/list", &json!({})),
        request(3, "tools/call", &ask),
    ];
    let input = lines.map(|line| line.to_string()).join("\n") + "\n";
    let output = reference::with_input(command, input.as_bytes());
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |id: u64| answers.iter().find(|a| a["id"] == id).unwrap_or_else(|| panic!("{id}: {shown}"));
    assert_eq!(of(2)["result"]["tools"].as_array().unwrap().len(), TOOLS.len());
    assert_eq!(of(3)["result"]["structuredContent"]["status"], "answered");
}
