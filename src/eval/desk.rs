//! Where a service has runs made: one order at a time, in the background, that everybody may watch and that can be
//! stopped. The golden sets are the files of one folder, and what was approved of people's feedback.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::bench::{self, Order, Run};
use super::compare::{self, Comparison, DEFAULT_METRIC};
use super::file::Expect;
use super::golden::{self, FEEDBACK, GoldenSet, SetInfo};
use super::leaderboard;
use super::measures;
use super::play::{EvalError, PlayOptions};
use super::translator::Translator;
use crate::answer::contract::Status;
use crate::app::App;
use crate::catalog::Catalog;
use crate::store::{AuditEntry, RunSummary, Store};

/// Models of one order, at most.
pub const MAX_MODELS: usize = 16;
/// Repeats of one order, at most.
pub const MAX_REPEATS: u32 = 32;

/// What is to be run.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunOrder {
    /// The golden set; see `GET /v1/golden`.
    pub set: String,
    /// The translators [default: `builtin`]
    #[serde(default)]
    pub models: Vec<String>,
    /// So many whole conversations [default: all]
    #[serde(default)]
    pub sample: Option<usize>,
    /// The seed of the sample [default: 1]
    #[serde(default)]
    pub seed: Option<u64>,
    /// How often each conversation is played [default: 1]
    #[serde(default)]
    pub repeats: Option<u32>,
    /// What is measured [default: everything]
    #[serde(default)]
    pub metrics: Vec<String>,
}

/// A run, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RunView {
    /// The run.
    #[serde(flatten)]
    pub run: RunSummary,
    /// Cases played, repeats counted.
    pub played: u64,
    /// Cases in all, repeats counted.
    pub total: u64,
    /// What was wrong in it; of a single run only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<Vec<FailureView>>,
}

/// A turn that was wrong. Numbers are left out: those of a run are not hidden where they are small.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FailureView {
    /// The conversation.
    pub case: String,
    /// The turn, from 1.
    pub turn: usize,
    /// Which repeat, from 0.
    pub attempt: u32,
    /// What the conversation exercises.
    pub tags: Vec<String>,
    /// What was typed.
    pub user: String,
    /// The right segment.
    pub expected: String,
    /// The segment that was given.
    pub given: String,
    /// How it had to end: `answer`, `clarify`, `refuse`, `unknown` or `about`.
    #[schema(value_type = String)]
    pub expect: Expect,
    /// How it ended.
    pub status: Status,
    /// Who translated in the end.
    pub translator: String,
    /// Wrong without a word of doubt.
    pub silent: bool,
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    store: Store,
    folder: Option<PathBuf>,
    job: Mutex<Option<Job>>,
}

/// What is being run: dropping it stops it.
#[derive(Debug)]
struct Job {
    runs: Vec<String>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Desk {
    /// A desk over what `store` keeps, with the golden sets of `folder`.
    #[must_use]
    pub fn new(store: Store, folder: Option<PathBuf>) -> Self {
        Self { store, folder, job: Mutex::default() }
    }

    /// The golden sets.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn sets(&self, catalog: &Catalog) -> Result<Vec<SetInfo>, EvalError> {
        let mut sets = self.folder.as_deref().map(|folder| golden::list(folder, catalog)).unwrap_or_default();
        sets.push(self.feedback(catalog).await?.info());
        Ok(sets)
    }

    /// One golden set.
    ///
    /// # Errors
    /// A store that fails, a set that is not there or cannot be read.
    pub async fn set(&self, name: &str, catalog: &Catalog) -> Result<GoldenSet, EvalError> {
        if name == FEEDBACK {
            return self.feedback(catalog).await;
        }
        // Only what lies in the folder has a name here: no path can be made from one.
        let path = self.folder.as_deref().and_then(|folder| golden::of_folder(folder).remove(name));
        let path = path.ok_or_else(|| EvalError::NoSet(name.to_owned()))?;
        Ok(GoldenSet::read(&[path], catalog)?)
    }

    async fn feedback(&self, catalog: &Catalog) -> Result<GoldenSet, EvalError> {
        let (set, faults) = GoldenSet::of_feedback(&self.store.approved_feedback().await?, catalog);
        for fault in faults {
            tracing::warn!(%fault, "approved feedback cannot be read with this catalog");
        }
        Ok(set)
    }

    /// Every run, the newest first, with how far it is.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn runs(&self, limit: usize) -> Result<Vec<RunView>, EvalError> {
        let mut views = Vec::new();
        for run in self.store.runs().await?.into_iter().take(limit) {
            views.push(self.view(run).await?);
        }
        Ok(views)
    }

    async fn view(&self, run: RunSummary) -> Result<RunView, EvalError> {
        let played = self.store.run_progress(&run.id).await?;
        let total = u64::from(run.cases) * u64::from(run.repeats);
        Ok(RunView { run, played, total, failures: None })
    }

    /// One run, with what was wrong in it.
    ///
    /// # Errors
    /// A store that fails, or no such run.
    pub async fn run(&self, id: &str) -> Result<RunView, EvalError> {
        let Run { summary, cases } = bench::load(&self.store, id).await?;
        let failures = cases.iter().flat_map(|case| {
            case.turns.iter().enumerate().filter(|(_, turn)| !turn.right).map(|(i, turn)| FailureView {
                case: case.case.clone(),
                turn: i + 1,
                attempt: case.attempt,
                tags: case.tags.clone(),
                user: turn.user.clone(),
                expected: turn.gold.clone(),
                given: turn.given.clone(),
                expect: turn.expect,
                status: turn.status,
                translator: turn.translator.clone(),
                silent: turn.silent,
            })
        });
        let failures = Some(failures.collect());
        Ok(RunView { failures, ..self.view(summary).await? })
    }

    /// Two runs compared.
    ///
    /// # Errors
    /// A store that fails, no such run, or runs that cannot be compared.
    pub async fn compare(&self, a: &str, b: &str, metric: Option<&str>) -> Result<Comparison, EvalError> {
        let (a, b) = (bench::load(&self.store, a).await?, bench::load(&self.store, b).await?);
        compare::compare(&a, &b, metric.unwrap_or(DEFAULT_METRIC))
    }

    /// Begins the runs of an order, one translator after the other, and says which they are.
    ///
    /// # Errors
    /// Another order that goes on, or a set, translator or metric that is not there.
    pub async fn begin(
        &self,
        app: Arc<App>,
        order: &RunOrder,
        audit: impl Fn(&RunSummary) -> AuditEntry,
    ) -> Result<Vec<RunView>, EvalError> {
        self.free()?;
        let orders = self.orders(&app, order).await?;
        let mut begun = Vec::new();
        for order in orders {
            let run = order.begin(&app);
            begun.push((order, run));
        }
        // Another may have come meanwhile: the one who holds the desk first goes on.
        let stop = CancellationToken::new();
        {
            let mut job = self.job();
            if let Some(runs) = busy(&mut job) {
                return Err(EvalError::Busy(runs));
            }
            let runs = begun.iter().map(|(_, run)| run.id.clone()).collect();
            *job = Some(Job { runs, stop: stop.clone(), tasks: JoinSet::new() });
        }
        let kept = self.keep(&begun, audit).await;
        if kept.is_err() {
            stop.cancel();
        }
        let views = kept?;
        let store = self.store.clone();
        if let Some(job) = self.job().as_mut() {
            job.tasks.spawn(async move {
                for (order, run) in begun {
                    let id = run.id.clone();
                    let app = Arc::clone(&app);
                    if let Err(error) = Box::pin(bench::go_on(app, &store, &order, run, &stop, &|_, _| ())).await {
                        tracing::error!(%error, run = id, "an evaluation failed");
                    }
                }
                if let Some(router) = app.router()
                    && let Err(error) = leaderboard::refresh(router, &store).await
                {
                    tracing::warn!(%error, "the router goes on with the standings that it had");
                }
            });
        }
        Ok(views)
    }

    /// Keeps runs that are about to begin.
    async fn keep(
        &self,
        begun: &[(Order, RunSummary)],
        audit: impl Fn(&RunSummary) -> AuditEntry,
    ) -> Result<Vec<RunView>, EvalError> {
        let mut views = Vec::new();
        for (_, run) in begun {
            self.store.insert_run(run.clone(), vec![audit(run)]).await?;
            views.push(self.view(run.clone()).await?);
        }
        Ok(views)
    }

    /// Stops a run, with the order that it belongs to; what was played is kept. False where it does not go on.
    #[must_use]
    pub fn cancel(&self, id: &str) -> bool {
        let mut job = self.job();
        let Some(job) = job.as_mut().filter(|job| job.runs.iter().any(|run| run == id)) else { return false };
        let was = goes_on(job);
        job.stop.cancel();
        was
    }

    async fn orders(&self, app: &App, order: &RunOrder) -> Result<Vec<Order>, EvalError> {
        if let Some(unknown) = order.metrics.iter().find(|name| measures::named(name).is_none()) {
            return Err(EvalError::NoMetric(unknown.clone()));
        }
        let mut set = self.set(&order.set, app.catalog()).await?;
        if let Some(n) = order.sample {
            set = set.sample(n, order.seed.unwrap_or(1));
        }
        let mut models = order.models.clone();
        if models.is_empty() {
            models.push(super::translator::BUILTIN.to_owned());
        }
        models.truncate(MAX_MODELS);
        let one = |name: &String| -> Result<Order, EvalError> {
            Ok(Order {
                set: set.clone(),
                translator: Translator::named(name, app)?,
                repeats: order.repeats.unwrap_or(1).clamp(1, MAX_REPEATS),
                metrics: order.metrics.clone(),
                options: PlayOptions { audiences: true, ..PlayOptions::default() },
            })
        };
        models.iter().map(one).collect()
    }

    fn free(&self) -> Result<(), EvalError> {
        busy(&mut self.job()).map_or(Ok(()), |runs| Err(EvalError::Busy(runs)))
    }

    fn job(&self) -> MutexGuard<'_, Option<Job>> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The runs of a job that is still running.
fn busy(job: &mut Option<Job>) -> Option<String> {
    let job = job.as_mut()?;
    goes_on(job).then(|| job.runs.join(", "))
}

/// Whether anything of a job is still running. One that has no task yet is about to; one that is over is marked as
/// stopped.
fn goes_on(job: &mut Job) -> bool {
    while job.tasks.try_join_next().is_some() {
        job.stop.cancel();
    }
    !(job.tasks.is_empty() && job.stop.is_cancelled())
}
