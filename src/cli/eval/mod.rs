//! `waggle eval`: plays golden sets and scores them; keeps runs of translators, lists and compares them.

mod bench;
mod kept;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::common::{DataArgs, ModelArgs, with_models};
use super::config::{self, ConfigFlags};
use super::error::CliError;
use super::exit::Exit;
use super::golden;
use super::serve::open_store;
use super::{output, place, progress};
use crate::app::App;
use crate::eval::{self, GoldenSet, PlayOptions, Report, measures};
use crate::store::Store;

/// Play golden sets and score the answers turn by turn; keep and compare runs of translators
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct EvalArgs {
    #[command(subcommand)]
    command: Option<EvalCommand>,
    #[command(flatten)]
    play: PlayArgs,
}

#[derive(Debug, Subcommand)]
enum EvalCommand {
    /// Compare two runs case by case: the difference with its interval, an exact test, what was fixed and broken
    Compare(kept::CompareArgs),
    /// List the runs that are kept
    Runs(kept::RunsArgs),
}

/// Which store.
#[derive(Debug, Clone, Default, Args)]
pub struct StoreArgs {
    /// Store of runs: a file, or postgres://… [default: that of the service]
    #[arg(long, value_name = "PATH|URL")]
    store: Option<String>,
}

impl StoreArgs {
    /// Opens it.
    ///
    /// # Errors
    /// A store that cannot be opened.
    pub(super) async fn open(&self) -> Result<Store, CliError> {
        let flags = ConfigFlags::default();
        let flags = self.store.as_deref().map_or(flags.clone(), |store| flags.with("store", store));
        open_store(&config::load(&flags)?.serve).await
    }
}

/// What is played, and how.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "flags of a command line")]
struct PlayArgs {
    /// Conversation files, CSV files (question, segment or sql), folders of them, or names of golden sets
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
    /// Conversations at once
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// List the metrics, with what each says
    #[arg(long)]
    list_metrics: bool,
    #[command(flatten)]
    run: bench::RunArgs,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// Does it.
///
/// # Errors
/// Where a file cannot be read, the app or the store cannot be opened, or there is no such run.
pub async fn run(args: EvalArgs) -> Result<Exit, CliError> {
    match args.command {
        Some(EvalCommand::Compare(args)) => kept::compare(&args).await,
        Some(EvalCommand::Runs(args)) => kept::list(&args).await,
        None if args.play.list_metrics => list_metrics(),
        None => Box::pin(play(args.play)).await,
    }
}

async fn play(args: PlayArgs) -> Result<Exit, CliError> {
    if args.files.is_empty() {
        return Err(CliError::Usage("say which files or golden sets to play".into()));
    }
    let app = Arc::new(args.open()?);
    let mut set = golden::find(&args.files, app.catalog(), &args.store).await?;
    if let Some(id) = &args.id {
        set.conversations.retain(|c| c.id == *id);
    }
    set.conversations.truncate(args.limit.unwrap_or(usize::MAX));
    let options =
        PlayOptions { cache: place::cache().filter(|_| !args.no_cache), at_once: args.jobs, ..PlayOptions::default() };
    if args.run.keeps_runs() {
        return Box::pin(bench::run(&args, app, set, options)).await;
    }
    quick(&args, app, &set, &options).await
}

/// Plays without keeping anything: for a look.
async fn quick(args: &PlayArgs, app: Arc<App>, set: &GoldenSet, options: &PlayOptions) -> Result<Exit, CliError> {
    let bar = progress::bar(set.conversations.len() as u64, "conversations");
    let report = eval::play(app, &set.conversations, options, &|done| bar.set_position(done as u64)).await?;
    bar.finish_and_clear();
    args.print(&report)?;
    let figures = [report.turns.right_share(), report.conversations.right_share(), report.turns.silent_share()];
    Ok(if args.passes(figures) { Exit::Done } else { Exit::Error })
}

impl PlayArgs {
    /// The app; with the models only where a run names them, and without what they answered before: each answer of a run
    /// is one.
    fn open(&self) -> Result<App, CliError> {
        if !self.run.keeps_runs() {
            return self.data.open();
        }
        let mut settings = self.models.settings()?;
        settings.policy.cached = 0;
        Ok(App::open(with_models(&self.data, settings)?)?)
    }

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

    /// Whether turns right, conversations right and turns silently wrong are within the thresholds.
    fn passes(&self, [turns, conversations, silent]: [f64; 3]) -> bool {
        let thresholds = [
            ("turns right", turns >= self.min_turns),
            ("conversations right", conversations >= self.min_conversations),
            ("silently wrong", silent <= self.max_silent),
        ];
        for (name, _) in thresholds.iter().filter(|(_, met)| !met) {
            output::note(&format!("threshold not met: {name}"));
        }
        thresholds.iter().all(|(_, met)| *met)
    }
}

fn list_metrics() -> Result<Exit, CliError> {
    use crate::catalog::Locale::{En, Ko};
    for metric in measures::all() {
        let better = if metric.better == measures::Better::Higher { "↑" } else { "↓" };
        output::line(&format!("{} {better}\n    {}\n    {}", metric.name, metric.about(Ko), metric.about(En)))?;
    }
    Ok(Exit::Done)
}
