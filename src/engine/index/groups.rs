//! Groups of a segment's members, each with its size and what a metric makes of it.

use std::collections::HashMap;

use super::super::{Cell, Rows};
use super::keys::Key;
use super::many::{Many, RowTest};
use super::measure::{Gauge, Sum};
use super::plan::{Plan, Query, first};
use super::set::{WORDS, Words, count, for_ones};
use super::work::Halt;
use crate::segment::{Expr, Func, Metric};
use crate::sql::Groups;

/// Keys that together have at most so many groups are counted in a table.
const MAX_TABLE: u64 = 1 << 16;

/// The same where each group has more than its size.
const MAX_GATHERED: u128 = 1 << 14;

/// With at most one in so many in the segment, its members' rows are sooner walked through than the postings.
const ROWS_BELOW: u64 = 2;

/// The codes of a group's keys.
type Codes = [u64; 2];

/// Groups by the codes of their keys, and how they were counted.
type Grouped = (HashMap<Codes, Group>, &'static str);

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
    map: HashMap<Codes, Group>,
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
    fn group(&mut self, codes: Codes) -> &mut Group {
        if self.table.is_empty() {
            return self.map.entry(codes).or_default();
        }
        &mut self.table[codes[0] as usize * self.width + codes[1] as usize]
    }

    /// The groups that somebody is in.
    fn groups(self) -> impl Iterator<Item = (Codes, Group)> {
        let width = self.width.max(1) as u64;
        let codes = move |at: u64| [at / width, at % width];
        let table =
            (0..).zip(self.table).filter(|(_, group)| group.size > 0).map(move |(at, group)| (codes(at), group));
        table.chain(self.map)
    }
}

/// What a metric is computed from.
#[derive(Debug)]
enum Measured<'a> {
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
struct Grouping<'a> {
    keys: Vec<Key<'a>>,
    tables: Vec<&'a Many>,
    /// Restricts the rows of the first of the tables.
    test: RowTest,
    measured: Measured<'a>,
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
        let (groups, how) = match grouping.counted() {
            Some(Counted::Table) => self.tabled(&members, &grouping)?,
            Some(Counted::Postings) if self.is_large(&members)? => {
                (self.posted(&members, &grouping)?, "postings of each value")
            }
            Some(Counted::Postings | Counted::Rows) => (self.walked(&members, &grouping)?, "rows of the members"),
            _ if grouping.tables.is_empty() => (self.gathered(&members, &grouping)?, "aggregate of the members"),
            _ => (self.gathered(&members, &grouping)?, "rows of the members"),
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

    /// Whether so many are in the segment that their rows are not worth walking through.
    fn is_large(&self, members: &Plan) -> Result<bool, Halt> {
        let sizes = self.over(members, || 0, |size, _, words| *size += count(words))?;
        Ok(sizes.into_iter().sum::<u64>() * ROWS_BELOW > self.index.entities() as u64)
    }

    /// The sizes of the groups of the entity's own keys, few of them.
    fn tabled(&self, members: &Plan, grouping: &Grouping<'a>) -> Result<Grouped, Halt> {
        let width = grouping.keys.get(1).map_or(1, |key| key.last_stored() + 1);
        let size = (grouping.keys[0].last_stored() + 1) * width;
        let valued = self.valued(&grouping.keys)?;
        let parts = self.over(
            members,
            || vec![0_u64; size as usize],
            |counts, chunk, words| {
                let counted = valued.as_ref().is_some_and(|valued| valued.count(chunk, words, width as usize, counts));
                if !counted {
                    super::scan::counted(&grouping.keys, first(chunk), words, width as usize, counts);
                }
            },
        )?;
        if valued.is_none() {
            self.note_scanned(&grouping.keys, parts.iter().flatten().sum());
        }
        let mut groups: HashMap<Codes, Group> = HashMap::new();
        for (at, count) in parts.iter().flat_map(|counts| (0..).zip(counts)).filter(|(_, count)| **count > 0) {
            let at: u64 = at;
            let second = grouping.keys.get(1).map_or(0, |key| key.code(at % width));
            groups.entry([grouping.keys[0].code(at / width), second]).or_default().size += count;
        }
        let how = if valued.is_some() { "sets of the keys' values" } else { "table of the keys' codes" };
        Ok((groups, how))
    }

    /// The sizes of the groups of a field of rows, by its postings.
    fn posted(&self, members: &Plan, grouping: &Grouping<'a>) -> Result<HashMap<Codes, Group>, Halt> {
        let key = &grouping.keys[0];
        let field = &grouping.tables[0].fields[key.rows.map_or(0, |(_, field)| field)];
        let parts = self.over(
            members,
            || vec![0; key.last() as usize + 1],
            |counts, chunk, words| {
                field.count_posted(chunk, words, counts);
            },
        )?;
        let mut groups: HashMap<Codes, Group> = HashMap::new();
        for (code, count) in parts.iter().flat_map(|counts| (0..).zip(counts)).filter(|(_, count)| **count > 0) {
            groups.entry([code, 0]).or_default().size += count;
        }
        Ok(groups)
    }

    /// The sizes of the groups of a field of rows, by the rows of the members.
    fn walked(&self, members: &Plan, grouping: &Grouping<'a>) -> Result<HashMap<Codes, Group>, Halt> {
        let (key, many) = (&grouping.keys[0], grouping.tables[0]);
        let parts = self.over(
            members,
            || Walked::new(key.last()),
            |walked, chunk, words| {
                let bits = RowBits::of(many, &grouping.test, chunk);
                walked.add(many, key.stored(), &bits, (first(chunk), words));
            },
        )?;
        let mut groups: HashMap<Codes, Group> = HashMap::new();
        let sizes = parts.iter().flat_map(|walked| (0..).zip(&walked.sizes));
        for (code, size) in sizes.filter(|(_, size)| **size > 0) {
            groups.entry([code, 0]).or_default().size += size;
        }
        Ok(groups)
    }

    /// Groups of any kind, member by member.
    fn gathered(&self, members: &Plan, grouping: &Grouping<'a>) -> Result<HashMap<Codes, Group>, Halt> {
        let parts = self.over(
            members,
            || Gathered::new(&grouping.keys),
            |groups, chunk, words| {
                let (from, to) = self.index.span(chunk);
                grouping.gather(groups, chunk, (from, to), words);
            },
        )?;
        let gauge = grouping.measured.gauge();
        let mut all: HashMap<Codes, Group> = HashMap::new();
        for (codes, group) in parts.into_iter().flat_map(Gathered::groups) {
            let into = all.entry(codes).or_default();
            into.size += group.size;
            into.sum.merge(&gauge, group.sum);
        }
        Ok(all)
    }
}

/// How the sizes of groups can be counted.
enum Counted {
    /// In a table of the keys' codes.
    Table,
    /// By the postings of a field of rows, or by rows.
    Postings,
    /// By the rows of the members.
    Rows,
}

/// For each code of a field of rows, how many members of a chunk have a row with it, and which of them had one last: the
/// place in the chunk, and one.
struct Walked {
    groups: Vec<(u32, u32)>,
    sizes: Vec<u64>,
}

impl Walked {
    fn new(last: u64) -> Self {
        let codes = last as usize + 1;
        Self { groups: vec![(0, 0); codes], sizes: vec![0; codes] }
    }

    /// Adds the members of a chunk, whose first is `from`.
    fn add(&mut self, many: &Many, codes: &super::codes::Codes, bits: &RowBits, (from, words): (usize, &Words)) {
        for_ones(words, |at| {
            let rows = many.rows_of(from + at);
            let (start, own) = (rows.start, at as u32 + 1);
            let groups = &mut self.groups;
            // Without a branch: whether an entity has one value twice is not to be guessed.
            let mut count = |code: u64| {
                if let Some((count, last)) = groups.get_mut(code as usize) {
                    *count += u32::from(*last != own);
                    *last = own;
                }
            };
            match &bits.bits {
                None => codes.each(rows, |_, code| count(code)),
                Some(_) => codes.each(rows, |place, code| {
                    if bits.has(start + place) {
                        count(code);
                    }
                }),
            }
        });
        for (size, group) in self.sizes.iter_mut().zip(&mut self.groups) {
            *size += u64::from(group.0);
            *group = (0, 0);
        }
    }
}

impl Grouping<'_> {
    fn counted(&self) -> Option<Counted> {
        if !matches!(self.measured, Measured::Nothing) {
            return None;
        }
        if self.tables.is_empty() {
            let size = self.keys.iter().map(|key| u128::from(key.last_stored()) + 1).product::<u128>();
            return (size <= MAX_TABLE.into()).then_some(Counted::Table);
        }
        let [key] = self.keys.as_slice() else { return None };
        let (_, field) = key.rows?;
        if matches!(self.test, RowTest::Is(true)) && self.tables[0].fields[field].postings.is_some() {
            return Some(Counted::Postings);
        }
        (key.last() <= MAX_TABLE).then_some(Counted::Rows)
    }

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
        let mut known: Vec<Codes> = Vec::new();
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
    fn codes(&self, entity: usize, rows: [usize; 2]) -> Codes {
        let mut codes = [0; 2];
        for (to, key) in codes.iter_mut().zip(&self.keys) {
            *to = key.at(key.rows.map_or(entity, |(table, _)| rows[table]));
        }
        codes
    }

    /// Calls `each` with the codes that each row of an entity, or each pair of rows of two tables, gives.
    fn of_rows(&self, entity: usize, bits: &RowBits, mut each: impl FnMut(Codes, usize)) {
        for row in self.tables[0].rows_of(entity).filter(|row| bits.has(*row)) {
            match self.tables.get(1) {
                None => each(self.codes(entity, [row, 0]), row),
                Some(other) => other.rows_of(entity).for_each(|second| each(self.codes(entity, [row, second]), row)),
            }
        }
    }

    /// The groups as the statement gives them: the largest first, then by key, the missing last.
    fn rows(&self, groups: HashMap<Codes, Group>) -> Rows {
        let mut groups: Vec<(Codes, Group)> = groups.into_iter().collect();
        groups.sort_by_key(|(codes, group)| (u64::MAX - group.size, codes.map(Key::order)));
        let mut columns: Vec<String> = (1..=self.keys.len()).map(|n| format!("k{n}")).collect();
        columns.push("n".to_owned());
        let valued = !matches!(self.measured, Measured::Nothing);
        columns.extend(valued.then(|| "value".to_owned()));
        let row = |(codes, group): (Codes, Group)| {
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
struct RowBits {
    start: usize,
    /// None where all do.
    bits: Option<Vec<u64>>,
}

impl RowBits {
    fn of(many: &Many, test: &RowTest, chunk: usize) -> Self {
        let (start, end) = many.span(chunk);
        let bits = (!matches!(test, RowTest::Is(true))).then(|| {
            let mut bits = Vec::new();
            test.bits(many, start, end, &mut bits);
            bits
        });
        Self { start, bits }
    }

    #[inline]
    fn has(&self, row: usize) -> bool {
        let at = row - self.start;
        self.bits.as_ref().is_none_or(|bits| bits[at / 64] >> (at % 64) & 1 == 1)
    }
}
