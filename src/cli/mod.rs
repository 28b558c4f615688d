//! The command line: one file a command. It reads arguments, opens the app, and shows what comes back; no
//! conversation logic. Knows nothing of HTTP: a service to be started is handed back to `main`.

pub mod ask;
pub mod audit;
pub mod backup;
pub mod bench;
pub mod catalog;
mod cell;
pub mod chat;
pub mod cluster;
pub mod common;
pub mod config;
pub mod error;
pub mod eval;
pub mod exit;
mod explain;
pub mod export;
pub mod generate;
pub mod golden;
pub mod health;
pub mod index;
pub mod input;
pub mod keys;
pub mod leaderboard;
pub mod models;
mod output;
pub mod place;
mod progress;
mod reach;
pub mod route;
pub mod segments;
pub mod serve;
mod show;
pub mod sql;
mod table;
pub mod telemetry;

use crate::catalog::Locale;
use clap::{Parser, Subcommand};

pub use error::CliError;
pub use exit::Exit;
pub use serve::Service;

/// Ask for customers in words, in Korean or English, and check the SQL behind every number.
#[derive(Debug, Parser)]
#[command(name = "waggle", version, after_help = exit::HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ask(ask::AskArgs),
    Chat(chat::ChatArgs),
    Sql(sql::SqlArgs),
    Generate(generate::GenerateArgs),
    Catalog(catalog::CatalogCommand),
    Segments(segments::SegmentsArgs),
    Export(export::ExportArgs),
    Eval(Box<eval::EvalArgs>),
    Bench(Box<bench::BenchArgs>),
    Golden(golden::GoldenArgs),
    Index(index::IndexArgs),
    Leaderboard(leaderboard::LeaderboardArgs),
    Models(models::ModelsArgs),
    Route(route::RouteArgs),
    Serve(serve::ServeArgs),
    Cluster(cluster::ClusterArgs),
    Mcp(serve::McpArgs),
    Config(config::ConfigArgs),
    Keys(keys::KeysArgs),
    Audit(audit::AuditArgs),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
    Health(health::HealthArgs),
}

/// What is left to do after a command.
#[derive(Debug)]
pub enum Outcome {
    /// Leave.
    Exit(Exit),
    /// Serve, and leave then.
    Serve(Box<Service>),
    /// Serve one assistant on standard input and output, and leave then.
    Mcp(Box<Service>),
}

/// Runs the command that the arguments of the program name. Errors are said on standard error.
pub async fn run() -> Outcome {
    let command = Cli::parse().command;
    // A service reads first how it is to log.
    if !matches!(command, Command::Serve(_) | Command::Mcp(_)) {
        telemetry::for_command();
    }
    let locale = locale(&command);
    command.run().await.unwrap_or_else(|error| {
        output::note(&output::plain(&error.message(locale)));
        Outcome::Exit(error.exit())
    })
}

/// Says something about a service on standard error.
pub fn note(text: &str) {
    output::note(text);
}

/// The language of error messages.
fn locale(command: &Command) -> Locale {
    match command {
        Command::Ask(args) => args.answer.language.of_messages(),
        Command::Chat(args) => args.answer.language.of_messages(),
        Command::Sql(args) => args.language.of_messages(),
        Command::Export(args) => args.language.of_messages(),
        _ => Locale::En,
    }
}

impl Command {
    async fn run(self) -> Result<Outcome, CliError> {
        let exit = match self {
            Self::Ask(args) => ask::run(args).await,
            Self::Chat(args) => chat::run(args).await,
            Self::Sql(args) => sql::run(args).await,
            Self::Generate(args) => generate::run(&args),
            Self::Catalog(command) => catalog::run(&command),
            Self::Segments(args) => segments::run(&args),
            Self::Export(args) => export::run(args).await,
            Self::Eval(args) => Box::pin(eval::run(*args)).await,
            Self::Bench(args) => Box::pin(bench::run(*args)).await,
            Self::Golden(args) => golden::run(&args).await,
            Self::Index(args) => index::run(args).await,
            Self::Leaderboard(args) => leaderboard::run(&args).await,
            Self::Config(args) => config::run(&args),
            Self::Cluster(args) => cluster::run(args).await,
            Self::Models(args) => Box::pin(models::run(&args)).await,
            Self::Route(args) => route::run(args),
            Self::Mcp(args) => return Ok(Outcome::Mcp(Box::new(serve::prepare_here(&args).await?))),
            Self::Keys(args) => keys::run(&args).await,
            Self::Audit(args) => audit::run(&args).await,
            Self::Backup(args) => backup::backup(&args).await,
            Self::Restore(args) => backup::restore(&args).await,
            Self::Health(args) => health::run(&args),
            Self::Serve(args) => return Ok(Outcome::Serve(Box::new(serve::prepare(&args).await?))),
        };
        exit.map(Outcome::Exit)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
