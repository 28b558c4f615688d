//! Which parts of a group an aggregate tells of: each must be of enough entities, or of none.
//!
//! `count(x)` tells how many have an x and how many have none; `sum(CASE WHEN p THEN 1 ELSE 0 END)` how many are
//! in each arm; a FILTER, those that it lets through. An aggregate over anything else that can mark entities is
//! refused.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CaseWhen, DuplicateTreatment, Expr, Function, FunctionArguments, Spanned, visit_expressions,
    visit_expressions_mut,
};

use super::scope::{Scope, Value};
use super::value::{self, arguments};
use super::witness::{Witness, named};
use crate::sql::ast::{self, ExprExt};
use crate::sql::refusal::{SqlRefusal, Why};

/// The conditions under which an aggregate tells of a part of its group.
pub(super) fn of(call: &Function, scope: &Scope<'_>, witness: &Witness) -> Result<Vec<Expr>, SqlRefusal> {
    let name = value::name(call);
    let mut parts = Parts { call, scope, counts: false, out: Vec::new() };
    parts.plain(call.filter.iter().map(|f| &**f))?;
    match name.as_str() {
        "first_value" | "last_value" | "nth_value" => return Err(Why::Single { what: name }.at(call.name.span())),
        "count" | "approx_distinct" => parts.counted(witness)?,
        "bool_and" | "bool_or" => {
            parts.counts = true;
            for arg in arguments(call) {
                parts.plain([arg])?;
                parts.either(arg.clone());
            }
        }
        _ => {
            let sorted = call.within_group.iter().map(|o| &o.expr);
            for arg in arguments(call).into_iter().chain(sorted) {
                parts.measured(arg)?;
            }
        }
    }
    Ok(parts.finished())
}

struct Parts<'c> {
    call: &'c Function,
    scope: &'c Scope<'c>,
    /// Whether the aggregate counts what it is given: then those left out are told too.
    counts: bool,
    out: Vec<Expr>,
}

impl Parts<'_> {
    /// Sub-queries within an aggregate could mark anybody.
    fn plain<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> Result<(), SqlRefusal> {
        if exprs.into_iter().any(has_query) { Err(self.refused()) } else { Ok(()) }
    }

    fn refused(&self) -> SqlRefusal {
        Why::Aggregated { what: self.call.to_string() }.at(self.call.name.span())
    }

    /// `count(x)`.
    fn counted(&mut self, witness: &Witness) -> Result<(), SqlRefusal> {
        let distinct = value::name(self.call) != "count"
            || matches!(&self.call.args, FunctionArguments::List(list)
                if list.duplicate_treatment == Some(DuplicateTreatment::Distinct));
        self.counts = !distinct;
        for arg in arguments(self.call) {
            self.plain([arg])?;
            let qualified = self.qualified(arg.clone());
            if matches!(arg, Expr::Value(_)) || (qualified == witness.who && !witness.outer) {
                continue;
            }
            match value::of(arg, self.scope) {
                Value::Made if is_arms(arg) => self.arms(arg)?,
                // How many different values there are would tell of a rare one.
                Value::Made if distinct => return Err(self.refused()),
                _ => self.either(Expr::IsNotNull(Box::new(arg.clone().nested()))),
            }
        }
        Ok(())
    }

    /// `sum(x)` and the like.
    fn measured(&mut self, arg: &Expr) -> Result<(), SqlRefusal> {
        self.plain([arg])?;
        let present = || Expr::IsNotNull(Box::new(arg.clone().nested()));
        match value::of(arg, self.scope) {
            _ if matches!(arg, Expr::Value(_)) => {}
            Value::Stored => self.out.push(present()),
            // What nobody has adds nothing: it tells of those that have some.
            Value::Tallied => {
                self.out.push(present());
                self.out.push(ast::binary(arg.clone().nested(), BinaryOperator::NotEq, ast::int(0)));
            }
            Value::Made if is_arms(arg) => self.arms(arg)?,
            Value::Made => return Err(self.refused()),
        }
        Ok(())
    }

    /// Where it holds and, for an aggregate that counts, where it does not.
    fn either(&mut self, condition: Expr) {
        if self.counts {
            self.out.push(Expr::IsNotTrue(Box::new(condition.clone().nested())));
            // A missing value hides nobody for whom it is false.
            self.out.push(Expr::IsFalse(Box::new(condition.clone().nested())));
        }
        self.out.push(Expr::IsTrue(Box::new(condition.nested())));
    }

    /// The arms of a CASE or of coalesce, each with a value that is as good as stored.
    fn arms(&mut self, arg: &Expr) -> Result<(), SqlRefusal> {
        let results = results(arg);
        let good = |e: &&Expr| is_null(e) || value::of(e, self.scope) != Value::Made;
        if !results.iter().all(good) {
            return Err(self.refused());
        }
        let number = i64::try_from(results.len()).unwrap_or(i64::MAX);
        let (which, listed) = numbered(arg);
        for at in 0..number {
            let result = usize::try_from(at).ok().and_then(|at| results.get(at));
            if !self.counts && result.is_some_and(|r| is_null(r)) {
                continue;
            }
            let mut held = vec![ast::equal(which.clone().nested(), ast::int(at))];
            // A result that is missing adds nothing.
            let missing = result.filter(|r| !self.counts && named(r).is_some());
            held.extend(missing.map(|r| Expr::IsNotNull(Box::new((*r).clone()))));
            self.out.extend(ast::chain(&BinaryOperator::And, held));
        }
        if self.counts && !listed {
            self.out.push(ast::equal(which.nested(), ast::int(number)));
        }
        Ok(())
    }

    /// A copy in which every column is named with its relation: no alias of the SELECT can stand in for it.
    fn qualified(&self, mut expr: Expr) -> Expr {
        let _: ControlFlow<()> = visit_expressions_mut(&mut expr, |expr| {
            if let Expr::Identifier(_) = expr
                && let Some((_, name)) = named(expr)
                && let Some((at, _)) = self.scope.here(None, &name)
            {
                *expr = ast::column(&self.scope.relations[at].name, &name);
            }
            ControlFlow::Continue(())
        });
        expr
    }

    /// The conditions, with the FILTER where there is one.
    fn finished(self) -> Vec<Expr> {
        let filter = self.call.filter.as_ref().map(|f| (**f).clone());
        let mut out = self.out.clone();
        if let Some(filter) = filter {
            let held = Expr::IsTrue(Box::new(filter.clone().nested()));
            for condition in &mut out {
                let both = vec![held.clone(), condition.clone().nested()];
                *condition = ast::chain(&BinaryOperator::And, both).unwrap_or_else(|| held.clone());
            }
            out.push(held);
            out.push(Expr::IsNotTrue(Box::new(filter.nested())));
        }
        out.into_iter().map(|condition| self.qualified(condition)).collect()
    }
}

/// Whether a query stands somewhere in an expression.
fn has_query(expr: &Expr) -> bool {
    let found = visit_expressions(expr, |expr| match expr {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if value.value == sqlparser::ast::Value::Null)
}

fn is_arms(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_arms(inner),
        Expr::Case { .. } => true,
        Expr::Function(function) => matches!(value::name(function).as_str(), "coalesce" | "nvl"),
        _ => false,
    }
}

/// The values that the arms have.
fn results(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Nested(inner) => results(inner),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().map(|arm| &arm.result).chain(else_result.iter().map(|e| &**e)).collect()
        }
        Expr::Function(function) => arguments(function),
        _ => Vec::new(),
    }
}

/// The number of the arm that is taken, counted from 0; whether some arm always is. Beyond the last where none is.
fn numbered(expr: &Expr) -> (Expr, bool) {
    let number = |at: usize| ast::int(i64::try_from(at).unwrap_or(i64::MAX));
    match expr {
        Expr::Nested(inner) => numbered(inner),
        Expr::Function(function) => {
            let args = arguments(function);
            let end = number(args.len());
            let arms = args.into_iter().enumerate();
            let arms = arms.map(|(at, arg)| (Expr::IsNotNull(Box::new(arg.clone().nested())), number(at)));
            (ast::case(arms.collect(), Some(end)), false)
        }
        Expr::Case { case_token, end_token, operand, conditions, else_result } => {
            let arm = |(at, arm): (usize, &CaseWhen)| CaseWhen { condition: arm.condition.clone(), result: number(at) };
            let case = Expr::Case {
                case_token: case_token.clone(),
                end_token: end_token.clone(),
                operand: operand.clone(),
                conditions: conditions.iter().enumerate().map(arm).collect(),
                else_result: Some(Box::new(number(conditions.len()))),
            };
            (case, else_result.is_some())
        }
        other => (other.clone(), false),
    }
}
