//! `waggle serve`: what the service is to be started with. The service itself is another door, so `main`
//! starts it.

use clap::Args;

use super::common::{self, CatalogArgs, DataArgs};
use super::config::{self, ConfigFlags, ServeConfig};
use super::error::CliError;
use super::telemetry::{self, Traces};
use super::{output, place};
use crate::app::{App, AppConfig};
use crate::engine::{EngineConfig, IndexConfig};
use crate::eval::leaderboard;
use crate::service::{self, ServiceConfig};
use crate::store::Store;

/// Answer over HTTP.
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    flags: ConfigFlags,
}

/// Answer an assistant on standard input and output, by the Model Context Protocol
///
/// The settings are those of `serve`; whoever starts it is the caller.
#[derive(Debug, Args)]
pub struct McpArgs {
    #[command(flatten)]
    flags: ConfigFlags,
}

/// A service to be started.
#[derive(Debug)]
pub struct Service {
    /// What answers.
    pub service: service::Service,
    /// What it was told.
    pub config: ServeConfig,
    /// What sends traces.
    pub traces: Traces,
    /// Folder of the golden sets; none where there is no home folder.
    pub golden: Option<std::path::PathBuf>,
}

/// Reads the settings, opens the app and the store.
///
/// # Errors
/// Settings that cannot be used, or an app or a store that cannot be opened.
pub async fn prepare(args: &ServeArgs) -> Result<Service, CliError> {
    open(config::for_service(&args.flags)?).await
}

/// The same for one who is on this machine: nothing listens, so no address is too open.
///
/// # Errors
/// As [`prepare`].
pub async fn prepare_here(args: &McpArgs) -> Result<Service, CliError> {
    open(config::load(&args.flags)?).await
}

async fn open(settings: config::Settings) -> Result<Service, CliError> {
    settings.notes.iter().for_each(|note| output::note(&output::plain(note)));
    let config::Settings { serve: config, models, policy, .. } = settings;
    let traces = telemetry::for_service(&config.telemetry)?;
    let opened = AppConfig { routing: common::routing(models, policy), ..app_config(&config)? };
    let app = App::open(opened.clone())?;
    let store = open_store(&config).await?;
    if let Some(router) = app.router() {
        leaderboard::refresh(router, &store).await?;
    }
    let service = service::Service::new(app, opened, store, service_config(&config)?);
    service.note_catalog().await?;
    service.settle_exports().await?;
    Ok(Service { service, config, traces, golden: place::golden().ok() })
}

/// The store that the settings name, else the one in the user's data folder.
///
/// # Errors
/// A store that cannot be opened.
pub(super) async fn open_store(config: &ServeConfig) -> Result<Store, CliError> {
    Ok(Store::open(&store_address(config)?).await?)
}

/// The address of that store.
///
/// # Errors
/// Where there is no home folder, or it cannot be written.
pub(super) fn store_address(config: &ServeConfig) -> Result<String, CliError> {
    Ok(match &config.store {
        Some(address) => address.expose().to_owned(),
        None => place::store()?.to_string_lossy().into_owned(),
    })
}

/// The limits of the service.
fn service_config(config: &ServeConfig) -> Result<ServiceConfig, CliError> {
    let exports = config.export.folder.clone().map_or_else(place::exports, Ok)?;
    let hash_key = match &config.export.hash_key {
        Some(key) => key.expose().as_bytes().to_vec(),
        None => place::hash_key()?,
    };
    Ok(ServiceConfig {
        min_group: config.min_group,
        locale: config.locale,
        lines_total: config.lines_total,
        watch_data: config.watch_data,
        concurrent_turns: config.limits.concurrent_queries.max(1),
        waiting_turns: config.limits.queue_length,
        export_expiry: config.export.expiry,
        export_timeout: config.limits.export_timeout,
        hash_key,
        sessions_kept: config.retention.sessions,
        exports_kept: config.retention.exports,
        ..ServiceConfig::new(exports)
    })
}

/// What the app is opened with; the reference data is made first where no data is named.
fn app_config(config: &ServeConfig) -> Result<AppConfig, CliError> {
    let catalog = CatalogArgs { catalog: config.catalog.clone() };
    let engine = EngineConfig {
        memory_bytes: config.limits.memory_bytes,
        timeout: config.limits.query_timeout,
        export_timeout: config.limits.export_timeout,
        ..EngineConfig::default()
    };
    Ok(AppConfig {
        min_group: config.min_group,
        max_request_bytes: config.limits.max_request_bytes,
        engine,
        index: IndexConfig {
            mode: config.engine.clone(),
            folder: config.index.clone(),
            keep: config.engine.asks_index(),
        },
        ..DataArgs { data: config.data.clone(), catalog, ..DataArgs::default() }.config()?
    })
}
