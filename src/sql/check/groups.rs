//! The minimum group: whatever a statement says, a row that it gives is about so many different entities, or
//! about none.
//!
//! A query over single entities is one of three. Grouped, each of its groups is held to the minimum by a HAVING
//! that counts different entities: of the group, and of each part of it that an aggregate tells of
//! (`conditions`). A list of rows is grouped by what it lists. Or it stays a table of single entities, as a step
//! on the way: in FROM, where a hidden column carries the key on; behind `key IN`; or tied by the key to the
//! query around it. What fits none of these is refused, as are windows over single rows.
//!
//! This keeps a statement from telling of fewer entities than the minimum. It does not keep several answers, or a
//! number that is known already, from being subtracted from one another: see `answer::differencing`.

use sqlparser::ast::{Distinct, Expr, GroupByExpr, OrderBy, OrderByKind, Select, SelectItem, Spanned};

use super::function::Call;
use super::query::Around;
use super::scope::{Column, Scope};
use super::witness::{self, Key, Witness, named};
use super::{Checker, conditions, limit};
use crate::sql::Hides;
use crate::sql::ast::{self, ExprExt};
use crate::sql::refusal::{SqlRefusal, Why};

/// The hidden column that tells which entity a row of a derived table is about. Nobody can name it.
pub(super) const WHO: &str = "__who";

/// Where a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the statement.
    Output,
    /// FROM or WITH.
    Relation,
    /// `key IN`.
    Keys,
    /// An expression.
    Value,
    /// EXISTS.
    Exists,
}

impl Checker<'_> {
    /// Holds a SELECT to the minimum group. Answers whether its rows are about single entities still, which its
    /// last column then tells.
    pub(super) fn guard(
        &mut self,
        select: &mut Select,
        scope: &Scope<'_>,
        around: &mut Around<'_>,
        columns: &mut [Column],
    ) -> Result<bool, SqlRefusal> {
        let Some(witness) = witness::of(select, scope, self.catalog.key())? else { return Ok(false) };
        let span = select.span();
        let grouped = is_grouped(select) || self.calls.iter().any(|c| matches!(c, Call::Aggregate(_)));
        let by_entity = grouped && by_entity(select, scope);
        let window = self.calls.iter().find_map(|c| if let Call::Window(at) = c { Some(*at) } else { None });
        if let Some(at) = window.filter(|_| !grouped || by_entity || witness.bound) {
            return Err(Why::Single { what: "OVER".to_owned() }.at(at));
        }
        if witness.bound {
            return Ok(carried(select, around, &witness, grouped));
        }
        if self.reach < scope.depth {
            return Err(Why::Untied { key: self.catalog.key().to_owned() }.at(span));
        }
        if grouped && !by_entity {
            self.held(select, scope, &witness, around.place)?;
            return Ok(false);
        }
        let lists_keys = columns.iter().any(|c| c.key);
        match around.place {
            Place::Relation if lists_keys || select.distinct.is_none() => {
                limit::no_fewer(around.limit, self.min_group)?;
                Ok(carried(select, around, &witness, grouped))
            }
            Place::Keys if lists_keys => limit::no_fewer(around.limit, self.min_group).map(|()| false),
            // The statement is refused for what it lists.
            Place::Output if columns.iter().any(|c| c.identifier.is_some()) => Ok(false),
            _ if grouped || columns.iter().any(|c| c.identifier.is_some() && around.place != Place::Exists) => {
                Err(Why::Single { what: "GROUP BY".to_owned() }.at(span))
            }
            place => {
                self.listed(select, &witness, around, place)?;
                Ok(false)
            }
        }
    }

    /// Holds the groups of an aggregation to the minimum.
    fn held(
        &mut self,
        select: &mut Select,
        scope: &Scope<'_>,
        witness: &Witness,
        place: Place,
    ) -> Result<(), SqlRefusal> {
        let mut guards = vec![self.enough(witness, None)];
        for call in &self.calls {
            let Call::Aggregate(call) = call else { continue };
            for condition in conditions::of(call, scope, witness)? {
                guards.push(self.enough(witness, Some(condition)));
            }
        }
        let whole = place == Place::Output && is_whole(select);
        self.hides = self.hides.max(if whole { Hides::Whole } else { Hides::Parts });
        having(select, guards);
        Ok(())
    }

    /// Groups a list of rows by what it lists.
    fn listed(
        &mut self,
        select: &mut Select,
        witness: &Witness,
        around: &mut Around<'_>,
        place: Place,
    ) -> Result<(), SqlRefusal> {
        self.hides = self.hides.max(Hides::Parts);
        select.distinct = None;
        if place == Place::Exists {
            select.projection = vec![SelectItem::UnnamedExpr(ast::int(1))];
            *around.order_by = None;
        } else {
            ordered_by_listed(around.order_by.as_ref(), &select.projection)?;
            let columns = i64::try_from(select.projection.len()).unwrap_or(i64::MAX);
            select.group_by = GroupByExpr::Expressions((1..=columns).map(ast::int).collect(), Vec::new());
        }
        let few = ast::int(i64::try_from(self.min_group).unwrap_or(i64::MAX));
        let enough = ast::binary(entities(witness, None), sqlparser::ast::BinaryOperator::GtEq, few);
        having(select, vec![enough]);
        Ok(())
    }

    /// That no entity, or at least the minimum of them, is in the group and satisfies the condition.
    fn enough(&self, witness: &Witness, condition: Option<Expr>) -> Expr {
        let most = i64::try_from(self.min_group - 1).unwrap_or(i64::MAX);
        Expr::Between {
            expr: Box::new(entities(witness, condition)),
            negated: true,
            low: Box::new(ast::int(1)),
            high: Box::new(ast::int(most)),
        }
    }
}

/// Carries the key on in a hidden column, where a table is made.
fn carried(select: &mut Select, around: &Around<'_>, witness: &Witness, grouped: bool) -> bool {
    let is_table = around.place == Place::Relation;
    if is_table {
        // A group is of one entity: any of its keys is the key.
        let who = witness.who.clone();
        let who = if grouped { ast::call("min", vec![who]) } else { who };
        select.projection.push(ast::named(who, WHO));
    }
    is_table
}

/// How many different entities of a group satisfy a condition.
fn entities(witness: &Witness, condition: Option<Expr>) -> Expr {
    match (condition, witness.unique) {
        (None, true) => ast::count_rows(),
        (None, false) => ast::count_distinct(witness.who.clone()),
        (Some(condition), true) => ast::call("count", vec![ast::case(vec![(condition, ast::int(1))], None)]),
        (Some(condition), false) => ast::count_distinct(ast::case(vec![(condition, witness.who.clone())], None)),
    }
}

fn having(select: &mut Select, mut guards: Vec<Expr>) {
    let mut known: Vec<Expr> = Vec::new();
    guards.retain(|guard| {
        let new = !known.contains(guard);
        known.push(guard.clone());
        new
    });
    let asked = select.having.take().map(ExprExt::nested);
    let all = asked.into_iter().chain(guards).collect();
    select.having = ast::chain(&sqlparser::ast::BinaryOperator::And, all);
}

fn keys(select: &Select) -> &[Expr] {
    match &select.group_by {
        GroupByExpr::Expressions(keys, _) => keys,
        GroupByExpr::All(_) => &[],
    }
}

fn is_grouped(select: &Select) -> bool {
    !keys(select).is_empty() || select.having.is_some()
}

/// Whether the output is one row, which nothing but the minimum takes away.
fn is_whole(select: &Select) -> bool {
    keys(select).is_empty() && select.having.is_none() && !matches!(select.distinct, Some(Distinct::On(_)))
}

/// Whether each group is of one entity.
fn by_entity(select: &Select, scope: &Scope<'_>) -> bool {
    keys(select).iter().any(|key| matches!(witness::key_of(meant(key, select), scope), Some(Key::Here(_))))
}

/// What a key of GROUP BY means: `1` is the first column.
fn meant<'s>(key: &'s Expr, select: &'s Select) -> &'s Expr {
    let at = limit::number(key).and_then(|n| usize::try_from(n).ok()).and_then(|n| n.checked_sub(1));
    match at.and_then(|at| select.projection.get(at)) {
        Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => expr,
        _ => key,
    }
}

/// Refuses to order a list by what it does not list.
fn ordered_by_listed(order_by: Option<&OrderBy>, items: &[SelectItem]) -> Result<(), SqlRefusal> {
    let Some(OrderBy { kind: OrderByKind::Expressions(columns), .. }) = order_by else { return Ok(()) };
    let is_listed = |expr: &Expr| {
        items.iter().any(|item| match item {
            SelectItem::UnnamedExpr(listed) => listed == expr || last(listed).is_some_and(|l| last(expr) == Some(l)),
            SelectItem::ExprWithAlias { expr: listed, alias } => {
                listed == expr || named(expr) == Some((None, super::scope::folded(alias)))
            }
            _ => false,
        })
    };
    match columns.iter().find(|c| limit::number(&c.expr).is_none() && !is_listed(&c.expr)) {
        Some(odd) => Err(Why::NotListed { what: odd.expr.to_string() }.at(odd.expr.span())),
        None => Ok(()),
    }
}

/// The name of a column without its table.
fn last(expr: &Expr) -> Option<String> {
    named(expr).map(|(_, name)| name)
}
