//! An evaluator of segments over a handful of made-up rows: slow, obvious, and independent of SQL and of
//! the normal form, so that it can tell whether those are right.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a made-up world is small"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waggle::catalog::{Catalog, Dataset, Field, FieldType};
use waggle::segment::{Amount, End, Expr, Func, Literal, Test};

/// A value of a row.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) enum Cell {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Date(NaiveDate),
}

/// A row by field name; a missing value is none.
pub(crate) type Row = BTreeMap<String, Option<Cell>>;

/// Entities with the rows of their many-tables. Entity `i` has key `i`.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) entities: Vec<Row>,
    /// Dataset → for each entity its rows.
    pub(crate) many: BTreeMap<String, Vec<Vec<Row>>>,
    /// Saved segments by name.
    pub(crate) saved: BTreeMap<String, Expr>,
}

/// Numbers without end from a seed (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

/// The few values of a listed field that the tests use, so that conditions and rows meet.
pub(crate) fn few_values(field: &Field) -> Vec<&str> {
    let shared = field.values.iter().skip(4).filter(|v| v.parents.len() > 1).take(2);
    field.values.iter().take(4).chain(shared).map(|v| v.name.as_str()).collect()
}

/// Texts for fields whose values are free.
pub(crate) const FREE: [&str; 4] = ["", "it's", "가\"나\n", "a\0b"];

/// Numbers that conditions and rows share.
pub(crate) const NUMBERS: [f64; 8] = [0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 7.5, 10.0];

impl World {
    /// A world of `size` entities. Only nullable fields miss values, and districts lie in their provinces.
    pub(crate) fn random(catalog: &Catalog, size: usize, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let entities = (0..size).map(|_| row(catalog.entity(), catalog, &mut dice)).collect();
        let mut many = BTreeMap::new();
        for dataset in catalog.datasets.iter().skip(1) {
            let rows = |dice: &mut Dice| (0..dice.below(4)).map(|_| row(dataset, catalog, dice)).collect();
            many.insert(dataset.name.clone(), (0..size).map(|_| rows(&mut dice)).collect());
        }
        Self { entities, many, saved: BTreeMap::new() }
    }

    /// For each entity, whether `expr` holds.
    pub(crate) fn holds(&self, expr: &Expr, catalog: &Catalog) -> Vec<bool> {
        let all = 0..self.entities.len();
        match expr {
            Expr::Rank { field, end, amount, within } => {
                let within = self.holds(within, catalog);
                self.ranked(field, *end, *amount, &within)
            }
            Expr::Sample { size, seed, within } => {
                let within = self.holds(within, catalog);
                let mut drawn: Vec<_> = all.clone().filter(|i| within[*i]).collect();
                drawn.sort_by_key(|i| (Dice(seed ^ (*i as u64) << 32).below(usize::MAX), *i));
                drawn.truncate(usize::try_from(*size).unwrap_or(usize::MAX));
                all.map(|i| drawn.contains(&i)).collect()
            }
            Expr::Saved { name } => match self.saved.get(name) {
                Some(saved) => self.holds(saved, catalog),
                None => vec![false; self.entities.len()],
            },
            Expr::And(parts) => self.each(parts, catalog, |found| found.iter().all(|h| *h)),
            Expr::Or(parts) => self.each(parts, catalog, |found| found.iter().any(|h| *h)),
            Expr::Not(inner) => self.holds(inner, catalog).into_iter().map(|h| !h).collect(),
            Expr::Exists { dataset, rows } => {
                all.map(|i| self.many[dataset][i].iter().any(|r| row_holds(rows, r, catalog))).collect()
            }
            Expr::Total { dataset, func, field, rows, test } => all
                .map(|i| {
                    let rows: Vec<_> = self.many[dataset][i].iter().filter(|r| row_holds(rows, r, catalog)).collect();
                    passes(total(*func, field.as_deref(), &rows).as_ref(), test, catalog)
                })
                .collect(),
            Expr::All | Expr::Compare { .. } => self.entities.iter().map(|row| row_holds(expr, row, catalog)).collect(),
        }
    }

    /// How many entities `expr` holds for.
    pub(crate) fn count(&self, expr: &Expr, catalog: &Catalog) -> usize {
        self.holds(expr, catalog).into_iter().filter(|h| *h).count()
    }

    fn each(&self, parts: &[Expr], catalog: &Catalog, together: fn(&[bool]) -> bool) -> Vec<bool> {
        let found: Vec<_> = parts.iter().map(|p| self.holds(p, catalog)).collect();
        (0..self.entities.len()).map(|i| together(&found.iter().map(|f| f[i]).collect::<Vec<_>>())).collect()
    }

    fn ranked(&self, field: &str, end: End, amount: Amount, within: &[bool]) -> Vec<bool> {
        let value = |i: usize| self.entities[i].get(field).and_then(|c| number(c.as_ref()?));
        let mut in_order: Vec<_> = (0..within.len()).filter(|i| within[*i] && value(*i).is_some()).collect();
        let sign = if end == End::Top { -1.0 } else { 1.0 };
        in_order.sort_by(|a, b| (sign * value(*a).unwrap()).total_cmp(&(sign * value(*b).unwrap())).then(a.cmp(b)));
        match amount {
            Amount::Number(n) => {
                in_order.truncate(usize::try_from(n).unwrap_or(usize::MAX));
                (0..within.len()).map(|i| in_order.contains(&i)).collect()
            }
            Amount::Share(share) => {
                let mut values: Vec<_> = in_order.iter().map(|i| sign * value(*i).unwrap()).collect();
                values.sort_by(f64::total_cmp);
                let bound = percentile(&values, share);
                let beyond = |i: usize| bound.is_some_and(|b| value(i).is_some_and(|v| sign * v <= b));
                (0..within.len()).map(|i| within[i] && beyond(i)).collect()
            }
        }
    }
}

/// The value below which a `share` of the ascending `values` lies, between two of them in proportion.
fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let at = share * last as f64;
    let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

fn row_holds(expr: &Expr, row: &Row, catalog: &Catalog) -> bool {
    match expr {
        Expr::All => true,
        Expr::And(parts) => parts.iter().all(|p| row_holds(p, row, catalog)),
        Expr::Or(parts) => parts.iter().any(|p| row_holds(p, row, catalog)),
        Expr::Not(inner) => !row_holds(inner, row, catalog),
        Expr::Compare { field, test } => passes(row[field].as_ref(), test, catalog),
        other => panic!("not a condition on one row: {other:?}"),
    }
}

fn total(func: Func, field: Option<&str>, rows: &[&Row]) -> Option<Cell> {
    let cells: Vec<_> = match field {
        Some(name) => rows.iter().filter_map(|r| r[name].as_ref()).collect(),
        None => return Some(Cell::Int(rows.len() as i64)),
    };
    let numbers: Vec<_> = cells.iter().filter_map(|c| number(c)).collect();
    let folded = |f: fn(f64, f64) -> f64| numbers.iter().copied().reduce(f).map(Cell::Float);
    match func {
        Func::Count => Some(Cell::Int(cells.len() as i64)),
        Func::CountDistinct => {
            let different: BTreeSet<_> = cells.iter().map(|c| format!("{c:?}")).collect();
            Some(Cell::Int(different.len() as i64))
        }
        Func::Sum => folded(|a, b| a + b),
        Func::Min => folded(f64::min),
        Func::Max => folded(f64::max),
        Func::Avg => folded(|a, b| a + b).map(|sum| Cell::Float(number(&sum).unwrap() / numbers.len() as f64)),
        Func::Median => panic!("a median is no condition"),
    }
}

fn passes(cell: Option<&Cell>, test: &Test, catalog: &Catalog) -> bool {
    let Some(cell) = cell else { return matches!(test, Test::Missing | Test::Ne(_)) };
    let against = |value: &Literal| order(cell, value, catalog);
    match test {
        Test::Eq(v) => against(v).is_eq(),
        Test::Ne(v) => against(v).is_ne(),
        Test::Lt(v) => against(v).is_lt(),
        Test::Le(v) => against(v).is_le(),
        Test::Gt(v) => against(v).is_gt(),
        Test::Ge(v) => against(v).is_ge(),
        Test::Between(low, high) => against(low).is_ge() && against(high).is_le(),
        Test::In(values) => values.iter().any(|v| against(v).is_eq()),
        Test::True => *cell == Cell::Bool(true),
        Test::Missing => false,
    }
}

fn order(cell: &Cell, value: &Literal, catalog: &Catalog) -> std::cmp::Ordering {
    match (cell, value) {
        (Cell::Text(a), Literal::Text(b)) => a.cmp(b),
        (Cell::Date(a), Literal::Date(b)) => a.cmp(&b.on(catalog.as_of)),
        (cell, Literal::Int(b)) => number(cell).unwrap().total_cmp(&(*b as f64)),
        (cell, Literal::Float(b)) => number(cell).unwrap().total_cmp(b),
        other => panic!("cannot be compared: {other:?}"),
    }
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Int(n) => Some(*n as f64),
        Cell::Float(n) => Some(*n),
        _ => None,
    }
}

fn row(dataset: &Dataset, catalog: &Catalog, dice: &mut Dice) -> Row {
    let mut row: Row = dataset.fields.iter().map(|f| (f.name.clone(), cell(f, catalog, dice))).collect();
    // Provinces follow from districts, from the innermost out.
    let is_outer = |f: &Field| dataset.fields.iter().any(|inner| inner.within.as_deref() == Some(&f.name));
    for innermost in dataset.fields.iter().filter(|f| !is_outer(f)) {
        let mut inner = innermost;
        while let (Some(outer), Some(Cell::Text(value))) = (&inner.within, row[&inner.name].clone()) {
            let parents = &inner.value(&value).unwrap().parents;
            row.insert(outer.clone(), Some(Cell::Text(parents[dice.below(parents.len())].clone())));
            inner = dataset.field(outer).unwrap();
        }
    }
    row
}

fn cell(field: &Field, catalog: &Catalog, dice: &mut Dice) -> Option<Cell> {
    if field.nullable && dice.below(3) == 0 {
        return None;
    }
    Some(match field.kind {
        FieldType::Bool => Cell::Bool(dice.below(2) == 0),
        FieldType::Date => Cell::Date(catalog.as_of - chrono::Days::new(dice.below(100) as u64)),
        FieldType::Float64 => Cell::Float(NUMBERS[dice.below(NUMBERS.len())]),
        FieldType::String if field.values.is_empty() => Cell::Text(FREE[dice.below(FREE.len())].to_owned()),
        FieldType::String => {
            let few = few_values(field);
            Cell::Text(few[dice.below(few.len())].to_owned())
        }
        _ => Cell::Int(dice.below(11) as i64),
    })
}
