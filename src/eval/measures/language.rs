//! Korean against English.

use super::{Better, Metric, Sum, flag, of_turns, right, summed};
use crate::eval::case::CaseResult;
use crate::store::Measured;

/// The languages that are compared.
const LANGUAGES: [&str; 2] = ["ko", "en"];

fn within(case: &CaseResult, lang: &str) -> Vec<Option<f64>> {
    if case.lang == lang { of_turns(case, |turn| Some(flag(turn.right))) } else { Vec::new() }
}

/// Half as many turns in one language say half as much: the interval is that of a difference of two shares (Newcombe,
/// 1998, method 10, without regard to sign), so it is left out; the two shares have theirs.
fn gap(cases: &[CaseResult]) -> Vec<(String, Measured)> {
    let of = |lang: &str| {
        let groups: Vec<Vec<f64>> = cases.iter().map(|c| within(c, lang).into_iter().flatten().collect()).collect();
        summed(Sum::Share, &groups)
    };
    let [Some(ko), Some(en)] = LANGUAGES.map(of) else { return Vec::new() };
    let gap = Measured { value: (ko.value - en.value).abs(), n: ko.n + en.n, low: None, high: None };
    vec![("language_gap".to_owned(), gap)]
}

pub(super) const METRICS: [Metric; 3] = [
    Metric {
        name: "turn_accuracy_ko",
        about: ["한국어 대화에서 맞은 차례의 비율", "share of turns that are right in Korean conversations"],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| within(case, LANGUAGES[0]),
    },
    Metric {
        name: "turn_accuracy_en",
        about: ["영어 대화에서 맞은 차례의 비율", "share of turns that are right in English conversations"],
        better: Better::Higher,
        dear: false,
        sum: Sum::Share,
        values: |case| within(case, LANGUAGES[1]),
    },
    Metric {
        name: "language_gap",
        about: [
            "한국어와 영어의 차례 정확도 차이의 크기",
            "difference of turn accuracy between Korean and English, without its sign",
        ],
        better: Better::Lower,
        dear: false,
        sum: Sum::Own(gap),
        values: right::METRICS[0].values,
    },
];
