//! Whether the service is alive and ready.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::state::Service;

pub(super) fn router() -> Router<Arc<Service>> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

async fn alive() -> &'static str {
    "ok\n"
}

/// The app is open before anything is served, so a service that answers is ready.
async fn ready(State(service): State<Arc<Service>>) -> Json<Value> {
    let app = service.app();
    Json(json!({
        "ready": true,
        "catalog": app.catalog().name,
        "catalog_version": app.catalog().version,
        "data_version": app.engine().data_version(),
        "as_of": app.catalog().as_of.to_string(),
    }))
}
