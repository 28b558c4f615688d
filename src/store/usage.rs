//! Which filters are used how often. Nothing here says by whom.

use sqlx::AnyConnection;

use super::query::{Record, Row, sql};
use super::{Store, StoreError};

/// A category, a field of it, and how often it was used.
type Used = (String, String, i64);

impl Record for Used {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok((row.text("category")?, row.text("field")?, row.int("n")?))
    }
}

impl Store {
    /// How often each filter was used: category, field, count; most used first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn usage(&self) -> Result<Vec<(String, String, i64)>, StoreError> {
        sql("SELECT category, field, n FROM filter_usage ORDER BY n DESC, category, field")
            .all(&mut *self.read().await?)
            .await
    }
}

/// Counts filters, given as field and category, within a write.
pub(super) async fn count(conn: &mut AnyConnection, used: &[(String, String)]) -> Result<(), StoreError> {
    for (field, category) in used {
        sql("INSERT INTO filter_usage (category, field, n) VALUES ($1, $2, 1) \
             ON CONFLICT (category, field) DO UPDATE SET n = filter_usage.n + 1")
        .text(category)
        .text(field)
        .run(conn)
        .await?;
    }
    Ok(())
}
