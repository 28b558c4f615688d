//! Opening and closing a store: its connections, and how each is set up.

use std::fmt;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::any::{Any, AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Connection as _};

use super::StoreError;
use super::address::{self, Place};
use super::migrations::{self, Database};
use super::query::sql;
use super::writer::{Begin, Steps, Writer};

/// Connections that read.
const READERS: u32 = 8;
/// How long a caller waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long opening a store may wait for its database to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the store may take to say that it is well.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// How a connection to SQLite is set up: what is acknowledged is on the disk (FULL), erased text is
/// overwritten, and another program's write is waited for.
const SQLITE_WRITER: &str =
    "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON";
const SQLITE_READER: &str = "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; PRAGMA query_only = ON";
/// The same for PostgreSQL: a server that stops in the middle of a write holds up the others for a minute at most.
const POSTGRES_WRITER: &str = "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'";
const POSTGRES_READER: &str = "SET default_transaction_read_only = on; SET statement_timeout = '60s'";

/// Everything that Waggle keeps. Clones share it.
#[derive(Clone)]
pub struct Store {
    place: Place,
    reader: AnyPool,
    writer: Writer,
}

/// Connections show the address that they were opened with, and its password.
impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.place).finish()
    }
}

impl Store {
    /// Opens a path, `sqlite:path` or `postgres://…`; makes the file and its folder where they are missing,
    /// and brings an older store to this version.
    ///
    /// # Errors
    /// Where the database cannot be reached, is no store, or was written by a later version.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let place = Place::parse(address)?;
        let (url, database, begin, setups) = match &place {
            Place::File(path) => {
                address::create(path)?;
                (address::file_url(path, "rw")?, Database::Sqlite, SQLITE_BEGIN, (SQLITE_WRITER, SQLITE_READER))
            }
            Place::Postgres(url) => {
                (url.clone(), Database::Postgres, POSTGRES_BEGIN, (POSTGRES_WRITER, POSTGRES_READER))
            }
        };
        let shown = place.shown();
        let mut first = connect(&url, &shown).await?;
        let prepared = migrations::bring_up(&mut first, database, begin, &shown).await;
        // It has done its work, or failed at it; either way its closing changes nothing.
        let _ = first.close().await;
        prepared?;
        let writer = pool(&url, &shown, 1, setups.0)?;
        let reader = pool(&url, &shown, READERS, setups.1)?;
        Ok(Self { place, reader, writer: Writer::start(writer, begin) })
    }

    /// Ends what is being written and closes all connections; every clone is closed with it.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }

    /// Whether the store can be read and written now.
    ///
    /// # Errors
    /// Where it cannot, or not soon.
    pub async fn check(&self) -> Result<(), StoreError> {
        let both = async {
            sql("SELECT 1").run(&mut *self.read().await?).await?;
            self.write(|conn| Box::pin(async { sql("SELECT 1").run(conn).await.map(drop) })).await
        };
        match tokio::time::timeout(CHECK_TIMEOUT, both).await {
            Ok(result) => result,
            Err(_) => Err(StoreError::unreachable(&self.place.shown(), sqlx::Error::PoolTimedOut)),
        }
    }

    /// Where it is, without a password.
    #[must_use]
    pub fn address(&self) -> String {
        self.place.shown()
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// A connection to read with.
    pub(super) async fn read(&self) -> Result<PoolConnection<Any>, StoreError> {
        self.reader.acquire().await.map_err(|cause| self.located(cause.into()))
    }

    /// Does a write; what it gives is on the disk.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: for<'c> FnOnce(&'c mut AnyConnection) -> Steps<'c, T> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.write(work).await.map_err(|error| self.located(error))
    }

    fn located(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Unreachable { cause, .. } => StoreError::Unreachable { address: self.address(), cause },
            other => other,
        }
    }
}

pub(super) const SQLITE_BEGIN: Begin = Begin { statement: "BEGIN IMMEDIATE", lock: None };
/// The number is Waggle's own, and means nothing.
const POSTGRES_BEGIN: Begin =
    Begin { statement: "BEGIN", lock: Some("SELECT 1 AS value FROM pg_advisory_xact_lock(8731005520426117)") };

/// One connection outside the pools. What it runs is not logged: statements are no news, and values are private.
pub(super) async fn connect(url: &str, shown: &str) -> Result<AnyConnection, StoreError> {
    sqlx::any::install_default_drivers();
    let options = options(url, shown)?;
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await;
    connected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|cause| StoreError::unreachable(shown, cause))
}

/// One connection to a file that must be there.
pub(super) async fn connect_file(path: &Path, mode: &str) -> Result<AnyConnection, StoreError> {
    connect(&address::file_url(path, mode)?, &path.display().to_string()).await
}

fn options(url: &str, shown: &str) -> Result<AnyConnectOptions, StoreError> {
    let options = AnyConnectOptions::from_str(url).map_err(|cause| StoreError::unreachable(shown, cause))?;
    Ok(options.disable_statement_logging())
}

fn pool(url: &str, shown: &str, size: u32, setup: &'static str) -> Result<AnyPool, StoreError> {
    let pool = AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |conn, _| Box::pin(async move { sqlx::raw_sql(setup).execute(conn).await.map(drop) }))
        .connect_lazy_with(options(url, shown)?);
    Ok(pool)
}
