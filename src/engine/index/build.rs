//! The index from the Parquet files: column by column, several at a time.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::arrow::buffer::ScalarBuffer;
use rayon::prelude::*;

use super::super::EngineError;
use super::column::Column;
use super::encode::encode;
use super::many::{self, Many, RowField};
use super::seal::Seal;
use super::source::{self, Raw, Values};
use super::{EntityField, Origin, Parts};
use crate::catalog::{Catalog, Dataset, FieldType};

/// A row that belongs to no entity.
const NOBODY: u32 = u32::MAX;

/// A table that direct look-up of keys may take, in entries for each entity.
const DIRECT: i128 = 4;

/// A table of the catalog and its files.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub name: String,
    pub files: Vec<PathBuf>,
    /// Changes when the files do.
    pub version: String,
}

/// Tells how far a build is, and stops it.
pub struct Progress<'a> {
    /// Called with the values read so far and all there are.
    pub report: &'a (dyn Fn(u64, u64) + Sync),
    /// Whether to stop.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
    /// Whether to build it though there is one.
    pub anew: bool,
}

impl std::fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

/// A build that goes on.
struct Build<'a> {
    catalog: &'a Catalog,
    sources: &'a [Source],
    progress: &'a Progress<'a>,
    done: AtomicU64,
    total: u64,
}

/// What of an older index is of the same files.
fn kept(older: Option<(Parts, Origin)>, catalog: &Catalog, sources: &[Source]) -> Option<Parts> {
    let (mut parts, origin) = older?;
    let same = |table: &str| {
        let version = sources.iter().find(|source| source.name == table).map(|source| &source.version);
        version.is_some() && version == origin.tables.get(table)
    };
    // Other entities have other ordinals: then nothing is the same.
    if !same(&catalog.entity().name) || parts.fields.iter().any(|field| field.seal.check().is_err()) {
        return None;
    }
    let sound = |many: &Many| many.seal.check().is_ok() && many.fields.iter().all(|field| field.seal.check().is_ok());
    parts.many.retain(|many| same(&many.name) && sound(many));
    Some(parts)
}

/// Builds the parts of an index; none where the entity's keys are such that none can be.
pub(super) fn build(
    catalog: &Catalog,
    sources: &[Source],
    older: Option<(Parts, Origin)>,
    progress: &Progress<'_>,
) -> Result<Option<Parts>, EngineError> {
    let kept = kept(older, catalog, sources);
    let is_kept = |table: &str| {
        let of = |parts: &Parts| table == catalog.entity().name || parts.many.iter().any(|many| many.name == table);
        kept.as_ref().is_some_and(of)
    };
    let total = sources.iter().filter(|source| !is_kept(&source.name)).try_fold(0, |sum, source| {
        let fields = catalog.dataset(&source.name).map_or(0, |d| d.fields.len() as u64);
        Ok::<_, EngineError>(sum + source::rows(&source.files)? * fields)
    })?;
    let build = Build { catalog, sources, progress, done: AtomicU64::new(0), total };
    let (fields, mut known, lookup) = if let Some(Parts { fields, many, .. }) = kept {
        let keys = &fields[0].column;
        let wholes = (0..keys.codes.len()).map(|at| keys.whole(keys.codes.at(at)));
        let Some(lookup) = Lookup::of(Box::new(wholes)) else { return Ok(None) };
        (fields, many, lookup)
    } else {
        let Some((keys, lookup)) = build.keys()? else { return Ok(None) };
        (build.fields(keys)?, Vec::new(), lookup)
    };
    let entities = fields[0].column.codes.len();
    let mut many = Vec::new();
    for dataset in &catalog.datasets[1..] {
        match known.iter().position(|known| known.name == dataset.name) {
            Some(place) => many.push(known.swap_remove(place)),
            None => many.extend(build.many(dataset, &lookup, entities)?),
        }
    }
    Ok(Some(Parts { entities, fields, many }))
}

impl Build<'_> {
    fn files(&self, table: &str) -> &[PathBuf] {
        self.sources.iter().find(|s| s.name == table).map_or(&[], |s| s.files.as_slice())
    }

    fn read(&self, dataset: &Dataset, field: &str, kind: FieldType) -> Result<Raw, EngineError> {
        let tick = |rows: usize| {
            if (self.progress.stopped)() {
                return Err(EngineError::Stopped);
            }
            let done = self.done.fetch_add(rows as u64, Ordering::Relaxed) + rows as u64;
            (self.progress.report)(done.min(self.total), self.total);
            Ok(())
        };
        source::column(self.files(&dataset.name), field, kind, &tick)
    }

    /// The entity's keys, and where each is; none where they are no different whole numbers.
    fn keys(&self) -> Result<Option<(Column, Lookup)>, EngineError> {
        let (entity, key) = (self.catalog.entity(), self.catalog.key());
        let Some(field) = entity.field(key).filter(|f| f.kind.is_integer()) else { return Ok(None) };
        let raw = self.read(entity, key, field.kind)?;
        if raw.missing.is_some() || u32::try_from(raw.len()).is_err() {
            return Ok(None);
        }
        let Some(lookup) = Lookup::of(wholes(&raw)) else { return Ok(None) };
        Ok(encode(&raw, field.kind, None).map(|column| (column, lookup)))
    }

    fn fields(&self, keys: Column) -> Result<Vec<EntityField>, EngineError> {
        let (entity, key, rows) = (self.catalog.entity(), self.catalog.key(), keys.codes.len());
        let made: Result<Vec<Option<EntityField>>, EngineError> = entity
            .fields
            .par_iter()
            .filter(|field| field.name != key)
            .map(|field| {
                let raw = self.read(entity, &field.name, field.kind)?;
                let column = encode(&raw, field.kind, None).filter(|column| column.codes.len() == rows);
                Ok(column.map(|column| EntityField { name: field.name.clone(), column, seal: Seal::default() }))
            })
            .collect();
        let key = EntityField { name: key.to_owned(), column: keys, seal: Seal::default() };
        Ok(std::iter::once(key).chain(made?.into_iter().flatten()).collect())
    }

    fn many(&self, dataset: &Dataset, lookup: &Lookup, entities: usize) -> Result<Option<Many>, EngineError> {
        let Some(key) = dataset.joins_on.as_deref() else { return Ok(None) };
        let Some(field) = dataset.field(key).filter(|f| f.kind.is_integer()) else { return Ok(None) };
        let raw = self.read(dataset, key, field.kind)?;
        if u32::try_from(raw.len()).is_err() {
            return Ok(None);
        }
        let owners = owners(&raw, lookup);
        drop(raw);
        let rows = owners.len();
        let (starts, order) = placed(&owners, entities);
        drop(owners);
        let fields: Result<Vec<Option<RowField>>, EngineError> = dataset
            .fields
            .par_iter()
            .filter(|field| field.name != key)
            .map(|field| {
                let raw = self.read(dataset, &field.name, field.kind)?;
                if raw.len() != rows {
                    return Ok(None);
                }
                Ok(encode(&raw, field.kind, order.as_deref()).map(|column| {
                    let text = field.kind == FieldType::String;
                    let postings = if text { many::postings(&column, &starts) } else { None };
                    RowField { name: field.name.clone(), column, postings, seal: Seal::default() }
                }))
            })
            .collect();
        Ok(Some(Many {
            name: dataset.name.clone(),
            starts,
            fields: fields?.into_iter().flatten().collect(),
            seal: Seal::default(),
        }))
    }
}

/// Whole numbers of a column.
fn wholes(raw: &Raw) -> Box<dyn Iterator<Item = i64> + '_> {
    match &raw.values {
        Values::Narrow(values) => Box::new(values.iter().map(|v| i64::from(*v))),
        Values::Wide(values) => Box::new(values.iter().copied()),
        Values::Floats(_) | Values::Texts(..) => Box::new(std::iter::empty()),
    }
}

/// Key → ordinal.
enum Lookup {
    /// By the key less the first.
    Direct(i64, Vec<u32>),
    /// Ascending.
    Sorted(Vec<(i64, u32)>),
}

impl Lookup {
    /// None where a key is there twice.
    fn of(keys: Box<dyn Iterator<Item = i64> + '_>) -> Option<Self> {
        let mut pairs: Vec<(i64, u32)> = keys.zip(0..).collect();
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

    fn at(&self, key: i64) -> u32 {
        match self {
            Self::Direct(first, table) => {
                let at = usize::try_from(i128::from(key) - i128::from(*first)).ok();
                at.and_then(|at| table.get(at)).copied().unwrap_or(NOBODY)
            }
            Self::Sorted(pairs) => {
                pairs.binary_search_by_key(&key, |(key, _)| *key).map_or(NOBODY, |place| pairs[place].1)
            }
        }
    }
}

/// The entity of each row.
fn owners(raw: &Raw, lookup: &Lookup) -> Vec<u32> {
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
fn placed(owners: &[u32], entities: usize) -> (ScalarBuffer<u32>, Option<Vec<u32>>) {
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
    (starts.into(), order)
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
        assert_eq!((starts.as_ref(), order), ([0, 1, 2, 4].as_slice(), Some(vec![1, 5, 0, 3])));
        assert!(Lookup::of(Box::new([1, 2, 1].into_iter())).is_none());
        let far = Lookup::of(Box::new([1, i64::MAX, -5].into_iter())).unwrap();
        assert_eq!([far.at(i64::MAX), far.at(-5), far.at(2)], [1, 2, NOBODY]);
    }
}
