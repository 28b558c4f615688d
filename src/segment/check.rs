//! Checks of a segment against the catalog: what does not pass here is never compiled, whoever made it.

mod error;

pub(crate) use error::near;
pub use error::{Doubt, SegmentError, Whose};

use super::{Amount, Expr, Func, Literal, Test, text};
use crate::catalog::{Catalog, Dataset, Fault, Field, FieldType, Sensitivity, nearest};

/// How deep a segment may nest.
pub const MAX_SEGMENT_DEPTH: usize = 64;

/// How many bytes a segment's text form may have.
pub const MAX_SEGMENT_TEXT: usize = 100_000;

/// Whether `expr` can be asked of `catalog`: its fields exist and may be used, its tests fit them, and it
/// is neither too deep nor too long.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check(expr: &Expr, catalog: &Catalog) -> Result<(), Vec<SegmentError>> {
    whole(expr, catalog, catalog.entity(), true)
}

/// The same for a condition on rows of `dataset`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check_rows(expr: &Expr, catalog: &Catalog, dataset: &str) -> Result<(), Vec<SegmentError>> {
    let mut checker = Checker { catalog, errors: Vec::new(), doubts: Vec::new() };
    match checker.many(dataset) {
        Some(rows_of) => whole(expr, catalog, rows_of, false),
        None => Err(checker.errors),
    }
}

/// What is odd about `expr` without being wrong: numbers that no row can have.
#[must_use]
pub fn doubts(expr: &Expr, catalog: &Catalog) -> Vec<Doubt> {
    let mut checker = Checker { catalog, errors: Vec::new(), doubts: Vec::new() };
    if !too_deep(expr, MAX_SEGMENT_DEPTH) {
        checker.expr(expr, catalog.entity(), true);
    }
    checker.doubts
}

/// The predicates of the catalog itself (population, glossary, channels) that do not parse or check.
#[must_use]
pub fn catalog_predicates(catalog: &Catalog) -> Vec<Fault> {
    let population = (catalog.population.as_str(), None, 0, "population");
    let terms = catalog.glossary.iter().flat_map(|term| {
        let first = (term.predicate.as_str(), term.of.as_deref(), term.line, term.name.as_str());
        let also = term.also.iter().map(|(of, p)| (p.as_str(), Some(of.as_str()), term.line, term.name.as_str()));
        std::iter::once(first).chain(also)
    });
    let channels = catalog.contact.channels.iter().map(|c| (c.needs.as_str(), None, c.line, c.name.as_str()));
    std::iter::once(population)
        .chain(terms)
        .chain(channels)
        .flat_map(|(predicate, of, line, name)| {
            predicate_faults(predicate, of, catalog).into_iter().map(move |m| (line, format!("{name}: {m}")))
        })
        .map(|(line, message)| fault(catalog, line, message))
        .collect()
}

fn predicate_faults(predicate: &str, of: Option<&str>, catalog: &Catalog) -> Vec<String> {
    let parsed = match of {
        Some(dataset) => text::parse_rows(predicate, catalog, dataset),
        None => text::parse(predicate, catalog),
    };
    let checked = match parsed {
        Err(error) => return vec![error.to_string()],
        Ok(expr) => match of {
            Some(dataset) => check_rows(&expr, catalog, dataset),
            None => check(&expr, catalog),
        },
    };
    checked.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

fn fault(catalog: &Catalog, line: u64, message: String) -> Fault {
    Fault { file: catalog.source.display().to_string(), line, message }
}

fn whole(expr: &Expr, catalog: &Catalog, scope: &Dataset, entity: bool) -> Result<(), Vec<SegmentError>> {
    if too_deep(expr, MAX_SEGMENT_DEPTH) {
        return Err(vec![SegmentError::TooDeep]);
    }
    let mut checker = Checker { catalog, errors: Vec::new(), doubts: Vec::new() };
    if text::print(expr).len() > MAX_SEGMENT_TEXT {
        checker.errors.push(SegmentError::TooLong);
    } else {
        checker.expr(expr, scope, entity);
    }
    if checker.errors.is_empty() { Ok(()) } else { Err(checker.errors) }
}

/// Whether `expr` nests deeper than `left`. Stops there, so that its own recursion is bounded.
fn too_deep(expr: &Expr, left: usize) -> bool {
    let Some(left) = left.checked_sub(1) else { return true };
    match expr {
        Expr::All | Expr::Compare { .. } | Expr::Saved { .. } => false,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|p| too_deep(p, left)),
        Expr::Not(inner)
        | Expr::Exists { rows: inner, .. }
        | Expr::Total { rows: inner, .. }
        | Expr::Rank { within: inner, .. }
        | Expr::Sample { within: inner, .. } => too_deep(inner, left),
    }
}

struct Checker<'a> {
    catalog: &'a Catalog,
    errors: Vec<SegmentError>,
    doubts: Vec<Doubt>,
}

impl<'a> Checker<'a> {
    /// Checks `expr` over `scope`, which is the entity or a many-table.
    fn expr(&mut self, expr: &Expr, scope: &Dataset, entity: bool) {
        match expr {
            Expr::All => {}
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|p| self.expr(p, scope, entity)),
            Expr::Not(inner) => self.expr(inner, scope, entity),
            Expr::Compare { field, test } => {
                if let Some(field) = self.field(scope, field) {
                    self.test(field, test);
                }
            }
            _ if !entity => self.errors.push(SegmentError::NotInRows { dataset: scope.name.clone() }),
            Expr::Exists { dataset, rows } => {
                if let Some(dataset) = self.many(dataset) {
                    self.expr(rows, dataset, false);
                }
            }
            Expr::Total { dataset, func, field, rows, test } => {
                if let Some(dataset) = self.many(dataset) {
                    self.total(dataset, *func, field.as_deref(), test);
                    self.expr(rows, dataset, false);
                }
            }
            Expr::Rank { field, amount, within, .. } => {
                self.rank(field, *amount);
                self.expr(within, scope, true);
            }
            Expr::Sample { size, within, .. } => {
                if *size == 0 {
                    self.errors.push(SegmentError::NoSize);
                }
                self.expr(within, scope, true);
            }
            Expr::Saved { name } if name.trim().is_empty() => self.errors.push(SegmentError::NoName),
            Expr::Saved { .. } => {}
        }
    }

    fn many(&mut self, name: &str) -> Option<&'a Dataset> {
        let many = || self.catalog.datasets.iter().skip(1);
        let found = many().find(|d| d.name == name);
        if found.is_none() {
            let nearest = owned(nearest(name, many().map(|d| d.name.as_str())));
            self.errors.push(SegmentError::UnknownDataset { name: name.to_owned(), nearest });
        }
        found
    }

    /// The field, where it exists and may be used.
    fn field<'d>(&mut self, of: &'d Dataset, name: &str) -> Option<&'d Field> {
        let Some(field) = of.field(name) else {
            let nearest = owned(nearest(name, of.fields.iter().map(|f| f.name.as_str())));
            self.errors.push(SegmentError::UnknownField { name: name.to_owned(), dataset: of.name.clone(), nearest });
            return None;
        };
        if is_identifier(field, of) {
            self.errors.push(SegmentError::Identifier { field: field.label.clone() });
            return None;
        }
        Some(field)
    }

    fn total(&mut self, of: &Dataset, func: Func, field: Option<&str>, test: &Test) {
        if func == Func::Median || (field.is_none() && func != Func::Count) {
            self.errors.push(SegmentError::BadTotal { dataset: of.name.clone() });
        }
        if let Some(field) = field.and_then(|name| self.field(of, name)) {
            let counted = matches!(func, Func::Count | Func::CountDistinct);
            if !counted && !field.kind.is_number() {
                self.errors.push(SegmentError::NotANumber { field: field.label.clone() });
            }
        }
        if !fits(FieldType::Float64, test) {
            self.errors.push(SegmentError::BadTotal { dataset: of.name.clone() });
        }
    }

    fn rank(&mut self, name: &str, amount: Amount) {
        let catalog = self.catalog;
        if let Some(field) = self.field(catalog.entity(), name)
            && !field.kind.is_number()
        {
            self.errors.push(SegmentError::NotANumber { field: field.label.clone() });
        }
        let some = match amount {
            Amount::Share(share) => share > 0.0 && share <= 1.0,
            Amount::Number(number) => number > 0,
        };
        if !some {
            self.errors.push(SegmentError::NoSize);
        }
    }

    fn test(&mut self, field: &Field, test: &Test) {
        if !fits(field.kind, test) {
            self.errors.push(SegmentError::BadTest {
                field: field.label.clone(),
                kind: field.kind,
                test: text::print(&Expr::Compare { field: field.name.clone(), test: test.clone() }),
            });
            return;
        }
        for value in literals(test) {
            match value {
                Literal::Text(value) if !field.values.is_empty() && field.value(value).is_none() => {
                    let nearest = owned(nearest(value, field.values.iter().map(|v| v.name.as_str())));
                    let label = field.label.clone();
                    self.errors.push(SegmentError::UnknownValue { field: label, value: value.clone(), nearest });
                }
                Literal::Int(_) | Literal::Float(_) => self.in_range(field, value),
                _ => {}
            }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a doubt about a number that large is no loss")]
    fn in_range(&mut self, field: &Field, value: &Literal) {
        let number = match value {
            Literal::Int(number) => *number as f64,
            Literal::Float(number) => *number,
            _ => return,
        };
        if let Some((low, high)) = field.range
            && !(low..=high).contains(&number)
        {
            self.doubts.push(Doubt { field: field.label.clone(), value: number.to_string(), range: (low, high) });
        }
    }
}

/// Whether a field of `of` tells who somebody is: marked so, or the entity's key.
pub(crate) fn is_identifier(field: &Field, of: &Dataset) -> bool {
    let entity_key = match &of.joins_on {
        Some(key) => *key == field.name,
        None => of.primary_key.contains(&field.name),
    };
    entity_key || field.sensitivity == Sensitivity::Identifier
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// The constants of a test.
pub(crate) fn literals(test: &Test) -> Vec<&Literal> {
    match test {
        Test::Eq(v) | Test::Ne(v) | Test::Lt(v) | Test::Le(v) | Test::Gt(v) | Test::Ge(v) => vec![v],
        Test::Between(low, high) => vec![low, high],
        Test::In(values) => values.iter().collect(),
        Test::True | Test::Missing => Vec::new(),
    }
}

/// Whether a field of type `kind` can be put to `test`.
fn fits(kind: FieldType, test: &Test) -> bool {
    let right_literals = literals(test).into_iter().all(|value| match value {
        Literal::Int(_) => kind.is_number(),
        Literal::Float(number) => kind.is_number() && number.is_finite(),
        Literal::Text(_) => kind == FieldType::String,
        Literal::Date(_) => kind == FieldType::Date,
    });
    let right_test = match test {
        Test::True => kind == FieldType::Bool,
        Test::In(values) => !values.is_empty(),
        Test::Missing | Test::Eq(_) | Test::Ne(_) => true,
        Test::Lt(_) | Test::Le(_) | Test::Gt(_) | Test::Ge(_) | Test::Between(..) => kind != FieldType::String,
    };
    right_literals && right_test
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::catalog::Locale;

    fn errors(text: &str) -> Vec<SegmentError> {
        let catalog = crate::catalog::builtin().unwrap();
        check(&text::parse(text, &catalog).unwrap(), &catalog).err().unwrap_or_default()
    }

    #[test]
    fn the_catalogs_own_predicates_hold() {
        assert_eq!(catalog_predicates(&crate::catalog::builtin().unwrap()), []);
    }

    #[test]
    fn what_fits_passes() {
        for text in [
            "age >= 20 AND home_sigungu = '강남구' AND contract_months_left IS MISSING",
            "joined_on BETWEEN DATE '2023-01-01' AND AS_OF - 3 MONTHS AND data_gb_30d > 1",
            "SUM(app_usage.minutes_30d WHERE app_category = 'OTT') >= 1200",
            "TOP 10% BY arpu_3m WITHIN (ad_consent)",
        ] {
            assert_eq!(errors(text), [], "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for text in [
            "gender < 'F'",
            "gender = 1",
            "age = '20'",
            "age",
            "ad_consent = 1",
            "joined_on > 3",
            "home_sigungu = '강낭구'",
            "customer_id = 3",
            "COUNT(DISTINCT app_usage.customer_id) > 3",
            "EXISTS app_usage (customer_id = 3)",
            "SUM(app_usage.app) > 3",
            "SUM(app_usage) > 3",
            "COUNT(app_usage) > 'x'",
            "TOP 10 BY gender",
            "TOP 101% BY age",
            "SAMPLE 0 SEED 1",
            "SEGMENT ' '",
        ] {
            let errors = errors(text);
            assert_eq!(errors.len(), 1, "{text}");
            for error in errors {
                assert_ne!(error.message(Locale::Ko), error.message(Locale::En));
            }
        }
    }

    #[test]
    fn depth_and_length_have_limits() {
        let catalog = crate::catalog::builtin().unwrap();
        let deep = (0..MAX_SEGMENT_DEPTH).fold(Expr::All, |e, _| Expr::Not(Box::new(e)));
        assert_eq!(check(&deep, &catalog), Err(vec![SegmentError::TooDeep]));
        let long = Expr::Saved { name: "x".repeat(MAX_SEGMENT_TEXT) };
        assert_eq!(check(&long, &catalog), Err(vec![SegmentError::TooLong]));
    }

    #[test]
    fn a_number_out_of_range_is_a_doubt() {
        let catalog = crate::catalog::builtin().unwrap();
        let expr = text::parse("churn_score >= 70", &catalog).unwrap();
        assert_eq!(check(&expr, &catalog), Ok(()));
        assert_eq!(doubts(&expr, &catalog).len(), 1);
    }
}
