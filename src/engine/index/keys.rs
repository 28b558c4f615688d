//! What entities are grouped by: fields and bands of the entity, fields of many-tables.

use super::super::Cell;
use super::codes::Codes;
use super::column::{Column, MISSING};
use super::judge::Against;
use super::many::Many;
use super::work::Halt;
use super::{EntityField, Index};
use crate::catalog::Band;
use crate::sql::GroupKey;

/// A band larger than this is no integer that SQL would say it as.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// One key: each entity, or each of its rows, has a code of it; 0 is missing.
#[derive(Debug)]
pub(super) struct Key<'a> {
    column: &'a Column,
    /// The field of the entity that it is, or is a band of.
    pub field: Option<&'a EntityField>,
    /// The band of each code, where the key is a band.
    bands: Option<Bands>,
    /// The many-table that it is a field of, as a place among those of the grouping, and the field there.
    pub rows: Option<(usize, usize)>,
}

/// Codes become bands.
#[derive(Debug)]
struct Bands {
    /// The first code of each band but the first.
    edges: Vec<u64>,
    /// The number of each band's label: from 1, in the order of the labels.
    numbers: Vec<u64>,
    /// The labels in their order.
    labels: Vec<String>,
}

impl<'a> Key<'a> {
    /// The key; many-tables that it needs are added to `tables`.
    pub(super) fn of(key: &GroupKey, index: &'a Index, tables: &mut Vec<&'a Many>) -> Result<Self, Halt> {
        match key {
            GroupKey::Field(field) => {
                let field = index.entity_field(field)?;
                Ok(Self { column: &field.column, field: Some(field), bands: None, rows: None })
            }
            GroupKey::Band(band) => {
                let field = index.entity_field(&band.field)?;
                let bands = Some(Bands::of(band, &field.column)?);
                Ok(Self { column: &field.column, field: Some(field), bands, rows: None })
            }
            GroupKey::Row { dataset, field } => {
                let many = index.many(dataset)?;
                let table = tables.iter().position(|t| t.name == *dataset).unwrap_or_else(|| {
                    tables.push(many);
                    tables.len() - 1
                });
                let place = many.place(field)?;
                Ok(Self { column: &many.fields[place].column, field: None, bands: None, rows: Some((table, place)) })
            }
        }
    }

    /// The largest code of the key.
    pub(super) fn last(&self) -> u64 {
        self.bands.as_ref().map_or(self.column.last, |bands| bands.labels.len() as u64)
    }

    /// The key's code for the entity or row at a place.
    #[inline]
    pub(super) fn at(&self, place: usize) -> u64 {
        self.code(self.column.codes.at(place))
    }

    /// The key's code for a code of its field.
    #[inline]
    pub(super) fn code(&self, code: u64) -> u64 {
        match &self.bands {
            Some(bands) if code != MISSING => bands.numbers[bands.edges.partition_point(|edge| *edge <= code)],
            _ => code,
        }
    }

    /// The largest code of its field, whatever the key makes of it.
    pub(super) fn last_stored(&self) -> u64 {
        self.column.last
    }

    /// The codes of its field.
    pub(super) fn stored(&self) -> &'a Codes {
        &self.column.codes
    }

    /// What a code of the key is called.
    pub(super) fn cell(&self, code: u64) -> Cell {
        match &self.bands {
            Some(bands) if code != MISSING => Cell::Text(bands.labels[code as usize - 1].clone()),
            _ => self.column.value(code).cell(),
        }
    }

    /// Where a code of the key stands: the missing last.
    pub(super) fn order(code: u64) -> u64 {
        code.wrapping_sub(1)
    }
}

impl Bands {
    fn of(band: &Band, column: &Column) -> Result<Self, Halt> {
        if band.labels.len() != band.edges.len() + 1 || band.edges.is_empty() || !column.kind.is_number() {
            return Err(Halt::Uncovered);
        }
        let edge = |at: f64| {
            let whole = column.kind.is_integer() && at.fract() == 0.0 && at.abs() <= LARGEST_WHOLE;
            let against = if whole { Against::Whole(at as i64) } else { Against::Float(at + 0.0) };
            column.from(&against)
        };
        let mut labels = band.labels.clone();
        labels.sort_unstable();
        labels.dedup();
        let number = |label: &String| labels.binary_search(label).map_or(MISSING, |place| place as u64 + 1);
        let numbers = band.labels.iter().map(number).collect();
        Ok(Self { edges: band.edges.iter().map(|at| edge(*at)).collect(), numbers, labels })
    }
}
