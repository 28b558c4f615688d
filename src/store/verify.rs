//! Whether the audit is as it was written: the chain is followed from its first entry to the end that is kept.

use sqlx::AnyConnection;

use super::audit::{AuditRow, Head, head, page};
use super::query::sql;
use super::{Store, StoreError};
use crate::catalog::Locale;

/// Entries that are read at a time.
const PAGE: u32 = 1_000;
/// What the first entry holds as the hash before it.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How the audit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Entries that hang together, from the first on.
    pub entries: u64,
    /// The hash of the last of them: noted elsewhere, it shows a chain that was written anew.
    pub head: String,
    /// The first place where the chain is broken.
    pub broken: Option<AuditBreak>,
}

impl AuditVerdict {
    /// Whether the audit is as it was written.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.broken.is_none()
    }
}

/// Where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditBreak {
    /// The entry.
    pub seq: i64,
    /// What is wrong with it.
    pub why: AuditFault,
}

/// What can be wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditFault {
    /// It is missing.
    Missing,
    /// It is not what its hash says.
    Changed,
    /// It does not follow the one before.
    Unchained,
    /// It is not the end that was kept.
    WrongEnd,
}

impl AuditBreak {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let seq = self.seq;
        match (locale, self.why) {
            (Locale::Ko, AuditFault::Missing) => format!("감사 기록 {seq}번이 없습니다"),
            (Locale::Ko, AuditFault::Changed) => format!("감사 기록 {seq}번의 내용이 바뀌었습니다"),
            (Locale::Ko, AuditFault::Unchained) => format!("감사 기록 {seq}번이 앞 기록과 이어지지 않습니다"),
            (Locale::Ko, AuditFault::WrongEnd) => format!("감사 기록 {seq}번이 저장된 마지막 기록과 다릅니다"),
            (Locale::En, AuditFault::Missing) => format!("audit entry {seq} is missing"),
            (Locale::En, AuditFault::Changed) => format!("audit entry {seq} was changed"),
            (Locale::En, AuditFault::Unchained) => format!("audit entry {seq} does not follow the one before"),
            (Locale::En, AuditFault::WrongEnd) => format!("audit entry {seq} is not the end that was kept"),
        }
    }
}

impl Store {
    /// Follows the chain to where it ends now, telling how many entries of how many are done.
    ///
    /// # Errors
    /// Where the database fails; a broken chain is a verdict.
    pub async fn verify_audit(&self, progress: impl FnMut(u64, u64) + Send) -> Result<AuditVerdict, StoreError> {
        verify(&mut *self.read().await?, progress).await
    }
}

/// Follows the chain over one connection.
pub(super) async fn verify(
    conn: &mut AnyConnection,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<AuditVerdict, StoreError> {
    // Read before the end that is kept, it is not beyond it.
    let last = sql("SELECT COALESCE(MAX(seq), 0) AS value FROM audit").one::<i64>(conn).await?.unwrap_or(0);
    let end = head(conn).await?;
    let mut reached = Head { seq: 0, hash: GENESIS.to_owned() };
    while reached.seq < end.seq {
        let rows = page(conn, reached.seq, PAGE).await?;
        if rows.is_empty() {
            let seq = reached.seq + 1;
            return Ok(verdict(reached, Some(AuditBreak { seq, why: AuditFault::Missing })));
        }
        for row in rows {
            if let Some(broken) = follow(&reached, &row) {
                return Ok(verdict(reached, Some(broken)));
            }
            reached = Head { seq: row.seq, hash: row.hash };
            // What was added since is for the next time.
            if reached.seq == end.seq {
                break;
            }
        }
        progress(unsigned(reached.seq), unsigned(end.seq));
    }
    let broken = if reached != end {
        Some(AuditBreak { seq: end.seq, why: AuditFault::WrongEnd })
    } else if last > end.seq {
        Some(AuditBreak { seq: end.seq + 1, why: AuditFault::WrongEnd })
    } else {
        None
    };
    Ok(verdict(reached, broken))
}

fn verdict(reached: Head, broken: Option<AuditBreak>) -> AuditVerdict {
    AuditVerdict { entries: unsigned(reached.seq), head: reached.hash, broken }
}

fn follow(reached: &Head, row: &AuditRow) -> Option<AuditBreak> {
    let expected = reached.seq + 1;
    let why = if row.seq != expected {
        return Some(AuditBreak { seq: expected, why: AuditFault::Missing });
    } else if row.digest() != row.hash {
        AuditFault::Changed
    } else if row.previous != reached.hash {
        AuditFault::Unchained
    } else {
        return None;
    };
    Some(AuditBreak { seq: row.seq, why })
}

fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}
