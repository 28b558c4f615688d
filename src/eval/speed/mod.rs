//! How long turns take. A workload of conversations is played turn by turn before several contenders: Waggle's own
//! ways of answering, and, where they are installed, other engines on the same files in the same run. Every answer is
//! compared: a contender with other numbers is told, whatever its times.
//!
//! ```text
//! workload ─words─▶ App ─▶ Answer, milliseconds      for each of Waggle's ways, in an app opened anew each round
//!                    │
//!                    └─▶ Question ─JSON─▶ rivals     the same statement, or the segment itself, in a child process
//! ```
//! What is measured of Waggle is from the segment to the answer's rows; reading the words is told apart.

mod error;
mod load;
mod machine;
mod markdown;
mod play;
mod question;
mod report;
mod rival;
mod workload;

pub use error::SpeedError;
pub use load::{Load, Loads};
pub use machine::Machine;
pub(crate) use markdown::{against, bytes, cell, kind, readiness};
pub use markdown::{markdown, scales as markdown_of_scales};
pub use play::{Order, Way, play};
pub use question::{Kind, Question};
pub use report::{Contender, Data, Report, Summary, Times, TurnReport, against_best};
pub use rival::{MODULES, PYTHON};
pub use workload::{Talk, builtin, read};
