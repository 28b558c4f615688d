//! An OpenAI-compatible server of the tests: it says what a test tells it to, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use waggle::translate::model::{Abilities, Billing, ModelSpec, Place};

/// A model of the house called `name` behind `base_url`, which asks for no key.
pub(crate) fn spec(name: &str, base_url: &str) -> ModelSpec {
    ModelSpec {
        name: name.to_owned(),
        base_url: base_url.to_owned(),
        model: "scripted".to_owned(),
        key: None,
        place: Place::OnPrem,
        billing: Billing { input: 1.0, cached_input: 1.0, output: 10.0 },
        context_tokens: 8_192,
        timeout: Duration::from_secs(20),
        concurrency: 2,
        can: Abilities::default(),
        size_b: None,
        kind: None,
        agent: false,
        brief: false,
        prompts: None,
    }
}

/// What the server says next.
#[derive(Debug, Clone)]
pub(crate) struct Say {
    status: u16,
    body: String,
    delay: Duration,
}

impl Say {
    /// A message of text.
    pub(crate) fn text(text: &str) -> Self {
        Self::message(&json!({ "role": "assistant", "content": text }))
    }

    /// A message of JSON.
    pub(crate) fn json(draft: &Value) -> Self {
        Self::text(&draft.to_string())
    }

    /// A call of a tool.
    pub(crate) fn call(name: &str, arguments: &Value) -> Self {
        let function = json!({ "name": name, "arguments": arguments.to_string() });
        let calls = json!([{ "id": "call_1", "type": "function", "function": function }]);
        Self::message(&json!({ "role": "assistant", "content": null, "tool_calls": calls }))
    }

    fn message(message: &Value) -> Self {
        let details = json!({ "cached_tokens": 40 });
        let usage = json!({ "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
            "prompt_tokens_details": details });
        let choice = json!({ "index": 0, "message": message, "finish_reason": "stop" });
        let body = json!({ "id": "x", "object": "chat.completion", "created": 0, "model": "scripted",
            "choices": [choice], "usage": usage });
        Self { status: 200, body: body.to_string(), delay: Duration::ZERO }
    }

    /// A failure.
    pub(crate) fn fail(status: u16, message: &str) -> Self {
        let body = json!({ "error": { "message": message, "type": "error" } }).to_string();
        Self { status, body, delay: Duration::ZERO }
    }

    /// The same, after a while.
    pub(crate) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// A request that the server had.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The text of all messages.
    pub(crate) fn said(&self) -> String {
        let messages = self.body["messages"].as_array().cloned().unwrap_or_default();
        messages.iter().filter_map(|m| m["content"].as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// How the server finds what to say.
type Answer = dyn Fn(&Heard) -> Say + Send + Sync;

struct Script {
    queue: Mutex<VecDeque<Say>>,
    answer: Option<Box<Answer>>,
    heard: Mutex<Vec<Heard>>,
}

impl Script {
    fn say(&self, heard: &Heard) -> Say {
        let queued = self.queue.lock().unwrap().pop_front();
        let answered = || self.answer.as_ref().map(|answer| answer(heard));
        queued.or_else(answered).unwrap_or_else(|| Say::fail(500, "nothing is left to say"))
    }
}

/// A server that ends with the test.
pub(crate) struct Llm {
    base: String,
    script: Arc<Script>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Llm {
    /// Says these, one a request.
    pub(crate) fn queued(replies: impl IntoIterator<Item = Say>) -> Self {
        Self::start(replies.into_iter().collect(), None)
    }

    /// Says what `answer` makes of a request.
    pub(crate) fn answering(answer: impl Fn(&Heard) -> Say + Send + Sync + 'static) -> Self {
        Self::start(VecDeque::new(), Some(Box::new(answer)))
    }

    fn start(queue: VecDeque<Say>, answer: Option<Box<Answer>>) -> Self {
        let script = Arc::new(Script { queue: Mutex::new(queue), answer, heard: Mutex::new(Vec::new()) });
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (told, address) = std::sync::mpsc::channel();
        let router = Router::new().fallback(answered).with_state(Arc::clone(&script));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                let serving = std::future::IntoFuture::into_future(axum::serve(listener, router));
                tokio::select! {
                    _ = serving => {}
                    _ = stopped => {}
                }
            });
        });
        let base = format!("http://{}/v1", address.recv().unwrap());
        Self { base, script, stop: Some(stop), thread: Some(thread) }
    }

    /// Its base URL.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The chat requests that it had.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.script.heard.lock().unwrap().clone()
    }
}

impl Drop for Llm {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn answered(State(script): State<Arc<Script>>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    if uri.path().ends_with("/models") {
        let models = json!({ "object": "list", "data": [{ "id": "scripted", "object": "model" }] });
        return ([(header::CONTENT_TYPE, "application/json")], models.to_string()).into_response();
    }
    let headers = headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned())).collect();
    let body = serde_json::from_str(&body).unwrap_or(Value::Null);
    let heard = Heard { path: uri.path().to_owned(), headers, body };
    let say = script.say(&heard);
    script.heard.lock().unwrap().push(heard);
    tokio::time::sleep(say.delay).await;
    let status = StatusCode::from_u16(say.status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], say.body).into_response()
}
