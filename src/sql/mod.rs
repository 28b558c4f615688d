//! SQL: a segment becomes a sqlparser AST and then text, in any of several dialects, and an analyst's own
//! SQL is checked against the catalog before anything runs it.
//!
//! Values never touch text: a literal is an AST node and sqlparser quotes it. The population is part of
//! every statement that leaves here. This room knows nothing of translators, files or engines.

use crate::catalog::{Catalog, Locale};
use crate::segment::{Expr, Metric};

/// A statement that passed: read-only, over the catalog's tables, restricted to the population. Only this
/// room makes one, and the engine runs nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedSql {
    text: String,
    tables: Vec<String>,
    columns: Vec<String>,
}

impl CheckedSql {
    /// The statement in DataFusion's dialect.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The statement in another dialect.
    ///
    /// # Errors
    /// Where the dialect has no way to say it.
    pub fn dialect(&self, _dialect: Dialect) -> Result<String, SqlError> {
        unimplemented!()
    }

    /// Catalog tables that it reads, sorted.
    #[must_use]
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    /// Names of its output columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

/// A flavour of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Apache DataFusion: what Waggle itself runs.
    DataFusion,
    /// PostgreSQL.
    Postgres,
    /// Google BigQuery.
    BigQuery,
    /// Snowflake.
    Snowflake,
    /// Apache Spark and Databricks.
    Spark,
    /// DuckDB.
    DuckDb,
}

/// A segment that cannot be said in SQL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?}")]
pub struct SqlError {
    kind: String,
}

impl SqlError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, _locale: Locale) -> String {
        unimplemented!()
    }
}

/// Why an analyst's SQL was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}")]
pub struct SqlRefusal {
    /// Line, from 1; 0 where it is the statement as a whole.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
}

impl SqlRefusal {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, _locale: Locale) -> String {
        unimplemented!()
    }
}

/// Limits on an analyst's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Most rows that come back.
    pub max_rows: u64,
    /// Longest text, in bytes.
    pub max_length: usize,
    /// Deepest nesting.
    pub max_depth: usize,
}

impl Default for SqlLimits {
    fn default() -> Self {
        Self { max_rows: 1000, max_length: 64 * 1024, max_depth: 40 }
    }
}

/// How many entities a segment holds; one column, `n`.
///
/// # Errors
/// Where the segment names what the catalog lacks.
pub fn count(_segment: &Expr, _catalog: &Catalog) -> Result<CheckedSql, SqlError> {
    unimplemented!()
}

/// Groups of a segment by one or two of: a field of the entity, a band, `dataset.field` of a many-table.
/// Columns `k1` \[, `k2`\], `n` (distinct entities of the group) \[, `value`\]; all groups.
///
/// # Errors
/// Where the segment, a key or the metric names what the catalog lacks.
pub fn breakdown(
    _segment: &Expr,
    _by: &[String],
    _rows: Option<&Expr>,
    _metric: Option<&Metric<Expr>>,
    _catalog: &Catalog,
) -> Result<CheckedSql, SqlError> {
    unimplemented!()
}

/// An aggregate over a segment: columns `n` (entities of the segment) and `value`.
///
/// # Errors
/// Where the segment or the metric names what the catalog lacks.
pub fn metric(_segment: &Expr, _metric: &Metric<Expr>, _catalog: &Catalog) -> Result<CheckedSql, SqlError> {
    unimplemented!()
}

/// The entities themselves, for an export: their key and `columns`, in key order. The only place where an
/// identifier leaves.
///
/// # Errors
/// Where the segment or a column names what the catalog lacks.
pub fn keys(
    _segment: &Expr,
    _columns: &[String],
    _limit: Option<u64>,
    _catalog: &Catalog,
) -> Result<CheckedSql, SqlError> {
    unimplemented!()
}

/// Checks an analyst's SQL and binds it to the population whatever it says.
///
/// # Errors
/// What is wrong with it and where.
pub fn check(_text: &str, _catalog: &Catalog, _limits: &SqlLimits) -> Result<CheckedSql, SqlRefusal> {
    unimplemented!()
}
