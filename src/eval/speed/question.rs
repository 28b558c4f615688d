//! A turn as other engines are asked it: the statement that Waggle prints for it, and the segment itself.

use serde::Serialize;
use serde_json::{Value, json};

use super::SpeedError;
use crate::answer::{Answer, grouped_by};
use crate::app::App;
use crate::segment::{Expr, Turn};
use crate::session::{Session, expand, expand_metric};
use crate::sql::{self, CheckedSql, Dialect};

/// What kind of question a turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A count under conditions on the customers' own fields.
    Fields,
    /// A count under conditions on the rows of other tables too.
    Exists,
    /// Groups by one key.
    Breakdown,
    /// Groups by two keys.
    TwoWay,
    /// The largest groups.
    TopN,
    /// An aggregate.
    Metric,
}

impl Kind {
    /// All of them, in the order they are told.
    pub const ALL: [Self; 6] = [Self::Fields, Self::Exists, Self::Breakdown, Self::TwoWay, Self::TopN, Self::Metric];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fields => "count, fields",
            Self::Exists => "count, EXISTS",
            Self::Breakdown => "breakdown",
            Self::TwoWay => "two-way",
            Self::TopN => "top N",
            Self::Metric => "metric",
        }
    }

    fn of(turn: &Turn, segment: &Expr) -> Self {
        let show = &turn.show;
        match show.breakdown.len() {
            0 if show.metric.is_some() => Self::Metric,
            0 if asks_rows(segment) => Self::Exists,
            0 => Self::Fields,
            _ if show.top.is_some() => Self::TopN,
            1 => Self::Breakdown,
            _ => Self::TwoWay,
        }
    }
}

/// A turn for others.
#[derive(Debug, Clone, Serialize)]
pub struct Question {
    /// What it asks.
    #[serde(skip)]
    pub kind: Kind,
    /// Conditions of the segment.
    #[serde(skip)]
    pub conditions: usize,
    /// The statement, as Waggle prints it for DuckDB.
    pub sql: String,
    /// The same statement about everybody: for an engine that has kept who is in the segment.
    pub shown: String,
    /// The count of the segment.
    pub members: String,
    /// The count of those who pass what the turn adds to the conditions of the turn before; none where it adds nothing.
    pub added: Option<String>,
    /// Whether everybody in the segment was in that of the turn before.
    pub narrows: bool,
    /// The segment.
    pub segment: Expr,
    /// What is shown of it.
    pub show: Value,
}

impl Question {
    /// The question of the turn that `session` took last.
    ///
    /// # Errors
    /// Where the turn cannot be said in SQL.
    pub fn of(app: &App, before: &Session, session: &Session, answer: &Answer) -> Result<Self, SpeedError> {
        let catalog = app.catalog();
        let unanswered = || SpeedError::Unanswered { words: String::new(), reply: answer.reply.clone() };
        let turn = &session.head().ok_or_else(unanswered)?.asked;
        let segment = expand(&answer.segment.0, session);
        let show = &turn.show;
        let by = grouped_by(&show.breakdown, &segment, show.rows.as_ref(), catalog);
        let metric = expand_metric(show.metric.as_ref(), session);
        let statement = |of: &Expr| -> Result<CheckedSql, crate::sql::SqlError> {
            match &metric {
                _ if !by.is_empty() => sql::breakdown(of, &by, show.rows.as_ref(), metric.as_ref(), catalog),
                Some(metric) => sql::metric(of, metric, catalog),
                None => sql::count(of, catalog),
            }
        };
        let printed = |sql: CheckedSql| sql.dialect(Dialect::DuckDb);
        let before = expand(&before.segment().expr(), before);
        let narrows = narrows(&before, &segment);
        let added = Expr::all_of(added(&before, &segment));
        let added = (added != Expr::All).then(|| sql::count(&added, catalog)).transpose()?;
        let by: Vec<String> = by.iter().map(|name| qualified(name, app)).collect();
        Ok(Self {
            kind: Kind::of(turn, &segment),
            conditions: conditions(&segment),
            sql: printed(statement(&segment)?)?,
            shown: printed(statement(&Expr::All)?)?,
            members: printed(sql::count(&segment, catalog)?)?,
            added: added.map(printed).transpose()?,
            narrows,
            show: json!({ "by": by, "rows": show.rows, "metric": metric }),
            segment,
        })
    }
}

/// A key by its table where it is a many-table's.
fn qualified(name: &str, app: &App) -> String {
    let catalog = app.catalog();
    if name.contains('.') || catalog.field(name).is_some() || catalog.band(name).is_some() {
        return name.to_owned();
    }
    let many = catalog.datasets.iter().find(|d| d.joins_on.is_some() && d.field(name).is_some());
    many.map_or_else(|| name.to_owned(), |dataset| format!("{}.{name}", dataset.name))
}

/// Whether a condition is about the rows of other tables.
fn asks_rows(expr: &Expr) -> bool {
    match expr {
        Expr::Exists { .. } | Expr::Total { .. } => true,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(asks_rows),
        Expr::Not(part) => asks_rows(part),
        Expr::Rank { within, .. } | Expr::Sample { within, .. } => asks_rows(within),
        Expr::All | Expr::Compare { .. } | Expr::Saved { .. } => false,
    }
}

/// How many conditions there are, those on rows included.
fn conditions(expr: &Expr) -> usize {
    match expr {
        Expr::All => 0,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().map(conditions).sum(),
        Expr::Not(part) => conditions(part),
        Expr::Exists { rows, .. } => conditions(rows).max(1),
        Expr::Total { rows, .. } => 1 + conditions(rows),
        Expr::Rank { within, .. } | Expr::Sample { within, .. } => 1 + conditions(within),
        Expr::Compare { .. } | Expr::Saved { .. } => 1,
    }
}

/// Whether `now` has every condition of `before`.
fn narrows(before: &Expr, now: &Expr) -> bool {
    let (before, now) = (parts(before), parts(now));
    before.iter().all(|part| now.contains(part))
}

/// Conditions of `now` that `before` lacks.
fn added(before: &Expr, now: &Expr) -> Vec<Expr> {
    let before = parts(before);
    parts(now).into_iter().filter(|part| !before.contains(part)).cloned().collect()
}

fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::All => Vec::new(),
        Expr::And(all) => all.iter().flat_map(parts).collect(),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::text;

    #[test]
    fn a_segment_with_more_conditions_narrows() {
        let catalog = crate::catalog::builtin().unwrap();
        let read = |words: &str| text::parse(words, &catalog).unwrap();
        let (women, young) = (read("gender = 'F'"), read("age < 30 AND gender = 'F'"));
        assert!(narrows(&Expr::All, &women) && narrows(&women, &young) && narrows(&women, &women));
        assert!(!narrows(&young, &women));
        assert_eq!(added(&women, &young), [read("age < 30")]);
        assert_eq!((conditions(&Expr::All), conditions(&young)), (0, 2));
    }
}
