//! Counting the members of a chunk by the codes of one or two keys, with the widths of the codes known to the loop.

use super::codes::Codes;
use super::keys::Key;
use super::set::{Words, for_ones};

/// Adds the members of a chunk, whose first is `from`, to `counts`: a table of the stored codes of the keys, the second
/// key's `width` wide.
pub(super) fn counted(keys: &[Key<'_>], from: usize, words: &Words, width: usize, counts: &mut [u64]) {
    match (keys[0].stored(), keys.get(1).map(Key::stored)) {
        (Codes::One(a), None) => one(&a[from..], words, counts),
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

#[inline]
fn one<A: Copy + Into<u64>>(codes: &[A], words: &Words, counts: &mut [u64]) {
    for_ones(words, |at| counts[codes[at].into() as usize] += 1);
}

#[inline]
fn two<A: Copy + Into<u64>, B: Copy + Into<u64>>(
    (first, second): (&[A], &[B]),
    words: &Words,
    width: usize,
    counts: &mut [u64],
) {
    for_ones(words, |at| counts[first[at].into() as usize * width + second[at].into() as usize] += 1);
}
