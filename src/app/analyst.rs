//! SQL that an analyst wrote: checked, run within limits, and compared with what the analyst was given before.
//!
//! The check binds it to the population and to the minimum group (`sql::check`); whether the number of a count is
//! too near to an earlier one is decided here with the engine's help (`answer::differencing`).

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use super::App;
use crate::answer::differencing::{self, MAX_COMPARED, Remembered, What};
use crate::answer::{Answer, cell_count};
use crate::catalog::Locale;
use crate::engine::{Cell, EngineError, Output};
use crate::segment::Expr;
use crate::session::{Session, expand};
use crate::sql::{self, CheckedSql, DEFAULT_MAX_ROWS, Dialect, Hides, SqlLimits, SqlRefusal};

/// Most rows that an analyst may ask for.
pub const MAX_SQL_ROWS: u64 = 100_000;

/// How a statement is to be checked and run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SqlOptions {
    /// Most rows that come back, up to [`MAX_SQL_ROWS`]; none for the default.
    pub max_rows: Option<u64>,
    /// Longest run, where it is shorter than the engine's own limit.
    pub timeout: Option<Duration>,
    /// Smallest group that is shown, instead of the app's; 0 shows all.
    pub min_group: Option<u64>,
    /// Language of what is said.
    pub locale: Locale,
}

/// What the check of a statement finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Verdict {
    /// Whether it may run.
    pub ok: bool,
    /// Why not; as many reasons as can be found at once, in the order of their places.
    pub refusals: Vec<Refused>,
    /// The statement as it would run: within the population, held to the minimum group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Tables that it reads.
    pub tables: Vec<String>,
    /// Columns of the catalog that it speaks of, as `table.column`.
    pub touched: Vec<String>,
    /// Its output columns.
    pub columns: Vec<String>,
    /// The population that it is bound to.
    pub population: String,
    /// Fewest different entities that a row may be about; 0 for no limit.
    pub min_group: u64,
    /// Whether rows or values about fewer are left out, where there are any.
    pub hides_small_groups: bool,
    /// Most rows that come back.
    pub max_rows: u64,
    /// How the engine would run it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The statement as it would run, in every flavour of SQL that can say it; the engine's own first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dialects: Vec<Dialected>,
}

/// A statement in one flavour of SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Dialected {
    /// What the flavour is called.
    pub name: &'static str,
    /// The statement.
    pub sql: String,
}

/// One reason against a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SqlRefusal)]
pub struct Refused {
    /// The reason as one word.
    pub code: &'static str,
    /// The reason for a reader.
    pub message: String,
    /// Line, from 1; 0 where it is the statement as a whole.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The result of a statement.
#[derive(Debug, Clone)]
pub struct SqlRun {
    output: Output,
    sql: CheckedSql,
    /// What the caller is given with the rows.
    pub about: SqlAbout,
}

/// What is told of a result beside its rows.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SqlAbout {
    /// Whether the limit of rows was reached: there may be more.
    pub truncated: bool,
    /// Whether the only row is left out, since it is about fewer entities than the minimum.
    pub below_minimum: bool,
    /// Whether rows or values about fewer entities than the minimum may be missing.
    pub small_groups_hidden: bool,
    /// The minimum group.
    pub min_group: u64,
    /// The statement as it ran.
    pub sql: String,
    /// Date of the data.
    pub as_of: String,
    /// Version of the data.
    pub data_version: String,
    /// How long it took.
    pub elapsed_ms: f64,
}

/// A result as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SqlResult {
    /// The columns.
    pub columns: Vec<SqlColumn>,
    /// The rows, each as wide as `columns`.
    pub rows: Vec<Vec<Value>>,
    /// The rest.
    #[serde(flatten)]
    pub about: SqlAbout,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// `boolean`, `integer`, `number`, `text`, `date` or `null`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// Why a statement gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
#[non_exhaustive]
pub enum AnalystError {
    /// It may not run; at least one reason.
    Refused(Vec<SqlRefusal>),
    /// The engine failed.
    Engine(#[from] EngineError),
}

impl AnalystError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match self {
            Self::Refused(all) => all.iter().map(|one| one.message(locale)).collect::<Vec<_>>().join("\n"),
            Self::Engine(error) => error.message(locale),
        }
    }
}

impl App {
    /// Checks a statement and says all that can be said of it without running it.
    pub async fn check_sql(&self, text: &str, options: &SqlOptions) -> Verdict {
        let limits = self.sql_limits(options);
        let verdict = Verdict {
            population: self.catalog.population.clone(),
            min_group: limits.min_group.unwrap_or_default(),
            max_rows: limits.max_rows,
            ..Verdict::default()
        };
        match sql::check_all(text, &self.catalog, &limits) {
            Ok(checked) => Verdict {
                ok: true,
                sql: Some(checked.text().to_owned()),
                tables: checked.tables().to_vec(),
                touched: checked.touched().to_vec(),
                columns: checked.columns().to_vec(),
                hides_small_groups: checked.hides() != Hides::Nothing,
                // A plan that cannot be had is no reason against the statement: running it will say more.
                plan: self.engine.explain(&checked).await.ok(),
                dialects: dialects(&checked),
                ..verdict
            },
            Err(mut all) => {
                all.sort_by_key(|refusal| (refusal.line, refusal.column));
                Verdict { refusals: all.iter().map(|r| refused(r, options.locale)).collect(), ..verdict }
            }
        }
    }

    /// Runs a statement. Dropping the future cancels it.
    ///
    /// # Errors
    /// Why it may not run; a limit that was reached, or a failure of the engine.
    pub async fn run_sql(&self, text: &str, options: &SqlOptions) -> Result<SqlRun, AnalystError> {
        let start = Instant::now();
        let limits = self.sql_limits(options);
        let checked = sql::check_all(text, &self.catalog, &limits).map_err(AnalystError::Refused)?;
        let output = self.engine.run_batches(&checked, options.timeout).await?;
        let rows = u64::try_from(output.len()).unwrap_or(u64::MAX);
        let about = SqlAbout {
            truncated: checked.capped().is_some_and(|most| rows >= most),
            below_minimum: checked.hides() == Hides::Whole && rows == 0,
            small_groups_hidden: checked.hides() != Hides::Nothing,
            min_group: limits.min_group.unwrap_or_default(),
            sql: checked.text().to_owned(),
            as_of: self.catalog.as_of.to_string(),
            data_version: self.engine.data_version().to_owned(),
            elapsed_ms: super::milliseconds(start),
        };
        Ok(SqlRun { output, sql: checked, about })
    }

    /// What is to be remembered of a result that is given to a caller, so that later ones can be compared with
    /// it: nothing where it is no single count.
    ///
    /// # Errors
    /// Where the result cannot be read.
    pub fn remembered_sql(&self, text: &str, run: &SqlRun) -> Result<Option<Remembered>, EngineError> {
        let rows = run.output.rows()?;
        let [row] = rows.rows.as_slice() else { return Ok(None) };
        let ([cell], true) = (row.as_slice(), run.sql.is_count()) else { return Ok(None) };
        let known = sql::lines(text, &self.catalog, &Self::unlimited()).is_some();
        let what = if known { What::Sql(text.to_owned()) } else { What::Other(text.to_owned()) };
        let data = self.engine.data_version().to_owned();
        Ok(cell_count(cell).map(|count| Remembered { count, what, data }))
    }

    /// What is to be remembered of an answer: the size of its segment, where it is told.
    #[must_use]
    pub fn remembered(&self, session: &Session, answer: &Answer) -> Option<Remembered> {
        let what = What::Segment(expand(&answer.segment.0, session));
        Some(Remembered { count: answer.count?, what, data: self.engine.data_version().to_owned() })
    }

    /// Whether a number must be given as below the minimum, because it and one that the same caller was given
    /// `earlier` (oldest first), or the size of the population, tell of fewer entities than the minimum. Where
    /// there are too many to compare, it must.
    ///
    /// # Errors
    /// A limit that was reached, or a failure of the engine.
    pub async fn differs_too_little(
        &self,
        earlier: &[Remembered],
        new: &Remembered,
        min_group: Option<u64>,
    ) -> Result<bool, AnalystError> {
        let min_group = min_group.unwrap_or(self.min_group);
        if min_group < 2 || new.count == 0 {
            return Ok(false);
        }
        let data = self.engine.data_version().to_owned();
        let everybody = Remembered { count: self.population().await?, what: What::Segment(Expr::All), data };
        let mut near = differencing::candidates(earlier, new, min_group);
        if everybody.what != new.what && everybody.count.abs_diff(new.count) < min_group {
            near.insert(0, &everybody);
        }
        let Some(this) = self.lines(&new.what) else {
            return Ok(near.into_iter().any(|old| differencing::is_near(old, new, min_group)));
        };
        let mut compared = 0;
        for old in near {
            let Some(that) = self.lines(&old.what) else {
                if differencing::is_near(old, new, min_group) {
                    return Ok(true);
                }
                continue;
            };
            if compared == MAX_COMPARED {
                return Ok(true);
            }
            compared += 1;
            let apart = self.number(&sql::apart(&this, &that, &self.catalog)).await?;
            if crate::answer::is_small(apart, min_group) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An answer as it is where its segment is below the minimum, and the session without the number.
    #[must_use]
    pub fn withhold(&self, session: &mut Session, answer: Answer, min_group: Option<u64>) -> Answer {
        session.forget_count(answer.turn);
        differencing::withheld(answer, &self.catalog, min_group.unwrap_or(self.min_group))
    }

    /// The keys of what was counted, where that is known.
    fn lines(&self, what: &What) -> Option<CheckedSql> {
        match what {
            What::Segment(segment) => sql::keys(segment, &[], None, &self.catalog).ok(),
            What::Sql(text) => sql::lines(text, &self.catalog, &Self::unlimited()),
            What::Other(_) => None,
        }
    }

    async fn number(&self, sql: &CheckedSql) -> Result<u64, EngineError> {
        let rows = self.engine.run(sql).await?;
        Ok(rows.rows.first().and_then(|row| row.first()).and_then(cell_count).unwrap_or(0))
    }

    fn sql_limits(&self, options: &SqlOptions) -> SqlLimits {
        SqlLimits {
            max_rows: options.max_rows.unwrap_or(DEFAULT_MAX_ROWS).min(MAX_SQL_ROWS),
            min_group: Some(options.min_group.unwrap_or(self.min_group)),
            ..SqlLimits::default()
        }
    }

    /// Limits for what no caller sees.
    fn unlimited() -> SqlLimits {
        SqlLimits { min_group: Some(0), ..SqlLimits::default() }
    }
}

impl SqlRun {
    /// Columns and rows, with what is told beside them.
    ///
    /// # Errors
    /// Where a column has a type that cannot be shown.
    pub fn result(&self) -> Result<SqlResult, EngineError> {
        let columns = self.output.columns().into_iter().map(|(name, kind)| SqlColumn { name, kind }).collect();
        let rows = self.output.rows()?.rows;
        let rows = rows.iter().map(|row| row.iter().map(value).collect()).collect();
        Ok(SqlResult { columns, rows, about: self.about.clone() })
    }

    /// The result itself: as values, CSV or Arrow.
    #[must_use]
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The same without rows, where the number must be given as below the minimum.
    #[must_use]
    pub fn withheld(mut self) -> Self {
        self.output = self.output.without_rows();
        self.about.below_minimum = true;
        self
    }
}

/// What a dialect cannot say is left out.
fn dialects(checked: &CheckedSql) -> Vec<Dialected> {
    let said = |dialect: Dialect| Some(Dialected { name: dialect.name(), sql: checked.dialect(dialect).ok()? });
    Dialect::ALL.into_iter().filter_map(said).collect()
}

fn refused(refusal: &SqlRefusal, locale: Locale) -> Refused {
    Refused {
        code: refusal.why.code(),
        message: refusal.why.message(locale),
        line: refusal.line,
        column: refusal.column,
        hint: refusal.why.hint(locale),
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(truth) => json!(truth),
        Cell::Int(number) => json!(number),
        Cell::Float(number) => json!(number),
        Cell::Text(text) => json!(text),
        Cell::Date(day) => json!(day.to_string()),
    }
}
