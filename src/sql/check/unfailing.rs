//! What somebody's SQL works out must not fail while it runs: a failure would tell of rows that the population or
//! a rule hides, since the engine may compute over a row before it drops it. So a cast gives NULL where it cannot
//! be done, a division by zero NULL, and lengths are never negative.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    Query, Select, SelectItem, SetExpr, Value, VisitMut, visit_expressions_mut,
};

use super::value;
use crate::sql::ast;

/// Makes every expression of `query` one that cannot fail. A column of the output that has no name gets what was
/// written as its name.
pub(super) fn make(query: &mut Query) {
    name_columns(&mut query.body);
    soften_all(query);
}

fn soften_all(node: &mut impl VisitMut) {
    let _: ControlFlow<()> = visit_expressions_mut(node, |expr| {
        soften(expr);
        ControlFlow::Continue(())
    });
}

fn name_columns(body: &mut SetExpr) {
    match body {
        SetExpr::Select(select) => name_items(select),
        SetExpr::Query(query) => name_columns(&mut query.body),
        // The first of several gives the names.
        SetExpr::SetOperation { left, .. } => name_columns(left),
        _ => {}
    }
}

fn name_items(select: &mut Select) {
    for item in &mut select.projection {
        let SelectItem::UnnamedExpr(expr) = item else { continue };
        let mut changed = expr.clone();
        soften_all(&mut changed);
        if changed != *expr {
            let alias = Ident::with_quote('"', expr.to_string().replace('"', "'"));
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
        }
    }
}

/// One node; what is below it has been seen to.
fn soften(expr: &mut Expr) {
    match expr {
        Expr::Cast { kind, .. } => *kind = CastKind::TryCast,
        Expr::BinaryOp { op: BinaryOperator::Divide | BinaryOperator::Modulo, right, .. } if !is_not_zero(right) => {
            let divisor = std::mem::replace(&mut **right, ast::int(0));
            **right = ast::call("nullif", vec![divisor, ast::int(0)]);
        }
        Expr::Substring { substring_for: Some(length), .. } => not_negative(length),
        Expr::Function(function) => {
            let name = value::name(function);
            let FunctionArguments::List(list) = &mut function.args else { return };
            for (i, arg) in list.args.iter_mut().enumerate() {
                let FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) = arg else { continue };
                match (name.as_str(), i) {
                    ("substr" | "substring", 2) => not_negative(arg),
                    // Powers of whole numbers overflow; those of others are infinite.
                    ("pow" | "power", 0) => double(arg),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Whether it is a number other than zero.
fn is_not_zero(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_not_zero(inner),
        Expr::Value(value) => {
            matches!(&value.value, Value::Number(text, _) if text.parse::<f64>().is_ok_and(|n| n.abs() > 0.0))
        }
        _ => false,
    }
}

fn not_negative(length: &mut Expr) {
    if !is_not_zero(length) {
        let given = std::mem::replace(length, ast::int(0));
        *length = ast::call("greatest", vec![given, ast::int(0)]);
    }
}

fn double(base: &mut Expr) {
    let given = std::mem::replace(base, ast::int(0));
    let data_type = DataType::Double(ExactNumberInfo::None);
    *base = Expr::Cast { kind: CastKind::TryCast, expr: Box::new(given), data_type, array: false, format: None };
}
