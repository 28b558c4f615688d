//! Who asks: found out once for each request, before anything else is done with it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::{Door, observe};
use crate::access::jwks::{Bearer, BearerError, JwksSource};
use crate::access::token::TokenRules;
use crate::access::{Caller, keys};
use crate::catalog::Locale;
use crate::store::now;

/// The header that a key may come in too.
pub(super) const KEY_HEADER: &str = "x-api-key";

/// How callers say who they are.
#[derive(Debug)]
pub struct Auth {
    on: bool,
    keys: bool,
    bearer: Option<Bearer>,
}

impl Auth {
    /// Off: everybody who can reach the door is the one on this machine.
    #[must_use]
    pub fn off() -> Self {
        Self { on: false, keys: false, bearer: None }
    }

    /// Whether callers say who they are.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// On: by API keys where `keys`, and by tokens of the issuer in `bearer`.
    #[must_use]
    pub fn new(on: bool, keys: bool, bearer: Option<(TokenRules, JwksSource)>) -> Self {
        Self { on, keys, bearer: bearer.map(|(rules, source)| Bearer::new(rules, source)) }
    }
}

/// Puts the [`Caller`] into the request, or refuses it.
pub(super) async fn who_asks(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    match door.caller(request.headers()).await {
        Ok(caller) => {
            observe::caller_known(&caller.id);
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

impl Door {
    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        if !self.auth.on {
            return if is_here(headers) { Ok(Caller::local()) } else { Err(elsewhere()) };
        }
        let Some(secret) = presented(headers) else {
            return Err(ApiError::unauthenticated(
                "Authorization: Bearer 헤더에 API 키나 토큰을 넣어 주세요.",
                "say who you are: Authorization: Bearer, with an API key or a token",
            ));
        };
        match (&self.auth.bearer, secret.starts_with(keys::PREFIX)) {
            (_, true) if self.auth.keys => self.holder(secret).await,
            (Some(bearer), false) => bearer.verify(secret).await.map_err(|error| refused(&error)),
            _ => Err(ApiError::unauthenticated("쓸 수 없는 키입니다.", "this is no key or token that is taken here")),
        }
    }

    /// The caller that holds a key.
    async fn holder(&self, secret: &str) -> Result<Caller, ApiError> {
        let unknown = || ApiError::unauthenticated("쓸 수 없는 키입니다.", "this key is not known");
        let wrong = |e: keys::KeyError| ApiError::unauthenticated(e.message(Locale::Ko), e.message(Locale::En));
        let store = self.service.store();
        let row =
            store.key_by_hash(&keys::hash(secret).map_err(wrong)?).await.map_err(crate::service::ServiceError::from)?;
        let row = row.filter(|row| row.revoked.is_none()).ok_or_else(unknown)?;
        // That the time of use cannot be kept is no reason to refuse.
        if let Err(error) = store.touch_key(&row, now()).await {
            tracing::warn!(%error, "the use of a key cannot be kept");
        }
        let attributes = serde_json::from_str(&row.attributes_json).map_err(|_| unknown())?;
        Ok(Caller { id: row.id, name: row.name, role: row.role.parse().map_err(|_| unknown())?, attributes })
    }
}

/// Whether a request was sent to a name of this machine, and by none but a page of its own. Where nobody has to say who
/// they are, a page from elsewhere could ask through its reader's browser, by a name of its own that it lets point here.
fn is_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let origin = text(ORIGIN).map(|origin| origin.split_once("://").map_or("", |(_, host)| host));
    text(HOST).into_iter().chain(origin).all(|host| {
        let name =
            host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |h| h.0);
        let name = name.trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

fn elsewhere() -> ApiError {
    let ko = "이 컴퓨터의 주소(127.0.0.1, localhost)로만 접속할 수 있습니다.";
    let en = "without authentication only requests to 127.0.0.1 or localhost are answered";
    ApiError::new(StatusCode::FORBIDDEN, "not_here", ko, en)
}

/// What the caller presents: the bearer of `Authorization`, else `X-API-Key`.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|value| {
        let (scheme, rest) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
    });
    bearer.or_else(|| headers.get(KEY_HEADER)?.to_str().ok()).filter(|secret| !secret.is_empty())
}

fn refused(error: &BearerError) -> ApiError {
    ApiError::unauthenticated(error.message(Locale::Ko), error.message(Locale::En))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn without_authentication_only_this_machine_is_answered() {
        let asked = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            is_here(&headers)
        };
        assert!(asked("127.0.0.1:8080", None) && asked("localhost", None) && asked("[::1]:8080", None));
        assert!(asked("localhost:8080", Some("http://localhost:8080")));
        assert!(!asked("evil.example:8080", None));
        assert!(!asked("127.0.0.1:8080", Some("https://evil.example")));
        assert!(!asked("127.0.0.1:8080", Some("null")));
    }
}
