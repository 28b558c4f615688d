//! Requests that were read rightly before: those that a new request is most like are shown to the model.

use std::collections::BTreeMap;

use super::retrieve::pieces;
use super::told::Example;

/// The least likeness of an example that is worth its tokens.
const MIN_LIKENESS: f32 = 0.12;
/// How much less an example counts that starts a conversation where the request goes on with one, or the other way.
const OTHER_PLACE: f32 = 0.6;

/// Examples, by the pieces of their words.
#[derive(Debug, Default)]
pub(super) struct Examples {
    all: Vec<(Example, Vec<u64>)>,
    /// How rare each piece is among them.
    weights: BTreeMap<u64, f32>,
}

impl Examples {
    /// Reads the words of `examples`.
    #[allow(clippy::cast_precision_loss, reason = "counts of examples")]
    pub(super) fn new(examples: Vec<Example>) -> Self {
        let all: Vec<_> = examples.into_iter().map(|example| (pieces(&example.said), example)).collect();
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        for piece in all.iter().flat_map(|(pieces, _)| pieces) {
            *counts.entry(*piece).or_default() += 1;
        }
        let of = all.len() as f32;
        let weights = counts.into_iter().map(|(piece, n)| (piece, (1.0 + of / n as f32).ln())).collect();
        Self { all: all.into_iter().map(|(pieces, example)| (example, pieces)).collect(), weights }
    }

    /// The examples themselves.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Example> {
        self.all.iter().map(|(example, _)| example)
    }

    /// At most `limit` examples that `said` is most like, the most like first; `begun` where there is a segment.
    pub(super) fn nearest(&self, said: &str, begun: bool, limit: usize) -> Vec<&Example> {
        let asked = pieces(said);
        let mut found: Vec<(f32, usize)> = Vec::new();
        for (i, (example, pieces)) in self.all.iter().enumerate() {
            let place = if example.before.is_some() == begun { 1.0 } else { OTHER_PLACE };
            let likeness = place * self.likeness(&asked, pieces);
            if likeness >= MIN_LIKENESS {
                found.push((likeness, i));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.into_iter().take(limit).map(|(_, i)| &self.all[i].0).collect()
    }

    /// The weight of what both have, of what either has: from 0 to 1.
    fn likeness(&self, a: &[u64], b: &[u64]) -> f32 {
        let weight = |piece: &u64| self.weights.get(piece).copied().unwrap_or(1.0);
        let sum = |pieces: &[u64]| pieces.iter().map(weight).sum::<f32>();
        let both: f32 = a.iter().filter(|piece| b.binary_search(piece).is_ok()).map(weight).sum();
        let either = sum(a) + sum(b) - both;
        if either > 0.0 { both / either } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(said: &str, before: Option<&str>) -> Example {
        Example { said: said.to_owned(), before: before.map(str::to_owned), reply: serde_json::Value::Null }
    }

    #[test]
    fn the_most_alike_come_first() {
        let examples = Examples::new(vec![
            example("서울 말고 부산으로", Some("city = '서울'")),
            example("women in their thirties", None),
            example("서울 사는 사람", None),
        ]);
        let said = |text: &str, begun| -> Vec<&str> {
            examples.nearest(text, begun, 2).into_iter().map(|e| e.said.as_str()).collect()
        };
        assert_eq!(said("대전 말고 부산으로", true), ["서울 말고 부산으로"]);
        assert_eq!(said("men in their thirties", false), ["women in their thirties"]);
        assert_eq!(said("서울 사는 여자", false).first(), Some(&"서울 사는 사람"));
        assert!(said("qqq", false).is_empty());
        assert_eq!(examples.iter().count(), 3);
    }
}
