//! One run: a translator by a golden set, each case as often as asked, several at once. Every case is kept as soon as it
//! is played; what is kept already is not played again. Whoever stops a run loses only what is being played.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::cache::GoldCache;
use super::case::{CaseResult, TurnRecord};
use super::file::{Conversation, Expect, GoldTurn};
use super::gold::whole;
use super::golden::{self, GoldenSet};
use super::judge::Judge;
use super::measures;
use super::play::{EvalError, PlayOptions, judged};
use super::report::TurnResult;
use super::retrieved::Retrieval;
use super::runs::{RunCase, RunState, RunSummary};
use super::translator::Translator;
use crate::answer::contract::Status;
use crate::app::{App, AskOptions};
use crate::catalog::Locale;
use crate::engine::sha256;
use crate::segment::normal::normal_form;
use crate::segment::text;
use crate::session::{Session, expand};
use crate::store::{Store, now};

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Order {
    /// By what.
    pub set: GoldenSet,
    /// Who.
    pub translator: Translator,
    /// How often each case is played.
    pub repeats: u32,
    /// What is measured; everything where none is named.
    pub metrics: Vec<String>,
    /// How to play.
    pub options: PlayOptions,
}

/// A run with its cases.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// What it is, and its figures.
    pub summary: RunSummary,
    /// Every case that was played, in the order of the set and the repeats.
    pub cases: Vec<CaseResult>,
}

impl Order {
    /// The run before its first case.
    #[must_use]
    pub fn begin(&self, app: &App) -> RunSummary {
        let mut run = RunSummary {
            id: id(),
            translator: self.translator.name.clone(),
            set: self.set.name.clone(),
            set_hash: self.set.hash(),
            prompt_version: self.translator.prompt_version.clone(),
            policy: self.translator.policy.clone(),
            catalog: app.catalog().version.clone(),
            data: app.engine().data_version().to_owned(),
            repeats: self.repeats.max(1),
            cases: u32::try_from(self.set.conversations.len()).unwrap_or(u32::MAX),
            started_at: now(),
            ..RunSummary::default()
        };
        run.key = key(&run);
        run
    }
}

/// Begins a run, or goes on with the one called `resume`, and plays it to its end or until `stop`. `done` hears how many
/// of how many cases are played, repeats counted.
///
/// # Errors
/// Where the store fails, the run to go on with is none or another, or a fault of the program cut a case off.
pub async fn run(
    app: Arc<App>,
    store: &Store,
    order: &Order,
    resume: Option<&str>,
    stop: &CancellationToken,
    done: &(dyn Fn(u64, u64) + Sync),
) -> Result<Run, EvalError> {
    let summary = if let Some(id) = resume {
        resumed(&app, store, order, id).await?
    } else {
        let begun = order.begin(&app);
        store.insert_run(begun.clone(), Vec::new()).await?;
        begun
    };
    go_on(app, store, order, summary, stop, done).await
}

/// The run to go on with: it must be the same in all that matters.
async fn resumed(app: &App, store: &Store, order: &Order, id: &str) -> Result<RunSummary, EvalError> {
    let found = found(store, id).await?;
    let wanted = order.begin(app);
    if found.key == wanted.key {
        return Ok(found);
    }
    let parts = |run: &RunSummary| {
        [
            ("set", run.set_hash.clone()),
            ("translator", run.translator.clone()),
            ("prompts", run.prompt_version.clone()),
            ("policy", run.policy.clone()),
            ("catalog", run.catalog.clone()),
            ("data", run.data.clone()),
            ("repeats", run.repeats.to_string()),
        ]
    };
    let differ = parts(&found).into_iter().zip(parts(&wanted)).filter(|(a, b)| a != b).map(|(a, _)| a.0);
    Err(EvalError::AnotherRun { id: id.to_owned(), differ: differ.collect::<Vec<_>>().join(", ") })
}

/// Plays what is left of a run that the store has, and settles it.
///
/// # Errors
/// As [`run`].
pub async fn go_on(
    app: Arc<App>,
    store: &Store,
    order: &Order,
    mut summary: RunSummary,
    stop: &CancellationToken,
    done: &(dyn Fn(u64, u64) + Sync),
) -> Result<Run, EvalError> {
    let played = play_rest(app, store, order, &summary, stop, done).await;
    let cases = in_order(order, read_cases(store, &summary.id).await?);
    let whole = order.set.conversations.len() * summary.repeats as usize;
    (summary.state, summary.error) = match &played {
        Err(error) => (RunState::Failed, Some(error.to_string())),
        Ok(()) if cases.len() < whole => (RunState::Cancelled, None),
        Ok(()) => (RunState::Done, None),
    };
    summary.metrics = measures::measure(&cases, &order.metrics);
    summary.finished_at = Some(now());
    let (state, error, figures) = (summary.state, summary.error.clone(), summary.metrics.clone());
    store.settle_run(&summary.id, state, error, figures, summary.finished_at).await?;
    played?;
    Ok(Run { summary, cases })
}

/// The cases of a run that the store has. One that a later program wrote in another form counts as not played.
///
/// # Errors
/// Where the store fails.
pub async fn read_cases(store: &Store, run: &str) -> Result<Vec<CaseResult>, EvalError> {
    let rows = store.run_cases(run).await?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(&row.result_json).ok()).collect())
}

/// What a kept run is, without its cases.
///
/// # Errors
/// Where the store fails, or has no such run.
pub async fn found(store: &Store, id: &str) -> Result<RunSummary, EvalError> {
    store.run(id).await?.ok_or_else(|| EvalError::NoRun(id.to_owned()))
}

/// A kept run with its cases.
///
/// # Errors
/// Where the store fails, or has no such run.
pub async fn load(store: &Store, id: &str) -> Result<Run, EvalError> {
    let summary = found(store, id).await?;
    Ok(Run { cases: read_cases(store, id).await?, summary })
}

fn in_order(order: &Order, cases: Vec<CaseResult>) -> Vec<CaseResult> {
    let mut by_key: BTreeMap<(String, u32), CaseResult> =
        cases.into_iter().map(|case| ((case.case.clone(), case.attempt), case)).collect();
    let keys = order.set.conversations.iter().flat_map(|c| (0..order.repeats.max(1)).map(|i| (c.id.clone(), i)));
    keys.filter_map(|key| by_key.remove(&key)).collect()
}

async fn play_rest(
    app: Arc<App>,
    store: &Store,
    order: &Order,
    summary: &RunSummary,
    stop: &CancellationToken,
    done: &(dyn Fn(u64, u64) + Sync),
) -> Result<(), EvalError> {
    let kept: BTreeSet<(String, u32)> =
        read_cases(store, &summary.id).await?.into_iter().map(|case| (case.case, case.attempt)).collect();
    let cache = Arc::new(GoldCache::open(order.options.cache.as_deref(), app.engine().data_version()));
    let places = Arc::new(Semaphore::new(order.options.at_once()));
    let retrieval = Retrieval::of(&app, &order.translator.name).map(Arc::new);
    let mut tasks = JoinSet::new();
    let (mut finished, mut total) = (0, 0);
    // Repeat by repeat, so that a run that is broken off has whole repeats.
    for attempt in 0..summary.repeats {
        for conversation in &order.set.conversations {
            total += 1;
            if kept.contains(&(conversation.id.clone(), attempt)) {
                finished += 1;
                continue;
            }
            let player = Player {
                app: Arc::clone(&app),
                cache: Arc::clone(&cache),
                translator: order.translator.clone(),
                audiences: order.options.audiences,
                judge: order.options.judge.clone(),
                retrieval: retrieval.clone(),
            };
            let (places, conversation) = (Arc::clone(&places), conversation.clone());
            let (store, run) = (store.clone(), summary.id.clone());
            tasks.spawn(async move {
                let _place = places.acquire_owned().await;
                let case = player.case(&conversation, attempt).await;
                let result_json = serde_json::to_string(&case).unwrap_or_default();
                store.add_run_case(&run, RunCase { case: case.case, attempt, result_json, at: now() }).await
            });
        }
    }
    done(finished, total);
    loop {
        let next = tokio::select! {
            // What is being played is dropped with the tasks.
            () = stop.cancelled() => break,
            next = tasks.join_next() => next,
        };
        let Some(played) = next else { break };
        played??;
        finished += 1;
        done(finished, total);
    }
    if let Err(error) = cache.save() {
        tracing::warn!(%error, "the gold numbers were not kept");
    }
    Ok(())
}

/// Plays one conversation.
struct Player {
    app: Arc<App>,
    cache: Arc<GoldCache>,
    translator: Translator,
    audiences: bool,
    judge: Option<Arc<Judge>>,
    retrieval: Option<Arc<Retrieval>>,
}

impl Player {
    async fn case(&self, conversation: &Conversation, attempt: u32) -> CaseResult {
        let mut session = Session::new(&conversation.id, Locale::Ko);
        let mut turns = Vec::new();
        for (i, turn) in conversation.turns.iter().enumerate() {
            turns.push(self.turn(&mut session, turn, (&conversation.id, i + 1)).await);
        }
        CaseResult {
            case: conversation.id.clone(),
            attempt,
            lang: conversation.lang.clone(),
            tags: conversation.tags.clone(),
            turns,
        }
    }

    async fn turn(&self, session: &mut Session, turn: &GoldTurn, (id, number): (&str, usize)) -> TurnRecord {
        let model = Some(self.translator.name.clone());
        let options = AskOptions { min_group: Some(0), model, ..AskOptions::default() };
        let is_segment = turn.expect == Expect::Answer;
        let retrieval = self.retrieval.as_ref().filter(|_| is_segment);
        let retrieved = retrieval.and_then(|r| r.covers(&self.app, session, turn));
        let start = Instant::now();
        let answer = Box::pin(self.app.ask(session, &turn.user, &options)).await;
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        let result = judged(&self.app, id, number, turn, answer, &self.cache).await;
        let mut record = record(&result, ms, &self.translator);
        record.retrieved = retrieved;
        if is_segment {
            record.normal_form = self.same_form(turn, session, &result);
            if self.audiences {
                record.jaccard = self.jaccard(turn, session, &result).await;
            }
        }
        if let Some(judge) = &self.judge {
            record.judged = judge.judge(&turn.user, &result.answer).await.into_iter().collect();
        }
        record
    }

    /// Whether the segment is one of the right ones in normal form; none where no right one is in Waggle's own text.
    fn same_form(&self, turn: &GoldTurn, session: &Session, result: &TurnResult) -> Option<bool> {
        let catalog = self.app.catalog();
        let rights = turn.text.as_deref().into_iter().chain(turn.predicates());
        let rights: Vec<_> = rights.filter_map(|right| text::parse(right, catalog).ok()).collect();
        if rights.is_empty() {
            return None;
        }
        let given = normal_form(&expand(&result.answer.segment.0, session), catalog);
        Some(rights.iter().any(|right| normal_form(right, catalog) == given))
    }

    /// The best overlap with one of the right audiences: |A ∩ B| / |A ∪ B|; 0 where there was no answer.
    async fn jaccard(&self, turn: &GoldTurn, session: &Session, result: &TurnResult) -> Option<f64> {
        if result.answer.status != Status::Answered {
            return Some(0.0);
        }
        let catalog = self.app.catalog();
        let given = golden::members(&expand(&result.answer.segment.0, session), catalog).ok()?;
        let found = result.answer.count?;
        let (entity, law) = (&catalog.entity().name, &catalog.population);
        let mut best: Option<f64> = None;
        for (right, gold) in turn.predicates().zip(&result.gold) {
            let sql = format!("SELECT count(*) AS n FROM {entity} WHERE ({law}) AND ({right}) AND ({given})");
            match self.app.engine().run_gold(&sql).await {
                Ok(rows) => {
                    let both = rows.rows.first().and_then(|row| whole(row.first()?));
                    let overlap = both.map(|both| overlap(both, gold.count, found));
                    best = best.into_iter().chain(overlap).reduce(f64::max);
                }
                Err(error) => tracing::warn!(%error, "an overlap was not measured"),
            }
        }
        best
    }
}

/// |A ∩ B| / |A ∪ B| of two audiences; 1 where both are empty.
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn overlap(both: u64, one: u64, other: u64) -> f64 {
    let either = (one + other).saturating_sub(both);
    if either == 0 { 1.0 } else { both as f64 / either as f64 }
}

fn record(result: &TurnResult, ms: f64, translator: &Translator) -> TurnRecord {
    let answer = &result.answer;
    TurnRecord {
        user: result.user.clone(),
        expect: result.expect,
        status: answer.status,
        right: result.verdict.right,
        silent: result.verdict.silent,
        why: result.verdict.why.clone(),
        gold: result.segment.clone(),
        given: answer.text.clone(),
        reply: if result.verdict.right { String::new() } else { answer.reply.clone() },
        translator: answer.translator.clone(),
        own: translator.is_own(&answer.translator),
        ms,
        prompt_tokens: answer.usage.prompt_tokens,
        completion_tokens: answer.usage.completion_tokens,
        cost: answer.usage.cost,
        ..TurnRecord::default()
    }
}

/// What two runs share that are the same run.
fn key(run: &RunSummary) -> String {
    let repeats = run.repeats.to_string();
    let parts = [&run.set_hash, &run.translator, &run.prompt_version, &run.policy, &run.catalog, &run.data, &repeats];
    sha256(parts.map(String::as_str).join("\n").as_bytes())
}

/// Characters of a run's id.
const ID_CHARS: usize = 12;

/// An id that people can type: 48 bits of the system's randomness, in hexadecimal.
fn id() -> String {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        // The clock tells runs of one machine apart as well.
        bytes.copy_from_slice(&now().to_be_bytes());
    }
    sha256(&bytes).chars().take(ID_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_the_same_where_all_that_matters_is() {
        let run = RunSummary { translator: "a".into(), repeats: 2, ..RunSummary::default() };
        assert_eq!(key(&run), key(&RunSummary { id: "x".into(), started_at: 5, ..run.clone() }));
        assert_ne!(key(&run), key(&RunSummary { repeats: 3, ..run.clone() }));
        assert_ne!(key(&run), key(&RunSummary { data: "d".into(), ..run.clone() }));
        assert_ne!(id(), id());
    }

    #[test]
    fn overlaps_are_shares_of_either() {
        let is = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a}");
        is(overlap(1, 2, 3), 0.25);
        is(overlap(5, 5, 5), 1.0);
        is(overlap(0, 0, 4), 0.0);
        is(overlap(0, 0, 0), 1.0);
    }
}
