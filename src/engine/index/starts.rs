//! Where the rows of each entity begin: in two bytes an entity, where the rows of neighbours are few enough.

use datafusion::arrow::buffer::ScalarBuffer;

/// Entities of one block, whose starts are told from where the rows of the first of them begin.
const BLOCK: usize = 1 << 10;

/// Where the rows of each entity begin, and where the last one's end.
#[derive(Debug, Clone)]
pub(super) enum Starts {
    /// As they are.
    Wide(ScalarBuffer<u32>),
    /// Where each block begins, and how far behind that each entity.
    Narrow(ScalarBuffer<u32>, ScalarBuffer<u16>),
}

impl Starts {
    /// Of `starts`, ascending: one more than there are entities.
    pub(super) fn of(starts: Vec<u32>) -> Self {
        let offsets: Option<Vec<u16>> = starts
            .chunks(BLOCK)
            .flat_map(|block| block.iter().map(|start| u16::try_from(start - block[0]).ok()))
            .collect();
        match offsets {
            Some(offsets) => Self::Narrow(starts.iter().step_by(BLOCK).copied().collect(), offsets.into()),
            None => Self::Wide(starts.into()),
        }
    }

    /// How many entities there are; none where these are no starts at all.
    pub(super) fn entities(&self) -> Option<usize> {
        match self {
            Self::Wide(starts) => starts.len().checked_sub(1),
            Self::Narrow(firsts, offsets) => {
                offsets.len().checked_sub(1).filter(|_| firsts.len() == offsets.len().div_ceil(BLOCK))
            }
        }
    }

    /// Where the rows of an entity begin; those of one past the last, where all end.
    #[inline]
    pub(super) fn at(&self, entity: usize) -> usize {
        match self {
            Self::Wide(starts) => starts[entity] as usize,
            Self::Narrow(firsts, offsets) => firsts[entity / BLOCK] as usize + usize::from(offsets[entity]),
        }
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Wide(starts) => starts.len() * 4,
            Self::Narrow(firsts, offsets) => firsts.len() * 4 + offsets.len() * 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_the_same_in_either_form() {
        for (step, narrow) in [(3, true), (65, false)] {
            let starts: Vec<u32> = (0..3000).map(|i| i * step).collect();
            let made = Starts::of(starts.clone());
            assert_eq!(matches!(made, Starts::Narrow(..)), narrow);
            assert_eq!(made.entities(), Some(2999));
            assert!(starts.iter().enumerate().all(|(i, start)| made.at(i) == *start as usize));
        }
        assert_eq!(Starts::of(vec![0]).entities(), Some(0));
        assert_eq!(Starts::of(Vec::new()).entities(), None);
    }
}
