//! `waggle route`: who would translate a request, and why. No model is asked.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::common::{self, AnswerArgs, DataArgs, ModelArgs};
use super::error::CliError;
use super::exit::Exit;
use super::output;
use crate::app::AskOptions;
use crate::catalog::Locale;

/// The router: who translates what
#[derive(Debug, Args)]
pub struct RouteArgs {
    #[command(subcommand)]
    command: RouteCommand,
}

#[derive(Debug, Subcommand)]
enum RouteCommand {
    Explain(Box<ExplainArgs>),
}

/// Say who would translate a request, in which order, and why; no model is asked
#[derive(Debug, Args)]
struct ExplainArgs {
    /// The request
    request: String,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    /// As if this one asked: rules and budgets go by it
    #[arg(long, value_name = "ID")]
    caller: Option<String>,
    /// As if one of this role asked: marketer, analyst or admin
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// As if the request named this translator
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// As the next request of the session in FILE
    #[arg(long, value_name = "FILE")]
    session: Option<PathBuf>,
    #[command(flatten)]
    answer: AnswerArgs,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// Does it.
///
/// # Errors
/// Settings that cannot be used, an app that cannot be opened, or a translator that is not there.
pub fn run(args: RouteArgs) -> Result<Exit, CliError> {
    let RouteCommand::Explain(args) = args.command;
    let app = args.models.open(&args.data)?;
    let locale = args.answer.language.of_messages();
    let session = common::session(args.session.as_deref(), locale)?;
    let ExplainArgs { request, json, caller, role, model, answer, .. } = *args;
    let options = AskOptions { model, caller, role, ..answer.options() };
    let explained = app.explain_route(&session, &request, &options)?;
    if json {
        output::json(&explained)?;
        return Ok(Exit::Done);
    }
    let locale = options.locale.unwrap_or(Locale::En);
    for line in explained.lines(locale) {
        output::line(&output::plain(&line))?;
    }
    Ok(Exit::Done)
}
