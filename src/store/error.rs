//! What can go wrong in the store.

use std::path::PathBuf;
use std::sync::Arc;

use crate::catalog::Locale;

/// Why something could not be kept or read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
#[non_exhaustive]
pub enum StoreError {
    /// It is there already: a turn of this number, a segment of this name, a key of an idempotent request.
    Conflict {
        /// What: `turn`, `segment`, ….
        what: &'static str,
    },
    /// It is not there.
    NotFound {
        /// What: `session`, `segment`, ….
        what: &'static str,
    },
    /// The store was written by a later version of the program.
    LaterVersion {
        /// The version it has.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// An address that is neither a path, nor `sqlite:…`, nor `postgres://…`.
    BadAddress {
        /// The address, without its password.
        address: String,
    },
    /// The database cannot be reached.
    Unreachable {
        /// Where it should be, without a password.
        address: String,
        /// Why.
        #[source]
        cause: Arc<sqlx::Error>,
    },
    /// A file that is no store of Waggle.
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// A store that is not as it was written.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file that would be overwritten.
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A store that somebody has open.
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// PostgreSQL has tools of its own for this.
    UseDatabaseTools,
    /// A file that cannot be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Arc<std::io::Error>,
    },
    /// The store was closed.
    Closed,
    /// The database refused.
    Failed {
        /// Why: for the log, not for the reader.
        #[source]
        cause: Arc<sqlx::Error>,
    },
}

impl StoreError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => self.korean(),
            Locale::En => self.english(),
        }
    }

    /// Whether a later attempt may succeed without anything being changed by hand.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Closed)
    }

    /// The same, where what is taken or missing is known better than by the database.
    pub(super) fn about(self, name: &'static str) -> Self {
        match self {
            Self::Conflict { .. } => Self::Conflict { what: name },
            Self::NotFound { .. } => Self::NotFound { what: name },
            other => other,
        }
    }

    pub(super) fn io(path: impl Into<PathBuf>, cause: std::io::Error) -> Self {
        Self::Io { path: path.into(), cause: Arc::new(cause) }
    }

    pub(super) fn unreachable(address: &str, cause: sqlx::Error) -> Self {
        Self::Unreachable { address: address.to_owned(), cause: Arc::new(cause) }
    }

    fn korean(&self) -> String {
        match self {
            Self::Conflict { what } => format!("이미 있습니다: {what}"),
            Self::NotFound { what } => format!("찾을 수 없습니다: {what}"),
            Self::LaterVersion { found, known } => {
                format!(
                    "저장소의 버전이 {found}입니다. 이 프로그램은 {known}까지 읽습니다. 프로그램을 새 버전으로 바꾸세요"
                )
            }
            Self::BadAddress { address } => {
                format!("저장소 주소를 알 수 없습니다: {address}. 파일 경로나 postgres://… 를 쓰세요")
            }
            Self::Unreachable { address, .. } => format!("저장소에 연결할 수 없습니다: {address}"),
            Self::NotAStore { path } => format!("Waggle의 저장소가 아닙니다: {}", path.display()),
            Self::Damaged { path, why } => format!("저장소가 손상되었습니다: {}: {why}", path.display()),
            Self::Exists { path } => format!("파일이 이미 있습니다: {}", path.display()),
            Self::InUse { path } => format!("다른 프로그램이 저장소를 쓰고 있습니다: {}", path.display()),
            Self::UseDatabaseTools => "PostgreSQL 저장소는 pg_dump와 pg_restore로 백업하고 복원하세요".to_owned(),
            Self::Io { path, cause } => format!("파일을 읽거나 쓸 수 없습니다: {}: {cause}", path.display()),
            Self::Closed => "저장소가 닫혔습니다".to_owned(),
            Self::Failed { .. } => "저장소에 읽거나 쓰지 못했습니다".to_owned(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Conflict { what } => format!("there is such a {what} already"),
            Self::NotFound { what } => format!("no such {what}"),
            Self::LaterVersion { found, known } => format!(
                "the store has version {found}; this program reads up to {known}: use a later version of the program"
            ),
            Self::BadAddress { address } => {
                format!("the store's address is not understood: {address}; give a path or postgres://…")
            }
            Self::Unreachable { address, .. } => format!("cannot reach the store {address}"),
            Self::NotAStore { path } => format!("{} is not a store of Waggle", path.display()),
            Self::Damaged { path, why } => format!("the store {} is damaged: {why}", path.display()),
            Self::Exists { path } => format!("{} exists already", path.display()),
            Self::InUse { path } => format!("another program has the store {} open", path.display()),
            Self::UseDatabaseTools => "back up and restore a PostgreSQL store with pg_dump and pg_restore".to_owned(),
            Self::Io { path, cause } => format!("cannot read or write {}: {cause}", path.display()),
            Self::Closed => "the store is closed".to_owned(),
            Self::Failed { .. } => "the store could not be read or written".to_owned(),
        }
    }
}

/// Codes of a database that is there, but not for us now: SQLite is busy or locked; PostgreSQL waits for a lock,
/// stops, starts, or has no connection left.
const NOT_NOW: [&str; 9] = ["5", "6", "261", "517", "55P03", "57P01", "57P02", "57P03", "53300"];

fn is_not_now(cause: &dyn sqlx::error::DatabaseError) -> bool {
    cause.code().is_some_and(|code| NOT_NOW.contains(&code.as_ref()))
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Conflict { what: "row" },
            sqlx::Error::Database(cause) if cause.is_foreign_key_violation() => Self::NotFound { what: "row" },
            sqlx::Error::Database(cause) if is_not_now(cause.as_ref()) => {
                Self::Unreachable { address: "database".to_owned(), cause: Arc::new(error) }
            }
            sqlx::Error::RowNotFound => Self::NotFound { what: "row" },
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => {
                Self::Unreachable { address: "database".to_owned(), cause: Arc::new(error) }
            }
            _ => Self::Failed { cause: Arc::new(error) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_told_in_both_languages_and_hides_its_cause() {
        let cause = || Arc::new(sqlx::Error::Protocol("column secret".to_owned()));
        let path = || PathBuf::from("a.db");
        let errors = [
            StoreError::Conflict { what: "turn" },
            StoreError::NotFound { what: "session" },
            StoreError::LaterVersion { found: 9, known: 1 },
            StoreError::BadAddress { address: "mysql://x".to_owned() },
            StoreError::Unreachable { address: "postgres://me@host/db".to_owned(), cause: cause() },
            StoreError::NotAStore { path: path() },
            StoreError::Damaged { path: path(), why: "audit".to_owned() },
            StoreError::Exists { path: path() },
            StoreError::InUse { path: path() },
            StoreError::UseDatabaseTools,
            StoreError::io("a.db", std::io::Error::other("full")),
            StoreError::Closed,
            StoreError::Failed { cause: cause() },
        ];
        for error in errors {
            let (korean, english) = (error.message(Locale::Ko), error.message(Locale::En));
            assert_ne!(korean, english.as_str(), "{error:?}");
            assert!(!korean.contains("secret") && !english.contains("secret"), "{error:?}");
        }
    }
}
