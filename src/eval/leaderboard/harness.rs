//! Results of `EleutherAI`'s lm-evaluation-harness: its `results.json`, read as further columns.
//!
//! A task (or a group of tasks, such as MMLU) gives one column, named by its alias. Where a task has several metrics, the
//! first of [`PREFERENCE`] is taken; among filters of one metric the strict one, then the flexible one, then the first.
//! Tasks that belong to a group are told by the group alone.

mod fault;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::column::{Better, Column, Unit};
use crate::engine::sha256;
use crate::store::{ImportRow, Measured};

pub use fault::HarnessFault;

/// Largest file of results, in bytes; those with samples' hashes of many tasks have a few megabytes.
pub const MAX_RESULT_BYTES: usize = 64 * 1024 * 1024;
/// Most tasks of one file.
pub const MAX_TASKS: usize = 2_000;
/// Longest name that is kept, in characters.
const MAX_NAME_CHARS: usize = 100;

/// The metrics in the order in which a task is told by them.
const PREFERENCE: [&str; 14] = [
    "acc_norm",
    "acc",
    "exact_match",
    "prompt_level_strict_acc",
    "pass@1",
    "pass_at_1",
    "mc2",
    "f1",
    "em",
    "mcc",
    "rougeL",
    "bleu",
    "word_perplexity",
    "perplexity",
];
/// The filters in the order in which a metric is told by them.
const FILTERS: [&str; 4] = ["none", "strict-match", "flexible-extract", "get-answer"];
/// Tasks whose customary name is not their alias.
const CUSTOMARY: [(&str, &str); 13] = [
    ("arc_challenge", "ARC"),
    ("arc_easy", "ARC easy"),
    ("hellaswag", "HellaSwag"),
    ("mmlu", "MMLU"),
    ("mmlu_pro", "MMLU-Pro"),
    ("gsm8k", "GSM8K"),
    ("truthfulqa_mc2", "TruthfulQA"),
    ("winogrande", "WinoGrande"),
    ("ifeval", "IFEval"),
    ("bbh", "BBH"),
    ("kmmlu", "KMMLU"),
    ("kobest", "KoBEST"),
    ("haerae", "HAE-RAE"),
];
/// Width of a 95 % interval to either side, in standard errors.
const Z: f64 = 1.959_963_984_540_054;

/// The figure of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HarnessScore {
    /// The task or group.
    pub task: String,
    /// What a reader calls it.
    pub label: String,
    /// The metric that it is told by.
    pub metric: String,
    /// The filter of the metric; empty for none.
    #[serde(default)]
    pub filter: String,
    /// The figure.
    pub value: f64,
    /// Its standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<f64>,
    /// Examples in the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_shot: Option<u32>,
    /// Questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// Version of the task.
    #[serde(default)]
    pub version: String,
    /// Whether less is better.
    #[serde(default)]
    pub lower_is_better: bool,
}

impl HarnessScore {
    /// The column that it stands in; results with other shots or another version stand in another one.
    #[must_use]
    pub fn column(&self) -> Column {
        let shots = self.n_shot.map(|n| format!("{n}-shot"));
        let version = Some(&self.version).filter(|v| !v.is_empty()).map(|v| format!("v{v}"));
        let note = [Some(self.metric.clone()), shots, version].into_iter().flatten().collect::<Vec<_>>().join(", ");
        Column {
            id: format!("harness/{} ({note})", self.task),
            set: None,
            metric: self.metric.clone(),
            label: self.label.clone(),
            note,
            better: if self.lower_is_better { Better::Lower } else { Better::Higher },
            unit: if self.lower_is_better || self.value > 1.0 { Unit::Number } else { Unit::Share },
        }
    }

    /// The figure with its interval.
    #[must_use]
    pub fn measured(&self) -> Measured {
        let half = self.stderr.map(|s| Z * s);
        Measured {
            value: self.value,
            n: self.samples.unwrap_or(0),
            low: half.map(|h| self.value - h),
            high: half.map(|h| self.value + h),
        }
    }
}

/// A file of results.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    /// Whose results they are here.
    pub translator: String,
    /// What the harness called the model.
    pub model: String,
    /// The harness, with its version where the file says so.
    pub harness: String,
    /// When it was evaluated, in milliseconds since 1970.
    pub dated: Option<i64>,
    /// When it was imported.
    pub at: i64,
    /// The figures, in the order of the file.
    pub scores: Vec<HarnessScore>,
}

impl Imported {
    /// Reads a `results.json` as the results of `translator`.
    ///
    /// # Errors
    /// What is wrong with the file, and where.
    pub fn read(text: &str, translator: &str, at: i64) -> Result<Self, HarnessFault> {
        if text.len() > MAX_RESULT_BYTES {
            return Err(HarnessFault::TooLarge);
        }
        let file: Value = serde_json::from_str(text).map_err(|e| HarnessFault::NotJson { fault: e.to_string() })?;
        let file = File(&file);
        let tasks = file.told()?;
        if tasks.is_empty() {
            return Err(HarnessFault::NoResults);
        }
        if tasks.len() > MAX_TASKS {
            return Err(HarnessFault::TooMany);
        }
        let scores = tasks.into_iter().map(|(task, figures)| file.score(task, figures)).collect::<Result<_, _>>()?;
        let harness = file.text(&["git_hash"]).map_or_else(String::new, |hash| format!(" {hash}"));
        Ok(Self {
            translator: translator.to_owned(),
            model: file.model(),
            harness: format!("lm-evaluation-harness{harness}"),
            dated: file.dated(),
            at,
            scores,
        })
    }

    /// As it is kept. `text` is the file.
    #[must_use]
    pub fn row(&self, text: &str) -> ImportRow {
        ImportRow {
            id: sha256(format!("{}\n{text}", self.translator).as_bytes()),
            translator: self.translator.clone(),
            model: self.model.clone(),
            harness: self.harness.clone(),
            dated: self.dated,
            at: self.at,
            scores_json: serde_json::to_string(&self.scores).unwrap_or_default(),
        }
    }

    /// As it was kept; figures of a later version's form are as good as none.
    #[must_use]
    pub fn of_row(row: &ImportRow) -> Self {
        Self {
            translator: row.translator.clone(),
            model: row.model.clone(),
            harness: row.harness.clone(),
            dated: row.dated,
            at: row.at,
            scores: serde_json::from_str(&row.scores_json).unwrap_or_default(),
        }
    }

    /// When it was evaluated; when it was imported where nobody says.
    #[must_use]
    pub fn when(&self) -> i64 {
        self.dated.unwrap_or(self.at)
    }
}

/// A file of results as it was read.
struct File<'a>(&'a Value);

impl<'a> File<'a> {
    fn object(&self, name: &'static str) -> Result<Option<&'a Map<String, Value>>, HarnessFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(HarnessFault::NotAnObject { at: name.to_owned() }),
        }
    }

    /// The groups, and the tasks of no group.
    fn told(&self) -> Result<Vec<(&'a String, &'a Value)>, HarnessFault> {
        let results = self.object("results")?.ok_or(HarnessFault::NoResults)?;
        let groups = self.object("groups")?;
        let within = self.object("group_subtasks")?;
        let lists = within.into_iter().flatten().filter_map(|(_, tasks)| tasks.as_array());
        let grouped: Vec<&str> = lists.flatten().filter_map(Value::as_str).collect();
        let is_group = |task: &str| groups.is_some_and(|g| g.contains_key(task));
        // A group without a figure of its own (a mere list of tasks) has only its alias.
        let has_figure = |figures: &Value| figures.as_object().is_none_or(|f| f.keys().any(|key| key != "alias"));
        let single = results.iter().filter(|(task, _)| !is_group(task));
        let groups = groups.into_iter().flatten().filter(|(task, _)| !grouped.contains(&task.as_str()));
        let told_by_group = |task: &str| groups_of(within, task).any(is_group);
        let single = single.filter(|(task, figures)| !told_by_group(task) && has_figure(figures));
        Ok(groups.filter(|(_, figures)| has_figure(figures)).chain(single).collect())
    }

    fn score(&self, task: &str, figures: &Value) -> Result<HarnessScore, HarnessFault> {
        let at = |key: &str| format!("results.{}{key}", short(task));
        let object = figures.as_object().ok_or_else(|| HarnessFault::NotAnObject { at: at("") })?;
        let (metric, filter) = best(object).ok_or_else(|| HarnessFault::NoMetric { task: short(task) })?;
        let suffix = if filter.is_empty() { String::new() } else { format!(",{filter}") };
        let key = format!("{metric}{suffix}");
        let number = |key: &str| match object.get(key) {
            None | Some(Value::Null) => Ok(None),
            // What the harness writes where there is no standard error.
            Some(Value::String(text)) if text == "N/A" => Ok(None),
            Some(value) => value.as_f64().filter(|n| n.is_finite()).map(Some).ok_or_else(|| HarnessFault::NotANumber {
                at: at(&format!(".{key}")),
                found: short(&value.to_string()),
            }),
        };
        let value = number(&key)?.ok_or_else(|| HarnessFault::NoMetric { task: short(task) })?;
        let stderr = number(&format!("{metric}_stderr{suffix}"))?.filter(|s| *s >= 0.0);
        Ok(HarnessScore {
            label: label(task, object.get("alias").and_then(Value::as_str)),
            n_shot: self.shots(task),
            samples: self.0["n-samples"][task]["effective"].as_u64(),
            version: scalar(&self.0["versions"][task]).unwrap_or_default(),
            lower_is_better: self.0["higher_is_better"][task][metric.as_str()] == Value::Bool(false)
                || (Better::of_metric(&metric) == Better::Lower),
            task: short(task),
            metric,
            filter,
            value,
            stderr,
        })
    }

    /// The shots of a task; of a group those of its tasks where they agree.
    fn shots(&self, task: &str) -> Option<u32> {
        let of = |task: &str| self.0["n-shot"][task].as_u64().and_then(|n| u32::try_from(n).ok());
        let of_tasks = || {
            let tasks = self.0["group_subtasks"][task].as_array()?;
            let mut shots = tasks.iter().filter_map(Value::as_str).map(of);
            let first = shots.next()??;
            shots.all(|other| other == Some(first)).then_some(first)
        };
        of(task).or_else(of_tasks)
    }

    fn text(&self, path: &[&str]) -> Option<String> {
        let value = path.iter().try_fold(self.0, |value, key| value.get(key))?;
        scalar(value).map(|text| short(&text))
    }

    fn model(&self) -> String {
        let of_args = || {
            let args = self.0.get("config")?.get("model_args")?;
            match args {
                Value::String(text) => {
                    text.split(',').find_map(|pair| pair.trim().strip_prefix("pretrained=")).map(short)
                }
                other => other.get("pretrained").and_then(Value::as_str).map(short),
            }
        };
        let named = self.text(&["model_name"]).filter(|name| !name.is_empty());
        named.or_else(of_args).or_else(|| self.text(&["config", "model"])).unwrap_or_default()
    }

    /// The harness writes seconds since 1970 with a fraction.
    #[allow(clippy::cast_possible_truncation, reason = "guarded by the range")]
    fn dated(&self) -> Option<i64> {
        let seconds = self.0.get("date")?.as_f64().filter(|s| (0.0..1e11).contains(s))?;
        Some((seconds * 1000.0) as i64)
    }
}

/// The groups that a task belongs to.
fn groups_of<'a>(within: Option<&'a Map<String, Value>>, task: &'a str) -> impl Iterator<Item = &'a str> {
    let holds = move |tasks: &Value| tasks.as_array().is_some_and(|list| list.iter().any(|t| t.as_str() == Some(task)));
    within.into_iter().flatten().filter(move |(_, tasks)| holds(tasks)).map(|(group, _)| group.as_str())
}

/// The metric and filter that a task is told by.
fn best(figures: &Map<String, Value>) -> Option<(String, String)> {
    let place = |list: &[&str], name: &str| list.iter().position(|n| *n == name).unwrap_or(list.len());
    let split = |key: &str| {
        let (metric, filter) = key.split_once(',').unwrap_or((key, ""));
        (metric.to_owned(), filter.to_owned())
    };
    let is_figure = |metric: &str| metric != "alias" && !metric.ends_with("_stderr") && metric != "sample_len";
    let keys = figures.iter().filter(|(_, value)| !value.is_null() && value.as_str() != Some("N/A"));
    let found = keys.map(|(key, value)| (split(key), value)).filter(|((metric, _), _)| is_figure(metric));
    // What is no number is kept where it is preferred, so that it is named as a fault.
    let usable = found.filter(|((metric, _), value)| value.is_number() || PREFERENCE.contains(&metric.as_str()));
    usable.map(|(key, _)| key).min_by_key(|(m, f)| (place(&PREFERENCE, m), place(&FILTERS, f)))
}

fn label(task: &str, alias: Option<&str>) -> String {
    let alias = alias.map(|a| a.trim().trim_start_matches("- ").trim()).filter(|a| !a.is_empty()).unwrap_or(task);
    let customary = CUSTOMARY.iter().find(|(name, _)| *name == alias).map(|(_, label)| *label);
    short(customary.unwrap_or(alias))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../fixtures/harness/results.json");

    fn score<'a>(imported: &'a Imported, label: &str) -> &'a HarnessScore {
        imported.scores.iter().find(|s| s.label == label).unwrap_or_else(|| panic!("no {label}"))
    }

    #[test]
    fn tasks_and_groups_become_columns() {
        let read = Imported::read(FILE, "small", 7).unwrap();
        let labels: Vec<&str> = read.scores.iter().map(|s| s.label.as_str()).collect();
        assert_eq!(labels, ["MMLU", "ARC", "HellaSwag", "GSM8K", "wikitext"]);
        assert_eq!(read.model, "example-org/small-1.5b-instruct");
        assert_eq!(read.harness, "lm-evaluation-harness 1a2b3c4d");
        assert_eq!((read.dated, read.at, read.when()), (Some(1_760_000_000_500), 7, 1_760_000_000_500));
        let arc = score(&read, "ARC");
        assert_eq!((arc.metric.as_str(), arc.value, arc.n_shot), ("acc_norm", 0.4471, Some(25)));
        assert_eq!(arc.samples, Some(1172));
        let interval = arc.measured();
        assert!((interval.high.unwrap() - (0.4471 + 1.959_964 * 0.0145)).abs() < 1e-6);
        let gsm = score(&read, "GSM8K");
        assert_eq!((gsm.metric.as_str(), gsm.filter.as_str(), gsm.value), ("exact_match", "strict-match", 0.5299));
        // The group has no shots of its own; its tasks agree.
        assert_eq!((score(&read, "MMLU").n_shot, score(&read, "MMLU").value), (Some(5), 0.5503));
        let wiki = score(&read, "wikitext");
        assert_eq!((wiki.lower_is_better, wiki.stderr, wiki.column().unit), (true, None, Unit::Number));
    }

    #[test]
    fn what_is_kept_is_what_was_read() {
        let read = Imported::read(FILE, "small", 7).unwrap();
        assert_eq!(Imported::of_row(&read.row(FILE)), read);
        assert_eq!(read.row(FILE).id, Imported::read(FILE, "small", 9).unwrap().row(FILE).id);
        assert_ne!(read.row(FILE).id, Imported::read(FILE, "other", 7).unwrap().row(FILE).id);
    }

    #[test]
    fn an_older_file_has_metrics_without_filters() {
        let old = r#"{"results": {"arc_easy": {"acc": 0.7, "acc_stderr": 0.01, "acc_norm": 0.65}}}"#;
        let read = Imported::read(old, "x", 0).unwrap();
        assert_eq!((read.scores[0].value, read.scores[0].label.as_str()), (0.65, "ARC easy"));
        assert_eq!(read.harness, "lm-evaluation-harness");
    }

    #[test]
    fn faults_say_what_and_where() {
        let fault = |text: &str| Imported::read(text, "x", 0).unwrap_err();
        assert!(matches!(fault("{"), HarnessFault::NotJson { .. }));
        assert_eq!(fault("[]"), HarnessFault::NoResults);
        assert_eq!(fault(r#"{"results": {}}"#), HarnessFault::NoResults);
        assert_eq!(fault(r#"{"results": []}"#), HarnessFault::NotAnObject { at: "results".into() });
        assert_eq!(fault(r#"{"results": {"a": 1}}"#), HarnessFault::NotAnObject { at: "results.a".into() });
        let none = r#"{"results": {"a": {"alias": "a", "note,none": "x"}}}"#;
        assert_eq!(fault(none), HarnessFault::NoMetric { task: "a".into() });
        let text = fault(r#"{"results": {"a": {"acc,none": "high"}}}"#);
        assert_eq!(text, HarnessFault::NotANumber { at: "results.a.acc,none".into(), found: "\"high\"".into() });
    }
}
