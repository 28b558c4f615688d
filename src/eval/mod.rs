//! Evaluation: plays golden sets through `app`, turn by turn as a person would, and scores the answers against gold
//! SQL that the engine runs. Runs are kept in `store`, measured by the metrics of [`metrics`], compared case by case and
//! told as HTML and Markdown. Knows nothing of HTTP or terminals.

pub mod bench;
pub mod cache;
pub mod capacity;
pub mod case;
pub mod compare;
pub mod desk;
pub mod file;
pub mod gold;
pub mod golden;
pub mod judge;
pub mod leaderboard;
pub mod measures;
pub mod play;
pub mod render;
pub mod report;
mod retrieved;
pub mod runs;
pub mod score;
pub mod speed;
pub mod stats;
pub mod translator;

pub use bench::{Order, Run};
pub use case::{CaseResult, TurnRecord};
pub use compare::Comparison;
pub use desk::Desk;
pub use file::{Conversation, Expect, FileError, GoldTurn};
pub use golden::GoldenSet;
pub use play::{EvalError, PlayOptions, play};
pub use report::{Report, Tally, TurnResult};
pub use runs::{Measured, RunState, RunSummary};
pub use score::Verdict;
pub use translator::Translator;
