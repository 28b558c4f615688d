//! Whose each row is, and where the rows of each entity come to lie.

use super::source::{Raw, Values};

/// A row that belongs to no entity.
pub(super) const NOBODY: u32 = u32::MAX;

/// A table that direct look-up of keys may take, in entries for each entity.
const DIRECT: i128 = 4;

/// Whole numbers of a column.
pub(super) fn wholes(raw: &Raw) -> Box<dyn Iterator<Item = i64> + '_> {
    match &raw.values {
        Values::Narrow(values) => Box::new(values.iter().map(|v| i64::from(*v))),
        Values::Wide(values) => Box::new(values.iter().copied()),
        Values::Floats(_) | Values::Texts(..) => Box::new(std::iter::empty()),
    }
}

/// Key → ordinal.
#[derive(Debug)]
pub(super) enum Lookup {
    /// So many keys follow each other from this one on.
    Row(i64, u32),
    /// By the key less the first.
    Direct(i64, Vec<u32>),
    /// Ascending.
    Sorted(Vec<(i64, u32)>),
}

impl Lookup {
    /// None where a key is there twice.
    pub(super) fn of(mut keys: Box<dyn Iterator<Item = i64> + '_>) -> Option<Self> {
        // A row of keys takes no room, also where there are very many.
        let Some(first) = keys.next() else { return Some(Self::Row(0, 0)) };
        let mut count = 1_u32;
        let follows = |count: u32| first.checked_add(i64::from(count));
        let broken = keys.by_ref().find(|key| {
            let next = Some(*key) == follows(count);
            count += u32::from(next);
            !next
        });
        let Some(broken) = broken else { return Some(Self::Row(first, count)) };
        let row = (0..count).filter_map(follows);
        let mut pairs: Vec<(i64, u32)> = row.chain([broken]).chain(keys).zip(0..).collect();
        if !pairs.is_sorted() {
            pairs.sort_unstable();
        }
        if pairs.windows(2).any(|two| two[0].0 == two[1].0) {
            return None;
        }
        let (Some((first, _)), Some((last, _))) = (pairs.first(), pairs.last()) else {
            return Some(Self::Sorted(pairs));
        };
        let span = i128::from(*last) - i128::from(*first) + 1;
        if span > DIRECT * pairs.len() as i128 {
            return Some(Self::Sorted(pairs));
        }
        let mut table = vec![NOBODY; usize::try_from(span).ok()?];
        for (key, at) in &pairs {
            table[key.wrapping_sub(*first) as usize] = *at;
        }
        Some(Self::Direct(*first, table))
    }

    pub(super) fn at(&self, key: i64) -> u32 {
        let behind = |first: i64| i128::from(key) - i128::from(first);
        match self {
            Self::Row(first, count) => u32::try_from(behind(*first)).ok().filter(|at| at < count).unwrap_or(NOBODY),
            Self::Direct(first, table) => {
                let at = usize::try_from(behind(*first)).ok();
                at.and_then(|at| table.get(at)).copied().unwrap_or(NOBODY)
            }
            Self::Sorted(pairs) => {
                pairs.binary_search_by_key(&key, |(key, _)| *key).map_or(NOBODY, |place| pairs[place].1)
            }
        }
    }
}

/// The entity of each row.
pub(super) fn owners(raw: &Raw, lookup: &Lookup) -> Vec<u32> {
    let mut before = None;
    let owner = |(place, key): (usize, i64)| {
        if raw.is_missing(place) {
            return NOBODY;
        }
        // Rows of one entity mostly follow each other.
        match before {
            Some((known, at)) if known == key => at,
            _ => {
                let at = lookup.at(key);
                before = Some((key, at));
                at
            }
        }
    };
    wholes(raw).enumerate().map(owner).collect()
}

/// Where the rows of each entity begin, and the order that puts them so; none where they are in it already.
pub(super) fn placed(owners: &[u32], entities: usize) -> (Vec<u32>, Option<Vec<u32>>) {
    let mut starts = vec![0_u32; entities + 1];
    for owner in owners.iter().filter(|owner| **owner != NOBODY) {
        starts[*owner as usize + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let sorted = owners.is_sorted() && owners.last().is_none_or(|last| *last != NOBODY);
    let order = (!sorted).then(|| {
        let mut next = starts.clone();
        let mut order = vec![0; sum as usize];
        for (row, owner) in owners.iter().enumerate().filter(|(_, owner)| **owner != NOBODY) {
            let at = &mut next[*owner as usize];
            order[*at as usize] = row as u32;
            *at += 1;
        }
        order
    });
    (starts, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_to_their_entities() {
        let keys: Vec<i64> = vec![30, 10, 20];
        let lookup = Lookup::of(Box::new(keys.into_iter())).unwrap();
        let raw = Raw {
            values: Values::Wide(vec![20, 30, 0, 20, 99, 10]),
            missing: Some(vec![false, false, true, false, false, false]),
        };
        let owners = owners(&raw, &lookup);
        assert_eq!(owners, [2, 0, NOBODY, 2, NOBODY, 1]);
        let (starts, order) = placed(&owners, 3);
        assert_eq!((starts, order), (vec![0, 1, 2, 4], Some(vec![1, 5, 0, 3])));
        assert!(Lookup::of(Box::new([1, 2, 1].into_iter())).is_none());
        let row = Lookup::of(Box::new(5..8)).unwrap();
        assert!(matches!(row, Lookup::Row(5, 3)));
        assert_eq!([4, 5, 7, 8, i64::MIN].map(|key| row.at(key)), [NOBODY, 0, 2, NOBODY, NOBODY]);
        let broken = Lookup::of(Box::new([5, 6, 9].into_iter())).unwrap();
        assert_eq!([6, 7, 9].map(|key| broken.at(key)), [1, NOBODY, 2]);
        let far = Lookup::of(Box::new([1, i64::MAX, -5].into_iter())).unwrap();
        assert_eq!([far.at(i64::MAX), far.at(-5), far.at(2)], [1, 2, NOBODY]);
    }
}
