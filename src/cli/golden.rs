//! `waggle golden`: the golden sets that are kept, and what was approved of people's feedback.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::common::CatalogArgs;
use super::error::CliError;
use super::eval::StoreArgs;
use super::exit::Exit;
use super::table::{self, Align};
use super::{output, place};
use crate::catalog::Catalog;
use crate::eval::golden::{self, FEEDBACK, SetInfo};
use crate::eval::{EvalError, GoldenSet};

/// List golden sets, and write one as a conversation file
#[derive(Debug, Args)]
pub struct GoldenArgs {
    #[command(subcommand)]
    command: GoldenCommand,
}

#[derive(Debug, Subcommand)]
enum GoldenCommand {
    /// List the sets
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        catalog: CatalogArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Write a set as a conversation file
    Export {
        /// Its name; `feedback` is what was approved of people's feedback
        name: PathBuf,
        /// The file [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        catalog: CatalogArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// Does it.
///
/// # Errors
/// Where there is no such set, or it cannot be read or written.
pub async fn run(args: &GoldenArgs) -> Result<Exit, CliError> {
    match &args.command {
        GoldenCommand::List { json, catalog, store } => list(*json, &catalog.load()?, store).await,
        GoldenCommand::Export { name, out, catalog, store } => {
            let set = find(std::slice::from_ref(name), &catalog.load()?, store).await?;
            let text = set.to_yaml().map_err(CliError::Usage)?;
            match out {
                Some(path) => {
                    std::fs::write(path, text).map_err(|source| CliError::File { path: path.clone(), source })?;
                }
                None => output::line(text.trim_end())?,
            }
            Ok(Exit::Done)
        }
    }
}

async fn list(json: bool, catalog: &Catalog, store: &StoreArgs) -> Result<Exit, CliError> {
    let mut sets = golden::list(&place::golden()?, catalog);
    sets.push(feedback(catalog, store).await?.info());
    if json {
        output::json(&sets)?;
        return Ok(Exit::Done);
    }
    let head = ["set", "conversations", "turns", ""].map(str::to_owned);
    let count = |n: Option<usize>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let row =
        |s: &SetInfo| vec![s.name.clone(), count(s.conversations), count(s.turns), s.fault.clone().unwrap_or_default()];
    let rows: Vec<Vec<String>> = sets.iter().map(row).collect();
    let align = [Align::Left, Align::Right, Align::Right, Align::Left];
    output::line(&output::plain(&table::lines(&head, &align, &rows).join("\n")))?;
    Ok(Exit::Done)
}

/// One set of everything that is named: files and folders where they are there, else names of sets.
///
/// # Errors
/// Where there is no such file or set, or it cannot be read.
pub(super) async fn find(named: &[PathBuf], catalog: &Catalog, store: &StoreArgs) -> Result<GoldenSet, CliError> {
    let (mut titles, mut conversations) = (Vec::new(), Vec::new());
    for path in named {
        let name = path.to_string_lossy();
        let set = if path.exists() {
            GoldenSet::read(std::slice::from_ref(path), catalog)?
        } else if name == FEEDBACK {
            feedback(catalog, store).await?
        } else {
            match place::golden().ok().and_then(|folder| golden::of_folder(&folder).remove(&*name)) {
                Some(path) => GoldenSet::read(&[path], catalog)?,
                None if path.extension().is_some() => GoldenSet::read(std::slice::from_ref(path), catalog)?,
                None => return Err(EvalError::NoSet(name.into_owned()).into()),
            }
        };
        titles.push(set.name);
        conversations.extend(set.conversations);
    }
    Ok(GoldenSet::of(&titles.join("+"), conversations))
}

/// What was approved of people's feedback.
async fn feedback(catalog: &Catalog, store: &StoreArgs) -> Result<GoldenSet, CliError> {
    let store = store.open().await?;
    let rows = store.approved_feedback().await;
    store.close().await;
    let (set, faults) = GoldenSet::of_feedback(&rows?, catalog);
    for fault in faults {
        output::note(&output::plain(&format!("left out of {FEEDBACK}: {fault}")));
    }
    Ok(set)
}
