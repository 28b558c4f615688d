//! Amounts → tests of a field.

use crate::catalog::Field;
use crate::segment::{Expr, Literal, Test};
use crate::translate::grammar::amounts::Amount;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// "top two income deciles": the N highest of a scale with a known end.
    pub(super) fn ranked(&self, at: usize, f: usize, amount: &Amount) -> Option<Expr> {
        let field = self.field(0, f);
        let (low, high) = field.range?;
        let n = amount.exact()?;
        let before = self.prev_full(at)?;
        let top = self.parts[before].is(Class::Top);
        let bottom = self.parts[before].is(Class::Bottom);
        if !(field.kind.is_integer() && (top || bottom)) {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "a small whole scale")]
        let bound = Literal::Int(if top { high - n + 1.0 } else { low + n - 1.0 } as i64);
        let test = if top { Test::Ge(bound) } else { Test::Le(bound) };
        Some(Expr::Compare { field: field.name.clone(), test })
    }

    /// "lower it to 80": a bare number in the place of a bound that the segment has is that bound.
    pub(super) fn moved_bound(&self, d: usize, f: usize, amount: Amount) -> Amount {
        let Some(n) = amount.exact().filter(|_| !amount.compared && !amount.decade && self.has(Class::Replace)) else {
            return amount;
        };
        let dataset = (d > 0).then(|| self.dataset(d).name.as_str());
        let name = &self.field(d, f).name;
        let bound = self.segment().conditions.iter().rev().find_map(|c| bound_of(&c.expr, None, dataset, name));
        let (low, high) = match bound {
            Some(Test::Ge(_)) => (Some((n, true)), None),
            Some(Test::Gt(_)) => (Some((n, false)), None),
            Some(Test::Le(_)) => (None, Some((n, true))),
            Some(Test::Lt(_)) => (None, Some((n, false))),
            _ => return amount,
        };
        Amount { low, high, compared: true, ..amount }
    }
}

/// The test of a field that `expr` requires, of the rows or their total where it is one of a many-table.
fn bound_of(expr: &Expr, at: Option<&str>, dataset: Option<&str>, name: &str) -> Option<Test> {
    match expr {
        Expr::And(parts) => parts.iter().find_map(|p| bound_of(p, at, dataset, name)),
        Expr::Exists { dataset: d, rows } => bound_of(rows, Some(d), dataset, name),
        Expr::Total { dataset: d, field, test, .. } if dataset == Some(d) && field.as_deref() == Some(name) => {
            Some(test.clone())
        }
        Expr::Compare { field, test } if at == dataset && field == name => Some(test.clone()),
        _ => None,
    }
}

/// The test of an amount on a field.
pub(super) fn compare(field: &Field, amount: &Amount, factor: f64) -> Option<Expr> {
    let integer = field.kind.is_integer();
    let test = |amount: &Amount| test_of(amount, factor, integer);
    let expr = |test| Expr::Compare { field: field.name.clone(), test };
    // One bound included and the other not: two comparisons.
    if let (Some(low), Some(high)) = (amount.low, amount.high)
        && !(low.1 && high.1)
    {
        let lower = Amount { low: Some(low), ..Amount::default() };
        let upper = Amount { high: Some(high), ..Amount::default() };
        return Some(Expr::all_of(vec![expr(test(&lower)?), expr(test(&upper)?)]));
    }
    test(amount).map(expr)
}

/// The test of an amount; an amount with one open bound of two gives that of its lower one.
pub(super) fn test_of(amount: &Amount, factor: f64, integer: bool) -> Option<Test> {
    let literal = |n: f64| number(n * factor, integer);
    match (amount.low, amount.high) {
        (Some((low, true)), Some((high, true))) if low == high && !amount.decade => {
            // A bare number of something countable is that many; a decade is a span.
            Some(Test::Eq(literal(low)))
        }
        (Some((low, _)), Some((high, _))) => Some(Test::Between(literal(low), literal(high))),
        (Some((low, true)), None) => Some(Test::Ge(literal(low))),
        (Some((low, false)), None) => Some(Test::Gt(literal(low))),
        (None, Some((high, true))) => Some(Test::Le(literal(high))),
        (None, Some((high, false))) => Some(Test::Lt(literal(high))),
        (None, None) => None,
    }
}

fn number(n: f64, integer: bool) -> Literal {
    #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53, checked")]
    if n.fract() == 0.0 && n.abs() < 9e15 && integer { Literal::Int(n as i64) } else { Literal::Float(n) }
}
