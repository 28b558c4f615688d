//! What a model is told of a request, and what comes back.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::chat::{Boxed, Reply};
use crate::catalog::{Catalog, Locale};
use crate::segment::sentence::{Josa, josa};
use crate::segment::{Expr, Turn};
use crate::translate::Context;

/// A turn before: what was typed and the segment after it, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// What was typed.
    pub said: String,
    /// The segment after it, in its canonical text.
    pub segment: String,
}

/// A request that was answered rightly before, to learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// What was typed.
    pub said: String,
    /// The segment before it, in its canonical text; none for a first turn.
    #[serde(default)]
    pub before: Option<String>,
    /// The right reply, as the model's schema has it.
    pub reply: serde_json::Value,
}

/// A request as a model is to translate it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What was typed.
    pub text: &'a str,
    /// Its language.
    pub locale: Locale,
    /// What can be asked.
    pub catalog: &'a Catalog,
    /// The segment so far, a question that waits, names of saved segments.
    pub context: Context<'a>,
    /// The last turns, oldest first.
    pub past: &'a [Past],
}

/// What a preview of a segment told.
#[derive(Debug, Clone, PartialEq)]
pub enum Previewed {
    /// How many there are.
    Count(u64),
    /// Fewer than may be told.
    Below(u64),
    /// Why it cannot be counted.
    Fault(String),
}

/// Counting for a model's preview: the engine's work, handed in by who calls.
pub trait Counting: Send + Sync {
    /// How many `segment` holds.
    fn count<'a>(&'a self, segment: &'a Expr) -> Boxed<'a, Previewed>;
}

/// What happened on the way to a translation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it was.
    #[serde(flatten)]
    pub kind: StepKind,
    /// Milliseconds that it took.
    pub ms: f64,
}

impl Step {
    /// One exchange with a model.
    pub(super) fn asked(reply: &Reply) -> Self {
        let Reply { prompt_tokens, completion_tokens, ms, .. } = *reply;
        Self { kind: StepKind::Asked { prompt_tokens, completion_tokens }, ms }
    }

    /// Something that took no time to speak of.
    #[must_use]
    pub fn at_once(kind: StepKind) -> Self {
        Self { kind, ms: 0.0 }
    }

    /// Something that began at `start` and is over now.
    #[must_use]
    pub fn since(kind: StepKind, start: Instant) -> Self {
        Self { kind, ms: start.elapsed().as_secs_f64() * 1e3 }
    }
}

/// Kinds of steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum StepKind {
    /// The model was asked.
    Asked {
        /// Tokens of the prompt.
        prompt_tokens: u64,
        /// Tokens of the reply.
        completion_tokens: u64,
    },
    /// Its draft did not resolve and went back.
    Repaired {
        /// What was wrong with it.
        fault: String,
    },
    /// The agent used a tool.
    Tool {
        /// Which.
        name: String,
        /// With what, shortened.
        arguments: String,
    },
    /// A rule that holds after every model put something right.
    Mended {
        /// What.
        what: String,
    },
    /// It has translated this very request before.
    Cached {
        /// Who.
        translator: String,
    },
    /// Its reading was compared with the built-in translator's.
    Compared {
        /// Whether both lead to the same.
        agreed: bool,
    },
    /// It failed, or could not be asked, and the next in the chain was.
    Failed {
        /// Who.
        translator: String,
        /// Why.
        why: String,
    },
}

/// A request as a model read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// Resolved against the catalog.
    pub turn: Turn,
    /// Tokens of all prompts.
    pub prompt_tokens: u64,
    /// Of those, tokens that the server had cached.
    pub cached_tokens: u64,
    /// Tokens of all replies.
    pub completion_tokens: u64,
    /// US dollars.
    pub cost: f64,
    /// What happened on the way.
    pub steps: Vec<Step>,
}

/// Why a model gave no translation.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Its server cannot be reached, or said that it failed.
    #[error("{model} cannot be reached: {why}")]
    Unreachable {
        /// Its name here.
        model: String,
        /// Why, without address secrets or keys.
        why: String,
    },
    /// No reply in time.
    #[error("{model} gave no reply within {seconds} s")]
    TimedOut {
        /// Its name here.
        model: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// As many requests as it may have are running.
    #[error("{model} is busy")]
    Busy {
        /// Its name here.
        model: String,
    },
    /// What it wrote is no draft.
    #[error("{model} wrote no draft: {why}")]
    Unreadable {
        /// Its name here.
        model: String,
        /// Where and why.
        why: String,
    },
    /// Its draft named what the catalog lacks, after every repair.
    #[error("{model} named what is not there: {why}")]
    Unresolved {
        /// Its name here.
        model: String,
        /// The faults of the last draft.
        why: String,
    },
    /// The prompt does not fit its context.
    #[error("the request is too long for {model}: {tokens} tokens of {context}")]
    TooLong {
        /// Its name here.
        model: String,
        /// Tokens of the prompt.
        tokens: u64,
        /// Tokens that it can take.
        context: u64,
    },
}

impl ModelError {
    /// What somebody is told whose request it was: like [`message`](Self::message), with nothing in it that the model wrote.
    #[must_use]
    pub fn told(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Unreadable { model, .. } | Self::Unresolved { model, .. }, Locale::Ko) => {
                format!("{model}의 해석은 쓸 수 없었습니다")
            }
            (Self::Unreadable { model, .. } | Self::Unresolved { model, .. }, Locale::En) => {
                format!("the reading of {model} could not be used")
            }
            _ => self.message(locale),
        }
    }

    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (_, Locale::En) => self.to_string(),
            (Self::Unreachable { model, why }, Locale::Ko) => {
                format!("{model}에 연결할 수 없습니다: {}", super::client::in_korean(why))
            }
            (Self::TimedOut { model, seconds }, Locale::Ko) => {
                format!("{} {seconds}초 안에 답하지 않았습니다", josa(model, Josa::Subject))
            }
            (Self::Busy { model }, Locale::Ko) => format!("{} 바쁩니다", josa(model, Josa::Subject)),
            (Self::Unreadable { model, why }, Locale::Ko) => format!("{model}의 답을 읽을 수 없습니다: {why}"),
            (Self::Unresolved { model, why }, Locale::Ko) => {
                format!("{} 없는 것을 말했습니다: {why}", josa(model, Josa::Subject))
            }
            (Self::TooLong { model, tokens, context }, Locale::Ko) => {
                format!("요청이 {model}에 너무 깁니다: {context} 토큰 중 {tokens}")
            }
        }
    }
}
