//! `/v1/sessions`: starting a conversation, saying something in it, looking at it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::events;
use super::extract::{At, Body, PageParams, Params, Who};
use super::models::known_model;
use crate::access::Caller;
use crate::answer::contract::{Answer, Status};
use crate::app::Nobody;
use crate::catalog::Locale;
use crate::service::{HandEdit, Message, Say, SessionInfo, SessionView};

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/sessions", post(start).get(list))
        .route("/v1/sessions/{id}", get(look).delete(erase))
        .route("/v1/sessions/{id}/messages", post(say))
        .route("/v1/sessions/{id}/undo", post(undo))
        .route("/v1/sessions/{id}/goto", post(goto))
}

/// How a conversation is to be held.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Start {
    /// Language of the answers, `ko` or `en`; left out for that of each request.
    #[schema(value_type = Option<String>)]
    locale: Option<Locale>,
}

/// Something said: `text`, `edit` or `by`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageBody {
    /// A request in words.
    #[serde(default)]
    text: Option<String>,
    /// A change of the segment made by hand.
    #[serde(default)]
    edit: Option<HandEdit>,
    /// Fields or bands to show the segment in groups by, at most two.
    #[serde(default)]
    by: Option<Vec<String>>,
    /// Who is to translate, as `/v1/models` lists them.
    #[serde(default)]
    model: Option<String>,
    /// Language of the reply, `ko` or `en`; left out for that of the session.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    locale: Option<Locale>,
}

/// How a step back is answered.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Undo {
    /// Language of the reply, `ko` or `en`; left out for that of the session.
    #[schema(value_type = Option<String>)]
    locale: Option<Locale>,
}

/// Which turns of a conversation.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TurnParams {
    /// Only those after this one [default: 0].
    #[serde(default)]
    after: u32,
}

/// Where to go back to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Goto {
    /// Number of a turn; 0 for the start.
    turn: u32,
    /// Language of the reply, `ko` or `en`; left out for that of the session.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    locale: Option<Locale>,
}

/// Starts a conversation. The body may be left out.
#[utoipa::path(post, path = "/v1/sessions", tag = "chat", request_body = Option<Start>,
    responses((status = 200, body = SessionInfo)))]
pub(super) async fn start(
    State(door): State<Arc<Door>>,
    who: Who,
    body: Option<Body<Start>>,
) -> Result<Json<SessionInfo>, ApiError> {
    let Start { locale } = body.map(|Body(start)| start).unwrap_or_default();
    Ok(Json(door.service.start_session(&who.caller, locale).await?))
}

/// The caller's conversations, the one used last first.
#[utoipa::path(get, path = "/v1/sessions", tag = "chat", params(PageParams),
    responses((status = 200, body = Vec<SessionInfo>)))]
pub(super) async fn list(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(page): Params<PageParams>,
) -> Result<Json<Vec<SessionInfo>>, ApiError> {
    Ok(Json(door.service.sessions(&who.caller, page.into()).await?))
}

/// A conversation with its turns, or with those that are new.
#[utoipa::path(get, path = "/v1/sessions/{id}", tag = "chat", params(("id" = String, Path), TurnParams),
    responses((status = 200, body = SessionView), (status = 404, body = ErrorBody)))]
pub(super) async fn look(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Params(turns): Params<TurnParams>,
) -> Result<Json<SessionView>, ApiError> {
    Ok(Json(door.service.session(&who.caller, &id, turns.after).await?))
}

/// Erases a conversation; what the audit log says of it stays.
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "chat", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn erase(State(door): State<Arc<Door>>, who: Who, At(id): At<String>) -> Result<StatusCode, ApiError> {
    door.service.erase_session(&who.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says something. With `Accept: text/event-stream` the answer comes as events: `reading`, `sql`, `count`, `breakdown`,
/// `reply`, `done`. A call repeated with the same `Idempotency-Key` gives the first answer again and makes no turn; with
/// `Last-Event-ID` it leaves out the events that were heard.
#[utoipa::path(post, path = "/v1/sessions/{id}/messages", tag = "chat",
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header), ("Last-Event-ID" = Option<u64>, Header)),
    request_body = MessageBody,
    responses((status = 200, content((Answer = "application/json"), (String = "text/event-stream"))),
        (status = 404, body = ErrorBody)))]
pub(super) async fn say(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    headers: HeaderMap,
    Body(body): Body<MessageBody>,
) -> Result<Response, ApiError> {
    let Said { message, model, locale: reply } = body.said()?;
    let key = idempotency_key(&headers)?;
    if !wants_events(&headers) {
        let say = Say { key: key.as_deref(), locale: reply, model: model.as_deref() };
        return answered(&door, &who.caller, &id, &message, &say).await;
    }
    // Who may not, or says something to nobody, is told so by the status, not by an event.
    door.service.session_exists(&who.caller, &id).await?;
    model.as_deref().map_or(Ok(()), |name| known_model(&door, &who.caller, name))?;
    let (caller, locale) = (who.caller, who.locale);
    let work = |hears| -> events::Work {
        Box::pin(async move {
            let say = Say { key: key.as_deref(), locale: reply, model: model.as_deref() };
            Ok(door.service.say(&caller, &id, &message, &say, &hears).await?)
        })
    };
    Ok(events::respond(work, locale, last_event(&headers)))
}

/// Back to the segment before the last change.
#[utoipa::path(post, path = "/v1/sessions/{id}/undo", tag = "chat", params(("id" = String, Path)),
    request_body = Option<Undo>, responses((status = 200, body = Answer), (status = 404, body = ErrorBody)))]
pub(super) async fn undo(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    body: Option<Body<Undo>>,
) -> Result<Response, ApiError> {
    let Undo { locale } = body.map(|Body(undo)| undo).unwrap_or_default();
    answered(&door, &who.caller, &id, &Message::Undo, &Say { locale, ..Say::default() }).await
}

/// Back to a turn.
#[utoipa::path(post, path = "/v1/sessions/{id}/goto", tag = "chat", params(("id" = String, Path)), request_body = Goto,
    responses((status = 200, body = Answer), (status = 404, body = ErrorBody)))]
pub(super) async fn goto(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Body(Goto { turn, locale }): Body<Goto>,
) -> Result<Response, ApiError> {
    answered(&door, &who.caller, &id, &Message::Goto(turn), &Say { locale, ..Say::default() }).await
}

async fn answered(
    door: &Door,
    caller: &Caller,
    id: &str,
    message: &Message,
    say: &Say<'_>,
) -> Result<Response, ApiError> {
    Ok(response(&door.service.say(caller, id, message, say, &Nobody).await?))
}

/// Something said, who is to translate it, and in which language it is answered.
struct Said {
    message: Message,
    model: Option<String>,
    locale: Option<Locale>,
}

impl MessageBody {
    fn said(self) -> Result<Said, ApiError> {
        let message = match (self.text, self.edit, self.by) {
            (Some(text), None, None) => Message::Text(text),
            (None, Some(edit), None) => Message::Edit(edit),
            (None, None, Some(by)) => Message::BreakDown(by),
            _ => return Err(ApiError::bad("bad_body", "a message has either `text`, `edit` or `by`")),
        };
        Ok(Said { message, model: self.model, locale: self.locale })
    }
}

/// The last event of an earlier stream that a client heard; 0 for none.
fn last_event(headers: &HeaderMap) -> u64 {
    headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().map_err(|_| ApiError::bad("bad_header", "Idempotency-Key is not plain text"))?;
    Ok(Some(key.to_owned()))
}

fn wants_events(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/event-stream"))
}

/// 200 for every answer; what failed carries `code` and `message` beside the answer's fields.
pub(super) fn response(answer: &Answer) -> Response {
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
