//! `waggle audit`: shows the audit log of a store, and follows it to see whether it is as it was written.

use clap::{Args, Subcommand};
use serde_json::json;

use super::config::{self, ConfigFlags};
use super::error::CliError;
use super::exit::Exit;
use super::serve::open_store;
use super::table::{self, Align};
use super::{output, progress};
use crate::catalog::Locale;
use crate::service::AuditInfo;
use crate::store::{AuditVerdict, Store};

/// Entries that are shown where nobody says how many.
const SHOWN: u32 = 50;
/// Most entries that are shown.
const MOST_SHOWN: u32 = 100_000;
/// Longest subject and detail in a table, in characters.
const MAX_CELL: usize = 60;

/// Show and verify the audit log: who asked what, which SQL ran, what left
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Follow the log from its first entry to its last; exit code 1 where it is not as it was written
    Verify {
        /// Which store.
        #[command(flatten)]
        flags: ConfigFlags,
    },
    /// Show entries, in order
    Show {
        /// Only entries after this one
        #[arg(long, default_value_t = 0)]
        after: u32,
        /// So many entries
        #[arg(long, default_value_t = SHOWN, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_SHOWN)))]
        limit: u32,
        /// Which store.
        #[command(flatten)]
        flags: ConfigFlags,
    },
}

/// Does it.
///
/// # Errors
/// Where the store cannot be read.
pub async fn run(args: &AuditArgs) -> Result<Exit, CliError> {
    let flags = match &args.command {
        AuditCommand::Verify { flags } | AuditCommand::Show { flags, .. } => flags,
    };
    let store = open_store(&config::load(flags)?.serve).await?;
    let done = match &args.command {
        AuditCommand::Verify { .. } => verify(&store, args.json).await,
        AuditCommand::Show { after, limit, .. } => show(&store, (*after, *limit), args.json).await,
    };
    store.close().await;
    done
}

async fn verify(store: &Store, as_json: bool) -> Result<Exit, CliError> {
    let bar = progress::bar(0, "audit entries");
    let verdict = store
        .verify_audit(|done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })
        .await;
    bar.finish_and_clear();
    let verdict = verdict?;
    if as_json {
        output::line(&told(&verdict).to_string())?;
    } else if let Some(broken) = &verdict.broken {
        output::line(&format!("{}; {} entries before it hang together", broken.message(Locale::En), verdict.entries))?;
    } else {
        output::line(&format!("{} entries, as they were written; head {}", verdict.entries, verdict.head))?;
    }
    Ok(if verdict.holds() { Exit::Done } else { Exit::Error })
}

fn told(verdict: &AuditVerdict) -> serde_json::Value {
    let broken = verdict.broken.as_ref().map(|b| json!({ "seq": b.seq, "message": b.message(Locale::En) }));
    json!({ "holds": verdict.holds(), "entries": verdict.entries, "head": verdict.head, "broken": broken })
}

async fn show(store: &Store, (after, limit): (u32, u32), as_json: bool) -> Result<Exit, CliError> {
    let rows = store.audit_page(after.into(), limit).await?;
    let entries: Vec<AuditInfo> = rows.iter().map(AuditInfo::of).collect();
    if as_json {
        entries.iter().try_for_each(output::json)?;
        return Ok(Exit::Done);
    }
    let row = |entry: &AuditInfo| {
        let detail = entry.detail.to_string();
        let short = |text: &str| text.chars().take(MAX_CELL).collect::<String>();
        vec![
            entry.seq.to_string(),
            entry.at.clone(),
            entry.actor.clone(),
            entry.action.clone(),
            short(&entry.subject),
            short(&detail),
        ]
    };
    let head = ["seq", "at", "actor", "action", "subject", "detail"].map(str::to_owned);
    let lines = table::lines(&head, &[Align::Left; 6], &entries.iter().map(row).collect::<Vec<_>>());
    output::line(&output::plain(&lines.join("\n")))?;
    Ok(Exit::Done)
}
