//! `waggle sql`: checks an analyst's own SQL, binds it to the population and runs it.

use std::io::{self, Read};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::common::{DataArgs, LanguageArgs};
use super::error::CliError;
use super::exit::Exit;
use super::table::{self, Align};
use super::{cell, output};
use crate::engine::{Cell, Rows};
use crate::sql::{self, Dialect, SqlLimits};

/// Check and run SQL of your own.
#[derive(Debug, Args)]
#[command(after_help = super::exit::HELP)]
pub struct SqlArgs {
    /// One SELECT over the catalog's tables; `-` reads it from standard input
    statement: String,
    /// Print the checked statement in this dialect, and do not run it
    #[arg(long, value_enum)]
    dialect: Option<DialectArg>,
    /// Print rows as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(super) language: LanguageArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// A dialect, as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DialectArg {
    /// Apache DataFusion, which Waggle runs.
    Datafusion,
    /// PostgreSQL.
    Postgres,
    /// Google BigQuery.
    Bigquery,
    /// Snowflake.
    Snowflake,
    /// Apache Spark and Databricks.
    Spark,
    /// DuckDB.
    Duckdb,
}

impl From<DialectArg> for Dialect {
    fn from(arg: DialectArg) -> Self {
        match arg {
            DialectArg::Datafusion => Self::DataFusion,
            DialectArg::Postgres => Self::Postgres,
            DialectArg::Bigquery => Self::BigQuery,
            DialectArg::Snowflake => Self::Snowflake,
            DialectArg::Spark => Self::Spark,
            DialectArg::Duckdb => Self::DuckDb,
        }
    }
}

/// Checks and runs.
///
/// # Errors
/// A refusal, or a failure of the engine.
pub async fn run(args: SqlArgs) -> Result<Exit, CliError> {
    let text = args.text()?;
    if let Some(dialect) = args.dialect {
        let catalog = args.data.catalog.load()?;
        let checked = sql::check(&text, &catalog, &SqlLimits::default())?;
        let statement = checked.dialect(dialect.into())?;
        if args.json {
            output::json(&json!({ "sql": statement, "tables": checked.tables(), "columns": checked.columns() }))?;
        } else {
            output::line(&statement)?;
        }
        return Ok(Exit::Done);
    }
    let app = args.data.open()?;
    let checked = sql::check(&text, app.catalog(), &SqlLimits::default())?;
    let rows = app.engine().run(&checked).await?;
    if args.json {
        let listed: Vec<Value> = rows.rows.iter().map(|row| object(&rows.columns, row)).collect();
        output::json(&json!({ "sql": checked.text(), "columns": rows.columns, "rows": listed }))?;
    } else {
        output::line(&output::plain(&shown(&rows)))?;
    }
    Ok(Exit::Done)
}

impl SqlArgs {
    fn text(&self) -> Result<String, CliError> {
        if self.statement != "-" {
            return Ok(self.statement.clone());
        }
        let mut text = String::new();
        let most = SqlLimits::default().max_length as u64 + 1;
        io::stdin().lock().take(most).read_to_string(&mut text).map_err(CliError::Input)?;
        Ok(text)
    }
}

fn shown(rows: &Rows) -> String {
    let number =
        |i: usize| rows.rows.iter().all(|r| matches!(r.get(i), Some(Cell::Int(_) | Cell::Float(_) | Cell::Null)));
    let align: Vec<Align> =
        (0..rows.columns.len()).map(|i| if number(i) { Align::Right } else { Align::Left }).collect();
    let cells: Vec<Vec<String>> = rows.rows.iter().map(|row| row.iter().map(cell::text).collect()).collect();
    table::lines(&rows.columns, &align, &cells).join("\n")
}

fn object(columns: &[String], row: &[Cell]) -> Value {
    let pairs = columns.iter().zip(row).map(|(column, cell)| (column.clone(), cell::json(cell)));
    Value::Object(pairs.collect::<Map<_, _>>())
}
