//! `/v1/leaderboard`: how well each translator understands requests, as JSON and as a page. Whoever may ask may see it:
//! it holds no customer's data and no words of anybody's.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{Params, Who};
use crate::catalog::Locale;
use crate::eval::leaderboard::{self, Board, Wanted};
use crate::service::ServiceError;

/// Most metrics that are asked for at once.
const MAX_METRICS: usize = 20;

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new().route("/v1/leaderboard", get(leaderboard)).route("/v1/leaderboard.html", get(leaderboard_page))
}

/// What is to be shown.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BoardParams {
    /// One golden set alone.
    set: Option<String>,
    /// Metrics, separated by commas; the first is averaged [default: `turn_accuracy`].
    metric: Option<String>,
}

impl BoardParams {
    fn wanted(self) -> Wanted {
        let metrics =
            self.metric.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty());
        Wanted { set: self.set, metrics: metrics.take(MAX_METRICS).map(str::to_owned).collect() }
    }
}

/// How well each translator understands requests; a page where the client takes HTML before JSON.
#[utoipa::path(get, path = "/v1/leaderboard", tag = "models", params(BoardParams),
    responses((status = 200, body = Object), (status = 401, body = ErrorBody)))]
pub(super) async fn leaderboard(
    State(door): State<Arc<Door>>,
    who: Who,
    headers: HeaderMap,
    Params(params): Params<BoardParams>,
) -> Result<Response, ApiError> {
    let board = board(&door, params.wanted()).await?;
    let mut response = if takes_html(&headers) { page(&board, who.locale)? } else { Json(board).into_response() };
    response.headers_mut().insert(VARY, ACCEPT.into());
    Ok(response)
}

/// The same as a page that needs nothing else.
#[utoipa::path(get, path = "/v1/leaderboard.html", tag = "models", params(BoardParams),
    responses((status = 200, body = String, content_type = "text/html"), (status = 401, body = ErrorBody)))]
pub(super) async fn leaderboard_page(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(params): Params<BoardParams>,
) -> Result<Response, ApiError> {
    page(&board(&door, params.wanted()).await?, who.locale)
}

async fn board(door: &Door, wanted: Wanted) -> Result<Board, ApiError> {
    let store = door.service.store();
    let (entries, imports) = leaderboard::load(store, &door.translators).await.map_err(ServiceError::from)?;
    Ok(Board::new(&entries, &imports, &wanted))
}

fn page(board: &Board, locale: Locale) -> Result<Response, ApiError> {
    let page = leaderboard::page(board, locale).map_err(|error| {
        tracing::error!(%error, "the page of the leaderboard cannot be written");
        ApiError::unanswered("the page cannot be written")
    })?;
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, format!("{}; frame-ancestors 'none'", leaderboard::content_policy())),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, page).into_response())
}

/// Whether a client names HTML, and not JSON before it.
fn takes_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let place = |kind: &str| accepted.split(',').position(|part| part.trim().starts_with(kind));
    match (place("text/html"), place("application/json")) {
        (Some(html), Some(json)) => html < json,
        (html, _) => html.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_gets_the_page_and_a_program_json() {
        let takes = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            takes_html(&headers)
        };
        assert!(takes("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(takes("text/html, application/json"));
        for other in ["application/json, text/html;q=0.5", "*/*", ""] {
            assert!(!takes(other), "{other}");
        }
        assert!(!takes_html(&HeaderMap::new()));
    }
}
