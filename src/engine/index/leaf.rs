//! Conditions on the rows of a many-table: whether one exists, and what they add up to.

use super::beside::Measured;
use super::codes::{CodeSet, some_together};
use super::judge::{Check, Value};
use super::lanes::read_soon;
use super::many::{Many, RowTest};
use super::measure::{Gauge, Sum};
use super::plan::{Query, first};
use super::set::{CHUNK, Set, WORDS, Words, count, for_ones};
use super::work::Halt;
use crate::segment::{Expr, Func};

/// Where it is known that fewer than one entity in so many can have a row that passes, only the rows of those are read:
/// more of them, here and there, take longer than everybody's, one after the other.
pub(super) const FEW: u64 = 32;

/// Entities whose rows the memory is told of before they are read.
const AHEAD: usize = 16;

impl Query<'_> {
    /// A condition on the rows of a many-table.
    pub(super) fn row_test(&self, many: &Many, expr: &Expr) -> Result<RowTest, Halt> {
        let parts = |parts: &[Expr]| parts.iter().map(|part| self.row_test(many, part)).collect::<Result<Vec<_>, _>>();
        Ok(match expr {
            Expr::All => RowTest::Is(true),
            Expr::And(all) => folded(parts(all)?, true),
            Expr::Or(any) => folded(parts(any)?, false),
            Expr::Not(inner) => match self.row_test(many, inner)? {
                RowTest::Is(truth) => RowTest::Is(!truth),
                other => RowTest::Not(Box::new(other)),
            },
            Expr::Compare { field, test } => {
                let place = many.place(field)?;
                let codes = many.fields[place].column.passing(&Check::of(test, self.shape.as_of()));
                if codes.is_empty() { RowTest::Is(false) } else { RowTest::Codes(place, codes) }
            }
            _ => return Err(Halt::Uncovered),
        })
    }

    pub(super) fn exists(&self, dataset: &str, rows: &Expr) -> Result<(Set, &'static str), Halt> {
        let many = self.index.many(dataset)?;
        let test = self.row_test(many, rows)?;
        if let RowTest::Is(truth) = test {
            let set = self.work.set(|chunk, out| {
                if truth {
                    out.copy_from_slice(many.ends.some(chunk));
                }
                Ok(())
            })?;
            return Ok((set, "rows at all"));
        }
        if let Some((field, codes)) = by_postings(many, &test) {
            let set = self.work.set(|chunk, out| {
                many.fields[field].add_posted(chunk, &codes, out);
                Ok(())
            })?;
            return Ok((set, "posting"));
        }
        if let Some(measured) = Measured::of(many, &test) {
            let set = self.work.set(|chunk, out| {
                measured.add(chunk, out);
                Ok(())
            })?;
            return Ok((set, "posting, with measures"));
        }
        let set = self.work.set(|chunk, out| {
            some_row(many, &test, chunk, out);
            Ok(())
        })?;
        Ok((set, "posting, then rows"))
    }

    /// Whether postings tell for whom a condition on rows holds.
    pub(super) fn is_posted(&self, dataset: &str, rows: &Expr) -> bool {
        let known = self.index.many(dataset).and_then(|many| Ok((many, self.row_test(many, rows)?)));
        known.is_ok_and(|(many, test)| {
            matches!(test, RowTest::Is(_)) || by_postings(many, &test).is_some() || Measured::of(many, &test).is_some()
        })
    }

    /// The entities whose rows add up to what passes.
    pub(super) fn total(
        &self,
        dataset: &str,
        (func, field): (Func, Option<&str>),
        rows: &Expr,
        check: &Check,
    ) -> Result<(Set, &'static str), Halt> {
        let many = self.index.many(dataset)?;
        let test = self.row_test(many, rows)?;
        let gauge = gauge_of(many, func, field)?;
        let without_rows = check.passes(Sum::default().value(&gauge));
        let set = self.work.set(|chunk, out| {
            let (from, to) = self.index.span(chunk);
            if without_rows {
                super::set::fill(out, to - from);
            }
            let mut bits = Vec::new();
            let (start, end) = many.span(chunk);
            test.bits(many, start, end, &mut bits);
            let mut passed = Total::new(out, check, &gauge);
            let mut entity = from;
            for_ones(&bits, |at| {
                let row = start + at;
                while many.starts.at(entity + 1) <= row {
                    entity += 1;
                }
                passed.add(entity - from, row);
            });
            passed.close();
            Ok(())
        })?;
        Ok((set, "rows added up"))
    }
}

/// The rows of one entity after another, added up.
pub(super) struct Total<'a> {
    out: &'a mut Words,
    check: &'a Check,
    gauge: &'a Gauge<'a>,
    sum: Sum,
    entity: Option<usize>,
}

impl<'a> Total<'a> {
    pub(super) fn new(out: &'a mut Words, check: &'a Check, gauge: &'a Gauge<'a>) -> Self {
        Self { out, check, gauge, sum: Sum::default(), entity: None }
    }

    /// Judges all members of a chunk by those of their rows that pass, also those who have none.
    pub(super) fn add_members(&mut self, many: &Many, test: &RowTest, (chunk, members): (usize, &Words)) {
        for_ones(members, |at| {
            self.entity = Some(at);
            for row in many.rows_of(first(chunk) + at).filter(|row| test.holds(many, *row)) {
                self.add(at, row);
            }
            self.close();
        });
    }

    fn add(&mut self, entity: usize, row: usize) {
        if self.entity != Some(entity) {
            self.close();
            self.entity = Some(entity);
        }
        let code = self.gauge.column.map(|column| column.codes.at(row));
        self.sum.add(self.gauge, code);
    }

    /// Judges the entity at hand.
    fn close(&mut self) {
        let Some(entity) = self.entity.take() else { return };
        let value: Value<'_> = self.sum.value(self.gauge);
        let bit = 1 << (entity % 64);
        if self.check.passes(value) {
            self.out[entity / 64] |= bit;
        } else {
            self.out[entity / 64] &= !bit;
        }
        self.sum.clear();
    }
}

/// The field whose postings tell for whom a condition holds, and the codes that are asked for.
fn by_postings(many: &Many, test: &RowTest) -> Option<(usize, CodeSet)> {
    test.as_codes(many).filter(|(field, _)| many.fields[*field].postings.is_some())
}

/// What rows are added up by, in their order.
pub(super) fn gauge_of<'a>(many: &'a Many, func: Func, field: Option<&str>) -> Result<Gauge<'a>, Halt> {
    let column = match field {
        Some(field) => Some(&many.field(field)?.column),
        None => None,
    };
    Ok(Gauge { func, column, in_order: true })
}

fn folded(parts: Vec<RowTest>, all: bool) -> RowTest {
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            RowTest::Is(truth) if truth == all => {}
            RowTest::Is(truth) => return RowTest::Is(truth),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => RowTest::Is(all),
        1 => kept.swap_remove(0),
        _ if all => RowTest::All(kept),
        _ => RowTest::Any(kept),
    }
}

/// Sets the entities of a chunk with a row that passes.
fn some_row(many: &Many, test: &RowTest, chunk: usize, out: &mut Words) {
    if let Some(few) = posted(many, test, chunk).filter(|few| count(few) * FEW < CHUNK as u64) {
        return some_row_of(many, test, (chunk, &few), out);
    }
    let (start, end) = many.span(chunk);
    let mut bits = Vec::new();
    test.bits(many, start, end, &mut bits);
    many.ends.add((chunk, start), &bits, out);
}

/// Sets those of `words` with a row that passes.
pub(super) fn some_row_of(many: &Many, test: &RowTest, (chunk, words): (usize, &Words), out: &mut Words) {
    let first = first(chunk);
    let Some(ranges) = test.byte_ranges(many) else {
        return for_ones(words, |at| {
            let passes = many.rows_of(first + at).any(|row| test.holds(many, row));
            out[at / 64] |= u64::from(passes) << (at % 64);
        });
    };
    let mut members = Vec::with_capacity(count(words) as usize);
    for_ones(words, |at| members.push((at, many.rows_of(first + at))));
    for (place, (at, rows)) in members.iter().enumerate() {
        if let Some((_, soon)) = members.get(place + AHEAD) {
            for (codes, ..) in &ranges {
                read_soon(codes.get(soon.start..).and_then(<[u8]>::first_chunk));
            }
        }
        out[at / 64] |= u64::from(some_together(&ranges, rows.clone())) << (at % 64);
    }
}

/// The entities of a chunk that have the value that one part of the condition asks for: the part that the fewest have.
pub(super) fn posted(many: &Many, test: &RowTest, chunk: usize) -> Option<Words> {
    let RowTest::All(parts) = test else { return None };
    let mut best: Option<(u64, Words)> = None;
    for part in parts {
        let Some((field, codes)) = part.as_codes(many) else { continue };
        let mut words = [0; WORDS];
        if many.fields[field].add_posted(chunk, &codes, &mut words) {
            let size = count(&words);
            if best.as_ref().is_none_or(|(least, _)| size < *least) {
                best = Some((size, words));
            }
        }
    }
    best.map(|(_, words)| words)
}
