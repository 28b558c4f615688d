//! What a draft shows beside the count: groups and aggregates.

use super::error::ResolveFault;
use super::{MAX_GROUPED, Resolver, UNRESOLVED, names};
use crate::catalog::Dataset;
use crate::segment::check::{SegmentError, is_identifier};
use crate::segment::{DraftExpr, Expr, Func, Metric, Show};

impl Resolver<'_> {
    pub(super) fn show(&mut self, show: Show<DraftExpr>) -> Show<Expr> {
        if show.breakdown.len() > MAX_GROUPED {
            self.fault(ResolveFault::TooManyGroups);
        }
        let breakdown: Vec<_> = show.breakdown.iter().filter_map(|name| self.grouping(name)).collect();
        let rows = show.rows.map(|rows| self.at("rows".to_owned(), |r| r.group_rows(&rows, &breakdown)));
        let metric = show.metric.map(|m| self.at("metric".to_owned(), |r| r.metric(m)));
        Show { breakdown, rows, top: show.top, bottom: show.bottom, metric }
    }

    /// The exact name of what a breakdown groups by.
    fn grouping(&mut self, name: &str) -> Option<String> {
        let found = names::grouping(name, self.catalog);
        self.at("breakdown".to_owned(), |r| r.noted(found))
    }

    /// A condition on the rows of a breakdown by a field of a many-table.
    fn group_rows(&mut self, rows: &DraftExpr, breakdown: &[String]) -> Expr {
        let dataset = breakdown.iter().find_map(|name| name.split_once('.')).map(|(dataset, _)| dataset.to_owned());
        let Some(dataset) = dataset.and_then(|name| self.dataset(&name)) else {
            self.fault(ResolveFault::RowsOfNothing);
            return UNRESOLVED;
        };
        self.whole(rows, Some(dataset))
    }

    fn metric(&mut self, metric: Metric<DraftExpr>) -> Metric<Expr> {
        match metric {
            Metric::Share(condition) => Metric::Share(self.whole(&condition, None)),
            Metric::Of { func, field } => {
                let field = self.measure(func, &field, self.catalog.entity());
                Metric::Of { func, field }
            }
            Metric::OfRows { func, dataset, field, rows } => {
                let Some(of) = self.dataset(&dataset) else {
                    return Metric::OfRows { func, dataset, field, rows: None };
                };
                let field = self.measure(func, &field, of);
                let rows = rows.map(|rows| self.at("rows".to_owned(), |r| r.whole(&rows, Some(of))));
                Metric::OfRows { func, dataset: of.name.clone(), field, rows }
            }
        }
    }

    /// The exact name of a field that `func` can be taken of.
    fn measure(&mut self, func: Func, name: &str, of: &Dataset) -> String {
        let Some(field) = self.noted(names::field(name, of)) else { return name.to_owned() };
        let counted = matches!(func, Func::Count | Func::CountDistinct);
        let label = field.label.clone();
        if is_identifier(field, of) {
            self.fault(ResolveFault::Segment(SegmentError::Identifier { field: label }));
        } else if !counted && !field.kind.is_number() {
            self.fault(ResolveFault::Segment(SegmentError::NotANumber { field: label }));
        }
        field.name.clone()
    }
}
