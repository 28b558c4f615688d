//! The chat API of `OpenAI` over a real server: a conversation kept by its session, one rebuilt from what was said,
//! streaming, failures, and that nothing is saved twice.

use std::path::Path;

use serde_json::{Value, json};

use crate::reference;
use crate::support::served::Served;

const FIRST: &str = "강남 거주 아이폰 사용자 연령별 통계 뽑아줘";
const SECOND: &str = "이 중 넷플릭스 보는 사람";
const PATH: &str = "/v1/chat/completions";

/// Over enough lines that each turn finds somebody, and with every group shown.
fn started(home: &Path) -> Served {
    Served::over(home, reference::many(), &["--min-group", "0"])
}

fn complete(service: &Served, body: &Value) -> Value {
    let (status, completion) = service.post(PATH, body);
    assert_eq!(status, 200, "{completion}");
    completion
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": text })
}

/// What came as events, `[DONE]` apart.
fn pieces(stream: &Value) -> Vec<Value> {
    let text = stream.as_str().expect("a stream is no JSON");
    let data: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let (last, pieces) = data.split_last().unwrap();
    assert_eq!(*last, "[DONE]");
    pieces.iter().map(|piece| serde_json::from_str(piece).unwrap()).collect()
}

fn content(pieces: &[Value]) -> String {
    pieces.iter().filter_map(|p| p["choices"][0]["delta"]["content"].as_str()).collect()
}

#[test]
fn a_conversation_is_kept_by_its_session_or_rebuilt_from_what_was_said() {
    let home = tempfile::tempdir().unwrap();
    let service = started(home.path());
    let first = complete(
        &service,
        &json!({ "model": "automatic", "temperature": 0, "messages": [
        { "role": "system", "content": "you are a helpful assistant" }, user(FIRST)] }),
    );
    assert_eq!((first["object"].as_str(), first["model"].as_str()), (Some("chat.completion"), Some("automatic")));
    assert_eq!(first["choices"][0]["finish_reason"], "stop");
    let told = first["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(told.contains("| 20대 |") && told.contains("강남구"), "{told}");
    assert!(first["waggle"]["breakdown"]["rows"].is_array() && first["usage"]["total_tokens"] == 0);
    let session = first["metadata"]["session"].as_str().unwrap().to_owned();

    // By what was said, in the session that stands there already.
    let messages = json!([user(FIRST), { "role": "assistant", "content": told }, user(SECOND)]);
    let rebuilt = complete(&service, &json!({ "model": "builtin", "messages": messages }));
    assert_eq!((&rebuilt["metadata"]["session"], &rebuilt["waggle"]["turn"]), (&json!(session), &json!(2)));
    let text = rebuilt["waggle"]["text"].as_str().unwrap();
    assert!(text.contains("강남구") && text.contains("Netflix"), "{text}");

    // The same once more: the session has gone on, so what was said is read again in another one.
    let again = complete(&service, &json!({ "model": "builtin", "messages": messages }));
    assert_ne!(again["metadata"]["session"], rebuilt["metadata"]["session"]);
    for field in ["turn", "text", "count", "count_below", "share_of_previous", "reply"] {
        assert_eq!(again["waggle"][field], rebuilt["waggle"][field], "{field}");
    }

    // By the session: only the last message is read.
    for name in ["session", "session_id"] {
        let kept = complete(
            &service,
            &json!({ "messages": [user("여성 고객"), user("이 중 여성만")],
            "metadata": { name: session } }),
        );
        assert_eq!(kept["metadata"]["session"], json!(session));
        assert!(kept["waggle"]["text"].as_str().unwrap().contains("강남구"));
    }
    assert_eq!(service.get(&format!("/v1/sessions/{session}")).1["turns"], 4);
}

#[test]
fn an_answer_comes_in_pieces() {
    let home = tempfile::tempdir().unwrap();
    let service = started(home.path());
    let asked = |body: Value| pieces(&complete(&service, &body));
    let streamed = asked(json!({ "model": "automatic", "stream": true, "messages": [user(FIRST)],
        "stream_options": { "include_usage": true } }));
    assert!(streamed.iter().all(|p| p["object"] == "chat.completion.chunk" && p["id"] == streamed[0]["id"]));
    assert_eq!(streamed[0]["choices"][0]["delta"]["role"], "assistant");
    let [.., last, usage] = streamed.as_slice() else { panic!("{streamed:?}") };
    assert_eq!((&last["choices"][0]["finish_reason"], &last["waggle"]["turn"]), (&json!("stop"), &json!(1)));
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(0)));
    assert!(streamed[1]["choices"][0]["delta"]["content"].as_str().unwrap().starts_with("> "), "{streamed:?}");
    let whole = complete(&service, &json!({ "messages": [user(FIRST)] }));
    assert_eq!(json!(content(&streamed)), whole["choices"][0]["message"]["content"]);

    let asked_back = asked(json!({ "stream": true, "messages": [user("중구 사는 사람")] }));
    assert!(content(&asked_back).contains("\n1. "), "{}", content(&asked_back));
    assert!(asked_back.iter().all(|p| p.get("usage").is_none()));
}

#[test]
fn failures_are_told_as_that_api_tells_them() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let large = json!({ "messages": [user(&"가".repeat(200_000))] });
    let cases = [
        (json!({ "model": "gpt-9", "messages": [user("x")] }), 404, "model_not_found", json!("model")),
        (json!({ "messages": [user("x")], "metadata": { "session": "none" } }), 404, "no_session", json!("metadata")),
        (json!({ "messages": [] }), 400, "invalid_messages", json!("messages")),
        (
            json!({ "messages": [user("x"), { "role": "assistant", "content": "y" }] }),
            400,
            "invalid_messages",
            json!("messages"),
        ),
        (json!({ "model": "automatic" }), 422, "bad_body", json!(null)),
        (large, 413, "too_large", json!(null)),
    ];
    for (body, status, code, param) in cases {
        let (given, failure) = service.post(PATH, &body);
        let error = &failure["error"];
        assert_eq!((given, &error["code"], &error["param"]), (status, &json!(code), &param), "{failure}");
        assert!(error["message"].is_string() && error["type"] == "invalid_request_error", "{failure}");
    }
    let (status, failure) = service.get(PATH);
    assert_eq!((status, &failure["error"]["code"]), (405, &json!("method_not_allowed")));
}

#[test]
fn a_replay_saves_nothing_again() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let versions = || {
        let (_, listed) = service.get("/v1/segments");
        listed.as_array().unwrap().iter().map(|s| s["version"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let save = "이대로 서울여성 이라는 이름으로 저장해줘";
    let mut said: Vec<Value> = Vec::new();
    for text in ["서울 사는 여성", save, "CSV로 내보내줘", "이 중 20대만"] {
        said.push(user(text));
        let told = complete(&service, &json!({ "messages": said }));
        said.push(json!({ "role": "assistant", "content": told["choices"][0]["message"]["content"] }));
    }
    let exports = || service.get("/v1/exports").1.as_array().map(Vec::len);
    assert_eq!((versions(), exports()), (vec![1], Some(1)));
    // The last one asked for anew, and another in its place: both are rebuilt.
    for text in ["이 중 20대만", "이 중 아이폰 쓰는 사람"] {
        let messages: Vec<Value> = said[..6].iter().cloned().chain([user(text)]).collect();
        let told = complete(&service, &json!({ "messages": messages }));
        assert_eq!((told["waggle"]["turn"].as_u64(), told["waggle"]["status"].as_str()), (Some(4), Some("answered")));
        assert!(told["waggle"]["text"].as_str().unwrap().contains("서울"), "{told}");
        let id = told["metadata"]["session"].as_str().unwrap();
        let (_, kept) = service.get(&format!("/v1/sessions/{id}"));
        let replayed = |turn: usize| &kept["history"][turn]["answer"];
        assert!(replayed(1).get("action").is_none() && replayed(2).get("action").is_none(), "{kept}");
    }
    assert_eq!((versions(), exports()), (vec![1], Some(1)));
}
