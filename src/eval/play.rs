//! Playing conversations: each in a session of its own, through the same `app` as every door.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

use super::cache::GoldCache;
use super::file::{Conversation, GoldTurn};
use super::gold;
use super::report::{Report, TurnResult};
use super::score::{Verdict, judge};
use crate::answer::contract::Answer;
use crate::app::{App, AskOptions};
use crate::catalog::Locale;
use crate::session::Session;

/// Conversations that are played at once.
const CONVERSATIONS_AT_ONCE: usize = 4;

/// How to play.
#[derive(Debug, Clone, Default)]
pub struct PlayOptions {
    /// Where gold numbers are kept between runs; nowhere if none.
    pub cache: Option<PathBuf>,
}

/// An evaluation that could not go on.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// A conversation was cut off by a fault of the program.
    #[error("a conversation was cut off: {0}")]
    CutOff(#[from] JoinError),
}

/// Plays `conversations` and scores them. `done` hears how many are finished.
///
/// # Errors
/// Where a fault of the program cut a conversation off.
pub async fn play(
    app: Arc<App>,
    conversations: &[Conversation],
    options: &PlayOptions,
    done: &(dyn Fn(usize) + Sync),
) -> Result<Report, EvalError> {
    let cache = Arc::new(GoldCache::open(options.cache.as_deref(), app.engine().data_version()));
    let places = Arc::new(Semaphore::new(CONVERSATIONS_AT_ONCE));
    let mut tasks = JoinSet::new();
    for (i, conversation) in conversations.iter().enumerate() {
        let (app, cache, places) = (app.clone(), cache.clone(), places.clone());
        let conversation = conversation.clone();
        tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            (i, one(&app, &conversation, &cache).await)
        });
    }
    let mut played: Vec<Option<Vec<TurnResult>>> = vec![None; conversations.len()];
    while let Some(finished) = tasks.join_next().await {
        let (i, results) = finished?;
        played[i] = Some(results);
        done(played.iter().flatten().count());
    }
    if let Err(error) = cache.save() {
        tracing::warn!(%error, "the gold numbers were not kept");
    }
    let mut report = Report::default();
    for (conversation, results) in conversations.iter().zip(played) {
        report.add(conversation, results.unwrap_or_default());
    }
    Ok(report)
}

async fn one(app: &App, conversation: &Conversation, cache: &GoldCache) -> Vec<TurnResult> {
    let mut session = Session::new(&conversation.id, Locale::Ko);
    let mut results = Vec::new();
    for (i, turn) in conversation.turns.iter().enumerate() {
        let options = AskOptions { min_group: Some(0), ..AskOptions::default() };
        let answer = Box::pin(app.ask(&mut session, &turn.user, &options)).await;
        results.push(judged(app, &conversation.id, i + 1, turn, answer, cache).await);
    }
    results
}

async fn judged(app: &App, id: &str, i: usize, turn: &GoldTurn, answer: Answer, cache: &GoldCache) -> TurnResult {
    match gold::numbers(app.engine(), app.catalog(), turn, cache).await {
        Ok(golds) => {
            let verdict = judge(turn, &golds, &answer);
            TurnResult::new(id, i, turn, golds, answer, verdict)
        }
        Err(error) => {
            let verdict = Verdict { right: false, silent: false, why: vec![error.to_string()] };
            TurnResult::new(id, i, turn, Vec::new(), answer, verdict)
        }
    }
}
