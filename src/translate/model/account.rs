//! What asking a model took, exchange by exchange, and what happened on the way.

use super::chat::Reply;
use super::{Step, StepKind};

/// Tokens and steps so far.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Tokens of all prompts.
    pub(super) prompt_tokens: u64,
    /// Of those, tokens that the server had cached.
    pub(super) cached_tokens: u64,
    /// Tokens of all replies.
    pub(super) completion_tokens: u64,
    /// What happened.
    pub(super) steps: Vec<Step>,
}

impl Account {
    /// One exchange more.
    pub(super) fn asked(&mut self, reply: &Reply) {
        let Reply { prompt_tokens, completion_tokens, cached_tokens, ms, .. } = *reply;
        self.prompt_tokens += prompt_tokens;
        self.cached_tokens += cached_tokens;
        self.completion_tokens += completion_tokens;
        self.steps.push(Step { kind: StepKind::Asked { prompt_tokens, completion_tokens }, ms });
    }
}
