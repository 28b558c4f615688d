//! Failures as `{"code", "message"}` in the reader's language, converted once.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::openai;
use crate::app::Failure;
use crate::catalog::Locale;
use crate::eval::EvalError;
use crate::service::{ServiceError, Thing};
use crate::store::StoreError;

/// What a client sees of a failure.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// The public name of the failure.
    pub code: &'static str,
    /// Korean and English.
    pub message: Box<[String; 2]>,
    /// Seconds after which it can be tried again.
    pub retry_after_s: Option<u64>,
    /// What else a program may want to know.
    pub details: Option<Box<Value>>,
}

/// The body of a failure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// The public name of the failure (`not_found`, `bad_body`, `busy`).
    pub code: &'static str,
    /// A sentence in the reader's language.
    pub message: String,
    /// What else a program may want to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub details: Option<Value>,
}

impl ApiError {
    /// A failure.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self { status, code, message: Box::new([ko.into(), en.into()]), retry_after_s: None, details: None }
    }

    /// Nothing lies there.
    #[must_use]
    pub fn nowhere(path: &str) -> Self {
        let ko = format!("{path}에는 아무것도 없습니다.");
        Self::new(StatusCode::NOT_FOUND, "not_found", ko, format!("there is nothing at {path}"))
    }

    /// A request that cannot be read.
    #[must_use]
    pub fn bad(code: &'static str, detail: &str) -> Self {
        let ko = format!("요청을 읽을 수 없습니다: {detail}");
        Self::new(StatusCode::BAD_REQUEST, code, ko, detail)
    }

    /// A body that is larger than allowed.
    #[must_use]
    pub fn too_large() -> Self {
        let (ko, en) = ("본문이 너무 큽니다.", "the body is too large");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", ko, en)
    }

    /// A stage of an answer failed.
    #[must_use]
    pub fn failed(failure: &Failure) -> Self {
        tracing::error!(%failure, "a request failed");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "internal", failure.message(Locale::Ko), failure.message(Locale::En))
    }

    /// An answer that is a failure, in the words of `why`.
    #[must_use]
    pub fn unanswered(why: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", why, why)
    }

    /// The same, with the field of the request that is at fault.
    #[must_use]
    pub fn about(mut self, param: &str) -> Self {
        self.details = Some(Box::new(serde_json::json!({ "param": param })));
        self
    }

    /// Too much is going on.
    #[must_use]
    pub fn busy(status: StatusCode, retry_after_s: u64) -> Self {
        let ko = format!("요청이 많습니다. {retry_after_s}초 뒤에 다시 시도해 주세요.");
        let en = format!("too many requests; try again in {retry_after_s} s");
        let code = if status == StatusCode::TOO_MANY_REQUESTS { "rate_limited" } else { "busy" };
        Self { retry_after_s: Some(retry_after_s), ..Self::new(status, code, ko, en) }
    }

    /// Who asks is not known.
    #[must_use]
    pub fn unauthenticated(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", ko, en)
    }

    fn body(&self, locale: Locale) -> ErrorBody {
        let [ko, en] = &*self.message;
        let message = if locale == Locale::Ko { ko } else { en }.clone();
        ErrorBody { code: self.code, message, details: self.details.as_deref().cloned() }
    }

    /// The response in the language of a reader.
    #[must_use]
    pub fn response(&self, locale: Locale) -> Response {
        self.with_body(Json(self.body(locale)), locale)
    }

    /// The response with a body of another shape.
    #[must_use]
    pub(super) fn with_body(&self, body: impl IntoResponse, locale: Locale) -> Response {
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(locale.code()));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The body is written by `in_words`, which knows the reader.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        let (status, code) = status(&error);
        if status.is_server_error() && code == "internal" {
            tracing::error!(%error, "a request failed");
        }
        let details = match &error {
            ServiceError::Unsupported { .. } => {
                let parts =
                    serde_json::json!({ "parts": error.parts(Locale::En), "parts_ko": error.parts(Locale::Ko) });
                Some(Box::new(parts))
            }
            ServiceError::Refused { refusals } => {
                let place = |r: &crate::sql::SqlRefusal| {
                    serde_json::json!({ "code": r.why.code(), "message": r.message(Locale::En),
                        "line": r.line, "column": r.column, "hint": r.why.hint(Locale::En) })
                };
                Some(Box::new(serde_json::json!({ "refusals": refusals.iter().map(place).collect::<Vec<_>>() })))
            }
            _ => None,
        };
        let retry_after_s = match &error {
            ServiceError::Busy { retry_after_s } => Some(*retry_after_s),
            _ => None,
        };
        Self { retry_after_s, details, ..Self::new(status, code, error.message(Locale::Ko), error.message(Locale::En)) }
    }
}

impl From<EvalError> for ApiError {
    fn from(error: EvalError) -> Self {
        let (status, code) = match &error {
            EvalError::NoRun(_) => (StatusCode::NOT_FOUND, "no_run"),
            EvalError::NoSet(_) => (StatusCode::NOT_FOUND, "no_set"),
            EvalError::NoMetric(_) | EvalError::Translator(_) | EvalError::Disjoint(..) | EvalError::File(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid")
            }
            EvalError::Busy(_) => (StatusCode::CONFLICT, "run_goes_on"),
            _ => {
                tracing::error!(%error, "a request failed");
                let (ko, en) = ("평가를 할 수 없습니다.", "the evaluation cannot be done");
                return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", ko, en);
            }
        };
        Self::new(status, code, error.message(Locale::Ko), error.message(Locale::En))
    }
}

fn status(error: &ServiceError) -> (StatusCode, &'static str) {
    match error {
        ServiceError::NotFound { thing, .. } => (
            StatusCode::NOT_FOUND,
            match thing {
                Thing::Session => "no_session",
                Thing::Turn => "no_turn",
                Thing::Segment => "no_segment",
                Thing::Export => "no_export",
                Thing::Key => "no_key",
                Thing::Feedback => "no_feedback",
            },
        ),
        ServiceError::NoModel(_) => (StatusCode::NOT_FOUND, "model_not_found"),
        ServiceError::Forbidden { .. } => (StatusCode::FORBIDDEN, "forbidden"),
        ServiceError::Rule(_) => (StatusCode::FORBIDDEN, "no_rows"),
        ServiceError::NameTaken { .. } => (StatusCode::CONFLICT, "name_taken"),
        ServiceError::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "key_reused"),
        ServiceError::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        ServiceError::Refused { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "sql_refused"),
        ServiceError::Unsupported { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "unsupported"),
        ServiceError::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        ServiceError::Gone { .. } => (StatusCode::GONE, "gone"),
        ServiceError::Store(StoreError::Conflict { .. }) => (StatusCode::CONFLICT, "conflict"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

/// Writes the bodies of failures in the language of the reader.
pub(super) async fn in_words(request: Request, next: Next) -> Response {
    let locale = reader(request.headers(), request.uri());
    let is_openai = openai::is_at(request.uri().path());
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else { return response };
    let mut told = if is_openai { openai::failure(&error, locale) } else { error.response(locale) };
    // What the layers inside said stays: an id of the request, a limit.
    for (name, value) in response.headers() {
        told.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    told.extensions_mut().extend(std::mem::take(response.extensions_mut()));
    let (parts, body) = told.into_parts();
    Response::from_parts(parts, Body::new(body))
}

/// The language of a reader: `?locale=`, else the first one of `Accept-Language` that is known, else English.
pub(super) fn reader(headers: &HeaderMap, uri: &Uri) -> Locale {
    let asked = uri.query().into_iter().flat_map(|q| q.split('&')).find_map(|pair| pair.strip_prefix("locale="));
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let accepted = accepted.split(',').filter_map(|tag| tag.trim().split(['-', ';']).next());
    asked.into_iter().chain(accepted).find_map(|code| code.parse().ok()).unwrap_or(Locale::En)
}

pub(super) async fn not_found(uri: Uri) -> ApiError {
    ApiError::nowhere(uri.path())
}

pub(super) async fn not_allowed(method: Method, uri: Uri) -> ApiError {
    let path = uri.path();
    let ko = format!("{path}에는 {method}를 쓸 수 없습니다.");
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", ko, format!("{path} takes no {method}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_is_who_says_so() {
        let mut headers = HeaderMap::new();
        let plain = Uri::from_static("/v1/sessions");
        assert_eq!(reader(&headers, &plain), Locale::En);
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("fr, ko-KR;q=0.9, en;q=0.8"));
        assert_eq!(reader(&headers, &plain), Locale::Ko);
        assert_eq!(reader(&headers, &Uri::from_static("/v1/sessions?limit=3&locale=en")), Locale::En);
    }
}
