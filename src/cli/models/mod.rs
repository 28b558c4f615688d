//! `waggle models`: who can translate beside the built-in translator, and whether they are of any use.

mod list;
mod trial;

use clap::{Args, Subcommand};

use super::error::CliError;
use super::exit::Exit;

/// Models: which are configured, and whether they work
#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    List(list::ListArgs),
    Test(trial::TestArgs),
}

/// Does it.
///
/// # Errors
/// Settings that cannot be used, an app that cannot be opened, or a model that is not configured.
pub async fn run(args: &ModelsArgs) -> Result<Exit, CliError> {
    match &args.command {
        ModelsCommand::List(args) => list::run(args),
        ModelsCommand::Test(args) => Box::pin(trial::run(args)).await,
    }
}
