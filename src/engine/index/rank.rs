//! Ranks and samples: sets whose bound is found among the members of a segment.

use super::codes::CodeSet;
use super::column::{Column, MISSING};
use super::judge::{Against, Check};
use super::plan::{Plan, Query, first};
use super::room::Room;
use super::set::{CHUNK, Set, WORDS, for_ones};
use super::work::Halt;
use crate::catalog::FieldType;
use crate::segment::{Amount, End, Expr};
use crate::sql;

/// Codes up to this one are counted one by one; others are gathered.
const COUNTED: u64 = 1 << 20;

/// As DataFusion interpolates a percentile.
const PRECISION: f64 = 1_000_000.0;

impl Query<'_> {
    pub(super) fn rank(
        &self,
        field: &str,
        end: End,
        amount: Amount,
        within: &Expr,
    ) -> Result<(Set, &'static str), Halt> {
        let column = self.index.field(field)?;
        let members = self.members(within)?;
        let values = self.values(column, &members)?;
        let set = match amount {
            Amount::Share(share) => self.rank_share(column, end, share, &values)?,
            Amount::Number(number) => self.rank_number(column, end, number, (&members, &values))?,
        };
        Ok((set, "rank"))
    }

    /// The values of the members, by code.
    fn values(&self, column: &Column, members: &Plan) -> Result<Values, Halt> {
        if column.last <= COUNTED {
            let counts = self.over(
                members,
                || vec![0_u64; column.last as usize + 1],
                |counts, chunk, words| {
                    for_ones(words, |at| counts[column.codes.at(first(chunk) + at) as usize] += 1);
                },
            )?;
            let mut sum = vec![0; column.last as usize + 1];
            for counts in counts {
                sum.iter_mut().zip(counts).for_each(|(to, from)| *to += from);
            }
            sum[MISSING as usize] = 0;
            return Ok(Values::Counted(sum));
        }
        let parts = self.over(members, Vec::new, |codes: &mut Vec<u64>, chunk, words| {
            for_ones(words, |at| codes.push(column.codes.at(first(chunk) + at)));
        })?;
        let mut codes: Vec<u64> = parts.concat();
        codes.retain(|code| *code != MISSING);
        codes.sort_unstable();
        Ok(Values::Sorted(codes))
    }

    /// At or beyond the percentile.
    fn rank_share(&self, column: &Column, end: End, share: f64, values: &Values) -> Result<Set, Halt> {
        let share = sql::rank_share(if end == End::Top { 1.0 - share } else { share });
        let Some(bound) = values.percentile(share, column) else { return Ok(self.nobody()) };
        let against = Against::Float(bound);
        let codes = column.passing(&if end == End::Top { Check::Ge(against) } else { Check::Le(against) });
        self.scanned(column, &codes)
    }

    fn nobody(&self) -> Set {
        Set::new(Room::of(self.work.chunks * WORDS))
    }

    fn scanned(&self, column: &Column, codes: &CodeSet) -> Result<Set, Halt> {
        self.work.set(|chunk, out| {
            let (from, to) = self.index.span(chunk);
            column.codes.scan(from, to, codes, out);
            Ok(())
        })
    }

    /// The first so many of the members; those with equal values in key order.
    fn rank_number(
        &self,
        column: &Column,
        end: End,
        number: u64,
        (members, values): (&Plan, &Values),
    ) -> Result<Set, Halt> {
        let size = values.len();
        if number == 0 || size == 0 {
            return Ok(self.nobody());
        }
        let number = number.min(size);
        let bound = values.nth(if end == End::Top { size - number } else { number - 1 });
        let better = |code: u64| code != MISSING && if end == End::Top { code > bound } else { code < bound };
        let key = &self.index.keys()?.codes;
        let found = self.over(members, <(Vec<usize>, Vec<(u64, usize)>)>::default, |(sure, equal), chunk, words| {
            for_ones(words, |at| {
                let entity = first(chunk) + at;
                let code = column.codes.at(entity);
                if better(code) {
                    sure.push(entity);
                } else if code == bound {
                    equal.push((key.at(entity), entity));
                }
            });
        })?;
        let (mut chosen, mut equal) = (Vec::new(), Vec::new());
        for (sure, more) in found {
            chosen.extend(sure);
            equal.extend(more);
        }
        let left = (number as usize).saturating_sub(chosen.len());
        equal.sort_unstable();
        chosen.extend(equal.into_iter().take(left).map(|(_, entity)| entity));
        Ok(self.of(&chosen))
    }

    fn of(&self, entities: &[usize]) -> Set {
        let mut words = Room::of(self.work.chunks * WORDS);
        for entity in entities {
            words[entity / 64] |= 1 << (entity % 64);
        }
        debug_assert!(words.len() * 64 >= self.index.entities() && CHUNK.is_multiple_of(64));
        Set::new(words)
    }

    pub(super) fn sample(&self, size: u64, seed: u64, within: &Expr) -> Result<(Set, &'static str), Halt> {
        let keys = self.index.keys()?;
        if !keys.kind.is_integer() || keys.kind == FieldType::Float64 {
            return Err(Halt::Uncovered);
        }
        let members = self.members(within)?;
        let parts = self.over(&members, Vec::new, |found: &mut Vec<(i64, i64, usize)>, chunk, words| {
            for_ones(words, |at| {
                let entity = first(chunk) + at;
                let key = keys.whole(keys.codes.at(entity));
                found.push((sql::sample_place(key, seed), key, entity));
            });
        })?;
        let mut found = parts.concat();
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size < found.len() {
            found.select_nth_unstable(size);
            found.truncate(size);
        }
        let chosen: Vec<usize> = found.into_iter().map(|(_, _, entity)| entity).collect();
        Ok((self.of(&chosen), "sample"))
    }
}

/// Values of some members, in order.
enum Values {
    /// How many have each code.
    Counted(Vec<u64>),
    /// The codes.
    Sorted(Vec<u64>),
}

impl Values {
    fn len(&self) -> u64 {
        match self {
            Self::Counted(counts) => counts.iter().sum(),
            Self::Sorted(codes) => codes.len() as u64,
        }
    }

    /// The code at a place of the order.
    fn nth(&self, place: u64) -> u64 {
        match self {
            Self::Sorted(codes) => codes.get(place as usize).copied().unwrap_or(MISSING),
            Self::Counted(counts) => {
                let mut before = 0;
                let found = counts.iter().position(|count| {
                    before += count;
                    before > place
                });
                found.map_or(MISSING, |code| code as u64)
            }
        }
    }

    /// The percentile with linear interpolation, as the engine of the SQL path computes it.
    fn percentile(&self, share: f64, column: &Column) -> Option<f64> {
        let last = self.len().checked_sub(1)?;
        let at = |place: f64| column.number(self.nth(place as u64));
        let place = share * last as f64;
        let (low, high) = (place.floor(), place.ceil());
        if place.fract() == 0.0 {
            return Some(at(low));
        }
        let weight = ((place - low) * PRECISION).trunc() / PRECISION;
        let (low, high) = (at(low), at(high));
        Some(low + (high - low) * weight)
    }
}
