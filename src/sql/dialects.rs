//! The same statement in other flavours of SQL.
//!
//! Two passes: the tree is rewritten where a dialect has another construct ([`rewrite`]), then the tokens of
//! its text are printed with the dialect's quotes and escapes ([`lexical`]). A literal is one token, so
//! nothing inside it is ever mistaken for SQL.

mod lexical;
mod rewrite;

use sqlparser::ast::Query;

use super::error::SqlError;

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
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::DataFusion, Self::Postgres, Self::BigQuery, Self::Snowflake, Self::Spark, Self::DuckDb];

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

impl std::str::FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "datafusion" => Ok(Self::DataFusion),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            "bigquery" => Ok(Self::BigQuery),
            "snowflake" => Ok(Self::Snowflake),
            "spark" | "databricks" => Ok(Self::Spark),
            "duckdb" => Ok(Self::DuckDb),
            _ => Err(UnknownDialect { name: name.to_owned() }),
        }
    }
}

/// A dialect that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no dialect '{name}': datafusion, postgres, bigquery, snowflake, spark, duckdb")]
pub struct UnknownDialect {
    /// What was asked for.
    pub name: String,
}

/// The text of `query` in `dialect`.
pub(super) fn print(query: &Query, dialect: Dialect) -> Result<String, SqlError> {
    if dialect == Dialect::DataFusion {
        return Ok(query.to_string());
    }
    let mut query = query.clone();
    rewrite::rewrite(&mut query, dialect);
    lexical::print(&query, dialect)
}
