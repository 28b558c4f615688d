//! Evaluation: plays conversation files through `app`, turn by turn as a person would, and scores the
//! answers against gold SQL that the engine runs. Knows nothing of HTTP or terminals.

pub mod cache;
pub mod capacity;
pub mod file;
pub mod gold;
pub mod leaderboard;
pub mod play;
pub mod report;
pub mod runs;
pub mod score;

pub use file::{Conversation, Expect, FileError, GoldTurn};
pub use play::{EvalError, PlayOptions, play};
pub use report::{Report, Tally, TurnResult};
pub use score::Verdict;
