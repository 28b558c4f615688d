//! Measures of rows: a test of each row, or of an aggregate over them.

use super::comparisons::test_of;
use crate::catalog::Reading;
use crate::segment::{Expr, Func, Test};
use crate::translate::grammar::amounts::Amount;
use crate::translate::grammar::conditions::{Presence, union};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::reader::Reader;

/// A comparison of an aggregate of rows.
#[derive(Debug, Clone)]
pub(in crate::translate::grammar) struct Total {
    pub(in crate::translate::grammar) func: Func,
    pub(in crate::translate::grammar) field: Option<String>,
    pub(in crate::translate::grammar) test: Test,
}

impl Reader<'_> {
    pub(super) fn row_amount(
        &mut self,
        presences: &mut Vec<Presence>,
        at: usize,
        d: usize,
        f: usize,
        amount: &Amount,
        factor: f64,
    ) {
        let field = self.field(d, f);
        let Some(test) = test_of(amount, factor, field.kind.is_integer()) else { return };
        let summed = field.reading == Reading::Total || self.total_said(self.clauses[at]);
        if summed {
            let total = Total { func: Func::Sum, field: Some(field.name.clone()), test };
            self.total(presences, at, d, total);
            return;
        }
        let expr = Expr::Compare { field: field.name.clone(), test };
        let clause = self.clauses[at];
        match presences.iter_mut().filter(|p| p.dataset == d).min_by_key(|p| p.clause.abs_diff(clause)) {
            Some(presence) => {
                presence.rows.push(expr);
                presence.first = presence.first.min(at);
                presence.last = presence.last.max(at);
            }
            None => presences.push(Presence {
                dataset: d,
                clause,
                first: at,
                last: at,
                rows: [self.rows_spoken_of(d, Some(&field.name)), vec![expr]].concat(),
                each: Vec::new(),
                totals: Vec::new(),
            }),
        }
    }

    /// A total belongs to the presence spoken of, or to the one that the segment already has.
    pub(super) fn total(&mut self, presences: &mut Vec<Presence>, at: usize, d: usize, total: Total) {
        let clause = self.clauses[at];
        if let Some(presence) = presences
            .iter_mut()
            .filter(|p| p.dataset == d && p.clause.abs_diff(clause) <= 1)
            .min_by_key(|p| p.clause.abs_diff(clause))
        {
            presence.totals.push(total);
            presence.first = presence.first.min(at);
            presence.last = presence.last.max(at);
            return;
        }
        // "11번가 구매액 총합" names its table, and means all of it.
        let named = self.parts.iter().any(|p| p.datasets().contains(&d));
        let rows = if (named || total.func == Func::CountDistinct) && !self.has(Class::LikeThat) {
            Vec::new()
        } else {
            self.rows_spoken_of(d, None)
        };
        presences.push(Presence {
            dataset: d,
            clause,
            first: at,
            last: at,
            rows,
            each: Vec::new(),
            totals: vec![total],
        });
    }

    /// The rows that the segment so far requires of `d`, which a measure without rows of its own is about:
    /// "15일 이상" after an app; "둘을 합쳐서 통화 4회 이상" after two kinds of business. What they say of `but` is left out.
    pub(in crate::translate::grammar) fn rows_spoken_of(&self, d: usize, but: Option<&str>) -> Vec<Expr> {
        if self.starts_anew() {
            return Vec::new();
        }
        let name = &self.dataset(d).name;
        let mut found: Vec<Expr> = Vec::new();
        for condition in &self.segment().conditions {
            required_rows(&condition.expr, name, &mut found);
        }
        let together = self.parts.iter().any(|p| p.any(&[Class::LikeThat, Class::Combined]));
        let rows = match found.pop() {
            Some(last) if together => found.into_iter().rfold(last, |all, rows| union(&rows, &all).unwrap_or(all)),
            Some(last) => last,
            None => return Vec::new(),
        };
        let parts = match rows {
            Expr::All => Vec::new(),
            Expr::And(parts) => parts,
            one => vec![one],
        };
        let about = |e: &Expr| but.is_some_and(|b| Self::restricts(e, None, &|_, f| f == b));
        parts.into_iter().filter(|e| !about(e)).collect()
    }
}

/// Rows of `dataset` that must exist or are totalled, in order.
fn required_rows(expr: &Expr, dataset: &str, found: &mut Vec<Expr>) {
    match expr {
        Expr::Exists { dataset: d, rows } | Expr::Total { dataset: d, rows, .. } if d == dataset => {
            found.push((**rows).clone());
        }
        Expr::And(parts) => parts.iter().for_each(|p| required_rows(p, dataset, found)),
        _ => {}
    }
}
