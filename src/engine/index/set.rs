//! Sets of entities. All of them are cut into chunks of 65,536 ordinals, so that whatever is computed stays in the
//! processor's cache: a dense set has a bit for each, a sparse one the ordinals themselves within each chunk.

use datafusion::arrow::buffer::ScalarBuffer;

use super::room::Room;

/// Entities of one chunk.
pub(super) const CHUNK: usize = 1 << 16;
/// Words of one chunk.
pub(super) const WORDS: usize = CHUNK / 64;
/// Ordinals of one chunk that take as much room as a bit for each: so many or more are kept as bits.
const DENSE: usize = CHUNK / 16;
/// A set with fewer than one in so many is kept sparse.
const SPARSE_BELOW: u64 = 16;

/// The bits of one chunk.
pub(super) type Words = [u64; WORDS];

/// How many chunks so many entities take.
pub(super) fn chunks(entities: usize) -> usize {
    entities.div_ceil(CHUNK)
}

/// A set of entities.
#[derive(Debug)]
pub(super) struct Set {
    pub size: u64,
    members: Members,
}

#[derive(Debug)]
enum Members {
    Dense(Room),
    Sparse(Lists),
}

impl Set {
    /// The set whose bits are `words`, whole chunks of them.
    pub(super) fn new(words: Room) -> Self {
        Self::within(words).0
    }

    /// The same, and the words where the set is kept without them.
    pub(super) fn within(words: Room) -> (Self, Option<Room>) {
        let size: u64 = words.iter().map(|word| u64::from(word.count_ones())).sum();
        if size * SPARSE_BELOW >= words.len() as u64 * 64 {
            return (Self { size, members: Members::Dense(words) }, None);
        }
        // No chunk takes more than its bits, and none more than its members.
        let mut lists = ListsBuilder::with_room(words.len().div_ceil(WORDS), size as usize);
        words.chunks(WORDS).for_each(|chunk| lists.push(chunk));
        (Self { size, members: Members::Sparse(lists.finish()) }, Some(words))
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        match &self.members {
            Members::Dense(words) => words.len() * 8,
            Members::Sparse(lists) => lists.bytes(),
        }
    }

    /// `bits` or `list`.
    pub(super) fn form(&self) -> &'static str {
        match &self.members {
            Members::Dense(_) => "bits",
            Members::Sparse(_) => "list",
        }
    }

    /// Adds those of a chunk to `out`.
    pub(super) fn add(&self, chunk: usize, out: &mut Words) {
        match &self.members {
            Members::Dense(words) => {
                for (to, from) in out.iter_mut().zip(&words[chunk * WORDS..][..WORDS]) {
                    *to |= from;
                }
            }
            Members::Sparse(lists) => lists.add(chunk, out),
        }
    }

    /// Takes all but those of a chunk from `out`, or where `not`, those.
    pub(super) fn keep(&self, chunk: usize, not: bool, out: &mut Words) {
        let flip = if not { u64::MAX } else { 0 };
        match &self.members {
            Members::Dense(words) => {
                for (to, from) in out.iter_mut().zip(&words[chunk * WORDS..][..WORDS]) {
                    *to &= from ^ flip;
                }
            }
            Members::Sparse(lists) => {
                let mut own = [0; WORDS];
                lists.add(chunk, &mut own);
                for (to, from) in out.iter_mut().zip(&own) {
                    *to &= from ^ flip;
                }
            }
        }
    }
}

/// Lists of ordinals, chunk by chunk; several sets after one another in the postings of a field.
#[derive(Debug, Clone)]
pub(super) struct Lists {
    /// Where the entries of each chunk begin; one more than there are chunks.
    pub starts: ScalarBuffer<u64>,
    /// Ordinals within the chunk, ascending; where there are as many as [`DENSE`], the chunk's bits.
    pub entries: ScalarBuffer<u16>,
}

impl Lists {
    fn of(&self, at: usize) -> &[u16] {
        &self.entries[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// What it takes to look through the chunk that is the `at`th of all: ordinals, or words.
    pub(super) fn cost(&self, at: usize) -> u64 {
        let entries = self.of(at).len();
        if entries < DENSE { entries as u64 } else { WORDS as u64 }
    }

    /// The ordinals of the chunk that is the `at`th of all; none where they are kept as bits.
    pub(super) fn listed(&self, at: usize) -> Option<&[u16]> {
        Some(self.of(at)).filter(|entries| entries.len() < DENSE)
    }

    /// The bits of the same, where they are kept as such.
    pub(super) fn bits(&self, at: usize) -> impl Iterator<Item = u64> + '_ {
        self.of(at).as_chunks().0.iter().map(|four| word_of(*four))
    }

    /// Adds those of the chunk that is the `at`th of all to `out`.
    pub(super) fn add(&self, at: usize, out: &mut Words) {
        if let Some(entries) = self.listed(at) {
            for entry in entries {
                out[usize::from(entry / 64)] |= 1 << (entry % 64);
            }
            return;
        }
        for (to, four) in out.iter_mut().zip(self.of(at).as_chunks().0) {
            *to |= word_of(*four);
        }
    }

    /// How many of the chunk that is the `at`th of all are in `words`.
    pub(super) fn count_in(&self, at: usize, words: &Words) -> u64 {
        let entries = self.of(at);
        if entries.len() < DENSE {
            return entries.iter().map(|entry| words[usize::from(entry / 64)] >> (entry % 64) & 1).sum();
        }
        words
            .iter()
            .zip(entries.as_chunks().0)
            .map(|(word, four)| u64::from((word & word_of(*four)).count_ones()))
            .sum()
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        self.starts.len() * 8 + self.entries.len() * 2
    }
}

/// The bits that four entries of a dense chunk are.
#[inline]
fn word_of([a, b, c, d]: [u16; 4]) -> u64 {
    u64::from(a) | u64::from(b) << 16 | u64::from(c) << 32 | u64::from(d) << 48
}

/// Lists in the making.
#[derive(Debug)]
pub(super) struct ListsBuilder {
    starts: Vec<u64>,
    entries: Vec<u16>,
}

impl Default for ListsBuilder {
    fn default() -> Self {
        Self { starts: vec![0], entries: Vec::new() }
    }
}

impl ListsBuilder {
    /// With room for so many chunks and entries.
    fn with_room(chunks: usize, entries: usize) -> Self {
        let mut starts = Vec::with_capacity(chunks + 1);
        starts.push(0);
        Self { starts, entries: Vec::with_capacity(entries) }
    }

    /// Adds the next chunk, from its bits.
    pub(super) fn push(&mut self, words: &[u64]) {
        let count: usize = words.iter().map(|word| word.count_ones() as usize).sum();
        if count >= DENSE {
            self.entries.extend(words.iter().flat_map(|word| [0, 16, 32, 48].map(|shift| (word >> shift) as u16)));
        } else {
            self.entries.extend(ones(words).map(|at| at as u16));
        }
        self.starts.push(self.entries.len() as u64);
    }

    /// Adds the next chunk, from its ordinals, ascending.
    pub(super) fn push_list(&mut self, list: &[u16]) {
        if list.len() < DENSE {
            self.entries.extend_from_slice(list);
            self.starts.push(self.entries.len() as u64);
            return;
        }
        let mut words = [0_u64; WORDS];
        for entry in list {
            words[usize::from(entry / 64)] |= 1 << (entry % 64);
        }
        self.push(&words);
    }

    /// Adds the chunks of others.
    pub(super) fn append(&mut self, others: &Self) {
        let before = self.entries.len() as u64;
        self.entries.extend_from_slice(&others.entries);
        self.starts.extend(others.starts.iter().skip(1).map(|start| before + start));
    }

    pub(super) fn finish(self) -> Lists {
        Lists { starts: self.starts.into(), entries: self.entries.into() }
    }
}

/// The places of the bits that are set, ascending.
#[inline]
pub(super) fn ones(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(at, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            (left != 0).then(|| {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                at * 64 + bit
            })
        })
    })
}

/// Calls `f` with the place of each bit that is set, ascending.
#[inline]
pub(super) fn for_ones(words: &[u64], mut f: impl FnMut(usize)) {
    for (at, word) in words.iter().enumerate() {
        let mut left = *word;
        while left != 0 {
            f(at * 64 + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
}

/// How many bits are set.
pub(super) fn count(words: &[u64]) -> u64 {
    words.iter().map(|word| u64::from(word.count_ones())).sum()
}

/// Sets the bits of the first `places`.
pub(super) fn fill(out: &mut [u64], places: usize) {
    for (at, word) in out.iter_mut().enumerate() {
        *word = match places.saturating_sub(at * 64) {
            0 => 0,
            left if left >= 64 => u64::MAX,
            left => (1 << left) - 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_the_same_in_either_form() {
        for step in [3, 700] {
            let mut words = vec![0_u64; 2 * WORDS];
            (0..2 * CHUNK).step_by(step).for_each(|at| words[at / 64] |= 1 << (at % 64));
            let set = Set::new(Room::Plain(words.clone()));
            assert_eq!(set.form(), if step == 3 { "bits" } else { "list" });
            for chunk in 0..2 {
                let mut out = [0; WORDS];
                set.add(chunk, &mut out);
                assert_eq!(out, words[chunk * WORDS..][..WORDS]);
                set.keep(chunk, true, &mut out);
                assert_eq!(count(&out), 0);
            }
            assert_eq!(set.size, ones(&words).count() as u64);
        }
    }

    #[test]
    fn lists_count_and_pack() {
        let mut lists = ListsBuilder::default();
        let sparse: Vec<u16> = (0..100).map(|i| i * 11).collect();
        let dense: Vec<u16> = (0..5000).map(|i| i * 3).collect();
        lists.push_list(&sparse);
        lists.push_list(&dense);
        let lists = lists.finish();
        let mut all = [0; WORDS];
        fill(&mut all, 1000);
        assert_eq!(lists.count_in(0, &all), 91);
        assert_eq!(lists.count_in(1, &all), 334);
        let mut out = [0; WORDS];
        lists.add(1, &mut out);
        assert!(ones(&out).eq(dense.iter().map(|d| usize::from(*d))));
    }
}
