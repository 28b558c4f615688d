//! Whether a translator is right each time that it is asked the same.

use std::collections::BTreeMap;

use super::{Better, Metric, Sum};
use crate::eval::case::CaseResult;
use crate::eval::stats::{self, SEED};
use crate::store::Measured;

/// pass^1 to pass^k over the conversations that were played at least that often.
fn pass(cases: &[CaseResult]) -> Vec<(String, Measured)> {
    let mut tries: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in cases {
        let (n, c) = tries.entry(&case.case).or_default();
        *n += 1;
        *c += usize::from(case.is_right());
    }
    let most = tries.values().map(|(n, _)| *n).max().unwrap_or(0);
    let of = |k: usize| {
        let values = tries.values().filter_map(|(n, c)| stats::pass_hat(*n, *c, k));
        let groups: Vec<Vec<f64>> = values.map(|value| vec![value]).collect();
        let (n, interval) = (groups.len(), stats::bootstrap(&groups, SEED));
        let value = groups.iter().flatten().sum::<f64>() / stats::real(n.max(1));
        (format!("pass^{k}"), Measured { value, n: n as u64, low: interval.map(|i| i.0), high: interval.map(|i| i.1) })
    };
    // Once is no repeat.
    if most < 2 { Vec::new() } else { (1..=most).map(of).collect() }
}

pub(super) const METRICS: [Metric; 1] = [Metric {
    name: "pass^k",
    about: [
        "같은 대화를 k번 해도 모두 맞을 가능성: n번 중 c번 맞았을 때 C(c,k)/C(n,k)의 평균 (Yao 외 2024, τ-bench)",
        "how likely k tries of a conversation are all right: mean of C(c,k)/C(n,k) for c of n right (Yao et al. 2024, τ-bench)",
    ],
    better: Better::Higher,
    dear: false,
    sum: Sum::Own(pass),
    values: |_| Vec::new(),
}];
