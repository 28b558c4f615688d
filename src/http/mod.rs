//! The HTTP door. It holds no conversation logic: whatever is asked goes to `service`, on behalf of the caller that
//! `auth` has found out. Knows nothing of terminals.

mod admin;
mod auth;
mod catalog;
mod door;
mod error;
mod eval;
mod events;
mod exports;
mod extract;
mod feedback;
mod health;
mod leaderboard;
mod limits;
mod metrics;
mod models;
mod observe;
mod openai;
mod openapi;
mod segments;
mod sessions;
mod sql;
mod ui;

use std::convert::Infallible;
use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower_http::catch_panic::CatchPanicLayer;

pub use auth::Auth;
pub use door::{Door, HttpLimits, MAX_BODY_BYTES, MAX_DRAINED_BYTES};
pub use error::{ApiError, ErrorBody};

/// The head of a request, as services that are mounted here find it: with the [`Caller`](crate::access::Caller) among its
/// extensions.
pub type RequestHead = axum::http::request::Parts;

/// How often the recorder of metrics and the rates of callers are tidied.
const TIDY_EVERY: Duration = Duration::from_secs(30);
/// Longest time for what was cancelled to be gone.
const CANCEL_WITHIN: Duration = Duration::from_secs(2);

/// Everything that is served; testable without a port.
pub fn router(door: Arc<Door>) -> Router {
    metrics::recorder();
    let who_asks = || middleware::from_fn_with_state(Arc::clone(&door), auth::who_asks);
    // What a handler needs of a caller's rate is the caller, so it comes after `who_asks`.
    let asked = Router::new()
        .merge(sessions::router())
        .merge(segments::router())
        .merge(catalog::router())
        .merge(models::router())
        .merge(leaderboard::router())
        .merge(feedback::router())
        .merge(eval::router())
        .merge(sql::router())
        .merge(exports::router())
        .merge(admin::router())
        .merge(openai::router())
        .merge(door.mounted.clone())
        .layer(middleware::from_fn_with_state(Arc::clone(&door), limits::not_too_often))
        .layer(who_asks());
    let limited = asked
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(Arc::clone(&door), limits::whole_bodies))
        .layer(middleware::from_fn_with_state(Arc::clone(&door), limits::admitted));
    // A house that is full still says how it is.
    let always = Router::new()
        .merge(health::router())
        .merge(openapi::router())
        .merge(ui::router())
        .merge(observe::router().layer(who_asks()))
        .method_not_allowed_fallback(error::not_allowed);
    limited
        .merge(always)
        .layer(CatchPanicLayer::custom(limits::panicked))
        .layer(middleware::from_fn(error::in_words))
        .layer(middleware::from_fn(observe::watched))
        .with_state(door)
}

/// Serves until it is interrupted; what is being answered then is finished first, within a limit. `listening` hears the
/// address.
///
/// # Errors
/// Where the address cannot be listened on.
pub async fn serve(door: Arc<Door>, listen: SocketAddr, listening: impl FnOnce(SocketAddr)) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    listening(listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = async { stopped.await.unwrap_or_default() };
    let serving = axum::serve(listener, router(Arc::clone(&door))).with_graceful_shutdown(ended).into_future();
    let mut serving = pin!(serving);
    tokio::select! {
        served = &mut serving => return served,
        never = door.service.keep_house() => match never {},
        never = tidy(&door) => match never {},
        () = interrupted() => {}
    }
    tracing::info!("stopping: nothing new is taken, what is being answered is finished");
    // Where the receiver is gone, serving has ended by itself.
    let _ = stop.send(());
    tokio::select! {
        served = &mut serving => return served,
        () = tokio::time::sleep(door.limits.stop_within) => {}
        () = interrupted() => {}
    }
    tracing::warn!("stopping: what is still being answered is cancelled");
    door.gate.cancel();
    // What does not even hear of that ends with the process.
    let _ = tokio::time::timeout(CANCEL_WITHIN, serving).await;
    Ok(())
}

/// Keeps what is counted from growing, until it is dropped.
async fn tidy(door: &Door) -> Infallible {
    let mut ticks = tokio::time::interval(TIDY_EVERY);
    loop {
        ticks.tick().await;
        door.gate.tidy();
        if let Some(recorder) = metrics::recorder() {
            recorder.run_upkeep();
        }
    }
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
