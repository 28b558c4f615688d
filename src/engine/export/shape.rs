//! What a batch becomes before it is written: identifiers hashed, those held out parted, text encoded. All
//! of it on any core, batch by batch.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{cast, filter_record_batch, not, prep_null_mask_filter};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::super::EngineError;
use super::text::{self, Encoded};
use super::{ExportFormat, ExportJob, FirstColumn, HashKey, hash};

/// How batches are made ready.
pub(super) struct Shape {
    pub(super) format: ExportFormat,
    pub(super) bom: bool,
    /// The columns of the files.
    pub(super) schema: SchemaRef,
    hash: Option<HashKey>,
    held: bool,
}

/// Rows for one file, ready to be written.
pub(super) enum Chunk {
    /// As bytes.
    Text(Encoded),
    /// As they are.
    Batch(RecordBatch),
}

impl Chunk {
    /// How many rows.
    pub(super) fn rows(&self) -> u64 {
        match self {
            Self::Text(encoded) => encoded.rows,
            Self::Batch(batch) => u64::try_from(batch.num_rows()).unwrap_or(0),
        }
    }
}

impl Shape {
    /// The shape of a job's files, from the columns of its statement.
    pub(super) fn of(columns: &Schema, job: &ExportJob) -> Result<Self, EngineError> {
        let held = job.held_out.is_some();
        let kept = columns.fields().len().saturating_sub(usize::from(held));
        let mut fields: Vec<Field> = columns.fields()[..kept].iter().map(|f| plain(f)).collect();
        let hash = match (&job.first, fields.first_mut()) {
            (FirstColumn::Hashed(key), Some(first)) => {
                *first = Field::new(format!("{}_hash", first.name()), DataType::Utf8, first.is_nullable());
                Some(key.clone())
            }
            _ => None,
        };
        if fields.is_empty() {
            return Err(EngineError::NoColumns);
        }
        Ok(Self { format: job.format, bom: job.bom, schema: Arc::new(Schema::new(fields)), hash, held })
    }

    /// What to write of a batch, one chunk a file.
    pub(super) fn prepare(&self, batch: &RecordBatch) -> Result<Vec<Chunk>, EngineError> {
        let kept = self.schema.fields().len();
        let mut columns = batch.columns()[..kept].to_vec();
        if let (Some(key), Some(first)) = (&self.hash, columns.first_mut()) {
            *first = hash::hashed(first, key)?;
        }
        for (column, field) in columns.iter_mut().zip(self.schema.fields()) {
            if column.data_type() != field.data_type() {
                *column = cast(column, field.data_type())?;
            }
        }
        let rows = RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)?;
        if !self.held {
            return Ok(vec![self.chunk(rows)?]);
        }
        // Missing is not held out.
        let held = batch.column(kept).as_boolean();
        let held = if held.null_count() > 0 { prep_null_mask_filter(held) } else { held.clone() };
        let rest = filter_record_batch(&rows, &not(&held)?)?;
        Ok(vec![self.chunk(rest)?, self.chunk(filter_record_batch(&rows, &held)?)?])
    }

    fn chunk(&self, rows: RecordBatch) -> Result<Chunk, EngineError> {
        match self.format {
            ExportFormat::Parquet | ExportFormat::Arrow | ExportFormat::Xlsx => Ok(Chunk::Batch(rows)),
            _ => text::encode(&rows, self.format).map(Chunk::Text),
        }
    }
}

/// A column as files have it: text is text, whatever it is inside the engine.
fn plain(field: &Field) -> Field {
    let kind = match field.data_type() {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    let kind = match kind {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        other => other.clone(),
    };
    Field::new(field.name(), kind, true)
}
