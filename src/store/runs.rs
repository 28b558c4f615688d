//! Evaluation runs: what was measured of which translator by which golden set, and every case of it, so that a
//! run that was broken off goes on where it stopped. What a case holds is JSON that the store does not read;
//! the figures of a run it does read, since they are compared over time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::query::{Record, Row, sql};
use super::{AuditEntry, Store, StoreError, audit};

/// The most runs that are listed.
pub const MAX_RUNS: u32 = 10_000;

/// A figure with its 95 % confidence interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Measured {
    /// The figure.
    pub value: f64,
    /// How many cases it was measured on.
    pub n: u64,
    /// Lower end of the interval; none where there is no interval for such a figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It goes on.
    #[default]
    Running,
    /// Every case was played.
    Done,
    /// It was broken off; what was played is kept.
    Cancelled,
    /// Something failed; what was played is kept.
    Failed,
}

impl RunState {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    fn read(text: &str) -> Self {
        let all = [Self::Running, Self::Done, Self::Cancelled, Self::Failed];
        all.into_iter().find(|state| state.name() == text).unwrap_or_default()
    }
}

/// A run: one translator by one golden set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RunSummary {
    /// Its id.
    pub id: String,
    /// Runs of one key are the same run: set, translator, prompt, policy, catalog, data and repeats.
    pub key: String,
    /// Who translated: `builtin`, or a model's name.
    pub translator: String,
    /// Name of the golden set.
    pub set: String,
    /// Hash of what was played of it.
    pub set_hash: String,
    /// Version of the prompts; empty for the built-in translator.
    pub prompt_version: String,
    /// Policy of the router; empty where one translator was named.
    pub policy: String,
    /// Version of the catalog.
    pub catalog: String,
    /// Version of the data.
    pub data: String,
    /// How often each case is played.
    pub repeats: u32,
    /// Cases in all, repeats not counted.
    pub cases: u32,
    /// How it stands.
    pub state: RunState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
    /// What was measured, by the metric's name; empty until it ended.
    pub metrics: BTreeMap<String, Measured>,
}

/// A case of a run that was played.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunCase {
    /// The case.
    pub case: String,
    /// Which repeat, from 0.
    pub attempt: u32,
    /// What came of it, as JSON.
    pub result_json: String,
    /// When.
    pub at: i64,
}

impl Record for RunSummary {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            key: row.text("run_key")?,
            translator: row.text("translator")?,
            set: row.text("golden_set")?,
            set_hash: row.text("set_hash")?,
            prompt_version: row.text("prompt_version")?,
            policy: row.text("policy")?,
            catalog: row.text("catalog_version")?,
            data: row.text("data_version")?,
            repeats: row.number("repeats")?,
            cases: row.number("total_cases")?,
            state: RunState::read(&row.text("state")?),
            error: row.maybe_text("error")?,
            started_at: row.int("started")?,
            finished_at: row.maybe_int("finished")?,
            // Figures of a later version's form are as good as none.
            metrics: serde_json::from_str(&row.text("metrics_json")?).unwrap_or_default(),
        })
    }
}

impl Record for RunCase {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            case: row.text("case_id")?,
            attempt: row.number("attempt")?,
            result_json: row.text("result_json")?,
            at: row.int("at")?,
        })
    }
}

impl Store {
    /// Keeps a run that begins.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is one of this id.
    pub async fn insert_run(&self, run: RunSummary, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                sql("INSERT INTO runs (id, run_key, golden_set, set_hash, translator, prompt_version, policy, \
                     catalog_version, data_version, repeats, total_cases, state, error, metrics_json, started, finished) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)")
                .text(&run.id)
                .text(&run.key)
                .text(&run.set)
                .text(&run.set_hash)
                .text(&run.translator)
                .text(&run.prompt_version)
                .text(&run.policy)
                .text(&run.catalog)
                .text(&run.data)
                .int(run.repeats)
                .int(run.cases)
                .text(run.state.name())
                .maybe_text(run.error.as_deref())
                .text(&figures(&run.metrics))
                .int(run.started_at)
                .maybe_int(run.finished_at)
                .must("run", conn)
                .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// Keeps a case that was played; one that is kept already stays as it is.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn add_run_case(&self, run: &str, case: RunCase) -> Result<(), StoreError> {
        let run = run.to_owned();
        self.write(move |conn| {
            Box::pin(async move {
                sql("INSERT INTO run_cases (run, case_id, attempt, result_json, at) VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (run, case_id, attempt) DO NOTHING")
                .text(&run)
                .text(&case.case)
                .int(case.attempt)
                .text(&case.result_json)
                .int(case.at)
                .run(conn)
                .await
                .map(drop)
            })
        })
        .await
    }

    /// Says how a run stands and what was measured.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such run.
    pub async fn settle_run(
        &self,
        id: &str,
        state: RunState,
        error: Option<String>,
        metrics: BTreeMap<String, Measured>,
        at: Option<i64>,
    ) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |conn| {
            Box::pin(async move {
                sql("UPDATE runs SET state = $2, error = $3, metrics_json = $4, finished = $5 WHERE id = $1")
                    .text(&id)
                    .text(state.name())
                    .maybe_text(error.as_deref())
                    .text(&figures(&metrics))
                    .maybe_int(at)
                    .must("run", conn)
                    .await
            })
        })
        .await
    }

    /// Every run, the newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn runs(&self) -> Result<Vec<RunSummary>, StoreError> {
        sql("SELECT id, run_key, golden_set, set_hash, translator, prompt_version, policy, catalog_version, \
             data_version, repeats, total_cases, state, error, metrics_json, started, finished \
             FROM runs ORDER BY started DESC, id LIMIT $1")
        .int(MAX_RUNS)
        .all(&mut *self.read().await?)
        .await
    }

    /// One run.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run(&self, id: &str) -> Result<Option<RunSummary>, StoreError> {
        sql("SELECT id, run_key, golden_set, set_hash, translator, prompt_version, policy, catalog_version, \
             data_version, repeats, total_cases, state, error, metrics_json, started, finished FROM runs WHERE id = $1")
        .text(id)
        .one(&mut *self.read().await?)
        .await
    }

    /// The cases of a run that were played, in the order of their names and repeats.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_cases(&self, run: &str) -> Result<Vec<RunCase>, StoreError> {
        sql("SELECT case_id, attempt, result_json, at FROM run_cases WHERE run = $1 ORDER BY case_id, attempt")
            .text(run)
            .all(&mut *self.read().await?)
            .await
    }

    /// How many cases of a run were played, repeats counted.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn run_progress(&self, run: &str) -> Result<u64, StoreError> {
        let played = sql("SELECT COUNT(*) AS value FROM run_cases WHERE run = $1")
            .text(run)
            .one::<i64>(&mut *self.read().await?)
            .await?;
        Ok(u64::try_from(played.unwrap_or(0)).unwrap_or_default())
    }
}

fn figures(metrics: &BTreeMap<String, Measured>) -> String {
    serde_json::to_string(metrics).unwrap_or_default()
}
