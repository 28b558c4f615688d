//! The SQL of a segment, without running it.

use serde::Serialize;

use super::message::supported;
use super::turns::allowed;
use super::{NewSegment, Service, ServiceError};
use crate::access::{Caller, Right};
use crate::catalog::Locale;
use crate::segment::sentence::sentence;
use crate::segment::text;
use crate::sql::{self, Dialect, SqlError};

/// The segment whose SQL is shown, and how.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PreviewOf {
    /// The session that stands at it.
    pub session: Option<String>,
    /// Or its definition, as segment text.
    pub text: Option<String>,
    /// Fields or bands to group by; none for the count.
    pub by: Vec<String>,
}

/// The SQL of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SqlPreview {
    /// The segment, in text form.
    pub text: String,
    /// The segment as a sentence.
    pub sentence: String,
    /// What the SQL is written in.
    pub dialect: String,
    /// The statement.
    pub sql: String,
}

impl Service {
    /// The SQL that counts or groups a segment, within the rows that the caller may see. Nothing runs.
    ///
    /// # Errors
    /// A definition that the catalog does not support, no such session, or what the dialect cannot say.
    pub async fn preview_sql(
        &self,
        caller: &Caller,
        of: &PreviewOf,
        dialect: Dialect,
        locale: Locale,
    ) -> Result<SqlPreview, ServiceError> {
        allowed(caller, Right::SeeSql)?;
        let app = self.apps.of(caller)?;
        let wanted = NewSegment { session: of.session.clone(), text: of.text.clone(), ..NewSegment::default() };
        let (segment, _) = self.definition(caller, &app, &wanted).await?;
        let expr = segment.expr();
        supported(&expr, &app)?;
        app.groupable(&of.by).map_err(|why| ServiceError::Invalid { why })?;
        let statement = match of.by.as_slice() {
            [] => sql::count(&expr, app.catalog()),
            by => sql::breakdown(&expr, by, None, None, app.catalog()),
        };
        let printed = statement.and_then(|statement| statement.dialect(dialect));
        Ok(SqlPreview {
            text: text::print(&expr),
            sentence: sentence(&expr, app.catalog(), locale),
            dialect: dialect.name().to_owned(),
            sql: printed.map_err(|error| unsayable(&error))?,
        })
    }
}

fn unsayable(error: &SqlError) -> ServiceError {
    ServiceError::invalid(error.message(Locale::Ko), error.message(Locale::En))
}
