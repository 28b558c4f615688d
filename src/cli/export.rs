//! `waggle export`: writes the members of a segment to a file, with their identifiers left out or hashed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use clap::{Args, ValueEnum};

use super::common::{self, DataArgs, LanguageArgs};
use super::error::CliError;
use super::exit::Exit;
use super::{output, progress, reach};
use crate::app::{
    App, ExportOutcome, ExportProgress, ExportRequest, HoldOut, IdentifierPolicy, Origin, ReachRequest, manifest,
};
use crate::engine::{ExportFormat, HashKey, MIN_HASH_KEY_BYTES};
use crate::segment::{Expr, text};
use crate::session::{Saved, Session, expand};

/// The name of the segment that a session stands at.
const CURRENT: &str = "current";

/// Write the members of a segment to a file: a row for each, with the catalog's open columns.
///
/// The key and every other column that says who somebody is are left out, or hashed. Beside the file a
/// manifest says where it comes from.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Session file
    #[arg(long, value_name = "FILE")]
    session: PathBuf,
    /// A saved segment, or `current`
    #[arg(long, value_name = "NAME", default_value = CURRENT)]
    segment: String,
    /// File to write: .csv, .csv.gz, .jsonl, .jsonl.gz, .parquet, .arrow or .xlsx
    #[arg(long, value_name = "FILE", required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    /// Only count who can be reached, step by step
    #[arg(long)]
    dry_run: bool,
    /// Columns to write, in this order [default: all that may be shown]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
    /// Begin text with a byte order mark, for Excel
    #[arg(long)]
    bom: bool,
    /// What becomes of the key
    #[arg(long, value_enum, default_value_t = Identifiers::Omit)]
    identifiers: Identifiers,
    /// File with the secret that identifiers are hashed with
    #[arg(long, value_name = "FILE", required_if_eq("identifiers", "hashed"))]
    hash_key_file: Option<PathBuf>,
    #[command(flatten)]
    reach: ReachArgs,
    /// Who exports, for the manifest
    #[arg(long, value_name = "NAME", default_value = "cli")]
    by: String,
    #[command(flatten)]
    pub(super) language: LanguageArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// What becomes of the key, as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Identifiers {
    /// Left out.
    Omit,
    /// HMAC-SHA-256 with the key of --hash-key-file.
    Hashed,
}

/// Who may be contacted.
#[derive(Debug, Args)]
struct ReachArgs {
    /// Only those who may be contacted by this channel of the catalog
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Nobody who was contacted by it in the last N days
    #[arg(long, value_name = "N", requires = "channel")]
    not_contacted_days: Option<u32>,
    /// Hold out P percent at random, in a file of their own
    #[arg(long, value_name = "P")]
    hold_out: Option<f64>,
    /// Seed of the part held out
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Hide numbers smaller than N; 0 hides none [default: the catalog's]
    #[arg(long, value_name = "N")]
    min_group: Option<u64>,
}

impl ReachArgs {
    fn request(&self) -> ReachRequest {
        ReachRequest {
            channel: self.channel.clone(),
            not_contacted_days: self.not_contacted_days,
            hold_out: self.hold_out.map(|percent| HoldOut { percent, seed: self.seed }),
            min_group: self.min_group,
        }
    }
}

/// Exports.
///
/// # Errors
/// Where there is no such segment or column, or the file cannot be written.
pub async fn run(args: ExportArgs) -> Result<Exit, CliError> {
    let format = args.out.as_deref().map(format).transpose()?;
    if !args.session.exists() {
        return Err(CliError::Usage(format!("there is no session file {}", args.session.display())));
    }
    let locale = args.language.of_messages();
    let session = common::session(Some(&args.session), locale)?;
    let segment = segment(&session, &args.segment)?;
    let identifiers = identifiers(&args)?;
    let app = args.data.open()?;
    let asked = args.reach.request();
    let (Some(out), Some(format), false) = (&args.out, format, args.dry_run) else {
        let reach = app.reach(&segment, &asked).await?;
        reach::lines(&reach, locale).iter().try_for_each(|line| output::line(line))?;
        return Ok(Exit::Done);
    };
    let request = ExportRequest { format, columns: args.columns, identifiers, bom: args.bom, reach: asked };
    let outcome = write(&app, &segment, &request, out).await?;
    let origin = Origin { segment: &text::print(&segment), reach: &request.reach, who: &args.by, when: now().into() };
    let (beside, _) = manifest(&app, &outcome, &origin).write_beside(out)?;
    if request.reach != ReachRequest::default() {
        for line in reach::lines(&outcome.reach, locale) {
            output::note(&line);
        }
    }
    for file in &outcome.files {
        output::note(&format!("{} rows: {}", file.rows, out.with_file_name(&file.name).display()));
    }
    output::note(&beside.display().to_string());
    Ok(Exit::Done)
}

#[expect(clippy::disallowed_methods, reason = "a manifest says when the file was written; nothing counts from it")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The format that the name of a file ends in.
///
/// # Errors
/// Where it ends in none.
pub(crate) fn format(file: &Path) -> Result<ExportFormat, CliError> {
    ExportFormat::of_file(file).map_err(|error| CliError::Usage(error.to_string()))
}

/// Writes the members of a segment, with a progress bar.
///
/// # Errors
/// Where the segment cannot be exported, or the file cannot be written.
pub(crate) async fn write(
    app: &App,
    segment: &Expr,
    request: &ExportRequest,
    out: &Path,
) -> Result<ExportOutcome, CliError> {
    let bar = progress::bar(0, "rows");
    let shown = bar.clone();
    let told = Arc::new(move |ExportProgress { rows, total }: ExportProgress| {
        shown.set_length(total);
        shown.set_position(rows);
    });
    let outcome = app.export(segment, request, out, Some(told)).await;
    bar.finish_and_clear();
    Ok(outcome?)
}

fn identifiers(args: &ExportArgs) -> Result<IdentifierPolicy, CliError> {
    match (args.identifiers, &args.hash_key_file) {
        (Identifiers::Hashed, Some(path)) => {
            let bytes = fs::read(path).map_err(|source| CliError::File { path: path.clone(), source })?;
            let key = HashKey::new(bytes.trim_ascii_end()).ok_or_else(|| {
                CliError::Usage(format!("{}: a key has at least {MIN_HASH_KEY_BYTES} bytes", path.display()))
            })?;
            Ok(IdentifierPolicy::Hashed(key))
        }
        _ => Ok(IdentifierPolicy::Omit),
    }
}

fn segment(session: &Session, name: &str) -> Result<Expr, CliError> {
    let saved = session.find_saved(name).and_then(Saved::latest).map(|version| version.segment.expr());
    let found = saved.or_else(|| (name == CURRENT).then(|| expand(&session.segment().expr(), session)));
    found.ok_or_else(|| {
        let names = session.saved_names().join(", ");
        CliError::Usage(format!("no segment {name} is saved in the session; there is: {names}"))
    })
}
