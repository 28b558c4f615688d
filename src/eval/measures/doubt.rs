//! Whether a translator knows what it does not know: doubt where there is reason for it, and none where there is not.

use super::{Better, Metric, Sum, flag, of_turns};
use crate::answer::contract::Status;
use crate::eval::case::TurnRecord;
use crate::eval::file::Expect;

/// Of the turns that ended so, whether they had to.
fn precision(turn: &TurnRecord, status: Status, expect: Expect) -> Option<f64> {
    (turn.status == status).then(|| flag(turn.expect == expect))
}

/// Of the turns that had to end so, whether they did.
fn recall(turn: &TurnRecord, status: Status, expect: Expect) -> Option<f64> {
    (turn.expect == expect).then(|| flag(turn.status == status))
}

pub(super) const METRICS: [Metric; 5] = [
    Metric {
        name: "silent",
        about: [
            "의심의 말 없이 틀린 비율: 답했고 틀렸으며 이해하지 못한 말이 없다고 함",
            "share of turns wrong without a word of doubt: answered, wrong, and no word named as not understood",
        ],
        better: Better::Lower,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| Some(flag(turn.silent))),
    },
    Metric {
        name: "clarify_precision",
        about: ["되물은 차례 가운데 되물어야 했던 비율", "of the turns that asked back, the share that had to"],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| precision(turn, Status::Clarify, Expect::Clarify)),
    },
    Metric {
        name: "clarify_recall",
        about: ["되물어야 했던 차례 가운데 되물은 비율", "of the turns that had to ask back, the share that did"],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| recall(turn, Status::Clarify, Expect::Clarify)),
    },
    Metric {
        name: "refuse_precision",
        about: ["거절한 차례 가운데 거절해야 했던 비율", "of the turns that refused, the share that had to"],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| precision(turn, Status::Refused, Expect::Refuse)),
    },
    Metric {
        name: "refuse_recall",
        about: ["거절해야 했던 차례 가운데 거절한 비율", "of the turns that had to refuse, the share that did"],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| of_turns(case, |turn| recall(turn, Status::Refused, Expect::Refuse)),
    },
];
