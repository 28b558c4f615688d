//! The exact messages that a model is sent: a stable beginning (rules, form, index of the catalog), so that
//! servers cache it, then what this request needs.

use std::path::{Path, PathBuf};

use super::chat::Message;
use super::found::Found;
use super::{Example, Request};
use crate::catalog::Catalog;

/// Tokens that a prompt has at most, by [`super::tokens::estimate`], where nobody says otherwise.
pub const MAX_PROMPT_TOKENS: u32 = 4_000;

/// A prompt, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The messages: the rules, then the request.
    pub messages: Vec<Message>,
    /// How many tokens they are likely to be.
    pub tokens: u32,
    /// What of the catalog stands in them.
    pub found: Found,
}

/// Templates that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// A file of the folder cannot be read.
    #[error("{}: {why}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A template is not written as templates are.
    #[error("{name}: {why}")]
    Template {
        /// Its name.
        name: String,
        /// Where and why.
        why: String,
    },
}

/// Prompts over one catalog.
#[derive(Debug)]
pub struct Prompts {
    version: String,
}

impl Prompts {
    /// Prompts over `catalog`, with the templates that the program carries, or those of `folder` where it has them.
    ///
    /// # Errors
    /// Templates that cannot be read, or are not templates.
    pub fn new(_catalog: &Catalog, _folder: Option<&Path>) -> Result<Self, PromptError> {
        Ok(Self { version: String::new() })
    }

    /// The same with further examples, of which the nearest to a request are shown.
    #[must_use]
    pub fn with_examples(self, _examples: Vec<Example>) -> Self {
        self
    }

    /// Hash of templates and examples: prompts of one version are made alike.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The prompt for `request`, of at most `budget_tokens`.
    #[must_use]
    pub fn build(&self, _request: &Request<'_>, _budget_tokens: u32) -> Prompt {
        Prompt { messages: Vec::new(), tokens: 0, found: Found::default() }
    }
}
