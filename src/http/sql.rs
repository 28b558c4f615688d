//! `/v1/sql/check` and `/v1/sql/run`: SQL that analysts write. `/v1/sql/preview`: that of a segment, in any dialect.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{Body, Who};
use crate::app::{SqlOptions, SqlResult, SqlRun, Verdict};
use crate::catalog::Locale;
use crate::service::{PreviewOf, ServiceError, SqlPreview};
use crate::sql::Dialect;

const CSV: &str = "text/csv; charset=utf-8";
const ARROW: &str = "application/vnd.apache.arrow.stream";

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/sql/check", post(check))
        .route("/v1/sql/run", post(run))
        .route("/v1/sql/preview", post(preview))
}

/// A statement.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    /// One SELECT over the catalog's tables.
    sql: String,
    /// Most rows that come back [default: 1000, at most 100000].
    #[serde(default)]
    max_rows: Option<u64>,
    /// Longest run in seconds, where it is shorter than the server's limit.
    #[serde(default)]
    #[schema(minimum = 0.001, maximum = 3600)]
    timeout_s: Option<f64>,
    /// `json`, `csv` or `arrow`; left out for what `Accept` names, else JSON.
    #[serde(default)]
    format: Option<Form>,
}

/// The segment whose SQL is wanted: `session` or `text`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Preview {
    /// The session that stands at it.
    #[serde(default)]
    session: Option<String>,
    /// Or its definition, as segment text.
    #[serde(default)]
    text: Option<String>,
    /// Fields or bands to group by, at most two; left out for the count.
    #[serde(default)]
    by: Vec<String>,
    /// `datafusion`, `postgres`, `bigquery`, `snowflake`, `spark` or `duckdb` [default: datafusion].
    #[serde(default)]
    dialect: Option<String>,
}

/// What a result comes as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// Columns and rows.
    Json,
    /// RFC 4180, with a header.
    Csv,
    /// Apache Arrow's streaming format.
    Arrow,
}

/// Checks a statement: whether it may run, why not and where, the tables and columns it touches, and the plan.
#[utoipa::path(post, path = "/v1/sql/check", tag = "sql", request_body = Statement,
    responses((status = 200, body = Verdict), (status = 403, body = ErrorBody)))]
pub(super) async fn check(
    State(door): State<Arc<Door>>,
    who: Who,
    Body(statement): Body<Statement>,
) -> Result<Json<Verdict>, ApiError> {
    let options = statement.options(who.locale)?;
    Ok(Json(door.service.check_sql(&who.caller, &statement.sql, options).await?))
}

/// Runs a statement, read-only: over the population and the caller's rows, groups smaller than the minimum left out,
/// whatever it says.
#[utoipa::path(post, path = "/v1/sql/run", tag = "sql", request_body = Statement,
    responses((status = 200, content((SqlResult = "application/json"), (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"))),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn run(
    State(door): State<Arc<Door>>,
    who: Who,
    headers: HeaderMap,
    Body(statement): Body<Statement>,
) -> Result<Response, ApiError> {
    let options = statement.options(who.locale)?;
    let form = statement.format.unwrap_or_else(|| accepted(&headers));
    let run = door.service.run_sql(&who.caller, &statement.sql, options).await?;
    respond(&run, form).map_err(|error| {
        let message = [error.message(Locale::Ko), error.message(Locale::En)];
        ServiceError::Failed { message }.into()
    })
}

/// The SQL that counts or groups a segment, in a dialect. Nothing runs.
#[utoipa::path(post, path = "/v1/sql/preview", tag = "sql", request_body = Preview,
    responses((status = 200, body = SqlPreview), (status = 422, body = ErrorBody)))]
pub(super) async fn preview(
    State(door): State<Arc<Door>>,
    who: Who,
    Body(Preview { session, text, by, dialect }): Body<Preview>,
) -> Result<Json<SqlPreview>, ApiError> {
    let dialect = dialect.map_or(Ok(Dialect::DataFusion), |name| name.parse());
    let dialect = dialect.map_err(|error| ApiError::bad("bad_body", &error.to_string()))?;
    let of = PreviewOf { session, text, by };
    Ok(Json(door.service.preview_sql(&who.caller, &of, dialect, who.locale).await?))
}

fn respond(run: &SqlRun, form: Form) -> Result<Response, crate::engine::EngineError> {
    let mut response = match form {
        Form::Json => return Ok(Json(run.result()?).into_response()),
        Form::Csv => ([(CONTENT_TYPE, CSV)], run.output().to_csv()?).into_response(),
        Form::Arrow => ([(CONTENT_TYPE, ARROW)], run.output().to_arrow()?).into_response(),
    };
    // What JSON says beside the rows.
    let said = [
        ("x-waggle-as-of", run.about.as_of.clone()),
        ("x-waggle-data-version", run.about.data_version.clone()),
        ("x-waggle-truncated", run.about.truncated.to_string()),
        ("x-waggle-below-minimum", run.about.below_minimum.to_string()),
        ("x-waggle-small-groups-hidden", run.about.small_groups_hidden.to_string()),
    ];
    for (name, value) in said {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

impl Statement {
    fn options(&self, locale: Locale) -> Result<SqlOptions, ApiError> {
        let timeout = self.timeout_s.map(Duration::try_from_secs_f64).transpose();
        let timeout = timeout.map_err(|_| ApiError::bad("bad_body", "`timeout_s` is no time"))?;
        Ok(SqlOptions { max_rows: self.max_rows, timeout, min_group: None, locale })
    }
}

fn accepted(headers: &HeaderMap) -> Form {
    let accept = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains("text/csv") {
        Form::Csv
    } else if accept.contains("arrow") {
        Form::Arrow
    } else {
        Form::Json
    }
}
