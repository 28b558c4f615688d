//! What each caller was told lately, for the guard against differencing: two answers that differ by a few
//! lines would tell of those few.

use super::query::{Record, Row, sql};
use super::{Store, StoreError};

/// A number that a caller was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// Who.
    pub caller: String,
    /// When.
    pub at: i64,
    /// What kind of answer.
    pub kind: String,
    /// What was counted.
    pub key: String,
    /// How many.
    pub count: i64,
}

impl Record for AnswerRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            caller: row.text("caller")?,
            at: row.int("at")?,
            kind: row.text("kind")?,
            key: row.text("answer_key")?,
            count: row.int("n")?,
        })
    }
}

impl Store {
    /// Remembers what a caller was told.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn add_answer(&self, answer: AnswerRow) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                sql("INSERT INTO told (caller, at, kind, answer_key, n) VALUES ($1, $2, $3, $4, $5)")
                    .text(&answer.caller)
                    .int(answer.at)
                    .text(&answer.kind)
                    .text(&answer.key)
                    .int(answer.count)
                    .must("answer", conn)
                    .await
            })
        })
        .await
    }

    /// What a caller was told last, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn recent_answers(&self, caller: &str, limit: u32) -> Result<Vec<AnswerRow>, StoreError> {
        sql("SELECT caller, at, kind, answer_key, n FROM told WHERE caller = $1 ORDER BY at DESC LIMIT $2")
            .text(caller)
            .int(limit)
            .all(&mut *self.read().await?)
            .await
    }

    /// Forgets what was told before a time; how many answers that were.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn forget_answers_before(&self, at: i64) -> Result<u64, StoreError> {
        self.write(move |conn| Box::pin(async move { sql("DELETE FROM told WHERE at < $1").int(at).run(conn).await }))
            .await
    }
}
