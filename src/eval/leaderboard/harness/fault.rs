//! What can be wrong with a file of results, and where.

use super::{MAX_RESULT_BYTES, MAX_TASKS};
use crate::catalog::Locale;

/// A file that is no `results.json` of the harness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub enum HarnessFault {
    /// Not JSON.
    NotJson {
        /// What and where.
        fault: String,
    },
    /// No `results` in it, or none that say anything.
    NoResults,
    /// Something is no object that has to be one.
    NotAnObject {
        /// Where.
        at: String,
    },
    /// A task without a figure.
    NoMetric {
        /// The task.
        task: String,
    },
    /// A figure that is no number.
    NotANumber {
        /// Where.
        at: String,
        /// What is there.
        found: String,
    },
    /// Longer than is read.
    TooLarge,
    /// More tasks than are read.
    TooMany,
}

impl HarnessFault {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let korean = locale == Locale::Ko;
        match self {
            Self::NotJson { fault } if korean => format!("JSON이 아닙니다: {fault}"),
            Self::NotJson { fault } => format!("this is not JSON: {fault}"),
            Self::NoResults if korean => {
                "`results`에 과제가 없습니다. lm-evaluation-harness의 results.json이 아닙니다.".into()
            }
            Self::NoResults => "`results` has no tasks: this is no results.json of lm-evaluation-harness".into(),
            Self::NotAnObject { at } if korean => format!("`{at}`은(는) 객체여야 합니다."),
            Self::NotAnObject { at } => format!("`{at}` has to be an object"),
            Self::NoMetric { task } if korean => format!("과제 `{task}`에 숫자로 된 지표가 없습니다."),
            Self::NoMetric { task } => format!("the task `{task}` has no metric that is a number"),
            Self::NotANumber { at, found } if korean => format!("`{at}`은(는) 숫자여야 하는데 {found}입니다."),
            Self::NotANumber { at, found } => format!("`{at}` has to be a number and is {found}"),
            Self::TooLarge if korean => format!("파일이 너무 큽니다. {MAX_RESULT_BYTES}바이트까지 읽습니다."),
            Self::TooLarge => format!("the file is too large: up to {MAX_RESULT_BYTES} bytes are read"),
            Self::TooMany if korean => format!("과제가 너무 많습니다. {MAX_TASKS}개까지 읽습니다."),
            Self::TooMany => format!("there are too many tasks: up to {MAX_TASKS} are read"),
        }
    }
}
