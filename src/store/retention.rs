//! Erasing by age. What is erased leaves its audit entries, and one that says so. The
//! freed space is overwritten in SQLite, and in PostgreSQL when it vacuums; copies made before keep what they have.

use sqlx::AnyConnection;

use super::query::sql;
use super::{AuditEntry, ExportRow, Store, StoreError, audit};

/// Who erases by age, in the audit.
const ACTOR: &str = "retention";
/// The most sessions that one transaction erases: others wait no longer than that.
const BATCH: usize = 100;

impl Store {
    /// Erases sessions whose last turn was before a time; how many they were.
    ///
    /// # Errors
    /// Where the database fails; what was erased until then stays erased.
    pub async fn erase_sessions_older_than(&self, at: i64) -> Result<u64, StoreError> {
        let mut erased = 0;
        for ids in self.session_ids_older_than(at).await?.chunks(BATCH) {
            let ids = ids.to_vec();
            erased += self.write(move |conn| Box::pin(async move { erase_sessions(conn, &ids, at).await })).await?;
        }
        Ok(erased)
    }

    /// Erases export jobs that were ordered before a time and have ended; their files are the caller's to remove.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn erase_exports_older_than(&self, at: i64) -> Result<Vec<ExportRow>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let erased: Vec<ExportRow> = sql("DELETE FROM exports WHERE created < $1 AND finished IS NOT NULL \
                     RETURNING id, owner, segment, request_json, state, done_rows, total_rows, files_json, \
                     manifest_json, error, created, finished, expires")
                .int(at)
                .all(conn)
                .await?;
                let entries: Vec<AuditEntry> = erased.iter().map(|e| entry("export.erase", &e.id)).collect();
                audit::append(conn, &entries).await?;
                Ok(erased)
            })
        })
        .await
    }
}

async fn erase_sessions(conn: &mut AnyConnection, ids: &[String], at: i64) -> Result<u64, StoreError> {
    let mut entries = Vec::with_capacity(ids.len());
    for id in ids {
        // One that was taken up again meanwhile stays.
        if erase_session(conn, id, at).await? {
            entries.push(entry("session.erase", id));
        }
    }
    audit::append(conn, &entries).await?;
    Ok(entries.len() as u64)
}

/// Erases a session, with its turns and keys, if its last turn was before a time; whether it did.
pub(super) async fn erase_session(conn: &mut AnyConnection, id: &str, before: i64) -> Result<bool, StoreError> {
    let erased = sql("DELETE FROM sessions WHERE id = $1 AND updated < $2").text(id).int(before).run(conn).await?;
    Ok(erased > 0)
}

fn entry(action: &str, subject: &str) -> AuditEntry {
    AuditEntry {
        actor: ACTOR.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail_json: "{}".to_owned(),
    }
}
