//! Criteria of the house, which a model judges.

use std::collections::BTreeSet;

use super::{Better, Metric, Sum, summed};
use crate::eval::case::CaseResult;
use crate::store::Measured;

/// What the figure of a criterion is called before the criterion's own name.
pub const PREFIX: &str = "criterion:";

fn judged(cases: &[CaseResult]) -> Vec<(String, Measured)> {
    let turns = || cases.iter().flat_map(|case| &case.turns);
    let names: BTreeSet<&String> = turns().flat_map(|turn| turn.judged.keys()).collect();
    let figure = |name: &String| {
        let of = |case: &CaseResult| case.turns.iter().filter_map(|t| t.judged.get(name).map(|j| j.score)).collect();
        let groups: Vec<Vec<f64>> = cases.iter().map(of).collect();
        summed(Sum::Mean, &groups).map(|measured| (format!("{PREFIX}{name}"), measured))
    };
    names.into_iter().filter_map(figure).collect()
}

pub(super) const METRICS: [Metric; 1] = [Metric {
    name: "criterion",
    about: [
        "직접 정한 기준에 대해 모델이 매긴 0~1점의 평균; 프롬프트와 사람과의 일치도(코헨의 카파)를 보고서에 함께 보임",
        "mean score from 0 to 1 that a model gives by a criterion of yours; the report shows the prompt and the agreement with people (Cohen's kappa)",
    ],
    better: Better::Higher,
    dear: false,
    sum: Sum::Own(judged),
    values: |_| Vec::new(),
}];
