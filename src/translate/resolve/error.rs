//! What can be wrong with a draft, whose fault it is, and how it is said.

use super::MAX_GROUPED;
use crate::catalog::{Label, Locale};
use crate::segment::check::{SegmentError, Whose, near};
use crate::segment::sentence::{Josa, josa};
use crate::segment::text::TextError;

/// What could not be resolved, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub struct ResolveError {
    /// The way to it in the draft: `edits[0].condition.rows`.
    pub place: String,
    /// What is wrong there.
    pub fault: ResolveFault,
}

/// What is wrong with a part of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResolveFault {
    /// The catalog has no such name.
    Unknown {
        /// What kind of name.
        what: Named,
        /// The name.
        name: String,
        /// Names near to it.
        nearest: Vec<String>,
    },
    /// The words stand for several things.
    Ambiguous {
        /// What kind of name.
        what: Named,
        /// The words.
        name: String,
        /// What they stand for.
        candidates: Vec<String>,
    },
    /// No comparison, or none with so many values.
    BadOp {
        /// As it was written.
        op: String,
        /// How many values came with it.
        values: usize,
    },
    /// A value that the field's type cannot hold.
    BadValue {
        /// The field.
        field: Label,
        /// The value as JSON.
        value: String,
    },
    /// A term that says nothing about rows of the dataset.
    TermNotOfRows {
        /// The term.
        term: String,
        /// The dataset.
        dataset: String,
    },
    /// More groupings than [`MAX_GROUPED`].
    TooManyGroups,
    /// A condition on rows without a breakdown by a field of rows.
    RowsOfNothing,
    /// The catalog's own predicate does not parse.
    Predicate(TextError),
    /// The condition does not pass the check.
    Segment(SegmentError),
}

/// What a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A field.
    Field,
    /// A dataset.
    Dataset,
    /// A listed value.
    Value,
    /// A glossary term.
    Term,
    /// A field or band to group by.
    Grouping,
    /// A saved segment.
    Saved,
}

impl Named {
    fn label(self, locale: Locale) -> &'static str {
        let (ko, en) = match self {
            Self::Field => ("항목", "field"),
            Self::Dataset => ("데이터", "dataset"),
            Self::Value => ("값", "value"),
            Self::Term => ("용어", "term"),
            Self::Grouping => ("나눌 항목", "field or band to group by"),
            Self::Saved => ("저장한 세그먼트", "saved segment"),
        };
        if locale == Locale::Ko { ko } else { en }
    }
}

impl ResolveError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let what = self.fault.message(locale);
        if self.place.is_empty() { what } else { format!("{}: {what}", self.place) }
    }

    /// Who can mend it.
    #[must_use]
    pub fn whose(&self) -> Whose {
        match &self.fault {
            ResolveFault::Segment(error) => error.whose(),
            ResolveFault::Ambiguous { .. } | ResolveFault::TooManyGroups => Whose::User,
            _ => Whose::Model,
        }
    }

    /// The nearest names, where a name is unknown.
    #[must_use]
    pub fn nearest(&self) -> &[String] {
        match &self.fault {
            ResolveFault::Unknown { nearest, .. } => nearest,
            ResolveFault::Ambiguous { candidates, .. } => candidates,
            ResolveFault::Segment(error) => error.nearest(),
            ResolveFault::Predicate(error) => error.nearest(),
            _ => &[],
        }
    }
}

impl ResolveFault {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => self.korean(),
            Locale::En => self.english(),
        }
    }

    fn korean(&self) -> String {
        let ko = Locale::Ko;
        match self {
            Self::Unknown { what, name, nearest } => {
                let what = josa(what.label(ko), Josa::Subject);
                format!("'{name}'라는 {what} 없습니다{}", near(nearest, ko))
            }
            Self::Ambiguous { what, name, candidates } => {
                let what = josa(what.label(ko), Josa::Subject);
                format!("'{name}'에 맞는 {what} 여럿입니다: {}", candidates.join(", "))
            }
            Self::BadOp { op, values } => format!("'{op}' 비교를 값 {values}개로 할 수 없습니다"),
            Self::BadValue { field, value } => format!("'{}' 항목에 맞지 않는 값입니다: {value}", field.ko),
            Self::TermNotOfRows { term, dataset } => {
                format!("{} '{dataset}'에 대한 말이 아닙니다", josa(&format!("'{term}'"), Josa::Topic))
            }
            Self::TooManyGroups => format!("한 번에 {MAX_GROUPED}개 항목까지 나눌 수 있습니다"),
            Self::RowsOfNothing => "행 조건은 그 데이터의 항목으로 나눌 때만 쓸 수 있습니다".to_owned(),
            Self::Predicate(error) => error.message(ko),
            Self::Segment(error) => error.message(ko),
        }
    }

    fn english(&self) -> String {
        let en = Locale::En;
        match self {
            Self::Unknown { what, name, nearest } => {
                format!("there is no {} '{name}'{}", what.label(en), near(nearest, en))
            }
            Self::Ambiguous { what, name, candidates } => {
                format!("'{name}' is more than one {}: {}", what.label(en), candidates.join(", "))
            }
            Self::BadOp { op, values } => format!("'{op}' is no comparison with {values} values"),
            Self::BadValue { field, value } => format!("'{}' cannot be compared with {value}", field.en),
            Self::TermNotOfRows { term, dataset } => format!("'{term}' says nothing about '{dataset}'"),
            Self::TooManyGroups => format!("a breakdown groups by {MAX_GROUPED} fields at most"),
            Self::RowsOfNothing => "a condition on rows needs a breakdown by one of their fields".to_owned(),
            Self::Predicate(error) => error.message(en),
            Self::Segment(error) => error.message(en),
        }
    }
}
