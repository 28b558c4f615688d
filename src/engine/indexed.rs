//! The engine's index: which statements it answers, and how it comes to be there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwapOption;
use datafusion::arrow::datatypes::SchemaRef;

use super::index::file::{self, About};
use super::index::{Dice, Explained, Halt, Index, IndexTable, Origin, Progress, Source, Unfit};
use super::{Engine, EngineError, Rows, Scheduler, cluster, storage, tables};
use crate::catalog::Catalog;
use crate::segment::Literal;
use crate::sql::CheckedSql;

/// The folder of an index, in that of the data, where no other is named.
const FOLDER: &str = ".index";

/// An index is read into memory where so many of it would fit into what is free; else it stays mapped.
const ROOM: u64 = 2;

/// What gives the rows that the index does not.
pub const BY_SQL: &str = "DataFusion";

/// Who answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Mode {
    /// The index where there is one that holds what is asked, else SQL.
    #[default]
    Auto,
    /// SQL, always.
    Sql,
    /// The index, which is built first where there is none; SQL for what it does not hold.
    Index,
    /// A cluster, by SQL.
    Cluster(Scheduler),
}

impl Mode {
    /// What may be said for one.
    pub const FORMS: [&str; 4] = ["auto", "sql", "index", "ballista://HOST:PORT"];

    /// Whether an index may answer.
    #[must_use]
    pub fn asks_index(&self) -> bool {
        matches!(self, Self::Auto | Self::Index)
    }
}

impl std::str::FromStr for Mode {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "auto" => Ok(Self::Auto),
            "sql" => Ok(Self::Sql),
            "index" => Ok(Self::Index),
            _ => word.parse().map(Self::Cluster).map_err(|_| Self::FORMS.join(" or ")),
        }
    }
}

/// How an engine is to use an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexConfig {
    /// Who answers.
    pub mode: Mode,
    /// The folder that the index lies in; none for `.index` in the data's.
    pub folder: Option<PathBuf>,
    /// Whether it is built where there is none, in the background.
    pub keep: bool,
}

/// What there is to be said of the index of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexInfo {
    /// Its file.
    pub path: PathBuf,
    /// What it was built from.
    pub origin: Origin,
    /// How many entities it holds.
    pub entities: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Its tables, the entity's first.
    pub tables: Vec<IndexTable>,
    /// Whether it is of the data and the catalog that are open.
    pub fresh: bool,
}

impl IndexInfo {
    /// Bytes that it takes in memory at most: all but what only the next build reads.
    #[must_use]
    pub fn resident(&self) -> u64 {
        self.tables.iter().map(|table| table.bytes).sum()
    }
}

/// The place of an index.
#[derive(Debug)]
pub(super) struct Slot {
    sources: Vec<Source>,
    /// The columns of the entity's table.
    pub table: Option<SchemaRef>,
    pub catalog: Catalog,
    data: PathBuf,
    origin: Origin,
    threads: usize,
    pub mode: Mode,
    folder: PathBuf,
    pub index: ArcSwapOption<Index>,
    /// Set when the engine is no more.
    gone: AtomicBool,
    /// Explanations that are asked for; none where they are not.
    explained: Mutex<Option<Vec<Explained>>>,
}

impl Slot {
    pub(super) fn new(data: &Path, catalog: &Catalog, found: &tables::Found, threads: usize) -> Self {
        Self {
            sources: found.tables.iter().map(tables::Table::source).collect(),
            table: found.tables.first().map(|table| SchemaRef::clone(table.schema())),
            catalog: catalog.clone(),
            data: data.to_owned(),
            origin: Origin { catalog: catalog.version.clone(), data: found.version.clone() },
            threads,
            mode: Mode::default(),
            folder: data.join(FOLDER),
            index: ArcSwapOption::empty(),
            gone: AtomicBool::new(false),
            explained: Mutex::default(),
        }
    }

    /// Tells a build that goes on that nobody needs it any more.
    pub(super) fn leave(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    pub(super) fn explain(&self, how: Explained) {
        if let Some(list) = self.explained.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            list.push(how);
        }
    }

    /// Opens the index that lies in the folder.
    fn open(&self) -> Result<(), Unfit> {
        let index = Index::open(&self.folder, &self.origin, &self.catalog, self.threads)?;
        self.index.store(Some(Arc::new(index)));
        Ok(())
    }

    /// Builds the index, in the folder or in memory, and uses it from then on.
    fn build(&self, on_disk: bool, progress: &Progress<'_>) -> Result<bool, EngineError> {
        if storage::is_bucket(&self.data) {
            return Err(EngineError::Elsewhere { data: self.data.clone() });
        }
        let io = |cause| EngineError::Io { path: self.folder.clone(), cause };
        let held = if on_disk { Some(file::lock(&self.folder).map_err(io)?) } else { None };
        // Another may have built it while this one waited.
        if on_disk && !progress.anew && self.open().is_ok() {
            return Ok(true);
        }
        let folder = on_disk.then_some((self.folder.as_path(), &self.origin));
        let built = Index::build((&self.catalog, &self.sources), folder, self.threads, progress)?;
        drop(held);
        // Data that has changed in the meantime is not what the index would be taken for.
        if tables::find(&self.data, &self.catalog)?.version != self.origin.data {
            return Err(EngineError::Stopped);
        }
        let is_some = built.is_some();
        self.index.store(built.map(Arc::new));
        Ok(is_some)
    }

    /// Builds it in the folder, or in memory where that cannot be written.
    fn build_somewhere(&self, stopped: &(dyn Fn() -> bool + Sync)) -> Result<bool, EngineError> {
        let progress = Progress { report: &|_, _| (), stopped, anew: false };
        match self.build(true, &progress) {
            Err(EngineError::Io { path, cause }) if path == self.folder => {
                tracing::info!(folder = %path.display(), %cause, "the index is kept in memory: its folder cannot be written");
                self.build(false, &progress)
            }
            done => done,
        }
    }

    /// Reads and checks all of it on so many threads; where there is room, into memory of its own, from which it answers
    /// from then on.
    fn wake(&self, threads: usize) {
        let started = Instant::now();
        let stopped = || self.gone.load(Ordering::Relaxed);
        let Some(mapped) = self.index.load_full() else { return };
        let loaded = if self.has_room() { self.loaded(&mapped, &stopped) } else { None };
        let index = loaded.as_ref().unwrap_or(&mapped);
        match index.wake(threads, &stopped) {
            Ok(()) => {
                tracing::info!(
                    seconds = started.elapsed().as_secs_f64(),
                    own = loaded.is_some(),
                    "the index is in memory"
                );
                if loaded.is_some() {
                    // Unless another has come in the meantime.
                    self.index.compare_and_swap(&mapped, loaded);
                }
            }
            Err(Halt::Torn) => self.drop_torn(),
            Err(_) => {}
        }
    }

    /// Whether the memory that is free holds the index several times.
    fn has_room(&self) -> bool {
        let mut system = sysinfo::System::new();
        system.refresh_memory();
        // Files that are kept in memory do not count: they give way.
        let allowed = system.cgroup_limits().map(|limits| limits.total_memory.saturating_sub(limits.rss));
        let free = system.available_memory().min(allowed.unwrap_or(u64::MAX));
        file::bytes(&self.folder).is_some_and(|bytes| bytes.saturating_mul(ROOM) <= free)
    }

    /// The index that is mapped, read into memory.
    fn loaded(&self, mapped: &Index, stopped: &dyn Fn() -> bool) -> Option<Arc<Index>> {
        let loaded = mapped.load((&self.folder, &self.origin, &self.catalog), stopped);
        loaded.inspect_err(|why| tracing::debug!(?why, "the index stays mapped")).ok().flatten().map(Arc::new)
    }

    /// Drops an index that is not what was written.
    pub(super) fn drop_torn(&self) {
        tracing::warn!(folder = %self.folder.display(), "the index is damaged; it is dropped, and SQL answers");
        self.index.store(None);
        if let Err(error) = fs::remove_file(file::path(&self.folder)) {
            tracing::warn!(%error, "the damaged index cannot be removed");
        }
    }
}

impl Engine {
    /// The rows of a statement by running it.
    pub(super) async fn by_sql(&self, sql: &CheckedSql) -> Result<Rows, EngineError> {
        let started = Instant::now();
        let rows = self.rows(sql.text()).await?;
        self.ran(sql, started);
        Ok(rows)
    }

    /// Notes that a statement was run.
    pub(super) fn ran(&self, sql: &CheckedSql, started: Instant) {
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        self.index.explain(Explained { asked: sql.text().to_owned(), by: BY_SQL, leaves: Vec::new(), milliseconds });
    }

    /// A value that some row has; none without an index.
    pub(super) fn index_value(&self, table: &str, field: &str, dice: &mut Dice) -> Option<Literal> {
        self.index.index.load().as_ref()?.value(table, field, dice)
    }

    /// The same engine with another way to answer. It opens the index that lies in the folder, where that is of the
    /// data and the catalog that are open; it builds none.
    ///
    /// # Errors
    /// Data that a cluster cannot be told of.
    pub fn with_index(mut self, config: &IndexConfig) -> Result<Self, EngineError> {
        if let Mode::Cluster(scheduler) = &config.mode {
            let session = cluster::session(&self.session.state(), scheduler)?;
            for table in &self.tables {
                session.register_table(table.reference(), Arc::new(table.listing()?))?;
            }
            self.cluster = Some((scheduler.clone(), session));
        }
        if let Some(slot) = Arc::get_mut(&mut self.index) {
            slot.mode = config.mode.clone();
            if let Some(folder) = &config.folder {
                slot.folder.clone_from(folder);
            }
        }
        if config.mode.asks_index()
            && let Err(unfit @ (Unfit::Stale | Unfit::Torn)) = self.index.open()
        {
            tracing::info!(?unfit, "the index that is there is not used");
        }
        Ok(self)
    }

    /// Who answers.
    #[must_use]
    pub fn mode(&self) -> &Mode {
        &self.index.mode
    }

    /// Builds the index in its folder and uses it from then on; false where the data is such that there can be none.
    /// Another process that builds it is waited for.
    ///
    /// # Errors
    /// Files that cannot be read or written, or [`EngineError::Stopped`]: by `progress`, or since the data has changed.
    pub fn build_index(&self, progress: &Progress<'_>) -> Result<bool, EngineError> {
        self.index.build(true, progress)
    }

    /// The same in memory, without a file.
    ///
    /// # Errors
    /// Files that cannot be read, or [`EngineError::Stopped`].
    pub fn build_index_in_memory(&self) -> Result<bool, EngineError> {
        self.index.build(false, &Progress { report: &|_, _| (), stopped: &|| false, anew: false })
    }

    /// The same in its folder, or in memory where that cannot be written, and not where there is one.
    ///
    /// # Errors
    /// Files that cannot be read, or [`EngineError::Stopped`] where the data has changed.
    pub fn build_index_somewhere(&self) -> Result<bool, EngineError> {
        if self.has_index() || !self.index.mode.asks_index() {
            return Ok(self.has_index());
        }
        self.index.build_somewhere(&|| false)
    }

    /// Builds the index where there is none, on a thread of its own, which ends when the engine does. SQL answers in the
    /// meantime. One that is there is read and checked, while it answers.
    pub fn build_index_in_background(&self) {
        if !self.index.mode.asks_index() {
            return;
        }
        let slot = Arc::clone(&self.index);
        let build = move || {
            if slot.index.load().is_some() {
                return slot.wake(1);
            }
            let stopped = || slot.gone.load(Ordering::Relaxed);
            let started = Instant::now();
            match slot.build_somewhere(&stopped) {
                Ok(true) => {
                    tracing::info!(seconds = started.elapsed().as_secs_f64(), "the index is built");
                    slot.wake(1);
                }
                Ok(false) => tracing::info!("the data is such that it has no index"),
                Err(EngineError::Stopped | EngineError::Elsewhere { .. }) => {}
                Err(error) => tracing::warn!(%error, "the index cannot be built; SQL answers"),
            }
        };
        if let Err(error) = std::thread::Builder::new().name("index".to_owned()).spawn(build) {
            tracing::warn!(%error, "the index cannot be built; SQL answers");
        }
    }

    /// Reads and checks all of the index, with every thread: what a server has done some seconds after it was started.
    pub fn wake_index(&self) {
        self.index.wake(self.index.threads);
    }

    /// Whether there is an index.
    #[must_use]
    pub fn has_index(&self) -> bool {
        self.index.index.load().is_some()
    }

    /// Bytes of the index that is open; none where none is.
    #[must_use]
    pub fn index_bytes(&self) -> Option<usize> {
        self.index.index.load().as_ref().map(|index| index.bytes())
    }

    /// What lies in the folder of the index.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub fn index_info(&self) -> Result<IndexInfo, Unfit> {
        let slot = &self.index;
        let About { origin, entities, bytes, tables } = file::about(&slot.folder, &slot.catalog)?;
        let fresh = origin == slot.origin;
        Ok(IndexInfo { path: file::path(&slot.folder), origin, entities, bytes, tables, fresh })
    }

    /// From now on keeps how each statement was answered, for [`Engine::explained`].
    pub fn explain_from_now_on(&self) {
        *self.index.explained.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    /// How the statements since the last call were answered.
    #[must_use]
    pub fn explained(&self) -> Vec<Explained> {
        let mut explained = self.index.explained.lock().unwrap_or_else(PoisonError::into_inner);
        explained.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.index.leave();
    }
}
