//! Room for bits: in pages as large as the system has them, where it is large.

use std::ops::{Deref, DerefMut};

use super::map;

/// Bytes of a large page.
const PAGE: usize = 2 << 20;

/// So many words.
#[derive(Debug)]
pub(super) enum Room {
    Plain(Vec<u64>),
    /// The words, and how many of them there are.
    Large(memmap2::MmapMut, usize),
}

impl Room {
    /// So many words, all zero.
    pub(super) fn of(words: usize) -> Self {
        let bytes = words * size_of::<u64>();
        // Whole pages: the system has no large one for part of it.
        let large = (bytes > PAGE / 2).then(|| map::large(bytes.next_multiple_of(PAGE)));
        match large {
            Some(Ok(memory)) => Self::Large(memory, words),
            Some(Err(_)) | None => Self::Plain(vec![0; words]),
        }
    }
}

impl Deref for Room {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        match self {
            Self::Plain(words) => words,
            Self::Large(memory, words) => &bytemuck::cast_slice(memory)[..*words],
        }
    }
}

impl DerefMut for Room {
    fn deref_mut(&mut self) -> &mut [u64] {
        match self {
            Self::Plain(words) => words,
            Self::Large(memory, words) => &mut bytemuck::cast_slice_mut(memory)[..*words],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_words_as_asked_for_and_all_are_zero() {
        for words in [0, 1, 1000, PAGE / 8, PAGE / 8 + 1000] {
            let mut room = Room::of(words);
            assert!(room.len() == words && room.iter().all(|word| *word == 0));
            room.fill(u64::MAX);
            assert!(room.iter().all(|word| *word == u64::MAX));
        }
    }
}
