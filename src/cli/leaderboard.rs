//! `waggle leaderboard`: every translator by every golden set, as a table, JSON or a page; and results of another
//! evaluator imported beside them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::config::{self, ConfigFlags};
use super::error::CliError;
use super::exit::Exit;
use super::output;
use super::serve::open_store;
use super::table::{self, Align};
use crate::access::Caller;
use crate::catalog::Locale;
use crate::eval::leaderboard::{self, Board, BoardRow, Column, Facts, Imported, Score, Unit, Wanted};
use crate::store::{AuditEntry, Store, now};
use crate::translate::model::Place;

/// Longest name of a translator, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Show how well each translator understands requests, by every golden set, from the evaluations that were kept
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LeaderboardArgs {
    #[command(subcommand)]
    command: Option<LeaderboardCommand>,
    /// Only this golden set
    #[arg(long, value_name = "SET")]
    set: Option<String>,
    /// A metric to show, may be repeated; the first is averaged [default: `turn_accuracy`]
    #[arg(long, value_name = "NAME")]
    metric: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a page that needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Which store.
    #[command(flatten)]
    flags: ConfigFlags,
}

#[derive(Debug, Subcommand)]
enum LeaderboardCommand {
    /// Import a results.json of lm-evaluation-harness as further columns
    Import {
        /// The file
        file: PathBuf,
        /// Whose results they are: a model's name here
        #[arg(long = "as", value_name = "NAME")]
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Which store.
        #[command(flatten)]
        flags: ConfigFlags,
    },
}

/// Does it.
///
/// # Errors
/// A store that cannot be used, or a file that cannot be read or written.
pub async fn run(args: &LeaderboardArgs) -> Result<Exit, CliError> {
    let flags = match &args.command {
        Some(LeaderboardCommand::Import { flags, .. }) => flags,
        None => &args.flags,
    };
    let settings = config::load(flags)?;
    let facts: Vec<Facts> = settings.models.iter().map(Facts::from).collect();
    let store = open_store(&settings.serve).await?;
    let done = match &args.command {
        Some(LeaderboardCommand::Import { file, name, json, .. }) => import(&store, file, name, *json).await,
        None => show(&store, args, &facts).await,
    };
    store.close().await;
    done
}

async fn show(store: &Store, args: &LeaderboardArgs, facts: &[Facts]) -> Result<Exit, CliError> {
    let (entries, imports) = leaderboard::load(store, facts).await?;
    let wanted = Wanted { set: args.set.clone(), metrics: args.metric.clone() };
    let board = Board::new(&entries, &imports, &wanted);
    if let Some(path) = &args.html {
        let page = leaderboard::page(&board, Locale::En)?;
        std::fs::write(path, page).map_err(|source| CliError::File { path: path.clone(), source })?;
        output::note(&format!("written: {}", path.display()));
    }
    if args.json {
        output::json(&board)?;
    } else if args.html.is_none() {
        output::line(&output::plain(&told(&board)))?;
    }
    Ok(Exit::Done)
}

async fn import(store: &Store, file: &Path, name: &str, as_json: bool) -> Result<Exit, CliError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(CliError::Usage(format!("--as takes a name of 1 to {MAX_NAME_CHARS} characters")));
    }
    let text = std::fs::read_to_string(file).map_err(|source| CliError::File { path: file.to_path_buf(), source })?;
    let read =
        Imported::read(&text, name, now()).map_err(|fault| CliError::Results { path: file.to_path_buf(), fault })?;
    let detail = json!({ "translator": name, "model": read.model, "tasks": read.scores.len() });
    let row = read.row(&text);
    let entry = AuditEntry {
        actor: Caller::local().id,
        action: "import_results".into(),
        subject: row.id.clone(),
        detail_json: detail.to_string(),
    };
    let added = store.insert_import(row, vec![entry]).await?;
    if as_json {
        let told = json!({ "added": added, "translator": name, "model": read.model, "harness": read.harness,
            "dated": read.dated, "scores": read.scores });
        output::line(&told.to_string())?;
        return Ok(Exit::Done);
    }
    let labels: Vec<&str> = read.scores.iter().map(|s| s.label.as_str()).collect();
    let what = if added { "imported" } else { "imported before, nothing changed" };
    output::line(&output::plain(&format!("{what}: {} of {name}: {}", labels.len(), labels.join(", "))))?;
    Ok(Exit::Done)
}

/// The board for a terminal.
fn told(board: &Board) -> String {
    if board.rows.is_empty() {
        return "nothing was evaluated yet: results of `waggle eval` are shown here".to_owned();
    }
    let with = |name: &str, shown: bool| shown.then(|| name.to_owned());
    let any = |has: fn(&BoardRow) -> bool| board.rows.iter().any(has);
    let (kinds, sizes) = (any(|r| !r.kind.is_empty()), any(|r| r.size_b.is_some()));
    let (prompts, policies) = (any(|r| !r.prompt_version.is_empty()), any(|r| !r.policy.is_empty()));
    let optional = [("type", kinds), ("size (B)", sizes), ("runs", true), ("prompt", prompts), ("policy", policies)];
    let mut head = vec!["translator".to_owned()];
    head.extend(optional.iter().filter_map(|(name, shown)| with(name, *shown)));
    head.push("average".to_owned());
    head.extend(board.columns.iter().map(|c| c.label.clone()));
    let mut align = vec![Align::Left; head.len() - board.columns.len() - 1];
    align.resize(head.len(), Align::Right);
    let row = |row: &BoardRow| {
        let cells = [
            row.kind.clone(),
            row.size_b.map(|s| s.to_string()).unwrap_or_default(),
            place(row.place).to_owned(),
            leaderboard::short_hash(&row.prompt_version).to_owned(),
            leaderboard::short_hash(&row.policy).to_owned(),
        ];
        let shown = cells.into_iter().zip(optional).filter(|(_, (_, shown))| *shown).map(|(cell, _)| cell);
        let average = row.average.map_or_else(|| "–".to_owned(), |value| averaged(value, row, board));
        let figures =
            board.columns.iter().map(|c| row.scores.get(&c.id).map_or_else(|| "–".to_owned(), |s| figure(s, c)));
        [row.translator.clone()].into_iter().chain(shown).chain([average]).chain(figures).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = board.rows.iter().map(row).collect();
    let mut lines = table::lines(&head, &align, &rows);
    let notes = board.columns.iter().map(|c| format!("{}: {}{}", c.label, c.note, in_unit(c.unit)));
    lines.push(format!("* best · † fewer sets or other cases, not compared · average of {}", board.main));
    lines.push(notes.collect::<Vec<_>>().join(" · "));
    lines.join("\n")
}

fn place(place: Option<Place>) -> &'static str {
    match place {
        Some(Place::OnPrem) => "on premises",
        Some(Place::Cloud) => "cloud",
        None => "–",
    }
}

fn in_unit(unit: Unit) -> String {
    if unit.sign().is_empty() { String::new() } else { format!(" ({})", unit.sign()) }
}

fn averaged(value: f64, row: &BoardRow, board: &Board) -> String {
    let mark = if row.averaged < board.sets { " †" } else { "" };
    let best = if row.average_best { "*" } else { "" };
    format!("{best}{}{mark}", Unit::of_metric(&board.main).told(value))
}

fn figure(score: &Score, column: &Column) -> String {
    let best = if score.best { "*" } else { "" };
    let mark = if score.comparable { "" } else { " †" };
    format!("{best}{}{mark}", column.unit.told(score.measured.value))
}
