//! The HTTP door. It holds no conversation logic: whatever is asked goes to `service`, on behalf of the caller that
//! `auth` has found out. Knows nothing of terminals.

mod auth;
mod catalog;
mod door;
mod error;
mod events;
mod extract;
mod feedback;
mod health;
mod openai;
mod segments;
mod sessions;
mod sql;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

pub use auth::Auth;
pub use door::{Door, HttpLimits, MAX_BODY_BYTES, MAX_DRAINED_BYTES};
pub use error::{ApiError, ErrorBody};

/// The head of a request, as services that are mounted here find it: with the [`Caller`](crate::access::Caller) among its
/// extensions.
pub type RequestHead = axum::http::request::Parts;

/// Everything that is served; testable without a port.
pub fn router(door: Arc<Door>) -> Router {
    let asked = Router::new()
        .merge(sessions::router())
        .merge(segments::router())
        .merge(catalog::router())
        .merge(feedback::router())
        .merge(sql::router())
        .merge(openai::router())
        .merge(door.mounted.clone())
        .layer(middleware::from_fn_with_state(Arc::clone(&door), auth::who_asks));
    Router::new()
        .merge(health::router())
        .merge(asked)
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(Arc::clone(&door), whole_bodies))
        .layer(middleware::from_fn(error::in_words))
        .with_state(door)
}

/// Reads a body to its end before it is answered, so that one that is too large is refused in words.
async fn whole_bodies(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match to_bytes(body, MAX_DRAINED_BYTES.max(door.limits.max_body_bytes)).await {
        Ok(bytes) if bytes.len() <= door.limits.max_body_bytes => {
            next.run(Request::from_parts(head, Body::from(bytes))).await
        }
        Ok(_) | Err(_) => ApiError::too_large().into_response(),
    }
}

/// Serves until it is interrupted; what is being answered then is finished first. `listening` hears the address.
///
/// # Errors
/// Where the address cannot be listened on.
pub async fn serve(door: Arc<Door>, listen: SocketAddr, listening: impl FnOnce(SocketAddr)) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    listening(listener.local_addr()?);
    axum::serve(listener, router(door)).with_graceful_shutdown(interrupted()).await
}

/// Ctrl-C, or the signal by which services are ended.
async fn interrupted() {
    let ended = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await.unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        heard = tokio::signal::ctrl_c() => {
            if let Err(error) = heard {
                tracing::warn!(%error, "Ctrl-C cannot be heard");
                std::future::pending::<()>().await;
            }
        }
        () = ended => {}
    }
}
