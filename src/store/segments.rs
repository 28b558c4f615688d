//! Saved segments: their names, the versions of their definitions, and what they counted when.

use sqlx::AnyConnection;

use super::query::{Record, Row, sql};
use super::{AuditEntry, Store, StoreError, audit};

/// A saved segment, without its definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// Its name as it was typed.
    pub name: String,
    /// Its name as names are compared.
    pub folded_name: String,
    /// What it is for.
    pub description: String,
    /// Whether others see it.
    pub public: bool,
    /// The latest version of its definition; the first is 1.
    pub version: u32,
    /// When it was first saved.
    pub created: i64,
    /// When it last changed.
    pub updated: i64,
    /// When it was deleted, if it is.
    pub deleted: Option<i64>,
}

/// A definition of a segment, as it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentVersion {
    /// The segment.
    pub segment: String,
    /// The version.
    pub version: u32,
    /// The typed expression, as JSON.
    pub segment_json: String,
    /// The canonical text.
    pub text: String,
    /// The catalog's version.
    pub catalog: String,
    /// The data's version.
    pub data: String,
    /// The session that it was saved in.
    pub session: Option<String>,
    /// The turn that it was saved at.
    pub turn: Option<u32>,
    /// When.
    pub at: i64,
}

/// What a segment counted at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountPoint {
    /// The segment.
    pub segment: String,
    /// The version of its definition.
    pub version: u32,
    /// When.
    pub at: i64,
    /// The data's version.
    pub data: String,
    /// The catalog's version.
    pub catalog: String,
    /// How many; none where they are below the minimum.
    pub count: Option<i64>,
}

/// A segment to save: a new one, or the next version of the owner's segment of this name.
#[derive(Debug, Clone, Default)]
pub struct SegmentWrite {
    /// Its id, where it is new.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// Its name as it was typed.
    pub name: String,
    /// Its name as names are compared.
    pub folded_name: String,
    /// What it is for; without one the description stays.
    pub description: Option<String>,
    /// Whether others see it; without a word it stays as it is, and is private where it is new.
    pub public: Option<bool>,
    /// The typed expression, as JSON.
    pub segment_json: String,
    /// The canonical text.
    pub text: String,
    /// The catalog's version.
    pub catalog: String,
    /// The data's version.
    pub data: String,
    /// The session that it is saved in.
    pub session: Option<String>,
    /// The turn that it is saved at.
    pub turn: Option<u32>,
    /// When.
    pub at: i64,
    /// What it counts, the first point of the version's history; none where it is below the minimum.
    pub count: Option<i64>,
}

/// Where a segment was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSegment {
    /// Its id.
    pub id: String,
    /// The version of its definition.
    pub version: u32,
}

impl Record for SegmentRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            owner: row.text("owner")?,
            name: row.text("name")?,
            folded_name: row.text("folded_name")?,
            description: row.text("description")?,
            public: row.flag("public")?,
            version: row.number("version")?,
            created: row.int("created")?,
            updated: row.int("updated")?,
            deleted: row.maybe_int("deleted")?,
        })
    }
}

impl Record for SegmentVersion {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            segment: row.text("segment")?,
            version: row.number("version")?,
            segment_json: row.text("segment_json")?,
            text: row.text("segment_text")?,
            catalog: row.text("catalog_version")?,
            data: row.text("data_version")?,
            session: row.maybe_text("session")?,
            turn: row.maybe_number("turn")?,
            at: row.int("at")?,
        })
    }
}

impl Record for CountPoint {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            segment: row.text("segment")?,
            version: row.number("version")?,
            at: row.int("at")?,
            data: row.text("data_version")?,
            catalog: row.text("catalog_version")?,
            count: row.maybe_int("n")?,
        })
    }
}

impl Record for SavedSegment {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { id: row.text("id")?, version: row.number("version")? })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, owner, name, folded_name, description, public, version, created, updated, deleted FROM segments ",
            $rest
        )
    };
}

impl Store {
    /// Saves a segment, as a new one or as the next version of the owner's segment of this name.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn save_segment(
        &self,
        segment: SegmentWrite,
        audit: Vec<AuditEntry>,
    ) -> Result<SavedSegment, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let saved = save(conn, &segment).await?;
                audit::append(conn, &audit).await?;
                Ok(saved)
            })
        })
        .await
    }

    /// A segment, deleted or not.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn segment(&self, id: &str) -> Result<Option<SegmentRow>, StoreError> {
        sql(select!("WHERE id = $1")).text(id).one(&mut *self.read().await?).await
    }

    /// The owner's segment of a name, among those not deleted.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn segment_named(&self, owner: &str, folded_name: &str) -> Result<Option<SegmentRow>, StoreError> {
        sql(select!("WHERE owner = $1 AND folded_name = $2 AND deleted IS NULL"))
            .text(owner)
            .text(folded_name)
            .one(&mut *self.read().await?)
            .await
    }

    /// The segments that an owner sees, latest first: own ones, deleted ones only if asked for, and public ones.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn segments(&self, owner: &str, include_deleted: bool) -> Result<Vec<SegmentRow>, StoreError> {
        sql(select!(
            "WHERE (owner = $1 AND (deleted IS NULL OR $2 = 1)) OR (public = 1 AND deleted IS NULL) \
             ORDER BY updated DESC, id"
        ))
        .text(owner)
        .int(include_deleted)
        .all(&mut *self.read().await?)
        .await
    }

    /// The definitions of a segment, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn segment_versions(&self, id: &str) -> Result<Vec<SegmentVersion>, StoreError> {
        sql("SELECT segment, version, segment_json, segment_text, catalog_version, data_version, session, turn, at \
             FROM segment_versions WHERE segment = $1 ORDER BY version")
        .text(id)
        .all(&mut *self.read().await?)
        .await
    }

    /// What a segment counted, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn counts(&self, id: &str) -> Result<Vec<CountPoint>, StoreError> {
        sql("SELECT segment, version, at, data_version, catalog_version, n FROM segment_counts \
             WHERE segment = $1 ORDER BY at, version")
        .text(id)
        .all(&mut *self.read().await?)
        .await
    }

    /// Adds to the history of counts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such version of the segment.
    pub async fn add_count(&self, point: CountPoint, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                insert_count(conn, &point).await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// Changes what is said of a segment: its name (as typed and folded), description, who sees it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the owner has another segment of this name; [`StoreError::NotFound`].
    pub async fn update_segment(&self, segment: SegmentRow, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                sql("UPDATE segments SET name = $2, folded_name = $3, description = $4, public = $5, updated = $6 \
                     WHERE id = $1 AND deleted IS NULL")
                .text(&segment.id)
                .text(&segment.name)
                .text(&segment.folded_name)
                .text(&segment.description)
                .int(segment.public)
                .int(segment.updated)
                .must("segment", conn)
                .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// Deletes a segment, or takes that back where no time is given.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where its name was given to another one meanwhile; [`StoreError::NotFound`].
    pub async fn set_deleted(&self, id: &str, at: Option<i64>, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |conn| {
            Box::pin(async move {
                sql("UPDATE segments SET deleted = $2 WHERE id = $1")
                    .text(&id)
                    .maybe_int(at)
                    .must("segment", conn)
                    .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }
}

/// Saves a segment within a write.
pub(super) async fn save(conn: &mut AnyConnection, segment: &SegmentWrite) -> Result<SavedSegment, StoreError> {
    let saved = match next_version(conn, segment).await? {
        Some(saved) => saved,
        None => first_version(conn, segment).await?,
    };
    sql("INSERT INTO segment_versions \
         (segment, version, segment_json, segment_text, catalog_version, data_version, session, turn, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .text(&saved.id)
    .int(saved.version)
    .text(&segment.segment_json)
    .text(&segment.text)
    .text(&segment.catalog)
    .text(&segment.data)
    .maybe_text(segment.session.as_deref())
    .maybe_int(segment.turn)
    .int(segment.at)
    .must("segment", conn)
    .await?;
    let point = CountPoint {
        segment: saved.id.clone(),
        version: saved.version,
        at: segment.at,
        data: segment.data.clone(),
        catalog: segment.catalog.clone(),
        count: segment.count,
    };
    insert_count(conn, &point).await?;
    Ok(saved)
}

async fn next_version(conn: &mut AnyConnection, segment: &SegmentWrite) -> Result<Option<SavedSegment>, StoreError> {
    sql("UPDATE segments SET version = version + 1, updated = $3, name = $4, \
         description = COALESCE($5, description), public = COALESCE($6, public) \
         WHERE owner = $1 AND folded_name = $2 AND deleted IS NULL RETURNING id, version")
    .text(&segment.owner)
    .text(&segment.folded_name)
    .int(segment.at)
    .text(&segment.name)
    .maybe_text(segment.description.as_deref())
    .maybe_int(segment.public)
    .one(conn)
    .await
}

async fn first_version(conn: &mut AnyConnection, segment: &SegmentWrite) -> Result<SavedSegment, StoreError> {
    sql("INSERT INTO segments (id, owner, name, folded_name, description, public, version, created, updated) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)")
    .text(&segment.id)
    .text(&segment.owner)
    .text(&segment.name)
    .text(&segment.folded_name)
    .text(segment.description.as_deref().unwrap_or_default())
    .int(segment.public.unwrap_or_default())
    .int(segment.at)
    .must("segment", conn)
    .await?;
    Ok(SavedSegment { id: segment.id.clone(), version: 1 })
}

async fn insert_count(conn: &mut AnyConnection, point: &CountPoint) -> Result<(), StoreError> {
    sql("INSERT INTO segment_counts (segment, version, at, data_version, catalog_version, n) \
         VALUES ($1, $2, $3, $4, $5, $6)")
    .text(&point.segment)
    .int(point.version)
    .int(point.at)
    .text(&point.data)
    .text(&point.catalog)
    .maybe_int(point.count)
    .must("segment", conn)
    .await
}
