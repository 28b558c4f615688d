//! A statement with its values, and reading rows by the names of their columns.

use sqlx::any::{Any, AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{AnyConnection, Row as _};

use super::StoreError;

/// A statement of this room, with the values of its placeholders in order.
pub(super) struct Statement(Query<'static, Any, AnyArguments>);

/// Begins a statement.
pub(super) fn sql(text: &'static str) -> Statement {
    Statement(sqlx::query(text))
}

/// Text as it can be kept: PostgreSQL refuses NUL, and nothing that is kept may differ between databases.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

impl Statement {
    pub(super) fn text(self, value: &str) -> Self {
        Self(self.0.bind(clean(value)))
    }

    pub(super) fn maybe_text(self, value: Option<&str>) -> Self {
        Self(self.0.bind(value.map(clean)))
    }

    pub(super) fn int(self, value: impl Into<i64>) -> Self {
        Self(self.0.bind(value.into()))
    }

    pub(super) fn maybe_int(self, value: Option<impl Into<i64>>) -> Self {
        Self(self.0.bind(value.map(Into::into)))
    }

    /// Runs it; how many rows it changed.
    pub(super) async fn run(self, conn: &mut AnyConnection) -> Result<u64, StoreError> {
        Ok(self.0.execute(conn).await?.rows_affected())
    }

    /// Runs it; nothing changed means that there is no such thing.
    pub(super) async fn must(self, what: &'static str, conn: &mut AnyConnection) -> Result<(), StoreError> {
        match self.run(conn).await.map_err(|e| e.about(what))? {
            0 => Err(StoreError::NotFound { what }),
            _ => Ok(()),
        }
    }

    /// The first row, if any.
    pub(super) async fn one<T: Record>(self, conn: &mut AnyConnection) -> Result<Option<T>, StoreError> {
        self.0.fetch_optional(conn).await?.map(|row| T::read(&Row(row))).transpose()
    }

    /// Every row.
    pub(super) async fn all<T: Record>(self, conn: &mut AnyConnection) -> Result<Vec<T>, StoreError> {
        self.0.fetch_all(conn).await?.into_iter().map(|row| T::read(&Row(row))).collect()
    }
}

/// What a row becomes.
pub(super) trait Record: Sized {
    /// Reads the row's columns.
    fn read(row: &Row) -> Result<Self, StoreError>;
}

/// A row that was read.
pub(super) struct Row(AnyRow);

impl Row {
    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    pub(super) fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    pub(super) fn int(&self, column: &str) -> Result<i64, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    pub(super) fn maybe_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.0.try_get(column)?)
    }

    /// A number that is never negative.
    pub(super) fn number(&self, column: &str) -> Result<u32, StoreError> {
        small(self.int(column)?)
    }

    pub(super) fn maybe_number(&self, column: &str) -> Result<Option<u32>, StoreError> {
        self.maybe_int(column)?.map(small).transpose()
    }

    pub(super) fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }
}

fn small(value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|cause| sqlx::Error::Decode(Box::new(cause)).into())
}

/// One column called `value`.
impl Record for i64 {
    fn read(row: &Row) -> Result<Self, StoreError> {
        row.int("value")
    }
}

/// One column called `value`.
impl Record for String {
    fn read(row: &Row) -> Result<Self, StoreError> {
        row.text("value")
    }
}
