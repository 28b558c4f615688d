//! Queries: what a SELECT may be made of, and what its columns then are.

use sqlparser::ast::{
    Cte, Distinct, Expr, GroupByExpr, Ident, LimitClause, OrderBy, OrderByKind, Query, Select, SelectFlavor,
    SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Spanned, TableAlias, TableAliasColumnDef,
    WildcardAdditionalOptions, With,
};
use sqlparser::tokenizer::Span;

use super::expr::Use;
use super::groups::{Place, WHO};
use super::scope::{Column, Relation, Scope, Value, folded, single};
use super::{Checker, limit, value, witness};
use crate::sql::ast;
use crate::sql::refusal::{SqlRefusal, Why};

/// Refuses `what` where it is there.
pub(super) fn absent(there: bool, what: &str, at: Span) -> Result<(), SqlRefusal> {
    if there { Err(Why::NotAllowed { what: what.to_owned() }.at(at)) } else { Ok(()) }
}

impl Checker<'_> {
    /// The statement as a whole: no identifier in its output, and not too many rows.
    pub(super) fn statement(&mut self, query: &mut Query) -> Result<(), SqlRefusal> {
        let span = query.span();
        let columns = self.query(query, None, Place::Output)?.columns;
        if let Some(at) = columns.iter().position(|c| c.identifier.is_some()) {
            let column = columns[at].identifier.clone().unwrap_or_default();
            self.note(Err(Why::Listed { column }.at(item_span(query, at).unwrap_or(span))))?;
        }
        self.capped = limit::cap(&mut query.limit_clause, self.limits.max_rows)?;
        Ok(())
    }

    /// A query anywhere; gives its columns.
    pub(super) fn query(
        &mut self,
        query: &mut Query,
        outer: Option<&Scope<'_>>,
        place: Place,
    ) -> Result<Shape, SqlRefusal> {
        self.deeper(|this| {
            let known = this.ctes.len();
            let calls = std::mem::take(&mut this.calls);
            let reach = std::mem::replace(&mut this.reach, usize::MAX);
            let shape = this.query_parts(query, outer, place);
            this.reach = this.reach.min(reach);
            this.calls = calls;
            this.ctes.truncate(known);
            shape
        })
    }

    fn query_parts(&mut self, query: &mut Query, outer: Option<&Scope<'_>>, place: Place) -> Result<Shape, SqlRefusal> {
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
            SetExpr::Select(select) => {
                self.select(select, &mut Around { order_by, limit: limit_clause.as_ref(), place }, outer)
            }
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
            // It sees nothing of what is around it.
            let reach = self.reach;
            let shape = self.query(query, None, Place::Relation)?;
            self.reach = reach;
            self.ctes.push(shape.named(alias)?);
        }
        Ok(())
    }

    fn select(
        &mut self,
        select: &mut Select,
        around: &mut Around<'_>,
        outer: Option<&Scope<'_>>,
    ) -> Result<Shape, SqlRefusal> {
        plain(select)?;
        let mut scope = Scope { outer, depth: outer.map_or(0, |o| o.depth + 1), ..Scope::default() };
        for from in &mut select.from {
            self.joined(from, &mut scope)?;
        }
        for from in &mut select.from {
            let held = self.conditions(from, &scope);
            self.note(held)?;
        }
        if let Some(selection) = &mut select.selection {
            let held = self.open(selection, &scope);
            self.note(held)?;
        }
        let mut columns = self.items(select, &scope)?;
        scope.aliases.clone_from(&columns);
        let grouped = self.grouped(&mut select.group_by, &scope);
        self.note(grouped)?;
        if let Some(having) = &mut select.having {
            let held = self.open(having, &scope);
            self.note(held)?;
        }
        if let Some(order_by) = around.order_by {
            let ordered = self.ordered(order_by, &scope);
            self.note(ordered)?;
        }
        if self.min_group == 0 || !self.found.is_empty() {
            return Ok(Shape { columns, rows: false });
        }
        let rows = self.guard(select, &scope, around, &mut columns)?;
        Ok(Shape { columns, rows })
    }

    /// The columns; `*` is written out, so that nothing hidden is in it.
    fn items(&mut self, select: &mut Select, scope: &Scope<'_>) -> Result<Vec<Column>, SqlRefusal> {
        let mut columns = Vec::new();
        let merged = witness::merged(&select.from);
        for mut item in std::mem::take(&mut select.projection) {
            let known = columns.len();
            let checked = self.item(&mut item, scope, &mut columns);
            if checked.is_err() {
                columns.truncate(known);
                columns.extend(unknown(&item));
            }
            self.note(checked)?;
            match (self.min_group > 0).then(|| listed(&item, scope, &merged)).flatten() {
                None => select.projection.push(item),
                Some(listed) => {
                    columns.truncate(known);
                    for (expr, column) in listed {
                        select.projection.push(SelectItem::UnnamedExpr(expr));
                        columns.push(column);
                    }
                }
            }
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
                out.push(made(unnamed(expr), identifier, expr, scope));
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let name = alias_name(alias)?;
                let identifier = self.expr(expr, scope, Use::Output)?;
                out.push(made(name, identifier, expr, scope));
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

/// What stands around a SELECT.
pub(super) struct Around<'q> {
    pub order_by: &'q mut Option<OrderBy>,
    pub limit: Option<&'q LimitClause>,
    pub place: Place,
}

/// What a query gives.
pub(super) struct Shape {
    pub columns: Vec<Column>,
    /// Whether its rows are about single entities, which a hidden column then tells.
    pub rows: bool,
}

impl Shape {
    /// As something that columns are taken from.
    pub(super) fn named(self, alias: &mut TableAlias) -> Result<Relation, SqlRefusal> {
        let name = alias_name(&alias.name)?;
        let columns = renamed(alias, self.columns)?;
        hide_in(alias, self.rows);
        Ok(Relation { name, columns, who: self.rows.then(|| WHO.to_owned()), unique: false })
    }
}

/// Names the hidden column too, where columns are renamed.
pub(super) fn hide_in(alias: &mut TableAlias, rows: bool) {
    if rows && !alias.columns.is_empty() {
        alias.columns.push(TableAliasColumnDef { name: ast::ident(WHO), data_type: None });
    }
}

/// A column that an expression makes.
fn made(name: String, identifier: Option<String>, expr: &Expr, scope: &Scope<'_>) -> Column {
    let key = matches!(witness::key_of(expr, scope), Some(witness::Key::Here(_)));
    Column { name, identifier, key, value: value::of(expr, scope), source: None }
}

/// A column of which only the name is known, so that what speaks of it is no further fault.
fn unknown(item: &SelectItem) -> Option<Column> {
    let name = match item {
        SelectItem::UnnamedExpr(expr) => unnamed(expr),
        SelectItem::ExprWithAlias { alias, .. } => folded(alias),
        _ => return None,
    };
    Some(Column { name, identifier: None, key: false, value: Value::Made, source: None })
}

/// The columns that `*` stands for.
fn listed(item: &SelectItem, scope: &Scope<'_>, merged: &[String]) -> Option<Vec<(Expr, Column)>> {
    let of = match item {
        SelectItem::Wildcard(_) => None,
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
            Some(single(name).map(folded)?)
        }
        _ => return None,
    };
    let mut out: Vec<(Expr, Column)> = Vec::new();
    let relations = scope.relations.iter().filter(|r| of.as_ref().is_none_or(|of| r.name == *of));
    for (relation, column) in relations.flat_map(|r| r.columns.iter().map(move |c| (r, c))) {
        let is_merged = of.is_none() && merged.contains(&column.name);
        let mut name = ast::ident(&column.name);
        name.span = item.span();
        if !is_merged {
            out.push((Expr::CompoundIdentifier(vec![ast::ident(&relation.name), name]), column.clone()));
        } else if !out.iter().any(|(_, c)| c.name == column.name) {
            out.push((Expr::Identifier(name), column.clone()));
        }
    }
    Some(out)
}

/// A name that somebody chose: visible characters, no quotes within.
pub(super) fn alias_name(ident: &Ident) -> Result<String, SqlRefusal> {
    let name = folded(ident);
    let quote = !matches!(ident.quote_style, None | Some('"'));
    let odd = name.is_empty() || name == WHO || name.contains(['"', '\\', '\n', '\r', '\t']);
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
