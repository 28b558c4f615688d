//! What of the catalog a prompt names, and whether that is enough for a right reply: the evaluator's
//! "retriever recall".

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Dataset};
use crate::segment::{Expr, Literal, Metric, Show, Test};

/// Names of the catalog that stand in a prompt. Fields are `dataset.field`, values `dataset.field=value`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Many-tables.
    pub datasets: BTreeSet<String>,
    /// Fields.
    pub fields: BTreeSet<String>,
    /// Listed values, by themselves or in a named set.
    pub values: BTreeSet<String>,
    /// Glossary terms.
    pub terms: BTreeSet<String>,
    /// Bands.
    pub bands: BTreeSet<String>,
}

/// How much of what a right reply names was in the prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    /// Names that a right reply needs.
    pub needed: usize,
    /// Of those, names that were in the prompt.
    pub found: usize,
    /// The others.
    pub missing: Vec<String>,
}

impl Recall {
    /// Adds what another request needed.
    pub fn add(&mut self, other: Recall) {
        self.needed += other.needed;
        self.found += other.found;
        self.missing.extend(other.missing);
    }

    /// The part that was found, from 0 to 1; 1 where nothing was needed.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts of names")]
    pub fn share(&self) -> f64 {
        if self.needed == 0 { 1.0 } else { self.found as f64 / self.needed as f64 }
    }
}

impl Found {
    /// Whether everything that `expr` and `show` name is in the prompt.
    #[must_use]
    pub fn covers(&self, expr: &Expr, show: &Show<Expr>, catalog: &Catalog) -> Recall {
        let mut needed = Found::default();
        needed.name(expr, catalog);
        needed.show(show, catalog);
        let mut recall = Recall::default();
        for (need, have) in [
            (&needed.datasets, &self.datasets),
            (&needed.fields, &self.fields),
            (&needed.values, &self.values),
            (&needed.bands, &self.bands),
        ] {
            recall.needed += need.len();
            recall.found += need.intersection(have).count();
            recall.missing.extend(need.difference(have).cloned());
        }
        recall
    }

    /// Adds what is in `other`.
    pub fn join(&mut self, other: &Found) {
        self.datasets.extend(other.datasets.iter().cloned());
        self.fields.extend(other.fields.iter().cloned());
        self.values.extend(other.values.iter().cloned());
        self.terms.extend(other.terms.iter().cloned());
        self.bands.extend(other.bands.iter().cloned());
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.datasets, &self.fields, &self.values, &self.terms, &self.bands].iter().all(|s| s.is_empty())
    }

    /// Adds what `expr`, a condition on the entity, names.
    pub fn name(&mut self, expr: &Expr, catalog: &Catalog) {
        self.within(expr, catalog.entity(), catalog);
    }

    /// Adds what `rows`, a condition on the rows of `dataset`, names.
    pub fn name_rows(&mut self, rows: &Expr, dataset: &str, catalog: &Catalog) {
        if let Some(dataset) = catalog.dataset(dataset) {
            self.datasets.insert(dataset.name.clone());
            self.within(rows, dataset, catalog);
        }
    }

    /// Adds what is shown beside the count.
    pub fn show(&mut self, show: &Show<Expr>, catalog: &Catalog) {
        for name in &show.breakdown {
            self.grouping(name, catalog);
            if let (Some(rows), Some((dataset, _))) = (&show.rows, name.split_once('.')) {
                self.name_rows(rows, dataset, catalog);
            }
        }
        match &show.metric {
            None => {}
            Some(Metric::Of { field, .. }) => self.field(catalog.entity(), field),
            Some(Metric::Share(condition)) => self.name(condition, catalog),
            Some(Metric::OfRows { dataset, field, rows, .. }) => {
                self.name_rows(rows.as_ref().unwrap_or(&Expr::All), dataset, catalog);
                if let Some(dataset) = catalog.dataset(dataset) {
                    self.field(dataset, field);
                }
            }
        }
    }

    fn grouping(&mut self, name: &str, catalog: &Catalog) {
        let many = name.split_once('.').and_then(|(d, f)| Some((catalog.dataset(d)?, f)));
        if let Some((dataset, field)) = many {
            self.datasets.insert(dataset.name.clone());
            self.field(dataset, field);
        } else if catalog.band(name).is_some() {
            self.bands.insert(name.to_owned());
        } else {
            self.field(catalog.entity(), name);
        }
    }

    fn field(&mut self, of: &Dataset, name: &str) {
        if of.field(name).is_some() {
            self.fields.insert(field_key(of, name));
        }
    }

    fn within(&mut self, expr: &Expr, of: &Dataset, catalog: &Catalog) {
        match expr {
            Expr::All | Expr::Saved { .. } => {}
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|p| self.within(p, of, catalog)),
            Expr::Not(inner) => self.within(inner, of, catalog),
            Expr::Compare { field, test } => {
                self.field(of, field);
                self.tested(of, field, test);
            }
            Expr::Exists { dataset, rows } => self.name_rows(rows, dataset, catalog),
            Expr::Total { dataset, field, rows, .. } => {
                self.name_rows(rows, dataset, catalog);
                if let (Some(field), Some(dataset)) = (field, catalog.dataset(dataset)) {
                    self.field(dataset, field);
                }
            }
            Expr::Rank { field, within, .. } => {
                self.field(of, field);
                self.within(within, of, catalog);
            }
            Expr::Sample { within, .. } => self.within(within, of, catalog),
        }
    }

    fn tested(&mut self, of: &Dataset, field: &str, test: &Test) {
        let Some(listed) = of.field(field) else { return };
        let texts: &[Literal] = match test {
            Test::Eq(value) | Test::Ne(value) => std::slice::from_ref(value),
            Test::In(values) => values,
            _ => &[],
        };
        for literal in texts {
            if let Literal::Text(value) = literal
                && listed.value(value).is_some()
            {
                self.values.insert(value_key(of, field, value));
            }
        }
    }
}

/// What a field is called in [`Found`].
pub(super) fn field_key(of: &Dataset, field: &str) -> String {
    format!("{}.{field}", of.name)
}

/// What a value is called in [`Found`].
pub(super) fn value_key(of: &Dataset, field: &str, value: &str) -> String {
    format!("{}.{field}={value}", of.name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::catalog::builtin;
    use crate::segment::{Turn, text};

    #[test]
    fn what_is_missing_is_named() {
        let catalog = builtin().unwrap();
        let gold = text::parse("home_sido = '서울특별시' AND EXISTS app_usage (app = 'Netflix')", &catalog).unwrap();
        let show = Show {
            breakdown: vec!["age_band".to_owned(), "app_usage.app_category".to_owned()],
            ..Turn::default().show
        };
        let mut found = Found::default();
        found.name(&gold, &catalog);
        let recall = found.covers(&gold, &show, &catalog);
        assert_eq!((recall.needed, recall.found), (7, 5));
        assert_eq!(recall.missing, ["app_usage.app_category", "age_band"]);
        found.show(&show, &catalog);
        assert!((found.covers(&gold, &show, &catalog).share() - 1.0).abs() < f64::EPSILON);
        assert!(
            (Found::default().covers(&Expr::All, &Turn::default().show, &catalog).share() - 1.0).abs() < f64::EPSILON
        );
    }
}
