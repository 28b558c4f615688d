//! Why somebody translates and somebody else does not, in words.

use serde::{Serialize, Serializer};

use super::BUILTIN;
use super::budget::Whose;
use crate::catalog::Locale;
use crate::segment::sentence::{Josa, josa};
use crate::translate::model::ModelError;

/// Why a translator is asked, or is not.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The caller named it.
    Named,
    /// The policy asks nobody but the built-in one.
    BuiltinOnly,
    /// No model can be asked.
    NoModel,
    /// The built-in one is sure.
    Sure {
        /// How sure.
        confidence: f32,
        /// From where on that is enough.
        enough: f32,
    },
    /// The built-in one is unsure, and this is the first to be asked instead.
    Unsure {
        /// How sure it is.
        confidence: f32,
        /// From where on that would be enough.
        enough: f32,
    },
    /// The policy asks models first, and this is the first of the chain.
    First,
    /// It is next in the chain.
    Next,
    /// The cheapest of those that are good enough.
    Cheapest {
        /// The metric that says so.
        metric: String,
        /// Its value.
        value: f64,
        /// US dollars a turn.
        cost: f64,
    },
    /// The request replies to a question, and the built-in one understands the reply.
    Reply,
    /// The request asks for what must not be done, whoever reads it.
    MustNot,
    /// It is there where nobody else is.
    LastResort,
    /// The catalog is restricted, and it runs with somebody else.
    Restricted,
    /// A rule asks only models that run elsewhere.
    Elsewhere,
    /// No such model is configured.
    NotConfigured,
    /// It is not good enough.
    TooLow {
        /// By which metric.
        metric: String,
        /// Its value.
        value: f64,
        /// The least that it must be.
        least: f64,
    },
    /// Nobody has measured it.
    Unmeasured {
        /// In which metric.
        metric: String,
    },
    /// It has failed too often just now.
    Open,
    /// The caller has spent what they may spend today.
    CallerSpent,
    /// All together have spent what they may spend today.
    AllSpent,
    /// There is no time left for it.
    NoTime,
    /// It was asked and failed.
    Failed(ModelError),
}

impl From<Whose> for Reason {
    fn from(whose: Whose) -> Self {
        match whose {
            Whose::Caller => Self::CallerSpent,
            Whose::All => Self::AllSpent,
        }
    }
}

impl Reason {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => self.korean(),
            Locale::En => self.english(),
        }
    }

    fn korean(&self) -> String {
        match self {
            Self::Named => "요청이 직접 지정했습니다".to_owned(),
            Self::BuiltinOnly => "정책이 내장 번역기만 씁니다".to_owned(),
            Self::NoModel => "쓸 수 있는 모델이 없습니다".to_owned(),
            Self::Sure { confidence, enough } => {
                format!("내장 번역기가 확신합니다 ({confidence:.2} ≥ {enough:.2})")
            }
            Self::Unsure { confidence, enough } => {
                format!("내장 번역기가 확신하지 못합니다 ({confidence:.2} < {enough:.2})")
            }
            Self::First => "정책이 모델을 먼저 씁니다".to_owned(),
            Self::Next => "다음 차례입니다".to_owned(),
            Self::Cheapest { metric, value, cost } => {
                format!("기준을 넘는 것 중 가장 쌉니다 ({metric} {value:.3}, 한 차례 ${cost:.5})")
            }
            Self::Reply => "되물음에 대한 답을 내장 번역기가 알아들었습니다".to_owned(),
            Self::MustNot => "해서는 안 되는 요청입니다".to_owned(),
            Self::LastResort => "다른 번역기가 없을 때 씁니다".to_owned(),
            Self::Restricted => "제한된 카탈로그는 외부 모델로 보내지 않습니다".to_owned(),
            Self::Elsewhere => "규칙이 다른 곳에서 도는 모델만 씁니다".to_owned(),
            Self::NotConfigured => "설정에 없는 모델입니다".to_owned(),
            Self::TooLow { metric, value, least } => format!("기준에 못 미칩니다 ({metric} {value:.3} < {least:.3})"),
            Self::Unmeasured { metric } => format!("{metric} 평가 결과가 없습니다"),
            Self::Open => "방금 잇달아 실패해 잠시 쉬게 합니다".to_owned(),
            Self::CallerSpent => "요청한 사람의 오늘 예산을 다 썼습니다".to_owned(),
            Self::AllSpent => "모두의 오늘 예산을 다 썼습니다".to_owned(),
            Self::NoTime => "남은 시간이 없습니다".to_owned(),
            Self::Failed(error) => error.message(Locale::Ko),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Named => "the request names it".to_owned(),
            Self::BuiltinOnly => "the policy asks nobody but the built-in translator".to_owned(),
            Self::NoModel => "there is no model that could be asked".to_owned(),
            Self::Sure { confidence, enough } => {
                format!("the built-in translator is sure ({confidence:.2} ≥ {enough:.2})")
            }
            Self::Unsure { confidence, enough } => {
                format!("the built-in translator is unsure ({confidence:.2} < {enough:.2})")
            }
            Self::First => "the policy asks models first".to_owned(),
            Self::Next => "it is next in the chain".to_owned(),
            Self::Cheapest { metric, value, cost } => {
                format!("the cheapest of those that are good enough ({metric} {value:.3}, ${cost:.5} a turn)")
            }
            Self::Reply => "the built-in translator understands the reply to its question".to_owned(),
            Self::MustNot => "the request asks for what must not be done".to_owned(),
            Self::LastResort => "it is there where nobody else is".to_owned(),
            Self::Restricted => "the catalog is restricted and never goes to a cloud".to_owned(),
            Self::Elsewhere => "a rule asks only models that run elsewhere".to_owned(),
            Self::NotConfigured => "no such model is configured".to_owned(),
            Self::TooLow { metric, value, least } => format!("not good enough ({metric} {value:.3} < {least:.3})"),
            Self::Unmeasured { metric } => format!("nobody has measured its {metric}"),
            Self::Open => "it has failed too often just now and is left alone for a while".to_owned(),
            Self::CallerSpent => "the caller's budget of today is spent".to_owned(),
            Self::AllSpent => "everybody's budget of today is spent".to_owned(),
            Self::NoTime => "there is no time left for it".to_owned(),
            Self::Failed(error) => error.message(Locale::En),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.message(Locale::En))
    }
}

/// A translator, and why it is asked or is not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// `builtin`, or the name of a model.
    pub translator: String,
    /// Why.
    pub why: Reason,
}

impl Candidate {
    pub(super) fn new(translator: &str, why: Reason) -> Self {
        Self { translator: translator.to_owned(), why }
    }

    /// The built-in translator.
    pub(super) fn builtin(why: Reason) -> Self {
        Self::new(BUILTIN, why)
    }
}

/// Who would translate a request, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The rules of the policy that hold for the request, counted from 1.
    pub rules: Vec<usize>,
    /// How sure the built-in translator is.
    pub confidence: f32,
    /// Those who are asked, in order, until one answers.
    pub order: Vec<Candidate>,
    /// Those who are not.
    pub left_out: Vec<Candidate>,
    /// Whether the first of the order has translated this very request before, so that it costs nothing.
    pub cached: bool,
}

impl Explanation {
    /// What a reader sees, line by line.
    #[must_use]
    pub fn lines(&self, locale: Locale) -> Vec<String> {
        let ko = locale == Locale::Ko;
        let mut lines = Vec::new();
        for rule in &self.rules {
            lines.push(if ko { format!("규칙 {rule} 적용") } else { format!("rule {rule} applies") });
        }
        for (i, candidate) in self.order.iter().enumerate() {
            lines.push(format!("{}. {}: {}", i + 1, candidate.translator, candidate.why.message(locale)));
        }
        for Candidate { translator, why } in &self.left_out {
            lines.push(format!("-  {translator}: {}", why.message(locale)));
        }
        if self.cached {
            lines.push(if ko {
                "이미 번역해 둔 요청입니다".to_owned()
            } else {
                "it was translated before".to_owned()
            });
        }
        lines
    }
}

/// Something that the reader of an answer is told about who translated.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Somebody else had to translate.
    FellBack {
        /// Who was to, and why they did not.
        missed: Vec<Candidate>,
        /// Who did.
        to: String,
    },
    /// Two readings are offered.
    BothOffered {
        /// Whose reading is the second.
        model: String,
    },
    /// The model leaves words over that the built-in translator reads, so that its reading stands.
    Kept {
        /// Which model.
        model: String,
    },
    /// The two readings differ, and the model's stands.
    Differ {
        /// Whose.
        model: String,
    },
}

impl Note {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::FellBack { missed, to }, Locale::Ko) => {
                format!("{} 번역은 {} 했습니다.", reasons(missed, locale), josa(&called(to, locale), Josa::Subject))
            }
            (Self::FellBack { missed, to }, Locale::En) => {
                format!("{} Translated by {} instead.", reasons(missed, locale), called(to, locale))
            }
            (Self::BothOffered { model }, Locale::Ko) => {
                format!("내장 번역기와 {} 다르게 읽어 두 가지를 모두 보여 드립니다.", josa(model, Josa::Subject))
            }
            (Self::BothOffered { model }, Locale::En) => {
                format!("The built-in translator and {model} read this differently, so both readings are offered.")
            }
            (Self::Kept { model }, Locale::Ko) => {
                format!("{} 알아듣지 못한 말이 있어 내장 번역기의 해석을 따랐습니다.", josa(model, Josa::Subject))
            }
            (Self::Kept { model }, Locale::En) => {
                format!("{model} left words over, so this is how the built-in translator reads it.")
            }
            (Self::Differ { model }, Locale::Ko) => {
                format!("내장 번역기는 다르게 읽었습니다. {model}의 해석을 따랐습니다.")
            }
            (Self::Differ { model }, Locale::En) => {
                format!("The built-in translator read this differently; this is how {model} reads it.")
            }
        }
    }
}

/// A sentence for each that did not translate.
fn reasons(missed: &[Candidate], locale: Locale) -> String {
    let one = |candidate: &Candidate| match &candidate.why {
        Reason::Failed(error) => format!("{}.", error.told(locale)),
        why => format!("{}: {}.", candidate.translator, why.message(locale)),
    };
    missed.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn called(translator: &str, locale: Locale) -> String {
    match locale {
        Locale::Ko if translator == BUILTIN => "내장 번역기".to_owned(),
        Locale::En if translator == BUILTIN => "the built-in translator".to_owned(),
        _ => translator.to_owned(),
    }
}
