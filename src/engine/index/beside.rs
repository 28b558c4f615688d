//! Measures beside postings: where no entity has two rows with one value of a field, the codes of one byte that the rows
//! have in other fields lie beside the entities that have the value, in the same order. "Who uses this app on at least
//! ten days" then reads what is known of that app, and not the rows of everybody.

use datafusion::arrow::buffer::ScalarBuffer;
use rayon::prelude::*;

use super::codes::{ByteRange, CodeSet, Codes, within_word};
use super::column::Column;
use super::ends::scattered;
use super::many::{Many, RowField, RowTest};
use super::set::{Lists, Words, chunks, for_ones};
use super::starts::Starts;
use crate::catalog::FieldType;

/// Tables with fewer rows an entity have no measures beside their postings: all of their rows are soon read.
const ROWS_FROM: usize = 4;

/// The measures beside the postings of a field.
#[derive(Debug, Clone)]
pub(super) struct Beside {
    /// Where those of each code in each chunk begin, in the order of the postings; one more than there are of those.
    pub firsts: ScalarBuffer<u64>,
    /// The places of fields among the table's, and their codes.
    pub measures: Vec<(usize, ScalarBuffer<u8>)>,
}

impl Beside {
    /// Those of a field with postings, no entity of which has two rows with one value; none where there are none to be had.
    pub(super) fn of(fields: &[RowField], field: &RowField, starts: &Starts) -> Option<Self> {
        let rows = field.column.codes.len();
        let entities = starts.entities()?;
        if field.postings.is_none() || !field.single || rows < ROWS_FROM * entities {
            return None;
        }
        let counts = counted(&field.column, starts);
        let firsts: Vec<u64> = std::iter::once(0)
            .chain(counts.iter().scan(0, |sum, count| {
                *sum += u64::from(*count);
                Some(*sum)
            }))
            .collect();
        let measure = |(place, other): (usize, &RowField)| match &other.column.codes {
            Codes::One(codes) if other.column.kind != FieldType::String => {
                Some((place, placed(&field.column, starts, &firsts, codes)))
            }
            _ => None,
        };
        let measures: Vec<_> = fields.iter().enumerate().filter_map(measure).collect();
        (!measures.is_empty()).then(|| Self { firsts: firsts.into(), measures })
    }

    fn measure(&self, place: usize) -> Option<&ScalarBuffer<u8>> {
        self.measures.iter().find(|(known, _)| *known == place).map(|(_, codes)| codes)
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        self.firsts.len() * 8 + self.measures.iter().map(|(_, codes)| codes.len()).sum::<usize>()
    }
}

/// The rows of each chunk.
fn spans(starts: &Starts) -> Vec<(usize, usize)> {
    (0..chunks(starts.entities().unwrap_or_default())).map(|chunk| starts.span(chunk)).collect()
}

/// How many rows of each chunk have each code.
fn counted(column: &Column, starts: &Starts) -> Vec<u32> {
    let of_chunk = |(from, to): (usize, usize)| {
        let mut counts = vec![0_u32; column.last as usize + 1];
        column.codes.each(from..to, |_, code| counts[code as usize] += 1);
        counts
    };
    spans(starts).into_par_iter().flat_map_iter(of_chunk).collect()
}

/// The codes of a measure in the order of the postings of `column`, each group of which begins at one of `firsts`.
fn placed(column: &Column, starts: &Starts, firsts: &[u64], measure: &[u8]) -> ScalarBuffer<u8> {
    let width = column.last as usize + 1;
    let of_chunk = |(chunk, (from, to)): (usize, (usize, usize))| {
        let firsts = &firsts[chunk * width..][..=width];
        let mut next: Vec<usize> = firsts[..width].iter().map(|first| (first - firsts[0]) as usize).collect();
        let mut own = vec![0; to - from];
        column.codes.each(from..to, |row, code| {
            let at = &mut next[code as usize];
            own[*at] = measure[from + row];
            *at += 1;
        });
        own
    };
    let parts: Vec<Vec<u8>> = spans(starts).into_par_iter().enumerate().map(of_chunk).collect();
    parts.concat().into()
}

/// A condition on rows that postings and the measures beside them answer.
pub(super) struct Measured<'a> {
    lists: &'a Lists,
    beside: &'a Beside,
    /// The codes that the condition asks of the postings, and the last that there is.
    codes: CodeSet,
    last: u64,
    ranges: Vec<ByteRange<'a>>,
}

impl<'a> Measured<'a> {
    /// None where the condition is of another kind.
    pub(super) fn of(many: &'a Many, test: &RowTest) -> Option<Self> {
        let RowTest::All(parts) = test else { return None };
        let known: Vec<(usize, CodeSet)> =
            parts.iter().map(|part| part.as_codes(many).map(|known| many.teller(known))).collect::<Option<_>>()?;
        known.iter().enumerate().find_map(|(at, (place, set))| {
            let field = &many.fields[*place];
            let (lists, beside) = field.postings.as_ref().zip(field.beside.as_ref())?;
            let others = known.iter().enumerate().filter(|(other, _)| *other != at);
            let range = |(place, set): &(usize, CodeSet)| Some((beside.measure(*place)?, set.byte_span()?));
            let ranges = others.map(|(_, other)| range(other).map(|(codes, (low, span))| (&codes[..], low, span)));
            let ranges = ranges.collect::<Option<Vec<ByteRange<'a>>>>()?;
            Some(Self { lists, beside, codes: set.clone(), last: field.column.last, ranges })
        })
    }

    /// Adds the entities of a chunk for whom it holds.
    pub(super) fn add(&self, chunk: usize, out: &mut Words) {
        for code in self.codes.each(self.last) {
            let group = chunk * (self.last as usize + 1) + code as usize;
            let mut place = self.beside.firsts[group] as usize;
            if let Some(entries) = self.lists.listed(group) {
                for entries in entries.chunks(64) {
                    let hits = self.hits(place, entries.len() as u32);
                    for_ones(&[hits], |at| out[usize::from(entries[at] / 64)] |= 1 << (entries[at] % 64));
                    place += entries.len();
                }
                continue;
            }
            for (to, word) in out.iter_mut().zip(self.lists.bits(group)) {
                let members = word.count_ones();
                *to |= scattered(self.hits(place, members), word);
                place += members as usize;
            }
        }
    }

    /// A bit for each of so many members, the first of which has its measures at `place`: whether all are in their ranges.
    #[inline]
    fn hits(&self, place: usize, members: u32) -> u64 {
        let all = u64::MAX.checked_shr(u64::BITS - members).unwrap_or_default();
        self.ranges.iter().fold(all, |hits, range| hits & within_word(range, place))
    }
}
