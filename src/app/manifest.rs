//! The manifest of an export: what its files hold and where that comes from, as JSON beside them. With it
//! anybody can tell years later which question, over which data, a file answers.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::Serialize;

use super::export::{ExportError, ExportOutcome, ExportedFile};
use super::reach::Reach;
use super::{App, ReachRequest};
use crate::engine::sha256;

/// Where an export comes from.
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    /// The segment in text form.
    pub segment: &'a str,
    /// What was asked of it.
    pub reach: &'a ReachRequest,
    /// Who exported it.
    pub who: &'a str,
    /// When.
    pub when: DateTime<Utc>,
}

/// What is said of an export.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest<'a> {
    segment: &'a str,
    sql: &'a str,
    catalog: &'a str,
    catalog_version: &'a str,
    data_version: &'a str,
    as_of: NaiveDate,
    who: &'a str,
    when: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_contacted_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_out: Option<super::HoldOut>,
    reach: &'a Reach,
    rows: u64,
    files: &'a [ExportedFile],
}

/// The manifest of an export.
#[must_use]
pub fn manifest<'a>(app: &'a App, outcome: &'a ExportOutcome, origin: &Origin<'a>) -> Manifest<'a> {
    let catalog = app.catalog();
    Manifest {
        segment: origin.segment,
        sql: &outcome.sql,
        catalog: &catalog.name,
        catalog_version: &catalog.version,
        data_version: app.engine().data_version(),
        as_of: catalog.as_of,
        who: origin.who,
        when: origin.when.to_rfc3339_opts(SecondsFormat::Secs, true),
        channel: origin.reach.channel.as_deref(),
        not_contacted_days: origin.reach.not_contacted_days,
        hold_out: origin.reach.hold_out,
        reach: &outcome.reach,
        rows: outcome.files.iter().map(|f| f.rows).sum(),
        files: &outcome.files,
    }
}

impl Manifest<'_> {
    /// Writes it beside the file `out`, as `<out>.manifest.json`; gives its path and its SHA-256.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write_beside(&self, out: &Path) -> Result<(PathBuf, String), ExportError> {
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".manifest.json");
        let path = out.with_file_name(name);
        let part = path.with_extension("json.part");
        let written = serde_json::to_vec_pretty(self).map_err(std::io::Error::from).and_then(|mut text| {
            text.push(b'\n');
            let mut file = File::create(&part)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&part, &path)?;
            Ok(text)
        });
        match written {
            Ok(text) => Ok((path, sha256(&text))),
            Err(cause) => {
                let _ = std::fs::remove_file(&part);
                Err(ExportError::Manifest { path, cause })
            }
        }
    }
}
