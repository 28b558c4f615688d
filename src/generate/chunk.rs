//! Making blocks of rows: a run of lines, then the rows of each many-table for them.

use super::node::{Frame, Fun, Machine, Node};
use super::number::{index, real, real64};
use super::random::{line_key, mix, uniform};
use super::table::{FIRST_SLOT, Make, ROW_SLOT, Rows, Table};

/// Lines that are worked on at once: small enough for the processor's cache.
pub(super) const CHUNK: u64 = 2048;

/// Lines `start..end` of the entity.
pub(super) fn lines(table: &Table, seed: u64, start: u64, end: u64, machine: &mut Machine) -> Frame {
    let mut frame =
        Frame { keys: (start..end).map(|line| line_key(seed, line)).collect(), slots: vec![Vec::new(); table.slots] };
    frame.slots[FIRST_SLOT] = (start..end).map(real64).collect();
    fill(table, &mut frame, machine);
    frame
}

/// The rows of a many-table for a block of lines, line by line.
pub(super) fn rows(table: &Table, rows: &Rows, lines: &Frame, machine: &mut Machine) -> Frame {
    let mut frame = Frame { keys: Vec::new(), slots: vec![Vec::new(); table.slots] };
    let mut parents = Vec::new();
    select(rows, lines, machine, |line, number, item| {
        parents.push(line);
        frame.keys.push(mix(lines.keys[line] ^ rows.keys[item]));
        frame.slots[FIRST_SLOT].push(real(item));
        frame.slots[ROW_SLOT].push(real(number));
    });
    for (there, here) in &rows.gathers {
        let values = &lines.slots[*there];
        frame.slots[*here] = parents.iter().map(|line| values[*line]).collect();
    }
    fill(table, &mut frame, machine);
    if !table.key.is_empty() {
        drop_repeats(table, &parents, &mut frame);
    }
    frame
}

/// Draws which items each line has, and tells them line by line: line, row number from 1, item.
fn select(rows: &Rows, lines: &Frame, machine: &mut Machine, mut tell: impl FnMut(usize, usize, usize)) {
    const BITS: usize = 64;
    let words = rows.chance.len().div_ceil(BITS);
    let mut present = vec![0_u64; words * lines.keys.len()];
    for (item, chance) in rows.chance.iter().enumerate() {
        let site = rows.site ^ rows.keys[item];
        let mut mark = |line: usize, hit: bool| present[line * words + item / BITS] |= u64::from(hit) << (item % BITS);
        let odds = if let Node::Call(Fun::Logistic, odds) = chance { Some(odds) } else { None };
        let values = machine.eval(odds.map_or(chance, |o| o), lines);
        for (line, key) in lines.keys.iter().enumerate() {
            let u = uniform(*key, site);
            let value = values.get(line);
            mark(line, if odds.is_some() { rows.odds.hit(u, value) } else { u < value });
        }
        machine.recycle(values);
    }
    for line in 0..lines.keys.len() {
        let mut number = 0;
        for word in 0..words {
            let mut bits = present[line * words + word];
            while bits != 0 {
                number += 1;
                tell(line, number, word * BITS + usize::try_from(bits.trailing_zeros()).unwrap_or(0));
                bits &= bits - 1;
            }
        }
    }
}

fn fill(table: &Table, frame: &mut Frame, machine: &mut Machine) {
    let n = frame.keys.len();
    for step in &table.steps {
        let made = match &step.make {
            Make::Formula(node) => machine.eval(node, frame).into_vec(n),
            Make::Weigh(weights, site) => weigh(weights, *site, frame, machine),
            Make::Known { given, alias, site } => {
                let set =
                    |i: usize| given.iter().fold(0, |set, (slot, size)| set * size + index(frame.slots[*slot][i]));
                frame.keys.iter().enumerate().map(|(i, key)| alias.at(set(i), uniform(*key, *site))).collect()
            }
        };
        frame.slots[step.slot] = made;
    }
}

/// A choice whose weights differ from row to row: sums first, then where the draw falls.
fn weigh(weights: &[Node], site: u64, frame: &Frame, machine: &mut Machine) -> Vec<f64> {
    let n = frame.keys.len();
    let mut sums: Vec<Vec<f64>> = Vec::with_capacity(weights.len());
    let mut total = vec![0.0; n];
    for weight in weights {
        let block = machine.eval(weight, frame);
        for (i, sum) in total.iter_mut().enumerate() {
            *sum += block.get(i).max(0.0);
        }
        machine.recycle(block);
        sums.push(total.clone());
    }
    let last = weights.len() - 1;
    let pick = |i: usize, key: u64| {
        let goal = uniform(key, site) * total[i];
        real(sums.iter().position(|s| goal < s[i]).unwrap_or(last))
    };
    frame.keys.iter().enumerate().map(|(i, key)| pick(i, *key)).collect()
}

/// Drops a row whose key columns are those of an earlier row of the same line.
fn drop_repeats(table: &Table, parents: &[usize], frame: &mut Frame) {
    let same =
        |a: usize, b: usize| table.key.iter().all(|s| frame.slots[*s][a].to_bits() == frame.slots[*s][b].to_bits());
    let mut first = 0;
    let mut keep = Vec::with_capacity(parents.len());
    for row in 0..parents.len() {
        if parents[row] != parents[first] {
            first = row;
        }
        keep.push(!(first..row).any(|earlier| same(earlier, row)));
    }
    if keep.iter().all(|k| *k) {
        return;
    }
    let mut kept = keep.iter();
    frame.keys.retain(|_| kept.next().copied().unwrap_or(true));
    for output in &table.outputs {
        let slot = output.slot;
        if frame.slots[slot].len() == keep.len() {
            let mut kept = keep.iter();
            frame.slots[slot].retain(|_| kept.next().copied().unwrap_or(true));
        }
    }
}
