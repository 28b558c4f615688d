//! Completion from the catalog: labels, values, synonyms and glossary words that begin with the word at
//! the cursor.

use std::collections::BTreeSet;

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use super::command;
use crate::catalog::{Catalog, Label, Sensitivity};

/// Most candidates that are offered.
const CANDIDATES: usize = 40;

/// Completes words of the catalog and commands.
#[derive(Debug)]
pub(super) struct Words {
    /// Folded word → the word, sorted.
    words: BTreeSet<(String, String)>,
}

impl Words {
    /// The words of `catalog`.
    pub(super) fn new(catalog: &Catalog) -> Self {
        let mut words = Self { words: BTreeSet::new() };
        for field in catalog.datasets.iter().flat_map(|d| &d.fields).filter(|f| f.sensitivity == Sensitivity::Open) {
            words.label(&field.label, &field.synonyms);
            for value in &field.values {
                words.add(&value.name);
                words.label(&value.label, &value.synonyms);
            }
            for group in &field.groups {
                words.label(&group.label, &group.synonyms);
            }
        }
        for term in &catalog.glossary {
            words.add(&term.name);
            words.label(&term.label, &term.synonyms);
        }
        for band in &catalog.bands {
            words.label(&band.label, &band.synonyms);
        }
        for name in command::NAMES {
            words.add(name);
        }
        words
    }

    fn label(&mut self, label: &Label, synonyms: &[String]) {
        self.add(&label.ko);
        self.add(&label.en);
        for synonym in synonyms {
            self.add(synonym);
        }
    }

    fn add(&mut self, word: &str) {
        if !word.is_empty() {
            self.words.insert((word.to_lowercase(), word.to_owned()));
        }
    }

    /// Words that begin with `start`.
    fn beginning(&self, start: &str) -> impl Iterator<Item = &str> {
        let folded = start.to_lowercase();
        let from = (folded.clone(), String::new());
        let words = self.words.range(from..).take_while(move |(key, _)| key.starts_with(&folded));
        words.take(CANDIDATES).map(|(_, word)| word.as_str())
    }
}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..pos).unwrap_or_default();
        let start =
            before.rfind(char::is_whitespace).map_or(0, |i| i + before[i..].chars().next().map_or(0, char::len_utf8));
        let word = &before[start..];
        if word.is_empty() {
            return Ok((pos, Vec::new()));
        }
        let pair = |word: &str| Pair { display: word.to_owned(), replacement: word.to_owned() };
        Ok((start, self.beginning(word).map(pair).collect()))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Validator for Words {}

impl Helper for Words {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_start_in_any_case() {
        let mut words = Words { words: BTreeSet::new() };
        for word in ["Netflix", "넷플릭스", "Naver", "남자"] {
            words.add(word);
        }
        assert_eq!(words.beginning("n").collect::<Vec<_>>(), ["Naver", "Netflix"]);
        assert_eq!(words.beginning("넷").collect::<Vec<_>>(), ["넷플릭스"]);
        assert_eq!(words.beginning("x").count(), 0);
    }
}
