//! `waggle eval`: plays conversation files and scores them.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::common::DataArgs;
use super::error::CliError;
use super::exit::Exit;
use super::{output, place, progress};
use crate::eval::{self, PlayOptions, Report, file};

/// Play conversation files and score the answers turn by turn.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Conversation files, or folders of them
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    /// Print each turn that was not right
    #[arg(long)]
    failures: bool,
    /// Only the first N conversations
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Only the conversation with this id
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Compute the gold numbers anew
    #[arg(long)]
    no_cache: bool,
    /// Least fraction of turns that must be right
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    min_turns: f64,
    /// Least fraction of whole conversations that must be right
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    min_conversations: f64,
    /// Largest fraction of turns that may be wrong without a word of doubt
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    max_silent: f64,
    #[command(flatten)]
    data: DataArgs,
}

/// Plays and scores.
///
/// # Errors
/// Where a file cannot be read, or the app cannot be opened.
pub async fn run(args: EvalArgs) -> Result<Exit, CliError> {
    let mut conversations = Vec::new();
    for path in &args.files {
        conversations.extend(file::read(path)?);
    }
    if let Some(id) = &args.id {
        conversations.retain(|c| c.id == *id);
    }
    conversations.truncate(args.limit.unwrap_or(usize::MAX));
    let app = Arc::new(args.data.open()?);
    let options = PlayOptions { cache: place::cache().filter(|_| !args.no_cache) };
    let bar = progress::bar(conversations.len() as u64, "conversations");
    let report = eval::play(app, &conversations, &options, &|done| bar.set_position(done as u64)).await?;
    bar.finish_and_clear();
    args.print(&report)?;
    Ok(if args.passes(&report) { Exit::Done } else { Exit::Error })
}

impl EvalArgs {
    fn print(&self, report: &Report) -> Result<(), CliError> {
        if self.json {
            return output::json(report);
        }
        if self.failures {
            for failure in report.failures() {
                output::line(&output::plain(&failure.to_string()))?;
            }
        }
        output::line(report.to_string().trim_end())
    }

    fn passes(&self, report: &Report) -> bool {
        let thresholds = [
            ("turns right", report.turns.right_share() >= self.min_turns),
            ("conversations right", report.conversations.right_share() >= self.min_conversations),
            ("silently wrong", report.turns.silent_share() <= self.max_silent),
        ];
        for (name, _) in thresholds.iter().filter(|(_, met)| !met) {
            output::note(&format!("threshold not met: {name}"));
        }
        thresholds.iter().all(|(_, met)| *met)
    }
}
