//! Limits of the service; every one has a name and a default.

use std::path::PathBuf;
use std::time::Duration;

use crate::catalog::Locale;

/// Limits of a [`Service`](super::Service).
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceConfig {
    /// Smallest group that is shown, instead of the catalog's; 0 shows all.
    pub min_group: Option<u64>,
    /// Language of answers; none for that of each request.
    pub locale: Option<Locale>,
    /// Lines of the operator, consented or not, as the administrator says; shown beside the population.
    pub lines_total: Option<u64>,
    /// Time between looks at the data files; none for never.
    pub watch_data: Option<Duration>,
    /// Conversations that are kept in memory between messages.
    pub live_sessions: usize,
    /// Turns of one conversation.
    pub max_turns: u32,
    /// Messages that are answered at once.
    pub concurrent_turns: usize,
    /// Messages that wait for their turn; more are refused.
    pub waiting_turns: usize,
    /// Exports that are written at once.
    pub concurrent_exports: usize,
    /// Folder of exported files.
    pub exports: PathBuf,
    /// Time until an exported file is taken away.
    pub export_expiry: Duration,
    /// Longest run of one export.
    pub export_timeout: Duration,
    /// Secret of the hashes that stand for identifiers in exported files.
    pub hash_key: Vec<u8>,
    /// Time until a conversation that nobody goes on with is erased; none for never.
    pub sessions_kept: Option<Duration>,
    /// Time until what is recorded of an export is erased; none for never.
    pub exports_kept: Option<Duration>,
}

impl ServiceConfig {
    /// Every limit at its default; exported files go to `exports`.
    #[must_use]
    pub fn new(exports: PathBuf) -> Self {
        Self {
            min_group: None,
            locale: None,
            lines_total: None,
            watch_data: None,
            live_sessions: 1000,
            max_turns: 10_000,
            concurrent_turns: std::thread::available_parallelism().map_or(2, usize::from) * 2,
            waiting_turns: 512,
            concurrent_exports: 2,
            exports,
            export_expiry: Duration::from_hours(7 * 24),
            export_timeout: Duration::from_mins(30),
            hash_key: Vec::new(),
            sessions_kept: None,
            exports_kept: None,
        }
    }
}
