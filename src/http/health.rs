//! Whether the service is alive and ready. Asked without saying who asks.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Door;

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = String)))]
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Whether requests can be answered: the data is open, since before anything is served, and the store answers.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses((status = 200, body = Object), (status = 503, body = Object)))]
pub(super) async fn ready(State(door): State<Arc<Door>>) -> (StatusCode, Json<Value>) {
    let app = door.service.whole();
    let store = door.service.store().check().await;
    if let Err(error) = &store {
        tracing::warn!(%error, "not ready");
    }
    let status = if store.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": store.is_ok(),
        "catalog": app.catalog().name,
        "catalog_version": app.catalog().version,
        "data_version": app.engine().data_version(),
        "as_of": app.catalog().as_of.to_string(),
    });
    (status, Json(body))
}
