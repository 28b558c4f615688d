//! `/v1/…/exports`, `/v1/…/reach`, `/v1/exports`: files of segments, as jobs.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use tower_http::services::ServeFile;

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{At, Body, Params, Who};
use crate::app::Reach;
use crate::service::{ExportInfo, ExportOrder, Fetched, ReachOrder, Source};

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/segments/{id}/exports", post(of_segment))
        .route("/v1/segments/{id}/reach", post(reach_of_segment))
        .route("/v1/sessions/{id}/exports", post(of_session))
        .route("/v1/sessions/{id}/reach", post(reach_of_session))
        .route("/v1/exports", get(list))
        .route("/v1/exports/{id}", get(look).delete(cancel))
        .route("/v1/exports/{id}/file", get(file))
}

/// Which file of an export.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FileParams {
    /// `exported` (the default), or `held_out` for the control group.
    part: Option<String>,
}

/// Exports a saved segment; the job goes on by itself.
#[utoipa::path(post, path = "/v1/segments/{id}/exports", tag = "exports", params(("id" = String, Path)),
    request_body = ExportOrder,
    responses((status = 202, body = ExportInfo), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn of_segment(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Body(order): Body<ExportOrder>,
) -> Result<Response, ApiError> {
    started(&door, &who, &Source::Segment(id), &order).await
}

/// Exports what a conversation stands at; the job goes on by itself.
#[utoipa::path(post, path = "/v1/sessions/{id}/exports", tag = "exports", params(("id" = String, Path)),
    request_body = ExportOrder,
    responses((status = 202, body = ExportInfo), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn of_session(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Body(order): Body<ExportOrder>,
) -> Result<Response, ApiError> {
    started(&door, &who, &Source::Session(id), &order).await
}

async fn started(door: &Door, who: &Who, source: &Source, order: &ExportOrder) -> Result<Response, ApiError> {
    let info = door.service.start_export(&who.caller, source, order).await?;
    let location = HeaderValue::try_from(format!("/v1/exports/{}", info.id)).ok();
    let mut response = (StatusCode::ACCEPTED, Json(info)).into_response();
    if let Some(location) = location {
        response.headers_mut().insert(axum::http::header::LOCATION, location);
    }
    Ok(response)
}

/// How many of a saved segment can be reached, step by step, without exporting anybody.
#[utoipa::path(post, path = "/v1/segments/{id}/reach", tag = "exports", params(("id" = String, Path)),
    request_body = ReachOrder, responses((status = 200, body = Reach), (status = 404, body = ErrorBody)))]
pub(super) async fn reach_of_segment(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Body(order): Body<ReachOrder>,
) -> Result<Json<Reach>, ApiError> {
    Ok(Json(door.service.reach(&who.caller, &Source::Segment(id), &order).await?))
}

/// How many of what a conversation stands at can be reached, step by step, without exporting anybody.
#[utoipa::path(post, path = "/v1/sessions/{id}/reach", tag = "exports", params(("id" = String, Path)),
    request_body = ReachOrder, responses((status = 200, body = Reach), (status = 404, body = ErrorBody)))]
pub(super) async fn reach_of_session(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Body(order): Body<ReachOrder>,
) -> Result<Json<Reach>, ApiError> {
    Ok(Json(door.service.reach(&who.caller, &Source::Session(id), &order).await?))
}

/// The caller's exports, the newest first.
#[utoipa::path(get, path = "/v1/exports", tag = "exports", responses((status = 200, body = Vec<ExportInfo>)))]
pub(super) async fn list(State(door): State<Arc<Door>>, who: Who) -> Result<Json<Vec<ExportInfo>>, ApiError> {
    Ok(Json(door.service.exports(&who.caller).await?))
}

/// An export: how far it is, its files, its manifest.
#[utoipa::path(get, path = "/v1/exports/{id}", tag = "exports", params(("id" = String, Path)),
    responses((status = 200, body = ExportInfo), (status = 404, body = ErrorBody)))]
pub(super) async fn look(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<Json<ExportInfo>, ApiError> {
    Ok(Json(door.service.export(&who.caller, &id).await?))
}

/// Stops an export that is going on, or takes the files of one that is done away.
#[utoipa::path(delete, path = "/v1/exports/{id}", tag = "exports", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn cancel(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<StatusCode, ApiError> {
    door.service.cancel_export(&who.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A file of an export, whole or, with `Range`, in parts.
#[utoipa::path(get, path = "/v1/exports/{id}/file", tag = "exports", params(("id" = String, Path), FileParams),
    responses((status = 200, content((String = "text/csv"), (String = "application/x-ndjson"),
            (Vec<u8> = "application/gzip"), (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 206, description = "The part that was asked for"), (status = 304), (status = 416),
        (status = 404, body = ErrorBody), (status = 410, body = ErrorBody)))]
pub(super) async fn file(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Params(params): Params<FileParams>,
    request: Request,
) -> Result<Response, ApiError> {
    let part = params.part.as_deref().unwrap_or("exported");
    let file = door.service.export_file(&who.caller, &id, part).await?;
    let mut served = ServeFile::new(&file.path).try_call(request).await.map_err(|error| {
        tracing::error!(%error, export = id, "a file cannot be read");
        let (ko, en) = ("파일을 읽을 수 없습니다.", "the file cannot be read");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", ko, en)
    })?;
    describe(served.headers_mut(), &file);
    Ok(served.into_response())
}

fn describe(headers: &mut axum::http::HeaderMap, file: &Fetched) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    let said = [
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
        (ETAG, format!("\"{}\"", file.sha256)),
    ];
    for (name, value) in said {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}
