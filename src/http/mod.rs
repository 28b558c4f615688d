//! The HTTP door: sessions and messages as JSON. It holds no conversation logic: every message goes through
//! the same `app` as every other door. Knows nothing of terminals.

mod error;
mod health;
mod sessions;
mod state;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

pub use error::ApiError;
pub use state::{MAX_SESSIONS, Service};

/// Largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// What is read of a body that is too large, in bytes: a client that is still sending would not hear why it is refused.
pub const MAX_DRAINED_BYTES: usize = 8 * 1024 * 1024;

/// Everything that is served; testable without a port.
pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .merge(health::router())
        .merge(sessions::router())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(whole_bodies))
        .with_state(service)
}

/// Reads a body to its end before it is answered, so that one that is too large is refused in words.
async fn whole_bodies(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match to_bytes(body, MAX_DRAINED_BYTES).await {
        Ok(bytes) if bytes.len() <= MAX_BODY_BYTES => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Ok(_) | Err(_) => ApiError::TooLarge.into_response(),
    }
}

/// Serves until Ctrl-C; what is being answered then is finished first. `listening` hears the address.
///
/// # Errors
/// Where the address cannot be listened on.
pub async fn serve(service: Arc<Service>, listen: SocketAddr, listening: impl FnOnce(SocketAddr)) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    listening(listener.local_addr()?);
    axum::serve(listener, router(service)).with_graceful_shutdown(interrupted()).await
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be heard");
        std::future::pending::<()>().await;
    }
}
