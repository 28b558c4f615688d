//! A segment without running it: its SQL, and its conditions part by part, in words.

use serde::Serialize;
use serde_json::Value;

use super::message::{expression, supported};
use super::turns::allowed;
use super::{NewSegment, Service, ServiceError};
use crate::access::{Caller, Right};
use crate::catalog::{Catalog, Locale};
use crate::segment::sentence::{condition, reading, sentence};
use crate::segment::{Condition, Expr, Segment, Words, text};
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
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

/// A segment as it is shown to be changed by hand.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SegmentReading {
    /// The segment, in text form.
    pub text: String,
    /// The segment as a sentence.
    pub sentence: String,
    /// What must hold, one by one; none for everybody.
    pub parts: Vec<ReadPart>,
}

/// A part of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReadPart {
    /// Whether it is one condition, or further parts put together.
    pub kind: PartKind,
    /// The part in words: "home district = Gangnam-gu".
    pub reading: String,
    /// The part in text form.
    pub text: String,
    /// The part, typed.
    #[schema(value_type = serde_json::Value)]
    pub segment: Expr,
    /// What it is put together from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub parts: Vec<ReadPart>,
}

/// How a part of a segment is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// One condition.
    Is,
    /// All parts hold.
    And,
    /// At least one part holds.
    Or,
    /// The one part does not hold.
    Not,
}

/// The words of a part come from the language of the reader.
#[derive(Clone, Copy)]
struct Reader<'a> {
    catalog: &'a Catalog,
    locale: Locale,
}

impl Reader<'_> {
    /// The parts of a segment, each in the words that the reading of an answer has.
    fn parts(self, expr: &Expr) -> Vec<ReadPart> {
        let named = |expr| Condition { expr, turn: 0, words: Words::default() };
        let segment = Segment { conditions: conjuncts(expr).into_iter().map(named).collect() };
        let lines = reading(&segment, self.catalog, self.locale);
        let told = segment.conditions.iter().zip(lines);
        told.map(|(condition, line)| ReadPart { reading: line, ..self.part(&condition.expr) }).collect()
    }

    fn part(self, expr: &Expr) -> ReadPart {
        let of = |parts: &[Expr]| parts.iter().map(|part| self.part(part)).collect();
        let (kind, parts) = match expr {
            Expr::And(_) => (PartKind::And, of(&conjuncts(expr))),
            Expr::Or(parts) => (PartKind::Or, of(parts)),
            Expr::Not(inner) => (PartKind::Not, vec![self.part(inner)]),
            _ => (PartKind::Is, Vec::new()),
        };
        let reading = condition(expr, self.catalog, self.locale);
        ReadPart { kind, reading, text: text::print(expr), segment: expr.clone(), parts }
    }
}

/// What must hold, one by one; nothing where everybody is meant.
fn conjuncts(expr: &Expr) -> Vec<Expr> {
    expr.conjuncts().into_iter().filter(|one| *one != Expr::All).collect()
}

impl Service {
    /// A definition, as segment text or typed, part by part.
    ///
    /// # Errors
    /// A definition that the catalog does not support.
    pub fn read_segment(
        &self,
        caller: &Caller,
        definition: &Value,
        locale: Locale,
    ) -> Result<SegmentReading, ServiceError> {
        allowed(caller, Right::Ask)?;
        let app = self.apps.of(caller)?;
        let expr = expression(definition, &app)?;
        let catalog = app.catalog();
        Ok(SegmentReading {
            text: text::print(&expr),
            sentence: sentence(&expr, catalog, locale),
            parts: Reader { catalog, locale }.parts(&expr),
        })
    }

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
