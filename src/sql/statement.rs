//! The statements of a segment that are not grouped: its count, an aggregate over it, its entities.

use sqlparser::ast::{Expr as Sql, SelectItem};

use super::ast::{self, Build};
use super::compile::{Compiler, Place, Pred, aggregate};
use super::error::SqlError;
use super::shape::{Asks, Shape};
use super::{CheckedSql, group, total};
use crate::catalog::{Catalog, Sensitivity};
use crate::segment::{Expr, Func, Metric, text};

/// How many entities a segment holds; one column, `n`.
///
/// # Errors
/// Where the segment names what the catalog lacks.
pub fn count(segment: &Expr, catalog: &Catalog) -> Result<CheckedSql, SqlError> {
    let (mut build, _) = Compiler::new(catalog).members(segment)?;
    build.items = vec![ast::named(ast::count_rows(), "n")];
    Ok(CheckedSql::made(build.query(), catalog).asking(Shape::new(segment, Asks::Count, catalog)?))
}

/// An aggregate over a segment: columns `n` (entities of the segment) and `value`.
///
/// # Errors
/// Where the segment or the metric names what the catalog lacks.
pub fn metric(segment: &Expr, metric: &Metric<Expr>, catalog: &Catalog) -> Result<CheckedSql, SqlError> {
    let mut compiler = Compiler::new(catalog);
    let (mut build, place) = compiler.members(segment)?;
    let measure = compiler.measure(metric, &place, &mut build)?;
    build.items = vec![ast::named(measure.entities, "n"), ast::named(measure.value, "value")];
    let shape = Shape::new(segment, Asks::Metric(metric.clone()), catalog)?;
    Ok(CheckedSql::made(build.query(), catalog).asking(shape))
}

/// The entities themselves, for an export: their key and `columns` (fields and bands), in key order. The
/// only place where an identifier leaves.
///
/// # Errors
/// Where the segment or a column names what the catalog lacks.
pub fn keys(segment: &Expr, columns: &[String], limit: Option<u64>, catalog: &Catalog) -> Result<CheckedSql, SqlError> {
    let (mut build, place) = Compiler::new(catalog).members(segment)?;
    let key = catalog.key();
    build.items = vec![SelectItem::UnnamedExpr(place.column(key))];
    for name in columns.iter().filter(|c| *c != key) {
        build.items.push(match place.dataset.field(name) {
            Some(_) => SelectItem::UnnamedExpr(place.column(name)),
            None => ast::named(group::entity_key(&place, name, catalog)?, name),
        });
    }
    build.order_by = vec![ast::ordered(place.column(key), None)];
    build.limit = limit;
    Ok(CheckedSql::made(build.query(), catalog))
}

/// The keys of those of a shape's population for whom `part` of its segment holds: one column, in no order. For an engine
/// that puts the parts together itself; no key goes further.
///
/// # Errors
/// Where the part names what the catalog lacks.
pub(crate) fn holders(part: &Expr, shape: &Shape, catalog: &Catalog) -> Result<CheckedSql, SqlError> {
    let population = text::print(shape.population());
    let catalog = Catalog { population, as_of: shape.as_of(), ..catalog.clone() };
    let (mut build, place) = Compiler::new(&catalog).members(part)?;
    build.items = vec![SelectItem::UnnamedExpr(place.column(catalog.key()))];
    Ok(CheckedSql::made(build.query(), &catalog))
}

/// What the rows of an export hold.
#[derive(Debug, Clone, Copy)]
pub struct RowColumns<'a> {
    /// Whether the key comes first. It leaves only as what the caller makes of it.
    pub key: bool,
    /// Fields and bands that may be listed.
    pub columns: &'a [String],
    /// Those of the segment that are held out: a last column, [`HELD_OUT`], says who they are.
    pub held_out: Option<&'a Expr>,
}

/// The column that says who is held out.
pub const HELD_OUT: &str = "held_out";

/// The entities themselves, in key order, for a file: unlike [`keys`], without their key unless it is asked
/// for.
///
/// # Errors
/// Where the segment or a column names what the catalog lacks, or a column tells who somebody is.
pub fn rows(segment: &Expr, of: RowColumns<'_>, catalog: &Catalog) -> Result<CheckedSql, SqlError> {
    let mut compiler = Compiler::new(catalog);
    let (mut build, place) = compiler.members(segment)?;
    let mut items = Vec::new();
    if of.key {
        items.push(SelectItem::UnnamedExpr(place.column(catalog.key())));
    }
    for name in of.columns {
        let column = group::entity_key(&place, name, catalog)?;
        items.push(match place.dataset.field(name) {
            Some(_) => SelectItem::UnnamedExpr(column),
            None => ast::named(column, name),
        });
    }
    if let Some(held) = of.held_out {
        let held = compiler.holds(held, &place, &mut build)?;
        items.push(ast::named(held, HELD_OUT));
    }
    build.items = items;
    build.order_by = vec![ast::ordered(place.column(catalog.key()), None)];
    Ok(CheckedSql::made(build.query(), catalog))
}

/// How a metric is computed over joined tables.
pub(super) struct Measure {
    /// The number of different entities.
    pub entities: Sql,
    /// The metric.
    pub value: Sql,
}

impl<'a> Compiler<'a> {
    /// The metric over the entities at `place`, one row each in `build` so far; joins what it needs.
    pub(super) fn measure(
        &mut self,
        metric: &Metric<Expr>,
        place: &Place<'a>,
        build: &mut Build,
    ) -> Result<Measure, SqlError> {
        match metric {
            Metric::Of { func, field } => {
                let value = self.of(*func, field, place)?;
                Ok(Measure { entities: ast::count_rows(), value })
            }
            Metric::Share(condition) => {
                let held = self.holds(condition, place, build)?;
                Ok(Measure { entities: ast::count_rows(), value: ast::call("avg", vec![one_or_zero(held)]) })
            }
            Metric::OfRows { func, dataset, field, rows } => {
                let entity = place.column(self.catalog.key());
                let value = self.of_rows(*func, dataset, field, rows.as_ref(), &entity, build)?;
                Ok(Measure { entities: ast::count_distinct(entity), value })
            }
        }
    }

    /// `func(field)` of the entity.
    fn of(&self, func: Func, field: &str, place: &Place<'a>) -> Result<Sql, SqlError> {
        let found = place.field(field)?;
        let lists = matches!(func, Func::Min | Func::Max | Func::Median);
        if lists && (found.sensitivity == Sensitivity::Identifier || field == self.catalog.key()) {
            return Err(SqlError::Identifier { field: field.to_owned() });
        }
        let made = aggregate(func, found, place.column(field));
        made.map(|(value, _)| value).ok_or_else(|| place.wrong_type(field))
    }

    /// A condition as something that a CASE can test. Sub-queries stand in a join, where every engine can run
    /// them.
    pub(super) fn holds(&mut self, condition: &Expr, place: &Place<'a>, build: &mut Build) -> Result<Sql, SqlError> {
        if is_plain(condition) {
            return Ok(self.predicate(condition, place, false)?.sql());
        }
        // A join with what is known to be empty makes DataFusion lose the rows that the join should keep.
        if let Pred::Const(truth) = Compiler::new(self.catalog).predicate(condition, place, false)? {
            return Ok(ast::boolean(truth));
        }
        let key = self.catalog.key();
        let (mut hits, other) = self.members(condition)?;
        hits.items = vec![SelectItem::UnnamedExpr(other.column(key))];
        let on = ast::equal(ast::column("h", key), place.column(key));
        build.left_join(ast::derived(hits.query(), ast::alias_of("h")), on);
        Ok(Sql::IsNotNull(Box::new(ast::column("h", key))))
    }

    /// `func(field)` over the rows of `dataset` that belong to `entity`; entities without rows stay.
    pub(super) fn of_rows(
        &mut self,
        func: Func,
        dataset: &str,
        field: &str,
        rows: Option<&Expr>,
        entity: &Sql,
        build: &mut Build,
    ) -> Result<Sql, SqlError> {
        let (many, key) = self.many(dataset)?;
        let value = row_value(func, field, &many, many.column(field))?;
        let mut on = vec![ast::equal(many.column(key), entity.clone())];
        if let Some(rows) = rows {
            on.extend(self.predicate(rows, &many, false)?.filter());
        }
        if let Some(on) = ast::chain(&sqlparser::ast::BinaryOperator::And, on) {
            build.left_join(many.table(), on);
        }
        Ok(value)
    }
}

/// `func(value)`, where `value` is a field of `many` or made from it.
pub(super) fn row_value(func: Func, field: &str, many: &Place<'_>, value: Sql) -> Result<Sql, SqlError> {
    let found = many.field(field)?;
    let lists = matches!(func, Func::Min | Func::Max | Func::Median);
    if lists && (found.sensitivity == Sensitivity::Identifier || many.dataset.joins_on.as_deref() == Some(field)) {
        return Err(SqlError::Identifier { field: field.to_owned() });
    }
    let made = aggregate(func, found, value);
    made.map(|(value, _)| value).ok_or_else(|| SqlError::Function { function: total::name(func).to_owned() })
}

/// `CASE WHEN … THEN 1.0 ELSE 0.0 END`.
pub(super) fn one_or_zero(held: Sql) -> Sql {
    ast::case(vec![(held, ast::float(1.0))], Some(ast::float(0.0)))
}

/// Whether a condition is over the entity's own fields alone.
fn is_plain(condition: &Expr) -> bool {
    match condition {
        Expr::All | Expr::Compare { .. } => true,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().all(is_plain),
        Expr::Not(inner) => is_plain(inner),
        _ => false,
    }
}
