//! The entities behind a count, so that two counts can be compared by what they count.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Distinct, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    GroupByExpr, ObjectNamePart, Query, Select, SelectItem, SetExpr, TableFactor, visit_expressions,
};

use super::check::{self, SqlLimits};
use super::{CheckedSql, ast};
use crate::catalog::Catalog;

/// The name of the key in a comparison.
const KEY: &str = "k";

/// The keys of the entities that an analyst's SQL counts, where it is `SELECT count(*)` from the entity's table
/// or `SELECT count(DISTINCT key)` from anything, and nothing else.
#[must_use]
pub fn lines(text: &str, catalog: &Catalog, limits: &SqlLimits) -> Option<CheckedSql> {
    let mut query = check::raw(text, limits).ok()?;
    if query.order_by.is_some() || query.limit_clause.is_some() {
        return None;
    }
    let SetExpr::Select(select) = query.body.as_mut() else { return None };
    let counted = counted(select, catalog)?;
    select.projection = vec![ast::named(counted, KEY)];
    select.distinct = Some(Distinct::Distinct);
    check::keys(query, catalog, limits)
}

/// Whether the one column of a query is computed from a count, or is taken from a query within it.
pub(super) fn is_count(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] = select.projection.as_slice()
    else {
        return false;
    };
    let counts = |expr: &Expr| match expr {
        Expr::Function(function) => matches!(function.name.0.as_slice(), [ObjectNamePart::Identifier(name)]
            if ["count", "sum", "approx_distinct"].iter().any(|known| name.value.eq_ignore_ascii_case(known))),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => true,
        _ => false,
    };
    let found =
        visit_expressions(item, |expr| if counts(expr) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
    found.is_break()
}

/// The key that a SELECT of one plain count counts.
fn counted(select: &Select, catalog: &Catalog) -> Option<Expr> {
    let plain = matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    if !plain || select.having.is_some() || select.distinct.is_some() {
        return None;
    }
    let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] = select.projection.as_slice()
    else {
        return None;
    };
    let Expr::Function(Function { name, args: FunctionArguments::List(list), filter: None, over: None, .. }) = item
    else {
        return None;
    };
    let [ObjectNamePart::Identifier(name)] = name.0.as_slice() else { return None };
    if !name.value.eq_ignore_ascii_case("count") {
        return None;
    }
    match (list.args.as_slice(), list.duplicate_treatment) {
        ([FunctionArg::Unnamed(FunctionArgExpr::Wildcard)], None) => own_key(select, catalog),
        ([FunctionArg::Unnamed(FunctionArgExpr::Expr(key))], Some(DuplicateTreatment::Distinct)) => Some(key.clone()),
        _ => None,
    }
}

/// The key of the entity's table, where a SELECT is from that alone.
fn own_key(select: &Select, catalog: &Catalog) -> Option<Expr> {
    let [from] = select.from.as_slice() else { return None };
    let TableFactor::Table { name, alias, .. } = &from.relation else { return None };
    let [ObjectNamePart::Identifier(table)] = name.0.as_slice() else { return None };
    let is_entity = table.value.eq_ignore_ascii_case(&catalog.entity().name);
    let renamed = alias.as_ref().is_some_and(|a| !a.columns.is_empty());
    (is_entity && from.joins.is_empty() && !renamed).then(|| Expr::Identifier(ast::ident(catalog.key())))
}

/// How many entities are in one of two lists of keys and not in the other; one column, `n`.
#[must_use]
pub fn apart(this: &CheckedSql, that: &CheckedSql, catalog: &Catalog) -> CheckedSql {
    let keys = |of: &CheckedSql, alias: &str| {
        let mut shown = ast::alias_of(alias);
        shown.columns.push(sqlparser::ast::TableAliasColumnDef { name: ast::ident(KEY), data_type: None });
        ast::derived(of.query.clone(), shown)
    };
    let missing = |alias: &str| Expr::IsNull(Box::new(ast::column(alias, KEY)));
    let either = ast::chain(&BinaryOperator::Or, vec![missing("a"), missing("b")]);
    let build = ast::Build {
        items: vec![ast::named(ast::count_rows(), "n")],
        from: Some(keys(this, "a")),
        filters: either.into_iter().collect(),
        ..ast::Build::default()
    };
    let mut query: Query = build.query();
    if let SetExpr::Select(select) = query.body.as_mut() {
        let on = ast::equal(ast::column("a", KEY), ast::column("b", KEY));
        let join_operator = sqlparser::ast::JoinOperator::FullOuter(sqlparser::ast::JoinConstraint::On(on));
        let join = sqlparser::ast::Join { relation: keys(that, "b"), global: false, join_operator };
        select.from.iter_mut().for_each(|from| from.joins.push(join.clone()));
    }
    CheckedSql::made(query, catalog)
}
