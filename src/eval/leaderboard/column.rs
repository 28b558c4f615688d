//! The columns: a metric by a golden set, or a task of another evaluator; which way is better, and how it is told.

use serde::Serialize;

use crate::catalog::Locale;

/// The metric that golden sets are ranked by.
pub const MAIN_METRIC: &str = "turn_accuracy";

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// The larger the better.
    Higher,
    /// The smaller the better.
    Lower,
}

impl Better {
    /// Whether `a` is better than `b`.
    #[must_use]
    pub fn beats(self, a: f64, b: f64) -> bool {
        match self {
            Self::Higher => a > b,
            Self::Lower => a < b,
        }
    }

    /// Which way is better for a metric of runs, by its name.
    #[must_use]
    pub fn of_metric(name: &str) -> Self {
        let lower = ["silent", "latency", "tokens", "cost", "gap", "error", "perplexity"];
        if lower.iter().any(|word| name.contains(word)) { Self::Lower } else { Self::Higher }
    }
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A fraction, told as a percentage.
    Share,
    /// Milliseconds.
    Milliseconds,
    /// Tokens.
    Tokens,
    /// US dollars.
    Dollars,
    /// A number.
    Number,
}

impl Unit {
    /// The unit of a metric of runs, by its name.
    #[must_use]
    pub fn of_metric(name: &str) -> Self {
        match name {
            _ if name.ends_with("_ms") => Self::Milliseconds,
            _ if name.contains("tokens") => Self::Tokens,
            _ if name.contains("cost") => Self::Dollars,
            _ => Self::Share,
        }
    }

    /// A figure as it is told.
    #[must_use]
    pub fn told(self, value: f64) -> String {
        match self {
            Self::Share => format!("{:.1}", value * 100.0),
            Self::Milliseconds | Self::Tokens => format!("{value:.0}"),
            Self::Dollars => format!("{value:.5}"),
            Self::Number => format!("{value:.3}"),
        }
    }

    /// What stands behind a figure where there is room for it.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Share => "%",
            Self::Milliseconds => "ms",
            Self::Tokens => "tokens",
            Self::Dollars => "USD",
            Self::Number => "",
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Its id: `set/metric`, or `harness/task`.
    pub id: String,
    /// The golden set; none for another evaluator's.
    pub set: Option<String>,
    /// The metric.
    pub metric: String,
    /// What a reader calls it.
    pub label: String,
    /// More of it: shots and versions of an imported task.
    pub note: String,
    /// Which way is better.
    pub better: Better,
    /// What it is counted in.
    pub unit: Unit,
}

impl Column {
    /// The column of a metric by a golden set.
    #[must_use]
    pub fn of_run(set: &str, metric: &str) -> Self {
        let label = if metric == MAIN_METRIC { set.to_owned() } else { format!("{set} {}", metric.replace('_', " ")) };
        Self {
            id: format!("{set}/{metric}"),
            set: Some(set.to_owned()),
            metric: metric.to_owned(),
            label,
            note: metric.to_owned(),
            better: Better::of_metric(metric),
            unit: Unit::of_metric(metric),
        }
    }
}

/// Digits of a hash that are shown.
const HASH_SHOWN: usize = 8;
/// From this length on a text of hexadecimal digits is taken for a hash.
const HASH_LENGTH: usize = 32;

/// A version or policy as it is shown: names as they are, hashes by their first digits.
#[must_use]
pub fn short_hash(text: &str) -> &str {
    let is_hash = text.len() >= HASH_LENGTH && text.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hash { &text[..HASH_SHOWN] } else { text }
}

/// What stands in the heads of the columns that every board has.
#[must_use]
pub(super) fn head(name: &str, locale: Locale) -> &'static str {
    let [ko, en] = match name {
        "translator" => ["번역기", "Translator"],
        "kind" => ["종류", "Type"],
        "size" => ["크기(B)", "Size (B)"],
        "place" => ["실행 위치", "Runs"],
        "prompt" => ["프롬프트", "Prompt"],
        "policy" => ["정책", "Policy"],
        "average" => ["평균", "Average"],
        "trend" => ["추이", "Trend"],
        _ => ["", ""],
    };
    if locale == Locale::Ko { ko } else { en }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_metric_says_which_way_is_better() {
        for name in ["silent", "latency_p95_ms", "tokens", "cost", "language_gap"] {
            assert_eq!(Better::of_metric(name), Better::Lower, "{name}");
        }
        for name in [MAIN_METRIC, "conversation_accuracy", "jaccard", "pass^3", "clarify_recall", "criterion:tone"] {
            assert_eq!(Better::of_metric(name), Better::Higher, "{name}");
        }
        assert_eq!(Unit::of_metric("latency_p50_ms").told(1234.4), "1234");
        assert_eq!(Unit::of_metric(MAIN_METRIC).told(0.9123), "91.2");
        assert_eq!(short_hash(&"0a".repeat(32)), "0a0a0a0a");
        assert_eq!(short_hash("cheapest_above"), "cheapest_above");
    }
}
