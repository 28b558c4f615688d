//! What is known of each request afterwards: an id, a line of the log, a span of the trace, and numbers at `/metrics`. No
//! texts, no values, no keys: a route is told by its template, a caller by its id.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::error::{ApiError, ErrorBody};
use super::extract::Who;
use super::{Door, metrics};
use crate::access::Right;
use crate::service::{ServiceError, new_id};

/// The header of a request's id.
const ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken from a request.
const MAX_ID_CHARS: usize = 64;
/// What a request is called that no route takes.
const NO_ROUTE: &str = "none";
/// Routes that machines ask all day, and the files of the page: their log is for looking closely.
const QUIET: [&str; 4] = ["/healthz", "/readyz", "/metrics", super::ui::FILES];
/// The status of a request whose client went away before it was answered, in log and metrics alone.
const CLIENT_GONE: u16 = 499;

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new().route("/metrics", get(metrics))
}

/// Numbers on what goes on, as Prometheus reads them.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, body = String), (status = 403, body = ErrorBody)))]
pub(super) async fn metrics(State(door): State<Arc<Door>>, who: Who) -> Result<Response, ApiError> {
    if !who.caller.may(Right::ReadMetrics) {
        return Err(ServiceError::Forbidden { right: Right::ReadMetrics }.into());
    }
    let text = metrics::render(&door.service).await;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// Watches over a request: gives it an id, and tells how it ended.
pub(super) async fn watched(mut request: Request, next: Next) -> Response {
    let id = id_of(request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, |path| path.as_str()).to_owned();
    let method = method_of(request.method());
    let span = tracing::info_span!("request", id, method, route, caller = Empty, status = Empty);
    let seen = Seen { method, route, span: span.clone(), start: Instant::now(), status: None };
    metrics::opened(true);
    let header = HeaderValue::from_str(&id);
    if let Ok(id) = &header {
        // Whoever looks for it further inside finds the one that was given.
        request.headers_mut().insert(ID_HEADER, id.clone());
    }
    let mut response = next.run(request).instrument(span).await;
    seen.ended(response.status());
    response.headers_mut().extend(header.ok().map(|id| (ID_HEADER, id)));
    response
}

/// Notes who asks, once that is known.
pub(super) fn caller_known(id: &str) {
    Span::current().record("caller", id);
}

/// The id that a request brings, where it is one that a log can hold, else a new one.
fn id_of(headers: &HeaderMap) -> String {
    let sane = |id: &&str| {
        (1..=MAX_ID_CHARS).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let brought = headers.get(ID_HEADER).and_then(|id| id.to_str().ok()).filter(sane);
    brought.map_or_else(new_id, str::to_owned)
}

/// The name of a method; those that nobody has heard of share one, so that metrics do not grow.
fn method_of(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// A request that is going on. Dropped without an end, its client has gone away.
struct Seen {
    method: &'static str,
    route: String,
    span: Span,
    start: Instant,
    status: Option<u16>,
}

impl Seen {
    fn ended(mut self, status: StatusCode) {
        self.status = Some(status.as_u16());
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        let (took, status) = (self.start.elapsed(), self.status.unwrap_or(CLIENT_GONE));
        metrics::opened(false);
        metrics::request(self.method, &self.route, status, took);
        self.span.record("status", status);
        let _within = self.span.enter();
        let ms = took.as_millis();
        if QUIET.contains(&self.route.as_str()) && status < 500 {
            tracing::debug!(status, %ms, "answered");
        } else {
            tracing::info!(status, %ms, "{}", if status == CLIENT_GONE { "the client went away" } else { "answered" });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_over_where_it_is_sane() {
        let with = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ID_HEADER, HeaderValue::from_str(id).unwrap());
            id_of(&headers)
        };
        assert_eq!(with("abc-1.2_Z"), "abc-1.2_Z");
        for odd in ["", "a b", "x\"y", &"a".repeat(65)] {
            assert_ne!(with(odd), odd);
        }
        assert_eq!(id_of(&HeaderMap::new()).len(), 32);
    }
}
