//! `waggle serve`: what the service is to be started with. The service itself is another door, so `main`
//! starts it.

use std::net::SocketAddr;

use clap::Args;

use super::common::DataArgs;
use super::error::CliError;
use crate::app::App;

/// Answer over HTTP.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Hide groups smaller than N; 0 hides none [default: the catalog's]
    #[arg(long, value_name = "N")]
    min_group: Option<u64>,
    #[command(flatten)]
    data: DataArgs,
}

/// A service to be started.
#[derive(Debug)]
pub struct Service {
    /// What answers.
    pub app: App,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Groups smaller than this are hidden; none for the catalog's minimum.
    pub min_group: Option<u64>,
}

/// Opens the app.
///
/// # Errors
/// Where it cannot be opened.
pub fn prepare(args: &ServeArgs) -> Result<Service, CliError> {
    Ok(Service { app: args.data.open()?, listen: args.listen, min_group: args.min_group })
}
