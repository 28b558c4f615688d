//! Sessions: whose they are, what they are called, where they stand.

use super::query::{Record, Row, sql};
use super::retention::erase_session;
use super::{AuditEntry, Store, StoreError, audit};

/// A session, without its turns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// What it is called.
    pub title: Option<String>,
    /// The language it is held in.
    pub locale: Option<String>,
    /// The turn it stands at; 0 before the first.
    pub head: u32,
    /// When it began.
    pub created: i64,
    /// When its last turn was.
    pub updated: i64,
}

impl Record for SessionRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            owner: row.text("owner")?,
            title: row.maybe_text("title")?,
            locale: row.maybe_text("locale")?,
            head: row.number("head")?,
            created: row.int("created")?,
            updated: row.int("updated")?,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, owner, title, locale, head, created, updated FROM sessions ", $rest)
    };
}

impl Store {
    /// Keeps a new session.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is a session of this id.
    pub async fn create_session(&self, session: SessionRow, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                sql("INSERT INTO sessions (id, owner, title, locale, head, created, updated) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)")
                .text(&session.id)
                .text(&session.owner)
                .maybe_text(session.title.as_deref())
                .maybe_text(session.locale.as_deref())
                .int(session.head)
                .int(session.created)
                .int(session.updated)
                .must("session", conn)
                .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// A session; none where it never was or was deleted.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError> {
        sql(select!("WHERE id = $1")).text(id).one(&mut *self.read().await?).await
    }

    /// Sessions of an owner, newest first; those before a time of [`SessionRow::updated`], where one is given.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn sessions(&self, owner: &str, limit: u32, before: Option<i64>) -> Result<Vec<SessionRow>, StoreError> {
        sql(select!("WHERE owner = $1 AND updated < $2 ORDER BY updated DESC, id LIMIT $3"))
            .text(owner)
            .int(before.unwrap_or(i64::MAX))
            .int(limit)
            .all(&mut *self.read().await?)
            .await
    }

    /// Sessions whose last turn was before a time, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn session_ids_older_than(&self, at: i64) -> Result<Vec<String>, StoreError> {
        sql("SELECT id AS value FROM sessions WHERE updated < $1 ORDER BY updated, id")
            .int(at)
            .all(&mut *self.read().await?)
            .await
    }

    /// Gives a session another title.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none of this id.
    pub async fn rename_session(&self, id: &str, title: Option<&str>) -> Result<(), StoreError> {
        let (id, title) = (id.to_owned(), title.map(str::to_owned));
        self.write(move |conn| {
            Box::pin(async move {
                sql("UPDATE sessions SET title = $2 WHERE id = $1")
                    .text(&id)
                    .maybe_text(title.as_deref())
                    .must("session", conn)
                    .await
            })
        })
        .await
    }

    /// Erases a session: its turns, what was typed, its answers. What was saved from it, feedback that was given
    /// on it, and its audit entries stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none of this id.
    pub async fn delete_session(&self, id: &str, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |conn| {
            Box::pin(async move {
                if !erase_session(conn, &id, i64::MAX).await? {
                    return Err(StoreError::NotFound { what: "session" });
                }
                audit::append(conn, &audit).await
            })
        })
        .await
    }
}
