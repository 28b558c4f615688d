//! `/v1/me`, `/v1/keys`, `/v1/audit`, `/v1/data/reload`: who asks, and what runs the service.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{At, Body, Params, Who};
use crate::service::{AuditInfo, AuditVerdictInfo, KeyInfo, MadeKey, MeInfo, NewKey};

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/me", get(me))
        .route("/v1/keys", get(keys).post(make_key))
        .route("/v1/keys/{id}", delete(revoke_key))
        .route("/v1/audit", get(audit))
        .route("/v1/audit/verify", post(verify))
        .route("/v1/data/reload", post(reload))
}

/// Which part of the audit log.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditParams {
    /// Only entries after this one [default: 0].
    #[serde(default)]
    after: u32,
    /// So many entries, at most 500 [default: 50].
    limit: Option<u32>,
}

/// Versions of the data before and after it was read anew.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Reloaded {
    /// What was open.
    from: String,
    /// What is open.
    to: String,
}

/// Who asks, and what they may.
#[utoipa::path(get, path = "/v1/me", tag = "administration", responses((status = 200, body = MeInfo)))]
pub(super) async fn me(who: Who) -> Json<MeInfo> {
    Json(MeInfo::of(&who.caller))
}

/// The API keys, oldest first; the keys themselves are kept nowhere.
#[utoipa::path(get, path = "/v1/keys", tag = "administration",
    responses((status = 200, body = Vec<KeyInfo>), (status = 403, body = ErrorBody)))]
pub(super) async fn keys(State(door): State<Arc<Door>>, who: Who) -> Result<Json<Vec<KeyInfo>>, ApiError> {
    Ok(Json(door.service.keys(&who.caller).await?))
}

/// Makes an API key. It is shown in this answer, and never again.
#[utoipa::path(post, path = "/v1/keys", tag = "administration", request_body = NewKey,
    responses((status = 200, body = MadeKey), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn make_key(
    State(door): State<Arc<Door>>,
    who: Who,
    Body(new): Body<NewKey>,
) -> Result<Json<MadeKey>, ApiError> {
    Ok(Json(door.service.make_key(&who.caller, &new).await?))
}

/// Revokes a key: it stops working at once.
#[utoipa::path(delete, path = "/v1/keys/{id}", tag = "administration", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn revoke_key(
    State(door): State<Arc<Door>>,
    who: Who,
    At(id): At<String>,
) -> Result<StatusCode, ApiError> {
    door.service.revoke_key(&who.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The audit log, in order.
#[utoipa::path(get, path = "/v1/audit", tag = "administration", params(AuditParams),
    responses((status = 200, body = Vec<AuditInfo>), (status = 403, body = ErrorBody)))]
pub(super) async fn audit(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(params): Params<AuditParams>,
) -> Result<Json<Vec<AuditInfo>>, ApiError> {
    Ok(Json(door.service.audit(&who.caller, params.after.into(), params.limit).await?))
}

/// Whether the audit log is as it was written.
#[utoipa::path(post, path = "/v1/audit/verify", tag = "administration",
    responses((status = 200, body = AuditVerdictInfo), (status = 403, body = ErrorBody)))]
pub(super) async fn verify(State(door): State<Arc<Door>>, who: Who) -> Result<Json<AuditVerdictInfo>, ApiError> {
    Ok(Json(door.service.verify_audit(&who.caller, who.locale).await?))
}

/// Opens the catalog and the data again. What is running goes on with what it began with; later answers say the new
/// `data_version`.
#[utoipa::path(post, path = "/v1/data/reload", tag = "administration",
    responses((status = 200, body = Reloaded), (status = 403, body = ErrorBody)))]
pub(super) async fn reload(State(door): State<Arc<Door>>, who: Who) -> Result<Json<Reloaded>, ApiError> {
    let [from, to] = door.service.reload(&who.caller).await?;
    Ok(Json(Reloaded { from, to }))
}
