//! Playing conversations: each in a session of its own, through the same `app` as every door.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

use super::cache::GoldCache;
use super::file::{Conversation, FileError, GoldTurn};
use super::gold;
use super::judge::Judge;
use super::report::{Report, TurnResult};
use super::score::{Verdict, judge};
use crate::answer::contract::Answer;
use crate::app::{App, AskOptions};
use crate::catalog::Locale;
use crate::session::Session;
use crate::store::StoreError;
use crate::translate::router::UnknownTranslator;

/// Conversations that are played at once.
const CONVERSATIONS_AT_ONCE: usize = 4;

/// How to play.
#[derive(Debug, Clone, Default)]
pub struct PlayOptions {
    /// Where gold numbers are kept between runs; nowhere if none.
    pub cache: Option<PathBuf>,
    /// Who translates; whoever the app picks, if none.
    pub model: Option<String>,
    /// Conversations that are played at once; none for the default.
    pub at_once: Option<usize>,
    /// Whether the audiences found are compared with the right ones, one query a turn more.
    pub audiences: bool,
    /// Who judges by criteria of the house.
    pub judge: Option<Arc<Judge>>,
}

impl PlayOptions {
    /// Conversations that are played at once.
    #[must_use]
    pub fn at_once(&self) -> usize {
        self.at_once.unwrap_or(CONVERSATIONS_AT_ONCE).max(1)
    }
}

/// An evaluation that could not go on.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// A conversation was cut off by a fault of the program.
    #[error("a conversation was cut off: {0}")]
    CutOff(#[from] JoinError),
    /// The store of runs failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A golden set that cannot be read.
    #[error("{0}")]
    File(#[from] FileError),
    /// A translator that is not there.
    #[error("{0}")]
    Translator(#[from] UnknownTranslator),
    /// No run of this id.
    #[error("there is no run {0}; see waggle eval runs")]
    NoRun(String),
    /// The run to go on with was another.
    #[error("run {id} is of another {differ}: it cannot be gone on with")]
    AnotherRun {
        /// Its id.
        id: String,
        /// What differs.
        differ: String,
    },
    /// A metric that is not there, or that cannot be asked for here.
    #[error("there is no metric {0}; see waggle eval --list-metrics")]
    NoMetric(String),
    /// A golden set that is not there.
    #[error("there is no golden set {0}; see waggle golden list")]
    NoSet(String),
    /// Runs that have no case in common.
    #[error("runs {0} and {1} have no case in common")]
    Disjoint(String, String),
    /// Another run goes on.
    #[error("run {0} goes on; one at a time")]
    Busy(String),
}

impl EvalError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Store(error), _) => error.message(locale),
            (_, Locale::En) => self.to_string(),
            (Self::CutOff(cause), Locale::Ko) => format!("대화가 중간에 끊겼습니다: {cause}"),
            (Self::File(cause), Locale::Ko) => format!("골든셋을 읽을 수 없습니다: {cause}"),
            (Self::Translator(unknown), Locale::Ko) => unknown.message(locale),
            (Self::NoRun(id), Locale::Ko) => format!("{id}이라는 평가는 없습니다. waggle eval runs로 볼 수 있습니다"),
            (Self::AnotherRun { id, differ }, Locale::Ko) => {
                format!("평가 {id}은(는) {differ}이(가) 달라 이어 갈 수 없습니다")
            }
            (Self::NoMetric(name), Locale::Ko) => {
                format!("{name}이라는 지표는 없습니다. waggle eval --list-metrics로 볼 수 있습니다")
            }
            (Self::NoSet(name), Locale::Ko) => {
                format!("{name}이라는 골든셋은 없습니다. waggle golden list로 볼 수 있습니다")
            }
            (Self::Disjoint(a, b), Locale::Ko) => format!("평가 {a}와 {b}에는 함께 비교할 것이 없습니다"),
            (Self::Busy(id), Locale::Ko) => format!("평가 {id}이(가) 진행 중입니다. 한 번에 하나만 할 수 있습니다"),
        }
    }
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
    let places = Arc::new(Semaphore::new(options.at_once()));
    let mut tasks = JoinSet::new();
    for (i, conversation) in conversations.iter().enumerate() {
        let (app, cache, places) = (app.clone(), cache.clone(), places.clone());
        let (conversation, model) = (conversation.clone(), options.model.clone());
        tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            (i, one(&app, &conversation, model, &cache).await)
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

async fn one(app: &App, conversation: &Conversation, model: Option<String>, cache: &GoldCache) -> Vec<TurnResult> {
    let mut session = Session::new(&conversation.id, Locale::Ko);
    let mut results = Vec::new();
    let options = AskOptions { min_group: Some(0), model, ..AskOptions::default() };
    for (i, turn) in conversation.turns.iter().enumerate() {
        let answer = Box::pin(app.ask(&mut session, &turn.user, &options)).await;
        results.push(judged(app, &conversation.id, i + 1, turn, answer, cache).await);
    }
    results
}

/// An answer with its judgement.
pub(super) async fn judged(
    app: &App,
    id: &str,
    i: usize,
    turn: &GoldTurn,
    answer: Answer,
    cache: &GoldCache,
) -> TurnResult {
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
