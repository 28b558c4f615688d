//! `/v1/golden`, `/v1/eval/metrics`, `/v1/eval/runs`: golden sets, and runs of translators by them. For analysts and administrators.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{At, Body, Params, Who};
use crate::access::Right;
use crate::eval::Comparison;
use crate::eval::desk::{RunOrder, RunView};
use crate::eval::golden::SetInfo;
use crate::eval::leaderboard::Unit;
use crate::eval::measures::{self, Better};
use crate::service::{ServiceError, audit_entry};

/// Runs that are listed where nobody says how many.
const SHOWN: usize = 50;
/// Most runs that are listed.
const MOST: usize = 500;

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/golden", get(sets))
        .route("/v1/eval/metrics", get(metrics))
        .route("/v1/eval/runs", get(runs).post(begin))
        .route("/v1/eval/runs/{id}", get(run).delete(cancel))
        .route("/v1/eval/runs/{a}/compare/{b}", get(compare))
}

/// Which runs.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RunParams {
    /// So many runs, at most 500 [default: 50].
    limit: Option<usize>,
}

/// How two runs are compared.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CompareParams {
    /// In which metric [default: `turn_accuracy`].
    metric: Option<String>,
}

/// What is measured of a run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MetricInfo {
    /// What it is called.
    name: &'static str,
    /// What it says, in the reader's language.
    about: &'static str,
    /// Which way is better: `higher` or `lower`.
    #[schema(value_type = String)]
    better: Better,
    /// What it is counted in: `share`, `milliseconds`, `tokens`, `dollars` or `number`.
    #[schema(value_type = String)]
    unit: Unit,
    /// Whether measuring it costs a query a turn more.
    dear: bool,
    /// Whether two runs can be compared in it.
    comparable: bool,
}

fn allowed(who: &Who) -> Result<(), ApiError> {
    let right = Right::Evaluate;
    if who.caller.may(right) { Ok(()) } else { Err(ServiceError::Forbidden { right }.into()) }
}

/// The golden sets.
#[utoipa::path(get, path = "/v1/golden", tag = "evaluation",
    responses((status = 200, body = Vec<SetInfo>), (status = 403, body = ErrorBody)))]
pub(super) async fn sets(State(door): State<Arc<Door>>, who: Who) -> Result<Json<Vec<SetInfo>>, ApiError> {
    allowed(&who)?;
    Ok(Json(door.desk.sets(door.service.whole().catalog()).await?))
}

/// What can be measured of a run, in the order of reports.
#[utoipa::path(get, path = "/v1/eval/metrics", tag = "evaluation",
    responses((status = 200, body = Vec<MetricInfo>), (status = 403, body = ErrorBody)))]
pub(super) async fn metrics(who: Who) -> Result<Json<Vec<MetricInfo>>, ApiError> {
    allowed(&who)?;
    let told = |metric: &measures::Metric| MetricInfo {
        name: metric.name,
        about: metric.about(who.locale),
        better: metric.better,
        unit: Unit::of_metric(metric.name),
        dear: metric.dear,
        comparable: metric.is_of_values(),
    };
    Ok(Json(measures::all().into_iter().map(told).collect()))
}

/// The runs, the newest first, with how far each is.
#[utoipa::path(get, path = "/v1/eval/runs", tag = "evaluation", params(RunParams),
    responses((status = 200, body = Vec<RunView>), (status = 403, body = ErrorBody)))]
pub(super) async fn runs(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(params): Params<RunParams>,
) -> Result<Json<Vec<RunView>>, ApiError> {
    allowed(&who)?;
    Ok(Json(door.desk.runs(params.limit.unwrap_or(SHOWN).min(MOST)).await?))
}

/// Begins runs of some translators by one golden set, in the background; one order at a time.
#[utoipa::path(post, path = "/v1/eval/runs", tag = "evaluation", request_body = RunOrder,
    responses((status = 200, body = Vec<RunView>), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn begin(
    State(door): State<Arc<Door>>,
    who: Who,
    Body(order): Body<RunOrder>,
) -> Result<Json<Vec<RunView>>, ApiError> {
    allowed(&who)?;
    // Of a run only shares and segments are told, never a number of people: it may look at all rows.
    let begun = door
        .desk
        .begin(door.service.whole(), &order, |run| {
            let detail = json!({ "set": run.set, "translator": run.translator, "cases": run.cases });
            audit_entry(&who.caller, "eval.run", &run.id, &detail)
        })
        .await?;
    Ok(Json(begun))
}

/// A run: its figures, how far it is, and what was wrong in it.
#[utoipa::path(get, path = "/v1/eval/runs/{id}", tag = "evaluation", params(("id" = String, Path)),
    responses((status = 200, body = RunView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn run(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<Json<RunView>, ApiError> {
    allowed(&who)?;
    Ok(Json(door.desk.run(&id).await?))
}

/// Stops a run, with those of its order that have not begun; what was played is kept.
#[utoipa::path(delete, path = "/v1/eval/runs/{id}", tag = "evaluation", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn cancel(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<StatusCode, ApiError> {
    allowed(&who)?;
    if !door.desk.cancel(&id) {
        // One that is over is no fault; one that never was is.
        door.desk.run(&id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Two runs, case by case: the difference with its interval, an exact test, and what was fixed and broken.
#[utoipa::path(get, path = "/v1/eval/runs/{a}/compare/{b}", tag = "evaluation",
    params(("a" = String, Path), ("b" = String, Path), CompareParams),
    responses((status = 200, body = Comparison), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(super) async fn compare(
    State(door): State<Arc<Door>>,
    who: Who,
    At((a, b)): At<(String, String)>,
    Params(params): Params<CompareParams>,
) -> Result<Json<Comparison>, ApiError> {
    allowed(&who)?;
    Ok(Json(door.desk.compare(&a, &b, params.metric.as_deref()).await?))
}
