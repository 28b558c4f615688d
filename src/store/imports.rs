//! Results of other evaluators that were imported: whose they are, and when. The scores are JSON that the store does
//! not read.

use super::query::{Record, Row, sql};
use super::{AuditEntry, Store, StoreError, audit};

/// The most imports that are listed.
pub const MAX_IMPORTS: u32 = 10_000;

/// A file of results that was imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportRow {
    /// Hash of the file and of whom it is for: the same file is one import, however often it is read.
    pub id: String,
    /// Whose results they are.
    pub translator: String,
    /// What the evaluator called the model; empty where it does not say.
    pub model: String,
    /// Which evaluator, with its version where it says so.
    pub harness: String,
    /// When it was evaluated, in milliseconds since 1970, where the file says so.
    pub dated: Option<i64>,
    /// When it was imported.
    pub at: i64,
    /// The scores.
    pub scores_json: String,
}

impl Record for ImportRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            translator: row.text("translator")?,
            model: row.text("model")?,
            harness: row.text("harness")?,
            dated: row.maybe_int("dated")?,
            at: row.int("at")?,
            scores_json: row.text("scores_json")?,
        })
    }
}

impl Store {
    /// Keeps an import; whether it is new. One that is kept already stays as it is.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn insert_import(&self, import: ImportRow, audit: Vec<AuditEntry>) -> Result<bool, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let added = sql("INSERT INTO imports (id, translator, model, harness, dated, at, scores_json) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING")
                .text(&import.id)
                .text(&import.translator)
                .text(&import.model)
                .text(&import.harness)
                .maybe_int(import.dated)
                .int(import.at)
                .text(&import.scores_json)
                .run(conn)
                .await?;
                if added > 0 {
                    audit::append(conn, &audit).await?;
                }
                Ok(added > 0)
            })
        })
        .await
    }

    /// Every import, the newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn imports(&self) -> Result<Vec<ImportRow>, StoreError> {
        sql("SELECT id, translator, model, harness, dated, at, scores_json FROM imports ORDER BY at DESC, id LIMIT $1")
            .int(MAX_IMPORTS)
            .all(&mut *self.read().await?)
            .await
    }
}
