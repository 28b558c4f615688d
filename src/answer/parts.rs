//! Which words of a request became what, so that a page can show it on the words themselves. Decides nothing.

use super::contract::{Assumed, Became, Part};
use super::readback::{assumption, in_language, meaning};
use crate::catalog::{Catalog, Locale};
use crate::segment::sentence::condition;
use crate::segment::{Assumption, EditOp, Says, Turn, Words};

/// What the words of `said` became in `turn`, in their order; words that became nothing that could be told are left out.
#[must_use]
pub fn parts(said: &str, turn: &Turn, catalog: &Catalog, locale: Locale) -> Vec<Part> {
    let mut paint = Paint { said, became: vec![None; said.len()], told: Vec::new() };
    for used in &turn.used {
        let became = if used.says == Says::Show { Became::Shown } else { Became::Done };
        paint.words(&used.words, became, String::new());
    }
    for edit in &turn.edits {
        let is_out = matches!(edit.op, EditOp::Exclude | EditOp::Remove);
        let became = if is_out { Became::Excluded } else { Became::Condition };
        paint.words(&edit.words, became, condition(&edit.condition, catalog, locale));
    }
    for assumed in &turn.assumptions {
        let became = match assumed {
            Assumption::Background { .. } => Became::Background,
            _ => Became::Assumed,
        };
        paint.text(assumed.word(), became, &assumption(assumed, catalog, locale));
    }
    if let Some(question) = &turn.question {
        paint.words(&question.words, Became::Asked, String::new());
    }
    for words in &turn.unmatched {
        paint.words(words, Became::Unmatched, String::new());
    }
    paint.parts()
}

/// The readings that were chosen without asking, one by one.
#[must_use]
pub fn assumed(turn: &Turn, catalog: &Catalog, locale: Locale) -> Vec<Assumed> {
    let one = |assumption: &Assumption| {
        let (kind, reading, means) = match assumption {
            Assumption::Term { means, .. } => ("term", meaning(means, catalog, locale), Some(means.clone())),
            Assumption::Typo { read_as, .. } => ("typo", read_as.clone(), None),
            Assumption::Chosen { read_as, .. } => ("chosen", in_language(read_as, locale).to_owned(), None),
            Assumption::Background { .. } => ("background", String::new(), None),
            Assumption::Window { .. } => ("window", String::new(), None),
        };
        Assumed { kind: kind.to_owned(), word: assumption.word().to_owned(), reading, means }
    };
    turn.assumptions.iter().map(one).collect()
}

/// The words, each byte with what it became; what is painted later covers what was there.
struct Paint<'a> {
    said: &'a str,
    became: Vec<Option<usize>>,
    told: Vec<(Became, String)>,
}

impl Paint<'_> {
    /// Words where the translator found them; those of an earlier request are none of this one.
    fn words(&mut self, words: &Words, became: Became, reading: String) {
        if words.start < words.end && self.said.get(words.start..words.end) == Some(words.text.as_str()) {
            self.range(words.start..words.end, became, reading);
        }
    }

    /// Words of which only the text is known: where they stand first.
    fn text(&mut self, word: &str, became: Became, reading: &str) {
        if let Some(start) = self.said.find(word).filter(|_| !word.trim().is_empty()) {
            self.range(start..start + word.len(), became, reading.to_owned());
        }
    }

    fn range(&mut self, range: std::ops::Range<usize>, became: Became, reading: String) {
        self.told.push((became, reading));
        self.became[range].fill(Some(self.told.len() - 1));
    }

    /// Runs of characters that became the same.
    fn parts(self) -> Vec<Part> {
        let mut parts: Vec<(usize, Part)> = Vec::new();
        for (at, (byte, _)) in self.said.char_indices().enumerate() {
            let Some(what) = self.became[byte] else { continue };
            match parts.last_mut() {
                Some((last, part)) if *last == what && part.end == at => part.end = at + 1,
                _ => {
                    let (became, reading) = self.told[what].clone();
                    parts.push((what, Part { start: at, end: at + 1, became, reading }));
                }
            }
        }
        parts.into_iter().map(|(_, part)| part).collect()
    }
}
