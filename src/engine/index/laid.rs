//! Whose the rows of a many-table are, and where they come to lie: what is to be known before its fields are built.

use super::super::EngineError;
use super::build::{Build, Entities};
use super::codes::Codes;
use super::ends::Ends;
use super::many::Many;
use super::pieces::{self, OldRows, Take};
use super::place::{NOBODY, owners, placed};
use super::starts::Starts;
use crate::catalog::{Dataset, Field};

/// A many-table that is to be built next.
pub(super) enum Next<'a> {
    /// As an older index has it.
    Old(Many),
    /// Its fields are to be read.
    Laid(Laid<'a>),
}

/// Where the rows of a many-table come to lie.
pub(super) struct Laid<'a> {
    pub dataset: &'a Dataset,
    /// How its files are had.
    pub takes: Vec<Take>,
    /// How many rows those have.
    pub rows: usize,
    pub starts: Starts,
    pub ends: Ends,
    /// The rows in the order in which they come to lie; none where they are in it.
    pub order: Option<Vec<u32>>,
    /// How many rows of each file belong to an entity.
    pub held: Vec<u64>,
    /// The file that each row is of, where rows do not lie file by file.
    pub origin: Option<Codes>,
}

/// Whose each row of a table is, and where the rows of each file end.
type Owned = (Vec<u32>, Vec<usize>);

impl Build<'_> {
    /// What there is to be built of a many-table; none where there is nothing.
    pub(super) fn next<'a>(&self, dataset: &'a Dataset, entities: &Entities) -> Result<Option<Next<'a>>, EngineError> {
        let Some(key) = dataset.joins_on.as_deref() else { return Ok(None) };
        let Some(field) = dataset.field(key).filter(|f| f.kind.is_integer()) else { return Ok(None) };
        let old = self.old_many(&dataset.name);
        if let Some(old) = old.filter(|old| entities.same && pieces::same(self.files(&dataset.name), &old.pieces)) {
            return Ok(Some(Next::Old(old.again())));
        }
        let takes = self.takes_of_many(dataset, entities.pieces.iter().any(|piece| piece.read));
        let Some((owners, ends)) = self.owners(&takes, old, (field, entities))? else { return Ok(None) };
        let rows = owners.len();
        let (starts, order) = placed(&owners, entities.count);
        let held = pieces::held(&ends, |row| owners[row] != NOBODY);
        drop(owners);
        let origin = pieces::origin(&ends, order.as_deref());
        let (ends, starts) = (Ends::of(&starts), Starts::of(starts));
        Ok(Some(Next::Laid(Laid { dataset, takes, rows, starts, ends, order, held, origin })))
    }

    /// Whose each row is, and where the rows of each file end; none where there are too many.
    fn owners(
        &self,
        takes: &[Take],
        old: Option<&Many>,
        (key, entities): (&Field, &Entities),
    ) -> Result<Option<Owned>, EngineError> {
        let now = self.ordinals_now(entities);
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        for take in takes {
            if let (Some((rows, _)), Some(old)) = (&take.old, old) {
                old_owners(old, rows, now.as_deref(), &mut all);
            } else {
                let raw = self.read(std::slice::from_ref(take), None, (&key.name, key.kind))?;
                all.extend(owners(&raw, &entities.lookup));
            }
            ends.push(all.len());
            if u32::try_from(all.len()).is_err() {
                return Ok(None);
            }
        }
        Ok(Some((all, ends)))
    }

    /// The ordinals that the older index's entities have now; none where they are the same.
    fn ordinals_now(&self, entities: &Entities) -> Option<Vec<u32>> {
        let older = self.older.as_ref().filter(|_| !entities.same)?;
        let keys = &older.fields.first()?.column;
        Some((0..older.entities).map(|at| entities.lookup.at(keys.whole(keys.codes.at(at)))).collect())
    }
}

/// Adds whose rows of an older index are.
fn old_owners(old: &Many, rows: &OldRows, now: Option<&[u32]>, all: &mut Vec<u32>) {
    let mut entity = 0;
    all.reserve(rows.len());
    rows.each(|row| {
        while old.starts.at(entity + 1) <= row {
            entity += 1;
        }
        all.push(now.map_or(entity as u32, |now| now[entity]));
    });
}
