//! What can go wrong in the engine.

use std::path::PathBuf;
use std::time::Duration;

use datafusion::error::DataFusionError;

use crate::catalog::{FieldType, Locale};

/// A place where the data differs from the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// No file for a table.
    NoTable {
        /// The table.
        table: String,
    },
    /// A file lacks a column.
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The file.
        file: String,
    },
    /// A file has a column that the catalog does not know.
    Extra {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The file.
        file: String,
    },
    /// A column of another type.
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The file.
        file: String,
        /// What the catalog says.
        expected: FieldType,
        /// What the file has.
        found: String,
    },
}

impl Difference {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => self.korean(),
            Locale::En => self.english(),
        }
    }

    /// Whether queries can do without it.
    pub(super) fn is_harmless(&self) -> bool {
        matches!(self, Self::Extra { .. })
    }

    fn korean(&self) -> String {
        match self {
            Self::NoTable { table } => format!("{table}: 데이터 파일이 없습니다"),
            Self::NoColumn { table, column, file } => format!("{table}.{column}: {file}에 없습니다"),
            Self::Extra { table, column, file } => format!("{table}.{column}: {file}에는 있으나 카탈로그에 없습니다"),
            Self::Type { table, column, file, expected, found } => {
                format!("{table}.{column}: 카탈로그에는 {expected:?}, {file}에는 {found}")
            }
        }
    }

    fn english(&self) -> String {
        match self {
            Self::NoTable { table } => format!("{table}: no data file"),
            Self::NoColumn { table, column, file } => format!("{table}.{column}: missing from {file}"),
            Self::Extra { table, column, file } => format!("{table}.{column}: in {file}, but not in the catalog"),
            Self::Type { table, column, file, expected, found } => {
                format!("{table}.{column}: {expected:?} in the catalog, {found} in {file}")
            }
        }
    }
}

/// What went wrong in the engine.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
#[non_exhaustive]
pub enum EngineError {
    /// The data is not what the catalog says.
    Differs {
        /// Every difference.
        differences: Vec<Difference>,
    },
    /// A file that cannot be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A data file that is no Parquet.
    NotParquet {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: datafusion::parquet::errors::ParquetError,
    },
    /// The query ran past the limit.
    Timeout {
        /// The limit.
        limit: Duration,
    },
    /// The query needed more memory than there is for it.
    Memory {
        /// What the engine says.
        #[source]
        cause: Box<DataFusionError>,
    },
    /// The query was stopped from outside.
    Stopped,
    /// An export of no columns.
    NoColumns,
    /// An export of more rows than its format holds.
    TooManyRows {
        /// The most there may be.
        limit: u64,
    },
    /// An export of another number of rows than was counted.
    Rows {
        /// What was counted.
        expected: u64,
        /// What was written.
        found: u64,
    },
    /// The cluster that is to answer cannot be reached.
    NoCluster {
        /// Its address.
        scheduler: String,
        /// What the engine says.
        #[source]
        cause: Box<DataFusionError>,
    },
    /// An index of data that does not lie on this machine.
    Elsewhere {
        /// Where it lies.
        data: PathBuf,
    },
    /// A failure of the engine.
    Failed {
        /// What the engine says.
        #[source]
        cause: Box<DataFusionError>,
    },
}

impl EngineError {
    /// What a reader sees. The cause of a failure is not among it: it may hold a value, and of a row that the
    /// reader must not see.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => self.korean(),
            Locale::En => self.english(),
        }
    }

    fn korean(&self) -> String {
        match self {
            Self::Differs { differences } => {
                format!("데이터가 카탈로그와 다릅니다.\n{}", list(differences, Locale::Ko))
            }
            Self::Io { path, cause } => format!("파일을 읽거나 쓸 수 없습니다: {}: {cause}", path.display()),
            Self::NotParquet { path, cause } => format!("Parquet 파일이 아닙니다: {}: {cause}", path.display()),
            Self::Timeout { limit } => format!("{}초 안에 끝나지 않아 멈췄습니다.", limit.as_secs_f64()),
            Self::Memory { .. } => "질의에 쓸 수 있는 메모리를 넘었습니다. 조건을 좁혀 주세요.".to_owned(),
            Self::Stopped => "질의가 중단되었습니다.".to_owned(),
            Self::NoColumns => "내보낼 항목이 없습니다.".to_owned(),
            Self::TooManyRows { limit } => format!("이 형식의 파일에는 {limit}행까지만 담을 수 있습니다."),
            Self::Rows { expected, found } => {
                format!("집계는 {expected}행인데 파일은 {found}행이어서 저장하지 않았습니다.")
            }
            Self::NoCluster { scheduler, .. } => format!("클러스터 {scheduler}에 연결할 수 없습니다."),
            Self::Elsewhere { data } => format!(
                "인덱스는 이 컴퓨터에 있는 파일로 만듭니다. 데이터는 {}에 있습니다. 파일을 내려받아 --data로 지정하세요.",
                data.display()
            ),
            Self::Failed { .. } => {
                "질의를 실행하지 못했습니다. 0으로 나누거나 숫자가 아닌 값을 변환했을 수 있습니다.".to_owned()
            }
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Differs { differences } => {
                format!("the data differs from the catalog\n{}", list(differences, Locale::En))
            }
            Self::Io { path, cause } => format!("cannot read or write {}: {cause}", path.display()),
            Self::NotParquet { path, cause } => format!("not a Parquet file: {}: {cause}", path.display()),
            Self::Timeout { limit } => format!("stopped: not finished within {} s", limit.as_secs_f64()),
            Self::Memory { .. } => "the query needs more memory than it may use; narrow it down".to_owned(),
            Self::Stopped => "the query was stopped".to_owned(),
            Self::NoColumns => "there is no column to export".to_owned(),
            Self::TooManyRows { limit } => format!("a file of this format holds at most {limit} rows"),
            Self::Rows { expected, found } => {
                format!("{expected} rows were counted and {found} written; the file was not kept")
            }
            Self::NoCluster { scheduler, .. } => format!("the cluster {scheduler} cannot be reached"),
            Self::Elsewhere { data } => format!(
                "an index is built from files on this machine, and the data lies in {}; copy it and name the folder with --data",
                data.display()
            ),
            Self::Failed { .. } => {
                "the query could not be run; it may divide by zero or cast a text that is no number".to_owned()
            }
        }
    }
}

impl From<DataFusionError> for EngineError {
    fn from(cause: DataFusionError) -> Self {
        // It may hold a value: for whoever looks for a fault, not for the log of every day.
        tracing::debug!(%cause, "a query failed");
        let cause = Box::new(cause);
        match cause.find_root() {
            DataFusionError::ResourcesExhausted(_) => Self::Memory { cause },
            _ => Self::Failed { cause },
        }
    }
}

impl From<datafusion::arrow::error::ArrowError> for EngineError {
    fn from(cause: datafusion::arrow::error::ArrowError) -> Self {
        DataFusionError::from(cause).into()
    }
}

fn list(differences: &[Difference], locale: Locale) -> String {
    differences.iter().map(|d| format!("  {}", d.message(locale))).collect::<Vec<_>>().join("\n")
}
