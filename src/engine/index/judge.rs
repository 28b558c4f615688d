//! Values put to the test as DataFusion does it: whole numbers compare as such, and as numbers with a fraction where
//! either side has one; those are in the order of IEEE 754; texts compare by their bytes.

use std::cmp::Ordering;

use chrono::NaiveDate;
use datafusion::arrow::datatypes::Date32Type;

use super::super::Cell;
use crate::segment::{Literal, Test};

/// A value of a field, or of an aggregate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Missing,
    Bool(bool),
    Whole(i64),
    Float(f64),
    Text(&'a str),
    /// Days since 1970.
    Day(i32),
}

/// A constant to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Against {
    Whole(i64),
    Float(f64),
    Text(String),
    Day(i32),
}

/// A test whose constants are ready to be compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Check {
    Missing,
    True,
    Eq(Against),
    Ne(Against),
    Lt(Against),
    Le(Against),
    Gt(Against),
    Ge(Against),
    Between(Against, Against),
    In(Vec<Against>),
}

impl Check {
    /// The test, where relative dates count back from `as_of`.
    pub(super) fn of(test: &Test, as_of: NaiveDate) -> Self {
        let one = |literal: &Literal| against(literal, as_of);
        match test {
            Test::Eq(v) => Self::Eq(one(v)),
            Test::Ne(v) => Self::Ne(one(v)),
            Test::Lt(v) => Self::Lt(one(v)),
            Test::Le(v) => Self::Le(one(v)),
            Test::Gt(v) => Self::Gt(one(v)),
            Test::Ge(v) => Self::Ge(one(v)),
            Test::Between(low, high) => match alike(vec![one(low), one(high)]).as_slice() {
                [low, high] => Self::Between(low.clone(), high.clone()),
                _ => Self::In(Vec::new()),
            },
            Test::In(values) => Self::In(alike(values.iter().map(one).collect())),
            Test::True => Self::True,
            Test::Missing => Self::Missing,
        }
    }

    /// Whether a value passes.
    pub(super) fn passes(&self, value: Value<'_>) -> bool {
        let is = |against: &Against, held: fn(Ordering) -> bool| value.order(against).is_some_and(held);
        match self {
            Self::Missing => value == Value::Missing,
            Self::True => value == Value::Bool(true),
            Self::Eq(v) => is(v, Ordering::is_eq),
            Self::Ne(v) => !is(v, Ordering::is_eq),
            Self::Lt(v) => is(v, Ordering::is_lt),
            Self::Le(v) => is(v, Ordering::is_le),
            Self::Gt(v) => is(v, Ordering::is_gt),
            Self::Ge(v) => is(v, Ordering::is_ge),
            Self::Between(low, high) => is(low, Ordering::is_ge) && is(high, Ordering::is_le),
            Self::In(values) => values.iter().any(|v| is(v, Ordering::is_eq)),
        }
    }
}

fn against(literal: &Literal, as_of: NaiveDate) -> Against {
    match literal {
        Literal::Int(whole) => Against::Whole(*whole),
        // SQL has no −0.0: it is said as 0.0.
        Literal::Float(number) => Against::Float(if *number == 0.0 { 0.0 } else { *number }),
        Literal::Text(text) => Against::Text(text.clone()),
        Literal::Date(day) => {
            // The years that SQL is said in.
            let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(NaiveDate::MIN);
            let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
            Against::Day(Date32Type::from_naive_date(day.on(as_of).clamp(first, last)))
        }
    }
}

/// Constants of one list compare as one type: a fraction in one makes numbers with fractions of all.
fn alike(constants: Vec<Against>) -> Vec<Against> {
    let wide = constants.iter().any(|c| matches!(c, Against::Float(_)));
    let widened = |c| match c {
        Against::Whole(whole) if wide => Against::Float(whole as f64),
        other => other,
    };
    constants.into_iter().map(widened).collect()
}

impl Value<'_> {
    /// How it stands to a constant; none where they cannot be compared.
    pub(super) fn order(&self, against: &Against) -> Option<Ordering> {
        match (self, against) {
            (Value::Whole(a), Against::Whole(b)) => Some(a.cmp(b)),
            (Value::Whole(a), Against::Float(b)) => Some((*a as f64).total_cmp(b)),
            (Value::Float(a), Against::Whole(b)) => Some(a.total_cmp(&(*b as f64))),
            (Value::Float(a), Against::Float(b)) => Some(a.total_cmp(b)),
            (Value::Text(a), Against::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Value::Day(a), Against::Day(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// The same as a result has it.
    pub(super) fn cell(&self) -> Cell {
        match self {
            Self::Missing => Cell::Null,
            Self::Bool(truth) => Cell::Bool(*truth),
            Self::Whole(whole) => Cell::Int(*whole),
            Self::Float(number) => Cell::Float(*number),
            Self::Text(text) => Cell::Text((*text).to_owned()),
            Self::Day(days) => Date32Type::to_naive_date_opt(*days).map_or(Cell::Null, Cell::Date),
        }
    }
}
