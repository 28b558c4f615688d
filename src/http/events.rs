//! An answer as server-sent events, as it comes: `reading`, `sql`, `count`, `breakdown`, `reply`, `done`; `error` in the
//! place of `done` where there is no answer. A client that goes away drops the stream, and with it the query. Each kind of
//! event has an id of its own, in the order of the kinds, so that a client that asks again can say what it has heard.

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::stream;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::{Instrument, Span};

use super::error::ApiError;
use crate::answer::contract::Answer;
use crate::app::{Stage, Watch};
use crate::catalog::Locale;

/// Hands stages on to a stream.
pub(super) struct Hears(UnboundedSender<Stage>);

impl Hears {
    /// Whoever listens at the other end hears.
    pub(super) fn new(stages: UnboundedSender<Stage>) -> Self {
        Self(stages)
    }
}

impl Watch for Hears {
    fn saw(&self, stage: Stage) {
        // Nobody hears where the client has gone; then the work is dropped too.
        let _ = self.0.send(stage);
    }
}

/// The work of an answer, which tells its stages.
pub(super) type Work = BoxFuture<'static, Result<Answer, ApiError>>;

/// The kinds of events, in order; their ids are their places, from 1.
const KINDS: [&str; 6] = ["reading", "sql", "count", "breakdown", "reply", "done"];

/// The id of a kind of event; `error` stands in the place of `done`.
fn id(kind: &str) -> u64 {
    let place = KINDS.iter().position(|k| *k == kind).unwrap_or(KINDS.len() - 1);
    place as u64 + 1
}

/// The response that shows `work` as it goes on, but for events up to the one whose id is `heard`.
pub(super) fn respond(work: impl FnOnce(Hears) -> Work, locale: Locale, heard: u64) -> Response {
    let (send, stages) = unbounded_channel();
    // The work goes on after the response has begun, and still belongs to the request.
    let work: Work = Box::pin(work(Hears(send)).instrument(Span::current()));
    // How it ended is told in any case.
    let heard = heard.min(id("reply"));
    let state = State { work: Some(work), stages, queue: VecDeque::new(), heard, locale };
    let events = stream::unfold(state, |mut state| async move {
        let event = state.next().await?;
        Some((Ok::<_, Infallible>(event), state))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

struct State {
    work: Option<Work>,
    stages: UnboundedReceiver<Stage>,
    queue: VecDeque<(&'static str, Value)>,
    heard: u64,
    locale: Locale,
}

impl State {
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((name, data)) = self.queue.pop_front() {
                if id(name) > self.heard {
                    return Some(Event::default().id(id(name).to_string()).event(name).data(data.to_string()));
                }
            }
            let work = self.work.as_mut()?;
            tokio::select! {
                biased;
                Some(stage) = self.stages.recv() => self.queue.push_back(told(stage)),
                done = work => {
                    self.work = None;
                    while let Ok(stage) = self.stages.try_recv() {
                        self.queue.push_back(told(stage));
                    }
                    self.finish(done);
                }
            }
        }
    }

    fn finish(&mut self, done: Result<Answer, ApiError>) {
        match done {
            Ok(answer) => self.queue.extend(events(&answer)),
            Err(error) => {
                let [ko, en] = &*error.message;
                let message = if self.locale == Locale::Ko { ko } else { en };
                self.queue.push_back(("error", json!({ "code": error.code, "message": message })));
            }
        }
    }
}

fn told(stage: Stage) -> (&'static str, Value) {
    match stage {
        Stage::Reading { reading, text, parts } => {
            ("reading", json!({ "reading": reading, "text": text, "parts": parts }))
        }
        Stage::Sql(sql) => ("sql", json!({ "sql": sql })),
    }
}

/// What of an answer comes as an event of its own, and then the whole.
fn events(answer: &Answer) -> Vec<(&'static str, Value)> {
    let mut events = Vec::new();
    if answer.count.is_some() || answer.count_below.is_some() {
        events.push((
            "count",
            part(answer, &["count", "count_below", "population", "share", "share_of_previous", "as_of"]),
        ));
    }
    if answer.breakdown.is_some() || !answer.metrics.is_empty() {
        events.push(("breakdown", part(answer, &["breakdown", "metrics"])));
    }
    events.push(("reply", part(answer, &["status", "reply", "question", "options", "suggestions"])));
    events.push(("done", json!(answer)));
    events
}

fn part<T: Serialize>(answer: &T, names: &[&str]) -> Value {
    let mut whole = json!(answer);
    let kept = names.iter().filter_map(|name| Some(((*name).to_owned(), whole.get_mut(*name)?.take())));
    Value::Object(kept.collect())
}
