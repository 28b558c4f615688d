//! What the chat API of `OpenAI` answers with, and how it says that something failed.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::contract::Answer;
use crate::answer::markdown::markdown;
use crate::catalog::{Catalog, Locale};
use crate::http::error::ApiError;
use crate::store::now;

/// What is the same in all that is told of one answer.
pub(super) struct Told<'a> {
    model: &'a str,
    session: &'a str,
    pub(super) catalog: &'a Catalog,
    created: i64,
}

impl<'a> Told<'a> {
    /// Of an answer that is being made now.
    pub(super) fn new(model: &'a str, session: &'a str, catalog: &'a Catalog) -> Self {
        Self { model, session, catalog, created: now() / 1000 }
    }

    /// The whole answer.
    pub(super) fn completion(&self, answer: &Answer) -> Value {
        json!({
            "id": format!("chatcmpl-{}-{}", answer.session, answer.turn),
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": { "role": "assistant", "content": markdown(answer, self.catalog), "refusal": null },
                "logprobs": null,
                "finish_reason": "stop",
            }],
            "usage": usage(answer),
            "system_fingerprint": answer.translator,
            "metadata": { "session": self.session, "translator": answer.translator },
            "waggle": answer,
        })
    }
}

/// What is the same in all pieces of one answer.
#[derive(Debug)]
pub(super) struct Pieces {
    id: String,
    model: String,
    session: String,
    created: i64,
    usage: bool,
}

impl Pieces {
    /// Of an answer that begins now; with `usage` the last piece says what it cost.
    pub(super) fn new(model: &str, session: &str, usage: bool) -> Self {
        Self {
            id: format!("chatcmpl-{session}-{}", now()),
            model: model.to_owned(),
            session: session.to_owned(),
            created: now() / 1000,
            usage,
        }
    }

    fn piece(&self, choices: &Value) -> Value {
        let mut piece = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "choices": choices, "metadata": { "session": self.session },
        });
        if self.usage {
            piece["usage"] = Value::Null;
        }
        piece
    }

    /// The first one: who speaks.
    pub(super) fn role(&self) -> Value {
        self.delta(&json!({ "role": "assistant", "content": "" }))
    }

    /// A piece of the text.
    pub(super) fn text(&self, text: &str) -> Value {
        self.delta(&json!({ "content": text }))
    }

    fn delta(&self, delta: &Value) -> Value {
        self.piece(&json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": null }]))
    }

    /// The last ones.
    pub(super) fn end(&self, answer: &Answer) -> Vec<Value> {
        let mut last = self.piece(&json!([{ "index": 0, "delta": {}, "logprobs": null, "finish_reason": "stop" }]));
        last["waggle"] = json!(answer);
        last["system_fingerprint"] = json!(answer.translator);
        last["metadata"]["translator"] = json!(answer.translator);
        let mut pieces = vec![last];
        if self.usage {
            let mut cost = self.piece(&json!([]));
            cost["usage"] = usage(answer);
            pieces.push(cost);
        }
        pieces
    }
}

fn usage(answer: &Answer) -> Value {
    let (prompt, completion) = (answer.usage.prompt_tokens, answer.usage.completion_tokens);
    json!({ "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion })
}

/// The body of a failure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OpenAiError)]
pub(crate) struct OpenAiError {
    error: ErrorDetail,
}

/// What failed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OpenAiErrorDetail)]
pub(crate) struct ErrorDetail {
    /// A sentence in the reader's language.
    message: String,
    /// What kind of failure it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The field of the request that is at fault.
    param: Option<String>,
    /// The public name of the failure.
    code: &'static str,
}

impl OpenAiError {
    /// The failure in the words of that API.
    pub(super) fn of(error: &ApiError, locale: Locale) -> Self {
        let kind = match error.status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_server_error() => "server_error",
            _ => "invalid_request_error",
        };
        let [ko, en] = &*error.message;
        let message = if locale == Locale::Ko { ko } else { en }.clone();
        let param = error.details.as_ref().and_then(|d| d["param"].as_str()).map(str::to_owned);
        Self { error: ErrorDetail { message, kind, param, code: error.code } }
    }
}

/// The response that says what failed.
pub(crate) fn failure(error: &ApiError, locale: Locale) -> Response {
    error.with_body(Json(OpenAiError::of(error, locale)), locale)
}
