//! Dialects
use sqlparser::ast::Query;
use super::SqlError;
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
impl Dialect {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DataFusion => "DataFusion",
            Self::Postgres => "PostgreSQL",
            Self::BigQuery => "BigQuery",
            Self::Snowflake => "Snowflake",
            Self::Spark => "Spark",
            Self::DuckDb => "DuckDB",
        }
    }
}
pub(super) fn print(query: &Query, _dialect: Dialect) -> Result<String, SqlError> {
    Ok(query.to_string())
}
