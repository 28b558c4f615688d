//! Results as files, batch by batch.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow::csv::writer::Terminator;
use arrow::csv::{Writer as CsvWriter, WriterBuilder};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;

use super::{EngineError, next};

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated text as RFC 4180 has it, UTF-8, with a header.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// Writes a stream to a file; gives the number of rows. A file that is not finished is taken away.
pub(super) async fn write(
    mut stream: SendableRecordBatchStream,
    path: &Path,
    format: ExportFormat,
) -> Result<u64, EngineError> {
    let unfinished = Unfinished::beside(path);
    let mut out = Output::create(&unfinished.0, format, &stream.schema())?;
    let mut rows = 0;
    while let Some(batch) = next(&mut stream).await? {
        rows += u64::try_from(batch.num_rows()).unwrap_or(0);
        out.write(&batch, path)?;
    }
    out.finish(path)?;
    std::fs::rename(&unfinished.0, path).map_err(|cause| io(path, cause))?;
    Ok(rows)
}

/// A file on its way; gone where nothing gives it its name.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(path: &Path) -> Self {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        Self(path.with_file_name(name))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Fails where the file already has its name.
        let _ = std::fs::remove_file(&self.0);
    }
}

enum Output {
    Csv(Box<CsvWriter<BufWriter<File>>>),
    Parquet(Box<ArrowWriter<BufWriter<File>>>),
}

impl Output {
    fn create(path: &Path, format: ExportFormat, schema: &SchemaRef) -> Result<Self, EngineError> {
        let file = BufWriter::new(File::create(path).map_err(|cause| io(path, cause))?);
        match format {
            ExportFormat::Csv => {
                let mut writer =
                    WriterBuilder::new().with_header(true).with_line_terminator(Terminator::CRLF).build(file);
                // The header stands even where there are no rows.
                writer.write(&RecordBatch::new_empty(SchemaRef::clone(schema)))?;
                Ok(Self::Csv(Box::new(writer)))
            }
            ExportFormat::Parquet => {
                let compression = Compression::ZSTD(ZstdLevel::default());
                let properties = WriterProperties::builder().set_compression(compression).build();
                let writer = ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties));
                Ok(Self::Parquet(Box::new(writer.map_err(|e| parquet(path, e))?)))
            }
        }
    }

    fn write(&mut self, batch: &RecordBatch, path: &Path) -> Result<(), EngineError> {
        match self {
            Self::Csv(writer) => Ok(writer.write(batch)?),
            Self::Parquet(writer) => writer.write(batch).map_err(|e| parquet(path, e)),
        }
    }

    fn finish(self, path: &Path) -> Result<(), EngineError> {
        match self {
            Self::Csv(writer) => writer.into_inner().flush().map_err(|cause| io(path, cause)),
            Self::Parquet(writer) => writer.close().map(|_| ()).map_err(|e| parquet(path, e)),
        }
    }
}

fn io(path: &Path, cause: std::io::Error) -> EngineError {
    EngineError::Io { path: path.to_owned(), cause }
}

fn parquet(path: &Path, cause: ParquetError) -> EngineError {
    io(path, std::io::Error::other(cause))
}
