//! Rules that hold after every model.

use super::Request;
use crate::segment::Turn;
use crate::translate::grammar::Grammar;

/// The turn, and what was put right in it.
#[must_use]
pub fn guarded(turn: Turn, _request: &Request<'_>, _grammar: &Grammar) -> (Turn, Vec<String>) {
    (turn, Vec::new())
}
