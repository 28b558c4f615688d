//! What belongs to what was found: the field of a value, the band of a field, the measures of a table.

use super::{Ranked, Thing, field};
use crate::catalog::Catalog;

/// A field of a value that was found, beside the value.
const FIELD_OF_VALUE: f32 = 0.95;
/// A field around another (province around district).
const AROUND: f32 = 0.5;
/// The band of a field, and the field of a band.
const BAND: f32 = 0.9;
/// The table of a field.
const TABLE: f32 = 0.9;
/// The fields of a table that was found.
const OF_TABLE: f32 = 0.5;
/// The values of a field that has few.
const FEW_VALUES: f32 = 0.8;
/// A field with at most so many values is shown with all of them.
const MAX_FEW: usize = 12;
/// Fields of a table that come with it.
const MAX_FIELDS: usize = 24;

/// Adds to `ranked` what belongs to its things.
pub(super) fn spread(ranked: &mut Ranked, catalog: &Catalog) {
    for step in [fields_of_values, around, bands, tables, of_tables, few_values] {
        for (thing, score) in ranked.sorted() {
            step(ranked, catalog, thing, score);
        }
    }
}

fn fields_of_values(ranked: &mut Ranked, _: &Catalog, thing: Thing, score: f32) {
    if let Thing::Value(d, f, _) | Thing::Group(d, f, _) = thing {
        ranked.add(Thing::Field(d, f), score * FIELD_OF_VALUE);
    }
}

fn around(ranked: &mut Ranked, catalog: &Catalog, thing: Thing, score: f32) {
    let Thing::Field(d, f) = thing else { return };
    let Some((dataset, field)) = field(catalog, d, f) else { return };
    let place = |name: &String| dataset.fields.iter().position(|other| other.name == *name);
    if let Some(outer) = field.within.as_ref().and_then(place) {
        ranked.add(Thing::Field(d, outer), score * AROUND);
    }
}

fn bands(ranked: &mut Ranked, catalog: &Catalog, thing: Thing, score: f32) {
    match thing {
        Thing::Field(0, f) => {
            let Some(field) = catalog.entity().fields.get(f) else { return };
            for (b, _) in catalog.bands.iter().enumerate().filter(|(_, band)| band.field == field.name) {
                ranked.add(Thing::Band(b), score * BAND);
            }
        }
        Thing::Band(b) => {
            let Some(band) = catalog.bands.get(b) else { return };
            if let Some(f) = catalog.entity().fields.iter().position(|field| field.name == band.field) {
                ranked.add(Thing::Field(0, f), score * BAND);
            }
        }
        _ => {}
    }
}

fn tables(ranked: &mut Ranked, catalog: &Catalog, thing: Thing, score: f32) {
    match thing {
        Thing::Field(d, _) if d > 0 => ranked.add(Thing::Dataset(d), score * TABLE),
        Thing::Term(t) => {
            let Some(term) = catalog.glossary.get(t) else { return };
            let of = term.of.iter().chain(term.also.iter().map(|(name, _)| name));
            for name in of {
                if let Some(d) = catalog.datasets.iter().position(|dataset| dataset.name == *name) {
                    ranked.add(Thing::Dataset(d), score * OF_TABLE);
                }
            }
        }
        _ => {}
    }
}

fn of_tables(ranked: &mut Ranked, catalog: &Catalog, thing: Thing, score: f32) {
    if let Thing::Dataset(d) = thing
        && let Some(dataset) = catalog.datasets.get(d)
    {
        for f in 0..dataset.fields.len().min(MAX_FIELDS) {
            ranked.add(Thing::Field(d, f), score * OF_TABLE);
        }
    }
}

fn few_values(ranked: &mut Ranked, catalog: &Catalog, thing: Thing, score: f32) {
    let Thing::Field(d, f) = thing else { return };
    let Some((_, field)) = field(catalog, d, f) else { return };
    if field.values.len() <= MAX_FEW {
        for v in 0..field.values.len() {
            ranked.add(Thing::Value(d, f, v), score * FEW_VALUES);
        }
    }
    if field.groups.len() <= MAX_FEW {
        for g in 0..field.groups.len() {
            ranked.add(Thing::Group(d, f, g), score * FEW_VALUES);
        }
    }
}
