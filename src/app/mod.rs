//! One turn from words to an answer, the stages in order. Does not know which door the words came through.

use std::path::PathBuf;

use crate::answer::Answer;
use crate::catalog::{Catalog, Locale};
use crate::engine::{Engine, EngineConfig};
use crate::session::Session;

/// Longest request that is read, in bytes.
pub const MAX_REQUEST_BYTES: usize = 8 * 1024;

/// What an [`App`] is opened with.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Folder of the catalog; none for the built-in one.
    pub catalog: Option<PathBuf>,
    /// Folder of the data.
    pub data: PathBuf,
    /// Smallest group that is shown, instead of the catalog's; 0 shows all.
    pub min_group: Option<u64>,
    /// Longest request, in bytes.
    pub max_request_bytes: usize,
    /// Limits of the engine.
    pub engine: EngineConfig,
}

impl AppConfig {
    /// The built-in catalog over the data in `data`, with every limit at its default.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self {
            catalog: None,
            data,
            min_group: None,
            max_request_bytes: MAX_REQUEST_BYTES,
            engine: EngineConfig::default(),
        }
    }
}

/// How one request is to be answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AskOptions {
    /// Language of the reply; none for that of the request.
    pub locale: Option<Locale>,
    /// Smallest group that is shown, instead of the app's.
    pub min_group: Option<u64>,
}

/// Why an app cannot open.
#[derive(Debug, thiserror::Error)]
#[error("app")]
pub struct AppError {}

impl AppError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, _locale: Locale) -> String {
        unimplemented!()
    }
}

/// A catalog, its data and its language, ready to be asked.
#[derive(Debug)]
pub struct App {
    catalog: Catalog,
    engine: Engine,
}

impl App {
    /// Opens the catalog and the data.
    ///
    /// # Errors
    /// Everything that is wrong with the catalog, or with the data.
    pub fn open(_config: AppConfig) -> Result<Self, AppError> {
        unimplemented!()
    }

    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Answers `text` and records the turn in `session`. Whatever goes wrong becomes an answer too.
    #[allow(clippy::unused_async, reason = "body to come")]
    pub async fn ask(&self, _session: &mut Session, _text: &str, _options: &AskOptions) -> Answer {
        unimplemented!()
    }
}
