//! What a segment means, said again in the plainest way: row by row, with no SQL.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use waggle::engine::Cell;
use waggle::segment::{Amount, End, Expr, Func, Literal, Test};

use super::as_of;
use super::data::{Data, Row, bool_of, date_of, float_of, int_of, text_of};

/// The entities of the population for which `expr` holds.
pub(crate) fn members<'a>(expr: &Expr, data: &'a Data) -> Vec<&'a Row> {
    data.rows("customers").iter().filter(|p| in_population(p) && holds(expr, p, data)).collect()
}

fn in_population(person: &Row) -> bool {
    bool_of(&person["pi_consent"]) == Some(true)
}

pub(crate) fn id(row: &Row) -> Option<i64> {
    int_of(&row["customer_id"])
}

/// Whether `expr` holds for a row; `data` is for conditions on other tables.
pub(crate) fn holds(expr: &Expr, row: &Row, data: &Data) -> bool {
    match expr {
        Expr::All => true,
        Expr::And(parts) => parts.iter().all(|p| holds(p, row, data)),
        Expr::Or(parts) => parts.iter().any(|p| holds(p, row, data)),
        Expr::Not(inner) => !holds(inner, row, data),
        Expr::Compare { field, test } => passes(test, &row[field]),
        Expr::Exists { dataset, rows } => !rows_of(dataset, rows, row, data).is_empty(),
        Expr::Total { dataset, func, field, rows, test } => {
            let found = rows_of(dataset, rows, row, data);
            passes(test, &aggregate(*func, field.as_deref(), &found))
        }
        Expr::Rank { field, end, amount, within } => ranked(row, field, *end, *amount, &members(within, data)),
        Expr::Sample { .. } | Expr::Saved { .. } => panic!("not evaluated here"),
    }
}

fn rows_of<'a>(dataset: &str, rows: &Expr, owner: &Row, data: &'a Data) -> Vec<&'a Row> {
    let own = data.rows(dataset).iter().filter(|r| id(r).is_some() && id(r) == id(owner));
    own.filter(|r| holds(rows, r, data)).collect()
}

/// An aggregate over rows.
pub(crate) fn aggregate(func: Func, field: Option<&str>, rows: &[&Row]) -> Cell {
    let Some(field) = field else { return Cell::Int(i64::try_from(rows.len()).unwrap()) };
    let cells: Vec<&Cell> = rows.iter().map(|r| &r[field]).filter(|c| **c != Cell::Null).collect();
    let numbers: Vec<f64> = cells.iter().filter_map(|c| float_of(c)).collect();
    let count = f64::from(u32::try_from(numbers.len()).unwrap());
    match func {
        Func::Count => Cell::Int(i64::try_from(cells.len()).unwrap()),
        Func::CountDistinct => {
            let different: BTreeSet<String> = cells.iter().map(|c| format!("{c:?}")).collect();
            Cell::Int(i64::try_from(different.len()).unwrap())
        }
        _ if cells.is_empty() => Cell::Null,
        Func::Sum => Cell::Float(numbers.iter().sum()),
        Func::Avg => Cell::Float(numbers.iter().sum::<f64>() / count),
        Func::Min => cells.into_iter().min_by(|a, b| order(a, b).unwrap()).unwrap().clone(),
        Func::Max => cells.into_iter().max_by(|a, b| order(a, b).unwrap()).unwrap().clone(),
        Func::Median => Cell::Float(percentile(numbers, 0.5)),
    }
}

fn ranked(row: &Row, field: &str, end: End, amount: Amount, within: &[&Row]) -> bool {
    let Some(own) = float_of(&row[field]) else { return false };
    let mut others: Vec<(f64, i64)> =
        within.iter().filter_map(|r| float_of(&r[field]).map(|n| (n, id(r).unwrap()))).collect();
    match amount {
        Amount::Share(share) => {
            if others.is_empty() {
                return false;
            }
            let numbers = others.into_iter().map(|(n, _)| n).collect();
            match end {
                End::Top => own >= percentile(numbers, 1.0 - share),
                End::Bottom => own <= percentile(numbers, share),
            }
        }
        Amount::Number(number) => {
            others.sort_by(|a, b| {
                let by_value = a.0.total_cmp(&b.0);
                (if end == End::Top { by_value.reverse() } else { by_value }).then(a.1.cmp(&b.1))
            });
            others.truncate(usize::try_from(number).unwrap());
            others.iter().any(|(_, key)| Some(*key) == id(row))
        }
    }
}

/// The percentile with linear interpolation.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "test data is small"
)]
pub(crate) fn percentile(mut numbers: Vec<f64>, share: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let at = share * (numbers.len() - 1) as f64;
    // As far as a share is exact: 0.9 of ten rows is the ninth.
    let at = (at * 1e6).round() / 1e6;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    numbers[low] + (numbers[high] - numbers[low]) * (at - at.floor())
}

fn passes(test: &Test, cell: &Cell) -> bool {
    let against = |literal: &Literal| compare(cell, literal);
    match test {
        Test::Eq(v) => against(v) == Some(Ordering::Equal),
        Test::Ne(v) => against(v) != Some(Ordering::Equal),
        Test::Lt(v) => against(v) == Some(Ordering::Less),
        Test::Le(v) => against(v).is_some_and(Ordering::is_le),
        Test::Gt(v) => against(v) == Some(Ordering::Greater),
        Test::Ge(v) => against(v).is_some_and(Ordering::is_ge),
        Test::Between(low, high) => {
            against(low).is_some_and(Ordering::is_ge) && against(high).is_some_and(Ordering::is_le)
        }
        Test::In(values) => values.iter().any(|v| against(v) == Some(Ordering::Equal)),
        Test::True => bool_of(cell) == Some(true),
        Test::Missing => *cell == Cell::Null,
    }
}

#[allow(clippy::cast_precision_loss, reason = "test data is small")]
fn compare(cell: &Cell, literal: &Literal) -> Option<Ordering> {
    match literal {
        Literal::Int(n) => float_of(cell)?.partial_cmp(&(*n as f64)),
        Literal::Float(n) => float_of(cell)?.partial_cmp(n),
        Literal::Text(t) => Some(text_of(cell)?.cmp(t)),
        Literal::Date(d) => Some(date_of(cell)?.cmp(&d.on(as_of()))),
    }
}

fn order(a: &Cell, b: &Cell) -> Option<Ordering> {
    match (a, b) {
        (Cell::Text(a), Cell::Text(b)) => Some(a.cmp(b)),
        (Cell::Date(a), Cell::Date(b)) => Some(a.cmp(b)),
        _ => float_of(a)?.partial_cmp(&float_of(b)?),
    }
}
