//! Whether answers are right: by their numbers, by their segments, and by the people that they find.

use super::{Better, Metric, Sum, flag, of_turns};

/// The one metric that is of whole conversations.
pub(super) const CONVERSATIONS: &str = "conversation_accuracy";

pub(super) const METRICS: [Metric; 4] = [
    Metric {
        name: "turn_accuracy",
        about: [
            "맞은 차례의 비율: 상태, 고객 수, 그룹, 값, 동작이 모두 정답과 같음",
            "share of turns that are right: status, count, groups, values and action all agree",
        ],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| Some(flag(turn.right))),
    },
    Metric {
        name: CONVERSATIONS,
        about: ["모든 차례가 맞은 대화의 비율", "share of conversations whose every turn is right"],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| vec![Some(flag(case.is_right()))],
    },
    Metric {
        name: "normal_form",
        about: [
            "세그먼트의 정규형이 정답과 같은 비율 (정답을 Waggle의 세그먼트 글로 쓸 수 있는 차례에서)",
            "share of segments that equal the right one in normal form, of turns whose right segment is in Waggle's own text",
        ],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| turn.normal_form.map(flag)),
    },
    Metric {
        name: "jaccard",
        about: [
            "찾은 고객과 정답 고객의 겹침: 둘 다에 있는 수 / 어느 한쪽에 있는 수",
            "overlap of the audience found and the right one: how many are in both, over how many are in either",
        ],
        better: Better::Higher,
        dear: true,
        sum: Sum::Mean,
        values: |case| of_turns(case, |turn| turn.jaccard),
    },
];
