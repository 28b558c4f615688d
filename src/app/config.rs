//! What an app is opened with, and why it may not open.

use std::path::PathBuf;

use crate::access::rules::RuleFault;
use crate::catalog::{Faults, Locale};
use crate::engine::{EngineConfig, EngineError, IndexConfig};
use crate::translate::router::{RouterError, Routing};

/// Longest request that is read, in bytes.
pub const MAX_REQUEST_BYTES: usize = 8 * 1024;

/// What an [`App`](super::App) is opened with.
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
    /// How the engine is to use an index.
    pub index: IndexConfig,
    /// Who translates beside the built-in translator; none for nobody.
    pub routing: Option<Routing>,
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
            index: IndexConfig::default(),
            routing: None,
        }
    }
}

/// How one request is to be answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskOptions {
    /// Language of the reply; none for that of the request.
    pub locale: Option<Locale>,
    /// Smallest group that is shown, instead of the app's.
    pub min_group: Option<u64>,
    /// Who is to translate, as [`App::translators`](super::App::translators) lists them; none for whom the policy says.
    pub model: Option<String>,
    /// Id of who asks: what models cost is counted by it.
    pub caller: Option<String>,
    /// Their role: the policy may go by it.
    pub role: Option<String>,
}

/// Why an app cannot open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// The catalog is wrong.
    #[error("the catalog has faults:\n{0}")]
    Catalog(#[from] Faults),
    /// The data cannot be opened.
    #[error("the data cannot be opened: {}", .0.message(Locale::En))]
    Data(#[from] EngineError),
    /// The models or their policy cannot be used.
    #[error("{0}")]
    Router(#[from] RouterError),
    /// Opening was broken off.
    #[error("opening the data was broken off")]
    Stopped,
    /// What somebody may see is no condition.
    #[error("the rows that may be seen cannot be told: {0}")]
    Within(#[from] RuleFault),
}

impl AppError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Catalog(faults), Locale::Ko) => format!("카탈로그에 잘못이 있습니다:\n{faults}"),
            (Self::Data(cause), Locale::Ko) => format!("데이터를 열 수 없습니다: {}", cause.message(locale)),
            (Self::Router(cause), _) => cause.message(locale),
            (Self::Stopped, Locale::Ko) => "데이터를 여는 일이 중단되었습니다".to_owned(),
            (Self::Within(cause), Locale::Ko) => format!("볼 수 있는 행을 정할 수 없습니다: {}", cause.message(locale)),
            (_, Locale::En) => self.to_string(),
        }
    }
}
