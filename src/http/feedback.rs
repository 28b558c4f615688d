//! `/v1/feedback`: what people say of answers.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{Body, PageParams, Params, Who};
use crate::service::{Feedback, FeedbackInfo};

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new().route("/v1/feedback", post(give).get(list))
}

/// Says whether an answer was right, and what it should have been.
#[utoipa::path(post, path = "/v1/feedback", tag = "feedback", request_body = Feedback,
    responses((status = 200, body = FeedbackInfo), (status = 404, body = ErrorBody)))]
pub(super) async fn give(
    State(door): State<Arc<Door>>,
    who: Who,
    Body(feedback): Body<Feedback>,
) -> Result<Json<FeedbackInfo>, ApiError> {
    Ok(Json(door.service.give_feedback(&who.caller, &feedback).await?))
}

/// What people said: everybody's to administrators, else the caller's own.
#[utoipa::path(get, path = "/v1/feedback", tag = "feedback", params(PageParams),
    responses((status = 200, body = Vec<FeedbackInfo>)))]
pub(super) async fn list(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(page): Params<PageParams>,
) -> Result<Json<Vec<FeedbackInfo>>, ApiError> {
    Ok(Json(door.service.feedback(&who.caller, page.into()).await?))
}
