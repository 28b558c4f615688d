//! What of the catalog a request may mean, before anything is decided: the look-up of the built-in translator,
//! for others who have to know which names matter.

use super::lattice;
use super::lexicon::{Sense, Target};
use super::text::Text;
use super::{Grammar, MAX_CHARACTERS};

/// Something of the catalog, by its places in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::translate) enum Named {
    /// Values of a field: dataset, field, values.
    Values(usize, usize, Vec<usize>),
    /// A field by its name: dataset, field.
    Field(usize, usize),
    /// A field by a word that points to it.
    FieldCue(usize, usize),
    /// A band.
    Band(usize),
    /// A glossary term.
    Term(usize),
    /// Words too vague to count by.
    Vague(usize),
    /// A category of filters.
    Category(usize),
    /// A many-table by its name.
    Dataset(usize),
    /// A many-table by a word that points to it.
    DatasetCue(usize),
    /// A unit.
    Unit(usize),
}

/// A name and how it was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::translate) struct Heard {
    /// What it is.
    pub(in crate::translate) named: Named,
    /// Whether the best reading of the whole request has it; else it only stands in the request somewhere.
    pub(in crate::translate) read: bool,
    /// Characters of the words.
    pub(in crate::translate) length: usize,
}

impl Grammar {
    /// Everything of the catalog that `text` names, slips of typing mended; `saved` are names of saved segments.
    pub(in crate::translate) fn heard(&self, text: &str, saved: &[String]) -> Vec<Heard> {
        let end = text.char_indices().nth(MAX_CHARACTERS).map_or(text.len(), |(at, _)| at);
        let (text, tokens, _) = self.tokens(Text::new(&text[..end]), saved);
        let mut heard = Vec::new();
        for token in &tokens {
            for meaning in &token.meanings {
                add(&meaning.sense, true, token.to - token.from, &mut heard);
            }
        }
        for at in (0..text.chars.len()).filter(|at| text.chars[*at] != ' ') {
            for found in self.lexicon.find(&text.chars, at) {
                let entry = &self.lexicon.entries[found.entry];
                for meaning in &entry.meanings {
                    add(&meaning.sense, false, found.end - at, &mut heard);
                }
            }
        }
        heard
    }
}

fn add(sense: &Sense, read: bool, length: usize, heard: &mut Vec<Heard>) {
    let mut push = |named| heard.push(Heard { named, read, length });
    match sense {
        Sense::Value { dataset, field, values } => push(Named::Values(*dataset, *field, values.clone())),
        Sense::Field(dataset, field) => push(Named::Field(*dataset, *field)),
        Sense::Band(band) => push(Named::Band(*band)),
        Sense::Term(term) => push(Named::Term(*term)),
        Sense::Vague(vague) => push(Named::Vague(*vague)),
        Sense::Category(category) => push(Named::Category(*category)),
        Sense::Dataset(dataset) => push(Named::Dataset(*dataset)),
        Sense::Cue(targets) => {
            for target in targets {
                push(match target {
                    Target::Dataset(dataset) => Named::DatasetCue(*dataset),
                    Target::Field(dataset, field) => Named::FieldCue(*dataset, *field),
                });
            }
        }
        Sense::Unit(units) | Sense::Prefix(units) => units.iter().for_each(|(unit, _)| push(Named::Unit(*unit))),
        Sense::Personal
        | Sense::Time(_)
        | Sense::Amount(..)
        | Sense::Month(_)
        | Sense::Decade(_)
        | Sense::Word(_)
        | Sense::Number(_)
        | Sense::Name(_)
        | Sense::Unknown => {}
    }
}

impl Grammar {
    /// The best reading of `text` as known words, with the slips of typing that were mended on the way.
    pub(super) fn tokens(
        &self,
        mut text: Text,
        saved: &[String],
    ) -> (Text, Vec<lattice::Token>, Vec<(String, String)>) {
        let mut tokens = lattice::read(&text, &self.lexicon, saved);
        let mut mended = Vec::new();
        for mend in self.mends(&text, &tokens).into_iter().rev() {
            let word = text.words(mend.from, mend.to).text;
            text = text.mended(mend.from, mend.to, &mend.surface);
            mended.push((word, mend.surface.iter().collect()));
        }
        if !mended.is_empty() {
            tokens = lattice::read(&text, &self.lexicon, saved);
            mended.reverse();
        }
        super::names::shortened(&text, &mut tokens, &self.lexicon);
        super::names::completed(&text, &mut tokens, &self.lexicon);
        super::names::marks(&text, &mut tokens);
        super::names::unknown(&text, &mut tokens);
        (text, tokens, mended)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::catalog::builtin;

    #[test]
    fn names_are_heard_through_slips_and_inside_other_words() {
        let catalog = builtin().unwrap();
        let grammar = Grammar::new(&catalog);
        let hears = |text: &str, value: &str| {
            grammar.heard(text, &[]).iter().any(|h| match &h.named {
                Named::Values(d, f, values) => {
                    values.iter().any(|v| catalog.datasets[*d].fields[*f].values[*v].name == value)
                }
                _ => false,
            })
        };
        assert!(hears("강남 거주 아이폰 사용자", "강남구"));
        assert!(hears("인스타그렘 쓰는 사람", "Instagram"));
        assert!(!hears("혈액형", "Instagram"));
        assert!(grammar.heard("   ", &[]).is_empty());
        assert!(grammar.heard("연령별", &[]).iter().any(|h| matches!(h.named, Named::Band(_))));
    }
}
