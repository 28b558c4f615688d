//! Exit codes that scripts can use.

use std::process::ExitCode;

use crate::answer::contract::Status;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done: answered, or a question on the data answered in words.
    Done = 0,
    /// Something failed, or an evaluation fell below its thresholds.
    Error = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The request is ambiguous, and a question was asked back.
    Clarify = 3,
    /// The data has nothing about it.
    Unknown = 4,
    /// Refused.
    Refused = 5,
}

/// The end of every `--help`.
pub(crate) const HELP: &str = "Exit codes:
  0  answered, or a question about the data answered in words
  1  error, or an evaluation below its thresholds
  2  wrong usage
  3  the request is ambiguous: a question was asked back
  4  the data has nothing about it
  5  refused";

impl From<Status> for Exit {
    fn from(status: Status) -> Self {
        match status {
            Status::Answered | Status::About => Self::Done,
            Status::Clarify => Self::Clarify,
            Status::Unknown => Self::Unknown,
            Status::Refused => Self::Refused,
            Status::Error => Self::Error,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
