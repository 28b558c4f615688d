//! `/v1/feedback`: what people say of answers.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{At, Body, PageParams, Params, Who};
use crate::service::{Approval, Feedback, FeedbackInfo};

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/feedback", post(give).get(list))
        .route("/v1/feedback/{id}/approve", post(approve))
        .route("/v1/feedback/{id}/reject", post(reject))
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

/// What people said: everybody's to those who review it, else the caller's own.
#[utoipa::path(get, path = "/v1/feedback", tag = "feedback", params(PageParams),
    responses((status = 200, body = Vec<FeedbackInfo>)))]
pub(super) async fn list(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(page): Params<PageParams>,
) -> Result<Json<Vec<FeedbackInfo>>, ApiError> {
    Ok(Json(door.service.feedback(&who.caller, page.into()).await?))
}

/// Approves feedback for the golden set `feedback`: from now on translators are held to it. For analysts.
#[utoipa::path(post, path = "/v1/feedback/{id}/approve", tag = "feedback", params(("id" = String, Path)),
    request_body = Option<Approval>, responses((status = 200, body = FeedbackInfo), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn approve(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
    approval: Option<Body<Approval>>,
) -> Result<Json<FeedbackInfo>, ApiError> {
    let Body(approval) = approval.unwrap_or(Body(Approval::default()));
    Ok(Json(door.service.approve_feedback(&who.caller, &id, &approval).await?))
}

/// Rejects feedback, also what was approved before. For analysts.
#[utoipa::path(post, path = "/v1/feedback/{id}/reject", tag = "feedback", params(("id" = String, Path)),
    responses((status = 200, body = FeedbackInfo), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn reject(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<Json<FeedbackInfo>, ApiError> {
    Ok(Json(door.service.reject_feedback(&who.caller, &id).await?))
}
