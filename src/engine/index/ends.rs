//! Which row is the last of its entity, a bit for each: so that what holds for rows is told of entities 64 rows at a time.

use datafusion::arrow::buffer::ScalarBuffer;

use super::set::{CHUNK, WORDS, Words, chunks};

/// The last rows of the entities, and which entities have rows.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    /// A bit for each row. Those of each chunk begin with a word of their own: see [`Ends::place`].
    pub last: ScalarBuffer<u64>,
    /// A bit for each entity, whole chunks of them.
    pub some: ScalarBuffer<u64>,
}

impl Ends {
    /// Of where the rows of each entity begin, ascending: one more than there are entities.
    pub(super) fn of(starts: &[u32]) -> Self {
        let entities = starts.len().saturating_sub(1);
        let rows = starts.last().copied().unwrap_or_default() as usize;
        let (last_words, some_words) = Self::words(entities, rows);
        let (mut last, mut some) = (vec![0_u64; last_words], vec![0_u64; some_words]);
        for (chunk, first) in (0..entities).step_by(CHUNK).enumerate() {
            let begin = starts[first] as usize;
            let words = &mut last[Self::place(chunk, begin)..];
            let those = &starts[first..=(first + CHUNK).min(entities)];
            for (entity, pair) in those.windows(2).enumerate().filter(|(_, pair)| pair[0] < pair[1]) {
                let row = pair[1] as usize - 1 - begin;
                words[row / 64] |= 1 << (row % 64);
                some[chunk * WORDS + entity / 64] |= 1 << (entity % 64);
            }
        }
        Self { last: last.into(), some: some.into() }
    }

    /// How many words of each there are for so many entities and rows.
    pub(super) fn words(entities: usize, rows: usize) -> (usize, usize) {
        let chunks = chunks(entities);
        (rows / 64 + chunks, chunks * WORDS)
    }

    /// The word that a chunk's bits begin with, whose first row is `begin`: no chunk needs more than one word more than
    /// its rows fill.
    fn place(chunk: usize, begin: usize) -> usize {
        begin / 64 + chunk
    }

    /// The entities of a chunk that have rows.
    pub(super) fn some(&self, chunk: usize) -> &[u64] {
        &self.some[chunk * WORDS..][..WORDS]
    }

    /// Adds the entities of a chunk with one of `rows` to `out`: bits of the chunk's rows, the first of which is `begin`.
    pub(super) fn add(&self, (chunk, begin): (usize, usize), rows: &[u64], out: &mut Words) {
        let mut carry = false;
        // The answers for the entities that have rows, as they come, until there are enough for a word.
        let (mut answers, mut known) = (0_u128, 0);
        let (some, mut at) = (self.some(chunk), 0);
        for (rows, last) in rows.iter().zip(&self.last[Self::place(chunk, begin)..]) {
            // All of an entity's rows but its last are ones; a row that is added to them makes a carry, which arrives at
            // the last row, through as many words as there are between.
            let inner = !last;
            let (sum, over) = inner.overflowing_add(rows & inner);
            let (sum, more) = sum.overflowing_add(carry.into());
            carry = over | more;
            answers |= u128::from(gathered((sum | rows) & last, *last)) << known;
            known += last.count_ones();
            while let Some(some) = some.get(at).filter(|some| some.count_ones() <= known) {
                out[at] |= scattered(answers as u64, *some);
                answers >>= some.count_ones();
                known -= some.count_ones();
                at += 1;
            }
        }
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        (self.last.len() + self.some.len()) * 8
    }
}

/// The bits of `word` at the places that are set in `mask`, side by side from the lowest on.
#[cfg(target_feature = "bmi2")]
#[inline]
fn gathered(word: u64, mask: u64) -> u64 {
    safe_arch::population_extract_u64(word, mask)
}

/// The lowest bits of `word` at the places that are set in `mask`.
#[cfg(target_feature = "bmi2")]
#[inline]
pub(super) fn scattered(word: u64, mask: u64) -> u64 {
    safe_arch::population_deposit_u64(word, mask)
}

#[cfg(not(target_feature = "bmi2"))]
use plain::gathered;
#[cfg(not(target_feature = "bmi2"))]
pub(super) use plain::scattered;

/// The same for processors that have no instruction for it.
#[cfg(any(test, not(target_feature = "bmi2")))]
mod plain {
    use super::super::set::ones;

    pub(super) fn gathered(word: u64, mask: u64) -> u64 {
        ones(&[mask]).enumerate().fold(0, |found, (place, bit)| found | (word >> bit & 1) << place)
    }

    pub(in super::super) fn scattered(word: u64, mask: u64) -> u64 {
        ones(&[mask]).enumerate().fold(0, |found, (place, bit)| found | (word >> place & 1) << bit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn entities_are_found_by_their_rows(
            counts in prop::collection::vec(prop_oneof![Just(0_u32), 1..5_u32, 0..200_u32], 1..400),
            hits in prop::collection::vec(any::<u64>(), 8),
            mask in any::<u64>(),
        ) {
            // Entities on both sides of the end of a chunk.
            let before = CHUNK - counts.len() / 2;
            let mut starts = vec![0; before];
            starts.extend(counts.iter().scan(0, |sum, count| Some(std::mem::replace(sum, *sum + count))));
            starts.push(counts.iter().sum());
            let ends = Ends::of(&starts);
            let hit = |row: usize| hits[row / 64 % hits.len()] >> (row % 64) & mask >> (row % 61) & 1 == 1;
            for chunk in 0..2 {
                let entities = (chunk * CHUNK).min(starts.len() - 1)..((chunk + 1) * CHUNK).min(starts.len() - 1);
                let (begin, end) = (starts[entities.start] as usize, starts[entities.end] as usize);
                let mut rows = vec![0_u64; (end - begin).div_ceil(64)];
                (begin..end).filter(|row| hit(*row)).for_each(|row| rows[(row - begin) / 64] |= 1 << ((row - begin) % 64));
                let mut out = [0; WORDS];
                ends.add((chunk, begin), &rows, &mut out);
                for (at, entity) in entities.enumerate() {
                    let own = starts[entity] as usize..starts[entity + 1] as usize;
                    prop_assert_eq!(ends.some(chunk)[at / 64] >> (at % 64) & 1 == 1, !own.is_empty());
                    prop_assert_eq!(out[at / 64] >> (at % 64) & 1 == 1, own.clone().any(hit), "{} {:?}", entity, own);
                }
            }
        }

        #[test]
        fn bits_are_gathered_and_scattered_alike_everywhere(word in any::<u64>(), mask in any::<u64>()) {
            prop_assert_eq!(gathered(word, mask), plain::gathered(word, mask));
            prop_assert_eq!(scattered(word, mask), plain::scattered(word, mask));
            prop_assert_eq!(scattered(gathered(word, mask), mask), word & mask);
        }
    }
}
