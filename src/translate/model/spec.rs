//! What is known of a model before it is asked: where it is, what it costs, what it can do.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where a model runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the house.
    #[default]
    OnPrem,
    /// With somebody else.
    Cloud,
}

/// Prices in US dollars per million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Billing {
    /// Tokens of the prompt.
    pub input: f64,
    /// Tokens of the prompt that the server had cached.
    pub cached_input: f64,
    /// Tokens of the reply.
    pub output: f64,
}

impl Billing {
    /// US dollars for so many tokens; `cached` are among those of the prompt.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "tokens, for money")]
    pub fn cost(&self, prompt: u64, cached: u64, completion: u64) -> f64 {
        let fresh = prompt.saturating_sub(cached) as f64;
        (fresh * self.input + cached as f64 * self.cached_input + completion as f64 * self.output) / 1e6
    }
}

/// How a model can be held to a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Abilities {
    /// `response_format: json_schema`.
    pub json_schema: bool,
    /// Tool calls.
    pub tools: bool,
}

impl Default for Abilities {
    fn default() -> Self {
        Self { json_schema: true, tools: false }
    }
}

/// A key that no log, trace, error or file shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key itself, for the request's header alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// A model that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSpec {
    /// What it is called here; unique, `[a-z0-9._-]+`, not `builtin` or `automatic`.
    pub name: String,
    /// Address of the API with its version: `http://127.0.0.1:8081/v1`.
    pub base_url: String,
    /// What the server calls it.
    pub model: String,
    /// Key of the API; none where the server asks for none.
    pub key: Option<Secret>,
    /// Where it runs.
    pub place: Place,
    /// What it costs.
    pub billing: Billing,
    /// Tokens that prompt and reply may have together.
    pub context_tokens: u32,
    /// Longest wait for a reply.
    pub timeout: Duration,
    /// Requests at once.
    pub concurrency: usize,
    /// How it can be held to a form.
    pub can: Abilities,
    /// Billions of parameters, for the leaderboard; none where nobody says.
    pub size_b: Option<f64>,
    /// Kind for the leaderboard: `chat`, `fine-tuned`, `base` …
    pub kind: Option<String>,
    /// Whether hard requests may use the agent loop with this model.
    pub agent: bool,
    /// Whether it is small: short prompts, and a schema in which what is empty can be left out.
    pub brief: bool,
    /// Folder of prompt templates instead of the built-in ones.
    pub prompts: Option<std::path::PathBuf>,
}
