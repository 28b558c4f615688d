//! Where the rows of each entity begin: in a byte or two an entity, where the rows of neighbours are few enough.

use datafusion::arrow::buffer::ScalarBuffer;

use super::set::CHUNK;

/// Entities of one block, whose starts are told in two bytes from where the rows of the first of them begin.
const BLOCK: usize = 1 << 10;

/// Entities of one block whose starts are told in a byte, as a power of two: the first of these that will do.
const NEAR_BLOCKS: [u32; 5] = [7, 6, 5, 4, 3];

/// Where the rows of each entity begin, and where the last one's end.
#[derive(Debug, Clone)]
pub(super) enum Starts {
    /// As they are.
    Wide(ScalarBuffer<u32>),
    /// Where each block begins, and how far behind that each entity.
    Narrow(ScalarBuffer<u32>, ScalarBuffer<u16>),
    /// The same in a byte; blocks are of two to the power of the number.
    Near(u32, ScalarBuffer<u32>, ScalarBuffer<u8>),
}

impl Starts {
    /// Of `starts`, ascending: one more than there are entities.
    pub(super) fn of(starts: Vec<u32>) -> Self {
        for power in NEAR_BLOCKS {
            if let Some(behind) = behind(&starts, 1 << power) {
                return Self::Near(power, firsts(&starts, 1 << power), behind.into());
            }
        }
        match behind(&starts, BLOCK) {
            Some(behind) => Self::Narrow(firsts(&starts, BLOCK), behind.into()),
            None => Self::Wide(starts.into()),
        }
    }

    /// How many entities there are; none where these are no starts at all.
    pub(super) fn entities(&self) -> Option<usize> {
        let (starts, blocks) = match self {
            Self::Wide(starts) => (starts.len(), None),
            Self::Narrow(firsts, behind) => (behind.len(), Some((firsts.len(), BLOCK))),
            Self::Near(power, firsts, behind) => (behind.len(), Some((firsts.len(), 1_usize.checked_shl(*power)?))),
        };
        starts.checked_sub(1).filter(|_| blocks.is_none_or(|(firsts, block)| firsts == starts.div_ceil(block)))
    }

    /// Where the rows of an entity begin; those of one past the last, where all end.
    #[inline]
    pub(super) fn at(&self, entity: usize) -> usize {
        match self {
            Self::Wide(starts) => starts[entity] as usize,
            Self::Narrow(firsts, behind) => firsts[entity / BLOCK] as usize + usize::from(behind[entity]),
            Self::Near(power, firsts, behind) => firsts[entity >> power] as usize + usize::from(behind[entity]),
        }
    }

    /// The first row of a chunk of entities, and one past its last.
    pub(super) fn span(&self, chunk: usize) -> (usize, usize) {
        let entities = self.entities().unwrap_or_default();
        let at = |place: usize| self.at(place.min(entities));
        (at(chunk * CHUNK), at((chunk + 1) * CHUNK))
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Wide(starts) => starts.len() * 4,
            Self::Narrow(firsts, behind) => firsts.len() * 4 + behind.len() * 2,
            Self::Near(_, firsts, behind) => firsts.len() * 4 + behind.len(),
        }
    }
}

/// Where each block begins.
fn firsts(starts: &[u32], block: usize) -> ScalarBuffer<u32> {
    starts.iter().step_by(block).copied().collect()
}

/// How far behind the first of its block each is; none where that does not fit.
fn behind<T: TryFrom<u32>>(starts: &[u32], block: usize) -> Option<Vec<T>> {
    starts.chunks(block).flat_map(|block| block.iter().map(|start| T::try_from(start - block[0]).ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_the_same_in_any_form() {
        for (step, bytes) in [(1, 3000 + 24 * 4), (3, 3000 + 47 * 4), (40, 6000 + 3 * 4), (65, 12_000)] {
            let starts: Vec<u32> = (0..3000).map(|i| i * step).collect();
            let made = Starts::of(starts.clone());
            assert_eq!(made.bytes(), bytes, "{step}");
            assert_eq!(made.entities(), Some(2999));
            assert!(starts.iter().enumerate().all(|(i, start)| made.at(i) == *start as usize));
        }
        assert_eq!(Starts::of(vec![0]).entities(), Some(0));
        assert_eq!(Starts::of(Vec::new()).entities(), None);
    }
}
