//! The leaderboard: every translator (the built-in one, each model, each version of the prompts, each policy of the
//! router) by every golden set over time, with results of other evaluators beside them. Nothing of it is sent
//! anywhere. Knows nothing of HTTP or terminals; the page is text that a door hands out.

mod board;
mod column;
mod entry;
mod harness;
mod html;
mod refresh;
mod standing;
mod trend;

pub use board::{Board, BoardRow, Score, Wanted};
pub use column::{Better, Column, MAIN_METRIC, Unit, short_hash};
pub use entry::{BUILTIN, Entry, Facts, entries, load};
pub use harness::{HarnessFault, HarnessScore, Imported, MAX_RESULT_BYTES, MAX_TASKS};
pub use html::{PageError, content_policy, page};
pub use refresh::refresh;
pub use standing::{Gate, Out, Standing, announce, standings};
pub use trend::{Point, dropped};
