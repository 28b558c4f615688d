//! The door for assistants as a client uses it: requests of the protocol posted to `/mcp`.

use serde_json::{Value, json};

use super::served::Served;

/// A request of the protocol.
pub(crate) fn request(id: u64, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

/// The first request of a client.
pub(crate) fn hello() -> Value {
    let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" } });
    request(1, "initialize", &params)
}

/// Posts a request to `/mcp` with further headers; the status, and the answer where there is one.
pub(crate) fn post(service: &Served, body: &Value, headers: &[(&str, &str)]) -> (u16, Value) {
    let usual = [("accept", "application/json, text/event-stream"), ("mcp-protocol-version", "2025-06-18")];
    let headers: Vec<(&str, &str)> = usual.iter().chain(headers).copied().collect();
    let reply = service.request("POST", "/mcp", Some(&body.to_string()), &headers);
    let text = String::from_utf8(reply.bytes).unwrap();
    // An answer may come as an event.
    let data = text.lines().filter_map(|line| line.strip_prefix("data:")).next_back().unwrap_or(&text);
    (reply.status, serde_json::from_str(data).unwrap_or(Value::String(text)))
}

/// Calls a tool, whatever comes of it.
pub(crate) fn call(service: &Served, tool: &str, arguments: &Value, headers: &[(&str, &str)]) -> Value {
    let body = request(2, "tools/call", &json!({ "name": tool, "arguments": arguments }));
    let (status, answer) = post(service, &body, headers);
    assert_eq!(status, 200, "{answer}");
    answer["result"].clone()
}

/// What a tool gave, where it did not fail.
pub(crate) fn given(service: &Served, tool: &str, arguments: &Value, headers: &[(&str, &str)]) -> Value {
    let result = call(service, tool, arguments, headers);
    assert_ne!(result["isError"], json!(true), "{tool}: {result}");
    assert!(result["content"][0]["text"].as_str().is_some_and(|text| !text.is_empty()), "{tool}: {result}");
    result["structuredContent"].clone()
}
