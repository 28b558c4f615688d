//! Results as plain values.

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, Schema};
use datafusion::arrow::record_batch::RecordBatch;

use super::EngineError;

/// One value of a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Missing.
    Null,
    /// Truth value.
    Bool(bool),
    /// Whole number.
    Int(i64),
    /// Number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A day.
    Date(NaiveDate),
}

/// A result.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows, each as wide as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

impl Rows {
    /// No rows yet.
    pub(super) fn of(schema: &Schema) -> Self {
        let columns = schema.fields().iter().map(|f| f.name().clone()).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds the rows of a batch.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let columns = batch.columns().iter().map(Column::of).collect::<Result<Vec<_>, _>>()?;
        self.rows.extend((0..batch.num_rows()).map(|row| columns.iter().map(|c| c.cell(row)).collect()));
        Ok(())
    }
}

/// A column as one of the few types that cells have.
pub(super) enum Column {
    Null,
    Bool(ArrayRef),
    Int(ArrayRef),
    Float(ArrayRef),
    Text(ArrayRef),
    Date(ArrayRef),
}

impl Column {
    pub(super) fn of(array: &ArrayRef) -> Result<Self, EngineError> {
        let kind = match array.data_type() {
            DataType::Dictionary(_, value) => value.as_ref(),
            other => other,
        };
        let to = |target: DataType| cast(array, &target).map_err(EngineError::from);
        match kind {
            DataType::Null => Ok(Self::Null),
            DataType::Boolean => to(DataType::Boolean).map(Self::Bool),
            DataType::UInt64 | DataType::Decimal128(..) | DataType::Decimal256(..) => {
                to(DataType::Float64).map(Self::Float)
            }
            k if k.is_integer() => to(DataType::Int64).map(Self::Int),
            k if k.is_numeric() => to(DataType::Float64).map(Self::Float),
            DataType::Date32 | DataType::Date64 => to(DataType::Date32).map(Self::Date),
            _ => to(DataType::Utf8).map(Self::Text),
        }
    }

    pub(super) fn cell(&self, row: usize) -> Cell {
        match self {
            Self::Null => Cell::Null,
            Self::Bool(a) | Self::Int(a) | Self::Float(a) | Self::Text(a) | Self::Date(a) if a.is_null(row) => {
                Cell::Null
            }
            Self::Bool(a) => Cell::Bool(a.as_boolean().value(row)),
            Self::Int(a) => Cell::Int(a.as_primitive::<Int64Type>().value(row)),
            Self::Float(a) => Cell::Float(a.as_primitive::<Float64Type>().value(row)),
            Self::Text(a) => Cell::Text(a.as_string::<i32>().value(row).to_owned()),
            Self::Date(a) => {
                let days = a.as_primitive::<Date32Type>().value(row);
                Date32Type::to_naive_date_opt(days).map_or(Cell::Null, Cell::Date)
            }
        }
    }
}
