//! The audit: who did what, added to and never changed. Each entry holds the hash of the one before, so that
//! a change, a gap or a swap shows; the end of the chain is kept too, so that a cut shows.
//!
//! The hash is SHA-256 over the fields of an entry, each as `length:bytes,`: no two entries are written alike.
//! Who can write to the database can write a whole new chain. Against that, the head that
//! [`Store::verify_audit`] tells is noted elsewhere from time to time.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use sqlx::AnyConnection;

use super::query::{Record, Row, clean, sql};
use super::{Store, StoreError, clock};

/// What the hash covers first: what it is a hash of, and in which form.
const FORM: &str = "waggle audit 1";

/// What is to be added to the audit. It names no customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditEntry {
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// More of it, as JSON.
    pub detail_json: String,
}

/// An entry of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place; the first is 1.
    pub seq: i64,
    /// When.
    pub at: i64,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// More of it, as JSON.
    pub detail_json: String,
    /// The hash of the entry before.
    pub previous: String,
    /// The hash of this one.
    pub hash: String,
}

impl AuditRow {
    /// What the hash should be.
    pub(super) fn digest(&self) -> String {
        let mut text = String::new();
        let fields = [
            FORM,
            &self.seq.to_string(),
            &self.at.to_string(),
            &self.actor,
            &self.action,
            &self.subject,
            &self.detail_json,
            &self.previous,
        ];
        for field in fields {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}:{field},", field.len());
        }
        Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// Which entries of the audit are looked for. Texts that are empty look for everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditWanted {
    /// Only after this place.
    pub after: i64,
    /// Only before this place.
    pub before: i64,
    /// Only from this time on, in milliseconds since 1970.
    pub since: i64,
    /// Only until this time.
    pub until: i64,
    /// Only what somebody did.
    pub actor: String,
    /// Only actions that begin so.
    pub action: String,
    /// Only what was done to something.
    pub subject: String,
    /// The newest first, instead of in order.
    pub newest_first: bool,
}

impl Default for AuditWanted {
    fn default() -> Self {
        Self {
            after: 0,
            before: i64::MAX,
            since: i64::MIN,
            until: i64::MAX,
            actor: String::new(),
            action: String::new(),
            subject: String::new(),
            newest_first: false,
        }
    }
}

impl Record for AuditRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.int("seq")?,
            at: row.int("at")?,
            actor: row.text("actor")?,
            action: row.text("action")?,
            subject: row.text("subject")?,
            detail_json: row.text("detail_json")?,
            previous: row.text("previous")?,
            hash: row.text("hash")?,
        })
    }
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The last entry; 0 before the first.
    pub(super) seq: i64,
    /// Its hash.
    pub(super) hash: String,
}

impl Record for Head {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { seq: row.int("seq")?, hash: row.text("hash")? })
    }
}

impl Store {
    /// Adds to the audit, all or nothing.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn append_audit(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| Box::pin(async move { append(conn, &entries).await })).await
    }

    /// Entries after a place, in order.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn audit_page(&self, after_seq: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        page(&mut *self.read().await?, after_seq, limit).await
    }

    /// Entries that are looked for, `limit` of them at most.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn find_audit(&self, wanted: &AuditWanted, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let found = if wanted.newest_first {
            sql("SELECT seq, at, actor, action, subject, detail_json, previous, hash FROM audit \
                 WHERE seq > $1 AND seq < $2 AND at >= $3 AND at < $4 AND ($5 = '' OR actor = $6) \
                 AND ($7 = '' OR subject = $8) AND substr(action, 1, length($9)) = $10 ORDER BY seq DESC LIMIT $11")
        } else {
            sql("SELECT seq, at, actor, action, subject, detail_json, previous, hash FROM audit \
                 WHERE seq > $1 AND seq < $2 AND at >= $3 AND at < $4 AND ($5 = '' OR actor = $6) \
                 AND ($7 = '' OR subject = $8) AND substr(action, 1, length($9)) = $10 ORDER BY seq LIMIT $11")
        };
        found
            .int(wanted.after)
            .int(wanted.before)
            .int(wanted.since)
            .int(wanted.until)
            .text(&wanted.actor)
            .text(&wanted.actor)
            .text(&wanted.subject)
            .text(&wanted.subject)
            .text(&wanted.action)
            .text(&wanted.action)
            .int(limit)
            .all(&mut *self.read().await?)
            .await
    }
}

/// Where the chain ends.
pub(super) async fn head(conn: &mut AnyConnection) -> Result<Head, StoreError> {
    let head = sql("SELECT seq, hash FROM audit_head WHERE id = 1").one(conn).await?;
    head.ok_or(StoreError::NotFound { what: "audit" })
}

/// Entries after a place, in order.
pub(super) async fn page(conn: &mut AnyConnection, after: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
    sql("SELECT seq, at, actor, action, subject, detail_json, previous, hash FROM audit \
         WHERE seq > $1 ORDER BY seq LIMIT $2")
    .int(after)
    .int(limit)
    .all(conn)
    .await
}

/// Adds to the audit within a write. There is one writer, so the chain's end stays where it is read.
pub(super) async fn append(conn: &mut AnyConnection, entries: &[AuditEntry]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut end = head(conn).await?;
    let at = clock::now();
    for entry in entries {
        end = insert(conn, end, at, entry).await?;
    }
    sql("UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1").int(end.seq).text(&end.hash).must("audit", conn).await
}

async fn insert(conn: &mut AnyConnection, end: Head, at: i64, entry: &AuditEntry) -> Result<Head, StoreError> {
    let mut row = AuditRow {
        seq: end.seq + 1,
        at,
        actor: clean(&entry.actor),
        action: clean(&entry.action),
        subject: clean(&entry.subject),
        detail_json: clean(&entry.detail_json),
        previous: end.hash,
        hash: String::new(),
    };
    row.hash = row.digest();
    sql("INSERT INTO audit (seq, at, actor, action, subject, detail_json, previous, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .int(row.seq)
    .int(row.at)
    .text(&row.actor)
    .text(&row.action)
    .text(&row.subject)
    .text(&row.detail_json)
    .text(&row.previous)
    .text(&row.hash)
    .must("audit", conn)
    .await?;
    Ok(Head { seq: row.seq, hash: row.hash })
}
