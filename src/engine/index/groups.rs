//! Groups of a segment's members, each with its size and what a metric makes of it.

use std::collections::HashMap;

use super::super::{Cell, Rows};
use super::keys::Key;
use super::many::{Many, RowTest};
use super::measure::{Gauge, Sum};
use super::plan::{Plan, Query};
use super::set::{WORDS, Words, for_ones};
use super::work::Halt;
use crate::segment::{Expr, Func, Metric};
use crate::sql::Groups;

/// Keys that together have at most so many groups are gathered in a table.
const MAX_GATHERED: u128 = 1 << 14;

/// The codes of a group's keys.
pub(super) type KeyCodes = [u64; 2];

/// A group.
#[derive(Debug, Clone, Default)]
struct Group {
    size: u64,
    sum: Sum,
}

/// Groups in the making: in a table where the keys have few codes together, else by their codes.
#[derive(Debug)]
struct Gathered {
    /// Codes of the second key.
    width: usize,
    table: Vec<Group>,
    map: HashMap<KeyCodes, Group>,
}

impl Gathered {
    fn new(keys: &[Key<'_>]) -> Self {
        let size = |key: &Key<'_>| u128::from(key.last()) + 1;
        let all: u128 = keys.iter().map(size).product();
        let table = usize::try_from(all).ok().filter(|_| all <= MAX_GATHERED).unwrap_or_default();
        let width = if table == 0 { 0 } else { keys.get(1).map_or(1, |key| key.last() as usize + 1) };
        Self { width, table: vec![Group::default(); table], map: HashMap::new() }
    }

    #[inline]
    fn group(&mut self, codes: KeyCodes) -> &mut Group {
        if self.table.is_empty() {
            return self.map.entry(codes).or_default();
        }
        &mut self.table[codes[0] as usize * self.width + codes[1] as usize]
    }

    /// The groups that somebody is in.
    fn groups(self) -> impl Iterator<Item = (KeyCodes, Group)> {
        let width = self.width.max(1) as u64;
        let codes = move |at: u64| [at / width, at % width];
        let table =
            (0..).zip(self.table).filter(|(_, group)| group.size > 0).map(move |(at, group)| (codes(at), group));
        table.chain(self.map)
    }
}

/// What a metric is computed from.
#[derive(Debug)]
pub(super) enum Measured<'a> {
    Nothing,
    /// A field of the entity.
    Field(Gauge<'a>),
    /// Whether the entity is in a set.
    Share(Plan),
    /// A field of the rows of a many-table that pass a condition.
    Rows {
        many: &'a Many,
        test: RowTest,
        gauge: Gauge<'a>,
    },
    /// The same, where those rows make the groups: each group is of its own rows.
    OwnRows {
        test: RowTest,
        gauge: Gauge<'a>,
    },
}

impl Measured<'_> {
    fn gauge(&self) -> Gauge<'_> {
        match self {
            Self::Field(gauge) | Self::Rows { gauge, .. } | Self::OwnRows { gauge, .. } => *gauge,
            Self::Nothing | Self::Share(_) => Gauge { func: Func::Count, column: None, in_order: false },
        }
    }
}

/// The keys and the many-tables that they are of.
#[derive(Debug)]
pub(super) struct Grouping<'a> {
    pub keys: Vec<Key<'a>>,
    pub tables: Vec<&'a Many>,
    /// Restricts the rows of the first of the tables.
    pub test: RowTest,
    pub measured: Measured<'a>,
}

impl<'a> Query<'a> {
    /// The aggregate of a metric over all members.
    pub(super) fn metric(&self, metric: &Metric<Expr>) -> Result<(Rows, &'static str), Halt> {
        let members = self.members(self.shape.segment())?;
        let measured = self.measured(metric, &[])?;
        let grouping = Grouping { keys: Vec::new(), tables: Vec::new(), test: RowTest::Is(true), measured };
        let mut groups = self.gathered(&members, &grouping)?;
        let group = groups.remove(&[0, 0]).unwrap_or_default();
        let row = vec![whole(group.size), value(group, &grouping.measured)];
        Ok((Rows { columns: vec!["n".to_owned(), "value".to_owned()], rows: vec![row] }, "aggregate of the members"))
    }

    /// All groups.
    pub(super) fn groups(&self, asked: &Groups) -> Result<(Rows, &'static str), Halt> {
        let members = self.members(self.shape.segment())?;
        let mut tables = Vec::new();
        let keys: Vec<Key<'a>> =
            asked.keys.iter().map(|key| Key::of(key, self.index, &mut tables)).collect::<Result<_, _>>()?;
        let test = match (&asked.rows, tables.first()) {
            (Some(rows), Some(many)) => self.row_test(many, rows)?,
            _ => RowTest::Is(true),
        };
        let measured = match &asked.metric {
            Some(metric) => self.measured(metric, &tables)?,
            None => Measured::Nothing,
        };
        let grouping = Grouping { keys, tables, test, measured };
        let (groups, how) = match self.sizes(&members, &grouping)? {
            Some((sizes, how)) => {
                let group = |(codes, size)| (codes, Group { size, ..Group::default() });
                (sizes.into_iter().map(group).collect(), how)
            }
            None if grouping.tables.is_empty() => (self.gathered(&members, &grouping)?, "aggregate of the members"),
            None => (self.gathered(&members, &grouping)?, "rows of the members"),
        };
        Ok((grouping.rows(groups), how))
    }

    fn measured(&self, metric: &Metric<Expr>, tables: &[&'a Many]) -> Result<Measured<'a>, Halt> {
        match metric {
            Metric::Of { func, field } => {
                let column = Some(self.index.field(field)?);
                Ok(Measured::Field(Gauge { func: *func, column, in_order: false }))
            }
            Metric::Share(condition) => Ok(Measured::Share(self.condition(condition)?)),
            Metric::OfRows { func, dataset, field, rows } => {
                let many = self.index.many(dataset)?;
                let column = Some(&many.field(field)?.column);
                let gauge = Gauge { func: *func, column, in_order: false };
                let test = rows.as_ref().map_or(Ok(RowTest::Is(true)), |rows| self.row_test(many, rows))?;
                match tables {
                    [own] if own.name == *dataset => Ok(Measured::OwnRows { test, gauge }),
                    _ => Ok(Measured::Rows { many, test, gauge }),
                }
            }
        }
    }

    /// Groups of any kind, member by member.
    fn gathered(&self, members: &Plan, grouping: &Grouping<'a>) -> Result<HashMap<KeyCodes, Group>, Halt> {
        let parts = self.over(
            members,
            || Gathered::new(&grouping.keys),
            |groups, chunk, words| {
                let (from, to) = self.index.span(chunk);
                grouping.gather(groups, chunk, (from, to), words);
            },
        )?;
        let gauge = grouping.measured.gauge();
        let mut all: HashMap<KeyCodes, Group> = HashMap::new();
        for (codes, group) in parts.into_iter().flat_map(Gathered::groups) {
            let into = all.entry(codes).or_default();
            into.size += group.size;
            into.sum.merge(&gauge, group.sum);
        }
        Ok(all)
    }
}

impl Grouping<'_> {
    /// Adds the members of a chunk to their groups.
    fn gather(&self, groups: &mut Gathered, chunk: usize, (from, to): (usize, usize), words: &Words) {
        let bits = self.tables.first().map(|many| RowBits::of(many, &self.test, chunk));
        let own = match &self.measured {
            Measured::Rows { many, test, .. } => Some(RowBits::of(many, test, chunk)),
            Measured::OwnRows { test, .. } => self.tables.first().map(|many| RowBits::of(many, test, chunk)),
            _ => None,
        };
        let mut share = [0; WORDS];
        if let Measured::Share(plan) = &self.measured {
            plan.words(chunk, to - from, &mut share);
        }
        let mut known: Vec<KeyCodes> = Vec::new();
        for_ones(words, |at| {
            let entity = from + at;
            known.clear();
            match &bits {
                None => known.push(self.codes(entity, [0, 0])),
                Some(bits) => self.of_rows(entity, bits, |codes, row| {
                    known.push(codes);
                    if let (Measured::OwnRows { gauge, .. }, Some(own)) = (&self.measured, &own) {
                        let code = if own.has(row) { gauge.column.map(|c| c.codes.at(row)) } else { Some(0) };
                        groups.group(codes).sum.add(gauge, code);
                    }
                }),
            }
            known.sort_unstable();
            known.dedup();
            for codes in &known {
                let group = groups.group(*codes);
                group.size += 1;
                match (&self.measured, &own) {
                    (Measured::Field(gauge), _) => group.sum.add(gauge, gauge.column.map(|c| c.codes.at(entity))),
                    (Measured::Share(_), _) if share[at / 64] >> (at % 64) & 1 == 1 => {
                        group.sum.add(&self.measured.gauge(), None);
                    }
                    (Measured::Rows { many, gauge, .. }, Some(own)) => {
                        for row in many.rows_of(entity).filter(|row| own.has(*row)) {
                            group.sum.add(gauge, gauge.column.map(|c| c.codes.at(row)));
                        }
                    }
                    _ => {}
                }
            }
        });
    }

    /// The codes of an entity's keys, with the rows at hand.
    fn codes(&self, entity: usize, rows: [usize; 2]) -> KeyCodes {
        let mut codes = [0; 2];
        for (to, key) in codes.iter_mut().zip(&self.keys) {
            *to = key.at(key.rows.map_or(entity, |(table, _)| rows[table]));
        }
        codes
    }

    /// Calls `each` with the codes that each row of an entity, or each pair of rows of two tables, gives.
    fn of_rows(&self, entity: usize, bits: &RowBits, mut each: impl FnMut(KeyCodes, usize)) {
        for row in self.tables[0].rows_of(entity).filter(|row| bits.has(*row)) {
            match self.tables.get(1) {
                None => each(self.codes(entity, [row, 0]), row),
                Some(other) => other.rows_of(entity).for_each(|second| each(self.codes(entity, [row, second]), row)),
            }
        }
    }

    /// The groups as the statement gives them: the largest first, then by key, the missing last.
    fn rows(&self, groups: HashMap<KeyCodes, Group>) -> Rows {
        let mut groups: Vec<(KeyCodes, Group)> = groups.into_iter().collect();
        groups.sort_by_key(|(codes, group)| (u64::MAX - group.size, codes.map(Key::order)));
        let mut columns: Vec<String> = (1..=self.keys.len()).map(|n| format!("k{n}")).collect();
        columns.push("n".to_owned());
        let valued = !matches!(self.measured, Measured::Nothing);
        columns.extend(valued.then(|| "value".to_owned()));
        let row = |(codes, group): (KeyCodes, Group)| {
            let mut row: Vec<Cell> = self.keys.iter().zip(codes).map(|(key, code)| key.cell(code)).collect();
            row.push(whole(group.size));
            row.extend(valued.then(|| value(group, &self.measured)));
            row
        };
        Rows { columns, rows: groups.into_iter().map(row).collect() }
    }
}

fn whole(size: u64) -> Cell {
    Cell::Int(i64::try_from(size).unwrap_or(i64::MAX))
}

fn value(group: Group, measured: &Measured<'_>) -> Cell {
    let gauge = measured.gauge();
    match measured {
        Measured::Share(_) if group.size == 0 => Cell::Null,
        Measured::Share(_) => match group.sum.cell(&gauge) {
            Cell::Int(held) => Cell::Float(held as f64 / group.size as f64),
            other => other,
        },
        _ => group.sum.cell(&gauge),
    }
}

/// Which rows of a chunk pass.
#[derive(Debug)]
pub(super) struct RowBits {
    start: usize,
    /// None where all do.
    pub bits: Option<Vec<u64>>,
}

impl RowBits {
    pub(super) fn of(many: &Many, test: &RowTest, chunk: usize) -> Self {
        let (start, end) = many.span(chunk);
        let bits = (!matches!(test, RowTest::Is(true))).then(|| {
            let mut bits = Vec::new();
            test.bits(many, start, end, &mut bits);
            bits
        });
        Self { start, bits }
    }

    #[inline]
    pub(super) fn has(&self, row: usize) -> bool {
        let at = row - self.start;
        self.bits.as_ref().is_none_or(|bits| bits[at / 64] >> (at % 64) & 1 == 1)
    }
}
