//! Queries: what a SELECT may be made of, and what its columns then are.

use sqlparser::ast::{
    Cte, Distinct, Expr, GroupByExpr, Ident, OrderBy, OrderByKind, Query, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Spanned, TableAlias, WildcardAdditionalOptions, With,
};
use sqlparser::tokenizer::Span;

use super::expr::Use;
use super::scope::{Column, Relation, Scope, folded, single};
use super::{Checker, limit};
use crate::sql::refusal::{SqlRefusal, Why};

/// Refuses `what` where it is there.
pub(super) fn absent(there: bool, what: &str, at: Span) -> Result<(), SqlRefusal> {
    if there { Err(Why::NotAllowed { what: what.to_owned() }.at(at)) } else { Ok(()) }
}

impl Checker<'_> {
    /// The statement as a whole: no identifier in its output, and not too many rows.
    pub(super) fn statement(&mut self, query: &mut Query) -> Result<(), SqlRefusal> {
        let span = query.span();
        let columns = self.query(query, None)?;
        if let Some(at) = columns.iter().position(|c| c.identifier.is_some()) {
            let column = columns[at].identifier.clone().unwrap_or_default();
            return Err(Why::Listed { column }.at(item_span(query, at).unwrap_or(span)));
        }
        limit::cap(&mut query.limit_clause, self.limits.max_rows)
    }

    /// A query anywhere; gives its columns.
    pub(super) fn query(&mut self, query: &mut Query, outer: Option<&Scope<'_>>) -> Result<Vec<Column>, SqlRefusal> {
        self.deeper(|this| {
            let known = this.ctes.len();
            let columns = this.query_parts(query, outer);
            this.ctes.truncate(known);
            columns
        })
    }

    fn query_parts(&mut self, query: &mut Query, outer: Option<&Scope<'_>>) -> Result<Vec<Column>, SqlRefusal> {
        let span = query.span();
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        absent(fetch.is_some(), "FETCH", span)?;
        absent(!locks.is_empty(), "FOR UPDATE", span)?;
        absent(for_clause.is_some() || settings.is_some() || format_clause.is_some(), "FOR, SETTINGS or FORMAT", span)?;
        absent(!pipe_operators.is_empty(), "|>", span)?;
        if let Some(with) = with {
            self.with(with)?;
        }
        limit::plain(limit_clause.as_ref())?;
        match body.as_mut() {
            SetExpr::Select(select) => self.select(select, order_by.as_mut(), outer),
            other => Err(Why::NotAllowed { what: kind(other).to_owned() }.at(other.span())),
        }
    }

    fn with(&mut self, with: &mut With) -> Result<(), SqlRefusal> {
        absent(with.recursive, "WITH RECURSIVE", with.span())?;
        for Cte { alias, query, from, materialized, closing_paren_token: _ } in &mut with.cte_tables {
            let name = alias_name(&alias.name)?;
            absent(from.is_some() || materialized.is_some(), "MATERIALIZED", alias.name.span)?;
            if self.catalog.dataset(&name).is_some() || self.ctes.iter().any(|c| c.name == name) {
                return Err(Why::Shadows { name }.at(alias.name.span));
            }
            let columns = self.query(query, None)?;
            let columns = renamed(alias, columns)?;
            self.ctes.push(Relation { name, columns });
        }
        Ok(())
    }

    fn select(
        &mut self,
        select: &mut Select,
        order_by: Option<&mut OrderBy>,
        outer: Option<&Scope<'_>>,
    ) -> Result<Vec<Column>, SqlRefusal> {
        plain(select)?;
        let mut scope = Scope { outer, ..Scope::default() };
        for from in &mut select.from {
            self.joined(from, &mut scope)?;
        }
        for from in &mut select.from {
            self.conditions(from, &scope)?;
        }
        if let Some(selection) = &mut select.selection {
            self.open(selection, &scope)?;
        }
        let mut columns = Vec::new();
        for item in &mut select.projection {
            self.item(item, &scope, &mut columns)?;
        }
        scope.aliases.clone_from(&columns);
        self.grouped(&mut select.group_by, &scope)?;
        if let Some(having) = &mut select.having {
            self.open(having, &scope)?;
        }
        if let Some(order_by) = order_by {
            self.ordered(order_by, &scope)?;
        }
        Ok(columns)
    }

    fn grouped(&mut self, group_by: &mut GroupByExpr, scope: &Scope<'_>) -> Result<(), SqlRefusal> {
        let span = group_by.span();
        let GroupByExpr::Expressions(keys, modifiers) = group_by else {
            return absent(true, "GROUP BY ALL", span);
        };
        absent(!modifiers.is_empty(), "GROUP BY … WITH", span)?;
        keys.iter_mut().try_for_each(|key| self.expr(key, scope, Use::Key).map(|_| ()))
    }

    fn ordered(&mut self, order_by: &mut OrderBy, scope: &Scope<'_>) -> Result<(), SqlRefusal> {
        let span = order_by.span();
        absent(order_by.interpolate.is_some(), "INTERPOLATE", span)?;
        let OrderByKind::Expressions(columns) = &mut order_by.kind else { return absent(true, "ORDER BY ALL", span) };
        for column in columns {
            absent(column.with_fill.is_some(), "WITH FILL", span)?;
            self.expr(&mut column.expr, scope, Use::Order)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &mut SelectItem, scope: &Scope<'_>, out: &mut Vec<Column>) -> Result<(), SqlRefusal> {
        let span = item.span();
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let identifier = self.expr(expr, scope, Use::Output)?;
                out.push(Column { name: unnamed(expr), identifier });
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let name = alias_name(alias)?;
                let identifier = self.expr(expr, scope, Use::Output)?;
                out.push(Column { name, identifier });
            }
            SelectItem::ExprWithAliases { .. } => return absent(true, "several aliases", span),
            SelectItem::Wildcard(options) => {
                absent(*options != WildcardAdditionalOptions::default(), "* with options", span)?;
                out.extend(scope.relations.iter().flat_map(|r| r.columns.clone()));
            }
            SelectItem::QualifiedWildcard(kind, options) => {
                absent(*options != WildcardAdditionalOptions::default(), "* with options", span)?;
                let SelectItemQualifiedWildcardKind::ObjectName(name) = kind else {
                    return absent(true, "(…).*", span);
                };
                let of = single(name).map(folded);
                let relation = scope.relations.iter().find(|r| Some(&r.name) == of.as_ref());
                let relation = relation.ok_or_else(|| self.unknown_table(name, scope))?;
                out.extend(relation.columns.clone());
            }
        }
        Ok(())
    }
}

/// A name that somebody chose: visible characters, no quotes within.
pub(super) fn alias_name(ident: &Ident) -> Result<String, SqlRefusal> {
    let name = folded(ident);
    let quote = !matches!(ident.quote_style, None | Some('"'));
    let odd = name.is_empty() || name.contains(['"', '\\', '\n', '\r', '\t']);
    absent(quote || odd, "a name of these characters", ident.span).map(|()| name)
}

/// The columns under the names of `AS t (a, b)`.
pub(super) fn renamed(alias: &TableAlias, mut columns: Vec<Column>) -> Result<Vec<Column>, SqlRefusal> {
    let TableAlias { columns: names, at, name, .. } = alias;
    absent(at.is_some(), "AT", name.span)?;
    absent(!names.is_empty() && names.len() != columns.len(), "a list of other length than the columns", name.span)?;
    for (column, name) in columns.iter_mut().zip(names) {
        absent(name.data_type.is_some(), "a type in an alias", name.name.span)?;
        column.name = alias_name(&name.name)?;
    }
    Ok(columns)
}

/// Refuses the parts of a SELECT that are not let through.
fn plain(select: &Select) -> Result<(), SqlRefusal> {
    let span = select.span();
    let Select {
        select_token: _,
        optimizer_hints,
        distinct,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection: _,
        exclude,
        into,
        from: _,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by: _,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window,
        qualify,
        window_before_qualify: _,
        value_table_mode,
        flavor,
    } = select;
    absent(!optimizer_hints.is_empty(), "an optimizer hint", span)?;
    absent(matches!(distinct, Some(Distinct::On(_))), "DISTINCT ON", span)?;
    absent(select_modifiers.is_some() || top.is_some(), "TOP", span)?;
    absent(exclude.is_some(), "EXCLUDE", span)?;
    absent(into.is_some(), "SELECT INTO", span)?;
    absent(!lateral_views.is_empty(), "LATERAL VIEW", span)?;
    absent(prewhere.is_some() || !connect_by.is_empty(), "PREWHERE or CONNECT BY", span)?;
    absent(!cluster_by.is_empty() || !distribute_by.is_empty() || !sort_by.is_empty(), "CLUSTER BY or SORT BY", span)?;
    absent(!named_window.is_empty(), "WINDOW", span)?;
    absent(qualify.is_some(), "QUALIFY", span)?;
    absent(value_table_mode.is_some() || *flavor != SelectFlavor::Standard, "this form of SELECT", span)
}

/// What a query body that is no SELECT is called.
fn kind(body: &SetExpr) -> &'static str {
    match body {
        SetExpr::Select(_) => "SELECT",
        SetExpr::Query(_) => "a query in parentheses",
        SetExpr::SetOperation { .. } => "UNION, INTERSECT or EXCEPT",
        SetExpr::Values(_) => "VALUES",
        SetExpr::Insert(_) => "INSERT",
        SetExpr::Update(_) => "UPDATE",
        SetExpr::Delete(_) => "DELETE",
        SetExpr::Merge(_) => "MERGE",
        SetExpr::Table(_) => "TABLE",
    }
}

/// The name that a column without an alias has.
fn unnamed(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(ident) => folded(ident),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// Where the column `at` of the output stands, as far as columns are items.
fn item_span(query: &Query, at: usize) -> Option<Span> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let wildcard = |i: &&SelectItem| matches!(i, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    let item = select.projection.iter().find(wildcard).or_else(|| select.projection.get(at))?;
    Some(item.span())
}
