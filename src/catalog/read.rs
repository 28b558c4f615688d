//! Reading nodes by key. A [`Section`] hands out the values of a map and in the end names the keys that
//! nobody asked for.

use super::distance::nearest;
use super::fault::{Log, Place};
use super::model::Label;
use super::yaml::{Kind, Node};

/// A map being read.
pub(super) struct Section<'a> {
    /// What it describes, for messages (`field age`).
    pub(super) what: String,
    /// Where it starts.
    pub(super) place: Place,
    entries: Vec<(&'a str, Place, &'a Node)>,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The map at `node`; a fault and nothing where it is none.
    pub(super) fn open(node: &'a Node, file: &str, what: impl Into<String>, log: &mut Log) -> Option<Self> {
        let what = what.into();
        let place = Place { file: file.to_owned(), line: node.line };
        let Kind::Map(map) = &node.kind else {
            log.add(&place, format!("{what} must be a map of keys and values"));
            return None;
        };
        let entries =
            map.iter().map(|(k, v)| (k.text.as_str(), Place { file: file.to_owned(), line: k.line }, v)).collect();
        Some(Self { what, place, entries, asked: Vec::new() })
    }

    /// The node under `key`, where there is one.
    pub(super) fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        self.entries.iter().find(|(k, _, n)| *k == key && n.kind != Kind::Null).map(|(_, _, n)| *n)
    }

    /// Where `key` stands; the start of the section where it does not.
    pub(super) fn at(&self, key: &str) -> Place {
        self.entries.iter().find(|(k, ..)| *k == key).map_or_else(|| self.place.clone(), |(_, p, _)| p.clone())
    }

    /// The text under `key`.
    pub(super) fn text(&mut self, key: &'static str, log: &mut Log) -> Option<String> {
        let node = self.get(key)?;
        let found = as_text(node);
        if found.is_none() {
            log.add(&self.at(key), format!("`{key}` of {} must be text", self.what));
        }
        found.map(str::to_owned)
    }

    /// The text under `key`, which must be there.
    pub(super) fn need(&mut self, key: &'static str, log: &mut Log) -> String {
        if self.get(key).is_none() {
            log.add(&self.place, format!("{} needs `{key}`", self.what));
        }
        self.text(key, log).unwrap_or_default()
    }

    /// The text under `key` as what it stands for.
    pub(super) fn parsed<T: std::str::FromStr>(&mut self, key: &'static str, kind: &str, log: &mut Log) -> Option<T> {
        let text = self.text(key, log)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            log.add(&self.at(key), format!("`{key}` of {} must be {kind}, not `{text}`", self.what));
        }
        parsed
    }

    /// Whether `key` is `true`; absent is false.
    pub(super) fn flag(&mut self, key: &'static str, log: &mut Log) -> bool {
        self.parsed(key, "true or false", log).unwrap_or_default()
    }

    /// The texts listed under `key`.
    pub(super) fn texts(&mut self, key: &'static str, log: &mut Log) -> Vec<String> {
        let Some(node) = self.get(key) else { return Vec::new() };
        let place = self.at(key);
        texts(node, &place, &format!("`{key}` of {}", self.what), log)
    }

    /// The items listed under `key`.
    pub(super) fn list(&mut self, key: &'static str, log: &mut Log) -> &'a [Node] {
        match self.get(key).map(|n| &n.kind) {
            None => &[],
            Some(Kind::List(items)) => items,
            Some(_) => {
                log.add(&self.at(key), format!("`{key}` of {} must be a list", self.what));
                &[]
            }
        }
    }

    /// The map under `key`.
    pub(super) fn section(&mut self, key: &'static str, log: &mut Log) -> Option<Self> {
        let node = self.get(key)?;
        Self::open(node, &self.place.file, format!("`{key}` of {}", self.what), log)
    }

    /// The label under `key`: one text for both languages, or `{ko, en}`.
    pub(super) fn label(&mut self, key: &'static str, name: &str, log: &mut Log) -> Label {
        let Some(node) = self.get(key) else { return label_of(name, None, None) };
        if let Kind::Text(text) = &node.kind {
            return Label { ko: text.clone(), en: text.clone() };
        }
        let Some(mut inner) = Self::open(node, &self.place.file, format!("`{key}` of {}", self.what), log) else {
            return label_of(name, None, None);
        };
        let label = label_of(name, inner.text("ko", log), inner.text("en", log));
        inner.close(log);
        label
    }

    /// `ai_context: {synonyms: […]}`.
    pub(super) fn ai_synonyms(&mut self, log: &mut Log) -> Vec<String> {
        let Some(mut inner) = self.section("ai_context", log) else { return Vec::new() };
        let words = inner.texts("synonyms", log);
        inner.close(log);
        words
    }

    /// All entries of a map whose keys are names.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Place, &'a Node)> + '_ {
        self.entries.iter().map(|(k, p, n)| (*k, p.clone(), *n))
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn close(self, log: &mut Log) {
        for (key, place, _) in &self.entries {
            if !self.asked.contains(key) {
                let hint = hint(key, self.asked.iter().copied());
                log.add(place, format!("{} has no key `{key}`{hint}", self.what));
            }
        }
    }
}

/// `; did you mean …?` with the nearest of `names`, or nothing.
pub(super) fn hint<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let near: Vec<String> = nearest(word, names).into_iter().map(|n| format!("`{n}`")).collect();
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

/// The text of a scalar.
pub(super) fn as_text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

/// The texts of a list; one text stands for a list of one.
pub(super) fn texts(node: &Node, place: &Place, what: &str, log: &mut Log) -> Vec<String> {
    match &node.kind {
        Kind::Text(text) => vec![text.clone()],
        Kind::List(items) => {
            let found: Vec<String> = items.iter().filter_map(as_text).map(str::to_owned).collect();
            if found.len() < items.len() {
                log.add(place, format!("{what} must list texts only"));
            }
            found
        }
        _ => {
            log.add(place, format!("{what} must be a list of texts"));
            Vec::new()
        }
    }
}

/// A label from what is given: one language stands for the other, the name for both.
fn label_of(name: &str, ko: Option<String>, en: Option<String>) -> Label {
    let either = ko.clone().or_else(|| en.clone()).unwrap_or_else(|| name.to_owned());
    Label { ko: ko.unwrap_or_else(|| either.clone()), en: en.unwrap_or(either) }
}

/// The label of a value, whose name is a word itself: the name stands for the language it is written
/// in (강남구 for Korean, Netflix for English).
pub(super) fn value_label(name: &str, ko: Option<String>, en: Option<String>) -> Label {
    if name.chars().any(|c| ('가'..='힣').contains(&c)) {
        return label_of(name, Some(ko.unwrap_or_else(|| name.to_owned())), en);
    }
    match en {
        None => label_of(name, ko, Some(name.to_owned())),
        given => label_of(name, ko, given),
    }
}
