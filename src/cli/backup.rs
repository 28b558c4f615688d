//! `waggle backup` and `waggle restore`: a copy of the store, made while it is in use, and putting one in its place.

use std::path::PathBuf;

use clap::Args;

use super::config::{self, ConfigFlags};
use super::error::CliError;
use super::exit::Exit;
use super::serve::{open_store, store_address};
use super::{output, progress};
use crate::store;

/// Copy the store to a file; the service may go on meanwhile
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to make; it must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    flags: ConfigFlags,
}

/// Put a copy in the place of the store; no service may have it open
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The copy, as `waggle backup` made it
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Replace a store that is there already
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    flags: ConfigFlags,
}

/// Makes a copy.
///
/// # Errors
/// A file that is there already or cannot be written, or a store that cannot be read.
pub async fn backup(args: &BackupArgs) -> Result<Exit, CliError> {
    let store = open_store(&config::load(&args.flags)?.serve).await?;
    let turning = progress::spinner("copying the store");
    let copied = store.backup(&args.to).await;
    turning.finish_and_clear();
    store.close().await;
    copied?;
    output::note(&output::plain(&format!("{} holds the store of {}", args.to.display(), store.address())));
    Ok(Exit::Done)
}

/// Puts a copy in place.
///
/// # Errors
/// A copy that is none or is damaged, or a place that is taken or in use.
pub async fn restore(args: &RestoreArgs) -> Result<Exit, CliError> {
    let address = store_address(&config::load(&args.flags)?.serve)?;
    let turning = progress::spinner("checking and copying");
    let restored = store::restore(&args.from, &address, args.force).await;
    turning.finish_and_clear();
    restored?;
    output::note(&output::plain(&format!("the store is as in {}", args.from.display())));
    Ok(Exit::Done)
}
