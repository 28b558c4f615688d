//! A dense array of codes, one for each entity or row, and the scan of it that finds those of a set of codes.

use std::ops::Range;

use datafusion::arrow::buffer::ScalarBuffer;

use super::lanes::{Lanes, NEAR, near_within, read_soon};

/// So many ranges are tried one after the other; a longer list is looked up in a table.
const MAX_SCANNED_RANGES: usize = 8;

/// Codes up to this one are looked up in a table.
const MAX_TABLE: u64 = u16::MAX as u64;

/// Blocks of 64 codes that the memory is told of before they are read.
const AHEAD: usize = 16;

/// Codes of 1, 2, 4 or 8 bytes, or so many that follow each other from 1 on, which take none.
#[derive(Debug, Clone)]
pub(super) enum Codes {
    One(ScalarBuffer<u8>),
    Two(ScalarBuffer<u16>),
    Four(ScalarBuffer<u32>),
    Eight(ScalarBuffer<u64>),
    Row(usize),
    /// What the codes of one byte of another field tell, each by a table of 256.
    Told(ScalarBuffer<u8>, ScalarBuffer<u8>),
}

/// Codes of one byte, the lowest that is looked for, and how many above it are.
pub(super) type ByteRange<'a> = (&'a [u8], u8, u8);

impl Codes {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(codes) => codes.len(),
            Self::Two(codes) => codes.len(),
            Self::Four(codes) => codes.len(),
            Self::Eight(codes) => codes.len(),
            Self::Row(codes) => *codes,
            Self::Told(of, _) => of.len(),
        }
    }

    /// The code at a place.
    #[inline]
    pub(super) fn at(&self, place: usize) -> u64 {
        match self {
            Self::One(codes) => codes[place].into(),
            Self::Two(codes) => codes[place].into(),
            Self::Four(codes) => codes[place].into(),
            Self::Eight(codes) => codes[place],
            Self::Row(_) => place as u64 + 1,
            Self::Told(of, table) => table[usize::from(of[place])].into(),
        }
    }

    /// Calls `f` with each code of some places, and how far it is behind the first.
    #[inline]
    pub(super) fn each(&self, places: Range<usize>, mut f: impl FnMut(usize, u64)) {
        match self {
            Self::One(codes) => codes[places].iter().enumerate().for_each(|(place, code)| f(place, (*code).into())),
            Self::Two(codes) => codes[places].iter().enumerate().for_each(|(place, code)| f(place, (*code).into())),
            Self::Four(codes) => codes[places].iter().enumerate().for_each(|(place, code)| f(place, (*code).into())),
            Self::Eight(codes) => codes[places].iter().enumerate().for_each(|(place, code)| f(place, *code)),
            Self::Row(_) => places.enumerate().for_each(|(place, at)| f(place, at as u64 + 1)),
            Self::Told(of, table) => {
                of[places].iter().enumerate().for_each(|(place, of)| f(place, table[usize::from(*of)].into()));
            }
        }
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Told(_, table) => table.len(),
            _ => self.len() * self.width(),
        }
    }

    /// Bytes of one code.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Two(_) => 2,
            Self::Four(_) => 4,
            Self::Eight(_) => 8,
            Self::Row(_) | Self::Told(..) => 0,
        }
    }

    /// As a range of bytes that is looked for, where these are codes of one byte and `set` is one range of them.
    pub(super) fn byte_range(&self, set: &CodeSet) -> Option<ByteRange<'_>> {
        let Self::One(codes) = self else { return None };
        set.byte_span().map(|(low, span)| (&codes[..], low, span))
    }

    /// Sets the bits of those places of `from..to` whose code is in `set`; bit 0 of `out` is `from`. `out` is zero.
    pub(super) fn scan(&self, from: usize, to: usize, set: &CodeSet, out: &mut [u64]) {
        match self {
            Self::One(codes) => scan(&codes[from..to], set, out, u8::MAX),
            Self::Two(codes) => scan(&codes[from..to], set, out, u16::MAX),
            Self::Four(codes) => scan(&codes[from..to], set, out, u32::MAX),
            Self::Eight(codes) => scan(&codes[from..to], set, out, u64::MAX),
            Self::Row(_) => {
                let hits = (from..to).filter(|place| set.has(*place as u64 + 1)).map(|place| place - from);
                hits.for_each(|at| out[at / 64] |= 1 << (at % 64));
            }
            Self::Told(of, table) => {
                let mut hits = [0_u8; 1 << 8];
                hits.iter_mut().zip(table.iter()).for_each(|(hit, code)| *hit = set.has((*code).into()).into());
                blocks(&of[from..to], out, |block| one_by_one(block, |of| hits[usize::from(of)] == 1));
            }
        }
    }
}

fn scan<T: Lanes + TryFrom<u64> + Into<u64>>(codes: &[T], set: &CodeSet, out: &mut [u64], most: T) {
    let narrow = |code: u64| T::try_from(code).unwrap_or(most);
    let reached = set.ranges.iter().take_while(|(low, _)| *low <= most.into());
    // No list: it would be had anew for every few rows.
    let (mut ranges, mut known) = ([(T::default(), T::default()); MAX_SCANNED_RANGES + 1], 0);
    for ((low, high), range) in reached.zip(&mut ranges) {
        *range = (narrow(*low), narrow((*high).min(most.into()) - low));
        known += 1;
    }
    match &ranges[..known] {
        [] => {}
        [(low, span)] => blocks(codes, out, |block| T::within(block, *low, *span)),
        // More than were taken down here.
        ranges if ranges.len() > MAX_SCANNED_RANGES => {
            blocks(codes, out, |block| one_by_one(block, |code| set.has(code.into())));
        }
        ranges => {
            blocks(codes, out, |block| ranges.iter().fold(0, |word, (low, span)| word | T::within(block, *low, *span)));
        }
    }
}

/// The bits of those places of `from..to` whose code is in the range of each of `tests`, in `out`; its bit 0 is `from`. Two
/// are read side by side, which keeps the memory busier than one after the other, and no more, so that the loop is short
/// enough for the processor to look far ahead.
pub(super) fn scan_together(tests: &[ByteRange<'_>], (from, to): (usize, usize), out: &mut Vec<u64>) {
    out.clear();
    for (at, pair) in tests.chunks(2).enumerate() {
        let (first, second) = (pair[0], pair[pair.len() - 1]);
        let words = both((&first.0[from..to], first.1, first.2), (&second.0[from..to], second.1, second.2));
        if at == 0 {
            out.extend(words);
        } else {
            out.iter_mut().zip(words).for_each(|(out, word)| *out &= word);
        }
    }
    let rest = (to - from) % 64;
    if let Some(last) = out.last_mut().filter(|_| rest > 0) {
        *last &= (1 << rest) - 1;
    }
}

/// A bit for each of the 64 codes from a place on that is in a range; whatever is behind the last counts as 0.
#[inline]
pub(super) fn within_word((codes, low, span): &ByteRange<'_>, place: usize) -> u64 {
    let codes = &codes[place..];
    match codes.first_chunk() {
        Some(block) => u8::within(block, *low, *span),
        None => u8::within(&padded(codes), *low, *span),
    }
}

/// Whether the codes of one of few places are in the range of each of `tests`.
#[inline]
pub(super) fn some_together(tests: &[ByteRange<'_>], places: Range<usize>) -> bool {
    let mut at = places.start;
    while at < places.end {
        let own = u32::MAX >> 32_usize.saturating_sub(places.end - at);
        let hits = tests.iter().fold(own, |hits, (codes, low, span)| hits & near_at(codes, at, *low, *span));
        if hits != 0 {
            return true;
        }
        at += NEAR;
    }
    false
}

/// A bit for each of the [`NEAR`] codes from a place on: whether it is in a range.
#[inline]
fn near_at(codes: &[u8], at: usize, low: u8, span: u8) -> u32 {
    let codes = &codes[at..];
    match codes.first_chunk() {
        Some(near) => near_within(near, low, span),
        None => near_within(&padded(codes), low, span),
    }
}

/// A bit for each place whose codes are in both ranges, 64 places a word; any behind the last.
fn both<'a>(
    (first, low, span): ByteRange<'a>,
    (second, other_low, other_span): ByteRange<'a>,
) -> impl Iterator<Item = u64> + 'a {
    let word = move |a: &[u8; 64], b: &[u8; 64]| u8::within(a, low, span) & u8::within(b, other_low, other_span);
    let ((blocks, rest), (others, other_rest)) = (first.as_chunks::<64>(), second.as_chunks::<64>());
    let whole = blocks.iter().zip(others).enumerate().map(move |(at, (block, other))| {
        read_soon(blocks.get(at + AHEAD));
        read_soon(others.get(at + AHEAD));
        word(block, other)
    });
    whole.chain((!rest.is_empty()).then(|| word(&padded(rest), &padded(other_rest))))
}

/// Adds a bit for each code, 64 codes a word.
#[inline]
fn blocks<T: Copy + Default>(codes: &[T], out: &mut [u64], hits: impl Fn(&[T; 64]) -> u64) {
    let (blocks, rest) = codes.as_chunks::<64>();
    for ((at, block), word) in blocks.iter().enumerate().zip(&mut *out) {
        read_soon(blocks.get(at + AHEAD));
        *word |= hits(block);
    }
    if let Some(word) = out.get_mut(blocks.len()) {
        *word |= hits(&padded(rest)) & ((1 << rest.len()) - 1);
    }
}

/// A bit for each code of a block that `hits`.
#[inline]
fn one_by_one<T: Copy>(block: &[T; 64], hits: impl Fn(T) -> bool) -> u64 {
    block.iter().rev().fold(0, |word, code| word << 1 | u64::from(hits(*code)))
}

/// Fewer codes than are looked at together, as so many.
fn padded<T: Copy + Default, const N: usize>(rest: &[T]) -> [T; N] {
    let mut block = [T::default(); N];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// A set of codes: ascending ranges, both ends included, and a table of them where codes are small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodeSet {
    ranges: Vec<(u64, u64)>,
    table: Option<Vec<u8>>,
}

impl CodeSet {
    /// The codes of some ranges, which may overlap, of a column whose largest code is `last`.
    pub(super) fn new(mut ranges: Vec<(u64, u64)>, last: u64) -> Self {
        ranges.retain(|(low, high)| low <= high);
        ranges.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some((_, end)) if low <= end.saturating_add(1) => *end = (*end).max(high),
                _ => merged.push((low, high)),
            }
        }
        let table = (last <= MAX_TABLE).then(|| {
            let mut table = vec![0; last as usize + 1];
            for &(low, high) in &merged {
                (low..=high.min(last)).for_each(|code| table[code as usize] = 1);
            }
            table
        });
        Self { ranges: merged, table }
    }

    /// The lowest code and how many above it are in it, where it is one range of codes of one byte.
    pub(super) fn byte_span(&self) -> Option<(u8, u8)> {
        let [(low, high)] = self.ranges.as_slice() else { return None };
        let low = u8::try_from(*low).ok()?;
        Some((low, u8::try_from(*high).unwrap_or(u8::MAX) - low))
    }

    /// Whether a code is in it.
    #[inline]
    pub(super) fn has(&self, code: u64) -> bool {
        match &self.table {
            Some(table) => table.get(code as usize).is_some_and(|hit| *hit == 1),
            None => self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&code)),
        }
    }

    /// The codes up to `last` that are not in it.
    pub(super) fn opposite(&self, last: u64) -> Self {
        let mut ranges = Vec::new();
        let mut next = Some(0);
        for &(low, high) in &self.ranges {
            if let Some(start) = next.filter(|start| *start < low) {
                ranges.push((start, low - 1));
            }
            next = high.checked_add(1);
        }
        ranges.extend(next.filter(|start| *start <= last).map(|start| (start, last)));
        Self::new(ranges, last)
    }

    /// The codes of both.
    pub(super) fn with(&self, other: &Self, last: u64) -> Self {
        Self::new(self.ranges.iter().chain(&other.ranges).copied().collect(), last)
    }

    /// The codes that are in both.
    pub(super) fn within(&self, other: &Self, last: u64) -> Self {
        self.opposite(last).with(&other.opposite(last), last).opposite(last)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Each code, ascending, up to `last`.
    pub(super) fn each(&self, last: u64) -> impl Iterator<Item = u64> + '_ {
        self.ranges.iter().flat_map(move |(low, high)| *low..=(*high).min(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_finds_what_a_look_at_each_code_finds() {
        let codes: Vec<u8> = (0..200).map(|i| (i * 37 % 23) as u8).collect();
        let column = Codes::One(codes.clone().into());
        for ranges in [vec![(3, 7)], vec![(0, 0), (22, 22)], vec![(0, 0), (2, 2), (4, 5), (8, 8), (12, 12)], vec![]] {
            let set = CodeSet::new(ranges, 22);
            let mut out = vec![0; 4];
            column.scan(5, 190, &set, &mut out);
            for (i, code) in codes[5..190].iter().enumerate() {
                assert_eq!(out[i / 64] >> (i % 64) & 1 == 1, set.has((*code).into()));
                assert_ne!(set.has((*code).into()), set.opposite(22).has((*code).into()));
            }
        }
    }

    #[test]
    fn ranges_that_are_looked_for_together_are_found_as_one_by_one() {
        let column = |step: u32| Codes::One((0..400).map(|i| (i * step % 23) as u8).collect::<Vec<u8>>().into());
        let (a, b) = (column(37), column(5));
        let (few, most) = (CodeSet::new(vec![(3, 7)], 22), CodeSet::new(vec![(2, 900)], 900));
        for (from, to) in [(0_usize, 400_usize), (7, 391), (64, 128), (5, 5), (9, 40)] {
            let scan = |codes: &Codes, set: &CodeSet| {
                let mut out = vec![0; (to - from).div_ceil(64)];
                codes.scan(from, to, set, &mut out);
                out
            };
            let expected: Vec<u64> = scan(&a, &few).iter().zip(scan(&b, &most)).map(|(a, b)| a & b).collect();
            let mut out = vec![0; expected.len()];
            let (few, most) = (a.byte_range(&few).unwrap(), b.byte_range(&most).unwrap());
            for tests in [&[few, most][..], &[most, few, most]] {
                scan_together(tests, (from, to), &mut out);
                assert_eq!(out, expected);
            }
        }
        assert!(a.byte_range(&CodeSet::new(vec![(1, 2), (5, 6)], 22)).is_none());
        assert!(a.byte_range(&CodeSet::new(vec![(300, 301)], 900)).is_none());
    }

    #[test]
    fn a_long_list_is_found_among_codes_of_any_width() {
        let codes: Vec<u32> = (0..300).map(|i| i * 7919 % 1000 * 1000).collect();
        let ranges: Vec<(u64, u64)> = (0..40).map(|i| (i * 25_000, i * 25_000 + 3000)).collect();
        let set = CodeSet::new(ranges, 1_000_000);
        let mut out = vec![0; 5];
        Codes::Four(codes.clone().into()).scan(0, 300, &set, &mut out);
        let found = |i: usize| out[i / 64] >> (i % 64) & 1 == 1;
        assert!(codes.iter().enumerate().all(|(i, code)| found(i) == set.has((*code).into())));
        assert!((0..300).any(found));
    }

    #[test]
    fn sets_are_joined_and_cut() {
        let (a, b) = (CodeSet::new(vec![(1, 5), (9, u64::MAX)], u64::MAX), CodeSet::new(vec![(4, 10)], u64::MAX));
        assert_eq!(a.with(&b, u64::MAX), CodeSet::new(vec![(1, u64::MAX)], u64::MAX));
        assert_eq!(a.within(&b, u64::MAX), CodeSet::new(vec![(4, 5), (9, 10)], u64::MAX));
        assert_eq!(a.opposite(u64::MAX), CodeSet::new(vec![(0, 0), (6, 8)], u64::MAX));
    }
}
