//! `waggle index`: builds the index of a data folder, says what there is, and compares it with SQL.

use clap::{Args, Subcommand};
use serde_json::json;

use super::common::DataArgs;
use super::error::CliError;
use super::exit::Exit;
use super::table::{self, Align};
use super::{output, progress};
use crate::app::App;
use crate::engine::{IndexProgress, IndexTable, Unfit};

/// Questions that are compared where nobody says how many.
const QUESTIONS: u64 = 200;

/// Build, look at or verify the index of a data folder.
#[derive(Debug, Args)]
#[command(after_help = super::exit::HELP)]
pub struct IndexArgs {
    #[command(subcommand)]
    command: IndexCommand,
}

#[derive(Debug, Subcommand)]
enum IndexCommand {
    /// Build it, where it is not of the data and the catalog already
    Build {
        /// Build it in any case
        #[arg(long)]
        anew: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Say what lies there
    Info {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Put random questions to the index and to SQL, and say where they differ
    Verify {
        /// How many
        #[arg(long, value_name = "N", default_value_t = QUESTIONS)]
        questions: u64,
        /// Other questions for another number
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Runs the command.
///
/// # Errors
/// Data that cannot be had, or an index that cannot be built.
pub async fn run(args: IndexArgs) -> Result<Exit, CliError> {
    match args.command {
        IndexCommand::Build { anew, data } => {
            let app = data.open()?;
            if build(&app, anew)? { info(&app, false) } else { Ok(none()) }
        }
        IndexCommand::Info { json, data } => info(&data.open()?, json),
        IndexCommand::Verify { questions, seed, data } => {
            let app = data.open()?;
            if !app.engine().has_index() && !build(&app, false)? {
                return Ok(none());
            }
            verify(&app, questions, seed).await
        }
    }
}

fn none() -> Exit {
    output::note("the keys of the data are such that it has no index: SQL answers");
    Exit::Refused
}

/// Builds it with a progress bar.
pub(super) fn build(app: &App, anew: bool) -> Result<bool, CliError> {
    let bar = progress::bar(0, "values");
    let report = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let built = app.engine().build_index(&IndexProgress { report: &report, stopped: &|| false, anew });
    bar.finish_and_clear();
    Ok(built?)
}

fn info(app: &App, json: bool) -> Result<Exit, CliError> {
    let info = match app.engine().index_info() {
        Ok(info) => info,
        Err(unfit) => {
            output::note(match unfit {
                Unfit::Missing => "there is no index; `waggle index build` makes one",
                Unfit::Stale => "the index is of another version of Waggle",
                Unfit::Torn => "the index is damaged",
            });
            return Ok(Exit::Refused);
        }
    };
    if json {
        let table = |table: &IndexTable| {
            let IndexTable { name, rows, bytes, files, read } = table;
            json!({ "name": name, "rows": rows, "bytes": bytes, "files": files, "read": read })
        };
        let tables: Vec<serde_json::Value> = info.tables.iter().map(table).collect();
        output::json(&json!({
            "path": info.path,
            "catalog": info.origin.catalog,
            "data": info.origin.data,
            "entities": info.entities,
            "bytes": info.bytes,
            "resident": info.resident(),
            "fresh": info.fresh,
            "tables": tables,
        }))?;
    } else {
        let each = |bytes: u64| bytes.checked_div(info.entities).unwrap_or_default();
        let state = if info.fresh { "of this data and catalog" } else { "stale: of other data or another catalog" };
        let (resident, bytes) = (info.resident(), info.bytes);
        output::line(&output::plain(&format!(
            "{}\n{} entities, {bytes} bytes, at most {resident} of them in memory ({} an entity), {state}\n",
            info.path.display(),
            info.entities,
            each(resident)
        )))?;
        let columns = ["table", "rows", "bytes", "an entity", "files", "read by the last build"].map(str::to_owned);
        let align = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right];
        let row = |table: &IndexTable| {
            let numbers = [table.rows, table.bytes, each(table.bytes), table.files, table.read];
            std::iter::once(table.name.clone()).chain(numbers.map(table::grouped)).collect()
        };
        let rows: Vec<Vec<String>> = info.tables.iter().map(row).collect();
        table::lines(&columns, &align, &rows).iter().try_for_each(|line| output::line(line))?;
    }
    Ok(if info.fresh { Exit::Done } else { Exit::Refused })
}

async fn verify(app: &App, questions: u64, seed: u64) -> Result<Exit, CliError> {
    let bar = progress::bar(questions, "questions");
    let report = |done| bar.set_position(done);
    let verified = app.engine().verify_index(app.catalog(), (questions, seed), &report).await;
    bar.finish_and_clear();
    let verified = verified?;
    verified.different.iter().for_each(|different| output::note(&output::plain(different)));
    output::line(&format!(
        "{} questions compared, {} differ; {} are not held by the index",
        verified.compared,
        verified.different.len(),
        verified.uncovered
    ))?;
    Ok(if verified.different.is_empty() { Exit::Done } else { Exit::Refused })
}
