//! The comparisons in a condition, and the attributes that it is about.

use crate::catalog::Catalog;
use crate::segment::{Expr, Func, Literal, Test};

/// What a comparison compares: dataset (none for the entity), field, and the function where it is of a total.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subject {
    pub(super) dataset: Option<String>,
    pub(super) field: String,
    pub(super) func: Option<Func>,
}

/// A comparison, to be looked at or put right.
pub(super) struct Leaf<'a> {
    pub(super) subject: Subject,
    pub(super) test: &'a mut Test,
    /// Whether it is one of several of which any will do.
    pub(super) alternative: bool,
}

/// Every comparison in `expr`.
pub(super) fn leaves(expr: &mut Expr) -> Vec<Leaf<'_>> {
    let mut all = Vec::new();
    collect(expr, None, false, &mut all);
    all
}

fn collect<'a>(expr: &'a mut Expr, dataset: Option<&str>, alternative: bool, all: &mut Vec<Leaf<'a>>) {
    match expr {
        Expr::And(parts) => parts.iter_mut().for_each(|p| collect(p, dataset, alternative, all)),
        Expr::Or(parts) => parts.iter_mut().for_each(|p| collect(p, dataset, true, all)),
        Expr::Not(inner) => collect(inner, dataset, alternative, all),
        Expr::Compare { field, test } => {
            let subject = Subject { dataset: dataset.map(str::to_owned), field: field.clone(), func: None };
            all.push(Leaf { subject, test, alternative });
        }
        Expr::Exists { dataset, rows } => collect(rows, Some(dataset.as_str()), alternative, all),
        Expr::Total { dataset, func, field, rows, test } => {
            collect(rows, Some(dataset.as_str()), alternative, all);
            let field = field.clone().unwrap_or_default();
            let subject = Subject { dataset: Some(dataset.clone()), field, func: Some(*func) };
            all.push(Leaf { subject, test, alternative });
        }
        Expr::All | Expr::Rank { .. } | Expr::Sample { .. } | Expr::Saved { .. } => {}
    }
}

/// The constants of a test.
pub(super) fn literals(test: &Test) -> Vec<&Literal> {
    match test {
        Test::Eq(v) | Test::Ne(v) | Test::Lt(v) | Test::Le(v) | Test::Gt(v) | Test::Ge(v) => vec![v],
        Test::Between(low, high) => vec![low, high],
        Test::In(values) => values.iter().collect(),
        Test::True | Test::Missing => Vec::new(),
    }
}

/// The attributes that `expr` restricts, as dataset and field, in order and once each.
pub(super) fn attributes(expr: &Expr, catalog: &Catalog) -> Vec<(String, String)> {
    let mut all = Vec::new();
    attributes_of(expr, &catalog.entity().name, catalog, &mut all);
    all.sort_unstable();
    all.dedup();
    all
}

fn attributes_of(expr: &Expr, dataset: &str, catalog: &Catalog, all: &mut Vec<(String, String)>) {
    let mut push = |dataset: &str, field: &str| {
        all.push((dataset.to_owned(), catalog.attribute(dataset, field).to_owned()));
    };
    match expr {
        Expr::And(parts) | Expr::Or(parts) => {
            for part in parts {
                attributes_of(part, dataset, catalog, all);
            }
        }
        Expr::Not(inner) => attributes_of(inner, dataset, catalog, all),
        Expr::Compare { field, .. } | Expr::Rank { field, .. } => push(dataset, field),
        Expr::Exists { dataset, rows } if **rows == Expr::All => push(dataset, ""),
        Expr::Exists { dataset, rows } => attributes_of(rows, dataset, catalog, all),
        Expr::Total { dataset, field, rows, .. } => {
            push(dataset, field.as_deref().unwrap_or_default());
            attributes_of(rows, dataset, catalog, all);
        }
        Expr::All | Expr::Sample { .. } | Expr::Saved { .. } => {}
    }
}
