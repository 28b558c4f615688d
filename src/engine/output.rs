//! A result that is kept as it came: its columns with their types, and the same rows as values, CSV or an Arrow
//! IPC stream. Small: the statement limits its rows.

use arrow::csv::WriterBuilder;
use arrow::csv::writer::Terminator;
use arrow::ipc::writer::StreamWriter;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;

use super::{EngineError, Rows};

/// A whole result.
#[derive(Debug, Clone)]
pub struct Output {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Output {
    pub(super) fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }

    /// The columns: name and type (`boolean`, `integer`, `number`, `text`, `date`; `null` where all is missing).
    #[must_use]
    pub fn columns(&self) -> Vec<(String, &'static str)> {
        self.schema.fields().iter().map(|f| (f.name().clone(), kind(f.data_type()))).collect()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same columns and no rows.
    #[must_use]
    pub fn without_rows(self) -> Self {
        Self { batches: Vec::new(), ..self }
    }

    /// The rows as plain values.
    ///
    /// # Errors
    /// Where a column has a type that cells have not.
    pub fn rows(&self) -> Result<Rows, EngineError> {
        let mut rows = Rows::of(&self.schema);
        self.batches.iter().try_for_each(|batch| rows.push(batch))?;
        Ok(rows)
    }

    /// Comma-separated text as RFC 4180 has it, UTF-8, with a header.
    ///
    /// # Errors
    /// Where a column cannot be written so.
    pub fn to_csv(&self) -> Result<Vec<u8>, EngineError> {
        let mut writer =
            WriterBuilder::new().with_header(true).with_line_terminator(Terminator::CRLF).build(Vec::new());
        // The header stands even where there are no rows.
        writer.write(&RecordBatch::new_empty(SchemaRef::clone(&self.schema)))?;
        for batch in &self.batches {
            writer.write(batch)?;
        }
        Ok(writer.into_inner())
    }

    /// An Arrow IPC stream.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn to_arrow(&self) -> Result<Vec<u8>, EngineError> {
        let mut writer = StreamWriter::try_new(Vec::new(), &self.schema)?;
        for batch in &self.batches {
            writer.write(batch)?;
        }
        writer.finish()?;
        Ok(writer.into_inner()?)
    }
}

fn kind(kind: &DataType) -> &'static str {
    match kind {
        DataType::Dictionary(_, value) => self::kind(value),
        DataType::Null => "null",
        DataType::Boolean => "boolean",
        // As `Rows` has them.
        DataType::UInt64 => "number",
        k if k.is_integer() => "integer",
        k if k.is_numeric() => "number",
        DataType::Date32 | DataType::Date64 => "date",
        _ => "text",
    }
}
