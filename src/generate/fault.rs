//! What can be wrong with the shapes, and with a run.

use std::path::PathBuf;

use crate::catalog::Locale;

/// What is wrong at one place of a shapes file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The file is not YAML, or not of the form of shapes.
    #[error("{0}")]
    Yaml(String),
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A formula has something where it cannot be.
    #[error("unexpected `{0}` in the formula")]
    Unexpected(String),
    /// A formula ends too early.
    #[error("the formula ends too early")]
    Ended,
    /// A formula is nested too deeply.
    #[error("the formula is nested too deeply")]
    TooDeep,
    /// No column, list or word has this name here.
    #[error("nothing is called `{0}` here (a column must stand above its first use)")]
    UnknownName(String),
    /// No function has this name.
    #[error("there is no function `{0}`")]
    UnknownFunction(String),
    /// A function was given the wrong number of arguments.
    #[error("`{0}` takes {1} argument(s)")]
    Arguments(String, String),
    /// No list has this name.
    #[error("there is no list `{0}`")]
    UnknownList(String),
    /// An attribute was asked of something that is not an item of a list.
    #[error("`.{0}` is asked of something that is no item of a list")]
    NoItem(String),
    /// The list's items do not have this attribute.
    #[error("items of `{0}` have no `{1}`")]
    UnknownAttribute(String, String),
    /// The attribute is a curve, or is not one.
    #[error("`{0}` is used as a curve but is none, or is a curve and used as a number")]
    Curve(String),
    /// A text is not one of the values it is compared with.
    #[error("'{0}' is none of the values that are possible here")]
    UnknownText(String),
    /// Values of different kinds are mixed.
    #[error("values of different kinds are mixed")]
    Mixed,
    /// A value that must be known before generating is not.
    #[error("`{0}` may only use `each` and what is `given`")]
    NotKnown(String),
    /// Weights do not add up to something positive.
    #[error("the weights do not add up to something positive")]
    Weights,
    /// A row of a list does not fit the list's columns.
    #[error("the row has {0} cell(s), the list {1} column(s)")]
    RowLength(usize, usize),
    /// An attribute has no value in a row.
    #[error("no value for `{0}`")]
    Missing(String),
    /// An attribute has values of different types.
    #[error("values of `{0}` are of different types")]
    AttributeType(String),
    /// A column says nothing, or too much, about how it is made.
    #[error("a column needs exactly one of `is`, `pick` and `choose`")]
    Make,
    /// A text column has no values, or another column has some.
    #[error("the type does not fit the values")]
    ColumnType,
    /// A name stands twice.
    #[error("`{0}` stands twice")]
    Twice(String),
    /// The first table has rows of a list, or a further one has none.
    #[error("the first table is the entity, and only further ones have `rows`")]
    Entity,
    /// There is no table at all.
    #[error("there are no tables")]
    Empty,
}

/// One fault of the shapes, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct ShapeFault {
    /// File name.
    pub file: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// What is wrong.
    pub problem: Problem,
}

/// All faults that were found in the shapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeFaults(pub Vec<ShapeFault>);

impl std::error::Error for ShapeFaults {}

impl std::fmt::Display for ShapeFaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

/// Why a run did not make a data set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The caller asked to stop; nothing was left behind.
    #[error("stopped before the data was complete")]
    Cancelled,
    /// A file or folder could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// File or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file could not be encoded.
    #[error("cannot encode {table}: {source}")]
    Encode {
        /// Table.
        table: String,
        /// The encoder's reason.
        source: datafusion::parquet::errors::ParquetError,
    },
    /// A worker ended without its part.
    #[error("a worker ended early")]
    Worker,
}

impl GenerateError {
    /// What a reader of `locale` is told.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (locale, self) {
            (Locale::En, _) => self.to_string(),
            (Locale::Ko, Self::Cancelled) => "데이터 생성을 중단했습니다.".to_owned(),
            (Locale::Ko, Self::Write { path, source }) => {
                format!("{}에 쓸 수 없습니다: {source}", path.display())
            }
            (Locale::Ko, Self::Encode { table, source }) => format!("{table} 파일을 만들 수 없습니다: {source}"),
            (Locale::Ko, Self::Worker) => "데이터 생성 작업이 예기치 않게 끝났습니다.".to_owned(),
        }
    }
}
