//! Reading datasets, fields and relationships.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Log, Place};
use super::model::{Dataset, Field, FieldType, Label, Presence, Reading, Sensitivity};
use super::read::{Section, hint};
use super::values::{Lists, ValueList, read_values};
use super::yaml::Node;

/// Where the named things of a catalog stand (`customers.age`), for faults found later.
#[derive(Debug, Default)]
pub(super) struct Marks {
    places: BTreeMap<String, Place>,
    /// Where names stand that stood somewhere before.
    again: BTreeMap<String, Place>,
    /// Fields whose type is unknown.
    pub(super) untyped: BTreeSet<String>,
    /// Value lists as each field has them, for the places of values.
    pub(super) values: BTreeMap<String, ValueList>,
    /// Field → the value list it takes its values from.
    pub(super) lists: BTreeMap<String, String>,
}

impl Marks {
    /// Notes where `name` stands.
    pub(super) fn note(&mut self, name: impl Into<String>, place: Place) {
        match self.places.entry(name.into()) {
            Entry::Vacant(entry) => {
                entry.insert(place);
            }
            Entry::Occupied(entry) => {
                self.again.entry(entry.key().clone()).or_insert(place);
            }
        }
    }

    /// Where `name` stands for the second time.
    pub(super) fn again(&self, name: &str) -> Place {
        self.again.get(name).cloned().unwrap_or_else(|| self.at(name))
    }

    /// Where `name` stands, or the nearest thing around it.
    pub(super) fn at(&self, name: &str) -> Place {
        let mut name = name;
        loop {
            if let Some(place) = self.places.get(name) {
                return place.clone();
            }
            match name.rfind(['.', '/']) {
                Some(end) => name = &name[..end],
                None => return self.places.get("").cloned().unwrap_or_default(),
            }
        }
    }
}

const TYPES: [(&str, FieldType); 8] = [
    ("bool", FieldType::Bool),
    ("int8", FieldType::Int8),
    ("int16", FieldType::Int16),
    ("int32", FieldType::Int32),
    ("int64", FieldType::Int64),
    ("float64", FieldType::Float64),
    ("string", FieldType::String),
    ("date", FieldType::Date),
];

/// Reads one dataset.
pub(super) fn read_dataset(
    node: &Node,
    file: &str,
    lists: &Lists,
    marks: &mut Marks,
    log: &mut Log,
) -> Option<Dataset> {
    let mut section = Section::open(node, file, "a dataset", log)?;
    let name = section.need("name", log);
    section.what = format!("dataset `{name}`");
    marks.note(&name, section.at("name"));
    for key in ["primary_key", "item", "fields"] {
        marks.note(format!("{name}/{key}"), section.at(key));
    }
    let category = section.text("category", log);
    let mut fields: Vec<Field> = Vec::new();
    for node in section.list("fields", log) {
        let Some(field) = read_field(node, &name, category.as_deref(), (file, lists), marks, log) else { continue };
        fields.push(field);
    }
    let mut presence = section.section("presence", log).map(|s| read_presence(s, log)).unwrap_or_default();
    presence
        .nouns
        .extend(section.ai_synonyms(log).into_iter().filter(|w| !presence.nouns.contains(w)).collect::<Vec<_>>());
    let dataset = Dataset {
        label: section.label("label", &name, log),
        primary_key: section.texts("primary_key", log),
        joins_on: None,
        item: section.text("item", log),
        presence,
        fields,
        name,
    };
    section.get("description");
    section.close(log);
    Some(dataset)
}

fn read_presence(mut section: Section<'_>, log: &mut Log) -> Presence {
    let presence = Presence {
        verbs: section.texts("verbs", log),
        nouns: section.texts("nouns", log),
        says: section.label("says", "{}", log),
        says_not: section.label("says_not", "not {}", log),
        anything: section.label("anything", "", log),
    };
    for key in ["says", "says_not"] {
        let label = if key == "says" { &presence.says } else { &presence.says_not };
        if !label.ko.contains("{}") || !label.en.contains("{}") {
            log.add(&section.at(key), format!("`{key}` must say where the thing stands, with `{{}}`"));
        }
    }
    section.close(log);
    presence
}

fn read_field(
    node: &Node,
    dataset: &str,
    category: Option<&str>,
    (file, lists): (&str, &Lists),
    marks: &mut Marks,
    log: &mut Log,
) -> Option<Field> {
    let mut section = Section::open(node, file, "a field", log)?;
    let name = section.need("name", log);
    section.what = format!("field `{dataset}.{name}`");
    let path = format!("{dataset}.{name}");
    marks.note(&path, section.at("name"));
    for key in ["within", "band", "unit", "category", "range", "ordered"] {
        marks.note(format!("{path}/{key}"), section.at(key));
    }
    let list = field_values(&mut section, &path, lists, marks, log);
    let field = Field {
        kind: read_type(&mut section, &path, marks, log),
        label: section.label("label", &name, log),
        synonyms: section.ai_synonyms(log),
        about: about(&mut section, log),
        unit: section.text("unit", log),
        category: section.text("category", log).or_else(|| category.map(str::to_owned)).unwrap_or_default(),
        sensitivity: read_sensitivity(&mut section, log),
        nullable: section.flag("nullable", log),
        range: read_range(&mut section, log),
        values: list.values.clone(),
        groups: list.groups.clone(),
        within: section.text("within", log),
        band: section.text("band", log),
        shared: None,
        preferred: section.flag("preferred", log),
        cues: section.texts("cues", log),
        ordered: section.texts("ordered", log),
        reading: read_reading(&mut section, log),
        window_days: section.parsed("window_days", "a number of days", log),
        name,
    };
    marks.values.insert(path, list);
    section.close(log);
    Some(field)
}

fn field_values(section: &mut Section<'_>, path: &str, lists: &Lists, marks: &mut Marks, log: &mut Log) -> ValueList {
    let own = read_values(section, log);
    let Some(name) = section.text("values_from", log) else { return own };
    if !own.values.is_empty() {
        log.add(&section.at("values_from"), format!("{} lists values and takes them from `{name}` too", section.what));
    }
    let Some(list) = lists.get(&name) else {
        let near = hint(&name, lists.keys().map(String::as_str));
        log.add(&section.at("values_from"), format!("there is no value list `{name}`{near}"));
        return own;
    };
    marks.lists.insert(path.to_owned(), name);
    let mut list = list.clone();
    list.groups.extend(own.groups);
    list.group_places.extend(own.group_places);
    list
}

fn about(section: &mut Section<'_>, log: &mut Log) -> Label {
    if section.get("description").is_none() { Label::default() } else { section.label("description", "", log) }
}

fn read_type(section: &mut Section<'_>, path: &str, marks: &mut Marks, log: &mut Log) -> FieldType {
    let text = section.need("type", log);
    if let Some((_, kind)) = TYPES.iter().find(|(name, _)| *name == text) {
        return *kind;
    }
    marks.untyped.insert(path.to_owned());
    if !text.is_empty() {
        let known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
        log.add(&section.at("type"), format!("`{text}` is no type; the types are {}", known.join(", ")));
    }
    FieldType::String
}

fn read_sensitivity(section: &mut Section<'_>, log: &mut Log) -> Sensitivity {
    match section.text("sensitivity", log).as_deref() {
        None | Some("open") => Sensitivity::Open,
        Some("identifier") => Sensitivity::Identifier,
        Some(other) => {
            log.add(&section.at("sensitivity"), format!("`sensitivity` is open or identifier, not `{other}`"));
            Sensitivity::Identifier
        }
    }
}

fn read_reading(section: &mut Section<'_>, log: &mut Log) -> Reading {
    match section.text("reading", log).as_deref() {
        None | Some("row") => Reading::Row,
        Some("total") => Reading::Total,
        Some(other) => {
            log.add(&section.at("reading"), format!("`reading` is row or total, not `{other}`"));
            Reading::Row
        }
    }
}

fn read_range(section: &mut Section<'_>, log: &mut Log) -> Option<(f64, f64)> {
    let texts = section.texts("range", log);
    if texts.is_empty() {
        return None;
    }
    let numbers: Vec<f64> = texts.iter().filter_map(|t| t.parse().ok()).filter(|n: &f64| n.is_finite()).collect();
    match numbers[..] {
        [low, high] if texts.len() == 2 && low <= high => Some((low, high)),
        _ => {
            log.add(&section.at("range"), "`range` is two numbers, the smaller first");
            None
        }
    }
}

/// Reads `relationships` and hangs the many-tables off the entity.
pub(super) fn read_relationships(root: &mut Section<'_>, datasets: &mut [Dataset], marks: &mut Marks, log: &mut Log) {
    for node in root.list("relationships", log) {
        let Some(mut section) = Section::open(node, &root.place.file, "a relationship", log) else { continue };
        let (from, to) = (section.need("from", log), section.need("to", log));
        let from_columns = section.texts("from_columns", log);
        let to_columns = section.texts("to_columns", log);
        section.text("name", log);
        join(datasets, (&from, &from_columns), (&to, &to_columns), &section, log);
        marks.note(format!("{from}/joins_on"), section.place.clone());
        section.close(log);
    }
}

fn join(
    datasets: &mut [Dataset],
    from: (&str, &[String]),
    to: (&str, &[String]),
    section: &Section<'_>,
    log: &mut Log,
) {
    let names: Vec<String> = datasets.iter().map(|d| d.name.clone()).collect();
    let entity_key = datasets.first().map(|d| (d.name.clone(), d.primary_key.clone()));
    if entity_key.as_ref().is_none_or(|(name, key)| to.0 != name || to.1 != key.as_slice()) {
        log.add(&section.at("to"), "a relationship goes to the primary key of the entity's dataset");
    }
    let Some(dataset) = datasets.iter_mut().skip(1).find(|d| d.name == from.0) else {
        let near = hint(from.0, names.iter().map(String::as_str));
        log.add(&section.at("from"), format!("`{}` is no many-table{near}", from.0));
        return;
    };
    match from.1 {
        [column] if dataset.field(column).is_some() => dataset.joins_on = Some(column.clone()),
        [column] => {
            let near = hint(column, dataset.fields.iter().map(|f| f.name.as_str()));
            log.add(&section.at("from_columns"), format!("`{}` has no field `{column}`{near}", from.0));
        }
        _ => log.add(&section.at("from_columns"), "a relationship joins on one column"),
    }
}
