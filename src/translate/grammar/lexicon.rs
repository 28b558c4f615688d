//! The words of a request → what they may mean. Compiled once from the catalog and the language data.
//!
//! Surfaces are kept without blanks in a trie, so that "강남 거주" and "강남거주" are found alike; how many
//! blanks a surface has by right is kept beside it, and a difference makes a match dearer.

use std::collections::HashMap;

use super::korean::Form;
use super::language::{Class, Measure};
use super::numerals::Numeral;
use super::text;

/// What a cue points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Target {
    /// A many-table.
    Dataset(usize),
    /// A field: dataset, field.
    Field(usize, usize),
}

/// One meaning of a surface.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sense {
    /// Values of a field.
    Value {
        /// Dataset index.
        dataset: usize,
        /// Field index.
        field: usize,
        /// Value indices.
        values: Vec<usize>,
    },
    /// The name of a field: dataset, field.
    Field(usize, usize),
    /// A band.
    Band(usize),
    /// A glossary term.
    Term(usize),
    /// Too vague to count by.
    Vague(usize),
    /// A category of filters.
    Category(usize),
    /// A noun for a many-table.
    Dataset(usize),
    /// Personal data.
    Personal,
    /// A verb or noun that points to fields or datasets.
    Cue(Vec<Target>),
    /// A unit: index in the catalog, factor.
    Unit(Vec<(usize, f64)>),
    /// A unit written before its number.
    Prefix(Vec<(usize, f64)>),
    /// A unit of time.
    Time(Measure),
    /// An amount without a number.
    Amount(f64, Measure),
    /// A month's name.
    Month(u32),
    /// A decade of life.
    Decade(u32),
    /// What the word does.
    Word(Class),
    /// A number.
    Number(Numeral),
    /// Something in quotation marks, or a name made of joined words.
    Name(String),
    /// Nothing that is known.
    Unknown,
}

/// A meaning and the verb form it is said in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meaning {
    /// The meaning.
    pub(super) sense: Sense,
    /// The form, where it is a verb.
    pub(super) form: Option<Form>,
}

/// All meanings of one surface.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// The surface, with its blanks.
    pub(super) surface: String,
    /// Blanks it has by right.
    pub(super) blanks: usize,
    /// What it may mean.
    pub(super) meanings: Vec<Meaning>,
}

/// A surface found at a place of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Index of the entry.
    pub(super) entry: usize,
    /// One past its last character.
    pub(super) end: usize,
    /// Blanks too many or too few.
    pub(super) off: usize,
}

/// The compiled lexicon.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    edges: HashMap<(u32, char), u32>,
    ends: Vec<Option<usize>>,
    /// All entries.
    pub(super) entries: Vec<Entry>,
}

impl Lexicon {
    /// Adds a meaning of `surface`. An empty surface is passed over; a meaning already there is not
    /// added twice, and cues of one form join their targets.
    pub(super) fn add(&mut self, surface: &str, sense: Sense, form: Option<Form>) {
        let surface = text::normal(surface);
        let key: Vec<char> = surface.chars().filter(|c| *c != ' ').collect();
        if key.is_empty() {
            return;
        }
        let node = self.node(&key);
        let index = *self.ends[node].get_or_insert_with(|| {
            let blanks = surface.chars().filter(|c| *c == ' ').count();
            self.entries.push(Entry { surface: surface.clone(), blanks, meanings: Vec::new() });
            self.entries.len() - 1
        });
        let meanings = &mut self.entries[index].meanings;
        if let Sense::Cue(new) = &sense {
            let same = meanings.iter_mut().find(|m| m.form == form && matches!(m.sense, Sense::Cue(_)));
            if let Some(Meaning { sense: Sense::Cue(targets), .. }) = same {
                targets.extend(new);
                targets.sort_unstable();
                targets.dedup();
                return;
            }
        }
        if let Sense::Unit(new) = &sense
            && let Some(Sense::Unit(units)) =
                meanings.iter_mut().map(|m| &mut m.sense).find(|s| matches!(s, Sense::Unit(_)))
        {
            units.extend(new.iter().filter(|u| !units.contains(u)).copied().collect::<Vec<_>>());
            return;
        }
        let meaning = Meaning { sense, form };
        if !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    }

    fn node(&mut self, key: &[char]) -> usize {
        if self.ends.is_empty() {
            self.ends.push(None);
        }
        let mut node = 0_u32;
        for c in key {
            let next = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
            node = *self.edges.entry((node, *c)).or_insert(next);
            if node == next {
                self.ends.push(None);
            }
        }
        node as usize
    }

    /// Every surface that starts at `from`, shortest first. Surfaces in letters end where the word ends.
    pub(super) fn find(&self, chars: &[char], from: usize) -> Vec<Found> {
        let mut found = Vec::new();
        if !starts_word(chars, from) {
            return found;
        }
        let (mut node, mut blanks) = (0, 0);
        let mut at = from;
        while at < chars.len() {
            let c = chars[at];
            at += 1;
            if c == ' ' {
                blanks += 1;
                continue;
            }
            let Some(next) = self.edges.get(&(node, c)) else { break };
            node = *next;
            if let Some(entry) = self.ends[node as usize]
                && ends_word(chars, at)
            {
                found.push(Found { entry, end: at, off: self.entries[entry].blanks.abs_diff(blanks) });
            }
        }
        found
    }

    /// The entry for exactly `surface`.
    pub(super) fn get(&self, surface: &str) -> Option<&Entry> {
        let chars: Vec<char> = text::normal(surface).chars().collect();
        let found = self.find(&chars, 0).into_iter().rfind(|f| f.end == chars.len())?;
        Some(&self.entries[found.entry])
    }
}

/// Letters do not start inside a word, digits not inside a number.
fn starts_word(chars: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|i| chars.get(i)) else { return true };
    !joined(*before, chars[at])
}

fn ends_word(chars: &[char], end: usize) -> bool {
    chars.get(end).is_none_or(|after| !joined(chars[end - 1], *after))
}

fn joined(a: char, b: char) -> bool {
    (a.is_ascii_alphabetic() && b.is_ascii_alphabetic()) || (a.is_ascii_digit() && b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surfaces_are_found_with_and_without_their_blanks() {
        let mut lexicon = Lexicon::default();
        lexicon.add("이 중", Sense::Word(Class::Anaphor), None);
        lexicon.add("app", Sense::Dataset(1), None);
        let find = |text: &str| {
            let chars: Vec<char> = text.chars().collect();
            lexicon.find(&chars, 0).iter().map(|f| (f.end, f.off)).collect::<Vec<_>>()
        };
        assert_eq!(find("이 중에"), [(3, 0)]);
        assert_eq!(find("이중에"), [(2, 1)]);
        assert_eq!(find("apps"), [], "a letter follows");
        assert_eq!(find("app을"), [(3, 0)]);
    }
}
