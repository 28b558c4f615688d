//! Where a store is: a file, or a database of PostgreSQL. What is shown of an address has no password.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use super::StoreError;

/// Where a store is.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A file of SQLite.
    File(PathBuf),
    /// The URL of a PostgreSQL database, with its password.
    Postgres(String),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Place {
    /// Reads a path, `sqlite:path` or `postgres://…`.
    pub(super) fn parse(address: &str) -> Result<Self, StoreError> {
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Ok(Self::Postgres(address.to_owned()));
        }
        let path = match address.strip_prefix("sqlite:") {
            Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
            None if address.contains("://") => {
                return Err(StoreError::BadAddress { address: without_password(address) });
            }
            None => address,
        };
        if path.is_empty() {
            return Err(StoreError::BadAddress { address: address.to_owned() });
        }
        let path = std::path::absolute(path).map_err(|cause| StoreError::io(path, cause))?;
        Ok(Self::File(path))
    }

    /// The address as it may be shown.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Postgres(url) => without_password(url),
        }
    }
}

/// The URL of a file, as `sqlx` reads it.
pub(super) fn file_url(path: &Path, mode: &str) -> Result<String, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::BadAddress { address: path.display().to_string() })?;
    let mut url = String::from("sqlite://");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url.push_str("?mode=");
    url.push_str(mode);
    Ok(url)
}

/// Makes an empty file that only its owner reads, with its folder; one that exists is left as it is.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        make_folder(folder).map_err(|cause| StoreError::io(folder, cause))?;
    }
    match create_new(path) {
        Err(StoreError::Exists { .. }) => Ok(()),
        other => other,
    }
}

/// Makes an empty file that only its owner reads, and refuses one that exists.
pub(super) fn create_new(path: &Path) -> Result<(), StoreError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::Exists { path: path.to_owned() })
        }
        Err(cause) => Err(StoreError::io(path, cause)),
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// An address without the password and without parameters, where a password may stand too.
fn without_password(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let Some((login, place)) = rest.rsplit_once('@') else { return address.to_owned() };
    let user = login.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}@{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_url_of_a_file_are_the_same_place() {
        for address in ["/tmp/a b.db", "sqlite:/tmp/a b.db", "sqlite:///tmp/a b.db"] {
            assert_eq!(Place::parse(address).unwrap(), Place::File(PathBuf::from("/tmp/a b.db")), "{address}");
        }
        assert_eq!(file_url(Path::new("/tmp/a b?.db"), "rw").unwrap(), "sqlite:///tmp/a%20b%3F.db?mode=rw");
    }

    #[test]
    fn a_password_is_never_shown() {
        for (address, shown) in [
            ("postgres://me:s3c@ret@host:5432/db?sslmode=disable", "postgres://me@host:5432/db"),
            ("postgres://host/db?user=me&password=s3cret", "postgres://host/db"),
            ("postgresql://host/db", "postgresql://host/db"),
        ] {
            let place = Place::parse(address).unwrap();
            assert_eq!((place.shown(), format!("{place:?}")), (shown.to_owned(), shown.to_owned()));
        }
        let refused = Place::parse("mysql://me:s3cret@host/db").unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("s3cret"));
    }
}
