//! The writers, one a format.

use std::io::Write;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use flate2::Crc;

use super::super::EngineError;
use super::columnar::{ArrowFile, ParquetFile};
use super::shape::{Chunk, Shape};
use super::sink::{Sink, Whole, io};
use super::text;
use super::xlsx::XlsxFile;
use super::{ExportFormat, text::Encoded};

/// A file being written.
pub(super) enum Writer {
    Text(TextFile),
    Arrow(ArrowFile),
    Parquet(ParquetFile),
    Xlsx(Box<XlsxFile>),
}

/// Starts a file.
pub(super) fn open(path: &Path, shape: &Shape) -> Result<Writer, EngineError> {
    let sink = Sink::create(path)?;
    let schema = &shape.schema;
    match shape.format {
        ExportFormat::Arrow => ArrowFile::create(sink, schema).map(Writer::Arrow),
        ExportFormat::Parquet => ParquetFile::create(sink, schema).map(Writer::Parquet),
        ExportFormat::Xlsx => XlsxFile::create(sink, schema).map(|file| Writer::Xlsx(Box::new(file))),
        format => {
            let empty = RecordBatch::new_empty(SchemaRef::clone(schema));
            let mut file = TextFile { sink, rows: 0, crc: format.is_gzipped().then(Crc::new) };
            file.write(&text::head(&empty, format, shape.bom)?)?;
            Ok(Writer::Text(file))
        }
    }
}

impl Writer {
    /// Adds rows.
    pub(super) fn write(&mut self, chunk: Chunk) -> Result<(), EngineError> {
        match (self, chunk) {
            (Self::Text(file), Chunk::Text(encoded)) => file.write(&encoded),
            (Self::Arrow(file), Chunk::Batch(batch)) => file.write(&batch),
            (Self::Parquet(file), Chunk::Batch(batch)) => file.write(&batch),
            (Self::Xlsx(file), Chunk::Batch(batch)) => file.write(&batch),
            // A shape makes the chunks that its format's writer takes.
            _ => Err(EngineError::Stopped),
        }
    }

    /// There is nothing more.
    pub(super) fn finish(self) -> Result<Whole, EngineError> {
        match self {
            Self::Text(file) => file.finish(),
            Self::Arrow(file) => file.finish(),
            Self::Parquet(file) => file.finish(),
            Self::Xlsx(file) => file.finish(),
        }
    }
}

/// A file of text.
pub(super) struct TextFile {
    sink: Sink,
    rows: u64,
    /// Of everything before compression, where it is compressed.
    crc: Option<Crc>,
}

impl TextFile {
    fn write(&mut self, encoded: &Encoded) -> Result<(), EngineError> {
        self.rows += encoded.rows;
        if let (Some(all), Some(part)) = (&mut self.crc, &encoded.crc) {
            all.combine(part);
        }
        self.put(&encoded.bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        self.sink.write_all(bytes).map_err(|cause| io(self.sink.path(), cause))
    }

    fn finish(mut self) -> Result<Whole, EngineError> {
        if let Some(crc) = self.crc.take() {
            self.put(&text::tail(&crc))?;
        }
        self.sink.finish(self.rows)
    }
}
