//! The typed segment expression: a condition on one entity, or on the rows of one of its many-tables.
//!
//! The same type serves both: inside [`Expr::Exists`] and [`Expr::Total`] fields are those of the
//! many-table, and only `All`, `And`, `Or`, `Not` and `Compare` may stand there (checked by
//! [`super::check`]).

use chrono::{Days, Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A condition. Three-valued logic never shows: a comparison with a missing value does not hold, and
/// `Not` is IS NOT TRUE, so those with a missing value are among "not".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// Everybody.
    All,
    /// All of them hold. Empty is everybody.
    And(Vec<Expr>),
    /// At least one holds. Empty is nobody.
    Or(Vec<Expr>),
    /// Does not hold, or is not known to hold.
    Not(Box<Expr>),
    /// A field passes a test.
    Compare {
        /// Field of the entity, or of the many-table inside whose rows this stands.
        field: String,
        /// What it must pass.
        test: Test,
    },
    /// At least one row of a many-table satisfies `rows`.
    Exists {
        /// The many-table.
        dataset: String,
        /// Condition on its rows; [`Expr::All`] for any row.
        rows: Box<Expr>,
    },
    /// An aggregate of the rows of a many-table, compared with a number. A sum over no rows is
    /// missing, a count of no rows is 0.
    Total {
        /// The many-table.
        dataset: String,
        /// What is computed.
        func: Func,
        /// The field it is computed over; none only for [`Func::Count`].
        field: Option<String>,
        /// Condition on the rows.
        rows: Box<Expr>,
        /// Comparison with the result.
        test: Test,
    },
    /// The top or bottom by a field, with the bound fixed within `within`.
    Rank {
        /// A number field of the entity.
        field: String,
        /// Which end.
        end: End,
        /// How many.
        amount: Amount,
        /// The segment in which the bound is found: what it was when the rank was asked for.
        within: Box<Expr>,
    },
    /// `size` of `within`, at random.
    Sample {
        /// How many.
        size: u64,
        /// Seed: the same seed gives the same sample of the same data.
        seed: u64,
        /// What is sampled.
        within: Box<Expr>,
    },
    /// Another saved segment.
    Saved {
        /// Its name.
        name: String,
    },
}

/// A test on one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Equal.
    Eq(Literal),
    /// Not equal; a missing value passes.
    Ne(Literal),
    /// Less.
    Lt(Literal),
    /// Less or equal.
    Le(Literal),
    /// Greater.
    Gt(Literal),
    /// Greater or equal.
    Ge(Literal),
    /// Between two bounds, both included.
    Between(Literal, Literal),
    /// One of several.
    In(Vec<Literal>),
    /// A truth value that is true.
    True,
    /// Missing.
    Missing,
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// Whole number.
    Int(i64),
    /// Number with a fraction; always finite.
    Float(f64),
    /// Text.
    Text(String),
    /// A day.
    Date(DateSpec),
}

/// A day, absolute or relative to the data's as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateSpec {
    /// This day.
    On(#[serde(with = "iso_date")] NaiveDate),
    /// So many days before the as-of date.
    DaysBefore(u32),
    /// So many months before the as-of date (the last day of a shorter month).
    MonthsBefore(u32),
}

impl DateSpec {
    /// The day it means when the data is of `as_of`.
    #[must_use]
    pub fn on(self, as_of: NaiveDate) -> NaiveDate {
        match self {
            Self::On(day) => day,
            Self::DaysBefore(n) => as_of.checked_sub_days(Days::new(n.into())).unwrap_or(NaiveDate::MIN),
            Self::MonthsBefore(n) => as_of.checked_sub_months(Months::new(n)).unwrap_or(NaiveDate::MIN),
        }
    }
}

/// An aggregate of rows, or of the entities of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Func {
    /// Sum.
    Sum,
    /// Mean.
    Avg,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Number of rows.
    Count,
    /// Number of different values.
    CountDistinct,
    /// The middle value (metrics only).
    Median,
}

/// Which end of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The largest values.
    Top,
    /// The smallest values.
    Bottom,
}

/// How many of an order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// A fraction from 0 to 1: at or beyond that percentile.
    Share(f64),
    /// So many; ties fall in key order.
    Number(u64),
}

impl Expr {
    /// All of `parts`, without needless nesting.
    #[must_use]
    pub fn all_of(mut parts: Vec<Expr>) -> Expr {
        parts.retain(|p| *p != Expr::All);
        match parts.len() {
            0 => Expr::All,
            1 => parts.remove(0),
            _ => Expr::And(parts),
        }
    }

    /// What must hold, one by one, however it was grouped.
    #[must_use]
    pub fn conjuncts(&self) -> Vec<Expr> {
        match self {
            Expr::And(parts) => parts.iter().flat_map(Expr::conjuncts).collect(),
            one => vec![one.clone()],
        }
    }

    /// Any of `parts`, without needless nesting. `parts` must not be empty.
    #[must_use]
    pub fn any_of(mut parts: Vec<Expr>) -> Expr {
        if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) }
    }

    /// The opposite; a double negation cancels.
    #[must_use]
    pub fn negated(self) -> Expr {
        match self {
            Expr::Not(inner) => *inner,
            other => Expr::Not(Box::new(other)),
        }
    }

    /// `field = 'value'` or `field IN (…)`.
    #[must_use]
    pub fn is_in(field: &str, mut values: Vec<Literal>) -> Expr {
        let test = if values.len() == 1 { Test::Eq(values.remove(0)) } else { Test::In(values) };
        Expr::Compare { field: field.to_owned(), test }
    }

    /// A row of `dataset` with `rows` exists.
    #[must_use]
    pub fn exists(dataset: &str, rows: Expr) -> Expr {
        Expr::Exists { dataset: dataset.to_owned(), rows: Box::new(rows) }
    }
}

/// Dates as `2024-04-22` in JSON.
mod iso_date {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    pub(super) fn serialize<S: Serializer>(day: &NaiveDate, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(day)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<NaiveDate, D::Error> {
        String::deserialize(input)?.parse().map_err(D::Error::custom)
    }
}
