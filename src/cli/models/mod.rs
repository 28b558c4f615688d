//! `waggle models`: who can translate beside the built-in translator, and whether they are of any use.

mod list;
mod trial;

use clap::Subcommand;

use super::error::CliError;
use super::exit::Exit;

/// Models: which are configured, and whether they work
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Show who can translate: where they run, what they cost, what they can do
    List(list::ListArgs),
    /// Try a model: is it there, does it keep to a schema, how fast is it, how many of ten turns does it get right
    Test(trial::TestArgs),
}

/// Does it.
///
/// # Errors
/// Settings that cannot be used, an app that cannot be opened, or a model that is not configured.
pub async fn run(command: ModelsCommand) -> Result<Exit, CliError> {
    match command {
        ModelsCommand::List(args) => list::run(&args),
        ModelsCommand::Test(args) => Box::pin(trial::run(args)).await,
    }
}
