//! The metrics by name: what each says, which way is better, and how it is computed from the cases of a run. One file a
//! family. Every one is a mean, a share or a quantile of what single turns or conversations give, so that two runs can
//! be compared case by case.

mod criterion;
mod doubt;
mod expense;
mod language;
mod repeat;
mod retrieval;
mod right;

use std::collections::BTreeMap;

use super::case::CaseResult;
use super::stats::{self, SEED};
use crate::catalog::Locale;
use crate::store::Measured;

pub use criterion::PREFIX as CRITERION;

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// The larger the better.
    Higher,
    /// The smaller the better.
    Lower,
}

/// How the values of turns or conversations become one figure.
#[derive(Debug, Clone, Copy)]
enum Sum {
    /// A share of 0s and 1s; its interval is Wilson's.
    Share,
    /// A mean; its interval is a bootstrap over conversations.
    Mean,
    /// A quantile; no interval.
    Quantile(f64),
    /// Another figure than one of values.
    Own(fn(&[CaseResult]) -> Vec<(String, Measured)>),
}

/// One metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// What it is called in files, flags and reports.
    pub name: &'static str,
    /// What it says, in Korean and English.
    about: [&'static str; 2],
    /// Which way is better.
    pub better: Better,
    /// Whether it costs a query a turn more, and is measured only where asked for or where translators are compared.
    pub dear: bool,
    sum: Sum,
    /// The values of a case: one a turn, or one for the whole; none where it does not apply.
    values: fn(&CaseResult) -> Vec<Option<f64>>,
}

impl Metric {
    /// What it says.
    #[must_use]
    pub fn about(&self, locale: Locale) -> &'static str {
        self.about[usize::from(locale == Locale::En)]
    }

    /// The figures of a run: none where it does not apply to any case; several where it has parameters (`pass^2`).
    #[must_use]
    pub fn measure(&self, cases: &[CaseResult]) -> Vec<(String, Measured)> {
        if let Sum::Own(measure) = self.sum {
            return measure(cases);
        }
        let groups: Vec<Vec<f64>> = cases.iter().map(|c| (self.values)(c).into_iter().flatten().collect()).collect();
        summed(self.sum, &groups).map(|measured| (self.name.to_owned(), measured)).into_iter().collect()
    }

    /// The values of one case, for a comparison; none for a figure that is not one of single values.
    #[must_use]
    pub fn values(&self, case: &CaseResult) -> Vec<Option<f64>> {
        match self.sum {
            Sum::Own(_) => Vec::new(),
            _ => (self.values)(case),
        }
    }

    /// Whether it has one value a conversation, and not one a turn.
    #[must_use]
    pub fn is_of_cases(&self) -> bool {
        self.name == right::CONVERSATIONS
    }

    /// Whether it is a figure of single values, so that two runs can be compared in it.
    #[must_use]
    pub fn is_of_values(&self) -> bool {
        !matches!(self.sum, Sum::Own(_))
    }

    /// Whether its values are 0 and 1.
    #[must_use]
    pub fn is_share(&self) -> bool {
        matches!(self.sum, Sum::Share)
    }
}

fn summed(sum: Sum, groups: &[Vec<f64>]) -> Option<Measured> {
    let mut values: Vec<f64> = groups.iter().flatten().copied().collect();
    let n = values.len();
    let mean = values.iter().sum::<f64>() / stats::real(n.max(1));
    let (value, interval) = match sum {
        _ if n == 0 => return None,
        Sum::Share => (mean, stats::wilson(mean, n)),
        Sum::Mean => (mean, stats::bootstrap(groups, SEED)),
        Sum::Quantile(q) => {
            values.sort_by(f64::total_cmp);
            (stats::quantile(&values, q)?, None)
        }
        Sum::Own(_) => return None,
    };
    Some(Measured { value, n: n as u64, low: interval.map(|i| i.0), high: interval.map(|i| i.1) })
}

/// Every metric, in the order of reports.
#[must_use]
pub fn all() -> Vec<&'static Metric> {
    let families: [&'static [Metric]; 7] = [
        &right::METRICS,
        &doubt::METRICS,
        &retrieval::METRICS,
        &language::METRICS,
        &repeat::METRICS,
        &expense::METRICS,
        &criterion::METRICS,
    ];
    families.into_iter().flatten().collect()
}

/// The metric of a figure's name: `pass^2` is a figure of `pass^k`.
#[must_use]
pub fn named(name: &str) -> Option<&'static Metric> {
    let family = match name {
        _ if name.starts_with("pass^") => repeat::METRICS[0].name,
        _ if name.starts_with(CRITERION) => criterion::METRICS[0].name,
        _ => name,
    };
    all().into_iter().find(|metric| metric.name == family)
}

/// The figures of a run by these metrics; by all where none is named.
#[must_use]
pub fn measure(cases: &[CaseResult], only: &[String]) -> BTreeMap<String, Measured> {
    let wanted =
        |m: &&'static Metric| only.is_empty() || only.iter().any(|n| named(n).is_some_and(|o| o.name == m.name));
    all().into_iter().filter(wanted).flat_map(|metric| metric.measure(cases)).collect()
}

/// One value a turn.
fn of_turns(case: &CaseResult, value: impl Fn(&super::case::TurnRecord) -> Option<f64>) -> Vec<Option<f64>> {
    case.turns.iter().map(value).collect()
}

fn flag(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::contract::Status;
    use crate::eval::case::TurnRecord;
    use crate::eval::file::Expect;

    fn turn(expect: Expect, status: Status, right: bool) -> TurnRecord {
        TurnRecord { expect, status, right, own: true, ..TurnRecord::default() }
    }

    fn case(name: &str, attempt: u32, lang: &str, turns: Vec<TurnRecord>) -> CaseResult {
        CaseResult { case: name.into(), attempt, lang: lang.into(), turns, ..CaseResult::default() }
    }

    #[test]
    fn names_are_unique_and_told_in_both_languages() {
        let names: Vec<&str> = all().iter().map(|m| m.name).collect();
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(names.len(), unique.len());
        for metric in all() {
            assert_ne!(metric.about(Locale::Ko), metric.about(Locale::En), "{}", metric.name);
            assert_eq!(named(metric.name).map(|m| m.name), Some(metric.name));
        }
        assert_eq!(named("pass^3").map(|m| m.name), Some("pass^k"));
        assert_eq!(named("criterion:polite").map(|m| m.name), Some("criterion"));
        assert!(named("no_such").is_none());
    }

    #[test]
    fn figures_are_of_the_turns_that_they_apply_to() {
        let cases = [
            case(
                "a",
                0,
                "ko",
                vec![
                    turn(Expect::Answer, Status::Answered, true),
                    turn(Expect::Clarify, Status::Clarify, true),
                    turn(Expect::Answer, Status::Clarify, false),
                ],
            ),
            case("b", 0, "en", vec![TurnRecord { silent: true, ..turn(Expect::Clarify, Status::Answered, false) }]),
        ];
        let found = measure(&cases, &[]);
        let value = |name: &str| (found[name].value, found[name].n);
        assert_eq!(value("turn_accuracy"), (0.5, 4));
        assert_eq!(value("conversation_accuracy"), (0.0, 2));
        assert_eq!(value("silent"), (0.25, 4));
        assert_eq!(value("clarify_precision"), (0.5, 2));
        assert_eq!(value("clarify_recall"), (0.5, 2));
        assert!(!found.contains_key("refuse_recall") && !found.contains_key("jaccard"));
        assert!((found["language_gap"].value - 2.0 / 3.0).abs() < 1e-12);
        assert!(found["turn_accuracy"].low.unwrap() < 0.5 && found["turn_accuracy"].high.unwrap() > 0.5);
        let only = measure(&cases, &["silent".to_owned()]);
        assert_eq!(only.keys().collect::<Vec<_>>(), ["silent"]);
    }

    #[test]
    fn repeats_that_are_all_right_count() {
        let right =
            |name: &str, attempt, right| case(name, attempt, "ko", vec![turn(Expect::Answer, Status::Answered, right)]);
        let cases = [right("a", 0, true), right("a", 1, true), right("b", 0, true), right("b", 1, false)];
        let found = measure(&cases, &["pass^k".to_owned()]);
        assert!((found["pass^1"].value - 0.75).abs() < 1e-12);
        assert!((found["pass^2"].value - 0.5).abs() < 1e-12);
        assert_eq!(found["pass^2"].n, 2);
    }
}
