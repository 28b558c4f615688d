//! Whether an answer is right: pure comparison of an answer with what a conversation file asks for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::file::{Expect, GoldTurn};
use super::gold::{Gold, GoldGroup};
use crate::answer::contract::{Answer, Breakdown, Status};

/// Numbers that differ by less than this fraction agree: three significant decimals.
const THREE_DECIMALS: f64 = 0.0005;

/// The judgement of one turn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Everything agrees.
    pub right: bool,
    /// Wrong without a word of doubt: answered, wrong, and with no unmatched words.
    pub silent: bool,
    /// What does not agree; empty where right.
    pub why: Vec<String>,
}

/// Judges an answer. `golds` are the numbers of the right segments; any of them will do.
#[must_use]
pub fn judge(turn: &GoldTurn, golds: &[Gold], answer: &Answer) -> Verdict {
    let mut why = Vec::new();
    if status(turn.expect) != answer.status {
        why.push(format!("status is {:?}, not {:?}", answer.status, status(turn.expect)));
    } else if turn.expect == Expect::Answer {
        why.extend(numbers(turn, golds, answer));
        why.extend(unnamed(turn, answer));
    }
    if let Some(fault) = action(turn, answer) {
        why.push(fault);
    }
    let right = why.is_empty();
    let silent = !right && answer.status == Status::Answered && answer.unmatched.is_empty();
    Verdict { right, silent, why }
}

fn status(expect: Expect) -> Status {
    match expect {
        Expect::Answer => Status::Answered,
        Expect::Clarify => Status::Clarify,
        Expect::Refuse => Status::Refused,
        Expect::Unknown => Status::Unknown,
        Expect::About => Status::About,
    }
}

/// The faults against the gold that comes nearest; none where one of them agrees.
fn numbers(turn: &GoldTurn, golds: &[Gold], answer: &Answer) -> Vec<String> {
    let faults = golds.iter().map(|gold| faults(turn, gold, answer));
    faults.min_by_key(Vec::len).unwrap_or_else(|| vec!["no gold numbers".to_owned()])
}

fn faults(turn: &GoldTurn, gold: &Gold, answer: &Answer) -> Vec<String> {
    let mut why = Vec::new();
    match answer.count {
        Some(count) if same_count(gold.count, count, turn.tolerance) => {}
        Some(count) => why.push(format!("count is {count}, not {}", gold.count)),
        None => why.push(format!("no count; it is {}", gold.count)),
    }
    match (&gold.groups, &answer.breakdown) {
        (None, None) => {}
        (None, Some(given)) => why.push(format!("groups by {} that nobody asked for", given.by.join(", "))),
        (Some(_), None) => why.push(format!("no groups by {}", turn.breakdown.join(", "))),
        (Some(groups), Some(given)) => why.extend(groups_differ(turn, groups, given)),
    }
    if let (Some(metric), None) = (&turn.metric, &gold.groups) {
        why.extend(metric_differs(metric, gold.value, answer, turn.tolerance));
    } else if turn.metric.is_none() && !answer.metrics.is_empty() {
        why.push(format!("metric {} that nobody asked for", answer.metrics[0].name));
    }
    why
}

fn metric_differs(metric: &str, expected: Option<f64>, answer: &Answer, tolerance: f64) -> Option<String> {
    let Some(given) = answer.metrics.first() else { return Some(format!("no {metric}")) };
    let agrees = same_value(expected, given.value, tolerance);
    (!agrees).then(|| format!("{metric} is {}, not {}", shown(given.value), shown(expected)))
}

fn groups_differ(turn: &GoldTurn, gold: &[GoldGroup], given: &Breakdown) -> Option<String> {
    let rows: Vec<GoldGroup> =
        given.rows.iter().map(|g| GoldGroup { key: g.key.clone(), count: g.count, value: g.value }).collect();
    let gold = filled(gold);
    let rows = filled(&rows);
    if rows.values().map(Vec::len).any(|n| n > 1) {
        return Some("a group is listed twice".to_owned());
    }
    let metric = turn.metric.is_some();
    for (key, group) in &rows {
        let Some(expected) = gold.get(key) else { return Some(format!("group {} is not there", named(key))) };
        if let Some(fault) = group_differs(expected[0], group[0], metric, turn.tolerance) {
            return Some(format!("group {}: {fault}", named(key)));
        }
    }
    match turn.top {
        Some(top) => cut_differs(top, metric, turn.tolerance, &gold, &rows),
        None => gold.keys().find(|k| !rows.contains_key(*k)).map(|k| format!("group {} is missing", named(k))),
    }
}

type Groups<'a> = BTreeMap<&'a [Option<String>], Vec<&'a GoldGroup>>;

/// Groups that hold somebody, by key: an empty band may be listed or not.
fn filled(groups: &[GoldGroup]) -> Groups<'_> {
    let mut by_key = Groups::new();
    for group in groups.iter().filter(|g| g.count > 0) {
        by_key.entry(&group.key).or_default().push(group);
    }
    by_key
}

fn group_differs(expected: &GoldGroup, given: &GoldGroup, metric: bool, tolerance: f64) -> Option<String> {
    if !same_count(expected.count, given.count, tolerance) {
        return Some(format!("{}, not {}", given.count, expected.count));
    }
    (metric && !same_value(expected.value, given.value, tolerance))
        .then(|| format!("{}, not {}", shown(given.value), shown(expected.value)))
}

/// Whether the groups given are the `top` largest; which of several equal ones is left out is free.
fn cut_differs(top: usize, metric: bool, tolerance: f64, gold: &Groups<'_>, rows: &Groups<'_>) -> Option<String> {
    let expected = top.min(gold.len());
    if rows.len() != expected {
        return Some(format!("{} groups, not {expected}", rows.len()));
    }
    let (largest, given) = (sizes(gold, metric), sizes(rows, metric));
    let agree = largest.iter().zip(&given).all(|(a, b)| close(*a, *b, tolerance));
    (!agree).then(|| "not the largest groups".to_owned())
}

/// What groups are ordered by, largest first.
fn sizes(groups: &Groups<'_>, metric: bool) -> Vec<f64> {
    let size = |g: &GoldGroup| if metric { g.value.unwrap_or(f64::NEG_INFINITY) } else { whole(g.count) };
    let mut sizes: Vec<f64> = groups.values().map(|g| size(g[0])).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    sizes
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn whole(count: u64) -> f64 {
    count as f64
}

fn same_count(expected: u64, given: u64, tolerance: f64) -> bool {
    expected == given || (tolerance > 0.0 && within(whole(expected), whole(given), tolerance))
}

fn same_value(expected: Option<f64>, given: Option<f64>, tolerance: f64) -> bool {
    match (expected, given) {
        (Some(expected), Some(given)) => close(expected, given, tolerance),
        (expected, given) => expected.is_none() && given.is_none(),
    }
}

fn close(expected: f64, given: f64, tolerance: f64) -> bool {
    expected.total_cmp(&given).is_eq() || within(expected, given, tolerance.max(THREE_DECIMALS))
}

fn within(expected: f64, given: f64, fraction: f64) -> bool {
    (expected - given).abs() <= fraction * expected.abs().max(given.abs())
}

/// Words that the answer must name as not understood, and does not.
fn unnamed(turn: &GoldTurn, answer: &Answer) -> Vec<String> {
    let named = squeezed(&answer.unmatched.concat());
    let missing = turn.partly.iter().filter(|word| !named.contains(&squeezed(word)));
    missing.map(|word| format!("{word} is not named as unmatched")).collect()
}

fn action(turn: &GoldTurn, answer: &Answer) -> Option<String> {
    let wanted = turn.action.as_deref()?;
    let Some(done) = &answer.action else { return Some(format!("no action {wanted}")) };
    if done.kind != wanted {
        return Some(format!("action is {}, not {wanted}", done.kind));
    }
    let name = turn.name.as_deref()?;
    let given = done.name.as_deref().unwrap_or_default();
    (squeezed(given) != squeezed(name)).then(|| format!("{wanted} is of {given:?}, not {name:?}"))
}

/// Letter case and spaces do not matter.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn named(key: &[Option<String>]) -> String {
    key.iter().map(|k| k.as_deref().unwrap_or("(missing)")).collect::<Vec<_>>().join(" × ")
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "missing".to_owned(), |v| v.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::contract::{Done, Group, MetricValue};
    use crate::eval::file;

    fn turn(more: &str) -> GoldTurn {
        let text = format!("- id: t\n  turns: [{{user: x, segment: 'true'{more}}}]\n");
        file::parse(&text).unwrap().remove(0).turns.remove(0)
    }

    fn counted(count: u64) -> Answer {
        Answer { count: Some(count), ..Answer::default() }
    }

    fn grouped(groups: &[(&str, u64)]) -> Answer {
        let row =
            |(key, count): &(&str, u64)| Group { key: vec![Some((*key).into())], count: *count, ..Group::default() };
        let rows = groups.iter().map(row).collect();
        Answer { breakdown: Some(Breakdown { by: vec!["k".into()], rows, suppressed: 0 }), ..counted(10) }
    }

    fn gold(groups: &[(&str, u64)]) -> Vec<Gold> {
        let group =
            |(key, count): &(&str, u64)| GoldGroup { key: vec![Some((*key).into())], count: *count, value: None };
        vec![Gold { count: 10, value: None, groups: Some(groups.iter().map(group).collect()) }]
    }

    #[test]
    fn counts_are_exact_unless_a_tolerance_says_otherwise() {
        let golds = [Gold { count: 1000, ..Gold::default() }];
        assert!(judge(&turn(""), &golds, &counted(1000)).right);
        let wrong = judge(&turn(""), &golds, &counted(1001));
        assert!(!wrong.right && wrong.silent, "{wrong:?}");
        assert!(judge(&turn(", tolerance: 0.02"), &golds, &counted(1015)).right);
        assert!(!judge(&turn(", tolerance: 0.02"), &golds, &counted(1030)).right);
    }

    #[test]
    fn any_right_segment_will_do() {
        let golds = [Gold { count: 1, ..Gold::default() }, Gold { count: 2, ..Gold::default() }];
        assert!(judge(&turn(""), &golds, &counted(2)).right);
    }

    #[test]
    fn a_doubt_that_is_named_is_not_silent() {
        let answer = Answer { unmatched: vec!["점수".into()], ..counted(3) };
        let verdict = judge(&turn(""), &[Gold::default()], &answer);
        assert!(!verdict.right && !verdict.silent);
    }

    #[test]
    fn asking_back_where_an_answer_is_right_is_wrong_but_not_silent() {
        let answer = Answer { status: Status::Clarify, ..Answer::default() };
        let verdict = judge(&turn(""), &[Gold::default()], &answer);
        assert!(!verdict.right && !verdict.silent);
        assert!(judge(&turn(", expect: clarify"), &[], &answer).right);
    }

    #[test]
    fn empty_groups_may_be_listed_or_not() {
        let asked = turn(", breakdown: [k]");
        let golds = gold(&[("a", 4), ("b", 6)]);
        assert!(judge(&asked, &golds, &grouped(&[("b", 6), ("a", 4), ("c", 0)])).right);
        assert!(!judge(&asked, &golds, &grouped(&[("a", 4)])).right);
        assert!(!judge(&asked, &golds, &grouped(&[("a", 5), ("b", 5)])).right);
        assert!(!judge(&asked, &golds, &counted(10)).right);
        assert!(!judge(&turn(""), &[Gold { count: 10, ..Gold::default() }], &grouped(&[("a", 10)])).right);
    }

    #[test]
    fn ties_at_the_cut_are_interchangeable() {
        let asked = turn(", breakdown: [k], top: 2");
        let golds = gold(&[("a", 5), ("b", 3), ("c", 3), ("d", 1)]);
        assert!(judge(&asked, &golds, &grouped(&[("a", 5), ("b", 3)])).right);
        assert!(judge(&asked, &golds, &grouped(&[("a", 5), ("c", 3)])).right);
        assert!(!judge(&asked, &golds, &grouped(&[("a", 5), ("d", 1)])).right);
        assert!(!judge(&asked, &golds, &grouped(&[("a", 5), ("b", 3), ("c", 3)])).right);
    }

    #[test]
    fn metrics_compare_to_three_decimals() {
        let asked = turn(", metric: avg(x)");
        let golds = [Gold { count: 10, value: Some(52_384.1), groups: None }];
        let given = |value| Answer { metrics: vec![MetricValue { name: "avg(x)".into(), value }], ..counted(10) };
        assert!(judge(&asked, &golds, &given(Some(52_384.9))).right);
        assert!(!judge(&asked, &golds, &given(Some(52_984.9))).right);
        assert!(!judge(&asked, &golds, &given(None)).right);
        assert!(!judge(&asked, &golds, &counted(10)).right);
    }

    #[test]
    fn words_and_actions_are_compared_without_case_and_spaces() {
        let asked = turn(", partly: [Apple Watch], action: save, name: 강남 아이폰");
        let done = Done { kind: "save".into(), name: Some("강남아이폰".into()), ..Done::default() };
        let unmatched = vec!["apple".into(), "watch".into()];
        let answer = Answer { unmatched, action: Some(done), ..counted(0) };
        assert_eq!(judge(&asked, &[Gold::default()], &answer).why, Vec::<String>::new());
        let undone = Answer { action: None, unmatched: Vec::new(), ..answer };
        assert_eq!(judge(&asked, &[Gold::default()], &undone).why.len(), 2);
    }
}
