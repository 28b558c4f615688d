//! An export at work: written on a task of its own, which ends with the service.

use std::path::Path;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Prepared, Progress, info};
use crate::access::Caller;
use crate::app::{ExportError, ExportOutcome, ExportProgress, Origin, manifest};
use crate::catalog::Locale;
use crate::segment::text;
use crate::service::keep::remove_files;
use crate::service::segments::entry;
use crate::service::{Service, ServiceError};
use crate::store::{ExportRow, now};

impl Service {
    /// Keeps the order, and begins to write.
    pub(in crate::service) async fn launch(
        self: &Arc<Self>,
        caller: &Caller,
        prepared: Prepared,
    ) -> Result<super::ExportInfo, ServiceError> {
        let row = prepared.row.clone();
        let detail =
            json!({ "order": serde_json::from_str::<serde_json::Value>(&row.request_json).unwrap_or_default() });
        self.store.insert_export(row.clone(), vec![entry(caller, "export", &row.id, &detail)]).await?;
        let progress = Arc::new(Progress::default());
        let told = info::info(&row, Some(&progress));
        let (service, caller, watched) = (Arc::clone(self), caller.clone(), Arc::clone(&progress));
        let task = async move { service.work(&caller, prepared, &watched).await };
        let handle = {
            let mut tasks = self.jobs.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            // Those that have come to their end are let go of.
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task)
        };
        self.jobs.live.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id, (progress, handle));
        Ok(told)
    }

    async fn work(self: Arc<Self>, caller: &Caller, prepared: Prepared, progress: &Arc<Progress>) {
        let id = prepared.row.id.clone();
        let Ok(_place) = self.jobs.at_work.acquire().await else { return };
        let running = ExportRow { state: "running".to_owned(), ..prepared.row.clone() };
        let ended = match self.store.update_export(running.clone(), Vec::new()).await {
            Ok(()) => self.written(caller, &prepared, running, progress).await,
            Err(error) => failed(running, error.message(Locale::En)),
        };
        let action = if ended.state == "done" { "exported" } else { "export_failed" };
        let detail = json!({ "rows": ended.done_rows, "files": ended.files_json, "error": ended.error });
        if let Err(error) = self.store.update_export(ended, vec![entry(caller, action, &id, &detail)]).await {
            tracing::error!(%error, export = id, "the end of an export cannot be kept");
            remove_files(&self.config.exports, &id).await;
        }
        self.jobs.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// The row of an export that has come to its end, well or not.
    async fn written(
        &self,
        caller: &Caller,
        prepared: &Prepared,
        row: ExportRow,
        progress: &Arc<Progress>,
    ) -> ExportRow {
        let folder = self.folder(&row.id);
        let out = folder.join(format!("{}.{}", row.id, prepared.request.format.extension()));
        if let Err(error) = tokio::fs::create_dir_all(&folder).await {
            tracing::error!(%error, export = row.id, "the folder of an export cannot be made");
            return failed(row, "the folder of exports cannot be written".to_owned());
        }
        match self.files(caller, prepared, &out, progress).await {
            Ok((outcome, manifest)) => self.done(row, &outcome, manifest),
            Err(error) => {
                tracing::error!(%error, export = row.id, "an export failed");
                remove_files(&self.config.exports, &row.id).await;
                failed(row, error.message(Locale::En))
            }
        }
    }

    async fn files(
        &self,
        caller: &Caller,
        prepared: &Prepared,
        out: &Path,
        progress: &Arc<Progress>,
    ) -> Result<(ExportOutcome, String), ExportError> {
        let watched = Arc::clone(progress);
        let seen = Arc::new(move |so_far: ExportProgress| {
            watched.rows.store(so_far.rows, Ordering::Relaxed);
            watched.total.store(so_far.total, Ordering::Relaxed);
        });
        let outcome = prepared.app.export(&prepared.expr, &prepared.request, out, Some(seen)).await?;
        let segment = text::print(&prepared.expr);
        let when = DateTime::<Utc>::from_timestamp_millis(now()).unwrap_or_default();
        let origin = Origin { segment: &segment, reach: &prepared.request.reach, who: &caller.id, when };
        let manifest = manifest(&prepared.app, &outcome, &origin);
        manifest.write_beside(out)?;
        let kept = serde_json::to_string(&manifest).unwrap_or_default();
        Ok((outcome, kept))
    }

    fn done(&self, row: ExportRow, outcome: &ExportOutcome, manifest: String) -> ExportRow {
        let rows: u64 = outcome.files.iter().map(|file| file.rows).sum();
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let finished = now();
        let kept = i64::try_from(self.config.export_expiry.as_millis()).unwrap_or(i64::MAX);
        ExportRow {
            state: "done".to_owned(),
            done_rows: rows,
            total_rows: Some(rows),
            files_json: serde_json::to_string(&outcome.files).ok(),
            manifest_json: Some(manifest),
            finished: Some(finished),
            expires: Some(finished.saturating_add(kept)),
            ..row
        }
    }

    /// Exports that a former run of this server left unfinished have failed.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn settle_exports(&self) -> Result<(), ServiceError> {
        for row in self.store.unfinished_exports().await? {
            let request: serde_json::Value = serde_json::from_str(&row.request_json).unwrap_or_default();
            // Of servers that share a store, each settles its own.
            if request["server"].as_str() != Some(&self.instance) {
                continue;
            }
            remove_files(&self.config.exports, &row.id).await;
            self.store.update_export(failed(row, "the server was stopped".to_owned()), Vec::new()).await?;
        }
        Ok(())
    }
}

fn failed(row: ExportRow, why: String) -> ExportRow {
    ExportRow { state: "failed".to_owned(), error: Some(why), finished: Some(now()), files_json: None, ..row }
}
