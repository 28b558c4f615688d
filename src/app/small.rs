//! Which of several sums may be told without a small group becoming known by adding and subtracting.
//!
//! Each number is a sum of groups that no two share. What can be computed from the numbers that are told is
//! what lies in their span; no group, and no union of groups, of 1 to min − 1 may lie there.

use std::ops::Range;

/// A number as the groups that it is the sum of, and those groups' sizes.
#[derive(Debug, Clone)]
pub(super) struct Amount {
    sizes: Vec<u64>,
    of: Vec<bool>,
}

impl Amount {
    /// The sum of some neighbouring groups.
    pub(super) fn of(groups: &[u64], range: Range<usize>) -> Self {
        Self { sizes: groups.to_vec(), of: (0..groups.len()).map(|i| range.contains(&i)).collect() }
    }

    fn row(&self) -> Vec<f64> {
        self.of.iter().map(|b| f64::from(u8::from(*b))).collect()
    }
}

/// The names of the amounts that may be told, taking them in order; `known` are told whatever they are.
pub(super) fn shown<N: Copy + PartialEq>(amounts: &[(N, Amount)], min_group: u64, known: &[N]) -> Vec<N> {
    let (first, rest): (Vec<_>, Vec<_>) = amounts.iter().partition(|(name, _)| known.contains(name));
    let mut names: Vec<N> = first.iter().map(|(name, _)| *name).collect();
    let mut rows: Vec<Vec<f64>> = first.iter().map(|(_, amount)| amount.row()).collect();
    let unavoidable = leaks(&rows, amounts, min_group);
    for (name, amount) in rest {
        rows.push(amount.row());
        if leaks(&rows, amounts, min_group) > unavoidable {
            rows.pop();
        } else {
            names.push(*name);
        }
    }
    names
}

/// How many small unions of groups can be computed from `rows`.
fn leaks<N>(rows: &[Vec<f64>], amounts: &[(N, Amount)], min_group: u64) -> usize {
    let Some((_, Amount { sizes, .. })) = amounts.first() else { return 0 };
    let rank = rank(rows.to_vec());
    let unions = (1_u32..1 << sizes.len()).map(|bits| (0..sizes.len()).map(|i| bits >> i & 1 == 1).collect());
    unions
        .filter(|of: &Vec<bool>| {
            let size: u64 = sizes.iter().zip(of).filter(|(_, b)| **b).map(|(n, _)| n).sum();
            let union = Amount { sizes: Vec::new(), of: of.clone() };
            let with = rows.iter().cloned().chain([union.row()]).collect();
            (1..min_group).contains(&size) && self::rank(with) == rank
        })
        .count()
}

/// How many of the rows are independent.
fn rank(mut rows: Vec<Vec<f64>>) -> usize {
    const ZERO: f64 = 1e-9;
    let width = rows.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in 0..width {
        let Some(pivot) = (rank..rows.len()).find(|&i| rows[i][column].abs() > ZERO) else { continue };
        rows.swap(rank, pivot);
        let top = rows[rank].clone();
        for row in rows.iter_mut().skip(rank + 1) {
            let factor = row[column] / top[column];
            row.iter_mut().zip(&top).for_each(|(value, above)| *value -= factor * above);
        }
        rank += 1;
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps `a ≥ b ≥ c` with `c` parted in two.
    fn told(dropped: [u64; 2], held: u64, exported: u64, known: &[&'static str]) -> Vec<&'static str> {
        let groups = [dropped[0], dropped[1], held, exported];
        let of = |range| Amount::of(&groups, range);
        let amounts = [("a", of(0..4)), ("e", of(3..4)), ("h", of(2..3)), ("b", of(1..4)), ("c", of(2..4))];
        let mut names = shown(&amounts, 5, known);
        names.sort_unstable();
        names
    }

    #[test]
    fn nothing_small_is_told_or_can_be_computed() {
        assert_eq!(told([10, 20], 30, 40, &[]), ["a", "b", "c", "e", "h"]);
        assert_eq!(told([0, 0], 0, 40, &[]), ["a", "b", "c", "e", "h"], "zero is not small");
        // 3 dropped: those before and after cannot both stand.
        assert_eq!(told([3, 20], 30, 40, &[]), ["a", "c", "e", "h"]);
        // 2 held out: neither they, nor what they and the exported make, beside the exported.
        assert_eq!(told([10, 20], 2, 40, &[]), ["a", "b", "e"]);
        // 2 + 2 dropped: the sum of held out and exported would tell it.
        assert_eq!(told([2, 2], 30, 40, &[]), ["a", "e"]);
        assert_eq!(told([10, 20], 30, 3, &[]), ["a", "b", "h"]);
        assert_eq!(told([1, 1], 0, 2, &[]), ["h"], "that nobody is held out tells of nobody");
        // Files tell their rows whatever they are.
        assert_eq!(told([10, 20], 2, 40, &["e", "h"]), ["a", "b", "c", "e", "h"]);
        assert_eq!(told([2, 2], 30, 40, &["e", "h"]), ["c", "e", "h"]);
    }
}
