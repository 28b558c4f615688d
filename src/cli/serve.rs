//! `waggle serve`: what the service is to be started with. The service itself is another door, so `main`
//! starts it.

use clap::Args;

use super::common::{CatalogArgs, DataArgs};
use super::config::{self, ConfigFlags, ServeConfig};
use super::error::CliError;
use super::output;
use crate::app::{App, AppConfig};
use crate::engine::EngineConfig;

/// Answer over HTTP.
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    flags: ConfigFlags,
}

/// A service to be started.
#[derive(Debug)]
pub struct Service {
    /// What answers.
    pub app: App,
    /// Everything else that it was told.
    pub config: ServeConfig,
}

/// Reads the settings and opens the app.
///
/// # Errors
/// Settings that cannot be used, or an app that cannot be opened.
pub fn prepare(args: &ServeArgs) -> Result<Service, CliError> {
    let settings = config::for_service(&args.flags)?;
    settings.notes.iter().for_each(|note| output::note(&output::plain(note)));
    let config = settings.serve;
    Ok(Service { app: App::open(app_config(&config)?)?, config })
}

/// What the app is opened with; the reference data is made first where no data is named.
fn app_config(config: &ServeConfig) -> Result<AppConfig, CliError> {
    let catalog = CatalogArgs { catalog: config.catalog.clone() };
    let engine = EngineConfig {
        memory_bytes: config.limits.memory_bytes,
        timeout: config.limits.query_timeout,
        ..EngineConfig::default()
    };
    Ok(AppConfig {
        min_group: config.min_group,
        max_request_bytes: config.limits.max_request_bytes,
        engine,
        ..DataArgs { data: config.data.clone(), catalog }.config()?
    })
}
