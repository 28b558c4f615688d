//! Constructs that a dialect says in another way.

use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr,
    Query, Select, SelectItem, SetExpr, Subscript, UnaryOperator, VisitMut, VisitorMut, WindowSpec, WindowType,
};

use super::Dialect;
use crate::sql::ast::{self, ExprExt};

/// How finely an approximate percentile is cut.
const QUANTILES: u16 = 1000;

/// Rewrites `query` for `dialect`.
pub(super) fn rewrite(query: &mut Query, dialect: Dialect) {
    let _: ControlFlow<()> = query.visit(&mut Rewriter { dialect });
}

struct Rewriter {
    dialect: Dialect,
}

impl VisitorMut for Rewriter {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if self.dialect == Dialect::BigQuery && exact_percentile(query) {
            // Every row of the window function says the same.
            query.limit_clause = Some(ast::limit_to(1));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let rewritten = match self.dialect {
            Dialect::DataFusion | Dialect::DuckDb => None,
            Dialect::Postgres => median_as_percentile(expr),
            Dialect::BigQuery => bigquery(expr).or_else(|| total_as_membership(expr)),
            Dialect::Snowflake => coalesced(expr).or_else(|| total_as_membership(expr)),
            Dialect::Spark => total_as_membership(expr),
        };
        if let Some(rewritten) = rewritten {
            *expr = rewritten;
        }
        ControlFlow::Continue(())
    }
}

/// The name of a function that is called without OVER, and its plain arguments.
fn called(expr: &Expr) -> Option<(&Function, String, Vec<Expr>)> {
    let Expr::Function(function) = expr else { return None };
    let FunctionArguments::List(list) = &function.args else { return None };
    let args = list.args.iter().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    });
    let args = args.collect::<Option<Vec<_>>>()?;
    function.over.is_none().then(|| (function, function.name.to_string().to_ascii_lowercase(), args))
}

fn median_as_percentile(expr: &Expr) -> Option<Expr> {
    let (_, name, args) = called(expr)?;
    let [arg] = args.as_slice() else { return None };
    (name == "median").then(|| ast::percentile(0.5, arg.clone()))
}

/// `a % b` is `MOD(a, b)`, BIGINT is INT64, and percentiles of groups are approximate.
fn bigquery(expr: &mut Expr) -> Option<Expr> {
    if let Expr::Cast { data_type, .. } = expr {
        match data_type {
            DataType::BigInt(None) => *data_type = DataType::Int64,
            DataType::Double(_) | DataType::DoublePrecision => *data_type = DataType::Float64,
            _ => {}
        }
        return None;
    }
    if let Expr::BinaryOp { left, op: BinaryOperator::Modulo, right } = expr {
        return Some(ast::call("MOD", vec![unnested(left), unnested(right)]));
    }
    let (function, name, args) = called(expr)?;
    match (name.as_str(), args.as_slice(), function.within_group.as_slice()) {
        ("median", [arg], []) => Some(quantile(arg.clone(), i64::from(QUANTILES / 2))),
        ("percentile_cont", [share], [order]) => Some(quantile(order.expr.clone(), parts(share)?)),
        _ => None,
    }
}

fn unnested(expr: &Expr) -> Expr {
    if let Expr::Nested(inner) = expr { (**inner).clone() } else { expr.clone() }
}

/// A share as so many of [`QUANTILES`].
#[allow(clippy::cast_possible_truncation, reason = "between 0 and the number of quantiles")]
fn parts(share: &Expr) -> Option<i64> {
    let share: f64 = share.to_string().parse().ok()?;
    (0.0..=1.0).contains(&share).then(|| (share * f64::from(QUANTILES)).round() as i64)
}

/// `APPROX_QUANTILES(arg, 1000)[OFFSET(part)]`.
fn quantile(arg: Expr, part: i64) -> Expr {
    let root = Box::new(ast::call("APPROX_QUANTILES", vec![arg, ast::int(i64::from(QUANTILES))]));
    let index = ast::call("OFFSET", vec![ast::int(part)]);
    Expr::CompoundFieldAccess { root, access_chain: vec![AccessExpr::Subscript(Subscript::Index { index })] }
}

/// A query of nothing but one percentile over all its rows becomes exact: `PERCENTILE_CONT(x, 0.9) OVER ()`.
fn exact_percentile(query: &mut Query) -> bool {
    let SetExpr::Select(select) = query.body.as_mut() else { return false };
    let ungrouped = matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    let [SelectItem::UnnamedExpr(expr)] = select.projection.as_mut_slice() else { return false };
    let Some((function, name, args)) = called(expr) else { return false };
    let ([share], [order], true) = (args.as_slice(), function.within_group.as_slice(), ungrouped) else { return false };
    if name != "percentile_cont" {
        return false;
    }
    let Expr::Function(exact) = ast::call("PERCENTILE_CONT", vec![order.expr.clone(), share.clone()]) else {
        return false;
    };
    let window = WindowSpec { window_name: None, partition_by: Vec::new(), order_by: Vec::new(), window_frame: None };
    *expr = Expr::Function(Function { over: Some(WindowType::WindowSpec(window)), ..exact });
    true
}

/// Snowflake has no IS TRUE.
fn coalesced(expr: &Expr) -> Option<Expr> {
    let known = |inner: &Expr| ast::call("COALESCE", vec![unnested(inner), ast::boolean(false)]);
    match expr {
        Expr::IsTrue(inner) => Some(known(inner)),
        Expr::IsNotTrue(inner) => Some(Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(known(inner)) }),
        _ => None,
    }
}

/// A correlated presence with HAVING, as a membership that is not correlated: not every engine lets the outer
/// key through an aggregation. `EXISTS (SELECT 1 FROM t AS m WHERE m.k = c.k AND … GROUP BY m.k HAVING …)` is
/// `c.k IN (SELECT m.k FROM t AS m WHERE m.k IS NOT NULL AND … GROUP BY m.k HAVING …)`.
fn total_as_membership(expr: &Expr) -> Option<Expr> {
    let Expr::Exists { subquery, negated } = expr else { return None };
    let SetExpr::Select(select) = subquery.body.as_ref() else { return None };
    let GroupByExpr::Expressions(keys, _) = &select.group_by else { return None };
    let [key] = keys.as_slice() else { return None };
    let (outer, rest) = correlation(select, key)?;
    let mut select = select.clone();
    let mut filters = vec![Expr::IsNotNull(Box::new(key.clone()))];
    filters.extend(rest);
    select.projection = vec![SelectItem::UnnamedExpr(key.clone())];
    select.selection = ast::chain(&BinaryOperator::And, filters);
    let mut subquery = subquery.clone();
    subquery.body = Box::new(SetExpr::Select(select));
    Some(Expr::InSubquery { expr: Box::new(outer), subquery, negated: *negated })
}

/// The outer side of `key = outer` at the head of a WHERE, and the rest of it.
fn correlation(select: &Select, key: &Expr) -> Option<(Expr, Option<Expr>)> {
    let mut head = select.selection.as_ref()?;
    let mut rest = Vec::new();
    while let Expr::BinaryOp { left, op: BinaryOperator::And, right } = head {
        rest.push((**right).clone());
        head = left;
    }
    // A long chain is grouped; its head is then in the first group.
    if let Expr::Nested(first) = head {
        let mut inner = select.clone();
        inner.selection = Some((**first).clone());
        let (outer, more) = correlation(&inner, key)?;
        rest.extend(more.map(ExprExt::nested));
        return Some((outer, joined(rest)));
    }
    match head {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if **left == *key => {
            Some(((**right).clone(), joined(rest)))
        }
        _ => None,
    }
}

fn joined(mut parts: Vec<Expr>) -> Option<Expr> {
    parts.reverse();
    ast::chain(&BinaryOperator::And, parts)
}
