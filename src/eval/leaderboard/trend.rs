//! Results over time: the points of a trend, and whether the last one is worse by more than chance.

use serde::Serialize;

use super::column::{Better, Unit};
use crate::store::Measured;

/// Half the width of a 95 % interval in standard deviations of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A result in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The golden set.
    pub set: String,
    /// Version of the prompts.
    pub prompt_version: String,
    /// The figure.
    pub value: f64,
}

/// Half the width of the interval of a figure: as it was measured, else the normal approximation of a share. None
/// where there is no way to tell.
fn half_width(metric: &str, measured: &Measured) -> Option<f64> {
    if let (Some(low), Some(high)) = (measured.low, measured.high) {
        return Some((high - low) / 2.0);
    }
    let is_share = Unit::of_metric(metric) == Unit::Share && (0.0..=1.0).contains(&measured.value);
    if !is_share || measured.n == 0 {
        return None;
    }
    #[allow(clippy::cast_precision_loss, reason = "cases are far fewer than 2^53")]
    let n = measured.n as f64;
    Some(Z * (measured.value * (1.0 - measured.value) / n).sqrt())
}

/// Whether `last` is worse than `previous` by more than the 95 % interval of their difference: the root of the sum of the
/// squares of both half widths, as of two results that are independent. No interval, no verdict.
#[must_use]
pub fn dropped(metric: &str, previous: &Measured, last: &Measured) -> bool {
    let better = Better::of_metric(metric);
    let (Some(a), Some(b)) = (half_width(metric, previous), half_width(metric, last)) else { return false };
    let loss = match better {
        Better::Higher => previous.value - last.value,
        Better::Lower => last.value - previous.value,
    };
    loss > 0.0 && loss > a.hypot(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64, n: u64) -> Measured {
        Measured { value, n, ..Measured::default() }
    }

    #[test]
    fn a_small_loss_is_chance_and_a_large_one_is_not() {
        // 0.90 and 0.85 of 100: half widths 0.0588 and 0.0700, together 0.0914.
        assert!(!dropped("turn_accuracy", &share(0.90, 100), &share(0.85, 100)));
        // The same of 1,000: 0.0186 and 0.0221, together 0.0289.
        assert!(dropped("turn_accuracy", &share(0.90, 1000), &share(0.85, 1000)));
        assert!(!dropped("turn_accuracy", &share(0.85, 1000), &share(0.90, 1000)));
    }

    #[test]
    fn measured_intervals_are_used_and_less_may_be_better() {
        let of = |value: f64, half: f64| Measured { value, n: 9, low: Some(value - half), high: Some(value + half) };
        // 30 and 40: together 50.
        assert!(dropped("latency_p95_ms", &of(100.0, 30.0), &of(151.0, 40.0)));
        assert!(!dropped("latency_p95_ms", &of(100.0, 30.0), &of(149.0, 40.0)));
        assert!(!dropped("latency_p95_ms", &share(100.0, 9), &share(900.0, 9)), "no interval, no verdict");
    }
}
