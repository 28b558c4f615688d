//! What can go wrong in a command, and what a reader sees of it.

use std::io;
use std::path::PathBuf;

use super::config::ConfigError;
use super::exit::Exit;
use super::place::PlaceError;
use crate::access::keys::KeyError;
use crate::app::{AnalystError, AppError, ExportError};
use crate::catalog::{Faults, Locale};
use crate::engine::{EngineError, NodeError};
use crate::eval::capacity::CapacityError;
use crate::eval::leaderboard::{HarnessFault, PageError};
use crate::eval::speed::SpeedError;
use crate::eval::{EvalError, FileError};
use crate::generate::{GenerateError, ShapeFaults};
use crate::service::ServiceError;
use crate::session::SessionError;
use crate::sql::{SqlError, SqlRefusal};
use crate::store::StoreError;
use crate::translate::model::ModelError;
use crate::translate::router::UnknownTranslator;

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The catalog has faults.
    #[error("{0}")]
    Catalog(#[from] Faults),
    /// Data, history or cache cannot be had.
    #[error("{0}")]
    Place(#[from] PlaceError),
    /// The app cannot be opened, or failed.
    #[error("{0}")]
    App(#[from] AppError),
    /// The engine failed.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// The session file cannot be used.
    #[error("{0}")]
    Session(#[from] SessionError),
    /// The data cannot be made.
    #[error("{0}")]
    Generate(#[from] GenerateError),
    /// The shapes of the data have faults.
    #[error("{0}")]
    Shapes(#[from] ShapeFaults),
    /// A segment that cannot be said in SQL.
    #[error("{0}")]
    Sql(#[from] SqlError),
    /// An export that cannot be made.
    #[error("{0}")]
    Export(#[from] ExportError),
    /// An analyst's SQL that was refused.
    #[error("{0}")]
    SqlRefused(#[from] SqlRefusal),
    /// An analyst's SQL that was refused, or failed.
    #[error("{0}")]
    Analyst(#[from] AnalystError),
    /// A conversation file cannot be read.
    #[error("{0}")]
    Conversations(#[from] FileError),
    /// An evaluation could not go on.
    #[error("{0}")]
    Eval(#[from] EvalError),
    /// A workload could not be played.
    #[error("{0}")]
    Speed(#[from] SpeedError),
    /// A file of another evaluator's results cannot be imported.
    #[error("{}: {fault}", path.display())]
    Results {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: HarnessFault,
    },
    /// The page of the leaderboard cannot be written.
    #[error("{0}")]
    Page(#[from] PageError),
    /// A capacity cannot be planned.
    #[error("{0}")]
    Capacity(#[from] CapacityError),
    /// A key cannot be made.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The settings of the service cannot be used.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// A model cannot be asked as it is configured.
    #[error("{0}")]
    Model(#[from] ModelError),
    /// A translator that is not there.
    #[error("{0}")]
    Translator(#[from] UnknownTranslator),
    /// The store cannot be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The service failed.
    #[error("{0}")]
    Service(#[from] ServiceError),
    /// A process of a cluster failed.
    #[error("{0}")]
    Node(#[from] NodeError),
    /// The command line asks for something that is not there.
    #[error("{0}")]
    Usage(String),
    /// A file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Standard input cannot be read.
    #[error("standard input: {0}")]
    Input(io::Error),
    /// Standard output cannot be written.
    #[error("standard output: {0}")]
    Output(io::Error),
    /// The terminal failed.
    #[error("terminal: {0}")]
    Terminal(#[from] rustyline::error::ReadlineError),
}

impl CliError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match self {
            Self::App(error) => error.message(locale),
            Self::Model(error) => error.message(locale),
            Self::Translator(error) => error.message(locale),
            Self::Store(error) => error.message(locale),
            Self::Service(error) => error.message(locale),
            Self::Config(error) => error.message(locale),
            Self::Key(error) => error.message(locale),
            Self::Engine(error) => error.message(locale),
            Self::Session(error) => error.message(locale),
            Self::Generate(error) => error.message(locale),
            Self::Sql(error) => error.message(locale),
            Self::Export(error) => error.message(locale),
            Self::SqlRefused(error) => error.message(locale),
            Self::Analyst(error) => error.message(locale),
            Self::Eval(error) => error.message(locale),
            Self::Speed(error) => error.message(locale),
            Self::Results { path, fault } => format!("{}: {}", path.display(), fault.message(locale)),
            Self::Capacity(error) => error.message(locale),
            other => other.to_string(),
        }
    }

    /// How the command ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_)
            | Self::Config(_)
            | Self::App(AppError::Router(_))
            | Self::Translator(_)
            | Self::Capacity(_)
            | Self::Speed(SpeedError::NoRival(_) | SpeedError::Format { .. })
            | Self::Eval(
                EvalError::NoMetric(_) | EvalError::NoRun(_) | EvalError::NoSet(_) | EvalError::Translator(_),
            ) => Exit::Usage,
            Self::Export(error) if error.is_of_the_request() => Exit::Usage,
            Self::SqlRefused(_) | Self::Analyst(AnalystError::Refused(_)) => Exit::Refused,
            _ => Exit::Error,
        }
    }
}
