//! What can go wrong between a segment and its SQL.

use super::Dialect;
use crate::catalog::Locale;

/// A segment that cannot be said in SQL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
#[non_exhaustive]
pub enum SqlError {
    /// The catalog has no such table.
    UnknownDataset {
        /// The name.
        dataset: String,
    },
    /// A table has no such field.
    UnknownField {
        /// Table.
        dataset: String,
        /// The name.
        field: String,
        /// Names that are near.
        nearest: Vec<String>,
    },
    /// A value or a function that does not fit a field's type.
    WrongType {
        /// Table.
        dataset: String,
        /// Field.
        field: String,
    },
    /// A function that cannot stand where it is, or lacks its field.
    Function {
        /// Function.
        function: String,
    },
    /// A condition on the entity that stands among conditions on rows.
    NotOverRows {
        /// The many-table.
        dataset: String,
    },
    /// A table that does not hang off the entity.
    NotMany {
        /// The table.
        dataset: String,
    },
    /// A saved segment that nobody has put its condition in the place of.
    Saved {
        /// Its name.
        name: String,
    },
    /// A share or a number that is no number.
    NotANumber,
    /// Nested too deeply.
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Grouped by nothing, or by more than two keys.
    Keys {
        /// How many keys.
        count: usize,
    },
    /// An identifier where it would be listed.
    Identifier {
        /// The field.
        field: String,
    },
    /// The catalog's population is no condition.
    Population {
        /// What is wrong with it, Korean and English.
        reason: [String; 2],
    },
    /// A dialect cannot say it.
    Dialect {
        /// The dialect.
        dialect: Dialect,
        /// What it cannot say.
        what: String,
    },
}

impl SqlError {
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
            Self::UnknownDataset { dataset } => format!("'{dataset}' 테이블은 카탈로그에 없습니다."),
            Self::UnknownField { dataset, field, nearest } => {
                format!("'{dataset}'에는 '{field}' 항목이 없습니다.{}", near(nearest, Locale::Ko))
            }
            Self::WrongType { dataset, field } => format!("'{dataset}.{field}'의 형식에 맞지 않는 값이나 계산입니다."),
            Self::Function { function } => format!("'{function}' 계산은 여기에 쓸 수 없습니다."),
            Self::NotOverRows { dataset } => format!("'{dataset}'의 행에 걸 수 없는 조건입니다."),
            Self::NotMany { dataset } => format!("'{dataset}'에는 고객별 행이 없습니다."),
            Self::Saved { name } => format!("저장된 세그먼트 '{name}'의 조건을 찾을 수 없습니다."),
            Self::NotANumber => "유한한 수가 아닙니다.".to_owned(),
            Self::TooDeep { limit } => format!("조건이 너무 깊이 겹쳐 있습니다. {limit}단계까지 됩니다."),
            Self::Keys { count } => format!("기준은 하나나 둘이어야 합니다. 지금은 {count}개입니다."),
            Self::Identifier { field } => format!("'{field}'은(는) 식별 정보라서 하나씩 보여 줄 수 없습니다."),
            Self::Population { reason } => format!("카탈로그의 분석 대상 조건이 잘못되었습니다: {}", reason[0]),
            Self::Dialect { dialect, what } => format!("{}에서는 나타낼 수 없습니다: {what}", dialect.name()),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::UnknownDataset { dataset } => format!("the catalog has no table '{dataset}'"),
            Self::UnknownField { dataset, field, nearest } => {
                format!("'{dataset}' has no field '{field}'{}", near(nearest, Locale::En))
            }
            Self::WrongType { dataset, field } => {
                format!("a value or a calculation does not fit the type of '{dataset}.{field}'")
            }
            Self::Function { function } => format!("'{function}' cannot be computed here"),
            Self::NotOverRows { dataset } => format!("this condition cannot be put on rows of '{dataset}'"),
            Self::NotMany { dataset } => format!("'{dataset}' has no rows that belong to one entity"),
            Self::Saved { name } => format!("the condition of the saved segment '{name}' is not at hand"),
            Self::NotANumber => "not a finite number".to_owned(),
            Self::TooDeep { limit } => format!("conditions are nested too deeply: at most {limit} levels"),
            Self::Keys { count } => format!("a breakdown has one or two keys, not {count}"),
            Self::Identifier { field } => format!("'{field}' tells who somebody is and is never listed"),
            Self::Population { reason } => format!("the catalog's population is no condition: {}", reason[1]),
            Self::Dialect { dialect, what } => format!("{} cannot say {what}", dialect.name()),
        }
    }
}

/// "Did you mean …", or nothing.
pub(super) fn near(names: &[String], locale: Locale) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names = names.join(", ");
    match locale {
        Locale::Ko => format!(" 혹시 이것인가요: {names}"),
        Locale::En => format!("; did you mean {names}?"),
    }
}
