//! Turns: what was asked, what it was read as and what was answered, with all that a turn does, in one
//! transaction. A turn is never overwritten.

use sqlx::AnyConnection;

use super::query::{Record, Row, sql};
use super::segments::{SavedSegment, save};
use super::{AuditEntry, SegmentWrite, Store, StoreError, audit, usage};

/// A turn that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnRow {
    /// Its number in the session.
    pub turn: u32,
    /// What it was read as: the node of the session's tree, as JSON.
    pub node: String,
    /// What was answered, as JSON.
    pub answer: String,
    /// When.
    pub at: i64,
}

/// The key of a request that may be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotent {
    /// The key that the client chose.
    pub key: String,
    /// A hash of the request: another request under the same key is a mistake.
    pub request_hash: String,
}

/// A turn, and all that it does besides.
#[derive(Debug, Clone, Default)]
pub struct TurnWrite {
    /// The session.
    pub session: String,
    /// Its number: the session stands there afterwards.
    pub turn: u32,
    /// The node of the session's tree, as JSON.
    pub node: String,
    /// The answer, as JSON.
    pub answer: String,
    /// When.
    pub at: i64,
    /// A new title of the session.
    pub title: Option<String>,
    /// The request's key, where it has one.
    pub idempotent: Option<Idempotent>,
    /// Filters that were used: field and category.
    pub usage: Vec<(String, String)>,
    /// Segments that it saves.
    pub segments: Vec<SegmentWrite>,
    /// What the audit says of it.
    pub audit: Vec<AuditEntry>,
}

/// What was answered to a request that is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The hash of the first request.
    pub request_hash: String,
    /// The turn it made.
    pub turn: u32,
    /// Its answer, as JSON.
    pub answer: String,
}

impl Record for TurnRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { turn: row.number("turn")?, node: row.text("node")?, answer: row.text("answer")?, at: row.int("at")? })
    }
}

impl Record for Replay {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { request_hash: row.text("request_hash")?, turn: row.number("turn")?, answer: row.text("answer")? })
    }
}

impl Store {
    /// The turns of a session, in order.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn turns(&self, session: &str) -> Result<Vec<TurnRow>, StoreError> {
        sql("SELECT turn, node, answer, at FROM turns WHERE session = $1 ORDER BY turn")
            .text(session)
            .all(&mut *self.read().await?)
            .await
    }

    /// Keeps a turn with all that it does, whole or not at all; the segments as they were saved.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the session has a turn of this number or an answer to this key already;
    /// [`StoreError::NotFound`] where there is no such session.
    pub async fn add_turn(&self, turn: TurnWrite) -> Result<Vec<SavedSegment>, StoreError> {
        self.write(move |conn| Box::pin(async move { add(conn, turn).await })).await
    }

    /// What was answered to a request with this key.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn replay(&self, session: &str, key: &str) -> Result<Option<Replay>, StoreError> {
        sql("SELECT i.request_hash, i.turn, t.answer FROM idempotency i \
             JOIN turns t ON t.session = i.session AND t.turn = i.turn \
             WHERE i.session = $1 AND i.request_key = $2")
        .text(session)
        .text(key)
        .one(&mut *self.read().await?)
        .await
    }
}

async fn add(conn: &mut AnyConnection, turn: TurnWrite) -> Result<Vec<SavedSegment>, StoreError> {
    sql("UPDATE sessions SET head = $2, updated = $3, title = COALESCE($4, title) WHERE id = $1")
        .text(&turn.session)
        .int(turn.turn)
        .int(turn.at)
        .maybe_text(turn.title.as_deref())
        .must("session", conn)
        .await?;
    sql("INSERT INTO turns (session, turn, node, answer, at) VALUES ($1, $2, $3, $4, $5)")
        .text(&turn.session)
        .int(turn.turn)
        .text(&turn.node)
        .text(&turn.answer)
        .int(turn.at)
        .must("turn", conn)
        .await?;
    if let Some(idempotent) = &turn.idempotent {
        sql("INSERT INTO idempotency (session, request_key, request_hash, turn) VALUES ($1, $2, $3, $4)")
            .text(&turn.session)
            .text(&idempotent.key)
            .text(&idempotent.request_hash)
            .int(turn.turn)
            .must("key", conn)
            .await?;
    }
    usage::count(conn, &turn.usage).await?;
    let mut saved = Vec::with_capacity(turn.segments.len());
    for segment in &turn.segments {
        saved.push(save(conn, segment).await?);
    }
    audit::append(conn, &turn.audit).await?;
    Ok(saved)
}
