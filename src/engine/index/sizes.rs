//! The sizes of groups, where nothing else is asked of them: counted in tables of codes, by postings, or by rows.

use std::collections::HashMap;

use super::codes::Codes;
use super::groups::{Grouping, KeyCodes, Measured, RowBits};
use super::keys::Key;
use super::many::{Many, RowTest};
use super::plan::{Plan, Query, first};
use super::scan;
use super::set::{Words, for_ones};
use super::work::Halt;

/// Keys that together have at most so many groups are counted in a table.
const MAX_TABLE: u64 = 1 << 16;

/// With at most one in so many in the segment, its members' rows are sooner walked through than the postings.
const ROWS_BELOW: u64 = 2;

/// Where a field has so many codes, rows of which no entity has two alike are sooner counted one by one than by a set for
/// each code.
const ROWS_FROM: u64 = 32;

/// Sizes by the codes of the groups' keys.
type Sizes = HashMap<KeyCodes, u64>;

/// The same, and how they were counted.
type Counted = (Sizes, &'static str);

/// How the sizes of groups can be counted.
enum Way {
    /// In a table of the keys' codes.
    Table,
    /// By rows, each of which is another member of its group.
    EachRow,
    /// By the postings of a field of rows, or by rows.
    Postings,
    /// By the rows of the members.
    Rows,
}

impl Query<'_> {
    /// The sizes of the groups; none where more is asked of them, or of too many kinds.
    pub(super) fn sizes(&self, members: &Plan, grouping: &Grouping<'_>) -> Result<Option<Counted>, Halt> {
        let sizes = match grouping.way() {
            Some(Way::Table) => self.tabled(members, grouping)?,
            Some(Way::EachRow) => (self.each_row(members, grouping)?, "rows of the members"),
            Some(Way::Postings) if self.is_large(members)? => {
                (self.posted(members, grouping)?, "postings of each value")
            }
            Some(Way::Postings | Way::Rows) => (self.walked(members, grouping)?, "rows of the members"),
            None => return Ok(None),
        };
        Ok(Some(sizes))
    }

    /// Whether so many are in the segment that their rows are not worth walking through.
    fn is_large(&self, members: &Plan) -> Result<bool, Halt> {
        Ok(self.size(members)? * ROWS_BELOW > self.index.entities() as u64)
    }

    /// The sizes of the groups of the entity's own keys, few of them.
    fn tabled(&self, members: &Plan, grouping: &Grouping<'_>) -> Result<Counted, Halt> {
        let width = grouping.keys.get(1).map_or(1, |key| key.last_stored() + 1);
        let size = (grouping.keys[0].last_stored() + 1) * width;
        let valued = self.valued(&grouping.keys)?;
        let parts = self.over(
            members,
            || vec![0_u64; size as usize],
            |counts, chunk, words| {
                let counted = valued.as_ref().is_some_and(|valued| valued.count(chunk, words, width as usize, counts));
                if !counted {
                    scan::counted(&grouping.keys, first(chunk), words, width as usize, counts);
                }
            },
        )?;
        if valued.is_none() {
            self.note_scanned(&grouping.keys, parts.iter().flatten().sum());
        }
        let groups = sized(parts, |at| {
            let second = grouping.keys.get(1).map_or(0, |key| key.code(at % width));
            [grouping.keys[0].code(at / width), second]
        });
        let how = if valued.is_some() { "sets of the keys' values" } else { "table of the keys' codes" };
        Ok((groups, how))
    }

    /// The sizes of the groups of a field of rows, by its postings.
    fn posted(&self, members: &Plan, grouping: &Grouping<'_>) -> Result<Sizes, Halt> {
        let key = &grouping.keys[0];
        let field = &grouping.tables[0].fields[key.rows.map_or(0, |(_, field)| field)];
        self.by_code(members, key, |counts, chunk, words| field.count_posted(chunk, words, counts))
    }

    /// The sizes of the groups of a field of rows of which no entity has two alike: a row is a member.
    fn each_row(&self, members: &Plan, grouping: &Grouping<'_>) -> Result<Sizes, Halt> {
        let (key, many) = (&grouping.keys[0], grouping.tables[0]);
        self.by_code(members, key, |counts, chunk, words| {
            let first = first(chunk);
            scan::rows_counted(key.stored(), |at| many.rows_of(first + at), words, counts);
        })
    }

    /// The sizes of the groups of one key, which `add` counts chunk by chunk in a table of its codes.
    fn by_code(
        &self,
        members: &Plan,
        key: &Key<'_>,
        add: impl Fn(&mut [u64], usize, &Words) + Sync,
    ) -> Result<Sizes, Halt> {
        let parts =
            self.over(members, || vec![0; key.last() as usize + 1], |counts, chunk, words| add(counts, chunk, words))?;
        Ok(sized(parts, |code| [code, 0]))
    }

    /// The sizes of the groups of a field of rows, by the rows of the members.
    fn walked(&self, members: &Plan, grouping: &Grouping<'_>) -> Result<Sizes, Halt> {
        let (key, many) = (&grouping.keys[0], grouping.tables[0]);
        let parts = self.over(
            members,
            || Walked::new(key.last()),
            |walked, chunk, words| {
                let bits = RowBits::of(many, &grouping.test, chunk);
                walked.add(many, key.stored(), &bits, (first(chunk), words));
            },
        )?;
        Ok(sized(parts.into_iter().map(|walked| walked.sizes), |code| [code, 0]))
    }
}

impl Grouping<'_> {
    fn way(&self) -> Option<Way> {
        if !matches!(self.measured, Measured::Nothing) {
            return None;
        }
        if self.tables.is_empty() {
            let size = self.keys.iter().map(|key| u128::from(key.last_stored()) + 1).product::<u128>();
            return (size <= MAX_TABLE.into()).then_some(Way::Table);
        }
        let [key] = self.keys.as_slice() else { return None };
        let (_, field) = key.rows?;
        let known = &self.tables[0].fields[field];
        match self.test {
            RowTest::Is(true) if known.single && key.last() >= ROWS_FROM => return Some(Way::EachRow),
            RowTest::Is(true) if known.postings.is_some() => return Some(Way::Postings),
            _ => {}
        }
        (key.last() <= MAX_TABLE).then_some(Way::Rows)
    }
}

/// What the threads have counted; `codes` are those of the group at a place among the counts.
fn sized(parts: impl IntoIterator<Item = Vec<u64>>, codes: impl Fn(u64) -> KeyCodes) -> Sizes {
    let mut sizes: Sizes = HashMap::new();
    for (at, count) in parts.into_iter().flat_map(|counts| (0..).zip(counts)).filter(|(_, count)| *count > 0) {
        *sizes.entry(codes(at)).or_default() += count;
    }
    sizes
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
    fn add(&mut self, many: &Many, codes: &Codes, bits: &RowBits, (from, words): (usize, &Words)) {
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
