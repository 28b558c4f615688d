//! Draft → Turn: what a translator named becomes typed conditions, checked against the catalog, or errors
//! that say where, whose fault it is and what the nearest names are.
//!
//! Fields, datasets, values and terms are found by their exact name, else by label or synonym, whatever
//! the case and spacing, where that leaves no doubt. A rank or sample comes out `within` everybody:
//! [`Segment::apply`](crate::segment::Segment::apply) puts the segment so far there.

mod error;
mod names;

pub use error::{ResolveError, ResolveFault};

use crate::catalog::{Catalog, Dataset, Sensitivity};
use crate::segment::check::{self, MAX_SEGMENT_DEPTH, SegmentError};
use crate::segment::{Choice, Draft, DraftExpr, Edit, Expr, Func, Metric, Question, Show, Test, Turn, text};

/// How many fields a breakdown groups by at most.
pub const MAX_GROUPED: usize = 2;

/// The turn that `draft` means in `catalog`.
///
/// # Errors
/// Everything that the catalog lacks or refuses, in the order of the draft.
pub fn resolve(draft: Draft, catalog: &Catalog) -> Result<Turn, Vec<ResolveError>> {
    let mut resolver = Resolver { catalog, place: Vec::new(), errors: Vec::new() };
    let edits = resolver.edits("edits", draft.edits);
    let show = resolver.at("show".to_owned(), |r| r.show(draft.show));
    let question = draft.question.map(|q| resolver.question(q));
    if !resolver.errors.is_empty() {
        return Err(resolver.errors);
    }
    Ok(Turn {
        act: draft.act,
        edits,
        show,
        action: draft.action,
        topics: draft.topics,
        question,
        assumptions: draft.assumptions,
        unmatched: draft.unmatched,
        refused: draft.refused,
        confidence: draft.confidence,
    })
}

struct Resolver<'a> {
    catalog: &'a Catalog,
    /// The way to what is being resolved, for errors.
    place: Vec<String>,
    errors: Vec<ResolveError>,
}

/// What stands where an error was found; a turn with an error is never handed out.
const UNRESOLVED: Expr = Expr::All;

impl<'a> Resolver<'a> {
    fn at<T>(&mut self, place: String, resolve: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(place);
        let out = resolve(self);
        self.place.pop();
        out
    }

    fn fault(&mut self, fault: ResolveFault) {
        self.errors.push(ResolveError { place: self.place.join("."), fault });
    }

    /// The value, or the error noted.
    fn noted<T>(&mut self, found: Result<T, ResolveFault>) -> Option<T> {
        found.map_err(|fault| self.fault(fault)).ok()
    }

    fn checked(&mut self, expr: Expr, rows_of: Option<&Dataset>) -> Expr {
        let errors = match rows_of {
            Some(dataset) => check::check_rows(&expr, self.catalog, &dataset.name),
            None => check::check(&expr, self.catalog),
        };
        for error in errors.err().unwrap_or_default() {
            self.fault(ResolveFault::Segment(error));
        }
        expr
    }

    fn edits(&mut self, place: &str, edits: Vec<Edit<DraftExpr>>) -> Vec<Edit<Expr>> {
        let edit = |(i, edit): (usize, Edit<DraftExpr>)| {
            self.at(format!("{place}[{i}]"), |r| Edit {
                op: edit.op,
                condition: r.at("condition".to_owned(), |r| r.whole(&edit.condition, None)),
                instead_of: edit.instead_of.map(|e| r.at("instead_of".to_owned(), |r| r.whole(&e, None))),
                words: edit.words,
            })
        };
        edits.into_iter().enumerate().map(edit).collect()
    }

    fn question(&mut self, question: Question<DraftExpr>) -> Question<Expr> {
        let choice = |(i, choice): (usize, Choice<DraftExpr>)| Choice {
            label: choice.label,
            words: choice.words,
            edits: self.edits(&format!("question.choices[{i}].edits"), choice.edits),
        };
        let choices = question.choices.into_iter().enumerate().map(choice).collect();
        Question { words: question.words, why: question.why, choices }
    }

    fn show(&mut self, show: Show<DraftExpr>) -> Show<Expr> {
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
        if field.sensitivity == Sensitivity::Identifier || of.joins_on.as_deref() == Some(&field.name) {
            self.fault(ResolveFault::Segment(SegmentError::Identifier { field: label }));
        } else if !counted && !field.kind.is_number() {
            self.fault(ResolveFault::Segment(SegmentError::NotANumber { field: label }));
        }
        field.name.clone()
    }

    fn dataset(&mut self, name: &str) -> Option<&'a Dataset> {
        let found = names::dataset(name, self.catalog);
        self.noted(found)
    }

    /// A condition that stands by itself, resolved and checked.
    fn whole(&mut self, draft: &DraftExpr, rows_of: Option<&'a Dataset>) -> Expr {
        let errors = self.errors.len();
        let expr = self.expr(draft, rows_of, 0);
        // What could not be resolved is an error already.
        if self.errors.len() > errors { UNRESOLVED } else { self.checked(expr, rows_of) }
    }

    fn expr(&mut self, draft: &DraftExpr, rows_of: Option<&'a Dataset>, depth: usize) -> Expr {
        if depth > MAX_SEGMENT_DEPTH {
            self.fault(ResolveFault::Segment(SegmentError::TooDeep));
            return UNRESOLVED;
        }
        let depth = depth + 1;
        match draft {
            DraftExpr::All(parts) => Expr::all_of(self.parts("all", parts, rows_of, depth)),
            DraftExpr::Any(parts) => Expr::any_of(self.parts("any", parts, rows_of, depth)),
            DraftExpr::Not(inner) => {
                let inner = self.at("not".to_owned(), |r| r.expr(inner, rows_of, depth));
                inner.negated()
            }
            DraftExpr::Field { field, op, values } => {
                let found = names::field(field, rows_of.unwrap_or(self.catalog.entity()))
                    .and_then(|field| names::compared(field, op, values));
                self.noted(found).unwrap_or(UNRESOLVED)
            }
            DraftExpr::Presence { dataset, rows } => match self.dataset(dataset) {
                Some(of) => Expr::exists(&of.name, self.rows(rows.as_deref(), of, depth)),
                None => UNRESOLVED,
            },
            DraftExpr::Total { dataset, func, field, rows, op, values } => {
                let Some(of) = self.dataset(dataset) else { return UNRESOLVED };
                let rows = self.rows(rows.as_deref(), of, depth);
                self.total(of, *func, field.as_deref(), rows, names::number_test(op, values))
            }
            DraftExpr::Rank { field, end, amount } => match self.noted(names::field(field, self.catalog.entity())) {
                Some(field) => {
                    let (field, within) = (field.name.clone(), Box::new(Expr::All));
                    Expr::Rank { field, end: *end, amount: *amount, within }
                }
                None => UNRESOLVED,
            },
            DraftExpr::Sample { size, seed } => Expr::Sample { size: *size, seed: *seed, within: Box::new(Expr::All) },
            DraftExpr::Term(name) => self.term(name, rows_of),
            DraftExpr::Saved(name) => Expr::Saved { name: name.clone() },
            DraftExpr::Typed(expr) => expr.clone(),
        }
    }

    fn parts(&mut self, place: &str, parts: &[DraftExpr], rows_of: Option<&'a Dataset>, depth: usize) -> Vec<Expr> {
        let part = |(i, part)| self.at(format!("{place}[{i}]"), |r| r.expr(part, rows_of, depth));
        parts.iter().enumerate().map(part).collect()
    }

    fn rows(&mut self, rows: Option<&DraftExpr>, of: &'a Dataset, depth: usize) -> Expr {
        rows.map_or(Expr::All, |rows| self.at("rows".to_owned(), |r| r.expr(rows, Some(of), depth)))
    }

    fn total(
        &mut self,
        of: &Dataset,
        func: Func,
        field: Option<&str>,
        rows: Expr,
        test: Result<(bool, Test), ResolveFault>,
    ) -> Expr {
        let field = match field.map(|name| self.noted(names::field(name, of))) {
            Some(None) => return UNRESOLVED,
            Some(Some(field)) => Some(field.name.clone()),
            None => None,
        };
        let Some((holds, test)) = self.noted(test) else { return UNRESOLVED };
        let total = Expr::Total { dataset: of.name.clone(), func, field, rows: Box::new(rows), test };
        if holds { total } else { total.negated() }
    }

    /// A glossary term as its predicate: on the entity, on the rows we stand in, or as the presence of
    /// such a row.
    fn term(&mut self, name: &str, rows_of: Option<&Dataset>) -> Expr {
        let catalog = self.catalog;
        let Some(term) = self.noted(names::term(name, catalog)) else { return UNRESOLVED };
        let parsed = match (rows_of.map(|d| d.name.as_str()), term.of.as_deref()) {
            (Some(dataset), _) => {
                let Some(predicate) = term.row_predicate(dataset) else {
                    self.fault(ResolveFault::TermNotOfRows { term: term.name.clone(), dataset: dataset.to_owned() });
                    return UNRESOLVED;
                };
                text::parse_rows(predicate, catalog, dataset)
            }
            (None, Some(of)) => text::parse_rows(&term.predicate, catalog, of).map(|rows| Expr::exists(of, rows)),
            (None, None) => text::parse(&term.predicate, catalog),
        };
        self.noted(parsed.map_err(ResolveFault::Predicate)).unwrap_or(UNRESOLVED)
    }
}
