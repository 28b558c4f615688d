//! Parquet files and Arrow streams.

use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::writer::StreamWriter;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;

use super::super::EngineError;
use super::sink::{Sink, Whole, io};

/// Rows of a row group: what is kept in memory until it is written.
const ROW_GROUP: usize = 128 << 10;

/// An Arrow stream.
pub(super) struct ArrowFile {
    writer: StreamWriter<Sink>,
    rows: u64,
}

impl ArrowFile {
    pub(super) fn create(sink: Sink, schema: &SchemaRef) -> Result<Self, EngineError> {
        Ok(Self { writer: StreamWriter::try_new(sink, schema)?, rows: 0 })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.rows += u64::try_from(batch.num_rows()).unwrap_or(0);
        Ok(self.writer.write(batch)?)
    }

    pub(super) fn finish(self) -> Result<Whole, EngineError> {
        self.writer.into_inner()?.finish(self.rows)
    }
}

/// A Parquet file.
pub(super) struct ParquetFile {
    writer: ArrowWriter<Sink>,
    path: PathBuf,
    rows: u64,
}

impl ParquetFile {
    pub(super) fn create(sink: Sink, schema: &SchemaRef) -> Result<Self, EngineError> {
        let path = sink.path().to_owned();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        // No foreign schema beside Parquet's own: every reader finds the same types.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(sink, SchemaRef::clone(schema), options);
        let writer = writer.map_err(|e| io(&path, std::io::Error::other(e)))?;
        Ok(Self { writer, path, rows: 0 })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.rows += u64::try_from(batch.num_rows()).unwrap_or(0);
        self.writer.write(batch).map_err(|e| io(&self.path, std::io::Error::other(e)))
    }

    pub(super) fn finish(self) -> Result<Whole, EngineError> {
        let sink = self.writer.into_inner().map_err(|e| io(&self.path, std::io::Error::other(e)))?;
        sink.finish(self.rows)
    }
}
