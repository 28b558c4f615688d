//! The normal form: equal requests, in whatever language and order, give one expression.
//!
//! A segment has two truth values only (a comparison with a missing value does not hold, and `Not` is IS
//! NOT TRUE), so the laws of Boolean algebra hold exactly, missing values or not; what needs care is the
//! opposite of a comparison, which is the opposite comparison only where the value is never missing.
//! That, and that a district lies in its province, is taken from the catalog.
//!
//! One pass works from the leaves up; passes are repeated until nothing changes, so the form is its own
//! normal form.

mod literal;
mod merge;
mod subject;

use super::{Expr, Func, Literal, Test, text};
use crate::catalog::{Catalog, Dataset};
use subject::Subject;

/// Passes after which a form is taken as it is. Each pass makes the expression smaller or sorts it; two
/// or three are usual.
const MAX_PASSES: usize = 64;

/// The normal form of `expr`: it holds for the same rows, and is equal for equal requests.
#[must_use]
pub fn normal_form(expr: &Expr, catalog: &Catalog) -> Expr {
    let normal = Normal { catalog };
    let mut form = normal.pass(expr, catalog.entity());
    for _ in 0..MAX_PASSES {
        let next = normal.pass(&form, catalog.entity());
        if next == form {
            break;
        }
        form = next;
    }
    form
}

/// What holds for nobody.
fn nobody() -> Expr {
    Expr::Or(Vec::new())
}

struct Normal<'a> {
    catalog: &'a Catalog,
}

impl<'a> Normal<'a> {
    fn pass(&self, expr: &Expr, scope: &'a Dataset) -> Expr {
        match expr {
            Expr::All | Expr::Saved { .. } => expr.clone(),
            Expr::And(parts) => self.and(parts.iter().map(|p| self.pass(p, scope)).collect(), scope),
            Expr::Or(parts) => self.or(parts.iter().map(|p| self.pass(p, scope)).collect(), scope),
            Expr::Not(inner) => self.not(self.pass(inner, scope), scope),
            Expr::Exists { dataset, rows } => self.exists(dataset, rows, scope),
            Expr::Compare { .. } => self.compared(expr.clone(), scope),
            Expr::Total { dataset, func, field, rows, test } => {
                let rows = Box::new(self.pass(rows, self.dataset(dataset, scope)));
                let (dataset, func) = (dataset.clone(), *func);
                let field = field.clone().filter(|name| !self.counts_every_row(&dataset, func, name));
                self.compared(Expr::Total { dataset, func, field, rows, test: test.clone() }, scope)
            }
            Expr::Rank { field, end, amount, within } => {
                let within = Box::new(self.pass(within, scope));
                Expr::Rank { field: field.clone(), end: *end, amount: *amount, within }
            }
            Expr::Sample { size, seed, within } => {
                Expr::Sample { size: *size, seed: *seed, within: Box::new(self.pass(within, scope)) }
            }
        }
    }

    fn dataset(&self, name: &str, or: &'a Dataset) -> &'a Dataset {
        self.catalog.datasets.iter().find(|d| d.name == name).unwrap_or(or)
    }

    fn exists(&self, dataset: &str, rows: &Expr, scope: &'a Dataset) -> Expr {
        match self.pass(rows, self.dataset(dataset, scope)) {
            none if none == nobody() => none,
            rows => Expr::exists(dataset, rows),
        }
    }

    /// Whether counting the values of the field is counting the rows.
    fn counts_every_row(&self, dataset: &str, func: Func, field: &str) -> bool {
        let never_missing = || self.catalog.dataset(dataset)?.field(field).map(|f| !f.nullable);
        func == Func::Count && never_missing().unwrap_or(false)
    }

    /// A comparison with its constants in order; a count of rows that says no more than "some" or "none"
    /// as a presence.
    fn compared(&self, expr: Expr, scope: &'a Dataset) -> Expr {
        let Some((subject, test)) = Subject::split(&expr) else { return expr };
        let kind = subject.kind(self.catalog, scope);
        let expr = match kind.test(test) {
            Some(test) => subject.with(test),
            None => return if matches!(test, Test::Ne(_)) { Expr::All } else { nobody() },
        };
        match &expr {
            Expr::Total { dataset, func: Func::Count, field: None, rows, test } => {
                presence(dataset, rows, test).unwrap_or(expr)
            }
            _ => expr,
        }
    }

    /// The opposite, as far in as it is exact.
    fn not(&self, expr: Expr, scope: &'a Dataset) -> Expr {
        match expr {
            Expr::All => nobody(),
            Expr::Not(inner) => *inner,
            Expr::And(parts) => self.or(parts.into_iter().map(|p| self.not(p, scope)).collect(), scope),
            Expr::Or(parts) => self.and(parts.into_iter().map(|p| self.not(p, scope)).collect(), scope),
            other => self.opposite(&other, scope).unwrap_or_else(|| Expr::Not(Box::new(other))),
        }
    }

    /// The comparison that holds exactly where `expr` does not.
    fn opposite(&self, expr: &Expr, scope: &'a Dataset) -> Option<Expr> {
        let (subject, test) = Subject::split(expr)?;
        let test = match test.clone() {
            Test::Eq(v) => Test::Ne(v),
            Test::Ne(v) => Test::Eq(v),
            _ if !subject.kind(self.catalog, scope).never_missing => return None,
            Test::Lt(v) => Test::Ge(v),
            Test::Le(v) => Test::Gt(v),
            Test::Gt(v) => Test::Le(v),
            Test::Ge(v) => Test::Lt(v),
            Test::Between(low, high) => {
                let outside = [Test::Lt(low), Test::Gt(high)];
                let outside = outside.into_iter().map(|t| self.compared(subject.with(t), scope)).collect();
                return Some(self.or(outside, scope));
            }
            _ => return None,
        };
        Some(self.compared(subject.with(test), scope))
    }

    fn and(&self, parts: Vec<Expr>, scope: &'a Dataset) -> Expr {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Expr::And(inner) => flat.extend(inner),
                Expr::All => {}
                other => flat.push(other),
            }
        }
        let mut parts = merge::all_of(flat, self.catalog, scope);
        self.join_presences(&mut parts, true, scope);
        Self::drop_implied(&mut parts, scope);
        self.tidy(&mut parts, |e| if let Expr::Or(inner) = e { inner } else { &[] }, scope);
        if parts.contains(&nobody()) || self.contradicts(&parts, scope) {
            return nobody();
        }
        Expr::all_of(parts)
    }

    fn or(&self, parts: Vec<Expr>, scope: &'a Dataset) -> Expr {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Expr::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.contains(&Expr::All) {
            return Expr::All;
        }
        if let Some(factored) = self.factored(&flat, scope) {
            return factored;
        }
        let mut parts = merge::any_of(flat, self.catalog, scope);
        self.join_presences(&mut parts, false, scope);
        self.tidy(&mut parts, |e| if let Expr::And(inner) = e { inner } else { &[] }, scope);
        if parts.contains(&Expr::All) || self.contradicts(&parts, scope) {
            return Expr::All;
        }
        Expr::any_of(parts)
    }

    /// `(a AND b) OR (a AND c)` as `a AND (b OR c)`.
    fn factored(&self, parts: &[Expr], scope: &'a Dataset) -> Option<Expr> {
        let conjuncts = |e: &Expr| if let Expr::And(inner) = e { inner.clone() } else { vec![e.clone()] };
        let (first, others) = parts.split_first()?;
        if others.is_empty() {
            return None;
        }
        let mut common = conjuncts(first);
        common.retain(|c| others.iter().all(|o| conjuncts(o).contains(c)));
        if common.is_empty() {
            return None;
        }
        let rest = |e: &Expr| Expr::all_of(conjuncts(e).into_iter().filter(|c| !common.contains(c)).collect());
        let rests = self.or(parts.iter().map(rest).collect(), scope);
        common.push(rests);
        Some(self.and(common, scope))
    }

    /// Presences in one dataset as one: any of several, or, `negated`, none of several.
    fn join_presences(&self, parts: &mut Vec<Expr>, negated: bool, scope: &'a Dataset) {
        for dataset in self.catalog.datasets.iter().skip(1) {
            let same = |e: &Expr| presence_of(e, negated).is_some_and(|(d, _)| d == dataset.name);
            if parts.iter().filter(|p| same(p)).count() < 2 {
                continue;
            }
            let (joined, others): (Vec<_>, Vec<_>) = std::mem::take(parts).into_iter().partition(same);
            let rows = joined.iter().filter_map(|e| presence_of(e, negated)).map(|(_, rows)| rows.clone()).collect();
            let one = self.exists(&dataset.name, &Expr::Or(rows), scope);
            *parts = others;
            parts.push(if negated { self.not(one, scope) } else { one });
        }
    }

    /// Drops a province where its district says as much.
    fn drop_implied(parts: &mut Vec<Expr>, scope: &Dataset) {
        let sets: Vec<_> = parts.iter().filter_map(listed).map(|(f, v)| (f.to_owned(), v)).collect();
        for (field, values) in &sets {
            let (mut field, mut values) = (field.clone(), values.clone());
            while let Some((parent, above)) = parents(scope, &field, &values) {
                parts.retain(|p| {
                    listed(p).is_none_or(|(f, of)| f != parent || !above.iter().all(|value| of.contains(value)))
                });
                (field, values) = (parent, above);
            }
        }
    }

    /// Sorts, and drops what stands twice or is weaker (in `and`: stronger, in `or`) than another part.
    fn tidy(&self, parts: &mut Vec<Expr>, inner: fn(&Expr) -> &[Expr], scope: &Dataset) {
        parts.sort_by_cached_key(|part| self.place(part, scope));
        parts.dedup();
        let all = parts.clone();
        parts.retain(|part| !inner(part).iter().any(|i| all.contains(i)));
    }

    /// Whether a part and its opposite are both there.
    fn contradicts(&self, parts: &[Expr], scope: &'a Dataset) -> bool {
        parts.iter().any(|p| parts.contains(&self.not(p.clone(), scope)))
    }

    /// Where a part stands: by catalog order of what it is about, then by text.
    fn place(&self, expr: &Expr, scope: &Dataset) -> (usize, usize, String) {
        let (dataset, field) = self.about(expr, scope);
        (dataset, field, text::print(expr))
    }

    fn about(&self, expr: &Expr, scope: &Dataset) -> (usize, usize) {
        let index = |d: &Dataset, name: &str| d.fields.iter().position(|f| f.name == name).unwrap_or(usize::MAX);
        let many = |name: &str| self.catalog.datasets.iter().position(|d| d.name == name).unwrap_or(usize::MAX);
        match expr {
            Expr::Compare { field, .. } => (0, index(scope, field)),
            Expr::Not(inner) => self.about(inner, scope),
            Expr::And(parts) | Expr::Or(parts) => {
                parts.iter().map(|p| self.about(p, scope)).min().unwrap_or((usize::MAX, usize::MAX))
            }
            Expr::Exists { dataset, .. } => (many(dataset), 0),
            Expr::Total { dataset, .. } => (many(dataset), 1),
            Expr::Rank { .. } | Expr::Sample { .. } | Expr::Saved { .. } | Expr::All => (usize::MAX, 0),
        }
    }
}

/// A count of rows that says no more than whether there are any.
fn presence(dataset: &str, rows: &Expr, test: &Test) -> Option<Expr> {
    let any = Expr::exists(dataset, rows.clone());
    match test {
        Test::Ge(Literal::Int(1)) | Test::Ne(Literal::Int(0)) => Some(any),
        Test::Le(Literal::Int(0)) | Test::Eq(Literal::Int(0)) => Some(any.negated()),
        Test::Ge(Literal::Int(..=0)) => Some(Expr::All),
        Test::Le(Literal::Int(..0)) | Test::Eq(Literal::Int(..0)) => Some(nobody()),
        _ => None,
    }
}

fn presence_of(expr: &Expr, negated: bool) -> Option<(&str, &Expr)> {
    match expr {
        Expr::Exists { dataset, rows } if !negated => Some((dataset, rows)),
        Expr::Not(inner) if negated => presence_of(inner, false),
        _ => None,
    }
}

/// The field and the texts that it must be one of.
fn listed(expr: &Expr) -> Option<(&str, Vec<String>)> {
    let Expr::Compare { field, test } = expr else { return None };
    let values = match test {
        Test::Eq(value) => std::slice::from_ref(value),
        Test::In(values) => values,
        _ => return None,
    };
    let texts: Option<Vec<_>> =
        values.iter().map(|v| if let Literal::Text(text) = v { Some(text.clone()) } else { None }).collect();
    Some((field, texts?))
}

/// The field that contains `field`, and its values that contain `values`, where each has but one.
fn parents(scope: &Dataset, field: &str, values: &[String]) -> Option<(String, Vec<String>)> {
    let field = scope.field(field)?;
    let above = values.iter().map(|value| match field.value(value)?.parents.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    });
    Some((field.within.clone()?, above.collect::<Option<_>>()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn equal_requests_have_one_form() {
        let catalog = crate::catalog::builtin().unwrap();
        for (text, form) in [
            ("gender = 'F' AND (TRUE AND age >= 20)", "gender = 'F' AND age >= 20"),
            ("age >= 20 AND gender = 'F'", "gender = 'F' AND age >= 20"),
            ("age > 19 AND age < 30", "age BETWEEN 20 AND 29"),
            ("age >= 19.5 AND age <= 29.9", "age BETWEEN 20 AND 29"),
            ("age BETWEEN 20 AND 29 OR age BETWEEN 30 AND 39", "age BETWEEN 20 AND 39"),
            ("age >= 20 OR age < 30", "TRUE"),
            ("age > 30 AND age < 31", "FALSE"),
            ("NOT (age >= 20)", "age <= 19"),
            ("NOT (contract_months_left >= 3)", "NOT (contract_months_left >= 3)"),
            ("contract_months_left >= 3 OR contract_months_left < 5", "contract_months_left IS NOT MISSING"),
            ("churn_score >= 0.5 AND churn_score < 0.7", "churn_score < 0.7 AND churn_score >= 0.5"),
            ("data_gb_30d >= 5.0 AND data_gb_30d <= 20", "data_gb_30d BETWEEN 5 AND 20"),
            ("gender = 'M' OR gender = 'F'", "gender IN ('F', 'M')"),
            ("NOT (gender = 'M' OR age >= 20)", "gender <> 'M' AND age <= 19"),
            ("network <> 'LTE' AND network <> '5G'", "NOT (network IN ('5G', 'LTE'))"),
            ("home_sido = '서울특별시' AND home_sigungu = '강남구'", "home_sigungu = '강남구'"),
            (
                "home_sido = '서울특별시' AND home_sigungu = '중구'",
                "home_sido = '서울특별시' AND home_sigungu = '중구'",
            ),
            ("device_maker = 'Apple' AND device_series = 'iPhone'", "device_series = 'iPhone'"),
            ("home_sido = '부산광역시' AND home_sido IN ('서울특별시', '경기도')", "FALSE"),
            (
                "EXISTS app_usage (app = 'TVING') OR EXISTS app_usage (app = 'Netflix')",
                "EXISTS app_usage (app IN ('Netflix', 'TVING'))",
            ),
            (
                "NOT EXISTS app_usage (app = 'TVING') AND NOT EXISTS app_usage (app = 'Netflix')",
                "NOT EXISTS app_usage (app IN ('Netflix', 'TVING'))",
            ),
            ("COUNT(contacts) > 0", "EXISTS contacts"),
            ("COUNT(contacts WHERE responded) = 0", "NOT EXISTS contacts (responded)"),
            ("NOT (COUNT(contacts) >= 2)", "COUNT(contacts) <= 1"),
            ("NOT (SUM(purchases.amount_90d) >= 2)", "NOT (SUM(purchases.amount_90d) >= 2)"),
            (
                "joined_on > DATE '2022-12-31' AND joined_on < DATE '2024-01-01'",
                "joined_on BETWEEN DATE '2023-01-01' AND DATE '2023-12-31'",
            ),
            ("joined_on > AS_OF - 31 DAYS", "joined_on >= AS_OF - 30 DAYS"),
            (
                "(gender = 'F' AND age >= 20) OR (gender = 'F' AND foreigner)",
                "gender = 'F' AND (age >= 20 OR foreigner)",
            ),
            ("gender = 'F' AND (gender = 'F' OR age >= 20)", "gender = 'F'"),
            ("TOP 10% BY age WITHIN (gender IN ('F') AND TRUE)", "TOP 10% BY age WITHIN (gender = 'F')"),
        ] {
            let expr = text::parse(text, &catalog).unwrap();
            assert_eq!(text::print(&normal_form(&expr, &catalog)), form, "of {text}");
        }
    }
}
