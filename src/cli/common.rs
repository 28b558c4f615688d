//! What several commands share: the flags that say which catalog and data, and opening the app with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::config::{self, ConfigFlags, Settings};
use super::error::CliError;
use super::{output, place, progress};
use crate::app::{App, AppConfig, AskOptions};
use crate::catalog::{self, Catalog, Locale};
use crate::engine::{IndexConfig, Mode};
use crate::generate::{self, GenerateError, Options, Shapes};
use crate::session::Session;
use crate::translate::model::ModelSpec;
use crate::translate::router::{Policy, Purse, Routing};

/// A language, as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LocaleArg {
    /// Korean.
    Ko,
    /// English.
    En,
}

impl From<LocaleArg> for Locale {
    fn from(arg: LocaleArg) -> Self {
        match arg {
            LocaleArg::Ko => Self::Ko,
            LocaleArg::En => Self::En,
        }
    }
}

/// Which catalog.
#[derive(Debug, Clone, Default, Args)]
pub struct CatalogArgs {
    /// Catalog folder [default: the telecom catalog that is built in]
    #[arg(long, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
}

impl CatalogArgs {
    /// Loads it.
    ///
    /// # Errors
    /// All of its faults.
    pub fn load(&self) -> Result<Catalog, CliError> {
        Ok(self.catalog.as_deref().map_or_else(catalog::builtin, catalog::load)?)
    }
}

/// Which catalog and data.
#[derive(Debug, Clone, Default, Args)]
pub struct DataArgs {
    /// Data folder with TABLE.parquet or TABLE/*.parquet, or `s3://BUCKET/PREFIX`; also by the environment
    /// variable `WAGGLE_DATA`
    /// [default: reference data of 200,000 lines, made on first use]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Which catalog.
    #[command(flatten)]
    pub catalog: CatalogArgs,
    /// Who answers: `auto`, the index where there is one that holds what is asked; `sql`, always; `index`, built first
    /// where there is none; or a cluster, `ballista://HOST:PORT` [default: auto]
    #[arg(long, value_name = "ENGINE", default_value = "auto", hide_default_value = true)]
    pub engine: Mode,
    /// Folder of the index [default: `.index` in the data folder]
    #[arg(long, value_name = "DIR")]
    pub index: Option<PathBuf>,
}

impl DataArgs {
    /// Opens the app, after making the reference data where no data is named and there is none yet.
    ///
    /// # Errors
    /// Faults of the catalog, or data that cannot be had or does not fit the catalog.
    pub fn open(&self) -> Result<App, CliError> {
        Ok(App::open(self.config()?)?)
    }

    /// What the app is opened with, after making the reference data as [`DataArgs::open`] does.
    ///
    /// # Errors
    /// Data that cannot be had.
    pub fn config(&self) -> Result<AppConfig, CliError> {
        let (catalog, index) = (self.catalog.catalog.clone(), self.index());
        Ok(AppConfig { catalog, index, ..AppConfig::new(self.folder()?) })
    }

    /// How the index is to be used.
    #[must_use]
    pub fn index(&self) -> IndexConfig {
        IndexConfig { mode: self.engine.clone(), folder: self.index.clone(), keep: false }
    }

    fn folder(&self) -> Result<PathBuf, CliError> {
        match place::named(self.data.as_deref())? {
            Some(folder) => Ok(folder),
            None if self.catalog.catalog.is_some() => Err(CliError::Usage(
                "a catalog of your own needs --data: the reference data fits the built-in one".into(),
            )),
            None => reference(),
        }
    }
}

fn reference() -> Result<PathBuf, CliError> {
    let shapes = Shapes::builtin()?;
    let waiting = || output::note("another run is making the reference data; waiting for it");
    place::reference(shapes.version(), waiting, |folder| {
        let (customers, seed) = (place::REFERENCE_CUSTOMERS, place::REFERENCE_SEED);
        output::note(&format!("making the reference data ({customers} lines), once"));
        make(&shapes, customers, seed, folder)?;
        Ok(())
    })
}

/// Generates data with a progress bar.
///
/// # Errors
/// Where the files cannot be written.
pub fn make(shapes: &Shapes, customers: u64, seed: u64, folder: &Path) -> Result<generate::Summary, GenerateError> {
    make_until(shapes, Options { customers, seed, threads: 0, cancel: None }, folder)
}

/// The same with a way to stop.
///
/// # Errors
/// Where the files cannot be written, or it was stopped.
pub fn make_until(shapes: &Shapes, options: Options<'_>, folder: &Path) -> Result<generate::Summary, GenerateError> {
    let bar = progress::bar(options.customers, "lines");
    let summary = generate::run_with(shapes, options, folder, &|done| bar.set_position(done));
    bar.finish_and_clear();
    summary
}

/// Which models.
#[derive(Debug, Clone, Default, Args)]
pub struct ModelArgs {
    /// File with the models; also by `WAGGLE_CONFIG` [default: waggle.toml here, or else in the user's configuration folder]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl ModelArgs {
    /// The settings.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn settings(&self) -> Result<Settings, CliError> {
        let mut flags = ConfigFlags::default();
        flags.file.clone_from(&self.config);
        Ok(config::load(&flags)?)
    }

    /// Opens the app over `data` with the models.
    ///
    /// # Errors
    /// Settings that cannot be used, or as [`DataArgs::open`].
    pub fn open(&self, data: &DataArgs) -> Result<App, CliError> {
        Ok(App::open(with_models(data, self.settings()?)?)?)
    }
}

/// What an app over `data` is opened with, with the models of `settings`.
///
/// # Errors
/// Data that cannot be had.
pub fn with_models(data: &DataArgs, settings: Settings) -> Result<AppConfig, CliError> {
    let config = data.config()?;
    let Settings { models, policy, .. } = settings;
    Ok(AppConfig { routing: routing(models, policy), ..config })
}

/// Who translates beside the built-in translator; none where no model is configured.
#[must_use]
pub fn routing(models: Vec<ModelSpec>, policy: Policy) -> Option<Routing> {
    (!models.is_empty()).then(|| Routing { policy, models, ledger: Arc::new(Purse::default()) })
}

/// Which language.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct LanguageArgs {
    /// Language of the answer [default: that of the request]
    #[arg(long, value_enum)]
    pub locale: Option<LocaleArg>,
}

impl LanguageArgs {
    /// The language of messages outside an answer.
    #[must_use]
    pub fn of_messages(&self) -> Locale {
        self.locale.map(Into::into).unwrap_or_default()
    }
}

/// How to answer.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct AnswerArgs {
    /// Which language.
    #[command(flatten)]
    pub language: LanguageArgs,
    /// Hide groups smaller than N; 0 hides none [default: the catalog's]
    #[arg(long, value_name = "N")]
    pub min_group: Option<u64>,
}

impl AnswerArgs {
    /// The same for the app.
    #[must_use]
    pub fn options(&self) -> AskOptions {
        AskOptions { locale: self.language.locale.map(Into::into), min_group: self.min_group, ..AskOptions::default() }
    }
}

/// The session of a file, new where there is none yet.
///
/// # Errors
/// Where the file is no session.
pub fn session(file: Option<&Path>, locale: Locale) -> Result<Session, CliError> {
    match file {
        Some(file) if file.exists() => Ok(Session::load(file)?),
        Some(file) => Ok(Session::new(&file.file_stem().unwrap_or_default().to_string_lossy(), locale)),
        None => Ok(Session::new("local", locale)),
    }
}

/// Keeps a session in its file, where it has one.
///
/// # Errors
/// Where the file cannot be written.
pub fn keep(session: &Session, file: Option<&Path>) -> Result<(), CliError> {
    file.map_or(Ok(()), |file| Ok(session.save(file)?))
}
