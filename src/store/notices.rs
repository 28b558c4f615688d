//! Versions of the catalog that were seen, and notices of what changed between them.

use sqlx::AnyConnection;

use super::query::{Record, Row, sql};
use super::{Store, StoreError};

/// A version of the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogRow {
    /// The version.
    pub version: String,
    /// What it offers, as JSON.
    pub summary_json: String,
    /// When it last came into use.
    pub at: i64,
}

/// What changed for those who filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoticeRow {
    /// Its id.
    pub id: String,
    /// When.
    pub at: i64,
    /// `new`, `changed` or `ended`.
    pub kind: String,
    /// The filter's category.
    pub category: String,
    /// The filter.
    pub filter: String,
    /// What it says, in Korean.
    pub text_ko: String,
    /// What it says, in English.
    pub text_en: String,
    /// The catalog's version.
    pub catalog: String,
}

impl Record for CatalogRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { version: row.text("version")?, summary_json: row.text("summary_json")?, at: row.int("at")? })
    }
}

impl Record for NoticeRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            at: row.int("at")?,
            kind: row.text("kind")?,
            category: row.text("category")?,
            filter: row.text("filter_name")?,
            text_ko: row.text("text_ko")?,
            text_en: row.text("text_en")?,
            catalog: row.text("catalog_version")?,
        })
    }
}

impl Store {
    /// Keeps the catalog that came into use; the summary of the one before, where it is another one. Of servers
    /// that start together one is told.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn remember_catalog(
        &self,
        version: &str,
        summary_json: &str,
        at: i64,
    ) -> Result<Option<String>, StoreError> {
        let now = CatalogRow { version: version.to_owned(), summary_json: summary_json.to_owned(), at };
        self.write(move |conn| Box::pin(async move { remember(conn, now).await })).await
    }

    /// The versions of the catalog, latest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn catalogs(&self) -> Result<Vec<CatalogRow>, StoreError> {
        sql("SELECT version, summary_json, at FROM catalogs ORDER BY at DESC, version")
            .all(&mut *self.read().await?)
            .await
    }

    /// Keeps notices, all or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is one of the same id.
    pub async fn add_notices(&self, notices: Vec<NoticeRow>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                for notice in &notices {
                    insert(conn, notice).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// The latest notices, newest first; those since a time, where one is given.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn notices(&self, limit: u32, since: Option<i64>) -> Result<Vec<NoticeRow>, StoreError> {
        sql("SELECT id, at, kind, category, filter_name, text_ko, text_en, catalog_version FROM notices \
             WHERE at >= $1 ORDER BY at DESC, id LIMIT $2")
        .int(since.unwrap_or(i64::MIN))
        .int(limit)
        .all(&mut *self.read().await?)
        .await
    }
}

async fn remember(conn: &mut AnyConnection, mut now: CatalogRow) -> Result<Option<String>, StoreError> {
    let latest: Option<CatalogRow> =
        sql("SELECT version, summary_json, at FROM catalogs ORDER BY at DESC, version LIMIT 1").one(conn).await?;
    if latest.as_ref().is_some_and(|before| before.version == now.version) {
        return Ok(None);
    }
    if let Some(before) = &latest {
        // The order of catalogs does not hang on the clocks of several servers.
        now.at = now.at.max(before.at + 1);
    }
    sql("INSERT INTO catalogs (version, summary_json, at) VALUES ($1, $2, $3) \
         ON CONFLICT (version) DO UPDATE SET summary_json = excluded.summary_json, at = excluded.at")
    .text(&now.version)
    .text(&now.summary_json)
    .int(now.at)
    .run(conn)
    .await?;
    Ok(latest.map(|before| before.summary_json))
}

async fn insert(conn: &mut AnyConnection, notice: &NoticeRow) -> Result<(), StoreError> {
    sql("INSERT INTO notices (id, at, kind, category, filter_name, text_ko, text_en, catalog_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .text(&notice.id)
    .int(notice.at)
    .text(&notice.kind)
    .text(&notice.category)
    .text(&notice.filter)
    .text(&notice.text_ko)
    .text(&notice.text_en)
    .text(&notice.catalog)
    .must("notice", conn)
    .await
}
