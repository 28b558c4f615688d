//! The engine's index: which statements it answers, and how it comes to be there.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwapOption;
use datafusion::common::runtime::SpawnedTask;

use super::index::{Answered, Explained, Index, Progress, Source, Stop};
use super::{Engine, EngineError, Rows, threads};
use crate::catalog::Catalog;
use crate::sql::CheckedSql;

/// Who answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// The index where there is one that holds what is asked, else SQL.
    #[default]
    Auto,
    /// SQL, always.
    Sql,
    /// The index, which is built first where there is none; SQL for what it does not hold.
    Index,
}

/// The words for each.
const MODES: [(Mode, &str); 3] = [(Mode::Auto, "auto"), (Mode::Sql, "sql"), (Mode::Index, "index")];

impl std::str::FromStr for Mode {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        MODES.iter().find(|(_, name)| *name == word).map(|(mode, _)| *mode).ok_or(())
    }
}

/// How an engine is to use an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexConfig {
    /// Who answers.
    pub mode: Mode,
}

/// The place of an index.
#[derive(Debug)]
pub(super) struct Slot {
    sources: Vec<Source>,
    catalog: Arc<Catalog>,
    mode: Mode,
    index: ArcSwapOption<Index>,
    /// Explanations that are asked for; none where they are not.
    explained: Mutex<Option<Vec<Explained>>>,
}

impl Slot {
    pub(super) fn new(sources: Vec<Source>, catalog: &Catalog) -> Self {
        Self {
            sources,
            catalog: Arc::new(catalog.clone()),
            mode: Mode::default(),
            index: ArcSwapOption::empty(),
            explained: Mutex::default(),
        }
    }

    fn explain(&self, how: Explained) {
        if let Some(list) = self.explained.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            list.push(how);
        }
    }
}

/// Tells a question to stop when nobody waits for it any more.
struct Waits(Arc<Stop>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.tell();
    }
}

impl Engine {
    /// The rows of a statement by the index; none where it must be run.
    pub(super) async fn by_index(&self, sql: &CheckedSql) -> Result<Option<Rows>, EngineError> {
        if self.index.mode == Mode::Sql {
            return Ok(None);
        }
        let (Some(shape), Some(index)) = (sql.shape(), self.index.index.load_full()) else { return Ok(None) };
        let limit = self.config.timeout;
        let stop = Arc::new(Stop::at(Instant::now().checked_add(limit)));
        let waits = Waits(Arc::clone(&stop));
        let shape = Arc::clone(shape);
        let task = SpawnedTask::spawn_blocking(move || {
            let _question = tracing::debug_span!("index").entered();
            index.answer(&shape, &stop)
        });
        let answered = task.join().await.map_err(|_| EngineError::Stopped)?;
        drop(waits);
        match answered {
            Ok(Some(Answered { rows, how })) => {
                self.index.explain(how);
                Ok(Some(rows))
            }
            Ok(None) => Ok(None),
            // Nobody but the clock stops a question that somebody waits for.
            Err(EngineError::Stopped) => Err(EngineError::Timeout { limit }),
            Err(other) => Err(other),
        }
    }

    /// The same engine with another way to use its index.
    #[must_use]
    pub fn with_index(mut self, config: &IndexConfig) -> Self {
        self.index.mode = config.mode;
        self
    }

    /// Builds an index in memory and uses it from then on; false where the data is such that there can be none.
    ///
    /// # Errors
    /// Files that cannot be read, or [`EngineError::Stopped`].
    pub fn build_index(&self, progress: &Progress<'_>) -> Result<bool, EngineError> {
        let slot = &self.index;
        let built = Index::build(&slot.catalog, &slot.sources, threads(self.config), progress)?;
        let is_some = built.is_some();
        slot.index.store(built.map(Arc::new));
        Ok(is_some)
    }

    /// The same without telling how far it is.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn build_index_quietly(&self) -> Result<bool, EngineError> {
        self.build_index(&Progress { report: &|_, _| (), stop: &AtomicBool::new(false) })
    }

    /// Whether there is an index.
    #[must_use]
    pub fn has_index(&self) -> bool {
        self.index.index.load().is_some()
    }

    /// Bytes of the index; none where there is none.
    #[must_use]
    pub fn index_bytes(&self) -> Option<usize> {
        self.index.index.load().as_ref().map(|index| index.bytes())
    }

    /// From now on keeps how each statement was answered, for [`Engine::explained`].
    pub fn explain_from_now_on(&self) {
        *self.index.explained.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    /// How the statements since the last call were answered.
    #[must_use]
    pub fn explained(&self) -> Vec<Explained> {
        self.index
            .explained
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }
}
