//! Which groups are hidden for being small, and which further ones so that no total gives them away.
//!
//! A group of 1 to `min` - 1 is hidden. Where groups add up to a number that is known, hidden ones could be
//! found by subtraction: so the smallest of the others are hidden too, until every total has at least two
//! hidden groups which are together no small group, and which could be split in more than one way.
//!
//! In a two-way table each row and each column has a total, as a breakdown by its key alone would show it;
//! those that such a breakdown hides have one total together. Totals combine: a hidden cell is determined
//! exactly where it lies on no cycle of hidden cells through rows and columns (a bridge of the graph whose
//! nodes are rows and columns and whose edges are hidden cells), so no small one may. Where a table lists no
//! empty cells, a cell that is missing may be empty or hidden, and there may be nothing more to hide in a row.

use std::collections::BTreeMap;

/// A total that groups add up to; none where they overlap.
pub(super) type Line = Option<usize>;

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// The totals it is part of: of its row and of its column.
    pub lines: [Line; 2],
    /// Its size.
    pub count: u64,
    /// Whether it must not be shown.
    pub hidden: bool,
}

impl Cell {
    pub(super) fn new(lines: [Line; 2], count: u64) -> Self {
        Self { lines, count, hidden: false }
    }
}

/// Whether a group of `count` is small: 0 is not, and with a minimum of 0 or 1 nothing is.
#[must_use]
pub fn is_small(count: u64, min: u64) -> bool {
    count > 0 && count < min
}

/// Hides what must be hidden. Answers whether anything can be shown at all: not where all groups
/// together would still tell the size of each.
pub(super) fn hide(cells: &mut [Cell], min: u64) -> bool {
    for cell in cells.iter_mut() {
        cell.hidden = is_small(cell.count, min);
    }
    if cells.iter().all(|c| !c.hidden) {
        return true;
    }
    let lines = members(cells);
    let mut more = true;
    while more {
        more = false;
        for line in lines.values() {
            while is_told(cells, line, min) && hide_smallest(cells, line, &lines) {
                more = true;
            }
        }
        more |= break_bridges(cells, &lines, min);
    }
    let one_total = lines.len() == 1 && cells.iter().all(|c| c.lines.iter().any(Option::is_some));
    !(one_total && lines.values().all(|line| is_told(cells, line, min)))
}

/// The totals of the rows, or of the columns, of a table: for each cell, the one that it is part of.
/// `of` tells which row each cell is in. Where rows `overlap` they do not add up to anything, and those
/// that are hidden have no total at all.
pub(super) fn margins(of: &[usize], counts: &[u64], overlap: bool, min: u64) -> Vec<Line> {
    let mut sums: BTreeMap<usize, u64> = BTreeMap::new();
    for (row, count) in of.iter().zip(counts) {
        *sums.entry(*row).or_default() += count;
    }
    let whole = if overlap { None } else { Some(0) };
    let mut rows: Vec<Cell> = sums.values().map(|&sum| Cell::new([whole, None], sum)).collect();
    hide(&mut rows, min);
    let together = sums.keys().next_back().map(|last| last + 1).filter(|_| !overlap);
    let line = |(&row, cell): (&usize, &Cell)| (row, if cell.hidden { together } else { Some(row) });
    let lines: BTreeMap<usize, Line> = sums.keys().zip(&rows).map(line).collect();
    of.iter().map(|row| lines.get(row).copied().flatten()).collect()
}

/// Line → its cells.
fn members(cells: &[Cell]) -> BTreeMap<usize, Vec<usize>> {
    let mut lines: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate() {
        for line in cell.lines.iter().flatten() {
            lines.entry(*line).or_default().push(at);
        }
    }
    lines
}

/// Whether the total of a line tells the size of a hidden cell, or of a small group of them.
fn is_told(cells: &[Cell], line: &[usize], min: u64) -> bool {
    let hidden: Vec<u64> = line.iter().map(|&at| &cells[at]).filter(|c| c.hidden).map(|c| c.count).collect();
    if hidden.is_empty() {
        return false;
    }
    let (sum, number) = (hidden.iter().sum::<u64>(), hidden.len() as u64);
    let least = sum == number && !hidden.contains(&0);
    let most = hidden.iter().all(|&n| is_small(n, min)) && sum == number * (min - 1);
    number < 2 || sum < min || least || most
}

/// Hides the smallest cell of a line that is shown: best one that is not alone in its other line, whose total
/// would tell it; empty ones last.
fn hide_smallest(cells: &mut [Cell], line: &[usize], lines: &BTreeMap<usize, Vec<usize>>) -> bool {
    let is_alone = |at: usize| {
        let around = cells[at].lines.iter().flatten().map(|l| &lines[l]);
        around
            .filter(|l| l.len() != line.len() || l.first() != line.first())
            .any(|l| !l.iter().any(|&other| other != at && cells[other].count > 0))
    };
    let shown = line.iter().copied().filter(|&at| !cells[at].hidden);
    let worth = |&at: &usize| (cells[at].count == 0, is_alone(at), cells[at].count);
    let Some(at) = shown.min_by_key(worth) else { return false };
    cells[at].hidden = true;
    true
}

/// Hides a further cell beside each small one that the totals together determine.
fn break_bridges(cells: &mut [Cell], lines: &BTreeMap<usize, Vec<usize>>, min: u64) -> bool {
    let mut more = false;
    for at in bridges(cells) {
        if is_small(cells[at].count, min) {
            let around = cells[at].lines;
            more |= around.iter().flatten().any(|line| hide_smallest(cells, &lines[line], lines));
        }
    }
    more
}

/// Hidden cells that lie on no cycle. Where a cell has no total on one side, that side is one node which
/// all such cells share.
fn bridges(cells: &[Cell]) -> Vec<usize> {
    let free = cells.iter().flat_map(|c| c.lines).flatten().max().map_or(0, |m| m + 1);
    let mut around: Vec<Vec<(usize, usize)>> = vec![Vec::new(); free + 1];
    for (at, cell) in cells.iter().enumerate().filter(|(_, c)| c.hidden) {
        let [a, b] = cell.lines.map(|line| line.unwrap_or(free));
        if a != b {
            around[a].push((b, at));
            around[b].push((a, at));
        }
    }
    Walk { around: &around, reached: vec![0; free + 1], low: vec![0; free + 1], clock: 0, found: Vec::new() }.all()
}

/// Tarjan's walk for bridges, with a stack of its own: tables can be large.
struct Walk<'a> {
    around: &'a [Vec<(usize, usize)>],
    /// When each node was reached; 0 for not yet.
    reached: Vec<usize>,
    /// The earliest node that is reached from below it.
    low: Vec<usize>,
    clock: usize,
    found: Vec<usize>,
}

impl Walk<'_> {
    fn all(mut self) -> Vec<usize> {
        for start in 0..self.around.len() {
            if self.reached[start] == 0 {
                self.from(start);
            }
        }
        self.found
    }

    fn from(&mut self, start: usize) {
        // A node, the edge it was reached by, and how many of its edges are done.
        let mut stack = vec![(start, usize::MAX, 0)];
        self.reach(start);
        while let Some((node, by, done)) = stack.pop() {
            match self.around[node].get(done) {
                Some(&(next, edge)) => {
                    stack.push((node, by, done + 1));
                    if edge == by {
                    } else if self.reached[next] == 0 {
                        self.reach(next);
                        stack.push((next, edge, 0));
                    } else {
                        self.low[node] = self.low[node].min(self.reached[next]);
                    }
                }
                None => {
                    if let Some(&(parent, _, _)) = stack.last() {
                        self.low[parent] = self.low[parent].min(self.low[node]);
                        if self.low[node] > self.reached[parent] {
                            self.found.push(by);
                        }
                    }
                }
            }
        }
    }

    fn reach(&mut self, node: usize) {
        self.clock += 1;
        self.reached[node] = self.clock;
        self.low[node] = self.clock;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn one_way(counts: &[u64]) -> Vec<Cell> {
        counts.iter().map(|&n| Cell::new([Some(0), None], n)).collect()
    }

    /// A table; cells of `None` are not listed at all.
    fn table(rows: &[Vec<Option<u64>>], min: u64) -> Vec<Cell> {
        let mut cells: Vec<(usize, usize, u64)> = Vec::new();
        for (r, row) in rows.iter().enumerate() {
            cells.extend(row.iter().enumerate().filter_map(|(c, n)| n.map(|n| (r, c, n))));
        }
        let counts: Vec<u64> = cells.iter().map(|c| c.2).collect();
        let of_rows = margins(&cells.iter().map(|c| c.0).collect::<Vec<_>>(), &counts, false, min);
        let of_columns = margins(&cells.iter().map(|c| 1000 + c.1).collect::<Vec<_>>(), &counts, false, min);
        of_rows.into_iter().zip(of_columns).zip(counts).map(|((r, c), n)| Cell::new([r, c], n)).collect()
    }

    fn full(rows: &[Vec<u64>], min: u64) -> Vec<Cell> {
        table(&rows.iter().map(|row| row.iter().copied().map(Some).collect()).collect::<Vec<_>>(), min)
    }

    fn hidden(cells: &[Cell]) -> Vec<usize> {
        cells.iter().enumerate().filter(|(_, c)| c.hidden).map(|(at, _)| at).collect()
    }

    fn hidden_of(counts: &[u64]) -> Vec<usize> {
        let mut cells = one_way(counts);
        assert!(hide(&mut cells, 5));
        hidden(&cells)
    }

    #[test]
    fn a_small_group_takes_the_smallest_other_with_it() {
        assert_eq!(hidden_of(&[100, 3, 0, 20, 50]), [1, 3]);
        assert_eq!(hidden_of(&[100, 3, 4, 20]), [1, 2]);
        assert_eq!(hidden_of(&[100, 0, 20]), [0; 0]);
    }

    #[test]
    fn hidden_groups_together_are_no_small_group_and_not_all_alike() {
        assert_eq!(hidden_of(&[100, 1, 1, 20]), [1, 2, 3]);
        assert_eq!(hidden_of(&[100, 4, 4, 20]), [1, 2, 3]);
        assert_eq!(hidden_of(&[100, 1, 1, 1, 1, 1, 20]), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn nothing_is_shown_where_all_groups_are_of_one() {
        assert!(!hide(&mut one_way(&[1; 7]), 5));
        assert!(hide(&mut one_way(&[1, 1, 1, 1, 1, 1, 1, 0]), 5));
    }

    #[test]
    fn overlapping_groups_have_no_total() {
        let mut cells = [Cell::new([None, None], 3), Cell::new([None, None], 100)];
        assert!(hide(&mut cells, 5));
        assert_eq!(hidden(&cells), [0]);
    }

    #[test]
    fn with_no_minimum_nothing_is_hidden() {
        for min in [0, 1] {
            let mut cells = one_way(&[1, 2, 3]);
            assert!(hide(&mut cells, min));
            assert_eq!(hidden(&cells), [0; 0]);
        }
    }

    #[test]
    fn a_cell_of_a_table_takes_one_of_its_row_one_of_its_column_and_one_where_those_meet() {
        let mut cells = full(&[vec![3, 10, 90], vec![20, 30, 90], vec![90, 90, 90]], 5);
        assert!(hide(&mut cells, 5));
        assert_eq!(hidden(&cells), [0, 1, 3, 4]);
    }

    #[test]
    fn a_row_that_is_small_itself_hides_no_whole_column() {
        // Sparse: the first row has one cell only.
        let mut cells = table(
            &[
                vec![Some(3), None, None, None],
                vec![Some(20), Some(30), Some(40), Some(50)],
                vec![Some(60), Some(70), Some(80), Some(90)],
                vec![Some(61), Some(71), Some(81), Some(91)],
            ],
            5,
        );
        assert!(hide(&mut cells, 5));
        assert!(hidden(&cells).len() <= 4, "{cells:?}");
    }

    /// Whether the margins and the shown cells determine the cell `at`: Gauss over the hidden cells.
    fn determined(cells: &[Cell], at: usize) -> bool {
        let unknown = hidden(cells);
        let mut rows: Vec<Vec<f64>> = members(cells)
            .values()
            .map(|line| unknown.iter().map(|u| f64::from(u8::from(line.contains(u)))).collect())
            .collect();
        let mut target: Vec<f64> = unknown.iter().map(|&u| f64::from(u8::from(u == at))).collect();
        for column in 0..unknown.len() {
            let Some(pivot) = rows.iter().position(|r| r[column].abs() > 1e-9) else { continue };
            let pivot = rows.swap_remove(pivot);
            let less = |row: &mut Vec<f64>| {
                let factor = row[column] / pivot[column];
                row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
            };
            rows.iter_mut().for_each(less);
            less(&mut target);
        }
        target.iter().all(|x| x.abs() < 1e-9)
    }

    proptest! {
        #[test]
        fn no_small_group_is_told_by_subtraction(counts in prop::collection::vec(0_u64..30, 1..9), min in 2_u64..8) {
            let mut cells = one_way(&counts);
            prop_assume!(!is_small(counts.iter().sum(), min));
            if hide(&mut cells, min) {
                for at in hidden(&cells) {
                    prop_assert!(!determined(&cells, at));
                }
                let left: u64 = cells.iter().filter(|c| c.hidden).map(|c| c.count).sum();
                prop_assert!(!is_small(left, min));
            }
            for cell in &cells {
                prop_assert!(cell.hidden || !is_small(cell.count, min));
            }
        }

        #[test]
        fn no_small_cell_of_a_table_is_told(
            rows in (2_usize..6).prop_flat_map(|w| prop::collection::vec(prop::collection::vec(0_u64..40, w), 2..6)),
            min in 2_u64..8,
        ) {
            prop_assume!(!is_small(rows.iter().flatten().sum(), min));
            let mut cells = full(&rows, min);
            hide(&mut cells, min);
            for at in hidden(&cells) {
                prop_assert!(!is_small(cells[at].count, min) || !determined(&cells, at));
            }
        }
    }
}
