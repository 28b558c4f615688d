//! `POST /v1/chat/completions`: the chat API of `OpenAI`, so that chat pages and client libraries made for it work
//! unchanged. Only the shapes are of that API; what is said goes to `service` as from every door.

mod reply;
mod request;
mod stream;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};

use super::Door;
use super::error::ApiError;
use super::extract::{Body, Who};
use super::models::{known_model, meant};
use crate::access::Caller;
use crate::answer::contract::{Answer, Status};
use crate::app::{App, Nobody, Watch};
use crate::catalog::Locale;
use crate::service::{Message, Say};
use reply::Told;
use request::{Asked, ChatRequest};

pub(super) use reply::{OpenAiError, failure};

/// Where it is.
const PATH: &str = "/v1/chat/completions";

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new().route("/v1/chat/completions", post(complete))
}

/// Whether failures at `path` are told as those of that API.
pub(super) fn is_at(path: &str) -> bool {
    path == PATH
}

/// Answers the last message of a conversation, as the chat API of `OpenAI`. `metadata.session` names the session to go on
/// with; without it the earlier messages of the user are read again, except that no save or export is repeated. With
/// `stream` the answer comes as `chat.completion.chunk` events and `[DONE]`. Fields that are not listed are ignored.
#[utoipa::path(post, path = "/v1/chat/completions", tag = "chat", request_body = ChatRequest,
    responses((status = 200, content((Object = "application/json"), (String = "text/event-stream"))),
        (status = "default", body = OpenAiError)))]
pub(super) async fn complete(
    State(door): State<Arc<Door>>,
    who: Who,
    Body(request): Body<ChatRequest>,
) -> Result<Response, ApiError> {
    let asked = request.asked()?;
    known_model(&door, &who.caller, meant(&asked.model)).map_err(|error| error.about("model"))?;
    let turn = Box::pin(Turn::begin(door, who.caller, asked)).await?;
    if turn.asked.stream {
        return Ok(stream::respond(turn, who.locale));
    }
    let answer = turn.say(&Nobody).await?;
    Ok(Json(turn.told().completion(&answer)).into_response())
}

/// A message that is about to be answered.
struct Turn {
    door: Arc<Door>,
    app: Arc<App>,
    caller: Caller,
    session: String,
    asked: Asked,
}

impl Turn {
    /// Finds the session, or makes one in which everything before was said.
    async fn begin(door: Arc<Door>, caller: Caller, asked: Asked) -> Result<Self, ApiError> {
        let session = match &asked.session {
            Some(id) => {
                door.service.session_exists(&caller, id).await.map_err(|e| ApiError::from(e).about("metadata"))?;
                id.clone()
            }
            None => door.service.thread(&caller, asked.earlier()).await?,
        };
        let app = door.service.app(&caller)?;
        Ok(Self { door, app, caller, session, asked })
    }

    async fn say(&self, watch: &dyn Watch) -> Result<Answer, ApiError> {
        let service = &self.door.service;
        let message = Message::Text(self.asked.text().to_owned());
        let say = Say { model: Some(meant(&self.asked.model)), ..Say::default() };
        let answer = service.say(&self.caller, &self.session, &message, &say, watch).await?;
        if answer.status == Status::Error {
            tracing::error!(session = answer.session, turn = answer.turn, "a message failed");
            return Err(ApiError::unanswered(&answer.reply));
        }
        if self.asked.session.is_none() {
            service.keep_thread(&self.caller, &self.asked.said, &answer);
        }
        Ok(answer)
    }

    fn told(&self) -> Told<'_> {
        Told::new(&self.asked.model, &self.session, self.app.catalog())
    }

    /// The failure as an event of a stream has it.
    fn failed(error: &ApiError, locale: Locale) -> serde_json::Value {
        serde_json::json!(OpenAiError::of(error, locale))
    }
}
