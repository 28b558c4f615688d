//! Whether a model could have been right: what its prompt named.

use super::{Better, Metric, Sum, flag, of_turns};

pub(super) const METRICS: [Metric; 2] = [
    Metric {
        name: "retriever_recall",
        about: [
            "정답에 필요한 필드와 값이 모두 프롬프트에 있었던 비율 (프롬프트가 있는 번역기에서)",
            "share of prompts that named every field and value of the right segment; translators with prompts only",
        ],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| turn.retrieved.map(flag)),
    },
    Metric {
        name: "own",
        about: [
            "다른 번역기로 넘어가지 않고 시험 대상이 직접 답한 비율",
            "share of turns that the translator under test answered itself, without falling back to another",
        ],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| Some(flag(turn.own))),
    },
];
