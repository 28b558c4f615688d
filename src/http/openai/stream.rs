//! An answer in pieces: who speaks, how the request was read as soon as that is known, the rest, the end, `[DONE]`. A
//! client that goes away drops the stream, and with it the query.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::stream;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::Turn;
use super::reply::Pieces;
use crate::answer::contract::Answer;
use crate::answer::markdown::{body, lead, markdown};
use crate::app::{App, Stage};
use crate::catalog::Locale;
use crate::http::error::ApiError;
use crate::http::events::Hears;

/// The response that shows the answer to `turn` as it is made.
pub(super) fn respond(turn: Turn, locale: Locale) -> Response {
    let (send, stages) = unbounded_channel();
    let pieces = Pieces::new(&turn.asked.model, &turn.session, turn.asked.usage);
    let first = pieces.role().to_string();
    let app = Arc::clone(&turn.app);
    let work = Box::pin(async move { turn.say(&Hears::new(send)).await });
    let state = State {
        work: Some(work),
        stages,
        queue: VecDeque::from([first]),
        reading: Vec::new(),
        has_led: false,
        pieces,
        app,
        locale,
    };
    let events = stream::unfold(state, |mut state| async move {
        let data = state.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(data)), state))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

struct State {
    work: Option<BoxFuture<'static, Result<Answer, ApiError>>>,
    stages: UnboundedReceiver<Stage>,
    queue: VecDeque<String>,
    /// How the request was read.
    reading: Vec<String>,
    /// Whether the reading was told.
    has_led: bool,
    pieces: Pieces,
    app: Arc<App>,
    locale: Locale,
}

impl State {
    async fn next(&mut self) -> Option<String> {
        while self.queue.is_empty() {
            let work = self.work.as_mut()?;
            tokio::select! {
                biased;
                Some(stage) = self.stages.recv() => self.hear(stage),
                done = work => {
                    self.work = None;
                    while let Ok(stage) = self.stages.try_recv() {
                        self.hear(stage);
                    }
                    self.finish(done);
                }
            }
        }
        self.queue.pop_front()
    }

    /// The reading is told once a statement follows from it: what is asked back or refused changes nothing.
    fn hear(&mut self, stage: Stage) {
        match stage {
            Stage::Reading { reading, .. } => self.reading = reading,
            Stage::Sql(_) if !self.has_led => {
                self.has_led = true;
                let lead = lead(&self.reading);
                if !lead.is_empty() {
                    self.push(&self.pieces.text(&lead));
                }
            }
            Stage::Sql(_) => {}
        }
    }

    fn finish(&mut self, done: Result<Answer, ApiError>) {
        match done {
            Ok(answer) => {
                let catalog = self.app.catalog();
                let rest = if self.has_led { body(&answer, catalog) } else { markdown(&answer, catalog) };
                self.push(&self.pieces.text(&rest));
                self.pieces.end(&answer).iter().for_each(|piece| self.queue.push_back(piece.to_string()));
            }
            Err(error) => self.push(&Turn::failed(&error, self.locale)),
        }
        self.queue.push_back("[DONE]".to_owned());
    }

    fn push(&mut self, piece: &Value) {
        self.queue.push_back(piece.to_string());
    }
}
