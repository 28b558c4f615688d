//! Questions about data, filters and words, answered from the catalog.

use super::keys::Key;
use super::number;
use super::readback::meaning;
use super::words::{Voice, voice};
use crate::catalog::{Catalog, Dataset, Field, Locale, Sensitivity};
use crate::segment::sentence::reading;
use crate::segment::{Segment, Topic};

/// So many values or fields are named; the rest are counted.
const MAX_NAMED: usize = 20;

/// So many fields of each category are named where everything is.
const MAX_OF_CATEGORY: usize = 6;

/// What there is to say about each topic.
pub(super) fn explain(
    topics: &[Topic],
    segment: &Segment,
    catalog: &Catalog,
    min_group: u64,
    locale: Locale,
) -> String {
    let all = [Topic::Everything];
    let topics = if topics.is_empty() { &all } else { topics };
    let explainer = Explainer { catalog, locale, min_group, voice: voice(locale) };
    let said: Vec<String> = topics.iter().filter_map(|topic| explainer.topic(topic, segment)).collect();
    if said.is_empty() { explainer.voice.about_nothing() } else { said.join("\n") }
}

struct Explainer<'a> {
    catalog: &'a Catalog,
    locale: Locale,
    min_group: u64,
    voice: &'static dyn Voice,
}

impl Explainer<'_> {
    fn topic(&self, topic: &Topic, segment: &Segment) -> Option<String> {
        match topic {
            Topic::Term { name } => self.term(name),
            Topic::Field { dataset, field } => self.field(dataset, field),
            Topic::Dataset { name } => self.catalog.dataset(name).map(|d| self.dataset(d)),
            Topic::Category { name } => self.category(name, MAX_NAMED),
            Topic::Data => Some(self.data()),
            Topic::Segment => Some(self.segment(segment)),
            Topic::Everything => Some(self.everything()),
        }
    }

    fn term(&self, name: &str) -> Option<String> {
        let term = self.catalog.term(name)?;
        let over: Vec<String> = std::iter::once(&term.predicate)
            .chain(term.also.iter().map(|(_, predicate)| predicate))
            .map(|p| self.voice.about_term(term.label.get(self.locale), &meaning(p, self.catalog, self.locale), p))
            .collect();
        Some(over.join(" "))
    }

    fn field(&self, dataset: &str, name: &str) -> Option<String> {
        let dataset = self.catalog.dataset(dataset)?;
        let Some(field) = dataset.field(name) else { return self.band(name) };
        if field.sensitivity == Sensitivity::Identifier {
            return None;
        }
        let about = field.about.get(self.locale).trim_end_matches('.');
        let mut said = vec![self.voice.about_field(field.label.get(self.locale), &field.name, about)];
        said.extend(self.numbers(field));
        said.extend(self.values(field));
        let bands = self.catalog.bands.iter().filter(|b| b.field == name && dataset.name == self.catalog.entity().name);
        said.extend(bands.filter_map(|b| self.band(&b.name)));
        Some(said.join(" "))
    }

    fn numbers(&self, field: &Field) -> Vec<String> {
        let unit = field.unit.as_deref().and_then(|u| self.catalog.unit(u)).map(|u| u.label.get(self.locale));
        let unit = unit.filter(|u| !u.is_empty()).map(|u| self.voice.about_unit(u));
        let range = number::range(field).map(|(low, high)| self.voice.about_range(&low, &high));
        let window = field.window_days.map(|days| self.voice.about_window(days));
        [unit, range, window].into_iter().flatten().collect()
    }

    fn values(&self, field: &Field) -> Option<String> {
        let labels: Vec<&str> = field.values.iter().map(|v| v.label.get(self.locale)).collect();
        let (named, more) = cut(&labels, MAX_NAMED);
        (!named.is_empty()).then(|| self.voice.about_values(named, more))
    }

    fn band(&self, name: &str) -> Option<String> {
        let band = self.catalog.band(name)?;
        let key = Key::Band(band);
        let labels: Vec<String> =
            band.labels.iter().map(|l| key.group_label(Some(l), self.catalog, self.locale)).collect();
        Some(self.voice.about_bands(band.label.get(self.locale), &labels))
    }

    fn dataset(&self, dataset: &Dataset) -> String {
        let mut row: Vec<&str> = Vec::new();
        for name in &dataset.primary_key {
            row.push(dataset.field(name).map_or(name.as_str(), |f| f.label.get(self.locale)));
        }
        let about = self.voice.about_dataset(dataset.label.get(self.locale), &dataset.name, &row);
        let fields: Vec<&str> = open(dataset).map(|f| f.label.get(self.locale)).collect();
        let (named, more) = cut(&fields, MAX_NAMED);
        let window = dataset.fields.iter().find_map(|f| f.window_days).map(|days| self.voice.about_window(days));
        let fields = self.voice.about_fields(dataset.label.get(self.locale), named, more);
        [Some(about), Some(fields), window].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn category(&self, name: &str, most: usize) -> Option<String> {
        let category = self.catalog.categories.iter().find(|c| c.name == name)?;
        let fields: Vec<&str> = (self.catalog.datasets.iter().flat_map(open))
            .filter(|f| f.category == name)
            .map(|f| f.label.get(self.locale))
            .collect();
        let (named, more) = cut(&fields, most);
        (!named.is_empty()).then(|| self.voice.about_fields(category.label.get(self.locale), named, more))
    }

    fn data(&self) -> String {
        let (from, to) = self.catalog.window;
        let population = self.catalog.population_label.get(self.locale);
        let [as_of, from, to] = [self.catalog.as_of, from, to].map(|day| day.to_string());
        let data = self.voice.about_data(&as_of, &from, &to, population);
        let min = (self.min_group > 1).then(|| self.voice.about_min_group(self.min_group));
        [Some(data), min].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn segment(&self, segment: &Segment) -> String {
        let lines = reading(segment, self.catalog, self.locale);
        if lines.is_empty() {
            return self.voice.about_everybody(self.catalog.population_label.get(self.locale));
        }
        self.voice.about_segment(&lines)
    }

    fn everything(&self) -> String {
        let categories = self.catalog.categories.iter().filter_map(|c| self.category(&c.name, MAX_OF_CATEGORY));
        std::iter::once(self.voice.about_everything())
            .chain(categories)
            .chain([self.data()])
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// The fields that may be shown.
fn open(dataset: &Dataset) -> impl Iterator<Item = &Field> {
    dataset.fields.iter().filter(|f| f.sensitivity == Sensitivity::Open && dataset.joins_on.as_deref() != Some(&f.name))
}

fn cut<'a, 'b>(all: &'a [&'b str], most: usize) -> (&'a [&'b str], usize) {
    let named = &all[..all.len().min(most)];
    (named, all.len() - named.len())
}
