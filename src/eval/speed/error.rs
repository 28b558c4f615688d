//! Why a workload could not be played.

use std::path::PathBuf;

use crate::app::AppError;
use crate::catalog::Locale;
use crate::engine::EngineError;
use crate::sql::SqlError;

/// A measurement that could not go on.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub enum SpeedError {
    /// The workload's file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The workload is not in its format.
    Format {
        /// The file; none for the built-in one.
        path: Option<PathBuf>,
        /// What is wrong.
        message: String,
    },
    /// The data cannot be opened.
    App(#[from] AppError),
    /// The engine failed.
    Engine(#[from] EngineError),
    /// A turn cannot be said in SQL.
    Sql(#[from] SqlError),
    /// A turn was not answered with numbers.
    Unanswered {
        /// What was typed.
        words: String,
        /// What came back.
        reply: String,
    },
    /// Another engine was asked for that is not known.
    NoRival(String),
    /// The other engines cannot be asked.
    Rival(String),
    /// Somebody stopped it.
    Stopped,
}

impl SpeedError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => self.korean(),
            Locale::En => self.english(),
        }
    }

    fn korean(&self) -> String {
        match self {
            Self::Read { path, source } => format!("대화 파일을 읽을 수 없습니다: {}: {source}", path.display()),
            Self::Format { path, message } => format!("대화 파일의 형식이 아닙니다: {}{message}", named(path.as_ref())),
            Self::App(error) => error.message(Locale::Ko),
            Self::Engine(error) => error.message(Locale::Ko),
            Self::Sql(error) => error.message(Locale::Ko),
            Self::Unanswered { words, reply } => format!("'{words}'에 숫자로 답하지 못했습니다: {reply}"),
            Self::NoRival(name) => format!("{name}이라는 엔진은 모릅니다: duckdb, polars"),
            Self::Rival(message) => format!("다른 엔진에 물을 수 없습니다: {message}"),
            Self::Stopped => "중단되었습니다.".to_owned(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Read { path, source } => format!("the workload cannot be read: {}: {source}", path.display()),
            Self::Format { path, message } => format!("this is no workload: {}{message}", named(path.as_ref())),
            Self::App(error) => error.message(Locale::En),
            Self::Engine(error) => error.message(Locale::En),
            Self::Sql(error) => error.message(Locale::En),
            Self::Unanswered { words, reply } => format!("'{words}' was not answered with numbers: {reply}"),
            Self::NoRival(name) => format!("there is no other engine {name}: duckdb, polars"),
            Self::Rival(message) => format!("the other engines cannot be asked: {message}"),
            Self::Stopped => "stopped".to_owned(),
        }
    }
}

fn named(path: Option<&PathBuf>) -> String {
    path.map(|path| format!("{}: ", path.display())).unwrap_or_default()
}
