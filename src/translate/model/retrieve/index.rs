//! Names of a catalog by pieces of words, so that a name is found by a part of it or among words that nobody knows.
//!
//! Every name (label, synonym, stored name) is a short document of pieces: pairs of syllables in Hangul, three
//! letters in a row elsewhere, a mark before the first letter of a word. A name is scored by BM25 (Robertson and
//! Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009):
//!
//! ```text
//! idf(p)   = ln(1 + (N − n(p) + 0.5) / (n(p) + 0.5))          N names, n(p) of them with the piece p
//! score(d) = Σ idf(p) · (k1 + 1) / (1 + k1 · (1 − b + b · |d| / mean |d|))     over pieces p of both
//! ```
//!
//! times the part of the name, by weight, that the request holds: a long name of which one piece is found is no
//! find. Descriptions are scored alike but need not be held in full.

use unicode_normalization::UnicodeNormalization;

use super::Thing;
use crate::catalog::{Catalog, Dataset, Field};
use crate::segment::check::is_identifier;

/// How soon repeated pieces stop counting; a piece counts once here, so it only scales.
const K1: f32 = 1.2;
/// How much long names are held back.
const B: f32 = 0.75;
/// The least part of a name, by weight, that a request must hold.
const MIN_HELD: f32 = 0.5;
/// What a description counts beside a name.
const DESCRIPTION: f32 = 0.3;
/// Finds that are looked at further.
const MAX_FINDS: usize = 300;
/// Pieces of a request that are looked up.
const MAX_PIECES: usize = 2_000;

/// A name, or a description.
#[derive(Debug)]
struct Name {
    thing: Thing,
    pieces: u32,
    /// Weight of all its pieces.
    weight: f32,
    described: bool,
}

/// The names of one catalog.
#[derive(Debug, Default)]
pub(super) struct Index {
    names: Vec<Name>,
    /// Piece, its weight and where its names stand in `postings`; in order of the pieces.
    pieces: Vec<(u64, f32, std::ops::Range<usize>)>,
    postings: Vec<u32>,
    mean: f32,
}

impl Index {
    /// Indexes every name of `catalog` that may be offered.
    pub(super) fn new(catalog: &Catalog) -> Self {
        let mut build = Build::default();
        for (d, dataset) in catalog.datasets.iter().enumerate() {
            build.dataset(d, dataset);
        }
        for (i, band) in catalog.bands.iter().enumerate() {
            build.add(Thing::Band(i), [&band.name, &band.label.ko, &band.label.en], &band.synonyms);
        }
        for (i, term) in catalog.glossary.iter().enumerate() {
            build.add(Thing::Term(i), [&term.name, &term.label.ko, &term.label.en], &term.synonyms);
        }
        build.done()
    }

    /// What is called something like a part of `text`, best first, with a score of which 1 is the best find's.
    pub(super) fn find(&self, text: &str) -> Vec<(Thing, f32)> {
        let mut asked = pieces(text);
        asked.truncate(MAX_PIECES);
        let mut scores: Vec<(f32, f32)> = vec![(0.0, 0.0); self.names.len()];
        let mut touched: Vec<u32> = Vec::new();
        for piece in asked {
            let Ok(at) = self.pieces.binary_search_by_key(&piece, |(p, ..)| *p) else { continue };
            let (_, weight, range) = &self.pieces[at];
            for &name in &self.postings[range.clone()] {
                let Some((score, held)) = scores.get_mut(name as usize) else { continue };
                if *held == 0.0 {
                    touched.push(name);
                }
                *score += weight * self.damped(self.names[name as usize].pieces);
                *held += weight;
            }
        }
        let found = touched.into_iter().filter_map(|i| {
            let (name, (score, held)) = (self.names.get(i as usize)?, scores[i as usize]);
            let part = held / name.weight.max(f32::EPSILON);
            match (name.described, part >= MIN_HELD) {
                (true, _) => Some((name.thing, score * DESCRIPTION)),
                (false, true) => Some((name.thing, score * part)),
                (false, false) => None,
            }
        });
        best(found.collect())
    }

    #[allow(clippy::cast_precision_loss, reason = "a count of pieces")]
    fn damped(&self, pieces: u32) -> f32 {
        (K1 + 1.0) / (1.0 + K1 * (1.0 - B + B * pieces as f32 / self.mean.max(1.0)))
    }
}

/// Each thing once, by its best name, best first.
fn best(mut found: Vec<(Thing, f32)>) -> Vec<(Thing, f32)> {
    found.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    found.dedup_by_key(|(thing, _)| *thing);
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(MAX_FINDS);
    let most = found.first().map_or(1.0, |(_, score)| score.max(f32::EPSILON));
    found.into_iter().map(|(thing, score)| (thing, score / most)).collect()
}

/// Names as they come in.
#[derive(Default)]
struct Build {
    names: Vec<Name>,
    /// Piece and name.
    pairs: Vec<(u64, u32)>,
}

impl Build {
    fn dataset(&mut self, d: usize, dataset: &Dataset) {
        if d > 0 {
            let names = [&dataset.name, &dataset.label.ko, &dataset.label.en];
            self.add(Thing::Dataset(d), names, &dataset.presence.nouns);
        }
        for (f, field) in dataset.fields.iter().enumerate().filter(|(_, field)| !is_identifier(field, dataset)) {
            self.field(d, f, field);
        }
    }

    fn field(&mut self, d: usize, f: usize, field: &Field) {
        let thing = Thing::Field(d, f);
        self.add(thing, [&field.name, &field.label.ko, &field.label.en], &field.synonyms);
        for about in [&field.about.ko, &field.about.en] {
            self.push(thing, about, true);
        }
        for (v, value) in field.values.iter().enumerate() {
            let names = [&value.name, &value.label.ko, &value.label.en];
            self.add(Thing::Value(d, f, v), names, &value.synonyms);
        }
        for (g, group) in field.groups.iter().enumerate() {
            self.add(Thing::Group(d, f, g), [&group.label.ko, &group.label.ko, &group.label.en], &group.synonyms);
        }
    }

    fn add(&mut self, thing: Thing, names: [&String; 3], synonyms: &[String]) {
        let mut all: Vec<&String> = names.into_iter().chain(synonyms).collect();
        all.sort_unstable();
        all.dedup();
        for name in all {
            self.push(thing, name, false);
        }
    }

    fn push(&mut self, thing: Thing, text: &str, described: bool) {
        let pieces = pieces(text);
        let (Ok(name), Ok(length)) = (u32::try_from(self.names.len()), u32::try_from(pieces.len())) else { return };
        if pieces.is_empty() {
            return;
        }
        self.pairs.extend(pieces.into_iter().map(|piece| (piece, name)));
        self.names.push(Name { thing, pieces: length, weight: 0.0, described });
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of names and pieces")]
    fn done(mut self) -> Index {
        self.pairs.sort_unstable();
        let mut index = Index { names: self.names, ..Index::default() };
        let names = index.names.len() as f32;
        index.mean = self.pairs.len() as f32 / names.max(1.0);
        for of_piece in self.pairs.chunk_by(|a, b| a.0 == b.0) {
            let (start, n) = (index.postings.len(), of_piece.len() as f32);
            let weight = (1.0 + (names - n + 0.5) / (n + 0.5)).ln();
            for (_, name) in of_piece {
                index.names[*name as usize].weight += weight;
                index.postings.push(*name);
            }
            index.pieces.push((of_piece[0].0, weight, start..index.postings.len()));
        }
        index
    }
}

/// The mark before the first letter of a word.
const START: char = '^';

/// The pieces of a text, each once, in order. What is written alike in Unicode is alike, whatever its case.
pub(in crate::translate::model) fn pieces(text: &str) -> Vec<u64> {
    let letters: Vec<char> = text.nfkc().flat_map(char::to_lowercase).collect();
    let mut all = Vec::new();
    for word in letters.split(|c| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        for run in word.chunk_by(|a, b| is_hangul(*a) == is_hangul(*b)) {
            if is_hangul(run[0]) {
                syllables(run, &mut all);
            } else {
                let marked: Vec<char> = std::iter::once(START).chain(run.iter().copied()).collect();
                all.extend(marked.windows(marked.len().min(3)).map(packed));
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn syllables(run: &[char], all: &mut Vec<u64>) {
    if run.len() == 1 {
        all.push(packed(run));
    }
    all.extend(run.windows(2).map(packed));
}

fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// At most three characters in one number: a character has 21 bits.
fn packed(chars: &[char]) -> u64 {
    chars.iter().fold(0, |number, c| (number << 21) | u64::from(u32::from(*c)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::catalog::builtin;

    #[test]
    fn pieces_do_not_depend_on_case_or_composition() {
        assert_eq!(pieces("넷플릭스"), pieces("\u{1102}\u{1166}\u{11BA}플릭스"));
        assert_eq!(pieces("Netflix 4K"), pieces("netflix, 4k"));
        assert_eq!(pieces("넷플릭스").len(), 3);
        assert_eq!(pieces("netflix").len(), 6);
        assert!(pieces(" …!? ").is_empty());
    }

    #[test]
    fn a_name_is_found_by_a_part_of_it() {
        let catalog = builtin().unwrap();
        let index = Index::new(&catalog);
        let names = |text: &str| -> Vec<String> {
            let name = |thing: Thing| match thing {
                Thing::Field(d, f) => catalog.datasets[d].fields[f].name.clone(),
                Thing::Value(d, f, v) => catalog.datasets[d].fields[f].values[v].name.clone(),
                Thing::Term(t) => catalog.glossary[t].name.clone(),
                other => format!("{other:?}"),
            };
            index.find(text).into_iter().map(|(thing, _)| name(thing)).take(12).collect()
        };
        assert!(names("넷플릭스를 보는 사람").contains(&"Netflix".to_owned()));
        assert!(names("people on Netflix").contains(&"Netflix".to_owned()));
        assert!(names("월정액이 얼마").contains(&"monthly_fee".to_owned()));
        assert!(index.find("qqqq zzzz").is_empty());
        assert!(!index.find("고객 번호 customer id").iter().any(|(t, _)| *t == Thing::Field(0, 0)), "an identifier");
    }
}
