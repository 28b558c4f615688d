//! The words of a request → what they may mean. Compiled once from the catalog and the language data.
//!
//! Surfaces are kept without blanks in a trie, so that "강남 거주" and "강남거주" are found alike; how many
//! blanks a surface has by right is kept beside it, and a difference makes a match dearer. Where a surface
//! has a blank, the trie has a seam: a particle may stand there (골프를 좋아하는).

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
    nodes: Vec<Node>,
    /// What may stand at a seam.
    particles: Vec<Vec<char>>,
    /// All entries.
    pub(super) entries: Vec<Entry>,
}

/// A place in the trie.
#[derive(Debug, Default)]
struct Node {
    /// Children in order of their character.
    next: Vec<(char, u32)>,
    entry: Option<usize>,
}

/// The edge that a blank inside a surface becomes.
const SEAM: char = ' ';

impl Lexicon {
    /// An empty lexicon; `particles` may stand at the seams of its surfaces.
    pub(super) fn new(particles: impl Iterator<Item = String>) -> Self {
        let particles = particles.map(|p| p.chars().collect()).collect();
        Self { nodes: vec![Node::default()], particles, entries: Vec::new() }
    }

    /// Adds a meaning of `surface`. An empty surface is passed over; a meaning already there is not
    /// added twice, and cues of one form join their targets.
    pub(super) fn add(&mut self, surface: &str, sense: Sense, form: Option<Form>) {
        self.add_normal(&text::normal(surface), sense, form);
    }

    /// [`Self::add`] for a surface that is normalised already.
    pub(super) fn add_normal(&mut self, surface: &str, sense: Sense, form: Option<Form>) {
        if surface.is_empty() {
            return;
        }
        let node = self.node(surface);
        let index = *self.nodes[node].entry.get_or_insert_with(|| {
            let blanks = surface.chars().filter(|c| *c == ' ').count();
            self.entries.push(Entry { surface: surface.to_owned(), blanks, meanings: Vec::new() });
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

    fn node(&mut self, surface: &str) -> usize {
        let mut node = 0_usize;
        for c in surface.chars() {
            let fresh = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
            let next = &mut self.nodes[node].next;
            node = match next.binary_search_by_key(&c, |(k, _)| *k) {
                Ok(at) => next[at].1 as usize,
                Err(at) => {
                    next.insert(at, (c, fresh));
                    self.nodes.push(Node::default());
                    fresh as usize
                }
            };
        }
        node
    }

    fn step(&self, node: usize, c: char) -> Option<usize> {
        let next = &self.nodes.get(node)?.next;
        next.binary_search_by_key(&c, |(k, _)| *k).ok().map(|at| next[at].1 as usize)
    }

    /// The entry of exactly these characters.
    pub(super) fn exact(&self, chars: impl Iterator<Item = char>) -> Option<&Entry> {
        let mut node = 0;
        for c in chars {
            node = self.step(node, c)?;
        }
        self.nodes.get(node)?.entry.map(|e| &self.entries[e])
    }

    /// Every surface that starts at `from`, shortest first. Surfaces in letters end where the word ends.
    pub(super) fn find(&self, chars: &[char], from: usize) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        if !starts_word(chars, from) {
            return found;
        }
        let mut states = vec![(0_usize, from, 0_usize)];
        while let Some((node, at, blanks)) = states.pop() {
            if at > from
                && let Some(entry) = self.nodes.get(node).and_then(|n| n.entry)
                && chars[at - 1] != ' '
                && ends_word(chars, at)
            {
                let off = self.entries[entry].blanks.abs_diff(blanks);
                match found.iter_mut().find(|f| f.entry == entry && f.end == at) {
                    Some(same) => same.off = same.off.min(off),
                    None => found.push(Found { entry, end: at, off }),
                }
            }
            if let Some(seam) = self.step(node, SEAM) {
                states.push((seam, at, blanks));
                for particle in self.particles.iter().filter(|p| at > from && chars[at..].starts_with(p)) {
                    if fits(particle, chars[at - 1]) {
                        states.push((seam, at + particle.len(), blanks));
                    }
                }
            }
            match chars.get(at) {
                Some(' ') => states.push((node, at + 1, blanks + 1)),
                Some(c) => states.extend(self.step(node, *c).map(|next| (next, at + 1, blanks))),
                None => {}
            }
        }
        found.sort_by_key(|f| f.end);
        found
    }
}

/// Letters do not start inside a word, digits not inside a number.
fn starts_word(chars: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|i| chars.get(i)) else { return true };
    !joined(*before, chars[at])
}

/// Whether a particle may follow `before`: a Hangul syllable, closed or open as the particle wants.
fn fits(particle: &[char], before: char) -> bool {
    let Some(closed) = super::korean::closed(&before.to_string()) else { return false };
    match particle {
        ['을' | '이' | '은'] | ['으', '로'] => closed,
        ['를' | '가' | '는' | '로'] => !closed,
        _ => true,
    }
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
        let mut lexicon = Lexicon::new(std::iter::empty());
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
