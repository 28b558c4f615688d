//! Rows of a grouped query become the groups of an answer: all of them, in order, the small ones hidden.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::{Key, Rank, stored};
use super::privacy::{self, Cell as Shown};
use super::{Breakdown, Group};
use crate::catalog::{Catalog, Locale};
use crate::engine::{Cell, Rows};
use crate::segment::Expr;

/// Empty groups of two keys are listed only where both together have at most so many.
const MAX_ZERO_CELLS: usize = 400;

/// What is to be made of the rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub catalog: &'a Catalog,
    pub locale: Locale,
    pub by: &'a [String],
    pub segment: &'a Expr,
    /// Size of the segment.
    pub total: u64,
    pub min_group: u64,
    pub top: Option<u32>,
    pub bottom: bool,
}

/// A group before it is told.
#[derive(Debug, Clone)]
struct Raw {
    key: Vec<Option<String>>,
    count: u64,
    value: Option<f64>,
}

/// The groups of an answer; none where the keys are unknown or nothing may be shown.
pub(super) fn breakdown(rows: &Rows, asked: &Asked<'_>) -> Option<Breakdown> {
    let keys: Vec<Key<'_>> = asked.by.iter().map(|name| Key::named(name, asked.catalog)).collect::<Option<_>>()?;
    let measured = rows.columns.len() > keys.len() + 1;
    let mut groups: Vec<Raw> = rows.rows.iter().map(|row| raw(row, keys.len())).collect();
    add_empty(&mut groups, &keys, asked.segment);
    sort(&mut groups, &keys);
    let mut cells = cells(&groups, &keys, asked.min_group);
    if !privacy::hide(&mut cells, asked.min_group) {
        return None;
    }
    let suppressed = cells.iter().filter(|c| c.hidden).count();
    let shown = groups.into_iter().zip(&cells).filter(|(_, cell)| !cell.hidden).map(|(group, _)| group);
    let shown = cut(shown.collect(), measured, asked);
    let rows = shown.into_iter().map(|group| told(group, &keys, asked)).collect();
    Some(Breakdown { by: asked.by.to_vec(), rows, suppressed })
}

/// The groups of a segment by themselves, outside a conversation; none where nothing may be shown.
#[must_use]
pub fn grouped(
    rows: &Rows,
    catalog: &Catalog,
    locale: Locale,
    by: &[String],
    (segment, total, min_group): (&Expr, u64, u64),
) -> Option<Breakdown> {
    breakdown(rows, &Asked { catalog, locale, by, segment, total, min_group, top: None, bottom: false })
}

fn raw(row: &[Cell], keys: usize) -> Raw {
    Raw {
        key: row.iter().take(keys).map(stored).collect(),
        count: row.get(keys).and_then(cell_count).unwrap_or(0),
        value: row.get(keys + 1).and_then(cell_number),
    }
}

/// A count out of a result.
#[must_use]
pub fn cell_count(cell: &Cell) -> Option<u64> {
    match cell {
        Cell::Int(n) => u64::try_from(*n).ok(),
        _ => None,
    }
}

/// A number out of a result.
#[must_use]
pub fn cell_number(cell: &Cell) -> Option<f64> {
    match cell {
        // Sums of a data set that fits a table stay far below 2^53.
        #[allow(clippy::cast_precision_loss, reason = "see above")]
        Cell::Int(n) => Some(*n as f64),
        Cell::Float(n) => n.is_finite().then_some(*n),
        Cell::Bool(truth) => Some(f64::from(u8::from(*truth))),
        _ => None,
    }
}

/// Adds the groups that nobody is in, where the key's groups are few and known.
fn add_empty(groups: &mut Vec<Raw>, keys: &[Key<'_>], segment: &Expr) {
    let Some(domains) = keys.iter().map(|k| k.domain(segment)).collect::<Option<Vec<_>>>() else { return };
    if domains.iter().map(Vec::len).product::<usize>() > MAX_ZERO_CELLS {
        return;
    }
    let mut all: Vec<Vec<Option<String>>> = vec![Vec::new()];
    for domain in &domains {
        let longer =
            |key: &Vec<Option<String>>, name: &String| key.iter().cloned().chain([Some(name.clone())]).collect();
        all = all.iter().flat_map(|key| domain.iter().map(|name| longer(key, name)).collect::<Vec<_>>()).collect();
    }
    let known: BTreeSet<_> = groups.iter().map(|g| g.key.clone()).collect();
    let empty = all.into_iter().filter(|key| !known.contains(key));
    groups.extend(empty.map(|key| Raw { key, count: 0, value: None }));
}

/// Key by key: in the catalog's order, or by size where the key has none.
fn sort(groups: &mut [Raw], keys: &[Key<'_>]) {
    let places: Vec<BTreeMap<Option<String>, usize>> =
        keys.iter().enumerate().map(|(at, key)| places(groups, at, key)).collect();
    groups.sort_by_cached_key(|group| {
        group.key.iter().zip(&places).map(|(name, places)| places.get(name).copied()).collect::<Vec<_>>()
    });
}

/// Where each value of the key at `at` stands.
fn places(groups: &[Raw], at: usize, key: &Key<'_>) -> BTreeMap<Option<String>, usize> {
    let mut sizes: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for group in groups {
        *sizes.entry(group.key[at].clone()).or_default() += group.count;
    }
    let by_size = |size: u64, missing: bool| if key.is_ordered() || missing { 0 } else { u64::MAX - size };
    let mut order: Vec<(bool, u64, Rank, Option<String>)> = sizes
        .into_iter()
        .map(|(name, size)| (name.is_none(), by_size(size, name.is_none()), key.rank(name.as_deref()), name))
        .collect();
    order.sort();
    order.into_iter().enumerate().map(|(place, (_, _, _, name))| (name, place)).collect()
}

/// The totals that each group is part of.
fn cells(groups: &[Raw], keys: &[Key<'_>], min: u64) -> Vec<Shown> {
    let lines = match keys {
        [only] => {
            let whole = only.partitions().then_some(0);
            [vec![whole; groups.len()], vec![None; groups.len()]]
        }
        [_, _] => [0, 1].map(|at| totals(groups, keys, at, min)),
        _ => [0, 1].map(|_| vec![None; groups.len()]),
    };
    let [rows, columns] = lines;
    rows.into_iter().zip(columns).zip(groups).map(|((r, c), group)| Shown::new([r, c], group.count)).collect()
}

/// The groups with one value of the key at `at` add up to a number that is known where the other key has
/// each entity in one group. Where that other key is the parent (province), there is but one such group.
fn totals(groups: &[Raw], keys: &[Key<'_>], at: usize, min: u64) -> Vec<Option<usize>> {
    let (key, other) = (&keys[at], &keys[1 - at]);
    if !other.partitions() || key.is_within(other) {
        return vec![None; groups.len()];
    }
    let values: BTreeSet<_> = groups.iter().map(|g| &g.key[at]).collect();
    // Rows and columns are numbered apart.
    let number = |g: &Raw| values.iter().position(|v| *v == &g.key[at]).unwrap_or_default() + at * (groups.len() + 1);
    let of: Vec<usize> = groups.iter().map(number).collect();
    let counts: Vec<u64> = groups.iter().map(|g| g.count).collect();
    privacy::margins(&of, &counts, !key.partitions(), min)
}

/// The N largest or smallest, by the metric where there is one, else by size; ties in the order so far.
fn cut(mut groups: Vec<Raw>, measured: bool, asked: &Asked<'_>) -> Vec<Raw> {
    if asked.top.is_none() && !asked.bottom {
        return groups;
    }
    groups.retain(|g| g.count > 0);
    // Counts are far below 2^53.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let size = |g: &Raw| if measured { g.value } else { Some(g.count as f64) };
    groups.sort_by(|a, b| match (size(a), size(b)) {
        (Some(a), Some(b)) if asked.bottom => a.total_cmp(&b),
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
    groups.truncate(asked.top.map_or(usize::MAX, |n| n as usize));
    groups
}

fn told(group: Raw, keys: &[Key<'_>], asked: &Asked<'_>) -> Group {
    let label =
        |(key, name): (&Key<'_>, &Option<String>)| key.group_label(name.as_deref(), asked.catalog, asked.locale);
    Group {
        label: keys.iter().zip(&group.key).map(label).collect(),
        key: group.key,
        count: group.count,
        share: share(group.count, asked.total).unwrap_or(0.0),
        value: group.value,
    }
}

/// `part / whole`; none of nothing.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    // Counts are far below 2^53.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    (whole > 0).then(|| part as f64 / whole as f64)
}
