//! A report of runs as one HTML page or one Markdown file: figures side by side, then by tag and language, then what was
//! wrong beside what was right, by tag. Everything that comes from a set or an answer is escaped.

mod html;
mod markdown;

use std::collections::BTreeMap;

use serde::Serialize;

use super::bench::Run;
use super::case::{CaseResult, TurnRecord};
use super::judge::Agreement;
use super::measures;
use super::stats;
use crate::catalog::Locale;
use crate::store::Measured;

pub use html::html;
pub use markdown::markdown;

/// Failures that are shown of a run.
pub const MAX_FAILURES: usize = 500;
/// Conversations without a tag are told under this one.
const NO_TAG: &str = "(no tag)";

/// What a report tells.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Told {
    /// The golden set.
    set: String,
    /// Versions of catalog and data.
    catalog: String,
    data: String,
    /// Translators, in the order of the columns.
    translators: Vec<String>,
    /// A line a metric.
    figures: Vec<Figure>,
    /// A line a tag, and a line a language: how many turns are right.
    by_tag: Vec<Shares>,
    by_lang: Vec<Shares>,
    /// What was wrong, run by run.
    runs: Vec<Failed>,
    /// Criteria with the prompt that the judge was given.
    prompts: Vec<Prompt>,
    agreement: Vec<Agreed>,
}

#[derive(Debug, Clone, Serialize)]
struct Figure {
    name: String,
    about_ko: &'static str,
    about_en: &'static str,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Cell {
    value: String,
    interval: String,
    best: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Shares {
    name: String,
    cells: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Failed {
    id: String,
    translator: String,
    state: &'static str,
    tags: Vec<Tagged>,
    left_out: usize,
}

#[derive(Debug, Clone, Serialize)]
struct Tagged {
    tag: String,
    failures: Vec<Failure>,
}

#[derive(Debug, Clone, Serialize)]
struct Failure {
    case: String,
    turn: usize,
    silent: bool,
    user: String,
    expected: String,
    given: String,
    why: Vec<String>,
    reply: String,
    judged: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Prompt {
    name: String,
    prompt: String,
}

#[derive(Debug, Clone, Serialize)]
struct Agreed {
    criterion: String,
    n: usize,
    share: String,
    kappa: String,
}

impl Told {
    /// What is told of `runs` of one set.
    #[must_use]
    pub fn of(runs: &[Run]) -> Self {
        let first = runs.first().map(|run| run.summary.clone()).unwrap_or_default();
        Self {
            set: first.set,
            catalog: first.catalog,
            data: first.data,
            translators: runs.iter().map(|run| run.summary.translator.clone()).collect(),
            figures: figures(runs),
            by_tag: shares(runs, &tags),
            by_lang: shares(runs, &|case| vec![case.lang.clone()]),
            runs: runs.iter().map(failed).collect(),
            ..Self::default()
        }
    }

    /// The same with what the judge was told, and how far it agrees with people.
    #[must_use]
    pub fn judged_by(mut self, prompts: Vec<(String, String)>, agreement: &[Agreement]) -> Self {
        self.prompts = prompts.into_iter().map(|(name, prompt)| Prompt { name, prompt }).collect();
        let agreed = |a: &Agreement| Agreed {
            criterion: a.criterion.clone(),
            n: a.n,
            share: percent(a.agreed),
            kappa: format!("{:.2}", a.kappa),
        };
        self.agreement = agreement.iter().map(agreed).collect();
        self
    }
}

/// The names of all figures of some runs, in the order of the metrics.
#[must_use]
pub fn figure_names(runs: &[Run]) -> Vec<String> {
    let order: Vec<&str> = measures::all().iter().map(|m| m.name).collect();
    let mut names: Vec<String> = runs.iter().flat_map(|r| r.summary.metrics.keys().cloned()).collect();
    let at = |name: &str| measures::named(name).and_then(|m| order.iter().position(|o| *o == m.name));
    names.sort_by(|a, b| (at(a), a.len(), a).cmp(&(at(b), b.len(), b)));
    names.dedup();
    names
}

/// A figure as it is read: a share in percent, anything else as a number.
#[must_use]
pub fn figure(name: &str, value: f64) -> String {
    let is_share = measures::named(name).is_some_and(measures::Metric::is_share)
        || name == "language_gap"
        || name.starts_with("pass^");
    match value {
        value if is_share => percent(value),
        value if value != 0.0 && value.abs() < 0.01 => format!("{value:.6}"),
        value if value.abs() >= 1000.0 => format!("{value:.0}"),
        value => format!("{value:.2}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

fn figures(runs: &[Run]) -> Vec<Figure> {
    let line = |name: String| {
        let metric = measures::named(&name)?;
        let values: Vec<Option<Measured>> = runs.iter().map(|r| r.summary.metrics.get(&name).copied()).collect();
        let all = values.iter().flatten().map(|m| m.value);
        let best = if metric.better == measures::Better::Higher { all.reduce(f64::max) } else { all.reduce(f64::min) };
        let cell = |measured: &Option<Measured>| {
            measured.map_or_else(Cell::default, |m| Cell {
                value: figure(&name, m.value),
                interval: match (m.low, m.high) {
                    (Some(low), Some(high)) => format!("{} – {}", figure(&name, low), figure(&name, high)),
                    _ => String::new(),
                },
                best: runs.len() > 1 && best.is_some_and(|b| b.total_cmp(&m.value).is_eq()),
            })
        };
        Some(Figure {
            about_ko: metric.about(Locale::Ko),
            about_en: metric.about(Locale::En),
            cells: values.iter().map(cell).collect(),
            name,
        })
    };
    figure_names(runs).into_iter().filter_map(line).collect()
}

fn tags(case: &CaseResult) -> Vec<String> {
    if case.tags.is_empty() { vec![NO_TAG.to_owned()] } else { case.tags.clone() }
}

/// How many turns are right, by what `names` says of their conversation.
fn shares(runs: &[Run], names: &dyn Fn(&CaseResult) -> Vec<String>) -> Vec<Shares> {
    let mut found: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for (i, run) in runs.iter().enumerate() {
        for case in &run.cases {
            let right = case.turns.iter().filter(|t| t.right).count();
            for name in names(case) {
                let cells = found.entry(name).or_insert_with(|| vec![(0, 0); runs.len()]);
                cells[i].0 += right;
                cells[i].1 += case.turns.len();
            }
        }
    }
    let cell = |(right, all): &(usize, usize)| match all {
        0 => String::new(),
        _ => format!("{} ({right}/{all})", percent(stats::real(*right) / stats::real(*all))),
    };
    found.into_iter().map(|(name, cells)| Shares { name, cells: cells.iter().map(cell).collect() }).collect()
}

fn failed(run: &Run) -> Failed {
    let mut by_tag: BTreeMap<String, Vec<Failure>> = BTreeMap::new();
    let (mut shown, mut left_out) = (0, 0);
    // A repeat that fails as the first did says nothing new.
    for case in run.cases.iter().filter(|case| case.attempt == 0) {
        for (i, turn) in case.turns.iter().enumerate().filter(|(_, turn)| !turn.right) {
            if shown >= MAX_FAILURES {
                left_out += 1;
                continue;
            }
            shown += 1;
            // Under its first tag: the same failure under each would be read as many.
            let tag = tags(case).swap_remove(0);
            by_tag.entry(tag).or_default().push(failure(case, i + 1, turn));
        }
    }
    Failed {
        id: run.summary.id.clone(),
        translator: run.summary.translator.clone(),
        state: run.summary.state.name(),
        tags: by_tag.into_iter().map(|(tag, failures)| Tagged { tag, failures }).collect(),
        left_out,
    }
}

fn failure(case: &CaseResult, turn: usize, record: &TurnRecord) -> Failure {
    let expected = match record.expect {
        super::file::Expect::Answer => record.gold.clone(),
        other => format!("{other:?}"),
    };
    Failure {
        case: case.case.clone(),
        turn,
        silent: record.silent,
        user: record.user.clone(),
        expected,
        given: format!("[{:?}] {}", record.status, record.given),
        why: record.why.clone(),
        reply: record.reply.clone(),
        judged: record.judged.iter().map(|(name, j)| format!("{name}: {:.2} — {}", j.score, j.reason)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::judge::Judged;
    use crate::store::RunSummary;

    const NASTY: &str = "<script>alert('x')</script> | `a` & \"b\"\n# c [d](javascript:e)";

    fn run(translator: &str, right: bool) -> Run {
        let judged = [("clear".to_owned(), Judged { score: 0.5, reason: NASTY.into() })].into();
        let turn = TurnRecord {
            user: NASTY.into(),
            gold: NASTY.into(),
            given: NASTY.into(),
            reply: NASTY.into(),
            why: vec![NASTY.into()],
            right,
            judged,
            ..TurnRecord::default()
        };
        let case = CaseResult {
            case: NASTY.into(),
            lang: "ko".into(),
            tags: vec![NASTY.into()],
            turns: vec![turn],
            ..CaseResult::default()
        };
        let cases = vec![case];
        let metrics = measures::measure(&cases, &[]);
        let summary = RunSummary {
            id: "i".into(),
            translator: translator.into(),
            set: NASTY.into(),
            metrics,
            ..RunSummary::default()
        };
        Run { summary, cases }
    }

    fn told() -> Told {
        let agreement = Agreement { criterion: NASTY.into(), n: 2, agreed: 0.5, kappa: 0.25 };
        Told::of(&[run("builtin", true), run("local", false)])
            .judged_by(vec![("clear".into(), NASTY.into())], &[agreement])
    }

    #[test]
    fn a_page_shows_all_and_runs_nothing() {
        let page = html(&told()).unwrap();
        assert!(page.contains("builtin") && page.contains("local") && page.contains("turn_accuracy"));
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
        // Nothing is fetched from anywhere.
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains(" src="));
    }

    #[test]
    fn markdown_keeps_its_tables() {
        let text = markdown(&told());
        assert!(!text.contains("<script>"), "{text}");
        assert!(text.contains("\\|") && text.contains("&lt;script&gt;"), "{text}");
        assert!(text.lines().all(|line| !line.starts_with("# c")), "{text}");
        assert!(text.contains("| **100.0%**"), "{text}");
    }

    #[test]
    fn figures_are_in_the_order_of_the_metrics() {
        let names = figure_names(&[run("a", true)]);
        assert_eq!(names.first().map(String::as_str), Some("turn_accuracy"));
        assert_eq!(figure("turn_accuracy", 0.5), "50.0%");
        assert_eq!(figure("latency_p50_ms", 12.345), "12.35");
        assert_eq!(figure("tokens", 1234.5), "1234");
    }
}
