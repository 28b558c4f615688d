//! The engine: DataFusion over the Parquet files of a data folder. It runs [`CheckedSql`] and nothing
//! else, read-only, within limits of memory and time. Knows nothing of words or models.
//!
//! Data is `DIR/<table>.parquet` or `DIR/<table>/*.parquet` for each table of the catalog (`tables`), in a folder or in
//! a bucket (`storage`). The statement was checked by `sql`; as a second lock the session refuses whatever is no query.
//! Statements are answered by an index (`index`), run in this process, or sent to a cluster (`cluster`).

mod by_index;
mod cluster;
mod cooperate;
mod csv;
mod error;
mod export;
mod filters;
mod form;
mod index;
mod indexed;
mod output;
mod plan;
mod ranges;
mod rows;
mod storage;
mod tables;
mod verify;
mod views;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::Result as DfResult;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder, TaskContext};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};

use cluster::Running;

use crate::catalog::Catalog;
use crate::sql::CheckedSql;

pub use cluster::{
    ExecutorNode, NoScheduler, NodeError, SCHEDULER_PORT, Scheduler, SchedulerNode, run_executor, run_scheduler,
};
pub use csv::csv_rows;
pub use error::{Difference, EngineError};
pub use export::{
    ExportFormat, ExportJob, Exported, FirstColumn, HashKey, MAX_XLSX_ROWS, MIN_HASH_KEY_BYTES, Progress,
    UnknownFormat, sha256,
};
pub use index::{
    CACHED_ANSWERS, CACHED_SETS, CACHED_VALUES, Explained, IndexTable, Leaf, Origin, Progress as IndexProgress, Unfit,
};
pub use indexed::{BY_SQL, IndexConfig, IndexInfo, Mode};
pub use output::Output;
pub use rows::{Cell, Rows};
pub use storage::is_bucket;
pub use verify::Verified;

/// Deepest nesting of SQL that is parsed; what `sql` makes and lets through stays below it.
const MAX_SQL_DEPTH: usize = 1000;

/// Stack of the thread that plans a query: planning recurses as deep as the statement nests.
const PLANNING_STACK: usize = 64 << 20;

/// Longest run of one export, where nothing else is said: a file of every line takes its time.
const EXPORT_TIMEOUT: Duration = Duration::from_mins(30);

/// Limits of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineConfig {
    /// Memory that queries may use together.
    pub memory_bytes: usize,
    /// Longest run of one query.
    pub timeout: Duration,
    /// Longest run of one export.
    pub export_timeout: Duration,
    /// Threads a query is split over; 0 for one a core.
    pub threads: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { memory_bytes: 2 << 30, timeout: Duration::from_mins(1), export_timeout: EXPORT_TIMEOUT, threads: 0 }
    }
}

/// Tables ready to be asked.
pub struct Engine {
    session: SessionContext,
    config: EngineConfig,
    data_version: String,
    notes: Vec<Difference>,
    tables: Vec<tables::Table>,
    index: Arc<indexed::Slot>,
    /// Who runs statements in place of this process, and the session that sends them there.
    cluster: Option<(Scheduler, SessionContext)>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("config", &self.config)
            .field("data_version", &self.data_version)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens the Parquet files of `data`: `TABLE.parquet` or `TABLE/*.parquet` for each table of the
    /// catalog.
    ///
    /// # Errors
    /// Every table or column that differs from the catalog, all at once.
    pub fn open(data: &Path, catalog: &Catalog, config: EngineConfig) -> Result<Self, EngineError> {
        let found = tables::find(data, catalog)?;
        let session = session(config)?;
        let cuts = found.cuts(threads(config));
        for table in &found.tables {
            session.register_table(table.reference(), table.provider(&cuts)?).map_err(EngineError::from)?;
        }
        let index = Arc::new(indexed::Slot::new(data, catalog, &found, threads(config)));
        let tables::Found { tables, version, notes } = found;
        Ok(Self { session, config, data_version: version, notes, tables, index, cluster: None })
    }

    /// Runs a statement. Dropping the future cancels it.
    ///
    /// # Errors
    /// A limit that was reached, or a failure of the engine.
    pub async fn run(&self, sql: &CheckedSql) -> Result<Rows, EngineError> {
        // On the heap: what waits for an answer is kept small.
        match Box::pin(self.by_index(sql)).await? {
            Some(rows) => Ok(rows),
            None => Box::pin(self.by_sql(sql)).await,
        }
    }

    /// Runs a statement and keeps its result as it came, within `timeout` where that is shorter than the engine's
    /// own. Dropping the future cancels it.
    ///
    /// # Errors
    /// A limit that was reached, or a failure of the engine.
    pub async fn run_batches(&self, sql: &CheckedSql, timeout: Option<Duration>) -> Result<Output, EngineError> {
        let limit = timeout.map_or(self.config.timeout, |t| t.min(self.config.timeout));
        if let Some(output) = Box::pin(self.output_by_index(sql, limit)).await? {
            return Ok(output);
        }
        let started = Instant::now();
        let take = |mut stream: SendableRecordBatchStream| async move {
            let schema = stream.schema();
            let mut batches = Vec::new();
            while let Some(batch) = next(&mut stream).await? {
                batches.push(batch);
            }
            Ok(Output::new(schema, batches))
        };
        let output = self.within(limit, sql.text(), take).await?;
        self.ran(sql, started);
        Ok(output)
    }

    /// How a statement would be run: the operators, one a line, without the names of files.
    ///
    /// # Errors
    /// Where it cannot be planned, or not within the limit of time.
    pub async fn explain(&self, sql: &CheckedSql) -> Result<String, EngineError> {
        let planned = planned(self.session.clone(), sql.text().to_owned());
        match tokio::time::timeout(self.config.timeout, planned).await {
            Ok(planned) => planned.map(|(plan, _)| plan::text(&plan)),
            Err(_) => Err(EngineError::Timeout { limit: self.config.timeout }),
        }
    }

    /// Runs SQL as it is: for the gold answers of an evaluation, which are trusted files. No door calls it.
    ///
    /// # Errors
    /// A limit that was reached, or a failure of the engine.
    pub async fn run_gold(&self, sql: &str) -> Result<Rows, EngineError> {
        self.rows(sql).await
    }

    /// Writes the rows of a statement to the files of a job: the file, and where some are held out, theirs.
    /// They appear once they are whole. Dropping the future cancels it and leaves no file.
    ///
    /// # Errors
    /// A limit that was reached, a failure of the engine, or a file that cannot be written.
    pub async fn export(&self, sql: &CheckedSql, job: ExportJob) -> Result<Vec<Exported>, EngineError> {
        let threads = threads(self.config);
        let take = move |stream| export::write(stream, job, threads);
        self.within(self.config.export_timeout, sql.text(), take).await
    }

    /// Changes when the data does: a hash of the files' names, sizes and footers.
    #[must_use]
    pub fn data_version(&self) -> &str {
        &self.data_version
    }

    /// Version of the data that lies in `data` now.
    ///
    /// # Errors
    /// Every table or column that differs from the catalog, all at once.
    pub fn version_of(data: &Path, catalog: &Catalog) -> Result<String, EngineError> {
        Ok(tables::find(data, catalog)?.version)
    }

    /// Columns of the files that the catalog does not have; nothing reads them.
    #[must_use]
    pub fn notes(&self) -> &[Difference] {
        &self.notes
    }

    async fn rows(&self, sql: &str) -> Result<Rows, EngineError> {
        self.within(self.config.timeout, sql, |mut stream| async move {
            let mut rows = Rows::of(stream.schema().as_ref());
            while let Some(batch) = next(&mut stream).await? {
                rows.push(&batch)?;
            }
            Ok(rows)
        })
        .await
    }

    /// Runs a statement and hands its batches to `take`, on a task of its own: an operator that is long in
    /// giving way holds up neither the limit of time nor the caller. The task ends with this future.
    async fn within<T, F, W>(&self, limit: Duration, sql: &str, take: F) -> Result<T, EngineError>
    where
        T: Send + 'static,
        F: FnOnce(SendableRecordBatchStream) -> W + Send + 'static,
        W: Future<Output = Result<T, EngineError>> + Send,
    {
        let scheduler = self.cluster.as_ref().map(|(scheduler, _)| scheduler.clone());
        let session = self.cluster.as_ref().map_or(&self.session, |(_, session)| session).clone();
        let sql = sql.to_owned();
        let task = SpawnedTask::spawn(Box::pin(async move {
            let (plan, context) = planned(session, sql).await?;
            let running = Running::new(&plan, scheduler.as_ref());
            let taken = take(views::written_out(execute_stream(plan, context)?)).await;
            if taken.is_ok() {
                running.done();
            }
            taken
        }));
        let done = match tokio::time::timeout(limit, task.join()).await {
            Ok(done) => done.map_err(|_| EngineError::Stopped)?,
            Err(_) => Err(EngineError::Timeout { limit }),
        };
        match (&self.cluster, done) {
            (Some((scheduler, _)), Err(EngineError::Failed { cause })) if !scheduler.is_reached().await => {
                Err(EngineError::NoCluster { scheduler: scheduler.to_string(), cause })
            }
            (_, done) => done,
        }
    }
}

/// A plan and what it runs in.
type Planned = (Arc<dyn ExecutionPlan>, Arc<TaskContext>);

/// Plans a statement on a thread of its own, whose stack is deep enough for whatever `sql` lets through.
async fn planned(session: SessionContext, sql: String) -> Result<Planned, EngineError> {
    let runtime = tokio::runtime::Handle::current();
    let (send, receive) = tokio::sync::oneshot::channel();
    let plan = move || {
        let planned: DfResult<Planned> = runtime.block_on(async {
            #[expect(clippy::disallowed_methods, reason = "the one place where SQL is run; queries only")]
            let frame = Box::pin(session.sql_with_options(&sql, read_only())).await?;
            let (state, plan) = frame.into_parts();
            Ok((state.create_physical_plan(&plan).await?, state.task_ctx()))
        });
        // Nobody waits any more where the query was cancelled.
        let _ = send.send(planned);
    };
    let thread = std::thread::Builder::new().name("plan".to_owned()).stack_size(PLANNING_STACK);
    thread.spawn(plan).map_err(|cause| EngineError::Io { path: "planner".into(), cause })?;
    receive.await.map_err(|_| EngineError::Stopped)?.map_err(EngineError::from)
}

/// The next batch of a stream.
async fn next(stream: &mut SendableRecordBatchStream) -> Result<Option<RecordBatch>, EngineError> {
    let batch = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await;
    Ok(batch.transpose()?)
}

/// Queries only.
fn read_only() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}

/// How many threads a statement is split over.
fn threads(config: EngineConfig) -> usize {
    match config.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

fn session(config: EngineConfig) -> Result<SessionContext, EngineError> {
    let mut session = SessionConfig::new().with_information_schema(false).with_target_partitions(threads(config));
    let options = session.options_mut();
    options.set("datafusion.sql_parser.recursion_limit", &MAX_SQL_DEPTH.to_string())?;
    let pool = Arc::new(GreedyMemoryPool::new(config.memory_bytes));
    let stores = Arc::new(storage::Stores::default());
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).with_object_store_registry(stores).build_arc()?;
    let state = SessionStateBuilder::new().with_config(session).with_runtime_env(runtime).with_default_features();
    let state = state.with_physical_optimizer_rule(Arc::new(filters::PlainFilters));
    let state = state.with_physical_optimizer_rule(Arc::new(cooperate::Cooperate));
    Ok(SessionContext::new_with_state(state.build()))
}
