//! What the tools give back: a text that a model reads, and the same as JSON for a program.

use std::sync::Arc;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject};
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::contract::{Answer, Status};
use crate::answer::markdown::markdown;
use crate::catalog::{Catalog, Locale};
use crate::service::ServiceError;

/// A result of a tool, in words and as JSON.
pub(super) fn told<T: Serialize>(text: String, structured: &T) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = serde_json::to_value(structured).ok();
    result
}

/// The answer to a turn.
pub(super) fn answered(answer: &Answer, catalog: &Catalog) -> CallToolResult {
    let text = format!("{}\n\nsession: {}", markdown(answer, catalog), answer.session);
    let mut result = told(text, answer);
    result.is_error = Some(answer.status == Status::Error);
    result
}

/// What went wrong, so that the model can do something about it.
pub(super) fn failed(error: &ServiceError) -> CallToolResult {
    if let ServiceError::Failed { .. } | ServiceError::Store(_) | ServiceError::App(_) = error {
        tracing::error!(%error, "a tool failed");
    }
    CallToolResult::error(vec![ContentBlock::text(error.message(Locale::En))])
}

/// A call that makes no sense.
pub(super) fn wrong(why: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(why)])
}

/// What is promised of an answer.
pub(super) fn answer_schema() -> Arc<JsonObject> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let number = |about: &str| json!({ "type": "integer", "description": about });
    let texts = |about: &str| json!({ "type": "array", "items": { "type": "string" }, "description": about });
    let group = json!({
        "type": "object",
        "properties": {
            "key": { "type": "array", "items": { "type": ["string", "null"] }, "description": "stored values" },
            "label": texts("the same for a reader"),
            "count": number("how many"),
            "share": { "type": "number", "description": "of the segment, from 0 to 1" },
        },
        "required": ["key", "count", "share"],
    });
    object(&json!({
        "type": "object",
        "properties": {
            "session": text("id of the session: give it to go on with this conversation"),
            "turn": number("number of the turn, from 1"),
            "status": {
                "type": "string",
                "enum": ["answered", "clarify", "refused", "unknown", "about", "error"],
                "description": "clarify: ask the user `question` and pass the reply on with `refine`",
            },
            "reply": text("a sentence or two for the user"),
            "reading": texts("how the request was read, a line for each condition"),
            "assumptions": texts("readings chosen without asking"),
            "unmatched": texts("words that were not understood"),
            "question": text("what is asked back"),
            "options": texts("possible replies to it; their numbers do too"),
            "text": text("the segment after the turn, as segment text"),
            "count": number("size of the segment; left out where it is hidden for being small"),
            "count_below": number("set where the count is hidden: it is below this"),
            "population": number("everybody who may be counted"),
            "as_of": text("date of the data"),
            "breakdown": {
                "type": "object",
                "properties": {
                    "by": texts("fields or bands"),
                    "rows": { "type": "array", "items": group },
                    "suppressed": number("groups hidden for being small"),
                },
                "required": ["by", "rows", "suppressed"],
            },
            "sql": text("the statement behind the numbers"),
            "suggestions": texts("what could be asked next"),
        },
        "required": ["session", "turn", "status", "reply"],
    }))
}

/// What is promised of a preview.
pub(super) fn preview_schema() -> Arc<JsonObject> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    object(&json!({
        "type": "object",
        "properties": {
            "text": text("the segment, as segment text"),
            "sentence": text("the segment as a sentence"),
            "dialect": text("what the SQL is written in"),
            "sql": text("the statement"),
        },
        "required": ["text", "sentence", "dialect", "sql"],
    }))
}

/// What is promised of a saved segment.
pub(super) fn segment_schema() -> Arc<JsonObject> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    object(&json!({
        "type": "object",
        "properties": {
            "id": text("its id"),
            "name": text("its name"),
            "version": { "type": "integer", "description": "newest version, from 1" },
            "text": text("the definition, as segment text"),
            "sentence": text("the definition as a sentence"),
            "count": { "type": "integer", "description": "its size; left out where hidden for being small" },
        },
        "required": ["id", "name", "version", "text"],
    }))
}

fn object(schema: &Value) -> Arc<JsonObject> {
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}
