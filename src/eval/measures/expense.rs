//! What an answer takes: time, tokens, money.

use super::{Better, Metric, Sum, of_turns};
use crate::eval::case::{CaseResult, TurnRecord};

fn time(case: &CaseResult) -> Vec<Option<f64>> {
    of_turns(case, |turn| Some(turn.ms))
}

#[allow(clippy::cast_precision_loss, reason = "tokens are far fewer than 2^53")]
fn tokens(turn: &TurnRecord) -> f64 {
    (turn.prompt_tokens + turn.completion_tokens) as f64
}

pub(super) const METRICS: [Metric; 4] = [
    Metric {
        name: "latency_p50_ms",
        about: ["답까지 걸린 시간의 중앙값 (밀리초)", "median time until the whole answer is there, in milliseconds"],
        better: Better::Lower,
        dear: false,
        sum: Sum::Quantile(0.5),
        values: time,
    },
    Metric {
        name: "latency_p95_ms",
        about: [
            "답까지 걸린 시간의 95번째 백분위수 (밀리초)",
            "95th percentile of the time until the whole answer is there, in milliseconds",
        ],
        better: Better::Lower,
        dear: false,
        sum: Sum::Quantile(0.95),
        values: time,
    },
    Metric {
        name: "tokens",
        about: ["답 하나에 쓴 토큰의 평균 (보낸 것과 받은 것)", "mean tokens of an answer, sent and received"],
        better: Better::Lower,
        dear: false,
        sum: Sum::Mean,
        values: |case| of_turns(case, |turn| Some(tokens(turn))),
    },
    Metric {
        name: "cost",
        about: ["답 하나의 비용의 평균 (설정의 단가로)", "mean cost of an answer, by the prices of the configuration"],
        better: Better::Lower,
        dear: false,
        sum: Sum::Mean,
        values: |case| of_turns(case, |turn| Some(turn.cost)),
    },
];
