//! What a statement asks, as the segment that it was made from: beside the text of a [`CheckedSql`](super::CheckedSql),
//! for an engine that can answer a segment by other means than SQL. Only this room makes one, so the population is in
//! it whatever was asked.

use chrono::NaiveDate;

use super::error::SqlError;
use super::{compile, rank};
use crate::catalog::{Band, Catalog};
use crate::segment::{Expr, Metric};

/// A segment and what is asked of it. The rows that answer it are those of the statement that it is beside.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    population: Expr,
    segment: Expr,
    asks: Asks,
    as_of: NaiveDate,
    form: Option<Form>,
}

/// The form in which somebody's own SQL asks for the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The columns.
    pub columns: Vec<FormColumn>,
    /// Their order; any where there is none.
    pub order: Vec<FormOrder>,
    /// The most rows.
    pub rows: u64,
    /// Rows about fewer entities are left out, but for those about none.
    pub least: u64,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormColumn {
    /// Its name.
    pub name: String,
    /// The key that it is, counted from 0; none for the size.
    pub key: Option<usize>,
}

/// A column that rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormOrder {
    /// Which of the columns.
    pub column: usize,
    /// Whether the largest come first.
    pub descending: bool,
    /// Whether missing values come first.
    pub missing_first: bool,
}

/// What is asked of a segment.
#[derive(Debug, Clone, PartialEq)]
pub enum Asks {
    /// How many entities it holds: one column, `n`.
    Count,
    /// An aggregate over it: columns `n` and `value`, one row.
    Metric(Metric<Expr>),
    /// Its groups: columns `k1` \[, `k2`\], `n` \[, `value`\], largest first, then by key.
    Groups(Groups),
}

/// Groups by one or two keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// The keys.
    pub keys: Vec<GroupKey>,
    /// Restricts the rows of the first many-table among the keys.
    pub rows: Option<Expr>,
    /// Computed for each group.
    pub metric: Option<Metric<Expr>>,
}

/// What entities are grouped by.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupKey {
    /// A field of the entity.
    Field(String),
    /// A band of a number of the entity.
    Band(Band),
    /// A field of a many-table: each entity is in the group of every value that its rows have.
    Row {
        /// The many-table.
        dataset: String,
        /// Its field.
        field: String,
    },
}

impl Shape {
    /// Of a segment that has been compiled, so its names are the catalog's.
    pub(super) fn new(segment: &Expr, asks: Asks, catalog: &Catalog) -> Result<Self, SqlError> {
        let population = compile::population(catalog)?;
        Ok(Self { population, segment: segment.clone(), asks, as_of: catalog.as_of, form: None })
    }

    /// The same, with its rows in another form.
    pub(super) fn in_form(self, form: Form) -> Self {
        Self { form: Some(form), ..self }
    }

    /// The form of the rows, where it is not the one that [`Asks`] tells.
    #[must_use]
    pub fn form(&self) -> Option<&Form> {
        self.form.as_ref()
    }

    /// The population, with what the caller may see of it: whatever is asked is asked within it.
    #[must_use]
    pub fn population(&self) -> &Expr {
        &self.population
    }

    /// The segment.
    #[must_use]
    pub fn segment(&self) -> &Expr {
        &self.segment
    }

    /// What is asked of it.
    #[must_use]
    pub fn asks(&self) -> &Asks {
        &self.asks
    }

    /// The day that relative dates count back from.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }
}

impl GroupKey {
    /// The key called `name`, as a breakdown names it.
    pub(super) fn named(name: &str, catalog: &Catalog) -> Self {
        let of_entity = |name: &str| match (catalog.field(name), catalog.band(name)) {
            (None, Some(band)) => Self::Band(band.clone()),
            _ => Self::Field(name.to_owned()),
        };
        match name.split_once('.') {
            None => of_entity(name),
            Some((dataset, field)) if dataset == catalog.entity().name => of_entity(field),
            Some((dataset, field)) => Self::Row { dataset: dataset.to_owned(), field: field.to_owned() },
        }
    }
}

/// Where the entity with a whole number as its key stands in the order of a sample with `seed`; ties fall in key order.
/// The statement of a sample orders by the same number.
#[must_use]
pub fn sample_place(key: i64, seed: u64) -> i64 {
    rank::place(key, seed)
}

/// The share that a percentile is asked at, as the statement of a rank says it.
#[must_use]
pub fn rank_share(share: f64) -> f64 {
    rank::rounded(share)
}
