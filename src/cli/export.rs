//! `waggle export`: writes the members of a segment to a file, without their identifiers.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::common::{self, DataArgs, LanguageArgs};
use super::error::CliError;
use super::exit::Exit;
use super::{cell, output, progress};
use crate::app::App;
use crate::catalog::{Catalog, Sensitivity};
use crate::engine::Rows;
use crate::segment::Expr;
use crate::session::{Saved, Session, expand};
use crate::sql;

/// The name of the segment that a session stands at.
const CURRENT: &str = "current";

/// Write the members of a segment to a file: a row for each, with the catalog's open columns.
///
/// The key and every other column that says who somebody is are left out.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Session file
    #[arg(long, value_name = "FILE")]
    session: PathBuf,
    /// A saved segment, or `current`
    #[arg(long, value_name = "NAME", default_value = CURRENT)]
    segment: String,
    /// File to write: .csv
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Columns to write, in this order [default: all that may be shown]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
    #[command(flatten)]
    pub(super) language: LanguageArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// Exports.
///
/// # Errors
/// Where there is no such segment or column, or the file cannot be written.
pub async fn run(args: ExportArgs) -> Result<Exit, CliError> {
    csv_only(&args.out)?;
    if !args.session.exists() {
        return Err(CliError::Usage(format!("there is no session file {}", args.session.display())));
    }
    let session = common::session(Some(&args.session), args.language.of_messages())?;
    let app = args.data.open()?;
    let segment = segment(&session, &args.segment)?;
    let columns = columns(app.catalog(), &args.columns)?;
    let rows = write(&app, &segment, &columns, &args.out).await?;
    output::note(&format!("{rows} rows: {}", args.out.display()));
    Ok(Exit::Done)
}

/// Writes the members of a segment and says how many there were. The key comes first in what the engine
/// gives and is dropped here, row by row: an identifier never reaches the file.
///
/// # Errors
/// Where the segment cannot be said in SQL, or the file cannot be written.
pub(crate) async fn write(app: &App, segment: &Expr, columns: &[String], out: &Path) -> Result<u64, CliError> {
    csv_only(out)?;
    let statement = sql::keys(segment, columns, None, app.catalog())?;
    let spinner = progress::spinner("exporting");
    let rows = app.engine().run(&statement).await;
    spinner.finish_and_clear();
    let rows = rows?;
    let fault = |source| CliError::File { path: out.into(), source };
    let part = out.with_extension("csv.part");
    csv(&rows, &part).and_then(|()| fs::rename(&part, out)).map_err(fault)?;
    Ok(rows.rows.len() as u64)
}

/// Comma-separated text as RFC 4180 has it, without the first column.
fn csv(rows: &Rows, file: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    record(&mut out, rows.columns.iter().skip(1).cloned())?;
    for row in &rows.rows {
        record(&mut out, row.iter().skip(1).map(cell::text))?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn record(out: &mut impl Write, fields: impl Iterator<Item = String>) -> io::Result<()> {
    let quoted = |field: String| {
        let special = field.contains(['"', ',', '\r', '\n']);
        if special { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
    };
    write!(out, "{}\r\n", fields.map(quoted).collect::<Vec<_>>().join(","))
}

/// The columns that were named, or every one that may be shown.
///
/// # Errors
/// Where a name is no column, or one that says who somebody is.
pub(crate) fn columns(catalog: &Catalog, named: &[String]) -> Result<Vec<String>, CliError> {
    let open = |f: &&crate::catalog::Field| f.sensitivity == Sensitivity::Open;
    if named.is_empty() {
        return Ok(catalog.entity().fields.iter().filter(open).map(|f| f.name.clone()).collect());
    }
    for name in named {
        if catalog.field(name).is_none_or(|f| !open(&f)) {
            return Err(CliError::Usage(format!("{name} is no column that may be exported")));
        }
    }
    Ok(named.to_vec())
}

fn segment(session: &Session, name: &str) -> Result<Expr, CliError> {
    let saved = session.find_saved(name).and_then(Saved::latest).map(|version| version.segment.expr());
    let found = saved.or_else(|| (name == CURRENT).then(|| expand(&session.segment().expr(), session)));
    found.ok_or_else(|| {
        let names = session.saved_names().join(", ");
        CliError::Usage(format!("no segment {name} is saved in the session; there is: {names}"))
    })
}

/// Only CSV so far: a Parquet file without the key needs a statement that leaves it out.
fn csv_only(file: &Path) -> Result<(), CliError> {
    match file.extension().and_then(|e| e.to_str()).map(str::to_lowercase).as_deref() {
        Some("csv") => Ok(()),
        Some("parquet") => Err(CliError::Usage("an export to Parquet is not there yet; .csv is".into())),
        _ => Err(CliError::Usage(format!("{}: a file to export to ends in .csv", file.display()))),
    }
}
