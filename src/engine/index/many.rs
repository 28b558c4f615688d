//! A many-table: for each entity where its rows begin, the fields of the rows in that order, and for the fields of
//! text the entities that have each value.

use super::beside::Beside;
use super::codes::{ByteRange, CodeSet, Codes, scan_together};
use super::column::Column;
use super::ends::Ends;
use super::pieces::Piece;
use super::seal::Seal;
use super::set::{CHUNK, Lists, ListsBuilder, Words, fill};
use super::starts::Starts;
use super::work::Halt;

/// A field with more different values has no postings.
pub(super) const MAX_POSTED: u64 = 512;

/// Rows that a condition is put to at a time, part by part: so few that the fields of all parts are read side by side, which
/// keeps the memory busier than one after the other.
const TILE: usize = 64 * TILE_WORDS;
/// Words of as many bits.
const TILE_WORDS: usize = 32;

/// The rows of a many-table.
#[derive(Debug)]
pub(super) struct Many {
    pub name: String,
    /// Where the rows of each entity begin.
    pub starts: Starts,
    /// Which row is the last of its entity.
    pub ends: Ends,
    pub fields: Vec<RowField>,
    /// Of `starts` and `ends`.
    pub seal: Seal,
    /// The files that it was built from.
    pub pieces: Vec<Piece>,
    /// The file that each row is of, where rows do not lie file by file. For the next build; no question reads it.
    pub origin: Option<Codes>,
    /// Of `origin`.
    pub origin_seal: Seal,
}

/// One field of the rows.
#[derive(Debug)]
pub(super) struct RowField {
    pub name: String,
    pub column: Column,
    pub postings: Option<Lists>,
    /// Whether it is known that no entity has two rows with one value.
    pub single: bool,
    /// Measures of the rows beside the postings.
    pub beside: Option<Beside>,
    /// The place of the field that tells it, if one does.
    pub told: Option<usize>,
    pub seal: Seal,
}

impl RowField {
    /// How many sets the postings are: one for each code, the missing too.
    fn codes(&self) -> usize {
        self.column.last as usize + 1
    }

    /// Adds the entities of a chunk with a row whose code is in `set` to `out`; false where there are no postings.
    pub(super) fn add_posted(&self, chunk: usize, set: &CodeSet, out: &mut Words) -> bool {
        let Some(lists) = &self.postings else { return false };
        for code in set.each(self.column.last) {
            lists.add(chunk * self.codes() + code as usize, out);
        }
        true
    }

    /// For each code, how many of the entities in `words` have a row with it.
    pub(super) fn count_posted(&self, chunk: usize, words: &Words, counts: &mut [u64]) {
        let Some(lists) = &self.postings else { return };
        for (code, count) in counts.iter_mut().enumerate().take(self.codes()) {
            *count += lists.count_in(chunk * self.codes() + code, words);
        }
    }
}

impl Many {
    /// The field called `name`, its bytes looked at where they come from a file.
    pub(super) fn field(&self, name: &str) -> Result<&RowField, Halt> {
        self.place(name).map(|place| &self.fields[place])
    }

    /// The place of the same among the fields.
    pub(super) fn place(&self, name: &str) -> Result<usize, Halt> {
        let place = self.fields.iter().position(|field| field.name == name).ok_or(Halt::Uncovered)?;
        self.fields[place].seal.check().map(|()| place)
    }

    /// The first row of a chunk of `entities`, and one past its last.
    pub(super) fn span(&self, chunk: usize) -> (usize, usize) {
        self.starts.span(chunk)
    }

    /// The rows of an entity.
    #[inline]
    pub(super) fn rows_of(&self, entity: usize) -> std::ops::Range<usize> {
        self.starts.at(entity)..self.starts.at(entity + 1)
    }

    /// The same, for an index that takes it over: no file of it is read.
    pub(super) fn again(&self) -> Self {
        let field = |field: &RowField| RowField {
            name: field.name.clone(),
            column: field.column.clone(),
            postings: field.postings.clone(),
            single: field.single,
            beside: field.beside.clone(),
            told: field.told,
            seal: Seal::default(),
        };
        Self {
            name: self.name.clone(),
            starts: self.starts.clone(),
            ends: self.ends.clone(),
            fields: self.fields.iter().map(field).collect(),
            seal: Seal::default(),
            pieces: self.pieces.iter().map(|piece| Piece { read: false, ..piece.clone() }).collect(),
            origin: self.origin.clone(),
            origin_seal: Seal::default(),
        }
    }

    /// What is to be checked of it before questions use it.
    pub(super) fn seals(&self) -> impl Iterator<Item = &Seal> {
        std::iter::once(&self.seal).chain(self.fields.iter().map(|field| &field.seal))
    }

    /// Bytes that it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let posted =
            |f: &RowField| f.postings.as_ref().map_or(0, Lists::bytes) + f.beside.as_ref().map_or(0, Beside::bytes);
        let field = |f: &RowField| f.column.bytes() + posted(f);
        self.starts.bytes() + self.ends.bytes() + self.fields.iter().map(field).sum::<usize>()
    }
}

/// The postings of a field, and whether no entity has two rows with one value; none where it has too many values.
pub(super) fn postings(column: &Column, starts: &Starts) -> Option<(Lists, bool)> {
    if column.last > MAX_POSTED {
        return None;
    }
    let codes = column.last as usize + 1;
    let entities = starts.entities().unwrap_or_default();
    let (mut lists, mut single) = (ListsBuilder::default(), true);
    let mut of_chunk: Vec<Vec<u16>> = vec![Vec::new(); codes];
    for first in (0..entities).step_by(CHUNK) {
        let end = (first + CHUNK).min(entities);
        for entity in first..end {
            let own = (entity - first) as u16;
            for row in starts.at(entity)..starts.at(entity + 1) {
                let list = &mut of_chunk[column.codes.at(row) as usize];
                if list.last() == Some(&own) {
                    single = false;
                } else {
                    list.push(own);
                }
            }
        }
        for list in &mut of_chunk {
            lists.push_list(list);
            list.clear();
        }
    }
    Some((lists.finish(), single))
}

/// A condition on rows.
#[derive(Debug, Clone)]
pub(super) enum RowTest {
    Is(bool),
    All(Vec<RowTest>),
    Any(Vec<RowTest>),
    Not(Box<RowTest>),
    /// The code of the field at a place is in a set.
    Codes(usize, CodeSet),
}

impl RowTest {
    /// The same as a set of codes of one field, where it is over no other.
    pub(super) fn as_codes(&self, many: &Many) -> Option<(usize, CodeSet)> {
        let last = |field: usize| many.fields[field].column.last;
        match self {
            Self::Is(_) => None,
            Self::Codes(field, set) => Some((*field, set.clone())),
            Self::Not(inner) => inner.as_codes(many).map(|(field, set)| (field, set.opposite(last(field)))),
            Self::All(parts) | Self::Any(parts) => {
                let mut parts_of = parts.iter().map(|part| part.as_codes(many));
                let (field, mut set) = parts_of.next()??;
                for part in parts_of {
                    let (other, more) = part?;
                    if other != field {
                        return None;
                    }
                    set = match self {
                        Self::All(_) => set.within(&more, last(field)),
                        _ => set.with(&more, last(field)),
                    };
                }
                Some((field, set))
            }
        }
    }

    /// Whether a row passes.
    pub(super) fn holds(&self, many: &Many, row: usize) -> bool {
        match self {
            Self::Is(truth) => *truth,
            Self::All(parts) => parts.iter().all(|part| part.holds(many, row)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(many, row)),
            Self::Not(inner) => !inner.holds(many, row),
            Self::Codes(field, set) => set.has(many.fields[*field].column.codes.at(row)),
        }
    }

    /// The bits of those of the rows `from..to` that pass, in `out`, which is made as long as needed.
    pub(super) fn bits(&self, many: &Many, from: usize, to: usize, out: &mut Vec<u64>) {
        if let Some(ranges) = self.byte_ranges(many).filter(|ranges| ranges.len() > 1) {
            return scan_together(&ranges, (from, to), out);
        }
        out.clear();
        out.resize((to - from).div_ceil(64), 0);
        for (start, words) in (from..to).step_by(TILE).zip(out.chunks_mut(TILE_WORDS)) {
            self.tile(many, start, to.min(start + TILE), words);
        }
    }

    /// The ranges of bytes that must all hold, where it is nothing else.
    pub(super) fn byte_ranges<'a>(&self, many: &'a Many) -> Option<Vec<ByteRange<'a>>> {
        let parts = match self {
            Self::All(parts) => parts.as_slice(),
            Self::Codes(..) => std::slice::from_ref(self),
            _ => return None,
        };
        let range = |part: &Self| match part {
            Self::Codes(field, set) => many.fields[*field].column.codes.byte_range(set),
            _ => None,
        };
        parts.iter().map(range).collect::<Option<Vec<_>>>().filter(|ranges| !ranges.is_empty())
    }

    /// The same of a tile; `out` is zero.
    fn tile(&self, many: &Many, from: usize, to: usize, out: &mut [u64]) {
        match self {
            Self::Is(truth) => fill(out, if *truth { to - from } else { 0 }),
            Self::Codes(field, set) => many.fields[*field].column.codes.scan(from, to, set, out),
            Self::Not(inner) => {
                inner.tile(many, from, to, out);
                let mut all = [0; TILE_WORDS];
                fill(&mut all, to - from);
                out.iter_mut().zip(&all).for_each(|(word, all)| *word ^= all);
            }
            Self::All(parts) | Self::Any(parts) => {
                let all = matches!(self, Self::All(_));
                let Some((first, others)) = parts.split_first() else {
                    return fill(out, if all { to - from } else { 0 });
                };
                first.tile(many, from, to, out);
                for part in others {
                    let mut own = [0; TILE_WORDS];
                    part.tile(many, from, to, &mut own[..out.len()]);
                    for (to, from) in out.iter_mut().zip(&own) {
                        *to = if all { *to & from } else { *to | from };
                    }
                }
            }
        }
    }
}
