//! Two runs, case by case: how much they differ in a metric and how sure that is, and which cases one has right and the
//! other wrong. Only cases that both have are compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bench::Run;
use super::case::CaseResult;
use super::measures::{self, Metric};
use super::play::EvalError;
use super::stats::{self, Dice, RESAMPLES, SEED, TAIL};
use crate::store::RunSummary;

/// The metric that runs are compared in where none is named.
pub const DEFAULT_METRIC: &str = "turn_accuracy";
/// Below this chance a difference is called one.
pub const SIGNIFICANT: f64 = 0.05;

/// Two runs compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Comparison {
    /// The first run.
    pub a: RunSummary,
    /// The second run.
    pub b: RunSummary,
    /// In which metric.
    pub metric: String,
    /// Values that both have: turns or conversations, repeats counted.
    pub n: usize,
    /// Mean of the first.
    pub mean_a: f64,
    /// Mean of the second.
    pub mean_b: f64,
    /// Second less first.
    pub difference: f64,
    /// Lower end of its 95 % interval (paired bootstrap over conversations); none of fewer than two.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Where values are right or wrong: how many only the first has right.
    pub only_a: Option<u64>,
    /// How many only the second has right.
    pub only_b: Option<u64>,
    /// The exact `McNemar` test's chance of such a split between equals.
    pub p: Option<f64>,
    /// What the second does better.
    pub fixed: Vec<Changed>,
    /// What the second does worse.
    pub broken: Vec<Changed>,
}

/// A value that differs between two runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Changed {
    /// The conversation.
    pub case: String,
    /// The turn, from 1; none where the whole conversation is meant.
    pub turn: Option<usize>,
    /// Which repeat, from 0.
    pub attempt: u32,
    /// What was typed; of a whole conversation its first turn.
    pub user: String,
    /// The value of the first.
    pub a: f64,
    /// The value of the second.
    pub b: f64,
}

/// A case and a repeat of it.
type Key<'a> = (&'a str, u32);

/// Compares two runs in a metric.
///
/// # Errors
/// A metric that is not one of single values, or runs that have nothing in common.
pub fn compare(a: &Run, b: &Run, metric: &str) -> Result<Comparison, EvalError> {
    let metric = measures::named(metric).ok_or_else(|| EvalError::NoMetric(metric.to_owned()))?;
    let others: BTreeMap<Key<'_>, &CaseResult> = b.cases.iter().map(|c| (key(c), c)).collect();
    let pairs = a.cases.iter().filter_map(|case| Some((case, *others.get(&key(case))?)));
    let changes: Vec<(&str, Vec<Changed>)> =
        pairs.map(|(one, other)| (one.case.as_str(), of_case(metric, one, other))).collect();
    let values: Vec<&Changed> = changes.iter().flat_map(|(_, values)| values).collect();
    if values.is_empty() {
        return Err(EvalError::Disjoint(a.summary.id.clone(), b.summary.id.clone()));
    }
    let n = values.len();
    let mean = |of: fn(&Changed) -> f64| values.iter().map(|v| of(v)).sum::<f64>() / stats::real(n);
    let (mean_a, mean_b) = (mean(|v| v.a), mean(|v| v.b));
    let interval = paired_bootstrap(&changes);
    let (better, worse) = sides(metric, &values);
    let split = metric.is_share().then(|| splits(&values));
    Ok(Comparison {
        a: a.summary.clone(),
        b: b.summary.clone(),
        metric: metric.name.to_owned(),
        n,
        mean_a,
        mean_b,
        difference: mean_b - mean_a,
        low: interval.map(|i| i.0),
        high: interval.map(|i| i.1),
        only_a: split.map(|s| s.0),
        only_b: split.map(|s| s.1),
        p: split.map(|(only_a, only_b)| stats::mcnemar(only_a, only_b)),
        fixed: better,
        broken: worse,
    })
}

fn key(case: &CaseResult) -> Key<'_> {
    (&case.case, case.attempt)
}

/// The values that both have of a case.
fn of_case(metric: &Metric, one: &CaseResult, other: &CaseResult) -> Vec<Changed> {
    let (a, b) = (metric.values(one), metric.values(other));
    let of_turns = !metric.is_of_cases();
    let value = |(i, (a, b)): (usize, (Option<f64>, Option<f64>))| {
        Some(Changed {
            case: one.case.clone(),
            turn: of_turns.then_some(i + 1),
            attempt: one.attempt,
            user: one.turns.get(i).map(|t| t.user.clone()).unwrap_or_default(),
            a: a?,
            b: b?,
        })
    };
    a.into_iter().zip(b).enumerate().filter_map(value).collect()
}

/// How many are 1 in the first only, and in the second only.
fn splits(values: &[&Changed]) -> (u64, u64) {
    let count = |of: fn(&Changed) -> bool| values.iter().filter(|v| of(v)).count() as u64;
    (count(|v| v.a > v.b), count(|v| v.b > v.a))
}

/// What got better, and what got worse.
fn sides(metric: &Metric, values: &[&Changed]) -> (Vec<Changed>, Vec<Changed>) {
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for value in values {
        match value.b.total_cmp(&value.a) {
            std::cmp::Ordering::Greater => up.push((*value).clone()),
            std::cmp::Ordering::Less => down.push((*value).clone()),
            std::cmp::Ordering::Equal => {}
        }
    }
    if metric.better == measures::Better::Higher { (up, down) } else { (down, up) }
}

/// 95 % interval of the mean difference: conversations are drawn with all their turns and repeats, both runs' values
/// together, so that what is hard for both cancels out.
fn paired_bootstrap(changes: &[(&str, Vec<Changed>)]) -> Option<(f64, f64)> {
    let mut groups: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (case, values) in changes.iter().filter(|(_, values)| !values.is_empty()) {
        let (sum, n) = groups.entry(case).or_default();
        *sum += values.iter().map(|v| v.b - v.a).sum::<f64>();
        *n += stats::real(values.len());
    }
    let groups: Vec<(f64, f64)> = groups.into_values().collect();
    if groups.len() < 2 {
        return None;
    }
    let mut dice = Dice::new(SEED);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn = (0..groups.len()).map(|_| groups[dice.below(groups.len())]);
            let (sum, n) = drawn.fold((0.0, 0.0), |(s, k), (sum, n)| (s + sum, k + n));
            sum / n
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Some((stats::quantile(&means, TAIL)?, stats::quantile(&means, 1.0 - TAIL)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::case::TurnRecord;

    /// A run of conversations of two turns each, right where `right` says so.
    fn run(id: &str, right: &[[bool; 2]]) -> Run {
        let case = |(i, right): (usize, &[bool; 2])| CaseResult {
            case: format!("c{i}"),
            turns: right
                .iter()
                .map(|right| TurnRecord { right: *right, silent: !right, ..TurnRecord::default() })
                .collect(),
            ..CaseResult::default()
        };
        Run {
            summary: RunSummary { id: id.into(), ..RunSummary::default() },
            cases: right.iter().enumerate().map(case).collect(),
        }
    }

    #[test]
    fn what_was_fixed_and_what_was_broken_is_named() {
        let a = run("a", &[[true, false], [true, true], [false, false]]);
        let b = run("b", &[[true, true], [false, true], [true, true], [true, true]]);
        let found = compare(&a, &b, "turn_accuracy").unwrap();
        assert_eq!((found.n, found.only_a, found.only_b), (6, Some(1), Some(3)));
        // 2 × (1 + 4) / 2^4.
        assert!((found.p.unwrap() - 0.625).abs() < 1e-9);
        assert!((found.difference - 2.0 / 6.0).abs() < 1e-12);
        assert!(found.low.unwrap() <= found.difference && found.difference <= found.high.unwrap());
        let named = |c: &Changed| (c.case.clone(), c.turn);
        assert_eq!(found.broken.iter().map(named).collect::<Vec<_>>(), [("c1".to_owned(), Some(1))]);
        assert_eq!(found.fixed.len(), 3);
        // Of a metric where less is better the sides change, not the difference.
        let silent = compare(&a, &b, "silent").unwrap();
        assert!(silent.difference < 0.0 && silent.fixed.len() == 3);
        let whole = compare(&a, &b, "conversation_accuracy").unwrap();
        assert_eq!((whole.n, whole.fixed[0].turn), (3, None));
    }

    #[test]
    fn a_run_does_not_differ_from_itself() {
        let a = run("a", &[[true, false], [true, true]]);
        let found = compare(&a, &a, "turn_accuracy").unwrap();
        assert_eq!((found.low, found.high, found.p), (Some(0.0), Some(0.0), Some(1.0)));
        assert!(found.fixed.is_empty() && found.broken.is_empty());
    }

    #[test]
    fn what_cannot_be_compared_is_said() {
        let a = run("a", &[[true, false]]);
        assert!(matches!(compare(&a, &run("b", &[]), "silent"), Err(EvalError::Disjoint(..))));
        assert!(matches!(compare(&a, &a, "no_such"), Err(EvalError::NoMetric(_))));
        assert!(matches!(compare(&a, &a, "pass^2"), Err(EvalError::Disjoint(..))));
    }
}
