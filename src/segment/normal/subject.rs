//! What a test is about: a field or a total, and what its values are like.

use std::cmp::Ordering;

use super::literal::{above, at_least, at_most, below, canonical, order, sorting};
use crate::catalog::{Catalog, Dataset, Field, FieldType};
use crate::segment::{Expr, Func, Literal, Test};

/// A field or a total.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Subject {
    Field(String),
    Total { dataset: String, func: Func, field: Option<String>, rows: Box<Expr> },
}

impl Subject {
    /// The subject and test of `expr`, where it is a comparison.
    pub(super) fn split(expr: &Expr) -> Option<(Self, &Test)> {
        match expr {
            Expr::Compare { field, test } => Some((Self::Field(field.clone()), test)),
            Expr::Total { dataset, func, field, rows, test } => {
                let (dataset, field, rows) = (dataset.clone(), field.clone(), rows.clone());
                Some((Self::Total { dataset, func: *func, field, rows }, test))
            }
            _ => None,
        }
    }

    /// The subject put to `test`.
    pub(super) fn with(&self, test: Test) -> Expr {
        match self.clone() {
            Self::Field(field) => Expr::Compare { field, test },
            Self::Total { dataset, func, field, rows } => Expr::Total { dataset, func, field, rows, test },
        }
    }

    /// The subject as one of `values`, which are in order; none are left where it can be none.
    pub(super) fn one_of(&self, mut values: Vec<Literal>) -> Expr {
        match values.len() {
            0 => super::nobody(),
            1 => self.with(Test::Eq(values.remove(0))),
            _ => self.with(Test::In(values)),
        }
    }

    /// The subject as none of `values`, which are in order.
    pub(super) fn none_of(&self, mut values: Vec<Literal>) -> Expr {
        match values.len() {
            0 => Expr::All,
            1 => self.with(Test::Ne(values.remove(0))),
            _ => Expr::Not(Box::new(self.with(Test::In(values)))),
        }
    }

    pub(super) fn kind<'a>(&self, catalog: &'a Catalog, scope: &'a Dataset) -> Kind<'a> {
        match self {
            Self::Field(name) => Kind::of_field(scope.field(name)),
            Self::Total { func: Func::Count | Func::CountDistinct, .. } => {
                Kind { steps: true, never_missing: true, field: None }
            }
            Self::Total { dataset, func, field, .. } => {
                let field = field.as_ref().and_then(|name| catalog.dataset(dataset)?.field(name));
                let whole = matches!(func, Func::Sum | Func::Min | Func::Max);
                Kind { steps: whole && field.is_some_and(|f| f.kind.is_integer()), never_missing: false, field: None }
            }
        }
    }
}

/// What the values of a subject are like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind<'a> {
    /// Whole numbers or days: there is a next one.
    pub(super) steps: bool,
    /// Every row has one.
    pub(super) never_missing: bool,
    /// The field, for the order of its listed values.
    field: Option<&'a Field>,
}

impl<'a> Kind<'a> {
    fn of_field(field: Option<&'a Field>) -> Self {
        Self {
            steps: field.is_some_and(|f| f.kind.is_integer() || f.kind == FieldType::Date),
            never_missing: field.is_some_and(|f| !f.nullable),
            field,
        }
    }

    /// `test` with its constants in their one form; none where nothing can pass it (for `Ne`: all do).
    pub(super) fn test(self, test: &Test) -> Option<Test> {
        match test {
            Test::Eq(v) => self.value(v).map(Test::Eq),
            Test::Ne(v) => self.value(v).map(Test::Ne),
            Test::In(values) => self.listed(values),
            Test::Between(low, high) => {
                let (low, high) = (self.low(low), self.high(high));
                match order(&low, &high) {
                    Some(Ordering::Greater) => None,
                    Some(Ordering::Equal) => Some(Test::Eq(low)),
                    _ => Some(Test::Between(low, high)),
                }
            }
            Test::Lt(v) => Some(self.stepped(v, below, Test::Le, Test::Lt)),
            Test::Gt(v) => Some(self.stepped(v, above, Test::Ge, Test::Gt)),
            Test::Le(v) => Some(Test::Le(self.high(v))),
            Test::Ge(v) => Some(Test::Ge(self.low(v))),
            Test::Missing if self.never_missing => None,
            Test::Missing | Test::True => Some(test.clone()),
        }
    }

    /// A constant that values can equal: none for a fraction among whole numbers.
    fn value(self, value: &Literal) -> Option<Literal> {
        let value = canonical(value);
        let fraction = matches!(&value, Literal::Float(f) if f.fract() != 0.0);
        if self.steps && fraction { None } else { Some(value) }
    }

    fn listed(self, values: &[Literal]) -> Option<Test> {
        let mut values = self.sorted(values.iter().filter_map(|v| self.value(v)).collect());
        match values.len() {
            0 => None,
            1 => Some(Test::Eq(values.remove(0))),
            _ => Some(Test::In(values)),
        }
    }

    /// `values` in catalog order where they are listed there, each once.
    pub(super) fn sorted(self, mut values: Vec<Literal>) -> Vec<Literal> {
        let place = |v: &Literal| match (v, self.field) {
            (Literal::Text(text), Some(field)) => {
                field.values.iter().position(|known| known.name == *text).unwrap_or(usize::MAX)
            }
            _ => usize::MAX,
        };
        values.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| sorting(a, b)));
        values.dedup();
        values
    }

    fn low(self, value: &Literal) -> Literal {
        let value = canonical(value);
        if self.steps { at_least(&value).unwrap_or(value) } else { value }
    }

    fn high(self, value: &Literal) -> Literal {
        let value = canonical(value);
        if self.steps { at_most(&value).unwrap_or(value) } else { value }
    }

    /// The bound one `step` further in, itself included, where there is a next value.
    fn stepped(
        self,
        value: &Literal,
        step: fn(&Literal) -> Option<Literal>,
        included: fn(Literal) -> Test,
        excluded: fn(Literal) -> Test,
    ) -> Test {
        let value = canonical(value);
        match step(&value).filter(|_| self.steps) {
            Some(next) => included(next),
            None => excluded(value),
        }
    }
}
