//! Exports: the members of a segment as files. Composes what `reach` leaves, the statement of `sql` and the
//! writers of the engine; who may export, and where files are kept, is the business of those who call.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::App;
use super::reach::{Plan, Reach, ReachRequest, StepName};
use crate::catalog::{Catalog, Locale, Sensitivity, nearest};
use crate::engine::{EngineError, ExportFormat, ExportJob, Exported, FirstColumn, HashKey, MAX_XLSX_ROWS};
use crate::segment::Expr;
use crate::segment::check::SegmentError;
use crate::sql::{self, RowColumns, SqlError};

/// What becomes of the key in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum IdentifierPolicy {
    /// It is left out.
    #[default]
    Omit,
    /// A first column `<key>_hash`: HMAC-SHA-256 of its decimal text, hexadecimal.
    Hashed(HashKey),
    /// As it is. Only for a caller whose role may see it.
    Plain,
}

/// What is exported, and as what.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// As what.
    pub format: ExportFormat,
    /// Fields and bands, in this order; none for every open field.
    pub columns: Vec<String>,
    /// What becomes of the key.
    pub identifiers: IdentifierPolicy,
    /// Whether text begins with a byte order mark.
    pub bom: bool,
    /// Who may be contacted, and who is held out.
    pub reach: ReachRequest,
}

impl ExportRequest {
    /// Everybody, with every open field and no key.
    #[must_use]
    pub fn new(format: ExportFormat) -> Self {
        Self {
            format,
            columns: Vec::new(),
            identifiers: IdentifierPolicy::Omit,
            bom: false,
            reach: ReachRequest::default(),
        }
    }
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportProgress {
    /// Rows written.
    pub rows: u64,
    /// Rows that there will be.
    pub total: u64,
}

/// Who is told how far it is; called from the writer's thread.
pub type OnProgress = Arc<dyn Fn(ExportProgress) + Send + Sync>;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// Those who are to be contacted, or simply everybody.
    Exported,
    /// The control group.
    HeldOut,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Its name, without the folder.
    pub name: String,
    /// What it is for.
    pub role: FileRole,
    /// Its rows, without a header.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExportOutcome {
    /// The files, in the folder of the first.
    pub files: Vec<ExportedFile>,
    /// The statement behind them.
    pub sql: String,
    /// How their rows came about. The rows of the files are known, so they stand in it whatever they are.
    pub reach: Reach,
}

/// Why there is no export, or no reach.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
#[non_exhaustive]
pub enum ExportError {
    /// The segment cannot be asked of the catalog.
    Segment(Vec<SegmentError>),
    /// It cannot be said in SQL.
    Sql(#[source] SqlError),
    /// The engine failed.
    Engine(#[source] EngineError),
    /// No such channel.
    UnknownChannel {
        /// The name.
        name: String,
        /// Those there are.
        channels: Vec<String>,
    },
    /// A frequency cap without a channel.
    NoChannel,
    /// A frequency cap where the catalog knows of no past contacts.
    NoHistory,
    /// The catalog's condition of a channel is none.
    Policy {
        /// The channel.
        channel: String,
        /// What is wrong with it, Korean and English.
        reason: [String; 2],
    },
    /// A part to hold out that is no percentage between 0 and 100.
    Percent {
        /// What was asked.
        percent: f64,
    },
    /// A column that may not be exported, or is none.
    Column {
        /// The name.
        name: String,
        /// Names that are near.
        nearest: Vec<String>,
    },
    /// A column that is named twice.
    ColumnTwice {
        /// The name.
        name: String,
    },
    /// The manifest cannot be written.
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

impl ExportError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Segment(errors), _) => errors.iter().map(|e| e.message(locale)).collect::<Vec<_>>().join("; "),
            (Self::Sql(error), _) => error.message(locale),
            (Self::Engine(error), _) => error.message(locale),
            (_, Locale::Ko) => self.korean(),
            (_, Locale::En) => self.english(),
        }
    }

    /// Whether the request is at fault, rather than the data or the machine.
    #[must_use]
    pub fn is_of_the_request(&self) -> bool {
        match self {
            Self::Engine(error) => matches!(error, EngineError::TooManyRows { .. } | EngineError::NoColumns),
            Self::Manifest { .. } | Self::Policy { .. } => false,
            _ => true,
        }
    }

    fn korean(&self) -> String {
        match self {
            Self::UnknownChannel { name, channels } => {
                format!("'{name}' 채널은 없습니다. 쓸 수 있는 채널: {}", channels.join(", "))
            }
            Self::NoChannel => "최근 접촉 제외는 채널을 정해야 쓸 수 있습니다.".to_owned(),
            Self::NoHistory => "카탈로그에 접촉 이력이 없습니다.".to_owned(),
            Self::Policy { channel, reason } => format!("'{channel}' 채널의 조건이 잘못되었습니다: {}", reason[0]),
            Self::Percent { percent } => format!("대조군 비율은 0보다 크고 100보다 작아야 합니다: {percent}"),
            Self::Column { name, nearest } => {
                format!("'{name}'은(는) 내보낼 수 있는 항목이 아닙니다.{}", hint(" 혹시 이것인가요: ", nearest, ""))
            }
            Self::ColumnTwice { name } => format!("'{name}' 항목이 두 번 나옵니다."),
            Self::Manifest { path, cause } => format!("{}: {cause}", path.display()),
            Self::Segment(_) | Self::Sql(_) | Self::Engine(_) => String::new(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::UnknownChannel { name, channels } => {
                format!("there is no channel '{name}'; there is: {}", channels.join(", "))
            }
            Self::NoChannel => "leaving out those contacted of late needs a channel".to_owned(),
            Self::NoHistory => "the catalog knows of no past contacts".to_owned(),
            Self::Policy { channel, reason } => {
                format!("the condition of the channel '{channel}' is none: {}", reason[1])
            }
            Self::Percent { percent } => format!("a part to hold out is above 0 and below 100 percent, not {percent}"),
            Self::Column { name, nearest } => {
                format!("{name} is no column that may be exported{}", hint("; did you mean ", nearest, "?"))
            }
            Self::ColumnTwice { name } => format!("the column {name} is named twice"),
            Self::Manifest { path, cause } => format!("{}: {cause}", path.display()),
            Self::Segment(_) | Self::Sql(_) | Self::Engine(_) => String::new(),
        }
    }
}

fn hint(before: &str, names: &[String], after: &str) -> String {
    if names.is_empty() { String::new() } else { format!("{before}{}{after}", names.join(", ")) }
}

/// The columns that were named, or every open field where none were. Bands may be named too.
///
/// # Errors
/// Where a name is no column, is one that tells who somebody is, or stands twice.
pub fn export_columns(named: &[String], catalog: &Catalog) -> Result<Vec<String>, ExportError> {
    let open =
        || catalog.entity().fields.iter().filter(|f| f.sensitivity == Sensitivity::Open && f.name != catalog.key());
    if named.is_empty() {
        return Ok(open().map(|f| f.name.clone()).collect());
    }
    let known = || open().map(|f| f.name.as_str()).chain(catalog.bands.iter().map(|b| b.name.as_str()));
    for (i, name) in named.iter().enumerate() {
        if !known().any(|n| n == name) {
            let nearest = nearest(name, known()).into_iter().map(str::to_owned).collect();
            return Err(ExportError::Column { name: name.clone(), nearest });
        }
        if named[..i].contains(name) {
            return Err(ExportError::ColumnTwice { name: name.clone() });
        }
    }
    Ok(named.to_vec())
}

/// The file of those held out: `x.csv.gz` → `x.held_out.csv.gz`.
#[must_use]
pub fn held_out_path(out: &Path, format: ExportFormat) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let end = name.len().saturating_sub(format.extension().len() + 1);
    let fits = name.get(end..).is_some_and(|e| e[1..].eq_ignore_ascii_case(format.extension()) && e.starts_with('.'));
    let stem = if fits { &name[..end] } else { &name };
    out.with_file_name(format!("{stem}.held_out.{}", format.extension()))
}

impl App {
    /// Writes who is left of a segment to `out`, and where some are held out, those beside it. The number of
    /// rows is the segment's count, or with a channel the last step of the waterfall. Files appear once they
    /// are whole; dropping the future leaves none. The segment must not name saved ones.
    ///
    /// # Errors
    /// Where the request or the segment asks for what the catalog lacks, the engine fails, or a file cannot
    /// be written.
    pub async fn export(
        &self,
        segment: &Expr,
        request: &ExportRequest,
        out: &Path,
        progress: Option<OnProgress>,
    ) -> Result<ExportOutcome, ExportError> {
        let catalog = self.catalog();
        let columns = export_columns(&request.columns, catalog)?;
        let plan = Plan::of(segment, &request.reach, catalog)?;
        let counts = plan.counts(self).await?;
        let total = counts.held + counts.exported;
        if request.format == ExportFormat::Xlsx && counts.held.max(counts.exported) > MAX_XLSX_ROWS {
            return Err(ExportError::Engine(EngineError::TooManyRows { limit: MAX_XLSX_ROWS }));
        }
        let held = plan.held(&counts);
        let key = request.identifiers != IdentifierPolicy::Omit;
        let of = RowColumns { key, columns: &columns, held_out: held.as_ref() };
        let statement = sql::rows(plan.left(), of, catalog).map_err(ExportError::Sql)?;
        let job = ExportJob {
            path: out.to_owned(),
            held_out: held.is_some().then(|| held_out_path(out, request.format)),
            format: request.format,
            bom: request.bom,
            first: match &request.identifiers {
                IdentifierPolicy::Hashed(key) => FirstColumn::Hashed(key.clone()),
                IdentifierPolicy::Omit | IdentifierPolicy::Plain => FirstColumn::Plain,
            },
            expected: Some(total),
            progress: progress
                .map(|told| -> crate::engine::Progress { Arc::new(move |rows| told(ExportProgress { rows, total })) }),
        };
        let files = self.engine().export(&statement, job).await.map_err(ExportError::Engine)?;
        let min_group = request.reach.min_group.unwrap_or(self.min_group());
        Ok(ExportOutcome {
            files: files.into_iter().zip([FileRole::Exported, FileRole::HeldOut]).map(file).collect(),
            sql: statement.text().to_owned(),
            reach: plan.told(&counts, min_group, &[StepName::Exported, StepName::HeldOut]),
        })
    }
}

fn file((file, role): (Exported, FileRole)) -> ExportedFile {
    let name = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    ExportedFile { name, role, rows: file.rows, bytes: file.bytes, sha256: file.sha256 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_held_out_have_a_file_beside() {
        let beside = |name: &str, format| held_out_path(Path::new(name), format).display().to_string();
        assert_eq!(beside("a/x.csv.gz", ExportFormat::CsvGz), "a/x.held_out.csv.gz");
        assert_eq!(beside("x.y.parquet", ExportFormat::Parquet), "x.y.held_out.parquet");
        assert_eq!(beside("가나다", ExportFormat::Csv), "가나다.held_out.csv");
    }

    #[test]
    fn columns_are_open_fields_and_bands() {
        let catalog = crate::catalog::builtin().unwrap();
        let names =
            |names: &[&str]| export_columns(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>(), &catalog);
        assert!(!names(&[]).unwrap().contains(&"customer_id".to_owned()));
        assert_eq!(names(&["age_band", "gender"]).unwrap(), ["age_band", "gender"]);
        for wrong in [&["customer_id"][..], &["agee"], &["age", "age"], &[""]] {
            let error = names(wrong).unwrap_err();
            assert_ne!(error.message(Locale::Ko), error.message(Locale::En));
            assert!(error.is_of_the_request());
        }
    }
}
