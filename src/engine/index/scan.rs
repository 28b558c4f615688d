//! Counting the members of a chunk by the codes of one or two keys, or their rows by those of one, with the widths of the
//! codes known to the loop.

use std::ops::Range;

use super::codes::Codes;
use super::keys::Key;
use super::set::{Words, for_ones};

/// Counts are kept so many times, and added up in the end: two members of one group after the other then do not wait for
/// each other.
const LANES: usize = 4;

/// More groups would not stay in the processor's nearest cache so.
const MAX_SPREAD: usize = 1 << 10;

/// Rows of a member that are taken together.
const PIECE: usize = 16;

/// So many rows are taken before they are counted.
const ROOM: usize = 1 << 12;

/// With so many of 64 in the segment, it is quicker to look at all 64 than to look for those that are.
const MOST: u32 = 32;

/// Adds the members of a chunk, whose first is `from`, to `counts`: a table of the stored codes of the keys, the second
/// key's `width` wide.
pub(super) fn counted(keys: &[Key<'_>], from: usize, words: &Words, width: usize, counts: &mut [u64]) {
    match (keys[0].stored(), keys.get(1).map(Key::stored)) {
        (Codes::One(a), None) => bytes(&a[from..], words, counts),
        (Codes::Two(a), None) => one(&a[from..], words, counts),
        (Codes::One(a), Some(Codes::One(b))) => two((&a[from..], &b[from..]), words, width, counts),
        (Codes::Two(a), Some(Codes::One(b))) => two((&a[from..], &b[from..]), words, width, counts),
        (Codes::One(a), Some(Codes::Two(b))) => two((&a[from..], &b[from..]), words, width, counts),
        (a, b) => for_ones(words, |at| {
            let first = a.at(from + at) as usize;
            counts[b.map_or(first, |b| first * width + b.at(from + at) as usize)] += 1;
        }),
    }
}

/// Adds the rows of the members of a chunk, each of whose rows `rows_of` says, to `counts`, a table of the codes of rows.
pub(super) fn rows_counted(codes: &Codes, rows_of: impl Fn(usize) -> Range<usize>, words: &Words, counts: &mut [u64]) {
    let Codes::One(codes) = codes else {
        return for_ones(words, |at| codes.each(rows_of(at), |_, code| counts[code as usize] += 1));
    };
    let mut lanes = [[0_u32; 1 << 8]; LANES];
    // How many rows each member has is not to be guessed: as many as most have are taken together, those behind them are
    // written over by the next member's.
    let (mut taken, mut filled) = ([0_u8; ROOM + PIECE], 0);
    for_ones(words, |at| {
        let rows = rows_of(at);
        let Some(piece) = codes.get(rows.start..rows.start + PIECE).filter(|_| rows.len() <= PIECE) else {
            return add_codes(&codes[rows], &mut lanes);
        };
        taken[filled..filled + PIECE].copy_from_slice(piece);
        filled += rows.len();
        if filled >= ROOM {
            add_codes(&taken[..filled], &mut lanes);
            filled = 0;
        }
    });
    add_codes(&taken[..filled], &mut lanes);
    add_lanes(&lanes, counts);
}

fn add_codes(codes: &[u8], lanes: &mut [[u32; 1 << 8]; LANES]) {
    let (fours, rest) = codes.as_chunks::<LANES>();
    for four in fours {
        for (lane, code) in four.iter().enumerate() {
            lanes[lane][usize::from(*code)] += 1;
        }
    }
    for code in rest {
        lanes[0][usize::from(*code)] += 1;
    }
}

/// Codes of one byte have a table that every code is in, so that no look-up is checked.
fn bytes(codes: &[u8], words: &Words, counts: &mut [u64]) {
    let mut lanes = [[0_u32; 1 << 8]; LANES];
    for (block, word) in codes.chunks(64).zip(words).filter(|(_, word)| **word != 0) {
        if word.count_ones() < MOST || block.len() < 64 {
            let mut lane = 0;
            for_ones(&[*word], |bit| {
                lanes[lane % LANES][usize::from(block[bit])] += 1;
                lane += 1;
            });
            continue;
        }
        for (at, four) in block.chunks_exact(LANES).enumerate() {
            let bits = word >> (at * LANES);
            for (lane, code) in four.iter().enumerate() {
                lanes[lane][usize::from(*code)] += (bits >> lane & 1) as u32;
            }
        }
    }
    add_lanes(&lanes, counts);
}

fn add_lanes(lanes: &[[u32; 1 << 8]; LANES], counts: &mut [u64]) {
    for (code, count) in counts.iter_mut().enumerate().take(1 << 8) {
        *count += lanes.iter().map(|lane| u64::from(lane[code])).sum::<u64>();
    }
}

#[inline]
fn one<A: Copy + Into<u64>>(codes: &[A], words: &Words, counts: &mut [u64]) {
    spread(codes.len(), words, counts, |at| codes[at].into() as usize);
}

#[inline]
fn two<A: Copy + Into<u64>, B: Copy + Into<u64>>(
    (first, second): (&[A], &[B]),
    words: &Words,
    width: usize,
    counts: &mut [u64],
) {
    let places = first.len().min(second.len());
    spread(places, words, counts, |at| first[at].into() as usize * width + second[at].into() as usize);
}

/// Adds the members among so many places to `counts`, each where `group` says.
#[inline]
fn spread(places: usize, words: &Words, counts: &mut [u64], group: impl Fn(usize) -> usize) {
    if counts.len() > MAX_SPREAD {
        return for_ones(words, |at| counts[group(at)] += 1);
    }
    let mut lanes = vec![[0_u32; LANES]; counts.len()];
    for (at, word) in words.iter().enumerate().filter(|(_, word)| **word != 0) {
        let first = at * 64;
        if word.count_ones() < MOST || first + 64 > places {
            let mut lane = 0;
            for_ones(&[*word], |bit| {
                lanes[group(first + bit)][lane] += 1;
                lane = (lane + 1) % LANES;
            });
            continue;
        }
        for four in (0..64).step_by(LANES) {
            for lane in 0..LANES {
                lanes[group(first + four + lane)][lane] += (word >> (four + lane) & 1) as u32;
            }
        }
    }
    for (count, lanes) in counts.iter_mut().zip(&lanes) {
        *count += lanes.iter().map(|lane| u64::from(*lane)).sum::<u64>();
    }
}

#[cfg(test)]
mod tests {
    use super::super::set::{CHUNK, WORDS, fill};
    use super::*;

    #[test]
    fn members_are_counted_whatever_their_share() {
        let codes: Vec<u8> = (0..CHUNK - 10).map(|i| (i * 37 % 23) as u8).collect();
        for step in [1, 2, 3, 50] {
            let mut words = [0; WORDS];
            fill(&mut words, codes.len());
            (0..CHUNK).filter(|i| i % step != 0).for_each(|i| words[i / 64] &= !(1 << (i % 64)));
            let expected =
                |code: usize| 1 + codes.iter().step_by(step).filter(|c| usize::from(**c) == code).count() as u64;
            for count in [one as fn(&[u8], &Words, &mut [u64]), bytes] {
                let mut counts = [1; 23];
                count(&codes, &words, &mut counts);
                assert!(counts.iter().enumerate().all(|(code, count)| *count == expected(code)), "{step}");
            }
        }
    }
}
