//! Look-up by words: what in the catalog is called something like this.

use std::fmt;

use serde::Serialize;

use super::distance::{jamo, slips, tolerance};
use super::model::{Catalog, Dataset, Field, Label};
use super::words::fold;

/// Score of a word that is what was looked for.
const EXACT: u32 = 100;
/// Score of a word that begins with it.
const BEGINS: u32 = 80;
/// Score of a word that holds it.
const HOLDS: u32 = 60;
/// Score of a word that it holds: "강남구 거주" holds 거주.
const HELD: u32 = 50;
/// Score of a word that it would be but for slips of typing.
const SLIPPED: u32 = 40;
/// Shorter words are found only as they are: one letter is in everything.
const MIN_PART: usize = 2;

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HitKind {
    /// A glossary term.
    Term,
    /// A column.
    Field,
    /// A grouping of numbers.
    Band,
    /// A listed value.
    Value,
    /// Several values under one name.
    Group,
    /// A table.
    Dataset,
    /// A group of filters.
    Category,
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// The dataset it belongs to, for fields, values and groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The field it belongs to, for values and groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Its name in the catalog.
    pub name: String,
    /// What a reader sees.
    pub label: Label,
    /// The word of it that was found.
    pub word: String,
    /// How well it was found; 100 is exactly.
    pub score: u32,
}

impl Hit {
    /// Whether it is this field, something of it, or the whole of its dataset.
    #[must_use]
    pub fn is_of(&self, dataset: &str, field: &str) -> bool {
        let here = self.dataset.as_deref() == Some(dataset);
        match self.kind {
            HitKind::Field => here && self.name == field,
            HitKind::Value | HitKind::Group => here && self.field.as_deref() == Some(field),
            HitKind::Dataset => self.name == dataset,
            HitKind::Term | HitKind::Band | HitKind::Category => false,
        }
    }
}

impl fmt::Display for Hit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.dataset, &self.field) {
            (HitKind::Value, Some(dataset), Some(field)) => write!(out, "value {dataset}.{field} = '{}'", self.name)?,
            (HitKind::Group, Some(dataset), Some(field)) => write!(out, "group {dataset}.{field}: {}", self.name)?,
            (HitKind::Field, Some(dataset), _) => write!(out, "field {dataset}.{}", self.name)?,
            (HitKind::Term, ..) => write!(out, "term {}", self.name)?,
            (HitKind::Band, ..) => write!(out, "band {}", self.name)?,
            (HitKind::Category, ..) => write!(out, "category {}", self.name)?,
            _ => write!(out, "dataset {}", self.name)?,
        }
        if self.label.ko == self.label.en {
            write!(out, " ({})", self.label.en)
        } else {
            write!(out, " ({}, {})", self.label.ko, self.label.en)
        }
    }
}

/// What of `catalog` is called something like `words`, best first, at most `limit`.
#[must_use]
pub fn search(catalog: &Catalog, words: &str, limit: usize) -> Vec<Hit> {
    let asked = Asked::new(words);
    if asked.parts.is_empty() {
        return Vec::new();
    }
    let mut hits = Vec::new();
    named_things(catalog, &asked, &mut hits);
    for dataset in &catalog.datasets {
        let nouns = dataset.presence.nouns.iter();
        let thing = Thing { kind: HitKind::Dataset, of: (None, None), name: &dataset.name, label: &dataset.label };
        asked.add(&thing, nouns, &mut hits);
        for field in &dataset.fields {
            fields(dataset, field, &asked, &mut hits);
        }
    }
    // A stable sort: equals stay in catalog order.
    hits.sort_by_key(|h| (std::cmp::Reverse(h.score), h.kind));
    hits.truncate(limit);
    hits
}

fn named_things(catalog: &Catalog, asked: &Asked, hits: &mut Vec<Hit>) {
    for t in &catalog.glossary {
        let thing = Thing { kind: HitKind::Term, of: (None, None), name: &t.name, label: &t.label };
        asked.add(&thing, t.synonyms.iter(), hits);
    }
    for b in &catalog.bands {
        let thing = Thing { kind: HitKind::Band, of: (None, None), name: &b.name, label: &b.label };
        asked.add(&thing, b.synonyms.iter(), hits);
    }
    for c in &catalog.categories {
        let thing = Thing { kind: HitKind::Category, of: (None, None), name: &c.name, label: &c.label };
        asked.add(&thing, c.synonyms.iter(), hits);
    }
}

fn fields(dataset: &Dataset, field: &Field, asked: &Asked, hits: &mut Vec<Hit>) {
    let of = (Some(dataset.name.as_str()), Some(field.name.as_str()));
    let thing = Thing { kind: HitKind::Field, of: (of.0, None), name: &field.name, label: &field.label };
    asked.add(&thing, field.synonyms.iter(), hits);
    for value in &field.values {
        let thing = Thing { kind: HitKind::Value, of, name: &value.name, label: &value.label };
        asked.add(&thing, value.synonyms.iter(), hits);
    }
    for group in &field.groups {
        let thing = Thing { kind: HitKind::Group, of, name: &group.label.en, label: &group.label };
        asked.add(&thing, group.synonyms.iter(), hits);
    }
}

/// Something that has a name.
struct Thing<'a> {
    kind: HitKind,
    of: (Option<&'a str>, Option<&'a str>),
    name: &'a str,
    label: &'a Label,
}

/// What is looked for: the whole, then its words.
struct Asked {
    parts: Vec<(String, Vec<char>)>,
}

impl Asked {
    fn new(words: &str) -> Self {
        let mut parts: Vec<String> = Vec::new();
        for part in std::iter::once(words).chain(words.split_whitespace()) {
            let part = fold(part);
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        Self { parts: parts.into_iter().map(|p| (p.clone(), jamo(&p))).collect() }
    }

    fn add<'a>(&self, thing: &Thing<'a>, synonyms: impl Iterator<Item = &'a String>, hits: &mut Vec<Hit>) {
        let own = [thing.name, &thing.label.ko, &thing.label.en].into_iter();
        let mut best: Option<(u32, &str)> = None;
        for word in own.chain(synonyms.map(String::as_str)) {
            let score = self.score(&fold(word));
            if score > best.map_or(0, |(s, _)| s) {
                best = Some((score, word));
            }
        }
        let Some((score, word)) = best else { return };
        hits.push(Hit {
            kind: thing.kind,
            dataset: thing.of.0.map(str::to_owned),
            field: thing.of.1.map(str::to_owned),
            name: thing.name.to_owned(),
            label: thing.label.clone(),
            word: word.to_owned(),
            score,
        });
    }

    /// The whole counts in full, one word of several less.
    fn score(&self, word: &str) -> u32 {
        let mut best = 0;
        for (i, (part, letters)) in self.parts.iter().enumerate() {
            let found = score(part, letters, word);
            best = best.max(if i == 0 { found } else { found * 9 / 10 });
        }
        best
    }
}

fn score(part: &str, letters: &[char], word: &str) -> u32 {
    if word == part {
        return EXACT;
    }
    let long_enough = |text: &str| text.chars().count() >= MIN_PART;
    if long_enough(part) && word.starts_with(part) {
        return BEGINS;
    }
    if long_enough(part) && word.contains(part) {
        return HOLDS;
    }
    if long_enough(word) && part.contains(word) {
        return HELD;
    }
    let most = tolerance(letters.len());
    match slips(letters, &jamo(word), most) {
        Some(n) if most > 0 => SLIPPED - u32::try_from(n).unwrap_or(SLIPPED),
        _ => 0,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::catalog::builtin;

    fn first(words: &str) -> (HitKind, String) {
        let hit = search(&builtin().unwrap(), words, 5).into_iter().next().unwrap();
        (hit.kind, hit.name)
    }

    #[test]
    fn words_find_what_is_called_so() {
        assert_eq!(first("넷플릭스"), (HitKind::Value, "Netflix".into()));
        assert_eq!(first("seniors"), (HitKind::Term, "시니어".into()));
        assert_eq!(first("gangnam"), (HitKind::Value, "강남구".into()));
        assert_eq!(first("Universe Pass").0, HitKind::Group);
        assert_eq!(first("요금제"), (HitKind::Field, "plan_name".into()));
        assert_eq!(first("연령대"), (HitKind::Field, "age".into()));
    }

    #[test]
    fn slips_and_parts_find_too_but_later() {
        assert_eq!(first("인스타그렘 쓰는").1, "Instagram");
        assert_eq!(first("명품 백화점").1, "백화점");
        let hits = search(&builtin().unwrap(), "churn", 20);
        assert!(hits.iter().any(|h| h.name == "이탈 위험"));
        assert!(hits.windows(2).all(|w| w[0].score >= w[1].score));
    }

    #[test]
    fn nothing_finds_nothing() {
        let catalog = builtin().unwrap();
        assert!(search(&catalog, "  ", 5).is_empty());
        assert!(search(&catalog, "혈액형qq", 5).is_empty());
        assert_eq!(search(&catalog, "앱", 3).len(), 3);
    }
}
