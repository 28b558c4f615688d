//! Measures of rows: a test of each row, or of an aggregate over them.

use super::comparisons::test_of;
use crate::catalog::Reading;
use crate::segment::{Expr, Func, Test};
use crate::translate::grammar::amounts::Amount;
use crate::translate::grammar::conditions::Presence;
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
                rows: vec![expr],
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
        let rows = if self.starts_anew() { Vec::new() } else { self.rows_in_segment(d, &total) };
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

    /// The rows of the last presence of `d` in the segment: "둘을 합쳐서 통화 4회 이상".
    fn rows_in_segment(&self, d: usize, total: &Total) -> Vec<Expr> {
        if total.func == Func::CountDistinct && !self.has(Class::LikeThat) {
            return Vec::new();
        }
        let name = &self.dataset(d).name;
        let rows = self.segment().conditions.iter().rev().find_map(|c| match &c.expr {
            Expr::Exists { dataset, rows } | Expr::Total { dataset, rows, .. } if dataset == name => {
                Some((**rows).clone())
            }
            _ => None,
        });
        rows.into_iter().filter(|r| *r != Expr::All).collect()
    }
}
