//! Export jobs: what was ordered, how far it is, which files came of it and until when they are kept.

use super::query::{Record, Row, Statement, sql};
use super::{AuditEntry, Store, StoreError, audit};

/// An export job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportRow {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// The saved segment that it exports, where it is one.
    pub segment: Option<String>,
    /// What was ordered, as JSON.
    pub request_json: String,
    /// How it stands, in the words of who runs it.
    pub state: String,
    /// Rows written so far.
    pub done_rows: i64,
    /// Rows to write, once they are counted.
    pub total_rows: Option<i64>,
    /// Its files, as JSON; none before there are any and after they expired.
    pub files_json: Option<String>,
    /// Its manifest, as JSON.
    pub manifest_json: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was ordered.
    pub created: i64,
    /// When it ended, well or not.
    pub finished: Option<i64>,
    /// When its files expire.
    pub expires: Option<i64>,
}

impl Record for ExportRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            owner: row.text("owner")?,
            segment: row.maybe_text("segment")?,
            request_json: row.text("request_json")?,
            state: row.text("state")?,
            done_rows: row.int("done_rows")?,
            total_rows: row.maybe_int("total_rows")?,
            files_json: row.maybe_text("files_json")?,
            manifest_json: row.maybe_text("manifest_json")?,
            error: row.maybe_text("error")?,
            created: row.int("created")?,
            finished: row.maybe_int("finished")?,
            expires: row.maybe_int("expires")?,
        })
    }
}

/// How many jobs are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportTotal {
    /// The state.
    pub state: String,
    /// Jobs in it.
    pub jobs: i64,
    /// Rows that they have written.
    pub rows: i64,
}

impl Record for ExportTotal {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { state: row.text("state")?, jobs: row.int("jobs")?, rows: row.int("written")? })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, owner, segment, request_json, state, done_rows, total_rows, files_json, manifest_json, error, ",
            "created, finished, expires FROM exports ",
            $rest
        )
    };
}

impl Store {
    /// Keeps a new job.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is one of this id.
    pub async fn insert_export(&self, export: ExportRow, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let statement = sql("INSERT INTO exports (id, state, done_rows, total_rows, files_json, \
                     manifest_json, error, finished, expires, owner, segment, request_json, created) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
                bind_state(statement, &export)
                    .text(&export.owner)
                    .maybe_text(export.segment.as_deref())
                    .text(&export.request_json)
                    .int(export.created)
                    .must("export", conn)
                    .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// Keeps how a job stands: all but what was ordered, when and by whom.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none of this id.
    pub async fn update_export(&self, export: ExportRow, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let statement = sql("UPDATE exports SET state = $2, done_rows = $3, total_rows = $4, \
                     files_json = $5, manifest_json = $6, error = $7, finished = $8, expires = $9 WHERE id = $1");
                bind_state(statement, &export).must("export", conn).await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// A job.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn export(&self, id: &str) -> Result<Option<ExportRow>, StoreError> {
        sql(select!("WHERE id = $1")).text(id).one(&mut *self.read().await?).await
    }

    /// The jobs of an owner, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn exports(&self, owner: &str, limit: u32) -> Result<Vec<ExportRow>, StoreError> {
        sql(select!("WHERE owner = $1 ORDER BY created DESC, id LIMIT $2"))
            .text(owner)
            .int(limit)
            .all(&mut *self.read().await?)
            .await
    }

    /// How many jobs are kept, by state.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn export_totals(&self) -> Result<Vec<ExportTotal>, StoreError> {
        // A sum is of a wider type in PostgreSQL.
        sql("SELECT state, COUNT(*) AS jobs, CAST(COALESCE(SUM(done_rows), 0) AS BIGINT) AS written FROM exports \
             GROUP BY state ORDER BY state")
        .all(&mut *self.read().await?)
        .await
    }

    /// Jobs whose files have expired and are still there.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn expired_exports(&self, now: i64) -> Result<Vec<ExportRow>, StoreError> {
        sql(select!("WHERE expires <= $1 AND files_json IS NOT NULL ORDER BY expires, id"))
            .int(now)
            .all(&mut *self.read().await?)
            .await
    }

    /// Jobs that have not ended: after a restart nobody works on them any more.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn unfinished_exports(&self) -> Result<Vec<ExportRow>, StoreError> {
        sql(select!("WHERE finished IS NULL ORDER BY created, id")).all(&mut *self.read().await?).await
    }
}

/// The first nine values: the id and what changes while a job runs.
fn bind_state(statement: Statement, export: &ExportRow) -> Statement {
    statement
        .text(&export.id)
        .text(&export.state)
        .int(export.done_rows)
        .maybe_int(export.total_rows)
        .maybe_text(export.files_json.as_deref())
        .maybe_text(export.manifest_json.as_deref())
        .maybe_text(export.error.as_deref())
        .maybe_int(export.finished)
        .maybe_int(export.expires)
}
