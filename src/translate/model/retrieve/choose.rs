//! The best of what was found that a prompt has room for: greedily by score, each thing with what it needs to be
//! understood (a value its field, a field its table).

use std::collections::{BTreeMap, BTreeSet};

use super::score::{READ, VAGUE};
use super::{Found, Ranked, Thing, field};
use crate::catalog::{Catalog, Label, Locale};
use crate::segment::text;
use crate::translate::model::found::{field_key, value_key};
use crate::translate::model::tokens::estimate;

/// Tokens of a usual part of the catalog: beyond it only what the request or the conversation surely names is shown.
const USUAL_TOKENS: u32 = 1_000;
/// What scores less is not worth a line.
const MIN_SCORE: f32 = 10.0;
/// Values of one field that are shown at most, where the conversation does not name more.
const MAX_VALUES: usize = 40;
/// Tokens of the marks around a name.
const MARKS: u32 = 3;
/// Tokens of the marks and words around a field, a table, a band or a term.
const LINE: u32 = 12;

/// What of the catalog a prompt shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::translate::model) struct Chosen {
    /// The things, in the order of the catalog.
    pub(in crate::translate::model) things: BTreeSet<Thing>,
    /// Words of the request that are too vague to count by.
    pub(in crate::translate::model) vague: Vec<usize>,
}

/// What of `ranked` is shown in about `room` tokens.
pub(in crate::translate::model) fn choose(ranked: &Ranked, catalog: &Catalog, locale: Locale, room: u32) -> Chosen {
    let mut chosen = Chosen { things: BTreeSet::new(), vague: ranked.vague.clone() };
    let (mut left, mut values) = (room, BTreeMap::<(usize, usize), usize>::new());
    for (thing, score) in ranked.sorted() {
        let usual = room.saturating_sub(left) < USUAL_TOKENS;
        if score < MIN_SCORE || (!usual && score < VAGUE) {
            break;
        }
        if let Thing::Value(d, f, _) = thing {
            let shown = values.entry((d, f)).or_default();
            if *shown >= MAX_VALUES && score < 2.0 * READ {
                continue;
            }
            *shown += 1;
        }
        let with: Vec<Thing> = needed(thing).into_iter().filter(|t| !chosen.things.contains(t)).collect();
        let cost: u32 = with.iter().map(|t| cost(*t, catalog, locale)).sum();
        if cost <= left {
            left -= cost;
            chosen.things.extend(with);
        }
    }
    chosen
}

/// The thing and what it cannot be understood without.
fn needed(thing: Thing) -> Vec<Thing> {
    let mut with = vec![thing];
    if let Thing::Value(d, f, _) | Thing::Group(d, f, _) = thing {
        with.push(Thing::Field(d, f));
    }
    if let Thing::Value(d, ..) | Thing::Group(d, ..) | Thing::Field(d, _) = thing
        && d > 0
    {
        with.push(Thing::Dataset(d));
    }
    with
}

fn cost(thing: Thing, catalog: &Catalog, locale: Locale) -> u32 {
    let named = |name: &str, label: &Label| {
        let label = label.get(locale);
        estimate(name) + MARKS + if label == name { 0 } else { estimate(label) + MARKS }
    };
    match thing {
        Thing::Dataset(d) => catalog.datasets.get(d).map_or(0, |of| {
            LINE + named(&of.name, &of.label) + of.item.as_ref().map_or(0, |item| estimate(item) + MARKS)
        }),
        Thing::Field(d, f) => field(catalog, d, f).map_or(0, |(_, field)| {
            let words = [&field.unit, &field.within].into_iter().flatten();
            LINE + named(&field.name, &field.label) + words.map(|word| estimate(word) + MARKS).sum::<u32>()
        }),
        Thing::Band(b) => catalog.bands.get(b).map_or(0, |b| LINE + named(&b.name, &b.label) + estimate(&b.field)),
        Thing::Term(t) => {
            catalog.glossary.get(t).map_or(0, |t| LINE + named(&t.name, &t.label) + estimate(&t.predicate))
        }
        Thing::Group(d, f, g) => field(catalog, d, f)
            .and_then(|(_, field)| field.groups.get(g))
            .map_or(0, |group| estimate(group.label.get(locale)) + MARKS),
        Thing::Value(d, f, v) => field(catalog, d, f)
            .and_then(|(_, field)| field.values.get(v))
            .map_or(0, |value| named(&value.name, &value.label)),
    }
}

impl Chosen {
    /// Something of every kind, to try a template with.
    pub(in crate::translate::model) fn sample() -> Self {
        let mut things = BTreeSet::from([Thing::Dataset(1), Thing::Band(0), Thing::Term(0)]);
        for (d, f) in [0, 1].into_iter().flat_map(|d| (0..MAX_VALUES).map(move |f| (d, f))) {
            things.extend([Thing::Field(d, f), Thing::Value(d, f, 0), Thing::Group(d, f, 0)]);
        }
        Self { things, vague: vec![0] }
    }

    /// The names that it stands for; terms stand for what their conditions name too, for those are shown.
    pub(in crate::translate::model) fn found(&self, catalog: &Catalog) -> Found {
        let mut found = Found::default();
        for thing in &self.things {
            add(*thing, catalog, &mut found);
        }
        found
    }
}

fn add(thing: Thing, catalog: &Catalog, found: &mut Found) {
    match thing {
        Thing::Dataset(d) => found.datasets.extend(catalog.datasets.get(d).map(|d| d.name.clone())),
        Thing::Field(d, f) => found.fields.extend(field(catalog, d, f).map(|(of, field)| field_key(of, &field.name))),
        Thing::Band(b) => found.bands.extend(catalog.bands.get(b).map(|b| b.name.clone())),
        Thing::Term(t) => {
            let Some(term) = catalog.glossary.get(t) else { return };
            found.terms.insert(term.name.clone());
            let rows = term.of.iter().map(|of| (of, &term.predicate)).chain(term.also.iter().map(|(of, p)| (of, p)));
            for (of, predicate) in rows {
                if let Ok(rows) = text::parse_rows(predicate, catalog, of) {
                    found.name_rows(&rows, of, catalog);
                }
            }
            if term.of.is_none()
                && let Ok(condition) = text::parse(&term.predicate, catalog)
            {
                found.name(&condition, catalog);
            }
        }
        Thing::Group(d, f, g) => {
            if let Some((of, field)) = field(catalog, d, f)
                && let Some(group) = field.groups.get(g)
            {
                found.values.extend(group.values.iter().map(|value| value_key(of, &field.name, value)));
            }
        }
        Thing::Value(d, f, v) => {
            if let Some((of, field)) = field(catalog, d, f)
                && let Some(value) = field.values.get(v)
            {
                found.values.insert(value_key(of, &field.name, &value.name));
            }
        }
    }
}
