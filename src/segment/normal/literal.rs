//! Constants: one form for each, their order, and the next one up or down.

use std::cmp::Ordering;

use crate::segment::{DateSpec, Literal};

/// Whole numbers up to here are exact as floats.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// `value` in its one form: a float without a fraction is a whole number.
#[allow(clippy::cast_possible_truncation, reason = "only whole numbers within the exact range are cast")]
pub(super) fn canonical(value: &Literal) -> Literal {
    match value {
        Literal::Float(f) if f.fract() == 0.0 && f.abs() < EXACT => Literal::Int(*f as i64),
        other => other.clone(),
    }
}

/// The order of two constants; none where it depends on the data's date.
pub(super) fn order(a: &Literal, b: &Literal) -> Option<Ordering> {
    match (a, b) {
        (Literal::Int(a), Literal::Int(b)) => Some(a.cmp(b)),
        (Literal::Text(a), Literal::Text(b)) => Some(a.cmp(b)),
        (Literal::Date(a), Literal::Date(b)) => days(*a, *b),
        (Literal::Float(a), Literal::Float(b)) => a.partial_cmp(b),
        (Literal::Int(a), Literal::Float(b)) => mixed(*a, *b),
        (Literal::Float(a), Literal::Int(b)) => mixed(*b, *a).map(Ordering::reverse),
        _ => None,
    }
}

/// A whole number against one with a fraction; none where the whole one is too large to tell.
#[allow(clippy::cast_precision_loss, reason = "checked to be within the exact range")]
fn mixed(a: i64, b: f64) -> Option<Ordering> {
    if a.unsigned_abs() as f64 >= EXACT { None } else { (a as f64).partial_cmp(&b) }
}

fn days(a: DateSpec, b: DateSpec) -> Option<Ordering> {
    match (a, b) {
        (DateSpec::On(a), DateSpec::On(b)) => Some(a.cmp(&b)),
        (DateSpec::DaysBefore(a), DateSpec::DaysBefore(b)) | (DateSpec::MonthsBefore(a), DateSpec::MonthsBefore(b)) => {
            Some(b.cmp(&a))
        }
        _ => None,
    }
}

/// Whether two constants can be told apart without the data's date.
pub(super) fn comparable(values: &[&Literal]) -> bool {
    values.windows(2).all(|pair| order(pair[0], pair[1]).is_some())
}

/// An order of all constants, for sorting: those without a common order by kind.
pub(super) fn sorting(a: &Literal, b: &Literal) -> Ordering {
    let kind = |v: &Literal| match v {
        Literal::Int(_) | Literal::Float(_) => 0,
        Literal::Text(_) => 1,
        Literal::Date(DateSpec::On(_)) => 2,
        Literal::Date(DateSpec::MonthsBefore(_)) => 3,
        Literal::Date(DateSpec::DaysBefore(_)) => 4,
    };
    kind(a).cmp(&kind(b)).then_with(|| order(a, b).unwrap_or(Ordering::Equal))
}

/// The smallest whole number or day above `value`.
pub(super) fn above(value: &Literal) -> Option<Literal> {
    match value {
        Literal::Int(n) => n.checked_add(1).map(Literal::Int),
        Literal::Float(_) => at_least(value),
        Literal::Date(DateSpec::On(day)) => day.succ_opt().map(|d| Literal::Date(DateSpec::On(d))),
        Literal::Date(DateSpec::DaysBefore(n)) => n.checked_sub(1).map(|n| Literal::Date(DateSpec::DaysBefore(n))),
        _ => None,
    }
}

/// The largest whole number or day below `value`.
pub(super) fn below(value: &Literal) -> Option<Literal> {
    match value {
        Literal::Int(n) => n.checked_sub(1).map(Literal::Int),
        Literal::Float(_) => at_most(value),
        Literal::Date(DateSpec::On(day)) => day.pred_opt().map(|d| Literal::Date(DateSpec::On(d))),
        Literal::Date(DateSpec::DaysBefore(n)) => n.checked_add(1).map(|n| Literal::Date(DateSpec::DaysBefore(n))),
        _ => None,
    }
}

/// The smallest whole number that is not below `value`, or `value`.
pub(super) fn at_least(value: &Literal) -> Option<Literal> {
    rounded(value, f64::ceil)
}

/// The largest whole number that is not above `value`, or `value`.
pub(super) fn at_most(value: &Literal) -> Option<Literal> {
    rounded(value, f64::floor)
}

fn rounded(value: &Literal, round: fn(f64) -> f64) -> Option<Literal> {
    match value {
        Literal::Float(f) => match canonical(&Literal::Float(round(*f))) {
            Literal::Float(_) => None,
            whole => Some(whole),
        },
        other => Some(other.clone()),
    }
}
