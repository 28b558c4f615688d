//! The tables, as numbered SQL files that are run in order, each once and whole. A file is never changed
//! after a release: what changes is a new file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};

use super::query::sql;
use super::writer::Begin;
use super::{StoreError, clock};

/// Which database it is, where their SQL differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Database {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

struct Migration {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Migration {
    const fn both(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    fn text(&self, database: Database) -> &'static str {
        match database {
            Database::Sqlite => self.sqlite,
            Database::Postgres => self.postgres,
        }
    }
}

/// The first is version 1.
const MIGRATIONS: [Migration; 4] = [
    Migration::both(include_str!("migrations/0001_tables.sql")),
    Migration {
        sqlite: include_str!("migrations/0002_append_only.sqlite.sql"),
        postgres: include_str!("migrations/0002_append_only.postgres.sql"),
    },
    Migration::both(include_str!("migrations/0003_runs.sql")),
    Migration::both(include_str!("migrations/0004_imports.sql")),
];

/// The version of the tables that this program writes.
#[expect(clippy::cast_possible_wrap, reason = "there are a few of them")]
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// What marks a file as ours in its header: "WGGL".
const APPLICATION_ID: i64 = 0x5747_474c;

/// SQLite's codes: "file is not a database", and "database is locked" by another.
const NOT_A_DATABASE: &str = "26";
const BUSY: &str = "5";

/// Another program that opens the same new file holds it for a moment; SQLite does not wait for that itself.
const WAL_ATTEMPTS: u32 = 50;
const WAL_PAUSE: Duration = Duration::from_millis(100);

/// Brings a store to this version; refuses one that is not ours, and one of a later version.
pub(super) async fn bring_up(
    conn: &mut AnyConnection,
    database: Database,
    begin: Begin,
    shown: &str,
) -> Result<(), StoreError> {
    if database == Database::Sqlite {
        let path = PathBuf::from(shown);
        // In this order: another program that is making the store does both at once.
        if !is_empty(conn, &path).await? && !is_ours(conn, &path).await? {
            return Err(StoreError::NotAStore { path });
        }
    }
    while step(conn, database, begin).await? {}
    if database == Database::Sqlite {
        switch_to_wal(conn).await?;
    }
    Ok(())
}

/// Whether a file is a store of Waggle.
pub(super) async fn is_ours(conn: &mut AnyConnection, path: &Path) -> Result<bool, StoreError> {
    let id = first_look(conn, path, "SELECT application_id AS value FROM pragma_application_id").await?;
    Ok(id == Some(APPLICATION_ID))
}

async fn is_empty(conn: &mut AnyConnection, path: &Path) -> Result<bool, StoreError> {
    let tables = first_look(conn, path, "SELECT COUNT(*) AS value FROM sqlite_master").await?;
    Ok(tables == Some(0))
}

/// Reads a number from a file that may be anything.
async fn first_look(conn: &mut AnyConnection, path: &Path, text: &'static str) -> Result<Option<i64>, StoreError> {
    sql(text).one(conn).await.map_err(|error| match error {
        StoreError::Failed { cause } if code(&cause).as_deref() == Some(NOT_A_DATABASE) => {
            StoreError::NotAStore { path: path.to_owned() }
        }
        other => other,
    })
}

/// The version of a store that is ours.
pub(super) async fn version(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let found = sql("SELECT COALESCE(MAX(version), 0) AS value FROM schema_version").one(conn).await?;
    Ok(found.unwrap_or(0))
}

/// Refuses a later version than this program's.
pub(super) fn refuse_later(found: i64) -> Result<(), StoreError> {
    if found > SCHEMA_VERSION { Err(StoreError::LaterVersion { found, known: SCHEMA_VERSION }) } else { Ok(()) }
}

/// One migration in one transaction; whether there was one to run. Several servers may come here at once.
async fn step(conn: &mut AnyConnection, database: Database, begin: Begin) -> Result<bool, StoreError> {
    let mut transaction = conn.begin_with(begin.statement).await?;
    if let Some(lock) = begin.lock {
        sql(lock).run(&mut transaction).await?;
    }
    sql("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, at BIGINT NOT NULL)")
        .run(&mut transaction)
        .await?;
    let found = version(&mut transaction).await?;
    refuse_later(found)?;
    let Some(migration) = usize::try_from(found).ok().and_then(|done| MIGRATIONS.get(done)) else {
        return Ok(false);
    };
    sqlx::raw_sql(migration.text(database)).execute(&mut *transaction).await?;
    if database == Database::Sqlite {
        sqlx::raw_sql("PRAGMA application_id = 0x5747474c").execute(&mut *transaction).await?;
    }
    sql("INSERT INTO schema_version (version, at) VALUES ($1, $2)")
        .int(found + 1)
        .int(clock::now())
        .run(&mut transaction)
        .await?;
    transaction.commit().await?;
    Ok(true)
}

async fn switch_to_wal(conn: &mut AnyConnection) -> Result<(), StoreError> {
    for _ in 1..WAL_ATTEMPTS {
        match sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut *conn).await {
            Err(cause) if code(&cause).as_deref() == Some(BUSY) => tokio::time::sleep(WAL_PAUSE).await,
            other => return Ok(other.map(drop)?),
        }
    }
    Ok(sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(conn).await.map(drop)?)
}

/// The database's own code of an error.
fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
