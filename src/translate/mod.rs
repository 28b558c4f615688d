//! Words → Draft → Turn. `grammar` is the built-in translator; `resolve` checks any translator's draft
//! against the catalog; `router` says who translates what. Knows nothing of SQL or the engine.

pub mod grammar;
pub mod model;
pub mod resolve;
pub mod router;

use crate::segment::{Segment, Turn};

/// What a translator may know of the conversation so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The segment before the turn.
    pub segment: Option<&'a Segment>,
    /// The turn whose question waits for a reply.
    pub pending: Option<&'a Turn>,
    /// The turn before this one.
    pub last: Option<&'a Turn>,
    /// Names of saved segments.
    pub saved: &'a [String],
}
