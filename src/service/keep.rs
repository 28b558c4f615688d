//! What the service does without being asked: reading data anew whose files have changed, and erasing what has been kept
//! long enough. It is one future, which whoever serves drives and drops: no task outlives the service.

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use tokio::fs;
use tokio::time::{MissedTickBehavior, interval};

use super::{Service, ServiceError};
use crate::access::{Caller, Role};
use crate::store::{ExportRow, now};

/// So often is looked for what is too old.
pub const ERASE_EVERY: Duration = Duration::from_hours(1);

/// How an export stands whose files are gone.
const EXPIRED: &str = "expired";
/// Who reads data anew whose files have changed, in the audit log.
const WATCHER: &str = "watch_data";

/// What was erased by age.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Sessions.
    pub sessions: u64,
    /// Exports whose files were taken away.
    pub files: u64,
    /// Exports of which nothing is left but the audit log.
    pub exports: u64,
}

impl Service {
    /// Does it all until it is dropped.
    pub async fn keep_house(&self) -> Infallible {
        let (never, _) = tokio::join!(self.keep_erasing(), self.keep_watching());
        never
    }

    async fn keep_erasing(&self) -> Infallible {
        let mut hours = interval(ERASE_EVERY);
        hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            hours.tick().await;
            match self.erase_old().await {
                Ok(erased) if erased == Erased::default() => {}
                Ok(Erased { sessions, files, exports }) => tracing::info!(sessions, files, exports, "erased by age"),
                Err(error) => tracing::warn!(%error, "what is too old cannot be erased"),
            }
        }
    }

    async fn keep_watching(&self) -> Infallible {
        let Some(every) = self.config.watch_data else { return std::future::pending().await };
        let mut looks = interval(every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if self.is_stale().await {
                self.read_anew().await;
            }
        }
    }

    /// Data that is only half there is read at a later look.
    async fn read_anew(&self) {
        let watcher = Caller { id: WATCHER.to_owned(), name: WATCHER.to_owned(), role: Role::Admin, ..Caller::local() };
        match self.reload(&watcher).await {
            Ok([from, to]) => tracing::info!(from, to, "the data has changed and was read anew"),
            Err(error) => tracing::warn!(%error, "the data has changed and cannot be read; what was open stays"),
        }
    }

    /// Erases sessions and exports that have been kept long enough, and the files of exports that have expired.
    ///
    /// # Errors
    /// A store that fails; what was erased until then stays erased.
    pub async fn erase_old(&self) -> Result<Erased, ServiceError> {
        let at = now();
        let before = |kept: Duration| at.saturating_sub(i64::try_from(kept.as_millis()).unwrap_or(i64::MAX));
        let mut erased = Erased::default();
        if let Some(kept) = self.config.sessions_kept {
            erased.sessions = self.store.erase_sessions_older_than(before(kept)).await?;
        }
        for export in self.store.expired_exports(at).await? {
            if remove_files(&self.config.exports, &export.id).await {
                let gone = ExportRow { state: EXPIRED.to_owned(), files_json: None, ..export };
                self.store.update_export(gone, Vec::new()).await?;
                erased.files += 1;
            }
        }
        if let Some(kept) = self.config.exports_kept {
            for export in self.store.erase_exports_older_than(before(kept)).await? {
                remove_files(&self.config.exports, &export.id).await;
                erased.exports += 1;
            }
        }
        Ok(erased)
    }
}

/// Takes away the files of an export, which lie in a folder of its id; whether they are gone.
pub(super) async fn remove_files(exports: &Path, id: &str) -> bool {
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !plain {
        return false;
    }
    match fs::remove_dir_all(exports.join(id)).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, export = id, "the files of an export cannot be removed");
            false
        }
        _ => true,
    }
}
