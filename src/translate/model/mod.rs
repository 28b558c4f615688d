//! Large language models as translators: the words of a request, the part of the catalog that it may need and the
//! conversation so far go out as a prompt; a [`Draft`](crate::segment::Draft) comes back and shares everything after
//! it with the built-in translator's. Never rows, never identifiers, and no number of a model's: only the catalog's names.
//!
//! Owns `async-openai`: any OpenAI-compatible server will do. Knows nothing of SQL, the engine or who asks.

pub mod agent;
pub mod ask;
pub mod chat;
pub mod client;
pub mod comment;
pub mod deeds;
mod examples;
mod form;
mod found;
pub mod guard;
pub mod lookup;
mod meter;
pub mod prompt;
mod retrieve;
mod spec;
mod templates;
pub mod tokens;
mod told;
pub mod tools;
mod view;
mod watched;
pub mod wire;
pub mod worker;

pub use ask::{MAX_REPAIRS, Model, Probe, Prompted, Prompting, Worked, Working};
pub use client::Client;
pub use found::{Found, Recall};
pub use meter::{Meter, Taken};
pub use prompt::{MAX_PROMPT_TOKENS, Prompt, PromptError, Prompts};
pub use spec::{Abilities, Billing, ModelSpec, Place, Secret};
pub use told::{Counting, Example, ModelError, Past, Previewed, Request, Step, StepKind, Translation};
pub use watched::{CALLS, COST, DRAFTS, SECONDS, TOKENS};
pub use wire::Wire;
