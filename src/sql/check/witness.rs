//! Which entity a row of a SELECT is about.
//!
//! Every relation over single entities has a column that tells whose row it is. Where all of them are equal, by
//! the conditions of the joins or of WHERE, a row is about one entity: its witness. In an outer join some are
//! missing; those that are not are equal.

use sqlparser::ast::{
    BinaryOperator, Expr, JoinConstraint, JoinOperator, Select, Spanned, TableFactor, TableWithJoins,
};

use super::query::absent;
use super::scope::{Scope, folded, single};
use crate::sql::ast;
use crate::sql::refusal::{SqlRefusal, Why};

/// The key of an entity, by where it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// The relation of this SELECT with this number.
    Here(usize),
    /// A query around it.
    Around,
}

/// The entity that a row of a SELECT is about.
pub(super) struct Witness {
    /// Its key.
    pub who: Expr,
    /// Whether no two rows are about one.
    pub unique: bool,
    /// Whether it is the entity that the query around is about.
    pub bound: bool,
    /// Whether a join may leave columns missing.
    pub outer: bool,
}

/// The witness of a SELECT; none where it reads no single entities.
pub(super) fn of(select: &Select, scope: &Scope<'_>, key: &str) -> Result<Option<Witness>, SqlRefusal> {
    let mut links = Links { scope, sets: (0..scope.relations.len()).collect(), next: 0, outer: false, bound: false };
    for from in &select.from {
        links.joined(from)?;
    }
    if let Some(selection) = &select.selection {
        links.held(selection);
    }
    let single: Vec<usize> = (0..scope.relations.len()).filter(|&at| scope.relations[at].who.is_some()).collect();
    let Some(&first) = single.first() else { return Ok(None) };
    if let Some(&apart) = single.iter().find(|&&at| links.sets[at] != links.sets[first]) {
        let (left, right) = (scope.relations[first].name.clone(), scope.relations[apart].name.clone());
        return Err(Why::Unjoined { left, right, key: key.to_owned() }.at(select.span()));
    }
    let column = |at: &usize| {
        let relation = &scope.relations[*at];
        ast::column(&relation.name, relation.who.as_deref().unwrap_or_default())
    };
    let who = match single.as_slice() {
        [_, _, ..] if links.outer => ast::call("coalesce", single.iter().map(column).collect()),
        _ => column(&first),
    };
    let unique = scope.relations.len() == 1 && scope.relations[first].unique;
    Ok(Some(Witness { who, unique, bound: links.bound, outer: links.outer }))
}

/// The key that an expression is, where it is one.
pub(super) fn key_of(expr: &Expr, scope: &Scope<'_>) -> Option<Key> {
    let (table, name) = named(expr)?;
    let mut scope = scope;
    let mut here = true;
    loop {
        if let Some((at, _)) = scope.here(table.as_deref(), &name) {
            let is_key = |column: &&super::scope::Column| column.name == name && column.key;
            let relations = scope.relations.iter().enumerate().skip(at);
            let mut named = relations.filter(|(_, r)| table.as_ref().is_none_or(|t| r.name == *t));
            let (at, _) = named.find(|(_, r)| r.columns.iter().any(|c| is_key(&c)))?;
            return Some(if here { Key::Here(at) } else { Key::Around });
        }
        scope = scope.outer?;
        here = false;
    }
}

/// A column by its name: `table.name`, or just `name`.
pub(super) fn named(expr: &Expr) -> Option<(Option<String>, String)> {
    match expr {
        Expr::Nested(inner) => named(inner),
        Expr::Identifier(ident) => Some((None, folded(ident))),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, name] => Some((Some(folded(table)), folded(name))),
            _ => None,
        },
        _ => None,
    }
}

/// The columns that USING makes one of.
pub(super) fn merged(from: &[TableWithJoins]) -> Vec<String> {
    let mut names = Vec::new();
    for TableWithJoins { relation, joins } in from {
        for factor in std::iter::once(relation).chain(joins.iter().map(|j| &j.relation)) {
            if let TableFactor::NestedJoin { table_with_joins, .. } = factor {
                names.extend(merged(std::slice::from_ref(table_with_joins)));
            }
        }
        for join in joins {
            if let (Some(JoinConstraint::Using(using)), _) = constraint(&join.join_operator) {
                names.extend(using.iter().filter_map(single).map(folded));
            }
        }
    }
    names
}

/// The condition of a join, and whether rows without a match are dropped on both sides.
fn constraint(operator: &JoinOperator) -> (Option<&JoinConstraint>, bool) {
    match operator {
        JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::CrossJoin(on) => (Some(on), true),
        JoinOperator::Left(on)
        | JoinOperator::LeftOuter(on)
        | JoinOperator::Right(on)
        | JoinOperator::RightOuter(on)
        | JoinOperator::FullOuter(on) => (Some(on), false),
        _ => (None, false),
    }
}

/// Which relations are about the same entity, as far as conditions say.
struct Links<'s> {
    scope: &'s Scope<'s>,
    /// For each relation, the set that it is in.
    sets: Vec<usize>,
    /// The next relation of FROM.
    next: usize,
    outer: bool,
    bound: bool,
}

impl Links<'_> {
    fn joined(&mut self, from: &TableWithJoins) -> Result<(), SqlRefusal> {
        let start = self.next;
        self.factor(&from.relation)?;
        for join in &from.joins {
            let middle = self.next;
            self.factor(&join.relation)?;
            let span = join.relation.span();
            let (on, inner) = constraint(&join.join_operator);
            absent(on.is_none(), "LEFT SEMI JOIN or LEFT ANTI JOIN", span)?;
            self.outer |= !inner;
            let crosses = |a: usize, b: usize| (start..middle).contains(&a.min(b)) && (middle..).contains(&a.max(b));
            match on {
                Some(JoinConstraint::On(condition)) => {
                    // A later outer join can take the tie to the query around away again.
                    self.equal(condition, &|a, b| inner || crosses(a, b), false);
                }
                Some(JoinConstraint::Using(names)) => {
                    for name in names.iter().filter_map(single).map(folded) {
                        self.merge(&name, start, middle);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn factor(&mut self, factor: &TableFactor) -> Result<(), SqlRefusal> {
        if let TableFactor::NestedJoin { table_with_joins, .. } = factor {
            return self.joined(table_with_joins);
        }
        self.next += 1;
        Ok(())
    }

    /// WHERE.
    fn held(&mut self, condition: &Expr) {
        self.equal(condition, &|_, _| true, true);
    }

    /// Keys that a condition says are equal. `counts` tells of which pairs it does.
    fn equal(&mut self, condition: &Expr, counts: &dyn Fn(usize, usize) -> bool, binds: bool) {
        match condition {
            Expr::Nested(inner) => self.equal(inner, counts, binds),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                self.equal(left, counts, binds);
                self.equal(right, counts, binds);
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                match (key_of(left, self.scope), key_of(right, self.scope)) {
                    (Some(Key::Here(a)), Some(Key::Here(b))) if counts(a, b) => self.link(a, b),
                    (Some(Key::Here(_)), Some(Key::Around)) | (Some(Key::Around), Some(Key::Here(_))) => {
                        self.bound |= binds;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// `USING (name)` between the relations from `start` and those from `middle`.
    fn merge(&mut self, name: &str, start: usize, middle: usize) {
        let has = |at: &usize| self.scope.relations[*at].columns.iter().any(|c| c.name == name && c.key);
        if let (Some(a), Some(b)) = ((start..middle).find(has), (middle..self.next).find(has)) {
            self.link(a, b);
        }
    }

    fn link(&mut self, a: usize, b: usize) {
        let (a, b) = (self.sets[a], self.sets[b]);
        for set in &mut self.sets {
            if *set == b {
                *set = a;
            }
        }
    }
}
