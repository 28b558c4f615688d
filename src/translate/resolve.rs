//! Draft → Turn: what a translator named becomes typed conditions, checked against the catalog, or errors
//! that say where, whose fault it is and what the nearest names are.
//!
//! Fields, datasets, values and terms are found by their exact name, else by label or synonym, whatever
//! the case and spacing, where that leaves no doubt. A rank or sample comes out `within` everybody:
//! [`Segment::apply`](crate::segment::Segment::apply) puts the segment so far there.

mod error;
mod names;
mod show;

pub use error::{Named, ResolveError, ResolveFault};

use crate::catalog::{Catalog, Dataset};
use crate::segment::check::{self, MAX_SEGMENT_DEPTH, SegmentError};
use crate::segment::{Choice, Draft, DraftExpr, Edit, Expr, Func, Question, Test, Turn, text};

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
        used: draft.used,
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::catalog::Locale;
    use crate::segment::check::Whose;
    use crate::segment::{EditOp, Metric, Show, Words};

    fn field(field: &str, op: &str, values: Json) -> DraftExpr {
        let Json::Array(values) = values else { panic!("values are a list") };
        DraftExpr::Field { field: field.to_owned(), op: op.to_owned(), values }
    }

    fn presence(dataset: &str, rows: DraftExpr) -> DraftExpr {
        DraftExpr::Presence { dataset: dataset.to_owned(), rows: Some(Box::new(rows)) }
    }

    fn draft(condition: DraftExpr) -> Draft {
        let edit = Edit { op: EditOp::Narrow, condition, instead_of: None, words: Words::default() };
        Draft { edits: vec![edit], ..Draft::default() }
    }

    fn read(condition: DraftExpr) -> Result<String, Vec<ResolveError>> {
        let catalog = crate::catalog::builtin().unwrap();
        resolve(draft(condition), &catalog).map(|turn| text::print(&turn.edits[0].condition))
    }

    fn shown(show: Show<DraftExpr>) -> Result<Show<Expr>, Vec<ResolveError>> {
        let catalog = crate::catalog::builtin().unwrap();
        resolve(Draft { show, ..Draft::default() }, &catalog).map(|turn| turn.show)
    }

    fn by(names: &[&str]) -> Show<DraftExpr> {
        Show { breakdown: names.iter().map(|n| (*n).to_owned()).collect(), ..Draft::default().show }
    }

    #[test]
    fn names_values_and_dates_are_found() {
        for (condition, text) in [
            (field("home_sigungu", "=", json!(["강남구"])), "home_sigungu = '강남구'"),
            (field("성별", "in", json!(["여자"])), "gender = 'F'"),
            (field("Gender", "!=", json!(["women"])), "gender <> 'F'"),
            (field("age", "between", json!([20, "29"])), "age BETWEEN 20 AND 29"),
            (field("data_gb_30d", ">=", json!([1.5])), "data_gb_30d >= 1.5"),
            (field("joined_on", ">=", json!(["-30d"])), "joined_on >= AS_OF - 30 DAYS"),
            (field("joined_on", "<", json!(["2024-04-22"])), "joined_on < DATE '2024-04-22'"),
            (field("joined_on", ">=", json!(["-3m"])), "joined_on >= AS_OF - 3 MONTHS"),
            (field("foreigner", "=", json!([false])), "NOT foreigner"),
            (field("foreigner", "true", json!([])), "foreigner"),
            (field("contract_months_left", "missing", json!([])), "contract_months_left IS MISSING"),
            (
                presence("app_usage", field("app", "in", json!(["넷플릭스", "tving"]))),
                "EXISTS app_usage (app IN ('Netflix', 'TVING'))",
            ),
            (presence("app_usage", DraftExpr::Term("자주".to_owned())), "EXISTS app_usage (days_used_30d >= 15)"),
            (presence("visits", DraftExpr::Term("often".to_owned())), "EXISTS visits (visits_30d >= 8)"),
            (DraftExpr::Term("자주".to_owned()), "EXISTS app_usage (days_used_30d >= 15)"),
            (DraftExpr::Term("시니어".to_owned()), "age >= 65"),
            (
                DraftExpr::Rank {
                    field: "데이터 사용량".to_owned(),
                    end: crate::segment::End::Top,
                    amount: crate::segment::Amount::Share(0.1),
                },
                "TOP 10% BY data_gb_30d",
            ),
            (
                DraftExpr::Total {
                    dataset: "app_usage".to_owned(),
                    func: Func::Sum,
                    field: Some("minutes_30d".to_owned()),
                    rows: Some(Box::new(field("app_category", "=", json!(["OTT"])))),
                    op: ">=".to_owned(),
                    values: vec![json!(1200)],
                },
                "SUM(app_usage.minutes_30d WHERE app_category = 'OTT') >= 1200",
            ),
            (DraftExpr::Not(Box::new(DraftExpr::Saved("a".to_owned()))), "NOT SEGMENT 'a'"),
        ] {
            assert_eq!(read(condition).unwrap(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (condition, place, whose) in [
            (field("gendr", "=", json!(["F"])), "edits[0].condition", Whose::Model),
            (field("home_sigungu", "=", json!(["강낭구"])), "edits[0].condition", Whose::Model),
            (field("age", "~", json!([3])), "edits[0].condition", Whose::Model),
            (field("age", "=", json!(["x"])), "edits[0].condition", Whose::Model),
            (field("age", "between", json!([1])), "edits[0].condition", Whose::Model),
            (field("customer_id", "=", json!([1])), "edits[0].condition", Whose::Policy),
            (presence("app_usage", field("app", "=", json!(["넷프릭숭"]))), "edits[0].condition.rows", Whose::Model),
            (presence("zzzz", DraftExpr::All(Vec::new())), "edits[0].condition", Whose::Model),
            (presence("visits", DraftExpr::Term("시니어".to_owned())), "edits[0].condition.rows", Whose::Model),
            (DraftExpr::Term("시니아".to_owned()), "edits[0].condition", Whose::Model),
            (
                DraftExpr::Typed(Expr::Compare { field: "x".to_owned(), test: Test::True }),
                "edits[0].condition",
                Whose::Model,
            ),
        ] {
            let errors = read(condition.clone()).err().unwrap_or_default();
            assert_eq!(errors.len(), 1, "{condition:?}: {errors:?}");
            assert_eq!((errors[0].place.as_str(), errors[0].whose()), (place, whose), "{condition:?}");
            assert_ne!(errors[0].message(Locale::Ko), errors[0].message(Locale::En));
        }
        let near = read(field("gendr", "=", json!(["F"]))).unwrap_err();
        assert!(near[0].nearest().contains(&"gender".to_owned()));
    }

    #[test]
    fn all_errors_are_told_at_once() {
        let both = DraftExpr::All(vec![field("x", "=", json!([1])), field("y", "=", json!([1]))]);
        let places: Vec<_> = read(both).unwrap_err().into_iter().map(|e| e.place).collect();
        assert_eq!(places, ["edits[0].condition.all[0]", "edits[0].condition.all[1]"]);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = (0..1000).fold(DraftExpr::All(Vec::new()), |e, _| DraftExpr::Not(Box::new(e)));
        assert_eq!(read(deep).unwrap_err()[0].fault, ResolveFault::Segment(SegmentError::TooDeep));
    }

    #[test]
    fn breakdowns_and_metrics_are_checked() {
        assert_eq!(shown(by(&["age_band", "성별"])).unwrap().breakdown, ["age_band", "gender"]);
        assert_eq!(shown(by(&["app"])).unwrap().breakdown, ["app_usage.app"]);
        assert_eq!(shown(by(&["app_usage.앱 분류"])).unwrap().breakdown, ["app_usage.app_category"]);
        assert!(shown(by(&["minutes_30d"])).is_err(), "of two tables");
        assert!(shown(by(&["customer_id"])).is_err());
        assert!(shown(by(&["gender", "age_band", "network"])).is_err());
        let rows = || Some(field("app_category", "=", json!(["OTT"])));
        let with_rows = shown(Show { rows: rows(), ..by(&["app"]) }).unwrap();
        assert_eq!(text::print(&with_rows.rows.unwrap()), "app_category = 'OTT'");
        assert!(shown(Show { rows: rows(), ..by(&["gender"]) }).is_err());
        let metric = |func, field: &str| Show { metric: Some(Metric::Of { func, field: field.to_owned() }), ..by(&[]) };
        assert_eq!(
            shown(metric(Func::Avg, "월정액")).unwrap().metric,
            Some(Metric::Of { func: Func::Avg, field: "monthly_fee".to_owned() })
        );
        assert!(shown(metric(Func::Avg, "gender")).is_err());
        assert!(shown(metric(Func::Max, "customer_id")).is_err());
    }
}
