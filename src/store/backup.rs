//! Copies of a store that is a file, made while it is in use, and putting one in place. A copy is whole: it is
//! made beside its place, brought to the disk, and then given its name.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, Connection as _};

use super::address::{self, Place};
use super::migrations;
use super::open::connect_file;
use super::query::sql;
use super::verify::verify;
use super::{Store, StoreError, clock};
use crate::catalog::Locale;

impl Store {
    /// Copies the store to a file that is not there yet, as it is at one moment; others read and write meanwhile.
    ///
    /// # Errors
    /// Where the file exists or cannot be written; [`StoreError::UseDatabaseTools`] for PostgreSQL.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let Place::File(from) = self.place() else { return Err(StoreError::UseDatabaseTools) };
        if to.exists() {
            return Err(StoreError::Exists { path: to.to_owned() });
        }
        let conn = connect_file(from, "rw").await?;
        copy(conn, to, false).await
    }
}

/// Puts a copy in the place of a store, whole or not at all. The copy must be a store of Waggle, of a version
/// that this program reads, undamaged, with an audit that verifies. A store that is in place is replaced only
/// by `force`, and only while nobody has it open.
///
/// # Errors
/// Where the copy is refused, or its place is taken; [`StoreError::UseDatabaseTools`] for PostgreSQL.
pub async fn restore(from: &Path, to: &str, force: bool) -> Result<(), StoreError> {
    let Place::File(to) = Place::parse(to)? else { return Err(StoreError::UseDatabaseTools) };
    if !from.is_file() {
        return Err(StoreError::io(from, ErrorKind::NotFound.into()));
    }
    if to.exists() && !force {
        return Err(StoreError::Exists { path: to });
    }
    let mut conn = connect_file(from, "ro").await?;
    check(&mut conn, from).await?;
    if to.exists() {
        take_out_of_use(&to).await?;
    }
    copy(conn, &to, force).await
}

async fn check(conn: &mut AnyConnection, path: &Path) -> Result<(), StoreError> {
    if !migrations::is_ours(conn, path).await? {
        return Err(StoreError::NotAStore { path: path.to_owned() });
    }
    let damaged = |why: String| StoreError::Damaged { path: path.to_owned(), why };
    let found: Option<String> = sql("SELECT integrity_check AS value FROM pragma_integrity_check LIMIT 1")
        .one(conn)
        .await
        .map_err(|cause| damaged(cause.to_string()))?;
    if let Some(fault) = found.filter(|fault| fault != "ok") {
        return Err(damaged(fault));
    }
    migrations::refuse_later(migrations::version(conn).await?)?;
    match verify(conn, |_, _| {}).await?.broken {
        Some(broken) => Err(damaged(broken.message(Locale::En))),
        None => Ok(()),
    }
}

/// Brings a store's log into its file, which SQLite does only where nobody else has it open: a log that was
/// left behind would be read into the file that replaces it.
async fn take_out_of_use(path: &Path) -> Result<(), StoreError> {
    let mut conn = connect_file(path, "rw").await?;
    if !migrations::is_ours(&mut conn, path).await? {
        return Err(StoreError::NotAStore { path: path.to_owned() });
    }
    let left = sqlx::raw_sql("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE").execute(&mut conn).await;
    let mode: Option<String> = sql("SELECT journal_mode AS value FROM pragma_journal_mode").one(&mut conn).await?;
    // Whether it closes well is no matter: nothing was written since.
    let _ = conn.close().await;
    match left.map_err(StoreError::from) {
        Ok(_) if mode.as_deref() == Some("delete") => Ok(()),
        Ok(_) | Err(StoreError::Unreachable { .. }) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(other) => Err(StoreError::Damaged { path: path.to_owned(), why: other.to_string() }),
    }
}

/// Copies what a connection sees at one moment.
async fn copy(mut conn: AnyConnection, to: &Path, replace: bool) -> Result<(), StoreError> {
    let beside = beside(to);
    address::create_new(&beside)?;
    let copied = copy_to(&mut conn, &beside).await;
    // It has been read; how it closes changes nothing.
    let _ = conn.close().await;
    let placed = copied.and_then(|()| place(&beside, to, replace));
    if placed.is_err() {
        remove(&beside)?;
    }
    placed
}

async fn copy_to(conn: &mut AnyConnection, path: &Path) -> Result<(), StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::BadAddress { address: path.display().to_string() })?;
    sql("VACUUM INTO $1").text(text).run(conn).await?;
    Ok(())
}

/// Gives a finished file its name.
fn place(beside: &Path, to: &Path, replace: bool) -> Result<(), StoreError> {
    let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all());
    sync(beside).map_err(|cause| StoreError::io(beside, cause))?;
    if replace {
        fs::rename(beside, to).map_err(|cause| StoreError::io(to, cause))?;
    } else {
        name_once(beside, to)?;
    }
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // Where folders cannot be brought to the disk, the file was.
        let _ = sync(folder);
    }
    Ok(())
}

/// A second name is given only where there is no such file; a renaming would overwrite it.
fn name_once(beside: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::hard_link(beside, to) {
        Ok(()) => remove(beside),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Err(StoreError::Exists { path: to.to_owned() }),
        // A file system without second names.
        Err(_) if !to.exists() => fs::rename(beside, to).map_err(|cause| StoreError::io(to, cause)),
        Err(cause) => Err(StoreError::io(to, cause)),
    }
}

/// Where a copy is made; of two copies to one place neither sees the other's.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{}.copying", std::process::id(), clock::now()));
    path.with_file_name(name)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(StoreError::io(path, cause)),
        _ => Ok(()),
    }
}
