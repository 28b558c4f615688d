//! `waggle generate`: makes reference data.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::common;
use super::error::CliError;
use super::exit::Exit;
use super::output;
use super::place::{REFERENCE_CUSTOMERS, REFERENCE_SEED};
use crate::generate::Shapes;

/// Make reference data: the same lines for the same seed, on any machine.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// How many lines
    #[arg(long, value_name = "N", default_value_t = REFERENCE_CUSTOMERS)]
    customers: u64,
    /// Seed
    #[arg(long, value_name = "S", default_value_t = REFERENCE_SEED)]
    seed: u64,
    /// Folder to write, one file a table
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Folder with the shapes of the data [default: the built-in ones]
    #[arg(long, value_name = "DIR")]
    shapes: Option<PathBuf>,
}

/// Generates.
///
/// # Errors
/// Where the shapes have faults or the files cannot be written.
pub fn run(args: &GenerateArgs) -> Result<Exit, CliError> {
    let shapes = args.shapes.as_deref().map_or_else(Shapes::builtin, Shapes::load)?;
    let started = Instant::now();
    common::make(&shapes, args.customers, args.seed, &args.out)?;
    let seconds = started.elapsed().as_secs_f64();
    output::note(&format!("{} lines in {seconds:.1} s: {}", args.customers, args.out.display()));
    Ok(Exit::Done)
}
