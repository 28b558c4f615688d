//! How much the door takes: requests in the house at once, the time of one, requests of one caller, and an end to all
//! of it when the service stops. What is too much is refused in words, with when to come again.

use std::any::Any;
use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, TryStreamExt, future, stream};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::Door;
use super::door::{HttpLimits, MAX_DRAINED_BYTES};
use super::error::ApiError;
use crate::access::Caller;

/// When to come again to a house that is full, in seconds.
const FULL_RETRY_S: u64 = 1;
/// When to come again to a service that stops, in seconds: another may have started by then.
const STOPPING_RETRY_S: u64 = 5;

/// Who is in the house, and how often each caller came.
#[derive(Debug)]
pub(super) struct Gate {
    places: Arc<Semaphore>,
    callers: Option<DefaultKeyedRateLimiter<String>>,
    cancelled: CancellationToken,
}

impl Gate {
    pub(super) fn new(limits: &HttpLimits) -> Self {
        let burst = NonZeroU32::new(limits.rate_burst).unwrap_or(NonZeroU32::MIN);
        let rate = limits.rate_per_minute.and_then(NonZeroU32::new);
        Self {
            places: Arc::new(Semaphore::new(limits.max_requests)),
            callers: rate.map(|rate| RateLimiter::keyed(Quota::per_minute(rate).allow_burst(burst))),
            cancelled: CancellationToken::new(),
        }
    }

    /// Ends every request that is not answered yet, and every stream.
    pub(super) fn cancel(&self) {
        self.cancelled.cancel();
    }

    /// Forgets callers that may do everything again.
    pub(super) fn tidy(&self) {
        if let Some(callers) = &self.callers {
            callers.retain_recent();
            callers.shrink_to_fit();
        }
    }

    /// Seconds that a caller has to wait; none where it may come in.
    fn wait_of(&self, caller: &str) -> Option<u64> {
        let refused = self.callers.as_ref()?.check_key(&caller.to_owned()).err()?;
        let wait = refused.wait_time_from(DefaultClock::default().now());
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

/// Lets a request in, where there is a place, and ends it where it takes too long. A response that goes on as a stream
/// keeps its place, and may take its time.
pub(super) async fn admitted(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let Ok(place) = Arc::clone(&door.gate.places).try_acquire_owned() else {
        return ApiError::busy(StatusCode::SERVICE_UNAVAILABLE, FULL_RETRY_S).into_response();
    };
    let cancelled = &door.gate.cancelled;
    let response = tokio::select! {
        biased;
        response = next.run(request) => response,
        () = cancelled.cancelled() => return ApiError::stopping(STOPPING_RETRY_S).into_response(),
        () = tokio::time::sleep(door.limits.request_timeout) => {
            return ApiError::timeout(door.limits.request_timeout).into_response();
        }
    };
    response.map(|body| held(body, place, cancelled.clone()))
}

/// A body that is a stream keeps `place` until its end, and is broken off where the service stops.
fn held(body: Body, place: impl Send + 'static, cancelled: CancellationToken) -> Body {
    if body.size_hint().exact().is_some() {
        return body;
    }
    let end = cancelled.clone();
    // Broken off, not ended: a reader must not take a part for the whole.
    let broken = stream::once(future::lazy(move |_| end.is_cancelled()))
        .filter_map(|cut| future::ready(cut.then(|| Err(io::Error::from(io::ErrorKind::ConnectionAborted)))));
    let chunks = body.into_data_stream().map_err(io::Error::other).take_until(cancelled.cancelled_owned());
    Body::from_stream(chunks.chain(broken).inspect(move |_| {
        let _ = &place;
    }))
}

/// Reads a body to its end before it is answered, so that one that is too large is refused in words.
pub(super) async fn whole_bodies(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match to_bytes(body, MAX_DRAINED_BYTES.max(door.limits.max_body_bytes)).await {
        Ok(bytes) if bytes.len() <= door.limits.max_body_bytes => {
            next.run(Request::from_parts(head, Body::from(bytes))).await
        }
        Ok(_) | Err(_) => ApiError::too_large().into_response(),
    }
}

/// Refuses a caller that comes too often. Where nobody says who they are, nobody is limited.
pub(super) async fn not_too_often(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().filter(|_| door.auth.is_on());
    match caller.and_then(|caller| door.gate.wait_of(&caller.id)) {
        Some(wait) => ApiError::busy(StatusCode::TOO_MANY_REQUESTS, wait.max(1)).into_response(),
        None => next.run(request).await,
    }
}

/// What is answered where a handler panicked. Its message is on standard error already, and not for readers.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::internal().into_response()
}

impl ApiError {
    /// A fault of the program.
    fn internal() -> Self {
        let (ko, en) = ("서버 안에서 잘못되었습니다.", "something went wrong in the server");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", ko, en)
    }

    /// It took too long.
    fn timeout(limit: Duration) -> Self {
        let seconds = limit.as_secs_f64();
        let ko = format!("{seconds}초 안에 답하지 못했습니다.");
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", ko, format!("there was no answer within {seconds} s"))
    }

    /// The service stops.
    fn stopping(retry_after_s: u64) -> Self {
        let (ko, en) = ("서버가 멈추는 중입니다.", "the server is stopping");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self { retry_after_s: Some(retry_after_s), ..Self::new(status, "stopping", ko, en) }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use axum::{Router, middleware};
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::super::error::in_words;
    use super::*;

    #[test]
    fn callers_are_limited_one_by_one() {
        let limits = HttpLimits { rate_per_minute: Some(1), rate_burst: 2, ..HttpLimits::default() };
        let gate = Gate::new(&limits);
        assert_eq!([gate.wait_of("a"), gate.wait_of("a")], [None, None]);
        assert!(gate.wait_of("a").is_some_and(|wait| (1..=60).contains(&wait)));
        assert_eq!(gate.wait_of("b"), None);
        gate.tidy();
        assert!(gate.wait_of("a").is_some());
    }

    #[tokio::test]
    async fn a_panic_is_an_error_in_words() {
        async fn falls() {
            panic!("a fault that only this test has");
        }
        let router = Router::new()
            .route("/falls", get(falls))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn(in_words));
        let request = Request::builder().uri("/falls").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        let error: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(error["code"], "internal");
        assert!(!error.to_string().contains("fault that only"));
    }

    #[tokio::test]
    async fn a_stream_keeps_its_place_and_is_broken_off() {
        let places = Arc::new(Semaphore::new(1));
        let place = Arc::clone(&places).try_acquire_owned().unwrap();
        let stop = CancellationToken::new();
        let endless = Body::from_stream(stream::iter([Ok::<_, io::Error>("a")]).chain(stream::pending()));
        let mut body = held(endless, place, stop.clone()).into_data_stream();
        assert!(body.next().await.unwrap().is_ok());
        assert_eq!(places.available_permits(), 0);
        stop.cancel();
        assert!(body.next().await.unwrap().is_err());
        drop(body);
        assert_eq!(places.available_permits(), 1);
    }
}
