//! What a SELECT takes its rows from: tables, sub-queries and joins of them. Tables are replaced by their part
//! that belongs to the population.

use sqlparser::ast::{
    Expr, Join, JoinConstraint, JoinOperator, ObjectName, Spanned, TableAlias, TableFactor, TableWithJoins,
};
use sqlparser::tokenizer::Span;

use super::Checker;
use super::expr::Use;
use super::groups::Place;
use super::query::{absent, alias_name, hide_in, renamed};
use super::scope::{Relation, Scope, folded, single};
use crate::sql::ast;
use crate::sql::refusal::{SqlRefusal, Why};

impl Checker<'_> {
    /// The relations of a FROM item.
    pub(super) fn joined(&mut self, from: &mut TableWithJoins, scope: &mut Scope<'_>) -> Result<(), SqlRefusal> {
        self.factor(&mut from.relation, scope)?;
        from.joins.iter_mut().try_for_each(|join| self.factor(&mut join.relation, scope))
    }

    /// The conditions of the joins, once every relation is known.
    pub(super) fn conditions(&mut self, from: &mut TableWithJoins, scope: &Scope<'_>) -> Result<(), SqlRefusal> {
        if let TableFactor::NestedJoin { table_with_joins, .. } = &mut from.relation {
            self.deeper(|this| this.conditions(table_with_joins, scope))?;
        }
        for Join { relation, global, join_operator } in &mut from.joins {
            let span = relation.span();
            absent(*global, "GLOBAL JOIN", span)?;
            if let TableFactor::NestedJoin { table_with_joins, .. } = relation {
                self.deeper(|this| this.conditions(table_with_joins, scope))?;
            }
            match join_operator {
                JoinOperator::Join(on)
                | JoinOperator::Inner(on)
                | JoinOperator::Left(on)
                | JoinOperator::LeftOuter(on)
                | JoinOperator::Right(on)
                | JoinOperator::RightOuter(on)
                | JoinOperator::FullOuter(on)
                | JoinOperator::CrossJoin(on)
                | JoinOperator::LeftSemi(on)
                | JoinOperator::LeftAnti(on) => self.constraint(on, scope, span)?,
                _ => return absent(true, "this kind of join", span),
            }
        }
        Ok(())
    }

    fn constraint(&mut self, on: &mut JoinConstraint, scope: &Scope<'_>, span: Span) -> Result<(), SqlRefusal> {
        match on {
            JoinConstraint::On(condition) => self.open(condition, scope),
            JoinConstraint::Using(names) => names.iter().try_for_each(|name| {
                let ident = single(name).ok_or_else(|| self.unknown_column(&name.to_string(), scope, name.span()))?;
                let mut column = Expr::Identifier(ident.clone());
                self.expr(&mut column, scope, Use::Key).map(|_| ())
            }),
            JoinConstraint::Natural => absent(true, "NATURAL JOIN", span),
            JoinConstraint::None => Ok(()),
        }
    }

    fn factor(&mut self, factor: &mut TableFactor, scope: &mut Scope<'_>) -> Result<(), SqlRefusal> {
        let span = factor.span();
        match factor {
            TableFactor::Table { name, alias, .. } => {
                let (name, alias) = (name.clone(), alias.take());
                absent(!is_bare(factor), "a table with arguments or options", span)?;
                *factor = self.table(&name, alias, scope)?;
                Ok(())
            }
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                absent(*lateral, "LATERAL", span)?;
                absent(sample.is_some(), "TABLESAMPLE", span)?;
                let shape = self.query(subquery, scope.outer, Place::Relation)?;
                let Some(alias) = alias else { return absent(true, "a sub-query without a name", span) };
                scope.relations.push(shape.named(alias)?);
                Ok(())
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                absent(alias.is_some(), "an alias of a join", span)?;
                self.deeper(|this| this.joined(table_with_joins, scope))
            }
            _ => absent(true, "a table function", span),
        }
    }

    /// A table by its name: what WITH named as it is, one of the catalog within the population.
    fn table(
        &mut self,
        name: &ObjectName,
        alias: Option<TableAlias>,
        scope: &mut Scope<'_>,
    ) -> Result<TableFactor, SqlRefusal> {
        let unknown = |this: &Self, scope: &Scope<'_>| this.unknown_table(name, scope);
        let ident = single(name).ok_or_else(|| unknown(self, scope))?;
        absent(!matches!(ident.quote_style, None | Some('"')), "a name in these quotes", ident.span)?;
        let table = folded(ident);
        let shown = alias.unwrap_or_else(|| ast::alias_of(&table));
        let known_as = alias_name(&shown.name)?;
        let mut shown = shown;
        if let Some(cte) = self.ctes.iter().find(|c| c.name == table) {
            let columns = renamed(&shown, cte.columns.clone())?;
            hide_in(&mut shown, cte.who.is_some());
            scope.relations.push(Relation { name: known_as, columns, ..cte.clone() });
            return Ok(with_alias(ast::table(&table, ""), shown));
        }
        let dataset = self.catalog.dataset(&table).ok_or_else(|| unknown(self, scope))?;
        let relation = Relation::table(known_as, dataset, self.catalog.key());
        let columns = renamed(&shown, relation.columns.clone())?;
        scope.relations.push(relation.with_columns(columns));
        let rows = self.restricted(dataset).map_err(|e| Why::Population(e).anywhere())?;
        Ok(ast::derived(rows, shown))
    }

    pub(super) fn unknown_table(&self, name: &ObjectName, scope: &Scope<'_>) -> SqlRefusal {
        let datasets = self.catalog.datasets.iter().map(|d| d.name.as_str());
        let ctes = self.ctes.iter().map(|c| c.name.as_str());
        let names = datasets.chain(ctes).chain(scope.relations.iter().map(|r| r.name.as_str()));
        let shown = name.to_string();
        let nearest = crate::catalog::nearest(&shown, names).into_iter().map(str::to_owned).collect();
        Why::UnknownTable { name: shown, nearest }.at(name.span())
    }
}

fn with_alias(mut factor: TableFactor, shown: TableAlias) -> TableFactor {
    if let TableFactor::Table { alias, .. } = &mut factor {
        *alias = Some(shown);
    }
    factor
}

/// Whether a table is named and nothing more.
fn is_bare(factor: &TableFactor) -> bool {
    let TableFactor::Table {
        name: _,
        alias: _,
        args,
        with_hints,
        version,
        with_ordinality,
        partitions,
        json_path,
        sample,
        index_hints,
    } = factor
    else {
        return false;
    };
    args.is_none()
        && with_hints.is_empty()
        && version.is_none()
        && !with_ordinality
        && partitions.is_empty()
        && json_path.is_none()
        && sample.is_none()
        && index_hints.is_empty()
}
