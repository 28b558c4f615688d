//! Breakdowns: a segment's groups by one or two keys.
//!
//! A key is a field or a band of the entity, or a field of a many-table, whose groups then count different
//! entities. Groups come largest first; listed and band order are the answer's business.

use sqlparser::ast::{BinaryOperator, Expr as Sql, SelectItem};

use super::ast::{self, Build};
use super::compile::{Compiler, Place};
use super::error::SqlError;
use super::shape::{Asks, GroupKey, Groups, Shape};
use super::statement::{Measure, one_or_zero, row_value};
use super::{CheckedSql, is_identifier};
use crate::catalog::{Band, Catalog};
use crate::segment::{Expr, Metric};

/// Groups of a segment by one or two of: a field of the entity, a band, `dataset.field` of a many-table.
/// Columns `k1` \[, `k2`\], `n` (distinct entities of the group) \[, `value`\]; all groups. `rows` restricts
/// the rows of the first many-table among the keys.
///
/// # Errors
/// Where the segment, a key or the metric names what the catalog lacks.
pub fn breakdown(
    segment: &Expr,
    by: &[String],
    rows: Option<&Expr>,
    metric: Option<&Metric<Expr>>,
    catalog: &Catalog,
) -> Result<CheckedSql, SqlError> {
    if by.is_empty() || by.len() > 2 {
        return Err(SqlError::Keys { count: by.len() });
    }
    let mut compiler = Compiler::new(catalog);
    let (build, place) = compiler.members(segment)?;
    let mut grouping = Grouping { compiler, place, build, keys: Vec::new(), tables: Vec::new() };
    for name in by {
        let key = grouping.key(name)?;
        grouping.keys.push(key);
    }
    grouping.restrict(rows)?;
    let build = grouping.measured(metric)?;
    let keys = by.iter().map(|name| GroupKey::named(name, catalog)).collect();
    let asks = Asks::Groups(Groups { keys, rows: rows.cloned(), metric: metric.cloned() });
    Ok(CheckedSql::made(build.query(), catalog).asking(Shape::new(segment, asks, catalog)?))
}

/// A breakdown in the making.
struct Grouping<'a> {
    compiler: Compiler<'a>,
    place: Place<'a>,
    build: Build,
    keys: Vec<Sql>,
    /// Many-tables that keys are of, joined.
    tables: Vec<Place<'a>>,
}

impl<'a> Grouping<'a> {
    /// The expression of a key; joins the many-table that it is of.
    fn key(&mut self, name: &str) -> Result<Sql, SqlError> {
        let catalog = self.compiler.catalog;
        let Some((dataset, field)) = name.split_once('.') else { return entity_key(&self.place, name, catalog) };
        if dataset == catalog.entity().name {
            return entity_key(&self.place, field, catalog);
        }
        let joined = self.tables.iter().find(|t| t.dataset.name == dataset).cloned();
        let many = joined.map_or_else(|| self.joined(dataset), Ok)?;
        many.field(field)?;
        open(&many, field)
    }

    fn joined(&mut self, dataset: &str) -> Result<Place<'a>, SqlError> {
        let (many, key) = self.compiler.many(dataset)?;
        let on = ast::equal(many.column(key), self.place.column(self.compiler.catalog.key()));
        self.build.join(many.table(), on);
        self.tables.push(many.clone());
        Ok(many)
    }

    /// Restricts the rows of the first many-table.
    fn restrict(&mut self, rows: Option<&Expr>) -> Result<(), SqlError> {
        let (Some(rows), Some(many)) = (rows, self.tables.first()) else { return Ok(()) };
        let condition = self.compiler.predicate(rows, many, false)?;
        self.build.filters.extend(condition.filter());
        Ok(())
    }

    /// The groups with their counts and the metric.
    fn measured(mut self, metric: Option<&Metric<Expr>>) -> Result<Build, SqlError> {
        let Some(metric) = metric else {
            let entities = if self.tables.is_empty() { ast::count_rows() } else { self.entities() };
            return Ok(finished(self.build, self.keys, entities, None));
        };
        if self.tables.is_empty() {
            let Measure { entities, value } = self.compiler.measure(metric, &self.place, &mut self.build)?;
            return Ok(finished(self.build, self.keys, entities, Some(value)));
        }
        match self.own_rows(metric)? {
            Some(value) => {
                let entities = self.entities();
                Ok(finished(self.build, self.keys, entities, Some(value)))
            }
            None => self.over_members(metric),
        }
    }

    fn entities(&self) -> Sql {
        ast::count_distinct(self.place.column(self.compiler.catalog.key()))
    }

    /// A metric over the rows of the very table that the groups are of: those rows, group by group.
    fn own_rows(&mut self, metric: &Metric<Expr>) -> Result<Option<Sql>, SqlError> {
        let Metric::OfRows { func, dataset, field, rows } = metric else { return Ok(None) };
        let [many] = self.tables.as_slice() else { return Ok(None) };
        if many.dataset.name != *dataset {
            return Ok(None);
        }
        let mut value = many.column(field);
        if let Some(rows) = rows {
            let held = self.compiler.predicate(rows, many, false)?.sql();
            value = ast::case(vec![(held, value)], None);
        }
        row_value(*func, field, many, value).map(Some)
    }

    /// A metric over the entities of each group: an entity with several rows in a group counts once.
    fn over_members(mut self, metric: &Metric<Expr>) -> Result<Build, SqlError> {
        let member = "e";
        let mut inner = vec![ast::named(self.place.column(self.compiler.catalog.key()), member)];
        let mut outer = Build::default();
        let (entities, value) = match metric {
            Metric::Of { func, field } => {
                let found = self.place.field(field)?;
                inner.push(ast::named(self.place.column(field), "v"));
                let value = row_value(*func, field, &self.place, ast::column("g", "v"))?;
                if is_identifier(self.place.dataset, &found.name) {
                    return Err(SqlError::Identifier { field: field.clone() });
                }
                (ast::count_rows(), value)
            }
            Metric::Share(condition) => {
                let held = self.compiler.holds(condition, &self.place, &mut self.build)?;
                inner.push(ast::named(one_or_zero(held), "v"));
                (ast::count_rows(), ast::call("avg", vec![ast::column("g", "v")]))
            }
            Metric::OfRows { func, dataset, field, rows } => {
                let entity = ast::column("g", member);
                let value = self.compiler.of_rows(*func, dataset, field, rows.as_ref(), &entity, &mut outer)?;
                (ast::count_distinct(entity), value)
            }
        };
        let keys = self.keys.len();
        self.build.items = named_keys(self.keys);
        self.build.items.append(&mut inner);
        self.build.distinct = true;
        outer.from = Some(ast::derived(self.build.query(), ast::alias_of("g")));
        let keys = (1..=keys).map(|n| ast::column("g", &format!("k{n}"))).collect();
        Ok(finished(outer, keys, entities, Some(value)))
    }
}

fn named_keys(keys: Vec<Sql>) -> Vec<SelectItem> {
    (1..).zip(keys).map(|(n, key)| ast::named(key, &format!("k{n}"))).collect()
}

/// The grouped query, largest groups first, then by key.
fn finished(mut build: Build, keys: Vec<Sql>, entities: Sql, value: Option<Sql>) -> Build {
    build.group_by_first(keys.len());
    let name = |n: usize| Sql::Identifier(ast::ident(&format!("k{n}")));
    build.order_by = vec![ast::ordered(Sql::Identifier(ast::ident("n")), Some(false))];
    build.order_by.extend((1..=keys.len()).map(|n| ast::ordered_nulls_last(name(n))));
    build.items = named_keys(keys);
    build.items.push(ast::named(entities, "n"));
    build.items.extend(value.map(|v| ast::named(v, "value")));
    build
}

/// A field or a band of the entity.
pub(super) fn entity_key(place: &Place<'_>, name: &str, catalog: &Catalog) -> Result<Sql, SqlError> {
    match (catalog.field(name), catalog.band(name)) {
        (None, Some(band)) => banded(place, band),
        (Some(_), _) => open(place, name),
        (None, None) => Err(match place.field(name) {
            Err(unknown) => unknown,
            Ok(_) => place.wrong_type(name),
        }),
    }
}

/// A field that may be listed.
fn open(place: &Place<'_>, field: &str) -> Result<Sql, SqlError> {
    if is_identifier(place.dataset, field) {
        return Err(SqlError::Identifier { field: field.to_owned() });
    }
    Ok(place.column(field))
}

/// The label of the band that a number falls in; none where it is missing.
fn banded(place: &Place<'_>, band: &Band) -> Result<Sql, SqlError> {
    let field = place.field(&band.field)?;
    let edge = |at: f64| if field.kind.is_integer() && at.fract() == 0.0 { whole(at) } else { ast::float(at) };
    let below = |at: &f64| ast::binary(place.column(&band.field), BinaryOperator::Lt, edge(*at));
    let mut arms: Vec<(Sql, Sql)> =
        band.edges.iter().zip(&band.labels).map(|(at, label)| (below(at), ast::text(label))).collect();
    let last = band.edges.last().zip(band.labels.last());
    arms.extend(last.map(|(at, label)| {
        (ast::binary(place.column(&band.field), BinaryOperator::GtEq, edge(*at)), ast::text(label))
    }));
    Ok(ast::case(arms, None))
}

/// A number without a fraction, as an integer where it fits one.
#[allow(clippy::cast_possible_truncation, reason = "the bounds are checked, and a float of that size is whole")]
fn whole(number: f64) -> Sql {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    if number.abs() <= LARGEST { ast::int(number as i64) } else { ast::float(number) }
}
