//! What templates see of the catalog. Everything that is a text here is printed as a JSON string, so a template
//! cannot be broken out of by what a catalog, the data or a user says.

use serde::Serialize;

use super::found::{Found, field_key};
use super::retrieve::{Chosen, Thing};
use crate::catalog::{Catalog, Dataset, Field, FieldType, Label, Locale, Reading, Term};
use crate::segment::check::is_identifier;

/// The part of a catalog that a request may need.
#[derive(Debug, Serialize)]
pub(super) struct CatalogView<'a> {
    tables: Vec<TableView<'a>>,
    bands: Vec<BandView<'a>>,
    terms: Vec<TermView<'a>>,
    vague: Vec<VagueView<'a>>,
}

#[derive(Debug, Serialize)]
struct TableView<'a> {
    name: &'a str,
    label: &'a str,
    /// Whether it is the entity.
    entity: bool,
    /// The field that says what is present.
    item: Option<&'a str>,
    fields: Vec<FieldView<'a>>,
}

#[derive(Debug, Serialize)]
struct FieldView<'a> {
    name: &'a str,
    label: &'a str,
    /// `text`, `number`, `date` or `bool`.
    kind: &'static str,
    unit: Option<&'a str>,
    within: Option<&'a str>,
    /// Whether a number asked of it adds up the rows.
    total: bool,
    /// Whether its values have an order and can be compared.
    ordered: bool,
    sets: Vec<&'a str>,
    listed: Vec<ValueView<'a>>,
    /// Values that are not shown.
    more: usize,
}

#[derive(Debug, Serialize)]
struct ValueView<'a> {
    name: &'a str,
    /// Where it is another word than the name.
    label: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct BandView<'a> {
    name: &'a str,
    label: &'a str,
    field: &'a str,
}

#[derive(Debug, Serialize)]
struct TermView<'a> {
    name: &'a str,
    label: Option<&'a str>,
    means: &'a str,
    /// The many-table whose rows it is said of.
    of: Option<&'a str>,
    also: Vec<AlsoView<'a>>,
}

#[derive(Debug, Serialize)]
struct AlsoView<'a> {
    of: &'a str,
    means: &'a str,
}

#[derive(Debug, Serialize)]
struct VagueView<'a> {
    words: &'a str,
    options: &'a [String],
}

/// What `chosen` is of `catalog`, in the words of `locale`.
pub(super) fn catalog<'a>(catalog: &'a Catalog, chosen: &Chosen, locale: Locale) -> CatalogView<'a> {
    let viewer = Viewer { catalog, chosen, locale };
    let bands = catalog.bands.iter().enumerate().filter(|(b, _)| chosen.things.contains(&Thing::Band(*b)));
    let terms = catalog.glossary.iter().enumerate().filter(|(t, _)| chosen.things.contains(&Thing::Term(*t)));
    let vague = chosen.vague.iter().filter_map(|v| catalog.vague.get(*v));
    CatalogView {
        tables: (0..catalog.datasets.len()).filter_map(|d| viewer.table(d)).collect(),
        bands: bands.map(|(_, b)| BandView { name: &b.name, label: b.label.get(locale), field: &b.field }).collect(),
        terms: terms.map(|(_, term)| viewer.term(term)).collect(),
        vague: vague
            .map(|v| VagueView { words: v.words.first().map_or("", String::as_str), options: &v.options })
            .collect(),
    }
}

struct Viewer<'a, 'c> {
    catalog: &'a Catalog,
    chosen: &'c Chosen,
    locale: Locale,
}

impl<'a> Viewer<'a, '_> {
    fn table(&self, d: usize) -> Option<TableView<'a>> {
        let dataset = &self.catalog.datasets[d];
        let shown = |(f, _): &(usize, &Field)| self.chosen.things.contains(&Thing::Field(d, *f));
        let fields: Vec<_> =
            dataset.fields.iter().enumerate().filter(shown).map(|(f, field)| self.field((d, f), field)).collect();
        if fields.is_empty() && !self.chosen.things.contains(&Thing::Dataset(d)) {
            return None;
        }
        let label = dataset.label.get(self.locale);
        Some(TableView { name: &dataset.name, label, entity: d == 0, item: dataset.item.as_deref(), fields })
    }

    fn field(&self, (d, f): (usize, usize), field: &'a Field) -> FieldView<'a> {
        let shown = |thing: Thing| self.chosen.things.contains(&thing);
        let values = field.values.iter().enumerate().filter(|(v, _)| shown(Thing::Value(d, f, *v)));
        let values: Vec<_> =
            values.map(|(_, v)| ValueView { name: &v.name, label: self.other(&v.name, &v.label) }).collect();
        let sets = field.groups.iter().enumerate().filter(|(g, _)| shown(Thing::Group(d, f, *g)));
        FieldView {
            name: &field.name,
            label: field.label.get(self.locale),
            kind: kind(field.kind),
            unit: field.unit.as_deref(),
            within: field.within.as_deref(),
            total: field.reading == Reading::Total,
            ordered: !field.ordered.is_empty(),
            sets: sets.map(|(_, group)| group.label.get(self.locale)).collect(),
            more: field.values.len() - values.len(),
            listed: values,
        }
    }

    fn term(&self, term: &'a Term) -> TermView<'a> {
        let also = term.also.iter().map(|(of, means)| AlsoView { of, means });
        TermView {
            name: &term.name,
            label: self.other(&term.name, &term.label),
            means: &term.predicate,
            of: term.of.as_deref(),
            also: also.collect(),
        }
    }

    /// The label, where it is another word than the name.
    fn other(&self, name: &str, label: &'a Label) -> Option<&'a str> {
        Some(label.get(self.locale)).filter(|label| *label != name)
    }
}

fn kind(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Bool => "bool",
        FieldType::String => "text",
        FieldType::Date => "date",
        _ => "number",
    }
}

/// The names of a whole catalog, for the stable beginning of a prompt.
#[derive(Debug, Serialize)]
pub(super) struct IndexView<'a> {
    /// What one row of the entity is called.
    entity: &'a str,
    as_of: String,
    tables: Vec<NamesView<'a>>,
    bands: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct NamesView<'a> {
    name: &'a str,
    label: &'a str,
    entity: bool,
    /// Its fields; none where there are too many to list.
    fields: Vec<&'a str>,
}

/// The names of `catalog`, with those of its fields or only of its tables.
pub(super) fn index<'a>(catalog: &'a Catalog, with_fields: bool) -> IndexView<'a> {
    let named = |(d, of): (usize, &'a Dataset)| {
        let open = |field: &&Field| with_fields && !is_identifier(field, of);
        let fields = of.fields.iter().filter(open).map(|field| field.name.as_str()).collect();
        NamesView { name: &of.name, label: &of.label.en, entity: d == 0, fields }
    };
    let tables = catalog.datasets.iter().enumerate().map(named).collect();
    let bands = if with_fields { catalog.bands.iter().map(|b| b.name.as_str()).collect() } else { Vec::new() };
    IndexView { entity: &catalog.entity_label.en, as_of: catalog.as_of.to_string(), tables, bands }
}

/// What [`index`] names.
pub(super) fn indexed(catalog: &Catalog, with_fields: bool) -> Found {
    let mut found = Found::default();
    for (d, dataset) in catalog.datasets.iter().enumerate() {
        if d > 0 {
            found.datasets.insert(dataset.name.clone());
        }
        let open = dataset.fields.iter().filter(|field| with_fields && !is_identifier(field, dataset));
        found.fields.extend(open.map(|field| field_key(dataset, &field.name)));
    }
    if with_fields {
        found.bands.extend(catalog.bands.iter().map(|band| band.name.clone()));
    }
    found
}
