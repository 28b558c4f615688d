//! A model of the tests without a server: it says what it was given to say, and keeps what it heard.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use waggle::translate::model::chat::{Boxed, Chat, Form, Message, Reply, Role, ToolCall};
use waggle::translate::model::{Abilities, Billing, ModelError, ModelSpec, Prompted, Prompting, Request, Secret};

use super::llm;

/// The key that must not be seen anywhere.
pub(crate) const KEY: &str = "sk-never-to-be-seen-0123456789";
/// A sentence of the rules that must not be said to anybody but the model.
pub(crate) const RULES: &str = "Rules of the house, for the model alone: bumblebee-42.";
/// Bytes of a message that is kept.
const MAX_KEPT: usize = 100_000;
/// Tokens that every prompt and every reply is said to have.
const TOKENS: (u64, u64) = (700, 70);

/// What a model says next.
pub(crate) enum Line {
    /// Text.
    Says(String),
    /// A call of a tool with these arguments.
    Calls(String, String),
}

/// A model that plays a script.
#[derive(Default)]
pub(crate) struct Scripted {
    lines: Mutex<VecDeque<Line>>,
    /// Said when the script has ended; where there is none, the model fails then.
    always: Option<String>,
    heard: Mutex<Vec<Vec<Message>>>,
}

impl Scripted {
    /// Plays `lines`, then fails.
    pub(crate) fn new(lines: impl IntoIterator<Item = Line>) -> Arc<Self> {
        Arc::new(Self { lines: Mutex::new(lines.into_iter().collect()), ..Self::default() })
    }

    /// Says the same whatever it hears.
    pub(crate) fn stubborn(text: &str) -> Arc<Self> {
        Arc::new(Self { always: Some(text.to_owned()), ..Self::default() })
    }

    /// Everything that it heard.
    pub(crate) fn heard(&self) -> Vec<Message> {
        self.heard.lock().unwrap().iter().flatten().cloned().collect()
    }

    /// How many lines it has not said.
    pub(crate) fn left(&self) -> usize {
        self.lines.lock().unwrap().len()
    }
}

impl Chat for Scripted {
    fn chat<'a>(&'a self, messages: &'a [Message], _: &'a Form, _: u32) -> Boxed<'a, Result<Reply, ModelError>> {
        // A model that writes megabytes hears them again.
        let long = messages.iter().any(|m| m.text.len() > MAX_KEPT);
        if !long {
            self.heard.lock().unwrap().push(messages.to_vec());
        }
        let said = match self.lines.lock().unwrap().pop_front() {
            Some(Line::Says(text)) => Some(Reply { text, ..Reply::default() }),
            Some(Line::Calls(name, arguments)) => {
                let calls = vec![ToolCall { id: "call-1".to_owned(), name, arguments }];
                Some(Reply { calls, ..Reply::default() })
            }
            None => self.always.clone().map(|text| Reply { text, ..Reply::default() }),
        };
        let lost = ModelError::Unreachable { model: "scripted".to_owned(), why: "the script has ended".to_owned() };
        let (prompt_tokens, completion_tokens) = TOKENS;
        Box::pin(async move { said.map(|reply| Reply { prompt_tokens, completion_tokens, ..reply }).ok_or(lost) })
    }
}

/// Prompts of one line.
pub(crate) struct Plain;

impl Prompting for Plain {
    fn prompt(&self, request: &Request<'_>, _: u32) -> Prompted {
        let messages = vec![Message::new(Role::System, RULES), Message::new(Role::User, request.text)];
        Prompted { messages, tokens: 100 }
    }
}

/// A model with a key, with or without tool calls.
pub(crate) fn spec(tools: bool) -> ModelSpec {
    ModelSpec {
        key: Some(Secret::new(KEY)),
        billing: Billing::default(),
        timeout: Duration::from_secs(5),
        concurrency: 4,
        can: Abilities { json_schema: true, tools },
        agent: true,
        ..llm::spec("scripted", "http://127.0.0.1:9/v1")
    }
}
