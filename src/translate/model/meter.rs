//! What asking a model takes. A meter counts each exchange as it ends, so what was taken is known as well where nothing
//! came of it, or where whoever asked stopped waiting.

use std::sync::atomic::{AtomicU64, Ordering};

use super::chat::{Boxed, Chat, Form, Message, Reply};
use super::{Billing, ModelError};

/// Tokens of exchanges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Tokens of all prompts.
    pub prompt: u64,
    /// Of those, tokens that the server had cached.
    pub cached: u64,
    /// Tokens of all replies.
    pub completion: u64,
}

impl Taken {
    /// What one exchange took.
    #[must_use]
    pub fn of(reply: &Reply) -> Self {
        Self { prompt: reply.prompt_tokens, cached: reply.cached_tokens, completion: reply.completion_tokens }
    }

    /// US dollars, of a model that is billed so.
    #[must_use]
    pub fn cost(self, billing: &Billing) -> f64 {
        billing.cost(self.prompt, self.cached, self.completion)
    }

    /// Prompts and replies.
    #[must_use]
    pub fn tokens(self) -> u64 {
        self.prompt.saturating_add(self.completion)
    }
}

/// Counts what is taken. An exchange that got no reply is not in it: nobody says what it took.
#[derive(Debug, Default)]
pub struct Meter {
    prompt: AtomicU64,
    cached: AtomicU64,
    completion: AtomicU64,
}

impl Meter {
    /// What was taken so far.
    #[must_use]
    pub fn taken(&self) -> Taken {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Taken { prompt: of(&self.prompt), cached: of(&self.cached), completion: of(&self.completion) }
    }

    /// One exchange more.
    pub fn add(&self, reply: &Reply) {
        let Taken { prompt, cached, completion } = Taken::of(reply);
        self.prompt.fetch_add(prompt, Ordering::Relaxed);
        self.cached.fetch_add(cached, Ordering::Relaxed);
        self.completion.fetch_add(completion, Ordering::Relaxed);
    }
}

/// Somebody who answers messages, on a meter.
pub(super) struct Metered<'m> {
    /// Who answers.
    pub(super) chat: &'m dyn Chat,
    /// What is taken.
    pub(super) meter: &'m Meter,
}

impl Chat for Metered<'_> {
    fn chat<'a>(
        &'a self,
        messages: &'a [Message],
        form: &'a Form,
        max_tokens: u32,
    ) -> Boxed<'a, Result<Reply, ModelError>> {
        Box::pin(async move {
            let reply = self.chat.chat(messages, form, max_tokens).await?;
            self.meter.add(&reply);
            Ok(reply)
        })
    }
}
