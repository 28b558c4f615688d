//! Why something was not done, and whose fault it is.

use crate::access::Right;
use crate::access::rules::RuleError;
use crate::app::AppError;
use crate::catalog::Locale;
use crate::segment::check::SegmentError;
use crate::segment::text::TextError;
use crate::sql::SqlRefusal;
use crate::store::StoreError;
use crate::translate::router::UnknownTranslator;

/// What kind of thing was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A conversation.
    Session,
    /// A turn of a conversation.
    Turn,
    /// A saved segment.
    Segment,
    /// An export.
    Export,
    /// A key.
    Key,
    /// What somebody said of an answer.
    Feedback,
}

impl Thing {
    /// `session`, `turn`, `segment`, `export`, `key`, `feedback`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Turn => "turn",
            Self::Segment => "segment",
            Self::Export => "export",
            Self::Key => "key",
            Self::Feedback => "feedback",
        }
    }

    fn korean(self) -> &'static str {
        match self {
            Self::Session => "세션",
            Self::Turn => "차례",
            Self::Segment => "세그먼트",
            Self::Export => "내보내기",
            Self::Key => "키",
            Self::Feedback => "의견",
        }
    }
}

/// Why the service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
#[non_exhaustive]
pub enum ServiceError {
    /// No such thing, or one of somebody else: which of the two is not told.
    NotFound {
        /// What was looked for.
        thing: Thing,
        /// By which id.
        id: String,
    },
    /// The caller's role may not.
    Forbidden {
        /// What it lacks.
        right: Right,
    },
    /// The name is taken.
    NameTaken {
        /// The name.
        name: String,
    },
    /// The key of a repeated call came with another request.
    KeyReused,
    /// The request makes no sense.
    Invalid {
        /// Korean and English.
        why: [String; 2],
    },
    /// Somebody is to translate who is not there.
    NoModel(#[from] UnknownTranslator),
    /// A definition that the catalog does not support: what of it, and where.
    Unsupported {
        /// What does not parse.
        text: Option<TextError>,
        /// What does not check.
        parts: Vec<SegmentError>,
    },
    /// An analyst's statement that may not run; at least one reason.
    Refused {
        /// Why, and where.
        refusals: Vec<SqlRefusal>,
    },
    /// Too much is going on; it can be tried again.
    Busy {
        /// In so many seconds.
        retry_after_s: u64,
    },
    /// Was there, and is not any more.
    Gone {
        /// What.
        thing: Thing,
        /// By which id.
        id: String,
    },
    /// What the caller may see cannot be told: a rule of the catalog does not fit its attributes.
    Rule(#[from] RuleError),
    /// The data or the catalog cannot be opened.
    App(#[from] AppError),
    /// The store failed.
    Store(#[source] StoreError),
    /// A stage of an answer failed.
    Failed {
        /// A sentence for the reader.
        message: [String; 2],
    },
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        super::numbers::store_failed(&error);
        Self::Store(error)
    }
}

impl ServiceError {
    /// No such `thing`.
    #[must_use]
    pub fn not_found(thing: Thing, id: &str) -> Self {
        Self::NotFound { thing, id: id.chars().take(64).collect() }
    }

    /// A request that makes no sense.
    #[must_use]
    pub fn invalid(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid { why: [ko.into(), en.into()] }
    }

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
            Self::NotFound { thing, id } => format!("{} {id}을(를) 찾을 수 없습니다.", thing.korean()),
            Self::Forbidden { right } => format!("이 역할로는 할 수 없습니다: {}", right.name(Locale::Ko)),
            Self::NameTaken { name } => format!("'{name}'은(는) 이미 있는 이름입니다."),
            Self::KeyReused => "같은 Idempotency-Key로 다른 요청이 왔습니다.".to_owned(),
            Self::Invalid { why: [ko, _] } | Self::Failed { message: [ko, _] } => ko.clone(),
            Self::Unsupported { .. } => {
                format!("지금 카탈로그로는 쓸 수 없는 정의입니다: {}", self.parts(Locale::Ko).join("; "))
            }
            Self::Refused { refusals } => said(refusals, Locale::Ko),
            Self::Busy { retry_after_s } => format!("요청이 많습니다. {retry_after_s}초 뒤에 다시 시도해 주세요."),
            Self::Gone { thing, id } => format!("{} {id}은(는) 기한이 지나 없어졌습니다.", thing.korean()),
            Self::NoModel(error) => error.message(Locale::Ko),
            Self::Rule(error) => error.message(Locale::Ko),
            Self::App(error) => error.message(Locale::Ko),
            Self::Store(error) => error.message(Locale::Ko),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::NotFound { thing, id } => format!("there is no {} {id}", thing.name()),
            Self::Forbidden { right } => format!("this role may not {}", right.name(Locale::En)),
            Self::NameTaken { name } => format!("the name `{name}` is taken"),
            Self::KeyReused => "this Idempotency-Key was used with another request".to_owned(),
            Self::Invalid { why: [_, en] } | Self::Failed { message: [_, en] } => en.clone(),
            Self::Unsupported { .. } => {
                format!("the catalog does not support this definition: {}", self.parts(Locale::En).join("; "))
            }
            Self::Refused { refusals } => said(refusals, Locale::En),
            Self::Busy { retry_after_s } => format!("too many requests; try again in {retry_after_s} s"),
            Self::Gone { thing, id } => format!("{} {id} has expired", thing.name()),
            Self::NoModel(error) => error.message(Locale::En),
            Self::Rule(error) => error.message(Locale::En),
            Self::App(error) => error.message(Locale::En),
            Self::Store(error) => error.message(Locale::En),
        }
    }

    /// The parts of a definition that are not supported, a sentence each.
    #[must_use]
    pub fn parts(&self, locale: Locale) -> Vec<String> {
        let Self::Unsupported { text, parts } = self else { return Vec::new() };
        let text = text.iter().map(|e| e.message(locale));
        text.chain(parts.iter().map(|e| e.message(locale))).collect()
    }
}

fn said(refusals: &[SqlRefusal], locale: Locale) -> String {
    refusals.iter().map(|refusal| refusal.message(locale)).collect::<Vec<_>>().join("; ")
}
