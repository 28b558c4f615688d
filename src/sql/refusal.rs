//! Why an analyst's SQL was refused, and where.

use sqlparser::tokenizer::{Location, Span};

use super::error::{SqlError, near};
use crate::catalog::Locale;

/// Why an analyst's SQL was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub struct SqlRefusal {
    /// Why.
    pub why: Why,
    /// Line, from 1; 0 where it is the statement as a whole.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
}

/// Why SQL was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Longer than the limit.
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// More words and signs than the limit.
    TooManyTokens {
        /// The limit.
        limit: usize,
    },
    /// Nested more deeply than the limit.
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// A character that cannot be seen.
    Invisible {
        /// Its code point.
        code: u32,
    },
    /// No SQL.
    Syntax {
        /// What the parser says.
        detail: String,
    },
    /// None, or several statements.
    NotOne {
        /// How many there are.
        count: usize,
    },
    /// A statement that is no SELECT.
    NotSelect {
        /// What it is.
        what: String,
    },
    /// A construct that is not let through.
    NotAllowed {
        /// What it is.
        what: String,
    },
    /// A table that the catalog does not have.
    UnknownTable {
        /// The name.
        name: String,
        /// Names that are near.
        nearest: Vec<String>,
    },
    /// A column that none of the tables has.
    UnknownColumn {
        /// The name.
        name: String,
        /// Names that are near.
        nearest: Vec<String>,
    },
    /// A function that is not listed.
    UnknownFunction {
        /// The name.
        name: String,
        /// Names that are near.
        nearest: Vec<String>,
    },
    /// A name in a WITH that is a table's, or is there twice.
    Shadows {
        /// The name.
        name: String,
    },
    /// An identifier in the output.
    Listed {
        /// The column.
        column: String,
    },
    /// An identifier used for something else than joining, grouping and counting.
    Identifier {
        /// The column.
        column: String,
    },
    /// A LIMIT above what may be given out.
    RowLimit {
        /// The most rows.
        limit: u64,
    },
    /// Tables over single entities that are not joined by the entity's key.
    Unjoined {
        /// One of them.
        left: String,
        /// The other.
        right: String,
        /// The key.
        key: String,
    },
    /// A sub-query over single entities that speaks of the query around it, and is not tied to it by the key.
    Untied {
        /// The key.
        key: String,
    },
    /// Something that picks out single entities.
    Single {
        /// What does.
        what: String,
    },
    /// An aggregate that could tell of single entities.
    Aggregated {
        /// The call.
        what: String,
    },
    /// A LIMIT or OFFSET that could pick out few rows.
    FewRows {
        /// Fewest rows.
        min: u64,
    },
    /// A list that is ordered by what it does not list.
    NotListed {
        /// What it is ordered by.
        what: String,
    },
    /// The catalog's population cannot be enforced.
    Population(SqlError),
}

impl Why {
    /// At the start of `span`.
    pub(super) fn at(self, span: Span) -> SqlRefusal {
        self.at_location(span.start)
    }

    pub(super) fn at_location(self, at: Location) -> SqlRefusal {
        SqlRefusal { why: self, line: at.line, column: at.column }
    }

    /// Of the statement as a whole.
    pub(super) fn anywhere(self) -> SqlRefusal {
        SqlRefusal { why: self, line: 0, column: 0 }
    }
}

impl SqlRefusal {
    /// What a reader sees: where, what, and what would be right.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let why = self.why.message(locale);
        if self.line == 0 { why } else { format!("{}:{}: {why}", self.line, self.column) }
    }
}

impl Why {
    /// What is wrong, without where.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => self.korean(),
            Locale::En => self.english(),
        }
    }

    /// The reason as one word, for a program.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::TooManyTokens { .. } => "too_many_tokens",
            Self::TooDeep { .. } => "too_deep",
            Self::Invisible { .. } => "invisible",
            Self::Syntax { .. } => "syntax",
            Self::NotOne { .. } => "not_one",
            Self::NotSelect { .. } => "not_select",
            Self::NotAllowed { .. } => "not_allowed",
            Self::UnknownTable { .. } => "unknown_table",
            Self::UnknownColumn { .. } => "unknown_column",
            Self::UnknownFunction { .. } => "unknown_function",
            Self::Shadows { .. } => "shadows",
            Self::Listed { .. } => "listed",
            Self::Identifier { .. } => "identifier",
            Self::RowLimit { .. } => "row_limit",
            Self::Unjoined { .. } => "unjoined",
            Self::Untied { .. } => "untied",
            Self::Single { .. } => "single",
            Self::Aggregated { .. } => "aggregated",
            Self::FewRows { .. } => "few_rows",
            Self::NotListed { .. } => "not_listed",
            Self::Population(_) => "population",
        }
    }

    /// What would be right, where that can be said.
    #[must_use]
    pub fn hint(&self, locale: Locale) -> Option<String> {
        let (korean, english) = match self {
            Self::UnknownTable { nearest, .. }
            | Self::UnknownColumn { nearest, .. }
            | Self::UnknownFunction { nearest, .. } => {
                return nearest.first().cloned();
            }
            Self::Listed { column } | Self::Identifier { column } => {
                let call = format!("count(DISTINCT {column})");
                (call.clone(), call)
            }
            Self::Unjoined { left, right, key } => {
                let on = format!("{left}.{key} = {right}.{key}");
                (format!("ON {on}"), format!("ON {on}"))
            }
            Self::Untied { key } => {
                (format!("WHERE에 두 {key}이(가) 같다는 조건을 쓰세요."), format!("add WHERE … {key} = … {key}"))
            }
            Self::Single { .. } => (
                "먼저 FROM 안의 하위 질의로 만들고 그 결과를 묶거나 세세요.".to_owned(),
                "make it a sub-query in FROM, and group or count what it gives".to_owned(),
            ),
            Self::Aggregated { .. } => (
                "저장된 열, 그 합, 또는 값이 그런 CASE 하나만 집계하세요. 조건은 WHERE에 쓰세요.".to_owned(),
                "aggregate stored columns, sums of them, or one CASE of such; put conditions into WHERE".to_owned(),
            ),
            Self::NotListed { .. } => (
                "나열한 열로 정렬하세요. 목록은 나열한 값으로 묶여 나옵니다.".to_owned(),
                "order by a listed column: a list is grouped by what it lists".to_owned(),
            ),
            _ => return None,
        };
        Some(match locale {
            Locale::Ko => korean,
            Locale::En => english,
        })
    }

    fn korean(&self) -> String {
        let near = |nearest: &[String]| near(nearest, Locale::Ko);
        match self {
            Self::TooLong { limit } => format!("SQL이 너무 깁니다. {limit}바이트까지 됩니다."),
            Self::TooManyTokens { limit } => format!("SQL에 낱말과 기호가 너무 많습니다. {limit}개까지 됩니다."),
            Self::TooDeep { limit } => format!("SQL이 너무 깊이 겹쳐 있습니다. {limit}단계까지 됩니다."),
            Self::Invisible { code } => format!("보이지 않는 문자(U+{code:04X})는 쓸 수 없습니다."),
            Self::Syntax { detail } => format!("SQL 문법에 맞지 않습니다: {detail}"),
            Self::NotOne { count } => format!("SELECT 문 하나만 쓸 수 있습니다. 지금은 {count}개입니다."),
            Self::NotSelect { what } => format!("SELECT만 쓸 수 있고 {what}은(는) 쓸 수 없습니다."),
            Self::NotAllowed { what } => format!("{what}은(는) 쓸 수 없습니다."),
            Self::UnknownTable { name, nearest } => format!("'{name}' 테이블이 없습니다.{}", near(nearest)),
            Self::UnknownColumn { name, nearest } => format!("'{name}' 열이 없습니다.{}", near(nearest)),
            Self::UnknownFunction { name, nearest } => format!("'{name}' 함수는 쓸 수 없습니다.{}", near(nearest)),
            Self::Shadows { name } => format!("'{name}'은(는) 이미 있는 이름입니다. 다른 이름을 쓰세요."),
            Self::Listed { column } => {
                format!("'{column}'은(는) 식별 정보라서 결과에 나올 수 없습니다. count(DISTINCT {column})은 됩니다.")
            }
            Self::Identifier { column } => {
                format!("'{column}'은(는) 식별 정보라서 다른 식별 열과 잇거나, 묶거나, 세는 데에만 쓸 수 있습니다.")
            }
            Self::RowLimit { limit } => format!("LIMIT은 {limit} 이하의 수여야 합니다."),
            Self::Unjoined { left, right, .. } => {
                format!("'{left}'와(과) '{right}'이(가) 같은 대상끼리 이어져 있지 않습니다.")
            }
            Self::Untied { .. } => "바깥 질의의 열을 쓰는 하위 질의가 같은 대상으로 이어져 있지 않습니다.".to_owned(),
            Self::Single { what } => {
                format!("여기의 {what}은(는) 한 사람 한 사람의 값을 드러낼 수 있어 쓸 수 없습니다.")
            }
            Self::Aggregated { what } => {
                format!("'{what}'은(는) 최소 인원보다 적은 사람의 값을 드러낼 수 있어 쓸 수 없습니다.")
            }
            Self::FewRows { min } => {
                format!("하위 질의의 LIMIT은 {min} 이상이어야 하고 OFFSET은 쓸 수 없습니다.")
            }
            Self::NotListed { what } => format!("나열하지 않은 '{what}'(으)로는 정렬할 수 없습니다."),
            Self::Population(error) => error.message(Locale::Ko),
        }
    }

    fn english(&self) -> String {
        let near = |nearest: &[String]| near(nearest, Locale::En);
        match self {
            Self::TooLong { limit } => format!("the SQL is too long: at most {limit} bytes"),
            Self::TooManyTokens { limit } => format!("too many words and signs: at most {limit}"),
            Self::TooDeep { limit } => format!("nested too deeply: at most {limit} levels"),
            Self::Invisible { code } => format!("a character that cannot be seen (U+{code:04X}) is not allowed"),
            Self::Syntax { detail } => format!("not SQL: {detail}"),
            Self::NotOne { count } => format!("one SELECT statement is allowed, not {count} statements"),
            Self::NotSelect { what } => format!("only SELECT is allowed, not {what}"),
            Self::NotAllowed { what } => format!("{what} is not allowed"),
            Self::UnknownTable { name, nearest } => format!("there is no table '{name}'{}", near(nearest)),
            Self::UnknownColumn { name, nearest } => format!("there is no column '{name}'{}", near(nearest)),
            Self::UnknownFunction { name, nearest } => {
                format!("the function '{name}' is not allowed{}", near(nearest))
            }
            Self::Shadows { name } => format!("the name '{name}' is taken; choose another"),
            Self::Listed { column } => {
                format!("'{column}' tells who somebody is and cannot be in the output; count(DISTINCT {column}) can")
            }
            Self::Identifier { column } => format!(
                "'{column}' tells who somebody is: it can be joined with another identifier, grouped by and counted, \
                 nothing else"
            ),
            Self::RowLimit { limit } => format!("LIMIT must be a number up to {limit}"),
            Self::Unjoined { left, right, .. } => {
                format!("'{left}' and '{right}' are not joined row by row of the same entity")
            }
            Self::Untied { .. } => {
                "the sub-query uses columns of the query around it and is not tied to the same entity".to_owned()
            }
            Self::Single { what } => format!("{what} over rows of single entities is not allowed"),
            Self::Aggregated { what } => {
                format!("'{what}' could tell of fewer entities than the minimum group")
            }
            Self::FewRows { min } => format!("LIMIT in this sub-query must be at least {min}, without OFFSET"),
            Self::NotListed { what } => format!("the list cannot be ordered by '{what}', which it does not list"),
            Self::Population(error) => error.message(Locale::En),
        }
    }
}
