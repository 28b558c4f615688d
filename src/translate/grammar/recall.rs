//! Words that only the conversation explains: "슬림도" after 우주패스 mini, "not the Ultra" after three models.

use super::lexicon::{Meaning, Sense};
use super::parts::ValueSense;
use super::reader::Reader;
use super::text::normal;
use crate::catalog::Value;

impl Reader<'_> {
    /// Reads unknown words as part of the name of a value, of a field that the segment restricts.
    pub(super) fn recall(&mut self) {
        if self.segment().is_everybody() {
            return;
        }
        for at in 0..self.parts.len() {
            if self.parts[at].taken || !self.parts[at].unknown() {
                continue;
            }
            let word = self.surface(at);
            if let Some((dataset, field, values)) = self.recalled(&word) {
                self.parts[at].meanings = vec![Meaning { sense: Sense::Value { dataset, field, values }, form: None }];
            }
        }
    }

    fn recalled(&self, word: &str) -> Option<ValueSense> {
        for (d, dataset) in self.catalog.datasets.iter().enumerate() {
            for (f, field) in dataset.fields.iter().enumerate() {
                let named: Vec<usize> =
                    (0..field.values.len()).filter(|v| holds_word(&field.values[*v], word)).collect();
                let sense = |values: Vec<usize>| (d, f, values);
                let known: Vec<usize> = (0..field.values.len()).filter(|v| self.requires(&sense(vec![*v]))).collect();
                if named.is_empty() || known.is_empty() {
                    continue;
                }
                let both: Vec<usize> = named.iter().copied().filter(|v| known.contains(v)).collect();
                if !both.is_empty() {
                    return Some(sense(both));
                }
                // Of several, the one whose name begins most like what the segment has.
                let alike = |v: usize| known.iter().map(|k| beginning(&field.values[*k], &field.values[v])).max();
                let best = named.iter().map(|v| alike(*v)).max()?;
                let mut closest = named.into_iter().filter(|v| alike(*v) == best);
                return match (closest.next(), closest.next()) {
                    (Some(one), None) => Some(sense(vec![one])),
                    _ => None,
                };
            }
        }
        None
    }
}

/// Whether `word` is a word of one of the value's names.
fn holds_word(value: &Value, word: &str) -> bool {
    let names = [&value.name, &value.label.ko, &value.label.en].into_iter().chain(&value.synonyms);
    names.map(|n| normal(n)).any(|n| {
        let mut words = n.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        words.clone().count() > 1 && words.any(|w| w == word)
    })
}

/// How many characters two names begin with alike.
fn beginning(a: &Value, b: &Value) -> usize {
    a.name.chars().zip(b.name.chars()).take_while(|(x, y)| x == y).count()
}
