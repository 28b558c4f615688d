//! Value lists: inline in a field, or in a file of their own under `value_lists`, flat or by the value
//! that holds them, with the short forms that people use.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Log, Place};
use super::model::{Value, ValueGroup};
use super::read::{Section, texts, value_label};
use super::words::fold;
use super::yaml::{Kind, Node};

/// Values, and where each stands.
#[derive(Debug, Clone, Default)]
pub(super) struct ValueList {
    /// The values, in file order.
    pub(super) values: Vec<Value>,
    /// Where each value stands.
    pub(super) places: Vec<Place>,
    /// Named sets of values.
    pub(super) groups: Vec<ValueGroup>,
    /// Where each set stands.
    pub(super) group_places: Vec<Place>,
    /// The list whose values hold these.
    within: Option<String>,
    /// Values whose short form is another word of the language (예산, "budget").
    whole: BTreeSet<String>,
    shorten: Option<Shorten>,
}

/// How names are shortened: 강남구 → 강남, Gangnam-gu → Gangnam.
#[derive(Debug, Clone)]
struct Shorten {
    /// Shorter stems are no names of their own (중구 is never 중).
    min_syllables: usize,
    /// Ending of the name → endings of its English label, the first being the one it is written with.
    endings: Vec<(String, Vec<String>)>,
}

/// All `value_lists` by name.
pub(super) type Lists = BTreeMap<String, ValueList>;

/// Reads the `value_lists` of one file into `lists`.
pub(super) fn read_lists(root: &mut Section<'_>, lists: &mut Lists, log: &mut Log) {
    let Some(section) = root.section("value_lists", log) else { return };
    for (name, place, node) in section.entries() {
        let Some(mut inner) = Section::open(node, &place.file, format!("value list `{name}`"), log) else { continue };
        let mut list = read_values(&mut inner, log);
        list.within = inner.text("within", log);
        list.shorten = inner.section("short_forms", log).map(|s| read_shorten(s, log));
        inner.close(log);
        if lists.insert(name.to_owned(), list).is_some() {
            log.add(&place, format!("there are two value lists `{name}`"));
        }
    }
}

/// Reads `values`, `values_within` and `groups` of a list or a field.
pub(super) fn read_values(section: &mut Section<'_>, log: &mut Log) -> ValueList {
    let mut list = ValueList::default();
    if let Some(node) = section.get("values") {
        add_values(&mut list, node, &section.place.file, &section.what, None, log);
    }
    if let Some(parents) = section.section("values_within", log) {
        for (parent, place, node) in parents.entries() {
            add_values(&mut list, node, &place.file, &parents.what, Some(parent), log);
        }
    }
    for node in section.list("groups", log) {
        if let Some((group, place)) = read_group(node, &section.place.file, log) {
            list.groups.push(group);
            list.group_places.push(place);
        }
    }
    list
}

fn add_values(list: &mut ValueList, node: &Node, file: &str, what: &str, parent: Option<&str>, log: &mut Log) {
    let at = |line| Place { file: file.to_owned(), line };
    match &node.kind {
        Kind::Map(entries) => {
            for (key, node) in entries {
                let (value, whole) = read_value(&key.text, node, file, log);
                if whole {
                    list.whole.insert(key.text.clone());
                }
                add_value(list, value, at(key.line), parent, log);
            }
        }
        Kind::List(items) => {
            for item in items {
                match &item.kind {
                    Kind::Text(name) => {
                        let value = plain(name);
                        add_value(list, value, at(item.line), parent, log);
                    }
                    _ => log.add(&at(item.line), format!("values of {what} are names, or a map from names")),
                }
            }
        }
        _ => log.add(&at(node.line), format!("values of {what} must be a list or a map")),
    }
}

/// A name under a second parent is the same value with one parent more (중구 of Seoul, of Busan …).
fn add_value(list: &mut ValueList, mut value: Value, place: Place, parent: Option<&str>, log: &mut Log) {
    value.parents.extend(parent.map(str::to_owned));
    let Some(known) = list.values.iter_mut().find(|v| v.name == value.name) else {
        list.values.push(value);
        list.places.push(place);
        return;
    };
    if parent.is_none() || value.parents.iter().any(|p| known.parents.contains(p)) {
        log.add(&place, format!("the value `{}` stands here twice", value.name));
    }
    known.parents.append(&mut value.parents);
    for word in value.synonyms {
        if !known.synonyms.contains(&word) {
            known.synonyms.push(word);
        }
    }
    if known.label.en == known.name {
        known.label = value.label;
    }
}

fn plain(name: &str) -> Value {
    Value {
        name: name.to_owned(),
        label: value_label(name, None, None),
        synonyms: Vec::new(),
        parents: Vec::new(),
        absent: false,
    }
}

/// One value: nothing, its English label, its synonyms, or a map of all there is to say.
fn read_value(name: &str, node: &Node, file: &str, log: &mut Log) -> (Value, bool) {
    let mut value = plain(name);
    let place = Place { file: file.to_owned(), line: node.line };
    match &node.kind {
        Kind::Null => {}
        Kind::Text(label) => value.label = value_label(name, None, Some(label.clone())),
        Kind::List(_) => value.synonyms = texts(node, &place, &format!("synonyms of `{name}`"), log),
        Kind::Map(_) => {
            let Some(mut inner) = Section::open(node, file, format!("value `{name}`"), log) else {
                return (value, false);
            };
            value.label = value_label(name, inner.text("ko", log), inner.text("en", log));
            value.synonyms = inner.texts("synonyms", log);
            value.parents = inner.texts("parents", log);
            value.absent = inner.flag("absent", log);
            let whole = inner.flag("no_short_form", log);
            inner.close(log);
            return (value, whole);
        }
    }
    (value, false)
}

fn read_group(node: &Node, file: &str, log: &mut Log) -> Option<(ValueGroup, Place)> {
    let mut inner = Section::open(node, file, "a group of values", log)?;
    if inner.get("label").is_none() {
        log.add(&inner.place, "a group of values needs `label`");
    }
    let label = inner.label("label", "", log);
    inner.what = format!("group `{}`", label.en);
    let group = ValueGroup { label, synonyms: inner.texts("synonyms", log), values: inner.texts("values", log) };
    let place = inner.place.clone();
    inner.close(log);
    Some((group, place))
}

fn read_shorten(mut section: Section<'_>, log: &mut Log) -> Shorten {
    let min_syllables = section.parsed("min_syllables", "a number", log).unwrap_or(2);
    let mut endings = Vec::new();
    if let Some(inner) = section.section("endings", log) {
        for (ending, place, node) in inner.entries() {
            endings.push((ending.to_owned(), texts(node, &place, &format!("ending `{ending}`"), log)));
        }
    }
    section.close(log);
    Shorten { min_syllables, endings }
}

/// Adds the short forms to every list that asks for them. A word of the list around it is never taken:
/// 광주 alone is the province, not 광주시.
pub(super) fn add_short_forms(lists: &mut Lists) {
    let around: BTreeMap<String, BTreeSet<String>> =
        lists.iter().map(|(name, list)| (name.clone(), words_around(list, lists))).collect();
    for (name, list) in lists {
        let Some(shorten) = list.shorten.clone() else { continue };
        let mut taken: BTreeSet<String> = around[name.as_str()].clone();
        taken.extend(list.values.iter().flat_map(words));
        for value in &mut list.values {
            let korean = !list.whole.contains(&value.name);
            for form in short_forms(value, &shorten, korean) {
                if taken.insert(fold(&form)) {
                    value.synonyms.push(form);
                }
            }
        }
    }
}

fn words_around(list: &ValueList, lists: &Lists) -> BTreeSet<String> {
    let mut words_found = BTreeSet::new();
    let mut next = list.within.as_ref();
    for _ in 0..lists.len() {
        let Some(outer) = next.and_then(|n| lists.get(n)) else { break };
        words_found.extend(outer.values.iter().flat_map(words));
        next = outer.within.as_ref();
    }
    words_found
}

/// All words of a value, folded for comparing.
pub(super) fn words(value: &Value) -> Vec<String> {
    let labels = [&value.name, &value.label.ko, &value.label.en];
    labels.into_iter().chain(&value.synonyms).map(|w| fold(w)).collect()
}

fn short_forms(value: &Value, shorten: &Shorten, korean: bool) -> Vec<String> {
    let mut forms = Vec::new();
    for (ending, english) in &shorten.endings {
        let Some(stem) = value.name.strip_suffix(ending.as_str()) else { continue };
        let stands_alone = stem.chars().count() >= shorten.min_syllables;
        if stands_alone && korean {
            forms.push(stem.to_owned());
        }
        let Some(stem) = english.first().and_then(|e| value.label.en.strip_suffix(e.as_str())) else { continue };
        if stands_alone {
            forms.push(stem.to_owned());
        }
        forms.extend(english.iter().skip(1).map(|e| format!("{stem}{e}")));
    }
    forms
}
