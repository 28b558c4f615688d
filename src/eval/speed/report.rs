//! What was measured.

use serde::Serialize;
use serde_json::Value;

use super::load::Loads;
use super::{Kind, Machine};
use crate::answer::Answer;
use crate::eval::stats::quantile;

/// Milliseconds of a turn: of the first run in a program that was just opened, and of the same question again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Times {
    /// Median of the first runs of all rounds.
    pub first: f64,
    /// Median of all repeated runs.
    pub repeated: f64,
}

/// Somebody who was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contender {
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it is a way of Waggle's.
    pub own: bool,
    /// Seconds to open the data before the first turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_s: Option<f64>,
    /// Seconds after that until all of its index was read and checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awake_s: Option<f64>,
    /// Seconds to make its index, or tables of its own, where it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_s: Option<f64>,
    /// Bytes of that on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_bytes: Option<u64>,
}

/// The data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Data {
    /// Customers, consented or not.
    pub customers: u64,
    /// Those that may be counted.
    pub population: u64,
    /// Its version.
    pub version: String,
}

/// A turn and what everybody took for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TurnReport {
    /// The conversation.
    pub conversation: String,
    /// The turn, from 1.
    pub turn: usize,
    /// What was typed.
    pub words: String,
    /// What kind of question it is.
    pub kind: Kind,
    /// Conditions of its segment.
    pub conditions: usize,
    /// Size of its segment.
    pub count: u64,
    /// Milliseconds to read the words, with the built-in translator.
    pub read_ms: f64,
    /// By contender; none where it cannot be asked this.
    pub times: Vec<Option<Times>>,
    /// Who gave other numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

/// A kind of turn in all conversations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The kind; none for all together.
    pub kind: Option<Kind>,
    /// Turns of it.
    pub turns: usize,
    /// By contender: the sum of the medians of those turns; none where one of them cannot be asked.
    pub total: Vec<Option<Times>>,
    /// The first contender against the best of the other engines, turn by turn: how many times as quick it is at
    /// least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<Times>,
    /// The same in the middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<Times>,
}

/// A whole measurement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was measured.
    pub version: String,
    /// On which machine.
    pub machine: Machine,
    /// Over which data.
    pub data: Data,
    /// Rounds that were played to their end.
    pub rounds: usize,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Who was asked; ratios are against the first.
    pub contenders: Vec<Contender>,
    /// Other engines that were asked for and are not installed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The turns.
    pub turns: Vec<TurnReport>,
    /// The turns by kind, and all together.
    pub summaries: Vec<Summary>,
    /// Bytes that Waggle has in memory with every way of its own open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resident: Option<u64>,
    /// Bytes that the process of the other engines has in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rivals_resident: Option<u64>,
    /// Many conversations at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loads: Option<Loads>,
}

impl Report {
    /// Whether everybody gave the same numbers.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.turns.iter().all(|turn| turn.differs.is_empty())
    }

    /// Puts the turns together by kind.
    pub(super) fn summarize(&mut self) {
        let kinds = Kind::ALL.into_iter().map(Some).chain([None]);
        self.summaries = kinds.filter_map(|kind| self.summary(kind)).collect();
    }

    fn summary(&self, kind: Option<Kind>) -> Option<Summary> {
        let turns: Vec<&TurnReport> = self.turns.iter().filter(|t| kind.is_none_or(|k| t.kind == k)).collect();
        if turns.is_empty() {
            return None;
        }
        let total = (0..self.contenders.len())
            .map(|i| turns.iter().map(|t| t.times.get(i).copied().flatten()).sum::<Option<Sum>>().map(|sum| sum.0));
        let against: Vec<Times> = turns.iter().filter_map(|turn| against_best(turn, &self.contenders)).collect();
        let of = |pick: fn(&Times) -> f64| against.iter().map(pick).collect::<Vec<f64>>();
        let (first, repeated) = (of(|t| t.first), of(|t| t.repeated));
        let least = |all: &[f64]| all.iter().copied().reduce(f64::min);
        let both = |a: Option<f64>, b: Option<f64>| Some(Times { first: a?, repeated: b? });
        Some(Summary {
            kind,
            turns: turns.len(),
            total: total.collect(),
            least: both(least(&first), least(&repeated)),
            median: both(median(first), median(repeated)),
        })
    }
}

struct Sum(Times);

impl std::iter::Sum<Times> for Sum {
    fn sum<I: Iterator<Item = Times>>(all: I) -> Self {
        let nothing = Times { first: 0.0, repeated: 0.0 };
        Self(all.fold(nothing, |a, b| Times { first: a.first + b.first, repeated: a.repeated + b.repeated }))
    }
}

/// How many times as quick the first contender is as the best of the other engines, those apart that keep the answer
/// of the turn before: that is not asking anew.
#[must_use]
pub fn against_best(turn: &TurnReport, contenders: &[Contender]) -> Option<Times> {
    let own = turn.times.first().copied().flatten()?;
    let others = contenders.iter().zip(&turn.times).filter(|(who, _)| !who.own && who.name != super::rival::KEPT);
    let others: Vec<Times> = others.filter_map(|(_, times)| *times).collect();
    let best = |pick: fn(&Times) -> f64| others.iter().map(pick).reduce(f64::min);
    Some(Times { first: best(|t| t.first)? / own.first, repeated: best(|t| t.repeated)? / own.repeated })
}

/// The middle of some figures; of two in the middle their mean.
#[must_use]
pub(super) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_unstable_by(f64::total_cmp);
    quantile(&figures, 0.5)
}

/// Whether rows of another engine, keys first, say what the answer says.
pub(super) fn same(answer: &Answer, top: bool, rows: &[Vec<Value>]) -> bool {
    let Some(breakdown) = &answer.breakdown else {
        let found = rows.first().and_then(|row| row.first()).and_then(Value::as_u64);
        return found == answer.count;
    };
    let keys = breakdown.by.len();
    let mut theirs: Vec<(Vec<Option<String>>, u64)> = rows
        .iter()
        .map(|row| {
            let count = row.get(keys).and_then(Value::as_u64).unwrap_or_default();
            (row.iter().take(keys).map(key).collect(), count)
        })
        .collect();
    // Groups of nobody are listed by the answer alone.
    let ours = breakdown.rows.iter().filter(|group| group.count > 0);
    let mut ours: Vec<(Vec<Option<String>>, u64)> = ours.map(|group| (group.key.clone(), group.count)).collect();
    if top {
        // Which of equal groups come in is a matter of order.
        let largest = |all: &[(Vec<Option<String>>, u64)]| {
            let mut counts: Vec<u64> = all.iter().map(|(_, count)| *count).collect();
            counts.sort_unstable_by(|a, b| b.cmp(a));
            counts.truncate(ours.len());
            counts
        };
        return largest(&ours) == largest(&theirs);
    }
    theirs.sort_unstable();
    ours.sort_unstable();
    theirs == ours
}

fn key(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::answer::contract::{Breakdown, Group};

    fn contender(name: &str, own: bool) -> Contender {
        Contender {
            name: name.into(),
            version: String::new(),
            own,
            ready_s: None,
            awake_s: None,
            build_s: None,
            disk_bytes: None,
        }
    }

    #[test]
    fn the_middle_of_figures() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn the_best_of_the_others_is_what_counts_and_not_one_that_kept_the_answer() {
        let contenders = [contender("a", true), contender("b", false), contender(super::super::rival::KEPT, false)];
        let times = |first, repeated| Some(Times { first, repeated });
        let turn = TurnReport {
            conversation: String::new(),
            turn: 1,
            words: String::new(),
            kind: Kind::Fields,
            conditions: 1,
            count: 1,
            read_ms: 0.1,
            times: vec![times(2.0, 1.0), times(8.0, 6.0), times(1.0, 0.5)],
            differs: Vec::new(),
        };
        assert_eq!(against_best(&turn, &contenders), times(4.0, 6.0));
    }

    #[test]
    fn groups_are_compared_whatever_their_order() {
        let group = |key: Option<&str>, count| Group { key: vec![key.map(Into::into)], count, ..Group::default() };
        let rows = vec![group(Some("F"), 3), group(None, 2), group(Some("none"), 0)];
        let answer =
            Answer { breakdown: Some(Breakdown { by: vec!["a".into()], rows, suppressed: 0 }), ..Answer::default() };
        assert!(same(&answer, false, &[vec![json!(null), json!(2)], vec![json!("F"), json!(3)]]));
        assert!(!same(&answer, false, &[vec![json!("M"), json!(2)], vec![json!("F"), json!(3)]]));
        assert!(same(&Answer { count: Some(7), ..Answer::default() }, false, &[vec![json!(7)]]));
        assert!(!same(&Answer { count: Some(7), ..Answer::default() }, false, &[vec![json!(8)]]));
    }
}
