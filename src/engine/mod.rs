//! The engine: DataFusion over the Parquet files of a data folder. It runs [`CheckedSql`] and nothing
//! else, read-only, within limits of memory and time. Knows nothing of words or models.

use std::path::Path;
use std::time::Duration;

use chrono::NaiveDate;

use crate::catalog::{Catalog, Locale};
use crate::sql::CheckedSql;

/// Limits of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineConfig {
    /// Memory that queries may use together.
    pub memory_bytes: usize,
    /// Longest run of one query.
    pub timeout: Duration,
    /// Threads a query is split over; 0 for one a core.
    pub threads: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { memory_bytes: 2 << 30, timeout: Duration::from_secs(60), threads: 0 }
    }
}

/// Tables ready to be asked.
#[derive(Debug)]
pub struct Engine {
    data_version: String,
}

/// One value of a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Missing.
    Null,
    /// Truth value.
    Bool(bool),
    /// Whole number.
    Int(i64),
    /// Number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A day.
    Date(NaiveDate),
}

/// A result.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows, each as wide as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// RFC 4180.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// What went wrong in the engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The query ran past the limit.
    #[error("the query did not finish within {0:?}")]
    Timeout(Duration),
}

impl EngineError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, _locale: Locale) -> String {
        unimplemented!()
    }
}

impl Engine {
    /// Opens the Parquet files of `data`: `TABLE.parquet` or `TABLE/*.parquet` for each table of the
    /// catalog.
    ///
    /// # Errors
    /// Every table or column that differs from the catalog, all at once.
    pub fn open(_data: &Path, _catalog: &Catalog, _config: EngineConfig) -> Result<Self, EngineError> {
        unimplemented!()
    }

    /// Runs a statement. Dropping the future cancels it.
    ///
    /// # Errors
    /// A limit that was reached, or a failure of the engine.
    #[allow(clippy::unused_async, reason = "body to come")]
    pub async fn run(&self, _sql: &CheckedSql) -> Result<Rows, EngineError> {
        unimplemented!()
    }

    /// Runs SQL as it is: for the gold answers of an evaluation, which are trusted files. No door calls it.
    ///
    /// # Errors
    /// A limit that was reached, or a failure of the engine.
    #[allow(clippy::unused_async, reason = "body to come")]
    pub async fn run_gold(&self, _sql: &str) -> Result<Rows, EngineError> {
        unimplemented!()
    }

    /// Writes the rows of a statement to a file and says how many there were.
    ///
    /// # Errors
    /// A limit that was reached, a failure of the engine, or a file that cannot be written.
    #[allow(clippy::unused_async, reason = "body to come")]
    pub async fn export(&self, _sql: &CheckedSql, _path: &Path, _format: ExportFormat) -> Result<u64, EngineError> {
        unimplemented!()
    }

    /// Changes when the data does.
    #[must_use]
    pub fn data_version(&self) -> &str {
        &self.data_version
    }
}
