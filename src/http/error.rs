//! Errors as `{"code", "message"}`, converted once.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What a client sees of a failure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No such session.
    #[error("there is no session {0}")]
    NoSession(String),
    /// No such path.
    #[error("there is nothing at {0}")]
    NotFound(String),
    /// The path takes other methods.
    #[error("{0} takes no {1}")]
    NotAllowed(String, String),
    /// The body is larger than allowed.
    #[error("the body is too large")]
    TooLarge,
    /// The body is not what is asked for.
    #[error("{0}")]
    BadBody(String),
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoSession(_) | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::NotAllowed(..) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BadBody(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// The public name of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSession(_) => "no_session",
            Self::NotFound(_) => "not_found",
            Self::NotAllowed(..) => "method_not_allowed",
            Self::TooLarge => "too_large",
            Self::BadBody(_) => "bad_body",
        }
    }
}

/// The body of an error.
#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    message: String,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status(), Json(Body { code: self.code(), message: self.to_string() })).into_response()
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::BadBody(rejection.body_text()),
        }
    }
}

pub(super) async fn not_found(uri: Uri) -> ApiError {
    ApiError::NotFound(uri.path().to_owned())
}

pub(super) async fn not_allowed(method: Method, uri: Uri) -> ApiError {
    ApiError::NotAllowed(uri.path().to_owned(), method.to_string())
}
