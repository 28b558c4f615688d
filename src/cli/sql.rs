//! `waggle sql`: checks an analyst's own SQL, binds it to the population and the minimum group, and runs it.

use std::io::{self, Read};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::common::{DataArgs, LanguageArgs};
use super::error::CliError;
use super::exit::Exit;
use super::table::{self, Align};
use super::{cell, explain, output};
use crate::app::{SqlAbout, SqlOptions, SqlRun};
use crate::catalog::Locale;
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
    /// Print the verdict of the check as JSON, with the plan, and do not run it
    #[arg(long, conflicts_with = "dialect")]
    check: bool,
    /// Print rows as JSON; short for --format json
    #[arg(long)]
    json: bool,
    /// Print rows in this form
    #[arg(long, value_enum, default_value_t, conflicts_with = "json")]
    format: FormatArg,
    /// Show how the rows were found
    #[arg(long)]
    explain: bool,
    /// Hide what is about fewer than N; 0 hides nothing [default: the catalog's]
    #[arg(long, value_name = "N")]
    min_group: Option<u64>,
    /// Print at most N rows [default: 1000]
    #[arg(long, value_name = "N")]
    max_rows: Option<u64>,
    #[command(flatten)]
    pub(super) language: LanguageArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// A form of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// A table to read.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// Comma-separated text as RFC 4180 has it.
    Csv,
    /// An Arrow IPC stream.
    Arrow,
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
        let limits = SqlLimits {
            min_group: args.min_group,
            max_rows: args.max_rows.unwrap_or(SqlLimits::default().max_rows),
            ..SqlLimits::default()
        };
        let checked = sql::check(&text, &catalog, &limits)?;
        let statement = checked.dialect(dialect.into())?;
        if args.json {
            output::json(&json!({ "sql": statement, "tables": checked.tables(), "columns": checked.columns() }))?;
        } else {
            output::line(&statement)?;
        }
        return Ok(Exit::Done);
    }
    let (app, options) = (args.data.open()?, args.options());
    if args.check {
        let verdict = app.check_sql(&text, &options).await;
        output::json(&verdict)?;
        return Ok(if verdict.ok { Exit::Done } else { Exit::Refused });
    }
    if args.explain {
        app.engine().explain_from_now_on();
    }
    let run = app.run_sql(&text, &options).await?;
    match args.format {
        FormatArg::Json => output::json(&listed(&run)?)?,
        FormatArg::Table if args.json => output::json(&listed(&run)?)?,
        FormatArg::Table => output::line(&output::plain(&shown(&run.output().rows()?)))?,
        FormatArg::Csv => output::bytes(&run.output().to_csv()?)?,
        FormatArg::Arrow => output::bytes(&run.output().to_arrow()?)?,
    }
    // Beside the rows, so that no reader of them trips over it.
    if args.explain {
        output::note(&output::plain(&explain::text(app.engine())));
    }
    if let Some(note) = note(&run.about, options.locale) {
        output::note(&note);
    }
    Ok(Exit::Done)
}

/// What a reader must know beside the rows.
fn note(about: &SqlAbout, locale: Locale) -> Option<String> {
    let min = about.min_group;
    let english = locale == Locale::En;
    if about.below_minimum {
        return Some(if english {
            format!("the result is about fewer than {min}, so it is not shown")
        } else {
            format!("{min}명 미만이라 결과를 보여 드리지 않습니다.")
        });
    }
    about.small_groups_hidden.then(|| {
        if english {
            format!("what is about fewer than {min} is left out")
        } else {
            format!("{min}명 미만인 그룹은 나오지 않습니다.")
        }
    })
}

/// Rows as JSON, each an object by column.
fn listed(run: &SqlRun) -> Result<Value, CliError> {
    let rows = run.output().rows()?;
    let listed: Vec<Value> = rows.rows.iter().map(|row| object(&rows.columns, row)).collect();
    let about = &run.about;
    Ok(json!({
        "sql": about.sql,
        "columns": rows.columns,
        "rows": listed,
        "truncated": about.truncated,
        "below_minimum": about.below_minimum,
        "small_groups_hidden": about.small_groups_hidden,
        "min_group": about.min_group,
        "as_of": about.as_of,
    }))
}

impl SqlArgs {
    fn options(&self) -> SqlOptions {
        SqlOptions {
            max_rows: self.max_rows,
            timeout: None,
            min_group: self.min_group,
            locale: self.language.of_messages(),
        }
    }

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
