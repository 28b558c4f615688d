//! The board: rows are translators with their prompts and policy, columns are metrics by golden sets and tasks of other
//! evaluators. A row shows its latest run of each set; the best figure of a column is marked.
//!
//! Only runs over the same cases are compared: of each set those with the hash of its largest run (of equal ones the
//! latest). A row that has no such run shows what it has, marked as not comparable, and is neither best nor averaged.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::column::{Better, Column, MAIN_METRIC};
use super::entry::Entry;
use super::harness::Imported;
use super::trend::Point;
use crate::store::Measured;
use crate::translate::model::Place;

/// What is to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only this golden set.
    pub set: Option<String>,
    /// These metrics of each set, the first one averaged; none for [`MAIN_METRIC`].
    pub metrics: Vec<String>,
}

impl Wanted {
    /// The metric that is averaged and followed over time.
    #[must_use]
    pub fn main(&self) -> &str {
        self.metrics.first().map_or(MAIN_METRIC, String::as_str)
    }

    fn metrics(&self) -> Vec<&str> {
        if self.metrics.is_empty() { vec![MAIN_METRIC] } else { self.metrics.iter().map(String::as_str).collect() }
    }

    fn takes(&self, set: &str) -> bool {
        self.set.as_ref().is_none_or(|only| only == set)
    }
}

/// A figure of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The figure with its interval.
    #[serde(flatten)]
    pub measured: Measured,
    /// When it was measured, in milliseconds since 1970.
    pub at: i64,
    /// Whether no other is better.
    pub best: bool,
    /// Whether it was measured on the cases that the column is about.
    pub comparable: bool,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BoardRow {
    /// Who translated.
    pub translator: String,
    /// `built-in`, `chat`, `fine-tuned`, …; empty where nobody says.
    pub kind: String,
    /// Billions of parameters.
    pub size_b: Option<f64>,
    /// Where it runs.
    pub place: Option<Place>,
    /// Version of the prompts.
    pub prompt_version: String,
    /// Policy of the router.
    pub policy: String,
    /// When it was last measured.
    pub at: i64,
    /// The figures by the column's id.
    pub scores: BTreeMap<String, Score>,
    /// The mean of the main metric over the golden sets that it has.
    pub average: Option<f64>,
    /// Whether no other average is better, among those over every set.
    pub average_best: bool,
    /// How many of the sets the average is over.
    pub averaged: usize,
    /// The main metric over time, by the set that it was measured by most often.
    pub trend: Vec<Point>,
}

/// The board.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Board {
    /// The metric that is averaged.
    pub main: String,
    /// How many golden sets an average is over at most.
    pub sets: usize,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rows, the best first.
    #[serde(rename = "entries")]
    pub rows: Vec<BoardRow>,
}

/// What rows are told apart by: translator, prompts, policy.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key(entry: &Entry) -> Key<'_> {
    (&entry.translator, &entry.prompt_version, &entry.policy)
}

impl Board {
    /// The board of what was measured and imported.
    #[must_use]
    pub fn new(entries: &[Entry], imports: &[Imported], wanted: &Wanted) -> Self {
        let entries: Vec<&Entry> = entries.iter().filter(|e| wanted.takes(&e.set)).collect();
        let hashes = reference_hashes(&entries);
        let columns = columns(&entries, imports, wanted);
        let keys: BTreeSet<Key<'_>> = entries.iter().map(|e| key(e)).collect();
        let mut rows: Vec<BoardRow> =
            keys.into_iter().map(|key| row(key, &entries, &hashes, &columns, wanted.main())).collect();
        for import in by_age(imports) {
            add_import(&mut rows, import);
        }
        let sets = columns.iter().filter(|c| c.set.is_some() && c.metric == wanted.main()).count();
        let mut board = Self { main: wanted.main().to_owned(), sets, columns, rows };
        board.average();
        board.mark_best();
        board.sort();
        board
    }

    fn average(&mut self) {
        let main: Vec<&Column> = self.columns.iter().filter(|c| c.set.is_some() && c.metric == self.main).collect();
        for row in &mut self.rows {
            let scores = main.iter().filter_map(|c| row.scores.get(&c.id)).filter(|s| s.comparable);
            let values: Vec<f64> = scores.map(|s| s.measured.value).collect();
            row.averaged = values.len();
            row.average = mean(&values);
        }
    }

    fn mark_best(&mut self) {
        for column in &self.columns {
            let comparable = |score: &&Score| score.comparable;
            let values = self.rows.iter().filter_map(|r| r.scores.get(&column.id)).filter(comparable);
            let Some(best) = best(column.better, values.map(|s| s.measured.value)) else { continue };
            for score in self.rows.iter_mut().filter_map(|r| r.scores.get_mut(&column.id)) {
                score.best = score.comparable && !column.better.beats(best, score.measured.value);
            }
        }
        let (better, sets) = (Better::of_metric(&self.main), self.sets);
        let full = |row: &&BoardRow| sets > 0 && row.averaged == sets;
        if let Some(best) = best(better, self.rows.iter().filter(full).filter_map(|r| r.average)) {
            for row in &mut self.rows {
                row.average_best = row.averaged == sets && row.average.is_some_and(|a| !better.beats(best, a));
            }
        }
    }

    /// Those over every set first; among them the better average first.
    fn sort(&mut self) {
        let (better, sets) = (Better::of_metric(&self.main), self.sets);
        self.rows.sort_by(|a, b| {
            let rank = |row: &BoardRow| (row.average.is_none(), row.averaged < sets);
            let [x, y] = [a, b].map(|row| row.average.unwrap_or_default());
            let by_average = if better == Better::Higher { y.total_cmp(&x) } else { x.total_cmp(&y) };
            rank(a).cmp(&rank(b)).then(by_average).then_with(|| name(a).cmp(&name(b)))
        });
    }
}

fn name(row: &BoardRow) -> (&str, &str, &str) {
    (&row.translator, &row.prompt_version, &row.policy)
}

#[allow(clippy::cast_precision_loss, reason = "there are few sets")]
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn best(better: Better, values: impl Iterator<Item = f64>) -> Option<f64> {
    values.reduce(|best, value| if better.beats(value, best) { value } else { best })
}

/// The cases that a set is about, by the set.
pub(super) fn reference_hashes<'a>(entries: &[&'a Entry]) -> BTreeMap<&'a str, &'a str> {
    let mut largest: BTreeMap<&str, &Entry> = BTreeMap::new();
    for &entry in entries {
        let seen = largest.entry(&entry.set).or_insert(entry);
        if (entry.cases, entry.at) > (seen.cases, seen.at) {
            *seen = entry;
        }
    }
    largest.into_iter().map(|(set, entry)| (set, entry.set_hash.as_str())).collect()
}

fn columns(entries: &[&Entry], imports: &[Imported], wanted: &Wanted) -> Vec<Column> {
    let sets: BTreeSet<&str> = entries.iter().map(|e| e.set.as_str()).collect();
    let has = |set: &str, metric: &str| entries.iter().any(|e| e.set == set && e.metrics.contains_key(metric));
    let mut columns = Vec::new();
    for set in sets {
        let measured = wanted.metrics().into_iter().filter(|metric| has(set, metric));
        columns.extend(measured.map(|metric| Column::of_run(set, metric)));
    }
    let mut seen = BTreeSet::new();
    for score in imports.iter().rev().flat_map(|i| &i.scores) {
        let column = score.column();
        if seen.insert(column.id.clone()) {
            columns.push(column);
        }
    }
    columns
}

fn row(of: Key<'_>, entries: &[&Entry], hashes: &BTreeMap<&str, &str>, columns: &[Column], main: &str) -> BoardRow {
    let own: Vec<&Entry> = entries.iter().copied().filter(|e| key(e) == of).collect();
    let is_reference = |e: &Entry| hashes.get(e.set.as_str()) == Some(&e.set_hash.as_str());
    let mut row = BoardRow { trend: trend(of, entries, hashes, main), ..BoardRow::default() };
    (row.translator, row.prompt_version, row.policy) = (of.0.to_owned(), of.1.to_owned(), of.2.to_owned());
    if let Some(last) = own.iter().max_by_key(|e| e.at) {
        (row.kind, row.size_b, row.place, row.at) = (last.kind.clone(), last.size_b, last.place, last.at);
    }
    for column in columns {
        let measured = own.iter().filter(|e| column.set.as_ref() == Some(&e.set));
        let measured = measured.filter_map(|e| e.metrics.get(&column.metric).map(|m| (*e, m)));
        if let Some((entry, m)) = measured.max_by_key(|(e, _)| (is_reference(e), e.at)) {
            let score = Score { measured: *m, at: entry.at, best: false, comparable: is_reference(entry) };
            row.scores.insert(column.id.clone(), score);
        }
    }
    row
}

/// The main metric over time, whatever the prompts, by the set that the translator was measured by most often.
fn trend(of: Key<'_>, entries: &[&Entry], hashes: &BTreeMap<&str, &str>, main: &str) -> Vec<Point> {
    let mut by_set: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
    let same = entries.iter().filter(|e| e.translator == of.0 && e.policy == of.2);
    for entry in same.filter(|e| hashes.get(e.set.as_str()) == Some(&e.set_hash.as_str())) {
        if let Some(measured) = entry.metrics.get(main) {
            by_set.entry(&entry.set).or_default().push(Point {
                at: entry.at,
                set: entry.set.clone(),
                prompt_version: entry.prompt_version.clone(),
                value: measured.value,
            });
        }
    }
    let mut points = by_set.into_values().rev().max_by_key(Vec::len).unwrap_or_default();
    points.sort_by_key(|p| p.at);
    points
}

/// The oldest first, so that the latest result of a task is the one that stays.
fn by_age(imports: &[Imported]) -> Vec<&Imported> {
    let mut sorted: Vec<&Imported> = imports.iter().collect();
    sorted.sort_by_key(|i| (i.when(), i.at));
    sorted
}

/// Results of a model stand in each of its rows, whatever its prompts; they are not those of a policy.
fn add_import(rows: &mut Vec<BoardRow>, import: &Imported) {
    let is_own = |row: &BoardRow| row.translator == import.translator && row.policy.is_empty();
    if !rows.iter().any(is_own) {
        rows.push(BoardRow { translator: import.translator.clone(), at: import.when(), ..BoardRow::default() });
    }
    for row in rows.iter_mut().filter(|row| is_own(row)) {
        for score in &import.scores {
            let told = Score { measured: score.measured(), at: import.when(), best: false, comparable: true };
            row.scores.insert(score.column().id, told);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn entry(translator: &str, set: &str, at: i64, accuracy: f64) -> Entry {
        let measured = Measured { value: accuracy, n: 100, ..Measured::default() };
        Entry {
            translator: translator.into(),
            set: set.into(),
            set_hash: "h".into(),
            cases: 40,
            at,
            metrics: BTreeMap::from([(MAIN_METRIC.to_owned(), measured)]),
            ..Entry::default()
        }
    }

    fn names(board: &Board) -> Vec<&str> {
        board.rows.iter().map(|r| r.translator.as_str()).collect()
    }

    #[test]
    fn the_latest_run_counts_and_the_best_is_marked() {
        let runs = [
            entry("a", "dev", 1, 0.9),
            entry("b", "dev", 2, 0.8),
            entry("a", "dev", 3, 0.7),
            entry("c", "dev", 4, 0.8),
        ];
        let board = Board::new(&runs, &[], &Wanted::default());
        assert_eq!(names(&board), ["b", "c", "a"]);
        let best: Vec<bool> = board.rows.iter().map(|r| r.scores["dev/turn_accuracy"].best).collect();
        assert_eq!(best, [true, true, false], "two that are equal are both best");
        let trend: Vec<f64> = board.rows[2].trend.iter().map(|p| p.value).collect();
        assert_eq!(trend, [0.9, 0.7]);
    }

    #[test]
    fn an_average_over_fewer_sets_is_never_best() {
        let runs = [entry("a", "dev", 1, 0.6), entry("a", "hard", 1, 0.4), entry("b", "dev", 1, 0.9)];
        let board = Board::new(&runs, &[], &Wanted::default());
        assert_eq!((names(&board), board.sets), (vec!["a", "b"], 2));
        assert_eq!((board.rows[0].average, board.rows[0].average_best), (Some(0.5), true));
        assert_eq!((board.rows[1].average, board.rows[1].averaged, board.rows[1].average_best), (Some(0.9), 1, false));
        let one = Board::new(&runs, &[], &Wanted { set: Some("dev".into()), ..Wanted::default() });
        assert_eq!(names(&one), ["b", "a"]);
    }

    #[test]
    fn a_sample_is_not_compared_with_the_whole_set() {
        let sample = Entry { set_hash: "s".into(), cases: 4, ..entry("lucky", "dev", 9, 1.0) };
        let board = Board::new(&[entry("a", "dev", 1, 0.6), sample], &[], &Wanted::default());
        let lucky = board.rows.iter().find(|r| r.translator == "lucky").unwrap();
        let score = &lucky.scores["dev/turn_accuracy"];
        assert_eq!((score.comparable, score.best, lucky.average), (false, false, None));
        assert_eq!(names(&board), ["a", "lucky"]);
    }

    #[test]
    fn prompts_and_policies_have_rows_of_their_own() {
        let prompt = |version: &str| Entry { prompt_version: version.into(), ..entry("a", "dev", 1, 0.6) };
        let policy = Entry { policy: "cheapest".into(), ..entry("automatic", "dev", 1, 0.6) };
        let board = Board::new(&[prompt("p1"), prompt("p2"), policy], &[], &Wanted::default());
        assert_eq!(board.rows.len(), 3);
        assert!(board.rows.iter().all(|r| r.average_best));
    }

    #[test]
    fn imported_results_stand_beside_what_was_measured() {
        let file = include_str!("../../../fixtures/harness/results.json");
        let old = r#"{"results": {"arc_challenge": {"acc_norm,none": 0.1}}, "versions": {"arc_challenge": 1.0},
            "n-shot": {"arc_challenge": 25}, "date": 1000}"#;
        let imports = [Imported::read(file, "a", 0).unwrap(), Imported::read(old, "a", 9).unwrap()];
        let alone = Imported::read(file, "alone", 0).unwrap();
        let board = Board::new(&[entry("a", "dev", 1, 0.6)], &[&imports[..], &[alone]].concat(), &Wanted::default());
        assert_eq!(names(&board), ["a", "alone"]);
        let arc = board.columns.iter().find(|c| c.label == "ARC").unwrap();
        assert_eq!(arc.note, "acc_norm, 25-shot, v1.0");
        assert!((board.rows[0].scores[&arc.id].measured.value - 0.4471).abs() < 1e-9, "the later result counts");
        let perplexity = board.columns.iter().find(|c| c.label == "wikitext").unwrap();
        assert_eq!(perplexity.better, Better::Lower);
    }
}
