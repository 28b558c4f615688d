//! An export as callers see it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ExportOrder, Progress};
use crate::app::ExportedFile;
use crate::service::time;
use crate::store::ExportRow;

/// An export.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ExportInfo {
    /// Its id.
    pub id: String,
    /// The segment, where it is a saved one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// What the segment was called when it was ordered, where it is a saved one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The definition that was exported, in text form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<ExportOrder>,
    /// `queued`, `running`, `done`, `failed`, `cancelled` or `expired`.
    pub state: String,
    /// Rows written so far.
    pub rows: u64,
    /// Rows that there will be, once they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The files, once they are whole.
    pub files: Vec<ExportFile>,
    /// What the files hold and where that comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub manifest: Option<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was ordered, RFC 3339.
    pub created: String,
    /// When it ended, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// When its files are taken away, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ExportFile {
    /// Its name.
    pub name: String,
    /// `exported`, or `held_out` for the control group.
    pub role: String,
    /// Its rows, without a header.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Where it can be fetched, whole or in ranges.
    pub url: String,
}

/// What is kept of a request. Those of earlier versions of Waggle may lack some of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    order: Option<ExportOrder>,
    text: Option<String>,
    name: Option<String>,
}

/// What an export is at a moment.
pub(super) fn info(row: &ExportRow, live: Option<&Progress>) -> ExportInfo {
    let files: Vec<ExportedFile> = files(row);
    let url = |file: &ExportedFile| format!("/v1/exports/{}/file?part={}", row.id, role(file));
    let (rows, total) = match live {
        Some(progress) => (progress.rows(), progress.total()),
        None => (u64::try_from(row.done_rows).unwrap_or(0), row.total_rows.and_then(|n| u64::try_from(n).ok())),
    };
    let Asked { order, text, name } = serde_json::from_str(&row.request_json).unwrap_or_default();
    ExportInfo {
        id: row.id.clone(),
        segment: row.segment.clone(),
        name,
        text,
        order,
        state: row.state.clone(),
        rows,
        total,
        files: files
            .iter()
            .map(|file| ExportFile {
                name: file.name.clone(),
                role: role(file),
                rows: file.rows,
                bytes: file.bytes,
                sha256: file.sha256.clone(),
                url: url(file),
            })
            .collect(),
        manifest: row.manifest_json.as_deref().and_then(|json| serde_json::from_str(json).ok()),
        error: row.error.clone(),
        created: time(row.created),
        finished: row.finished.map(time),
        expires: row.expires.map(time),
    }
}

/// The files of an export.
pub(super) fn files(row: &ExportRow) -> Vec<ExportedFile> {
    row.files_json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// `exported` or `held_out`.
pub(super) fn role(file: &ExportedFile) -> String {
    serde_json::to_value(file.role).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
