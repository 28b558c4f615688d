//! `waggle models`: who can translate beside the built-in translator, whether they are of any use, and what they need.

mod list;
mod plan;
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
    Plan(Box<plan::PlanArgs>),
}

/// Does it.
///
/// # Errors
/// Settings that cannot be used, an app or a store that cannot be opened, a model that is not configured, or a plan that
/// cannot be made.
pub async fn run(args: &ModelsArgs) -> Result<Exit, CliError> {
    match &args.command {
        ModelsCommand::List(args) => list::run(args),
        ModelsCommand::Test(args) => Box::pin(trial::run(args)).await,
        ModelsCommand::Plan(args) => plan::run(args).await,
    }
}
