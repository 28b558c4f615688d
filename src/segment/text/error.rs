//! What can be wrong with a segment's text, and how it is said.

use crate::catalog::Locale;
use crate::segment::check::{MAX_SEGMENT_DEPTH, MAX_SEGMENT_TEXT, near};

/// Why a text is no segment, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub struct TextError {
    /// Byte offset into the text.
    pub offset: usize,
    /// What is wrong there.
    pub fault: TextFault,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFault {
    /// Something else belongs here.
    Expected {
        /// What belongs here.
        what: Expected,
        /// What stands here; empty at the end.
        found: String,
    },
    /// The dataset has no such field.
    UnknownField {
        /// The name.
        name: String,
        /// The dataset.
        dataset: String,
        /// Names near to it.
        nearest: Vec<String>,
    },
    /// There is no such dataset of rows.
    UnknownDataset {
        /// The name.
        name: String,
        /// Names near to it.
        nearest: Vec<String>,
    },
    /// A quote is never closed.
    OpenQuote,
    /// No number that fits.
    BadNumber,
    /// No day of the calendar, or not as `2024-04-22`.
    BadDate,
    /// Only comparisons of the rows' fields may stand inside rows.
    NotInRows,
    /// Nested too deep.
    TooDeep,
    /// Too many bytes.
    TooLong,
}

/// What belongs at a place of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A condition.
    Condition,
    /// `=`, `IN`, `IS MISSING` and so on.
    Test,
    /// Text, a number or a date.
    Literal,
    /// A quoted text.
    Text,
    /// A whole number.
    Integer,
    /// The name of a field.
    Field,
    /// The name of a dataset.
    Dataset,
    /// This word or sign.
    This(&'static str),
    /// Nothing more.
    End,
}

impl Expected {
    fn label(self, locale: Locale) -> &'static str {
        let (ko, en) = match self {
            Self::Condition => ("조건", "a condition"),
            Self::Test => ("비교(=, IN, IS MISSING 등)", "a comparison (=, IN, IS MISSING, …)"),
            Self::Literal => ("값", "a value"),
            Self::Text => ("따옴표로 묶은 글", "a quoted text"),
            Self::Integer => ("정수", "a whole number"),
            Self::Field => ("항목 이름", "the name of a field"),
            Self::Dataset => ("데이터 이름", "the name of a dataset"),
            Self::This(word) => (word, word),
            Self::End => ("끝", "the end"),
        };
        if locale == Locale::Ko { ko } else { en }
    }
}

impl TextError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let what = self.fault.message(locale);
        match locale {
            Locale::Ko => format!("{}바이트 위치: {what}", self.offset),
            Locale::En => format!("at byte {}: {what}", self.offset),
        }
    }

    /// The nearest names, where a name is unknown.
    #[must_use]
    pub fn nearest(&self) -> &[String] {
        match &self.fault {
            TextFault::UnknownField { nearest, .. } | TextFault::UnknownDataset { nearest, .. } => nearest,
            _ => &[],
        }
    }
}

impl TextFault {
    fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => self.korean(),
            Locale::En => self.english(),
        }
    }

    fn korean(&self) -> String {
        match self {
            Self::Expected { what, found } if found.is_empty() => {
                format!("여기에는 {} 자리입니다", what.label(Locale::Ko))
            }
            Self::Expected { what, found } => {
                format!("'{found}' 대신 {} 자리입니다", what.label(Locale::Ko))
            }
            Self::UnknownField { name, dataset, nearest } => {
                format!("'{dataset}'에 '{name}' 항목이 없습니다{}", near(nearest, Locale::Ko))
            }
            Self::UnknownDataset { name, nearest } => {
                format!("'{name}' 데이터가 없습니다{}", near(nearest, Locale::Ko))
            }
            Self::OpenQuote => "따옴표가 닫히지 않았습니다".to_owned(),
            Self::BadNumber => "읽을 수 없는 숫자입니다".to_owned(),
            Self::BadDate => "날짜는 2024-04-22처럼 씁니다".to_owned(),
            Self::NotInRows => "행 조건 안에는 그 데이터의 항목만 쓸 수 있습니다".to_owned(),
            Self::TooDeep => format!("조건이 {MAX_SEGMENT_DEPTH}겹보다 깊습니다"),
            Self::TooLong => format!("조건이 {MAX_SEGMENT_TEXT}바이트보다 깁니다"),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Expected { what, found } if found.is_empty() => {
                format!("{} belongs here", what.label(Locale::En))
            }
            Self::Expected { what, found } => {
                format!("{} belongs here, not '{found}'", what.label(Locale::En))
            }
            Self::UnknownField { name, dataset, nearest } => {
                format!("'{dataset}' has no field '{name}'{}", near(nearest, Locale::En))
            }
            Self::UnknownDataset { name, nearest } => {
                format!("there is no dataset '{name}'{}", near(nearest, Locale::En))
            }
            Self::OpenQuote => "the quote is never closed".to_owned(),
            Self::BadNumber => "this is no number that fits".to_owned(),
            Self::BadDate => "a date is written as 2024-04-22".to_owned(),
            Self::NotInRows => "inside rows only fields of their dataset may stand".to_owned(),
            Self::TooDeep => format!("the condition nests deeper than {MAX_SEGMENT_DEPTH}"),
            Self::TooLong => format!("the condition is longer than {MAX_SEGMENT_TEXT} bytes"),
        }
    }
}
