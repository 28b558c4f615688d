//! Who translates: the built-in translator and the models, how they are doing, and who would be asked.

use serde::Serialize;

use super::turns::allowed;
use super::{Service, ServiceError};
use crate::access::{Caller, Right};
use crate::app::AskOptions;
use crate::session::Session;
use crate::translate::model::Place;
use crate::translate::router::{AUTOMATIC, BUILTIN, Explanation, ModelState};

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Sentences {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

/// Prices in US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PriceInfo {
    /// Tokens of prompts.
    pub input: f64,
    /// Tokens of prompts that the server had cached.
    pub cached_input: f64,
    /// Tokens of replies.
    pub output: f64,
}

/// What a model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AbilityInfo {
    /// It can be held to a JSON schema.
    pub json_schema: bool,
    /// It can call tools.
    pub tools: bool,
    /// It may look around in the catalog in steps for a hard request.
    pub agent: bool,
}

/// Somebody who translates. Fields that do not apply are left out.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TranslatorInfo {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub about: Sentences,
    /// What its server calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Where it runs: `on_prem` or `cloud`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub place: Option<Place>,
    /// What it costs.
    pub price: PriceInfo,
    /// Tokens that prompt and reply may have together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u32>,
    /// What it can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can: Option<AbilityInfo>,
    /// Billions of parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_b: Option<f64>,
    /// What kind of model it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `ready`, or `resting` where it has failed too often just now and is left alone for a while.
    pub state: &'static str,
    /// Requests that it was asked to translate since the service began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
}

impl TranslatorInfo {
    /// One of Waggle's own.
    fn own(name: &str, ko: &str, en: &str) -> Self {
        Self {
            name: name.to_owned(),
            about: Sentences { ko: ko.to_owned(), en: en.to_owned() },
            model: None,
            place: None,
            price: PriceInfo { input: 0.0, cached_input: 0.0, output: 0.0 },
            context_tokens: None,
            can: None,
            size_b: None,
            kind: None,
            state: "ready",
            requests: None,
        }
    }
}

impl From<ModelState<'_>> for TranslatorInfo {
    fn from(ModelState { spec, is_resting, requests }: ModelState<'_>) -> Self {
        let [ko, en] = match spec.place {
            Place::OnPrem => ["사내에서 도는 모델", "a model in the house"],
            Place::Cloud => ["외부 클라우드의 모델", "a model in a cloud"],
        };
        let price = spec.billing;
        Self {
            model: Some(spec.model.clone()),
            place: Some(spec.place),
            price: PriceInfo { input: price.input, cached_input: price.cached_input, output: price.output },
            context_tokens: Some(spec.context_tokens),
            can: Some(AbilityInfo { json_schema: spec.can.json_schema, tools: spec.can.tools, agent: spec.agent }),
            size_b: spec.size_b,
            kind: spec.kind.clone(),
            state: if is_resting { "resting" } else { "ready" },
            requests: Some(requests),
            ..Self::own(&spec.name, ko, en)
        }
    }
}

impl Service {
    /// Everybody who can be named as a translator: `automatic`, `builtin`, and the models as they are configured.
    #[must_use]
    pub fn translators(&self) -> Vec<TranslatorInfo> {
        let app = self.whole();
        let own = [
            TranslatorInfo::own(AUTOMATIC, "필요에 따라 고릅니다", "chooses as a request needs"),
            TranslatorInfo::own(
                BUILTIN,
                "내장 번역기: 모델 없이 답합니다",
                "the built-in translator: answers with no model",
            ),
        ];
        let models = app.router().map(crate::translate::router::Router::states).unwrap_or_default();
        own.into_iter().chain(models.into_iter().map(TranslatorInfo::from)).collect()
    }

    /// Who would translate `text` as the first request of a conversation of the caller's, and why. No model is asked.
    ///
    /// # Errors
    /// A role that may not, a request that is none, or a translator that is not there.
    pub fn explain_route(&self, caller: &Caller, text: &str, model: Option<&str>) -> Result<Explanation, ServiceError> {
        allowed(caller, Right::RunSql)?;
        let app = self.app(caller)?;
        if text.trim().is_empty() || text.len() > app.max_request_bytes() {
            return Err(ServiceError::invalid(
                format!("요청은 1바이트 이상 {}바이트 이하입니다", app.max_request_bytes()),
                format!("a request has 1 to {} bytes", app.max_request_bytes()),
            ));
        }
        let locale = crate::app::language(text, self.config.locale.unwrap_or_default());
        let session = Session::new("explained", locale);
        let options = AskOptions {
            model: model.map(str::to_owned),
            caller: Some(caller.id.clone()),
            role: Some(caller.role.name().to_owned()),
            ..AskOptions::default()
        };
        Ok(app.explain_route(&session, text, &options)?)
    }
}
