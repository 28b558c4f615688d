//! Exports: jobs that write the members of a segment to files, with progress; the files can be fetched until they
//! expire. Who exported what is in the audit log before the first byte leaves.

mod info;
mod job;
mod order;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};

use super::keep::remove_files;
use super::segments::entry;
use super::turns::allowed;
use super::{Service, ServiceError, Thing, new_id};
use crate::access::{Caller, Right};
use crate::app::{App, ExportError, ExportRequest, Reach};
use crate::catalog::Locale;
use crate::segment::{Expr, text};
use crate::session::expand;
use crate::store::{ExportRow, SegmentRow, now};

pub use info::{ExportFile, ExportInfo};
pub use order::{ExportOrder, HoldOutOrder, Identifiers, ReachOrder};

/// Exports of one list.
const MAX_LISTED: u32 = 200;

/// What is exported: a saved segment, or what a conversation stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A saved segment.
    Segment(String),
    /// A conversation.
    Session(String),
}

/// A file that can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// What it is called where it is sent.
    pub media_type: &'static str,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// How far an export is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    rows: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Known once it is counted.
    fn total(&self) -> Option<u64> {
        Some(self.total.load(Ordering::Relaxed)).filter(|&n| n > 0)
    }
}

/// The exports that are going on.
#[derive(Debug)]
pub(super) struct Jobs {
    at_work: Arc<Semaphore>,
    live: Mutex<BTreeMap<String, (Arc<Progress>, AbortHandle)>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Jobs {
    pub(super) fn new(at_once: usize) -> Self {
        Self { at_work: Arc::new(Semaphore::new(at_once.max(1))), live: Mutex::default(), tasks: Mutex::default() }
    }

    fn progress(&self, id: &str) -> Option<Arc<Progress>> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.get(id).map(|(progress, _)| Arc::clone(progress))
    }

    /// Stops a job; false where it is not going on.
    fn stop(&self, id: &str) -> bool {
        let job = self.live.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        job.map(|(_, handle)| handle.abort()).is_some()
    }
}

/// An export that can be had, and is not begun.
pub(super) struct Prepared {
    app: Arc<App>,
    expr: Expr,
    request: ExportRequest,
    row: ExportRow,
}

impl Prepared {
    /// The id that it will have.
    pub(super) fn id(&self) -> &str {
        &self.row.id
    }
}

impl Service {
    /// Begins an export.
    ///
    /// # Errors
    /// No such segment or session, a role that may not, an order that cannot be had.
    pub async fn start_export(
        self: &Arc<Self>,
        caller: &Caller,
        source: &Source,
        order: &ExportOrder,
    ) -> Result<ExportInfo, ServiceError> {
        let app = self.apps.of(caller)?;
        let (expr, segment) = self.exported(caller, &app, source).await?;
        let prepared = self.prepare(caller, (app, expr, segment), order).await?;
        self.launch(caller, prepared).await
    }

    /// The waterfall of an order, without exporting anybody.
    ///
    /// # Errors
    /// No such segment or session, an order that cannot be had.
    pub async fn reach(&self, caller: &Caller, source: &Source, order: &ReachOrder) -> Result<Reach, ServiceError> {
        allowed(caller, Right::Ask)?;
        let app = self.apps.of(caller)?;
        let (expr, _) = self.exported(caller, &app, source).await?;
        let _place = self.turns.enter().await?;
        app.reach(&expr, &order.request(self.config.min_group)).await.map_err(|e| unavailable(&e))
    }

    /// The caller's exports, the newest first.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn exports(&self, caller: &Caller) -> Result<Vec<ExportInfo>, ServiceError> {
        let rows = self.store.exports(&caller.id, MAX_LISTED).await?;
        Ok(rows.iter().map(|row| info::info(row, self.jobs.progress(&row.id).as_deref())).collect())
    }

    /// One export, with how far it is.
    ///
    /// # Errors
    /// No such export of the caller's.
    pub async fn export(&self, caller: &Caller, id: &str) -> Result<ExportInfo, ServiceError> {
        let row = self.export_row(caller, id).await?;
        Ok(info::info(&row, self.jobs.progress(id).as_deref()))
    }

    /// Stops an export that is going on, or takes the files of one that is done away.
    ///
    /// # Errors
    /// No such export of the caller's.
    pub async fn cancel_export(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        let row = self.export_row(caller, id).await?;
        self.jobs.stop(id);
        // Read again: it may have come to its end just now.
        let row = self.store.export(id).await?.unwrap_or(row);
        remove_files(&self.config.exports, id).await;
        let ended = ExportRow {
            state: "cancelled".to_owned(),
            files_json: None,
            finished: row.finished.or(Some(now())),
            ..row
        };
        Ok(self.store.update_export(ended, vec![entry(caller, "cancel_export", id, &json!({}))]).await?)
    }

    /// A file of an export; `part` is `exported` or `held_out`.
    ///
    /// # Errors
    /// No such export of the caller's, or it is not done, or its files have expired.
    pub async fn export_file(&self, caller: &Caller, id: &str, part: &str) -> Result<Fetched, ServiceError> {
        let row = self.export_row(caller, id).await?;
        if row.state == "expired" || row.state == "cancelled" {
            return Err(ServiceError::Gone { thing: Thing::Export, id: id.to_owned() });
        }
        let found = info::files(&row).into_iter().find(|file| info::role(file) == part);
        let Some(file) = found.filter(|_| row.state == "done") else {
            let state = row.state.clone();
            return Err(ServiceError::invalid(
                format!("`{part}` 파일이 없습니다 (상태: {state})"),
                format!("there is no file `{part}` (state: {state})"),
            ));
        };
        let path = self.folder(id).join(&file.name);
        let format = crate::engine::ExportFormat::of_file(&path);
        let media_type = format.map_or("application/octet-stream", crate::engine::ExportFormat::media_type);
        let detail = json!({ "file": file.name, "sha256": file.sha256 });
        self.store.append_audit(vec![entry(caller, "fetch_export", id, &detail)]).await?;
        Ok(Fetched { path, name: file.name, media_type, sha256: file.sha256 })
    }

    /// The definition of what is exported, and the saved segment that it is.
    async fn exported(
        &self,
        caller: &Caller,
        app: &App,
        source: &Source,
    ) -> Result<(Expr, Option<SegmentRow>), ServiceError> {
        match source {
            Source::Segment(id) => {
                let row = self.usable_row(caller, id, false).await?;
                Ok((self.latest(app, &row).await?.1, Some(row)))
            }
            Source::Session(id) => {
                let row = self.session_row(caller, id).await?;
                let mut session = self.read_session(&row).await?;
                session.lend(self.library(caller).await?.into_iter().map(|(_, saved)| saved).collect());
                Ok((expand(&session.segment().expr(), &session), None))
            }
        }
    }

    /// Checks an order, and makes the row of its job.
    pub(super) async fn prepare(
        &self,
        caller: &Caller,
        (app, expr, segment): (Arc<App>, Expr, Option<SegmentRow>),
        order: &ExportOrder,
    ) -> Result<Prepared, ServiceError> {
        let request = self.request(caller, order, app.catalog())?;
        let count = app.count_of(&expr).await.map_err(super::failed)?;
        if self.told(&app, count).is_none() {
            let min = self.config.min_group.unwrap_or(app.min_group());
            return Err(ServiceError::invalid(
                format!("{min}명 미만인 세그먼트는 내보낼 수 없습니다"),
                format!("a segment of fewer than {min} cannot be exported"),
            ));
        }
        app.reach(&expr, &request.reach).await.map_err(|e| unavailable(&e))?;
        let (segment, name) = segment.map(|row| (row.id, row.name)).unzip();
        let asked =
            json!({ "order": order, "text": text::print(&expr), "name": name, "server": self.instance }).to_string();
        let row = ExportRow {
            id: new_id(),
            owner: caller.id.clone(),
            segment,
            request_json: asked,
            state: "queued".to_owned(),
            created: now(),
            ..ExportRow::default()
        };
        Ok(Prepared { app, expr, request, row })
    }

    /// A row of the caller's.
    async fn export_row(&self, caller: &Caller, id: &str) -> Result<ExportRow, ServiceError> {
        let row = self.store.export(id).await?.filter(|row| row.owner == caller.id);
        row.ok_or_else(|| ServiceError::not_found(Thing::Export, id))
    }

    fn folder(&self, id: &str) -> PathBuf {
        self.config.exports.join(id)
    }
}

/// An order that cannot be had, or an engine that failed.
fn unavailable(error: &ExportError) -> ServiceError {
    let message = [error.message(Locale::Ko), error.message(Locale::En)];
    if error.is_of_the_request() { ServiceError::Invalid { why: message } } else { ServiceError::Failed { message } }
}
