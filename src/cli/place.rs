//! Where things lie: the data, the history of the chat, the cache of evaluations. With no data given, the
//! first run makes the reference data; of two first runs one waits for the other.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::engine::is_bucket;

/// Lines of the reference data.
pub const REFERENCE_CUSTOMERS: u64 = 200_000;
/// Its seed.
pub const REFERENCE_SEED: u64 = 1;
/// The environment variable that names a data folder.
pub const DATA_VARIABLE: &str = "WAGGLE_DATA";

/// The environment variable that names the folder of golden sets.
pub const GOLDEN_VARIABLE: &str = "WAGGLE_GOLDEN";

/// Length of a key of hashes that is made here.
const HASH_KEY_BYTES: usize = 32;

/// A place that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The system has no home folder for this user.
    #[error("there is no home folder to keep data in; say where the data is with --data or {DATA_VARIABLE}")]
    NoHome,
    /// The folder that was named is not there.
    #[error(
        "there is no data folder {}; `waggle generate --out {}` makes one", .0.display(), .0.display()
    )]
    NoData(PathBuf),
    /// A file or folder that cannot be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn project() -> Result<ProjectDirs, PlaceError> {
    ProjectDirs::from("", "", "waggle").ok_or(PlaceError::NoHome)
}

/// The file of the chat's history; its folder is made.
///
/// # Errors
/// Where there is no home folder, or it cannot be written.
pub fn history() -> Result<PathBuf, PlaceError> {
    kept("history.txt")
}

/// A file or folder in the user's data folder, which is made.
fn kept(name: &str) -> Result<PathBuf, PlaceError> {
    let project = project()?;
    let folder = project.data_dir();
    fs::create_dir_all(folder).map_err(|source| PlaceError::Io { path: folder.into(), source })?;
    Ok(folder.join(name))
}

/// The store of the service, where no other is named.
///
/// # Errors
/// Where there is no home folder, or it cannot be written.
pub fn store() -> Result<PathBuf, PlaceError> {
    kept("waggle.db")
}

/// The folder of exported files, where no other is named.
///
/// # Errors
/// Where there is no home folder, or it cannot be written.
pub fn exports() -> Result<PathBuf, PlaceError> {
    kept("exports")
}

/// The folder of the golden sets that are kept, made where it is not there yet; `WAGGLE_GOLDEN` names another.
///
/// # Errors
/// Where there is no home folder, or it cannot be written.
pub fn golden() -> Result<PathBuf, PlaceError> {
    if let Some(named) = variable(GOLDEN_VARIABLE) {
        return Ok(named.into());
    }
    let folder = kept("golden")?;
    fs::create_dir_all(&folder).map_err(|source| PlaceError::Io { path: folder.clone(), source })?;
    Ok(folder)
}

/// The key of the hashes that stand for identifiers, made once where none is named: the same person has the same hash in
/// every export of this machine.
///
/// # Errors
/// Where there is no home folder, it cannot be written, or the system has no randomness.
pub fn hash_key() -> Result<Vec<u8>, PlaceError> {
    let path = kept("identifiers.key")?;
    let io = |source| PlaceError::Io { path: path.clone(), source };
    if let Ok(key) = fs::read(&path) {
        return Ok(key);
    }
    let mut key = vec![0; HASH_KEY_BYTES];
    getrandom::fill(&mut key).map_err(|e| io(io::Error::other(e.to_string())))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(mut file) => io::Write::write_all(&mut file, &key).and_then(|()| file.sync_all()).map_err(io)?,
        // Another start was quicker: its key is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return fs::read(&path).map_err(io),
        Err(error) => return Err(io(error)),
    }
    Ok(key)
}

/// The folder of what can be computed again.
#[must_use]
pub fn cache() -> Option<PathBuf> {
    project().ok().map(|p| p.cache_dir().to_path_buf())
}

/// The data folder that was named, by flag or environment.
///
/// # Errors
/// Where it is not there.
pub fn named(flag: Option<&Path>) -> Result<Option<PathBuf>, PlaceError> {
    let named = flag.map(Path::to_path_buf).or_else(|| environment(DATA_VARIABLE).map(PathBuf::from));
    match named.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) if !is_bucket(&path) && !path.is_dir() => Err(PlaceError::NoData(path)),
        named => Ok(named),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where a door reads the environment")]
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// A text from the environment; none where it is not set or set to nothing.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    environment(name).map(|text| text.to_string_lossy().into_owned()).filter(|text| !text.is_empty())
}

/// The names of all that the environment sets.
pub fn variables() -> impl Iterator<Item = String> {
    std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned())
}

/// The folder of the user's settings.
#[must_use]
pub fn settings() -> Option<PathBuf> {
    project().ok().map(|p| p.config_dir().to_path_buf())
}

/// The folder of the reference data, made by `make` where it is not there yet. `version` tells data of
/// different generators apart; `waiting` is called where another run is making it.
///
/// # Errors
/// Where there is no home folder, it cannot be written, or `make` fails.
pub fn reference<E: From<PlaceError>>(
    version: &str,
    waiting: impl FnOnce(),
    make: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<PathBuf, E> {
    let project = project()?;
    let name = format!("data-{REFERENCE_CUSTOMERS}-{REFERENCE_SEED}-{version}");
    once(&project.data_dir().join(name), waiting, make)
}

/// The folder `target`, made by `make` in a folder beside it and then put in place whole.
///
/// # Errors
/// Where it cannot be written, or `make` fails.
pub fn once<E: From<PlaceError>>(
    target: &Path,
    waiting: impl FnOnce(),
    make: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<PathBuf, E> {
    if target.is_dir() {
        return Ok(target.to_path_buf());
    }
    let _lock = lock(&target.with_extension("lock"), waiting)?;
    if target.is_dir() {
        return Ok(target.to_path_buf());
    }
    let part = target.with_extension("part");
    if part.exists() {
        fs::remove_dir_all(&part).map_err(|source| PlaceError::Io { path: part.clone(), source })?;
    }
    make(&part)?;
    fs::rename(&part, target).map_err(|source| PlaceError::Io { path: target.into(), source })?;
    Ok(target.to_path_buf())
}

/// Holds the lock until the file is dropped; a run that is killed frees it.
fn lock(path: &Path, waiting: impl FnOnce()) -> Result<File, PlaceError> {
    let fault = |source| PlaceError::Io { path: path.into(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fault)?;
    }
    let file = File::create(path).map_err(fault)?;
    if file.try_lock().is_err() {
        waiting();
        file.lock().map_err(fault)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn two_first_runs_make_it_once() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("waggle/data-v1");
        let times = AtomicUsize::new(0);
        let make = |folder: &Path| -> Result<(), PlaceError> {
            times.fetch_add(1, Ordering::SeqCst);
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("a"), "1").unwrap();
            std::thread::sleep(std::time::Duration::from_millis(30));
            fs::write(folder.join("b"), "2").unwrap();
            Ok(())
        };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let folder = once(&target, || (), make).unwrap();
                    assert!(folder.join("b").is_file());
                });
            }
        });
        assert_eq!(times.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn what_a_failed_run_left_is_made_again() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("data");
        let failed = once(
            &target,
            || (),
            |folder| {
                fs::create_dir_all(folder).unwrap();
                Err(PlaceError::NoHome)
            },
        );
        assert!(failed.is_err() && !target.exists());
        let made = once(&target, || (), |folder| fs::create_dir(folder).map_err(|_| PlaceError::NoHome));
        assert_eq!(made.unwrap(), target);
    }

    #[test]
    fn a_named_folder_must_be_there() {
        assert!(matches!(named(Some(Path::new("no/such"))), Err(PlaceError::NoData(_))));
    }
}
