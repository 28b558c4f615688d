//! What a server turned out not to take: newer models of some houses refuse parameters that every other server knows, and some
//! servers know no schema. What is refused once is left out from then on.

use std::sync::atomic::{AtomicBool, Ordering};

use async_openai::types::chat::CreateChatCompletionRequest;

/// Words in a server's refusal, and what is learned from them.
const REFUSALS: [(&str, Manner); 5] = [
    ("max_completion_tokens", Manner::Tokens),
    ("max_tokens", Manner::Tokens),
    ("temperature", Manner::Temperature),
    ("response_format", Manner::Schema),
    ("json_schema", Manner::Schema),
];

#[derive(Clone, Copy)]
enum Manner {
    Tokens,
    Temperature,
    Schema,
}

/// What is left out.
#[derive(Debug, Default)]
pub(super) struct Manners {
    /// `max_tokens`, which is called `max_completion_tokens`.
    tokens: AtomicBool,
    /// A temperature other than the server's own.
    temperature: AtomicBool,
    /// A schema: the text is read as it comes.
    schema: AtomicBool,
}

impl Manners {
    /// Learns from what a server said to a request that it did not take; whether there was something new.
    pub(super) fn learn(&self, said: &str) -> bool {
        let known = REFUSALS.iter().find(|(word, _)| said.contains(word));
        known.is_some_and(|(_, manner)| !self.of(*manner).swap(true, Ordering::Relaxed))
    }

    fn of(&self, manner: Manner) -> &AtomicBool {
        match manner {
            Manner::Tokens => &self.tokens,
            Manner::Temperature => &self.temperature,
            Manner::Schema => &self.schema,
        }
    }

    /// The request as the server takes it.
    pub(super) fn kept(&self, mut request: CreateChatCompletionRequest) -> CreateChatCompletionRequest {
        if self.tokens.load(Ordering::Relaxed) {
            #[allow(deprecated, reason = "the name that every other server knows")]
            let tokens = request.max_tokens.take();
            request.max_completion_tokens = request.max_completion_tokens.or(tokens);
        }
        if self.temperature.load(Ordering::Relaxed) {
            request.temperature = None;
        }
        if self.schema.load(Ordering::Relaxed) {
            request.response_format = None;
        }
        request
    }
}
