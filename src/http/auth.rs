//! Who asks: found out once for each request, before anything else is done with it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Door;
use super::error::ApiError;
use crate::access::Caller;

/// Puts the [`Caller`] into the request, or refuses it.
pub(super) async fn who_asks(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    match door.caller(request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

impl Door {
    async fn caller(&self, _headers: &axum::http::HeaderMap) -> Result<Caller, ApiError> {
        Ok(Caller::local())
    }
}
