//! `waggle models`: what concerns the models that requests may be given to.

mod plan;

use clap::{Args, Subcommand};

use super::error::CliError;
use super::exit::Exit;

/// Models: what they need and cost
#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    Plan(Box<plan::PlanArgs>),
}

/// Does it.
///
/// # Errors
/// Where it cannot be done.
pub async fn run(args: &ModelsArgs) -> Result<Exit, CliError> {
    match &args.command {
        ModelsCommand::Plan(args) => plan::run(args).await,
    }
}
