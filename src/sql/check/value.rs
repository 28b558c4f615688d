//! What an aggregate over an expression could tell of a single entity.
//!
//! A sum of stored values tells of nobody in particular. An expression that can be made to mark a few entities
//! (by a condition, a threshold, a remainder) turns an aggregate over many into one over those few. So only
//! columns, their sums and products with each other or a constant, and a few functions without a free
//! parameter are as good as stored.

use sqlparser::ast::{
    BinaryOperator, CeilFloorKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    UnaryOperator,
};

use super::function::is_aggregate;
use super::scope::{Scope, Value, folded, single};
use super::witness::named;

/// Functions of one column that have no parameter to mark entities by; the last argument may be that column.
const PLAIN: &str = "abs ceil char_length character_length date_part date_trunc datepart datetrunc floor length round";

/// How an expression over the relations of `scope` came to be.
pub(super) fn of(expr: &Expr, scope: &Scope<'_>) -> Value {
    match expr {
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr: inner } => {
            of(inner, scope)
        }
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => column(expr, scope).unwrap_or(Value::Made),
        Expr::Value(_) | Expr::TypedString(_) => Value::Stored,
        Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus, right } => {
            of(left, scope).max(of(right, scope))
        }
        Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } => bare(left, scope).max(bare(right, scope)),
        Expr::Cast { expr, data_type, .. } if is_wide(data_type) => of(expr, scope),
        Expr::Extract { expr, .. }
        | Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(_) }
        | Expr::Floor { expr, field: CeilFloorKind::DateTimeField(_) } => bare(expr, scope),
        Expr::Function(function) => call(function, scope),
        _ => Value::Made,
    }
}

/// A column or a constant, and nothing more.
fn bare(expr: &Expr, scope: &Scope<'_>) -> Value {
    match expr {
        Expr::Value(_) => Value::Stored,
        _ => column(expr, scope).unwrap_or(Value::Made),
    }
}

fn column(expr: &Expr, scope: &Scope<'_>) -> Option<Value> {
    let (table, name) = named(expr)?;
    scope.here(table.as_deref(), &name).map(|(_, column)| column.value)
}

/// Numbers that nothing is rounded in.
fn is_wide(kind: &DataType) -> bool {
    matches!(kind, DataType::Float(_) | DataType::Double(_) | DataType::DoublePrecision)
}

/// A plain function of a column; an aggregate, which is then one for each entity.
fn call(function: &Function, scope: &Scope<'_>) -> Value {
    let name = name(function);
    let args = arguments(function);
    if function.over.is_some() || function.filter.is_some() {
        return Value::Made;
    }
    if is_aggregate(&name) {
        let stored = args.iter().all(|arg| of(arg, scope) == Value::Stored);
        return if stored && !matches!(name.as_str(), "bool_and" | "bool_or") { Value::Tallied } else { Value::Made };
    }
    let Some((last, parameters)) = args.split_last() else { return Value::Made };
    let part = parameters.iter().all(|p| matches!(p, Expr::Value(_)));
    let allowed = parameters.is_empty() || (name.starts_with("date") && parameters.len() == 1);
    if part && allowed && PLAIN.split(' ').any(|known| known == name) { bare(last, scope) } else { Value::Made }
}

/// The name of a function as it is listed.
pub(super) fn name(function: &Function) -> String {
    single(&function.name).map(folded).unwrap_or_default()
}

/// The expressions that a function is given.
pub(super) fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let expr = |arg| match arg {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Some(expr),
        _ => None,
    };
    list.args.iter().filter_map(expr).collect()
}
