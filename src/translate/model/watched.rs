//! What is known of each exchange with a model afterwards: numbers for `/metrics` and a span of the trace, named as the
//! semantic conventions for generative models have it. No words and no keys: a model is told by its name here.

use std::sync::Arc;

use metrics::{counter, histogram};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::chat::{Boxed, Chat, Form, Message, Reply};
use super::{Billing, ModelError, ModelSpec};

/// Whose API it is that is spoken, whoever serves it.
const PROVIDER: &str = "openai";

/// Exchanges with models, by `model` and `outcome`.
pub const CALLS: &str = "waggle_model_calls_total";
/// Tokens, by `model` and `kind`: `input`, `cached_input`, `output`.
pub const TOKENS: &str = "waggle_model_tokens_total";
/// Millionths of a US dollar, by `model`.
pub const COST: &str = "waggle_model_cost_microdollars_total";
/// Seconds until the whole reply was there, by `model`.
pub const SECONDS: &str = "waggle_model_seconds";
/// Replies that were to be drafts, by `model` and `outcome`: `parsed`, `unreadable`.
pub const DRAFTS: &str = "waggle_model_drafts_total";

/// Notes whether a reply could be read as a draft.
pub(super) fn drafted(model: &str, parsed: bool) {
    let outcome = if parsed { "parsed" } else { "unreadable" };
    counter!(DRAFTS, "model" => model.to_owned(), "outcome" => outcome).increment(1);
}

/// A model whose exchanges are counted and traced.
pub(super) struct Watched {
    inner: Arc<dyn Chat>,
    name: String,
    model: String,
    host: String,
    billing: Billing,
}

impl Watched {
    /// Watches over `inner`, which speaks for the model of `spec`.
    pub(super) fn new(spec: &ModelSpec, inner: Arc<dyn Chat>) -> Self {
        Self {
            inner,
            name: spec.name.clone(),
            model: spec.model.clone(),
            host: host(&spec.base_url).to_owned(),
            billing: spec.billing,
        }
    }

    async fn exchange(&self, messages: &[Message], form: &Form, max_tokens: u32) -> Result<Reply, ModelError> {
        let span = info_span!(
            "model",
            otel.name = format!("chat {}", self.name),
            otel.kind = "client",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = PROVIDER,
            gen_ai.request.model = self.model,
            gen_ai.request.max_tokens = max_tokens,
            "gen_ai.output.type" = if matches!(form, Form::Text) { "text" } else { "json" },
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.cache_read.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            server.address = self.host,
            "error.type" = Empty,
            otel.status_code = Empty,
        );
        let said = self.inner.chat(messages, form, max_tokens).instrument(span.clone()).await;
        match &said {
            Ok(reply) => self.replied(reply, &span),
            Err(error) => self.failed(error, &span),
        }
        said
    }

    fn replied(&self, reply: &Reply, span: &Span) {
        span.record("gen_ai.usage.input_tokens", reply.prompt_tokens);
        span.record("gen_ai.usage.cache_read.input_tokens", reply.cached_tokens);
        span.record("gen_ai.usage.output_tokens", reply.completion_tokens);
        let fresh = reply.prompt_tokens.saturating_sub(reply.cached_tokens);
        let tokens = [("input", fresh), ("cached_input", reply.cached_tokens), ("output", reply.completion_tokens)];
        for (kind, tokens) in tokens {
            counter!(TOKENS, "model" => self.name.clone(), "kind" => kind).increment(tokens);
        }
        counter!(COST, "model" => self.name.clone()).increment(self.micros(reply));
        histogram!(SECONDS, "model" => self.name.clone()).record(reply.ms / 1e3);
        self.ended("answered");
    }

    fn failed(&self, error: &ModelError, span: &Span) {
        let outcome = outcome(error);
        span.record("error.type", outcome);
        span.record("otel.status_code", "ERROR");
        self.ended(outcome);
    }

    fn ended(&self, outcome: &'static str) {
        counter!(CALLS, "model" => self.name.clone(), "outcome" => outcome).increment(1);
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not below zero; tokens, for money")]
    fn micros(&self, reply: &Reply) -> u64 {
        let usd = self.billing.cost(reply.prompt_tokens, reply.cached_tokens, reply.completion_tokens);
        (usd * 1e6).round().max(0.0) as u64
    }
}

impl Chat for Watched {
    fn chat<'a>(
        &'a self,
        messages: &'a [Message],
        form: &'a Form,
        max_tokens: u32,
    ) -> Boxed<'a, Result<Reply, ModelError>> {
        Box::pin(self.exchange(messages, form, max_tokens))
    }
}

fn outcome(error: &ModelError) -> &'static str {
    match error {
        ModelError::Unreachable { .. } => "unreachable",
        ModelError::TimedOut { .. } => "timed_out",
        ModelError::Busy { .. } => "busy",
        ModelError::Unreadable { .. } => "unreadable",
        ModelError::Unresolved { .. } => "unresolved",
        ModelError::TooLong { .. } => "too_long",
    }
}

/// The host of an address, with its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}
