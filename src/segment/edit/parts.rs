//! Parts of expressions that an edit looks for and changes: lists of values, bounds, conjuncts, presences.

use crate::segment::{Expr, Literal, Test};

/// The many-table whose presence or total an expression is about.
pub(super) fn presence(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Exists { dataset, .. } | Expr::Total { dataset, .. } => Some(dataset),
        Expr::Not(inner) => presence(inner),
        Expr::Or(parts) | Expr::And(parts) => {
            let first = presence(parts.first()?)?;
            parts.iter().all(|p| presence(p) == Some(first)).then_some(first)
        }
        _ => None,
    }
}

pub(super) fn is_negative(expr: &Expr) -> bool {
    matches!(expr, Expr::Not(_) | Expr::Compare { test: Test::Ne(_), .. })
}

pub(super) fn conjuncts(expr: &Expr) -> Vec<Expr> {
    match expr {
        Expr::All => Vec::new(),
        Expr::And(parts) => parts.clone(),
        other => vec![other.clone()],
    }
}

/// Two bounds of one field that face each other: at least 5,000 and at most 20,000.
pub(super) fn opposite_bounds(a: &Expr, b: &Expr) -> bool {
    let side = |e: &Expr| match e {
        Expr::Compare { field, test: Test::Ge(_) | Test::Gt(_) } => Some((field.clone(), true)),
        Expr::Compare { field, test: Test::Le(_) | Test::Lt(_) } => Some((field.clone(), false)),
        _ => None,
    };
    matches!((side(a), side(b)), (Some((f, lower)), Some((g, other))) if f == g && lower != other)
}

/// Whether `old` has a bound that faces `new`.
pub(super) fn opposite(old: &Expr, new: &Expr) -> bool {
    conjuncts(old).iter().any(|part| opposite_bounds(part, new))
}

/// The values of an equality or a list.
pub(super) fn listed(expr: &Expr) -> Option<(&str, Vec<Literal>)> {
    match expr {
        Expr::Compare { field, test: Test::Eq(value) } => Some((field, vec![value.clone()])),
        Expr::Compare { field, test: Test::In(values) } => Some((field, values.clone())),
        _ => None,
    }
}

/// Either of two: lists of one field come together, presences of one table with one condition too.
pub(super) fn either(a: Expr, b: Expr) -> Expr {
    if let (Some((field, mut values)), Some((other, more))) = (listed(&a), listed(&b))
        && field == other
    {
        let field = field.to_owned();
        values.extend(more.into_iter().filter(|v| !values.contains(v)).collect::<Vec<_>>());
        return Expr::is_in(&field, values);
    }
    if a == b {
        return a;
    }
    match a {
        Expr::Or(mut parts) => {
            parts.push(b);
            Expr::Or(parts)
        }
        a => Expr::Or(vec![a, b]),
    }
}

/// `expr` without the values that `taken` names, where both list values of one field and some are left.
pub(super) fn without(expr: &Expr, taken: &Expr) -> Option<Expr> {
    if let (Expr::Exists { .. }, Expr::Exists { .. }) = (expr, taken) {
        // Taking an app out of "A or B" would leave those who use both: that is a negation, not a shorter list.
        return None;
    }
    let ((field, values), (other, gone)) = (listed(expr)?, listed(taken)?);
    let left: Vec<Literal> = values.iter().filter(|v| !gone.contains(v)).cloned().collect();
    (field == other && !left.is_empty() && left.len() < values.len()).then(|| Expr::is_in(field, left))
}

/// A conjunction without the part that is `taken`, or its negation.
pub(super) fn without_conjunct(expr: &Expr, taken: &Expr) -> Option<Expr> {
    let Expr::And(parts) = expr else { return None };
    let left: Vec<Expr> = parts.iter().filter(|p| *p != taken && **p != taken.clone().negated()).cloned().collect();
    (!left.is_empty() && left.len() < parts.len()).then(|| Expr::all_of(left))
}

/// All constants of an expression.
pub(super) fn literals(expr: &Expr) -> Vec<Literal> {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().flat_map(literals).collect(),
        Expr::Not(inner) => literals(inner),
        Expr::Exists { rows, .. } | Expr::Total { rows, .. } => literals(rows),
        Expr::Compare { test, .. } => match test {
            Test::Eq(v) | Test::Ne(v) | Test::Lt(v) | Test::Le(v) | Test::Gt(v) | Test::Ge(v) => vec![v.clone()],
            Test::Between(a, b) => vec![a.clone(), b.clone()],
            Test::In(values) => values.clone(),
            Test::True | Test::Missing => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// `expr` with `new` where `old` stands; values of one list are exchanged one for the other.
pub(super) fn put_for(expr: &Expr, old: &Expr, new: &Expr) -> Option<Expr> {
    if expr == old {
        return Some(new.clone());
    }
    if let (Some((field, values)), Some((other, gone)), Some((_, more))) = (listed(expr), listed(old), listed(new))
        && field == other
        && gone.iter().all(|g| values.contains(g))
    {
        let mut left: Vec<Literal> = values.iter().filter(|v| !gone.contains(v)).cloned().collect();
        left.extend(more.into_iter().filter(|v| !values.contains(v)));
        return Some(Expr::is_in(field, left));
    }
    let inside = |parts: &[Expr]| {
        let at = parts.iter().position(|p| put_for(p, old, new).is_some())?;
        let mut parts = parts.to_vec();
        parts[at] = put_for(&parts[at], old, new)?;
        Some(parts)
    };
    match (expr, old, new) {
        (Expr::And(parts), _, _) => inside(parts).map(Expr::And),
        (Expr::Or(parts), _, _) => inside(parts).map(Expr::Or),
        (
            Expr::Exists { dataset, rows },
            Expr::Exists { dataset: od, rows: old_rows },
            Expr::Exists { dataset: nd, rows: new_rows },
        ) if dataset == od && dataset == nd => {
            put_for(rows, old_rows, new_rows).map(|rows| Expr::exists(dataset, rows))
        }
        (
            Expr::Total { dataset, func, field, rows, test },
            Expr::Exists { dataset: od, rows: old_rows },
            Expr::Exists { dataset: nd, rows: new_rows },
        ) if dataset == od && dataset == nd => put_for(rows, old_rows, new_rows).map(|rows| Expr::Total {
            dataset: dataset.clone(),
            func: *func,
            field: field.clone(),
            rows: Box::new(rows),
            test: test.clone(),
        }),
        _ => None,
    }
}
