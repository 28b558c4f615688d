//! `waggle segments`: the segments that a session has saved.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::common::{self, CatalogArgs, LocaleArg};
use super::error::CliError;
use super::exit::Exit;
use super::output;
use crate::segment::sentence;
use crate::segment::text;

/// List the segments that a session has saved.
#[derive(Debug, Args)]
pub struct SegmentsArgs {
    /// Session file
    #[arg(long, value_name = "FILE")]
    session: PathBuf,
    /// Language of the sentences
    #[arg(long, value_enum, default_value = "ko")]
    locale: LocaleArg,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    catalog: CatalogArgs,
}

/// Lists.
///
/// # Errors
/// Where the file is no session.
pub fn run(args: &SegmentsArgs) -> Result<Exit, CliError> {
    if !args.session.exists() {
        return Err(CliError::Usage(format!("there is no session file {}", args.session.display())));
    }
    let session = common::session(Some(&args.session), args.locale.into())?;
    let catalog = args.catalog.load()?;
    let mut listed: Vec<Value> = Vec::new();
    for saved in session.saved() {
        let Some(version) = saved.latest() else { continue };
        let (name, expr) = (&saved.name, version.segment.expr());
        let sentence = sentence::sentence(&expr, &catalog, args.locale.into());
        if args.json {
            listed.push(json!({ "name": name, "text": text::print(&expr), "sentence": sentence, "segment": expr, "count": version.count, "versions": saved.versions.len() }));
        } else {
            output::line(&output::plain(&format!("{name}: {sentence}")))?;
        }
    }
    if args.json {
        output::json(&listed)?;
    }
    Ok(Exit::Done)
}
