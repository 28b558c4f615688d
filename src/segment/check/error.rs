//! What can be wrong with a segment, whose fault it is, and how it is said.

use super::{MAX_SEGMENT_DEPTH, MAX_SEGMENT_TEXT};
use crate::catalog::{FieldType, Label, Locale};
use crate::segment::sentence::{Josa, josa};

/// Who can mend an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Whoever asked.
    User,
    /// The translator, which named what does not exist.
    Model,
    /// Nobody: it is not allowed.
    Policy,
}

/// What is wrong with a segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub enum SegmentError {
    /// There is no such many-table.
    UnknownDataset {
        /// The name.
        name: String,
        /// Names near to it.
        nearest: Vec<String>,
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
    /// The field's values are listed, and this is none of them.
    UnknownValue {
        /// The field.
        field: Label,
        /// The value.
        value: String,
        /// Values near to it.
        nearest: Vec<String>,
    },
    /// The field tells who somebody is.
    Identifier {
        /// The field.
        field: Label,
    },
    /// The test does not fit the field's type.
    BadTest {
        /// The field.
        field: Label,
        /// Its type.
        kind: FieldType,
        /// The test as text.
        test: String,
    },
    /// A rank or an average of what is no number.
    NotANumber {
        /// The field.
        field: Label,
    },
    /// An aggregate without a field, or compared with what is no number.
    BadTotal {
        /// The dataset.
        dataset: String,
    },
    /// More than comparisons of the rows' fields, inside rows.
    NotInRows {
        /// The dataset.
        dataset: String,
    },
    /// A rank or sample of nobody, or of more than all.
    NoSize,
    /// A saved segment without a name.
    NoName,
    /// Nested deeper than [`MAX_SEGMENT_DEPTH`].
    TooDeep,
    /// Longer than [`MAX_SEGMENT_TEXT`].
    TooLong,
}

impl SegmentError {
    /// Who can mend it.
    #[must_use]
    pub fn whose(&self) -> Whose {
        match self {
            Self::Identifier { .. } => Whose::Policy,
            Self::TooDeep | Self::TooLong | Self::NoSize | Self::NoName => Whose::User,
            _ => Whose::Model,
        }
    }

    /// The nearest names, where a name is unknown.
    #[must_use]
    pub fn nearest(&self) -> &[String] {
        match self {
            Self::UnknownDataset { nearest, .. }
            | Self::UnknownField { nearest, .. }
            | Self::UnknownValue { nearest, .. } => nearest,
            _ => &[],
        }
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
            Self::UnknownDataset { name, nearest } => {
                format!("'{name}' 데이터가 없습니다{}", near(nearest, Locale::Ko))
            }
            Self::UnknownField { name, dataset, nearest } => {
                format!("'{dataset}'에 '{name}' 항목이 없습니다{}", near(nearest, Locale::Ko))
            }
            Self::UnknownValue { field, value, nearest } => {
                format!("'{}'에 '{value}' 값이 없습니다{}", field.ko, near(nearest, Locale::Ko))
            }
            Self::Identifier { field } => {
                format!("'{}' 항목은 누구인지 알 수 있어 조건으로 쓸 수 없습니다", field.ko)
            }
            Self::BadTest { field, kind, test } => {
                format!(
                    "'{}' 항목은 {} '{test}'처럼 비교할 수 없습니다",
                    field.ko,
                    josa(kind_label(*kind, Locale::Ko), Josa::Copula)
                )
            }
            Self::NotANumber { field } => format!("'{}' 항목은 숫자가 아닙니다", field.ko),
            Self::BadTotal { dataset } => format!("'{dataset}'의 합계 조건이 올바르지 않습니다"),
            Self::NotInRows { dataset } => {
                format!("'{dataset}'의 행 조건 안에는 그 데이터의 항목만 쓸 수 있습니다")
            }
            Self::NoSize => "몇 명인지가 올바르지 않습니다".to_owned(),
            Self::NoName => "저장된 세그먼트의 이름이 비어 있습니다".to_owned(),
            Self::TooDeep => format!("조건이 {MAX_SEGMENT_DEPTH}겹보다 깊습니다"),
            Self::TooLong => format!("조건이 {MAX_SEGMENT_TEXT}바이트보다 깁니다"),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::UnknownDataset { name, nearest } => {
                format!("there is no dataset '{name}'{}", near(nearest, Locale::En))
            }
            Self::UnknownField { name, dataset, nearest } => {
                format!("'{dataset}' has no field '{name}'{}", near(nearest, Locale::En))
            }
            Self::UnknownValue { field, value, nearest } => {
                format!("'{}' has no value '{value}'{}", field.en, near(nearest, Locale::En))
            }
            Self::Identifier { field } => format!("'{}' tells who somebody is and cannot be a condition", field.en),
            Self::BadTest { field, kind, test } => {
                format!("'{}' is {} and cannot be tested as '{test}'", field.en, kind_label(*kind, Locale::En))
            }
            Self::NotANumber { field } => format!("'{}' is no number", field.en),
            Self::BadTotal { dataset } => format!("the total over '{dataset}' does not make sense"),
            Self::NotInRows { dataset } => {
                format!("a condition on rows of '{dataset}' can only compare fields of '{dataset}'")
            }
            Self::NoSize => "a rank or sample must take some and not more than all".to_owned(),
            Self::NoName => "the saved segment has no name".to_owned(),
            Self::TooDeep => format!("the condition nests deeper than {MAX_SEGMENT_DEPTH}"),
            Self::TooLong => format!("the condition is longer than {MAX_SEGMENT_TEXT} bytes"),
        }
    }
}

/// A number outside of the field's range.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// The field.
    pub field: Label,
    /// The number.
    pub value: String,
    /// The field's range.
    pub range: (f64, f64),
}

impl Doubt {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let (low, high) = self.range;
        match locale {
            Locale::Ko => {
                format!("'{}' 값은 {low}~{high}인데 {} 찾습니다", self.field.ko, josa(&self.value, Josa::Object))
            }
            Locale::En => format!("'{}' goes from {low} to {high}, and {} is asked for", self.field.en, self.value),
        }
    }
}

fn kind_label(kind: FieldType, locale: Locale) -> &'static str {
    let (ko, en) = match kind {
        FieldType::Bool => ("예/아니요 항목", "true or false"),
        FieldType::String => ("글", "text"),
        FieldType::Date => ("날짜 항목", "a date"),
        _ => ("숫자 항목", "a number"),
    };
    if locale == Locale::Ko { ko } else { en }
}

/// The end of a sentence about an unknown name: what was perhaps meant.
pub(crate) fn near(names: &[String], locale: Locale) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names = names.join(", ");
    match locale {
        Locale::Ko => format!(" (혹시 {names}?)"),
        Locale::En => format!(" (did you mean {names}?)"),
    }
}
