//! `/v1/segments`: saving, listing, changing, deleting, refreshing, loading, comparing and reading definitions.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{At, Body, Params, Who};
use super::sessions::response;
use crate::answer::contract::Answer;
use crate::service::{ComparisonInfo, NewSegment, SegmentEdit, SegmentInfo, SegmentReading};

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/segments", post(save).get(list))
        .route("/v1/segments/read", post(read))
        .route("/v1/segments/{id}", get(look).patch(change).delete(delete))
        .route("/v1/segments/{id}/restore", post(restore))
        .route("/v1/segments/{id}/refresh", post(refresh))
        .route("/v1/segments/{id}/load", post(load))
        .route("/v1/segments/{id}/compare", get(compare))
}

/// Which segments.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Those that were deleted, instead.
    #[serde(default)]
    deleted: bool,
}

/// What to compare with.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CompareParams {
    /// Id of the other segment.
    with: String,
}

/// A definition.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Definition {
    /// Segment text (`home_sido = '부산광역시'`) or a typed expression.
    segment: serde_json::Value,
}

/// Where a segment is taken to.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Load {
    /// Id of the session.
    session: String,
    /// Language of the reply, `ko` or `en`; left out for that of the session.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    locale: Option<crate::catalog::Locale>,
}

/// Keeps the segment of a session, or a definition. A name of the caller's that is taken gets a further version.
#[utoipa::path(post, path = "/v1/segments", tag = "segments", request_body = NewSegment,
    responses((status = 200, body = SegmentInfo), (status = 422, body = ErrorBody)))]
pub(super) async fn save(
    State(door): State<Arc<Door>>,
    who: Who,
    Body(new): Body<NewSegment>,
) -> Result<Json<SegmentInfo>, ApiError> {
    Ok(Json(door.service.save_segment(&who.caller, &new, who.locale).await?))
}

/// The segments that the caller may use: its own first, then public ones.
#[utoipa::path(get, path = "/v1/segments", tag = "segments", params(ListParams),
    responses((status = 200, body = Vec<SegmentInfo>)))]
pub(super) async fn list(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(params): Params<ListParams>,
) -> Result<Json<Vec<SegmentInfo>>, ApiError> {
    Ok(Json(door.service.segments(&who.caller, params.deleted, who.locale).await?))
}

/// One segment, with the history of its counts.
#[utoipa::path(get, path = "/v1/segments/{id}", tag = "segments", params(("id" = String, Path)),
    responses((status = 200, body = SegmentInfo), (status = 404, body = ErrorBody)))]
pub(super) async fn look(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<Json<SegmentInfo>, ApiError> {
    Ok(Json(door.service.segment(&who.caller, &id, who.locale).await?))
}

/// Renames, describes, shares with others or stops to.
#[utoipa::path(patch, path = "/v1/segments/{id}", tag = "segments", params(("id" = String, Path)),
    request_body = SegmentEdit,
    responses((status = 200, body = SegmentInfo), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(super) async fn change(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Body(edit): Body<SegmentEdit>,
) -> Result<Json<SegmentInfo>, ApiError> {
    Ok(Json(door.service.change_segment(&who.caller, &id, &edit, who.locale).await?))
}

/// Deletes a segment; `restore` takes that back.
#[utoipa::path(delete, path = "/v1/segments/{id}", tag = "segments", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn delete(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<StatusCode, ApiError> {
    door.service.delete_segment(&who.caller, &id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a deletion back.
#[utoipa::path(post, path = "/v1/segments/{id}/restore", tag = "segments", params(("id" = String, Path)),
    responses((status = 200, body = SegmentInfo), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(super) async fn restore(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<Json<SegmentInfo>, ApiError> {
    door.service.delete_segment(&who.caller, &id, false).await?;
    Ok(Json(door.service.segment(&who.caller, &id, who.locale).await?))
}

/// Reads a definition: a sentence, and what must hold part by part, in the reader's language. Nothing is counted or kept.
#[utoipa::path(post, path = "/v1/segments/read", tag = "segments", request_body = Definition,
    responses((status = 200, body = SegmentReading), (status = 422, body = ErrorBody)))]
pub(super) async fn read(
    State(door): State<Arc<Door>>,
    who: Who,
    Body(Definition { segment }): Body<Definition>,
) -> Result<Json<SegmentReading>, ApiError> {
    Ok(Json(door.service.read_segment(&who.caller, &segment, who.locale)?))
}

/// Counts a segment on the data of today. Where the catalog does not support its definition any more, says which part
/// of it, and changes nothing.
#[utoipa::path(post, path = "/v1/segments/{id}/refresh", tag = "segments", params(("id" = String, Path)),
    responses((status = 200, body = SegmentInfo), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn refresh(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<Json<SegmentInfo>, ApiError> {
    Ok(Json(door.service.refresh_segment(&who.caller, &id, who.locale).await?))
}

/// Takes a segment into a conversation, in the place of what it stood at.
#[utoipa::path(post, path = "/v1/segments/{id}/load", tag = "segments", params(("id" = String, Path)),
    request_body = Load, responses((status = 200, body = Answer), (status = 404, body = ErrorBody)))]
pub(super) async fn load(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Body(Load { session, locale }): Body<Load>,
) -> Result<Response, ApiError> {
    Ok(response(&door.service.load_segment(&who.caller, &id, &session, locale).await?))
}

/// Compares two segments: sizes, overlap, only in each, and which fields differ most.
#[utoipa::path(get, path = "/v1/segments/{id}/compare", tag = "segments", params(("id" = String, Path), CompareParams),
    responses((status = 200, body = ComparisonInfo), (status = 404, body = ErrorBody)))]
pub(super) async fn compare(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    Params(params): Params<CompareParams>,
) -> Result<Json<ComparisonInfo>, ApiError> {
    Ok(Json(door.service.compare_segments(&who.caller, [&id, &params.with], who.locale).await?))
}
