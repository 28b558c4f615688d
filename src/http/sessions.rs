//! `/v1/sessions`: starting a conversation, saying something in it, looking at it.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::state::Service;
use crate::answer::contract::{Answer, Status};
use crate::app::AskOptions;
use crate::catalog::Locale;

pub(super) fn router() -> Router<Arc<Service>> {
    Router::new()
        .route("/v1/sessions", post(start))
        .route("/v1/sessions/{id}", get(look))
        .route("/v1/sessions/{id}/messages", post(say))
}

/// How a conversation is to be held.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Start {
    locale: Option<Locale>,
}

/// Something said.
#[derive(Debug, Deserialize)]
struct Message {
    text: String,
}

/// The body may be left out.
async fn start(
    State(service): State<Arc<Service>>,
    body: Result<Option<Json<Start>>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Start { locale } = body?.map(|Json(start)| start).unwrap_or_default();
    let id = service.start(locale);
    Ok((StatusCode::OK, Json(json!({ "id": id, "locale": locale }))).into_response())
}

async fn look(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let conversation = service.find(&id)?;
    let session = conversation.session.lock().await;
    let kept = serde_json::to_value(&*session).unwrap_or_default();
    Ok(Json(json!({ "id": id, "locale": conversation.locale, "session": kept })))
}

/// Answers on a copy of the session, which takes its place when the answer is there: a client that goes
/// away drops this future, and with it the query, and leaves the session as it was.
async fn say(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    body: Result<Json<Message>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(message) = body?;
    let conversation = service.find(&id)?;
    let mut session = conversation.session.lock().await;
    let mut trial = session.clone();
    let options = AskOptions { locale: conversation.locale, min_group: service.min_group() };
    let answer = Box::pin(service.app().ask(&mut trial, &message.text, &options)).await;
    *session = trial;
    Ok(response(&answer))
}

/// 200 for every answer; what failed carries `code` and `message` beside the answer's fields.
fn response(answer: &Answer) -> Response {
    if answer.status != Status::Error {
        return Json(answer).into_response();
    }
    tracing::error!(session = answer.session, turn = answer.turn, "a message failed");
    let mut body = serde_json::to_value(answer).unwrap_or_default();
    body["code"] = "internal".into();
    body["message"] = answer.reply.clone().into();
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_are_not_200() {
        for status in [Status::Answered, Status::Clarify, Status::Refused, Status::Unknown, Status::About] {
            assert_eq!(response(&Answer { status, ..Answer::default() }).status(), StatusCode::OK);
        }
        let failed = response(&Answer { status: Status::Error, ..Answer::default() });
        assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
