//! What handlers take from a request. Whatever cannot be read is refused as every failure is.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{ApiError, reader};
use crate::access::Caller;
use crate::catalog::Locale;
use crate::service::Page;

/// A JSON body.
pub(super) struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Json(body) = <Json<T> as FromRequest<S>>::from_request(request, state).await.map_err(unreadable)?;
        Ok(Self(body))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        let found = <Json<T> as OptionalFromRequest<S>>::from_request(request, state).await.map_err(unreadable)?;
        Ok(found.map(|Json(body)| Self(body)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` calls takes the error")]
fn unreadable(rejection: JsonRejection) -> ApiError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(),
        status => ApiError { status, ..ApiError::bad("bad_body", &rejection.body_text()) },
    }
}

/// The parameters of a query string.
pub(super) struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let found = Query::<T>::from_request_parts(parts, state).await;
        let Query(params) = found.map_err(|e: QueryRejection| ApiError::bad("bad_query", &e.body_text()))?;
        Ok(Self(params))
    }
}

/// The variable parts of a path.
pub(super) struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let found = Path::<T>::from_request_parts(parts, state).await;
        let Path(at) = found.map_err(|e: PathRejection| ApiError::bad("bad_path", &e.body_text()))?;
        Ok(Self(at))
    }
}

/// Who asks, as `auth` found out, and in which language.
pub(super) struct Who {
    pub caller: Caller,
    pub locale: Locale,
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Caller>().cloned();
        let unknown = || ApiError::unauthenticated("누구인지 알 수 없습니다.", "who asks is not known");
        Ok(Self { caller: caller.ok_or_else(unknown)?, locale: reader(&parts.headers, &parts.uri) })
    }
}

/// Part of a long list.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParams {
    /// So many entries, at most 500 [default: 50].
    limit: Option<u32>,
    /// Only entries before this time, in milliseconds since 1970.
    before: Option<i64>,
}

impl From<PageParams> for Page {
    fn from(params: PageParams) -> Self {
        Self { limit: params.limit, before: params.before }
    }
}
