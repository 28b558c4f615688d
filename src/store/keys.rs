//! API keys: whose they are and what they hash to. The keys themselves are never here.

use super::query::{Record, Row, sql};
use super::{AuditEntry, Store, StoreError, audit};

/// How exactly the last use of a key is kept, in milliseconds: not every request needs a write.
const LAST_USED_STEP: i64 = 60_000;

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// Who it is for.
    pub name: String,
    /// What the key hashes to.
    pub hash: String,
    /// The role it gives.
    pub role: String,
    /// The attributes it gives, as JSON.
    pub attributes_json: String,
    /// When it was made.
    pub created: i64,
    /// When it was last used, to the minute.
    pub last_used: Option<i64>,
    /// When it was revoked, if it is.
    pub revoked: Option<i64>,
}

impl Record for KeyRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            hash: row.text("hash")?,
            role: row.text("role")?,
            attributes_json: row.text("attributes_json")?,
            created: row.int("created")?,
            last_used: row.maybe_int("last_used")?,
            revoked: row.maybe_int("revoked")?,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, hash, role, attributes_json, created, last_used, revoked FROM api_keys ", $rest)
    };
}

impl Store {
    /// Keeps a new key.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is one of this id or hash.
    pub async fn insert_key(&self, key: KeyRow, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                sql("INSERT INTO api_keys (id, name, hash, role, attributes_json, created, last_used, revoked) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
                .text(&key.id)
                .text(&key.name)
                .text(&key.hash)
                .text(&key.role)
                .text(&key.attributes_json)
                .int(key.created)
                .maybe_int(key.last_used)
                .maybe_int(key.revoked)
                .must("key", conn)
                .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// The key of a hash, revoked or not.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn key_by_hash(&self, hash: &str) -> Result<Option<KeyRow>, StoreError> {
        sql(select!("WHERE hash = $1")).text(hash).one(&mut *self.read().await?).await
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        sql(select!("ORDER BY created, id")).all(&mut *self.read().await?).await
    }

    /// Revokes a key; one that is revoked stays so since then.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none of this id.
    pub async fn revoke_key(&self, id: &str, at: i64, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |conn| {
            Box::pin(async move {
                sql("UPDATE api_keys SET revoked = COALESCE(revoked, $2) WHERE id = $1")
                    .text(&id)
                    .int(at)
                    .must("key", conn)
                    .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// Keeps that a key was used, to the minute.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn touch_key(&self, key: &KeyRow, at: i64) -> Result<(), StoreError> {
        if key.last_used.is_some_and(|last| at - last < LAST_USED_STEP) {
            return Ok(());
        }
        let id = key.id.clone();
        self.write(move |conn| {
            Box::pin(async move {
                sql("UPDATE api_keys SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used < $2)")
                    .text(&id)
                    .int(at)
                    .run(conn)
                    .await
                    .map(drop)
            })
        })
        .await
    }
}
