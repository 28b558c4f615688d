//! What many people share: conversations, saved segments, exports, analysts' SQL, feedback; each on behalf of a
//! [`Caller`], within the rows it may see, kept in the store before it is acknowledged.
//!
//! Every door calls this room. It knows nothing of HTTP, and understands no words itself: `app` does.

mod admin;
mod analyst;
mod apps;
mod compare;
mod config;
mod error;
mod exports;
mod feedback;
mod filters;
mod guard;
mod keep;
mod library;
mod live;
mod message;
mod models;
mod numbers;
mod places;
mod preview;
mod replay;
mod segments;
mod sessions;
mod state;
mod turns;

use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::access::{Caller, Right};
use crate::app::{App, AppConfig, Failure};
use crate::catalog::Locale;
use crate::engine::sha256;
use crate::store::{Store, now};

pub use admin::{AuditBreakInfo, AuditInfo, AuditVerdictInfo, KeyInfo, MAX_KEY_NAME_CHARS, MadeKey, MeInfo, NewKey};
pub use compare::{COMPARED_FIELDS, ComparisonInfo, FieldContrast, GroupContrast, Side};
pub use config::ServiceConfig;
pub use error::{ServiceError, Thing};
pub use exports::{ExportFile, ExportInfo, ExportOrder, Fetched, HoldOutOrder, Identifiers, ReachOrder, Source};
pub use feedback::{Approval, Feedback, FeedbackInfo, Judgement, MAX_COMMENT_CHARS};
pub use filters::{CategoryUse, FilterUse, Notice};
pub use keep::{ERASE_EVERY, Erased};
pub use message::{HandEdit, HandOp, Message};
pub use models::{AbilityInfo, PriceInfo, Sentences, TranslatorInfo};
pub use numbers::{STAGE_SECONDS, STORE_ERRORS, TURNS};
pub use preview::{PreviewOf, SqlPreview};
pub use replay::MAX_REPLAYED;
pub use segments::entry as audit_entry;
pub use segments::{CountInfo, MAX_DESCRIPTION_CHARS, NewSegment, SegmentEdit, SegmentInfo};
pub use sessions::{SessionInfo, SessionView, TurnInfo};
pub use state::{AllowanceInfo, BudgetInfo, CallerSpent, KeptInfo, ServiceState, SpentInfo};
pub use turns::{MAX_KEY_CHARS, Say};

use apps::Apps;
use exports::Jobs;
use library::Known;
use live::Shelf;
use places::Places;
use replay::Threads;

/// The service.
#[derive(Debug)]
pub struct Service {
    apps: Apps,
    store: Store,
    config: ServiceConfig,
    shelf: Shelf,
    known: Known,
    turns: Places,
    threads: Threads,
    jobs: Jobs,
    /// What this server is called among those that share a store.
    instance: String,
    /// When it was started, in milliseconds since 1970.
    started: i64,
}

impl Service {
    /// A service over `app`, which was opened with `opened`, and what `store` keeps.
    #[must_use]
    pub fn new(app: App, opened: AppConfig, store: Store, config: ServiceConfig) -> Self {
        Self {
            apps: Apps::new(app, opened),
            store,
            shelf: Shelf::new(config.live_sessions),
            known: Known::default(),
            threads: Threads::default(),
            turns: Places::new(config.concurrent_turns, config.waiting_turns),
            jobs: Jobs::new(config.concurrent_exports),
            instance: instance(&config.exports),
            started: now(),
            config,
        }
    }

    /// What the caller may see.
    ///
    /// # Errors
    /// Where a rule that holds for the caller cannot be applied.
    pub fn app(&self, caller: &Caller) -> Result<std::sync::Arc<App>, ServiceError> {
        self.apps.of(caller)
    }

    /// The data and the catalog, for what says nothing of rows.
    #[must_use]
    pub fn whole(&self) -> std::sync::Arc<App> {
        self.apps.whole()
    }

    /// Messages that are being answered.
    #[must_use]
    pub fn answering(&self) -> usize {
        self.turns.at_work()
    }

    /// Messages that wait to be answered.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.turns.waiting()
    }

    /// Opens catalog and data again; what is running goes on with what it began with. Says the versions of the data
    /// before and after.
    ///
    /// # Errors
    /// A role that may not, or what is wrong with the catalog or the data; what was open stays so.
    pub async fn reload(&self, caller: &Caller) -> Result<[String; 2], ServiceError> {
        turns::allowed(caller, Right::Reload)?;
        let versions = self.apps.reload().await?.map(|app| app.engine().data_version().to_owned());
        let detail = serde_json::json!({ "from": versions[0], "to": versions[1] });
        self.store.append_audit(vec![segments::entry(caller, "reload", "data", &detail)]).await?;
        self.note_catalog().await?;
        Ok(versions)
    }

    /// Whether the files of the data are others than those that are open.
    pub async fn is_stale(&self) -> bool {
        self.apps.is_stale().await
    }

    /// What is kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The limits.
    #[must_use]
    pub fn config(&self) -> &ServiceConfig {
        &self.config
    }
}

/// A server is told from others by where it keeps its files: after a restart it is the same one.
fn instance(exports: &std::path::Path) -> String {
    let path = std::path::absolute(exports).unwrap_or_else(|_| exports.to_path_buf());
    sha256(path.to_string_lossy().as_bytes())
}

/// A stage of an answer that failed.
fn failed(failure: Failure) -> ServiceError {
    let message = [failure.message(Locale::Ko), failure.message(Locale::En)];
    match failure {
        Failure::Segment(parts) => ServiceError::Unsupported { text: None, parts },
        Failure::Sql(_) => ServiceError::Invalid { why: message },
        _ => ServiceError::Failed { message },
    }
}

/// Part of a long list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// So many; none for the default.
    pub limit: Option<u32>,
    /// Only those before this time, in milliseconds since 1970.
    pub before: Option<i64>,
}

impl Page {
    /// Entries of a page where nothing else is asked for.
    pub const DEFAULT: u32 = 50;
    /// Most entries of a page.
    pub const MOST: u32 = 500;

    fn limit(self) -> u32 {
        self.limit.unwrap_or(Self::DEFAULT).clamp(1, Self::MOST)
    }
}

/// 128 bits of the system's randomness, in hexadecimal.
#[must_use]
pub(crate) fn new_id() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_ok() {
        return hex(&bytes);
    }
    // A system without randomness has no safe ids either: the standard library's keys are the next best.
    let half = || RandomState::new().hash_one(0_u8);
    format!("{:016x}{:016x}", half(), half())
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Milliseconds since 1970 as RFC 3339 in UTC.
pub(crate) fn time(milliseconds: i64) -> String {
    let time = DateTime::<Utc>::from_timestamp_millis(milliseconds).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
