//! `/v1/me`, `/v1/keys`, `/v1/audit`, `/v1/data/reload`, `/v1/service`, `/v1/budgets`: who asks, and what runs the service.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{At, Body, Params, Who};
use crate::service::{AuditInfo, AuditVerdictInfo, BudgetInfo, KeyInfo, MadeKey, MeInfo, NewKey, ServiceState};
use crate::store::AuditWanted;

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/me", get(me))
        .route("/v1/keys", get(keys).post(make_key))
        .route("/v1/keys/{id}", delete(revoke_key))
        .route("/v1/audit", get(audit))
        .route("/v1/audit/verify", post(verify))
        .route("/v1/data/reload", post(reload))
        .route("/v1/service", get(state))
        .route("/v1/budgets", get(budgets))
}

/// Which part of the audit log.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditParams {
    /// Only entries after this one [default: 0].
    #[serde(default)]
    after: u32,
    /// Only entries before this one.
    before: Option<u32>,
    /// The newest first, instead of in order [default: false].
    #[serde(default)]
    newest: bool,
    /// Only what this caller did, by id.
    #[serde(default)]
    actor: String,
    /// Only actions that begin so: `export` finds `export.erase`.
    #[serde(default)]
    action: String,
    /// Only what was done to this.
    #[serde(default)]
    subject: String,
    /// Only from this time on, in milliseconds since 1970.
    since: Option<i64>,
    /// Only before this time, in milliseconds since 1970.
    until: Option<i64>,
    /// So many entries, at most 500 [default: 50].
    limit: Option<u32>,
}

impl AuditParams {
    fn wanted(self) -> AuditWanted {
        let all = AuditWanted::default();
        AuditWanted {
            after: self.after.into(),
            before: self.before.map_or(all.before, i64::from),
            since: self.since.unwrap_or(all.since),
            until: self.until.unwrap_or(all.until),
            actor: self.actor,
            action: self.action,
            subject: self.subject,
            newest_first: self.newest,
        }
    }
}

/// How the service is, and who may call it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ServiceStatus {
    /// How it is.
    #[serde(flatten)]
    service: ServiceState,
    /// Whether callers must say who they are.
    auth: bool,
    /// Requests of one caller in a minute; left out where there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_per_minute: Option<u32>,
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

/// The audit log, in order unless the newest are to come first.
#[utoipa::path(get, path = "/v1/audit", tag = "administration", params(AuditParams),
    responses((status = 200, body = Vec<AuditInfo>), (status = 403, body = ErrorBody)))]
pub(super) async fn audit(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(params): Params<AuditParams>,
) -> Result<Json<Vec<AuditInfo>>, ApiError> {
    let limit = params.limit;
    Ok(Json(door.service.audit(&who.caller, &params.wanted(), limit).await?))
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

/// How the service is: what is open, what waits, how long things are kept.
#[utoipa::path(get, path = "/v1/service", tag = "administration",
    responses((status = 200, body = ServiceStatus), (status = 403, body = ErrorBody)))]
pub(super) async fn state(State(door): State<Arc<Door>>, who: Who) -> Result<Json<ServiceStatus>, ApiError> {
    let service = door.service.state(&who.caller)?;
    Ok(Json(ServiceStatus { service, auth: door.auth.is_on(), rate_per_minute: door.limits.rate_per_minute }))
}

/// What models may cost in a day, and have cost today since the service began.
#[utoipa::path(get, path = "/v1/budgets", tag = "administration",
    responses((status = 200, body = BudgetInfo), (status = 403, body = ErrorBody)))]
pub(super) async fn budgets(State(door): State<Arc<Door>>, who: Who) -> Result<Json<BudgetInfo>, ApiError> {
    Ok(Json(door.service.budgets(&who.caller)?))
}
