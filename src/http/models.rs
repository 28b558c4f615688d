//! `/v1/models`, `/v1/router/explain`: who understands requests, and who would translate one.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{Params, Who};
use crate::access::Caller;
use crate::catalog::Locale;
use crate::service::{ServiceError, TranslatorInfo};
use crate::translate::router::{AUTOMATIC, Candidate, Explanation};

/// The name by which programs may mean whomever the policy chooses, beside `automatic`: some let nobody choose a name that
/// is an adjective.
const ALIAS: &str = "waggle";

/// The translator that a program means by `name`.
pub(super) fn meant(name: &str) -> &str {
    if name == ALIAS { AUTOMATIC } else { name }
}

/// Checks that somebody called `name` translates.
pub(super) fn known_model(door: &Door, caller: &Caller, name: &str) -> Result<(), ApiError> {
    door.service.app(caller)?.known_translator(name).map_err(|unknown| ServiceError::from(unknown).into())
}

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new().route("/v1/models", get(models)).route("/v1/router/explain", get(explain))
}

/// Who translates requests.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ModelList {
    /// `list`.
    object: &'static str,
    /// `automatic`, `builtin`, and the models in the order in which they are configured.
    data: Vec<ModelInfo>,
}

/// Somebody who translates, in the form of the `OpenAI` API.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ModelInfo {
    /// What it is called in `model`.
    id: String,
    /// `model`.
    object: &'static str,
    /// 0: nobody knows.
    created: u64,
    /// `waggle`.
    owned_by: &'static str,
    /// What Waggle knows of it.
    waggle: TranslatorInfo,
}

/// Who translates requests, as a list of the `OpenAI` API with what Waggle adds to it.
#[utoipa::path(get, path = "/v1/models", tag = "models", responses((status = 200, body = ModelList)))]
pub(super) async fn models(State(door): State<Arc<Door>>, _: Who) -> Json<ModelList> {
    let info = |waggle: TranslatorInfo| ModelInfo {
        id: waggle.name.clone(),
        object: "model",
        created: 0,
        owned_by: "waggle",
        waggle,
    };
    Json(ModelList { object: "list", data: door.service.translators().into_iter().map(info).collect() })
}

/// The request whose way is asked for.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExplainParams {
    /// The request in words.
    text: String,
    /// As if it named this translator.
    model: Option<String>,
}

/// Somebody who would be asked, or not, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CandidateInfo {
    /// `builtin`, or the name of a model.
    translator: String,
    /// Why, in the reader's language.
    why: String,
}

/// Who would translate a request, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RouteInfo {
    /// Rules of the policy that hold for it, counted from 1.
    rules: Vec<usize>,
    /// How sure the built-in translator is, from 0 to 1.
    confidence: f32,
    /// Those who are asked, in order, until one answers.
    order: Vec<CandidateInfo>,
    /// Those who are not.
    left_out: Vec<CandidateInfo>,
    /// Whether the first of them has translated it before, so that it costs nothing.
    cached: bool,
}

impl RouteInfo {
    fn of(explanation: Explanation, locale: Locale) -> Self {
        let Explanation { rules, confidence, order, left_out, cached } = explanation;
        let told = |all: Vec<Candidate>| {
            let one = |c: Candidate| CandidateInfo { why: c.why.message(locale), translator: c.translator };
            all.into_iter().map(one).collect()
        };
        Self { rules, confidence, order: told(order), left_out: told(left_out), cached }
    }
}

/// Who would translate a request as the first of a conversation, in which order, and why. No model is asked. For analysts
/// and administrators.
#[utoipa::path(get, path = "/v1/router/explain", tag = "models", params(ExplainParams),
    responses((status = 200, body = RouteInfo), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn explain(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(params): Params<ExplainParams>,
) -> Result<Json<RouteInfo>, ApiError> {
    let explanation = door.service.explain_route(&who.caller, &params.text, params.model.as_deref())?;
    Ok(Json(RouteInfo::of(explanation, who.locale)))
}
