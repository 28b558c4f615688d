//! One exchange with a model, whoever serves it: messages out, a reply back. The one seam between what is asked
//! (prompts, repairs, the agent's steps) and how it travels.

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ModelError;

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Waggle's rules.
    System,
    /// The request.
    User,
    /// The model.
    Assistant,
    /// The result of a tool.
    Tool,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What.
    pub text: String,
    /// Tools that an assistant's message calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// The call that a tool's message answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
}

impl Message {
    /// A message of text alone.
    #[must_use]
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), calls: Vec::new(), answers: None }
    }
}

/// A tool that a model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// JSON schema of its arguments.
    pub parameters: Value,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// What the model calls this call.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments, as the model wrote them: JSON, if it went well.
    pub arguments: String,
}

/// The form that a reply is held to.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// JSON of a schema.
    Schema {
        /// Its name.
        name: String,
        /// The schema.
        schema: Value,
        /// Whether it is of the strict subset, in which nothing can be left out.
        strict: bool,
    },
    /// Calls of these tools, or text; `must` where text will not do.
    Tools {
        /// The tools.
        tools: Vec<Tool>,
        /// Whether one must be called.
        must: bool,
    },
    /// Any text.
    Text,
}

/// What a model wrote.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// Its text.
    pub text: String,
    /// Tools that it called.
    pub calls: Vec<ToolCall>,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Of those, tokens that the server had cached.
    pub cached_tokens: u64,
    /// Tokens of the reply.
    pub completion_tokens: u64,
    /// Milliseconds until the whole reply was there.
    pub ms: f64,
}

/// A future that may cross threads.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Somebody who answers messages.
pub trait Chat: Send + Sync {
    /// One exchange, with at most `max_tokens` in the reply.
    fn chat<'a>(
        &'a self,
        messages: &'a [Message],
        form: &'a Form,
        max_tokens: u32,
    ) -> Boxed<'a, Result<Reply, ModelError>>;
}
