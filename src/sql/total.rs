//! Totals: an aggregate of an entity's rows, compared with a number.
//!
//! Said as a presence: there is a group of rows whose aggregate passes. An entity with no rows has no group,
//! so a test that no rows pass (fewer than three) is said as the absence of a group that fails it.

use sqlparser::ast::Expr as Sql;

use super::ast;
use super::compile::{Compiler, Misfit, Place, Pred, Tested, aggregate, exists};
use super::error::SqlError;
use crate::catalog::FieldType;
use crate::segment::{Expr, Func, Literal, Test};

/// The parts of [`Expr::Total`].
pub(super) struct Total<'e> {
    pub dataset: &'e str,
    pub func: Func,
    pub field: Option<&'e str>,
    pub rows: &'e Expr,
    pub test: &'e Test,
}

impl Total<'_> {
    fn counts(&self) -> bool {
        matches!(self.func, Func::Count | Func::CountDistinct)
    }

    /// Whether an entity without rows passes: its count is 0, its other totals are missing.
    fn holds_for_no_rows(&self) -> bool {
        if self.counts() { holds_for_zero(self.test) } else { matches!(self.test, Test::Missing | Test::Ne(_)) }
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn total(&mut self, place: &Place<'a>, total: &Total<'_>, negated: bool) -> Result<Pred, SqlError> {
        let (many, key) = self.many(total.dataset)?;
        let (value, kind, field) = Self::aggregate_of(&many, total)?;
        let default = total.holds_for_no_rows();
        // Of those with rows, ask for the ones that differ from those without.
        let check = Tested { subject: value, kind, known: total.counts(), catalog: self.catalog };
        let having = check.predicate(total.test, default).map_err(|e: Misfit| e.at(&many, field))?;
        let rows = match having {
            Pred::Const(false) => None,
            _ => self.rows_of(place, &many, key, total.rows)?,
        };
        let Some(mut build) = rows else { return Ok(Pred::Const(default != negated)) };
        build.group_by = vec![many.column(key)];
        build.having = having.filter();
        Ok(Pred::Sql(exists(build.query(), default != negated)))
    }

    fn aggregate_of<'t>(many: &Place<'_>, total: &Total<'t>) -> Result<(Sql, FieldType, &'t str), SqlError> {
        let wrong = || SqlError::Function { function: name(total.func).to_owned() };
        match total.field {
            None if total.func == Func::Count => Ok((ast::count_rows(), FieldType::Int64, "")),
            None => Err(wrong()),
            Some(_) if total.func == Func::Median => Err(wrong()),
            Some(field) => {
                let found = many.field(field)?;
                let made = aggregate(total.func, found, many.column(field));
                let (value, kind) = made.ok_or_else(|| many.wrong_type(field))?;
                Ok((value, kind, field))
            }
        }
    }
}

/// Name of a function, as SQL has it.
pub(super) fn name(func: Func) -> &'static str {
    match func {
        Func::Sum => "sum",
        Func::Avg => "avg",
        Func::Min => "min",
        Func::Max => "max",
        Func::Count => "count",
        Func::CountDistinct => "count(DISTINCT)",
        Func::Median => "median",
    }
}

/// Whether 0 passes.
fn holds_for_zero(test: &Test) -> bool {
    match test {
        Test::Eq(v) => sign(v) == Some(0),
        Test::Ne(v) => sign(v) != Some(0),
        Test::Lt(v) => sign(v) == Some(1),
        Test::Le(v) => sign(v).is_some_and(|s| s >= 0),
        Test::Gt(v) => sign(v) == Some(-1),
        Test::Ge(v) => sign(v).is_some_and(|s| s <= 0),
        Test::Between(low, high) => sign(low).is_some_and(|s| s <= 0) && sign(high).is_some_and(|s| s >= 0),
        Test::In(values) => values.iter().any(|v| sign(v) == Some(0)),
        Test::True | Test::Missing => false,
    }
}

fn sign(literal: &Literal) -> Option<i8> {
    match literal {
        Literal::Int(n) if *n == 0 => Some(0),
        Literal::Int(n) => Some(if *n > 0 { 1 } else { -1 }),
        Literal::Float(n) if *n > 0.0 => Some(1),
        Literal::Float(n) if *n < 0.0 => Some(-1),
        Literal::Float(n) if n.is_finite() => Some(0),
        _ => None,
    }
}
