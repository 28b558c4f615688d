//! From what a model wrote to a draft: words are looked for in the request, kinds become those of a draft.

use super::{Condition, Figure, Share, Wire, WireAssumption, WireEdit, WireMetric, WireQuestion, WireShow};
use crate::segment::{Amount, Assumption, Choice, Draft, DraftExpr, Edit, Metric, Question, Show, Words};

/// Seed of a sample for which none was said: the same request gives the same people.
const SEED: u64 = 1;

impl Wire {
    /// The draft that it says of the request `said`. Words that were never typed are dropped: only what a reader
    /// typed is said back.
    #[must_use]
    pub fn into_draft(self, said: &str) -> Draft {
        let said = Said(said);
        Draft {
            act: self.act,
            edits: edits(self.edits, said),
            show: self.show.map_or_else(|| Draft::default().show, show),
            action: self.action,
            topics: self.topics,
            question: self.question.map(|q| question(q, said)),
            assumptions: self.assumptions.into_iter().filter_map(|a| assumption(a, said)).collect(),
            unmatched: self.unmatched.iter().filter_map(|words| said.find(words)).collect(),
            // A model does not say which words these are.
            used: Vec::new(),
            refused: self.refused,
            #[allow(clippy::cast_possible_truncation, reason = "from 0 to 1")]
            confidence: if self.confidence.is_finite() { self.confidence.clamp(0.0, 1.0) as f32 } else { 0.0 },
        }
    }
}

fn edits(edits: Vec<WireEdit>, said: Said<'_>) -> Vec<Edit<DraftExpr>> {
    let edit = |edit: WireEdit| Edit {
        op: edit.op,
        condition: edit.condition.into(),
        instead_of: edit.instead_of.map(DraftExpr::from),
        words: said.find(&edit.words).unwrap_or_default(),
    };
    edits.into_iter().map(edit).collect()
}

fn show(show: WireShow) -> Show<DraftExpr> {
    Show {
        breakdown: show.breakdown,
        rows: show.rows.map(DraftExpr::from),
        top: show.top,
        bottom: show.bottom,
        metric: show.metric.map(metric),
    }
}

fn metric(metric: WireMetric) -> Metric<DraftExpr> {
    match metric {
        WireMetric::Share(Share { share }) => Metric::Share(share.into()),
        WireMetric::Of(Figure { func, dataset: None, field, .. }) => Metric::Of { func, field },
        WireMetric::Of(Figure { func, dataset: Some(dataset), field, rows }) => {
            Metric::OfRows { func, dataset, field, rows: rows.map(DraftExpr::from) }
        }
    }
}

fn question(question: WireQuestion, said: Said<'_>) -> Question<DraftExpr> {
    let choice = |choice: super::WireChoice| Choice {
        label: [String::new(), String::new()],
        words: choice.words,
        edits: edits(choice.edits, said),
    };
    Question {
        words: said.find(&question.words).unwrap_or_default(),
        why: question.why,
        choices: question.choices.into_iter().map(choice).collect(),
    }
}

fn assumption(assumption: WireAssumption, said: Said<'_>) -> Option<Assumption> {
    let typed = |word: &str| said.find(word).map(|words| words.text);
    Some(match assumption {
        WireAssumption::Chosen { word, read_as } => {
            Assumption::Chosen { word: typed(&word)?, read_as: [read_as.clone(), read_as] }
        }
        WireAssumption::Typo { word, read_as } => Assumption::Typo { word: typed(&word)?, read_as },
        WireAssumption::Background { word } => Assumption::Background { word: typed(&word)? },
        WireAssumption::Window { word, days } => Assumption::Window { word: typed(&word)?, days },
        WireAssumption::Term { word, means } => Assumption::Term { word: typed(&word)?, means },
    })
}

impl From<Condition> for DraftExpr {
    fn from(condition: Condition) -> Self {
        let all = |parts: Vec<Condition>| parts.into_iter().map(Self::from).collect();
        let boxed = |rows: Option<Box<Condition>>| rows.map(|rows| Box::new(Self::from(*rows)));
        match condition {
            Condition::Field(test) => Self::Field { field: test.field, op: test.op, values: test.values },
            Condition::Exists(exists) => Self::Presence { dataset: exists.exists, rows: boxed(exists.rows) },
            Condition::Total(total) => Self::Total {
                dataset: total.total,
                func: total.func,
                field: total.of,
                rows: boxed(total.rows),
                op: total.op,
                values: total.values,
            },
            Condition::Rank(rank) => {
                let amount = match (rank.percent, rank.number) {
                    (Some(percent), _) => Amount::Share(percent / 100.0),
                    (None, number) => Amount::Number(number.unwrap_or(0)),
                };
                Self::Rank { field: rank.rank, end: rank.end, amount }
            }
            Condition::Term(term) => Self::Term(term.term),
            Condition::Saved(saved) => Self::Saved(saved.saved),
            Condition::All(parts) => Self::All(all(parts.all)),
            Condition::Any(parts) => Self::Any(all(parts.any)),
            Condition::Not(inner) => Self::Not(Box::new(Self::from(*inner.not))),
            Condition::Sample(sample) => Self::Sample { size: sample.sample, seed: sample.seed.unwrap_or(SEED) },
        }
    }
}

/// The request.
#[derive(Clone, Copy)]
struct Said<'a>(&'a str);

impl Said<'_> {
    /// Where `words` stand in the request, whatever the case, spacing and punctuation.
    fn find(self, words: &str) -> Option<Words> {
        let words = words.trim();
        if words.is_empty() {
            return None;
        }
        if let Some(start) = self.0.find(words) {
            return Some(Words { start, end: start + words.len(), text: words.to_owned() });
        }
        let letters = |text: &str| -> Vec<(usize, usize, char)> {
            let solid = text.char_indices().filter(|(_, c)| c.is_alphanumeric());
            solid.flat_map(|(i, c)| c.to_lowercase().map(move |l| (i, i + c.len_utf8(), l))).collect()
        };
        let (said, wanted) = (letters(self.0), letters(words));
        let same = |window: &&[(usize, usize, char)]| window.iter().zip(&wanted).all(|(a, b)| a.2 == b.2);
        if wanted.is_empty() {
            return None;
        }
        let found = said.windows(wanted.len()).find(same)?;
        let (start, end) = (found.first()?.0, found.last()?.1);
        Some(Words { start, end, text: self.0.get(start..end)?.to_owned() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_they_were_typed() {
        let said = Said("강남구  거주 iPhone 사용자");
        let found = said.find("iphone 사용자").unwrap();
        assert_eq!((found.text.as_str(), &said.0[found.start..found.end]), ("iPhone 사용자", "iPhone 사용자"));
        assert_eq!(said.find("강남구 거주").unwrap().text, "강남구  거주");
        assert_eq!(said.find("삼성"), None);
        assert_eq!(said.find(" "), None);
    }

    #[test]
    fn words_that_were_never_typed_are_not_said_back() {
        let wire = Wire { unmatched: vec!["1,234명".to_owned(), "대략".to_owned()], ..Wire::default() };
        let texts: Vec<_> = wire.into_draft("대략 몇 명?").unmatched.into_iter().map(|w| w.text).collect();
        assert_eq!(texts, ["대략"]);
    }
}
