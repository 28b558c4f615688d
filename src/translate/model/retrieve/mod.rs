//! What of the catalog a request may need, by score: what its words name (the built-in translator's look-up, which
//! knows synonyms, slips and other spellings), what is called something like a part of it ([`index`]), and
//! everything that the segment so far and a question that waits name.
//!
//! Made once for a catalog; nothing of the data's rows is known here, and identifiers are never offered.

mod choose;
mod index;
mod spread;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use choose::{Chosen, choose};
use index::Index;
pub(super) use index::pieces;

use super::found::Found;
use super::told::Request;
use crate::catalog::{Catalog, Dataset, Field};
use crate::segment::check::is_identifier;
use crate::segment::{Edit, Expr, Turn};
use crate::translate::grammar::{Grammar, Heard, Named};

/// Something of the catalog, by its places in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// A many-table.
    Dataset(usize),
    /// A field: dataset, field.
    Field(usize, usize),
    /// A band.
    Band(usize),
    /// A glossary term.
    Term(usize),
    /// A named set of values: dataset, field, set.
    Group(usize, usize, usize),
    /// A value: dataset, field, value.
    Value(usize, usize, usize),
}

/// Scores: what is named by the conversation goes before what the words say, and that before what only looks alike.
mod score {
    /// Named by the segment so far, or by a question that waits.
    pub(super) const SO_FAR: f32 = 1_000.0;
    /// Named by the best reading of the request.
    pub(super) const READ: f32 = 200.0;
    /// Could be meant by a word too vague to count by.
    pub(super) const VAGUE: f32 = 150.0;
    /// Pointed to by a verb or a noun of the request.
    pub(super) const CUE: f32 = 90.0;
    /// Named by words of which the best reading made something else.
    pub(super) const LOOSE: f32 = 40.0;
    /// Called most like a part of the request.
    pub(super) const ALIKE: f32 = 60.0;
    /// Measured in a unit of the request, or of a category that it names.
    pub(super) const KIN: f32 = 25.0;
}

/// Shorter words that the best reading passed over are no names: one syllable is in everything.
const MIN_LOOSE: usize = 2;

/// Things by score.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranked {
    /// The best score of each thing.
    scores: BTreeMap<Thing, f32>,
    /// Words of the request that are too vague to count by, as places in the catalog.
    pub(super) vague: Vec<usize>,
}

impl Ranked {
    fn add(&mut self, thing: Thing, score: f32) {
        let best = self.scores.entry(thing).or_insert(score);
        *best = best.max(score);
    }

    /// Best first; equals in the order of the catalog.
    fn sorted(&self) -> Vec<(Thing, f32)> {
        let mut all: Vec<_> = self.scores.iter().map(|(thing, score)| (*thing, *score)).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all
    }
}

/// The look-up of one catalog.
#[derive(Debug)]
pub(super) struct Retriever {
    index: Index,
    grammar: Arc<Grammar>,
}

impl Retriever {
    /// Reads all names of `catalog`.
    pub(super) fn new(catalog: &Catalog) -> Self {
        Self { index: Index::new(catalog), grammar: Arc::new(Grammar::new(catalog)) }
    }

    /// The grammar that names are looked up with.
    pub(super) fn grammar(&self) -> Arc<Grammar> {
        Arc::clone(&self.grammar)
    }

    /// What `request` may need.
    pub(super) fn rank(&self, request: &Request<'_>) -> Ranked {
        let mut ranked = Ranked::default();
        for heard in self.grammar.heard(request.text, request.context.saved) {
            hear(&heard, request.catalog, &mut ranked);
        }
        for (thing, score) in self.index.find(request.text) {
            ranked.add(thing, score::ALIKE * score);
        }
        let so_far = so_far(request);
        for thing in things(&so_far, request.catalog) {
            ranked.add(thing, score::SO_FAR);
        }
        spread::spread(&mut ranked, request.catalog);
        ranked.scores.retain(|thing, _| offered(*thing, request.catalog));
        ranked
    }
}

/// Adds what one word may mean.
fn hear(heard: &Heard, catalog: &Catalog, ranked: &mut Ranked) {
    if !heard.read && heard.length < MIN_LOOSE {
        return;
    }
    #[allow(clippy::cast_precision_loss, reason = "a count of characters")]
    let length = heard.length.min(20) as f32;
    let score = length + if heard.read { score::READ } else { score::LOOSE };
    match &heard.named {
        Named::Values(d, f, values) => match values.as_slice() {
            [one] => ranked.add(Thing::Value(*d, *f, *one), score),
            several => {
                let groups = field(catalog, *d, *f).map_or(&[][..], |(_, field)| field.groups.as_slice());
                match groups
                    .iter()
                    .position(|g| g.values.len() == several.len() && holds(catalog, (*d, *f), g, several))
                {
                    Some(group) => ranked.add(Thing::Group(*d, *f, group), score),
                    None => several.iter().for_each(|v| ranked.add(Thing::Value(*d, *f, *v), score)),
                }
            }
        },
        Named::Field(d, f) => ranked.add(Thing::Field(*d, *f), score),
        Named::FieldCue(d, f) => ranked.add(Thing::Field(*d, *f), score.min(score::CUE)),
        Named::Band(band) => ranked.add(Thing::Band(*band), score),
        Named::Term(term) => ranked.add(Thing::Term(*term), score),
        Named::Dataset(d) => ranked.add(Thing::Dataset(*d), score),
        Named::DatasetCue(d) => ranked.add(Thing::Dataset(*d), score.min(score::CUE)),
        Named::Vague(vague) => {
            if heard.read && !ranked.vague.contains(vague) {
                ranked.vague.push(*vague);
            }
            let options = catalog.vague.get(*vague).map_or(&[][..], |v| v.options.as_slice());
            for thing in options.iter().filter_map(|name| option(catalog, name)) {
                ranked.add(thing, if heard.read { score::VAGUE } else { score::LOOSE });
            }
        }
        Named::Category(category) => {
            let name = catalog.categories.get(*category).map(|c| c.name.as_str());
            each_field(catalog, |d, f, field| {
                if Some(field.category.as_str()) == name {
                    ranked.add(Thing::Field(d, f), score::KIN);
                }
            });
        }
        Named::Unit(unit) => {
            let name = catalog.units.get(*unit).map(|u| u.name.as_str());
            each_field(catalog, |d, f, field| {
                if name.is_some() && field.unit.as_deref() == name {
                    ranked.add(Thing::Field(d, f), score::KIN);
                }
            });
        }
    }
}

fn holds(catalog: &Catalog, (d, f): (usize, usize), group: &crate::catalog::ValueGroup, values: &[usize]) -> bool {
    let Some((_, field)) = field(catalog, d, f) else { return false };
    values.iter().all(|v| field.values.get(*v).is_some_and(|value| group.values.contains(&value.name)))
}

/// What an option of a vague word is: a term, or a field of the entity.
fn option(catalog: &Catalog, name: &str) -> Option<Thing> {
    let term = catalog.glossary.iter().position(|t| t.name == name).map(Thing::Term);
    term.or_else(|| catalog.entity().fields.iter().position(|f| f.name == name).map(|f| Thing::Field(0, f)))
}

fn each_field(catalog: &Catalog, mut with: impl FnMut(usize, usize, &Field)) {
    for (d, dataset) in catalog.datasets.iter().enumerate() {
        for (f, field) in dataset.fields.iter().enumerate() {
            with(d, f, field);
        }
    }
}

/// Names that the segment so far and a question that waits have.
pub(super) fn so_far(request: &Request<'_>) -> Found {
    let (mut found, catalog) = (Found::default(), request.catalog);
    if let Some(segment) = request.context.segment {
        found.name(&segment.expr(), catalog);
    }
    if let Some(pending) = request.context.pending {
        waiting(pending, catalog, &mut found);
    }
    found
}

fn waiting(pending: &Turn, catalog: &Catalog, found: &mut Found) {
    let mut name = |edits: &[Edit<Expr>]| {
        for edit in edits {
            found.name(&edit.condition, catalog);
            if let Some(instead_of) = &edit.instead_of {
                found.name(instead_of, catalog);
            }
        }
    };
    name(&pending.edits);
    for choice in pending.question.iter().flat_map(|q| &q.choices) {
        name(&choice.edits);
    }
    found.show(&pending.show, catalog);
}

/// The places of what `found` names.
fn things(found: &Found, catalog: &Catalog) -> Vec<Thing> {
    let mut all = Vec::new();
    let dataset = |name: &str| catalog.datasets.iter().position(|d| d.name == name);
    let field = |key: &str| {
        let (of, name) = key.split_once('.')?;
        let d = dataset(of)?;
        Some((d, catalog.datasets[d].fields.iter().position(|f| f.name == name)?))
    };
    all.extend(found.datasets.iter().filter_map(|name| dataset(name)).map(Thing::Dataset));
    all.extend(found.fields.iter().filter_map(|key| field(key)).map(|(d, f)| Thing::Field(d, f)));
    for key in &found.values {
        let place = key.split_once('=').and_then(|(key, value)| {
            let (d, f) = field(key)?;
            Some(Thing::Value(d, f, catalog.datasets[d].fields[f].values.iter().position(|v| v.name == value)?))
        });
        all.extend(place);
    }
    let band = |name: &String| catalog.bands.iter().position(|b| b.name == *name);
    all.extend(found.bands.iter().filter_map(band).map(Thing::Band));
    all
}

/// A field and its dataset.
pub(super) fn field(catalog: &Catalog, d: usize, f: usize) -> Option<(&Dataset, &Field)> {
    let dataset = catalog.datasets.get(d)?;
    Some((dataset, dataset.fields.get(f)?))
}

/// Whether a thing is there and is no identifier, nor something of one.
fn offered(thing: Thing, catalog: &Catalog) -> bool {
    let open = |d, f| field(catalog, d, f).filter(|(dataset, field)| !is_identifier(field, dataset));
    match thing {
        Thing::Dataset(d) => d > 0 && d < catalog.datasets.len(),
        Thing::Field(d, f) => open(d, f).is_some(),
        Thing::Band(band) => band < catalog.bands.len(),
        Thing::Term(term) => term < catalog.glossary.len(),
        Thing::Group(d, f, group) => open(d, f).is_some_and(|(_, field)| group < field.groups.len()),
        Thing::Value(d, f, value) => open(d, f).is_some_and(|(_, field)| value < field.values.len()),
    }
}
