//! What the router may choose from: how good each translator is by its latest runs, and which of them are out because
//! they are not good enough or have become worse.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::board::{mean, reference_hashes};
use super::column::{Better, MAIN_METRIC};
use super::entry::Entry;
use super::trend::dropped;
use crate::catalog::Locale;
use crate::store::Measured;

/// What a translator has to reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// The metric.
    pub metric: String,
    /// The least figure, or the largest where less is better; none for a gate that looks for losses alone.
    pub threshold: Option<f64>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { metric: MAIN_METRIC.to_owned(), threshold: None }
    }
}

/// Why a translator is out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Out {
    /// The latest result is below what is asked for, or was never measured.
    Below {
        /// The latest figure; none where it was never measured.
        value: Option<f64>,
        /// What is asked for.
        threshold: f64,
    },
    /// It was good enough by the run before, and is not any more.
    FellBelow {
        /// The golden set.
        set: String,
        /// The run before.
        from: f64,
        /// The latest.
        to: f64,
        /// What is asked for.
        threshold: f64,
    },
    /// The latest result is worse than the one before by more than chance.
    Dropped {
        /// The golden set.
        set: String,
        /// The run before.
        from: f64,
        /// The latest.
        to: f64,
    },
}

impl Out {
    /// Whether it has become worse, rather than never having been good enough.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        !matches!(self, Self::Below { .. })
    }

    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let korean = locale == Locale::Ko;
        match self {
            Self::Below { value: None, .. } if korean => "평가한 적이 없습니다.".into(),
            Self::Below { value: None, .. } => "it was never evaluated".into(),
            Self::Below { value: Some(v), threshold } if korean => {
                format!("최근 결과 {v:.4}이(가) 기준 {threshold}에 못 미칩니다.")
            }
            Self::Below { value: Some(v), threshold } => format!("the latest result {v:.4} does not reach {threshold}"),
            Self::FellBelow { set, from, to, threshold } if korean => {
                format!("{set}에서 {from:.4}에서 {to:.4}(으)로 바뀌어 기준 {threshold}에 못 미칩니다.")
            }
            Self::FellBelow { set, from, to, threshold } => {
                format!("by {set} it went from {from:.4} to {to:.4}, and does not reach {threshold} any more")
            }
            Self::Dropped { set, from, to } if korean => {
                format!("{set}에서 {from:.4}에서 {to:.4}(으)로 우연보다 크게 나빠졌습니다.")
            }
            Self::Dropped { set, from, to } => {
                format!("by {set} it went from {from:.4} to {to:.4}, which is more than chance")
            }
        }
    }
}

/// How a translator stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The translator.
    pub translator: String,
    /// The mean of its latest results over the golden sets, by the metric.
    pub metrics: BTreeMap<String, f64>,
    /// What an answer costs, in US dollars; none where it was not measured.
    pub cost_per_turn: Option<f64>,
    /// Why it may not be chosen; none where it may.
    pub out: Option<Out>,
}

/// How each translator stands by its latest runs. Runs of a policy of the router are not those of a translator.
#[must_use]
pub fn standings(entries: &[Entry], gate: &Gate) -> Vec<Standing> {
    let entries: Vec<&Entry> = entries.iter().filter(|e| e.policy.is_empty()).collect();
    let hashes = reference_hashes(&entries);
    let comparable: Vec<&Entry> =
        entries.into_iter().filter(|e| hashes.get(e.set.as_str()) == Some(&e.set_hash.as_str())).collect();
    let names: BTreeSet<&str> = comparable.iter().map(|e| e.translator.as_str()).collect();
    names.into_iter().map(|name| standing(name, &comparable, gate)).collect()
}

fn standing(name: &str, comparable: &[&Entry], gate: &Gate) -> Standing {
    let mut by_set: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in comparable.iter().filter(|e| e.translator == name) {
        by_set.entry(&entry.set).or_default().push(entry);
    }
    for runs in by_set.values_mut() {
        runs.sort_by_key(|e| e.at);
    }
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for last in by_set.values().filter_map(|runs| runs.last()) {
        for (metric, measured) in &last.metrics {
            values.entry(metric).or_default().push(measured.value);
        }
    }
    let metrics: BTreeMap<String, f64> =
        values.into_iter().filter_map(|(metric, values)| Some((metric.to_owned(), mean(&values)?))).collect();
    let regression = by_set.iter().find_map(|(set, runs)| regression(set, runs, gate));
    let cost_per_turn = metrics.get("cost").copied();
    let out = regression.or_else(|| below(metrics.get(&gate.metric).copied(), gate));
    Standing { translator: name.to_owned(), metrics, cost_per_turn, out }
}

fn reaches(value: f64, gate: &Gate) -> bool {
    gate.threshold.is_none_or(|least| !Better::of_metric(&gate.metric).beats(least, value))
}

fn below(value: Option<f64>, gate: &Gate) -> Option<Out> {
    let threshold = gate.threshold?;
    (!value.is_some_and(|v| reaches(v, gate))).then_some(Out::Below { value, threshold })
}

/// Whether the latest of the runs of a set, oldest first, is a loss.
fn regression(set: &str, runs: &[&Entry], gate: &Gate) -> Option<Out> {
    let mut figures = runs.iter().rev().filter_map(|e| e.metrics.get(&gate.metric));
    let (last, previous): (&Measured, &Measured) = (figures.next()?, figures.next()?);
    let (set, from, to) = (set.to_owned(), previous.value, last.value);
    match gate.threshold {
        Some(threshold) if reaches(from, gate) && !reaches(to, gate) => {
            Some(Out::FellBelow { set, from, to, threshold })
        }
        _ => dropped(&gate.metric, previous, last).then_some(Out::Dropped { set, from, to }),
    }
}

/// Says in the log which translators are out because they have become worse.
pub fn announce(standings: &[Standing]) {
    for standing in standings {
        if let Some(out) = standing.out.as_ref().filter(|out| out.is_regression()) {
            let why = out.message(Locale::En);
            tracing::warn!(translator = standing.translator, why, "a translator is taken out of automatic choice");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::board::tests::entry;
    use super::*;

    fn out<'a>(standings: &'a [Standing], name: &str) -> Option<&'a Out> {
        standings.iter().find(|s| s.translator == name).unwrap().out.as_ref()
    }

    fn gate(threshold: f64) -> Gate {
        Gate { threshold: Some(threshold), ..Gate::default() }
    }

    #[test]
    fn a_model_that_falls_below_the_threshold_is_out() {
        let runs = [entry("a", "dev", 1, 0.92), entry("a", "dev", 2, 0.88), entry("b", "dev", 1, 0.95)];
        let standings = standings(&runs, &gate(0.9));
        assert!(matches!(out(&standings, "a"), Some(Out::FellBelow { from, to, .. }) if (*from, *to) == (0.92, 0.88)));
        assert_eq!(out(&standings, "b"), None);
    }

    #[test]
    fn a_model_that_is_much_worse_is_out_though_it_is_good_enough() {
        let runs = [entry("a", "dev", 1, 1.0), entry("a", "dev", 2, 0.85)];
        assert!(matches!(out(&standings(&runs, &gate(0.8)), "a"), Some(Out::Dropped { .. })));
        // Measured well again, it is back.
        let again = [runs[0].clone(), runs[1].clone(), entry("a", "dev", 3, 0.99)];
        assert_eq!(out(&standings(&again, &gate(0.8)), "a"), None);
    }

    #[test]
    fn one_that_was_never_good_enough_is_out_and_no_regression() {
        let found = standings(&[entry("a", "dev", 1, 0.5)], &gate(0.9));
        let out = out(&found, "a").unwrap();
        assert_eq!((out, out.is_regression()), (&Out::Below { value: Some(0.5), threshold: 0.9 }, false));
        assert_eq!(standings(&[entry("a", "dev", 1, 0.5)], &Gate::default())[0].out, None);
    }

    #[test]
    fn a_sample_and_a_policy_say_nothing_of_a_model() {
        let sample = Entry { set_hash: "s".into(), cases: 4, ..entry("a", "dev", 9, 0.1) };
        let policy = Entry { policy: "p".into(), ..entry("a", "dev", 10, 0.1) };
        let found = standings(&[entry("a", "dev", 1, 0.95), sample, policy], &gate(0.9));
        assert_eq!((found.len(), &found[0].out), (1, &None));
        assert!((found[0].metrics[MAIN_METRIC] - 0.95).abs() < 1e-9);
    }
}
