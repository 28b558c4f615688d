//! Text: comma-separated values and JSON lines, compressed on demand.
//!
//! Batches are compressed apart from each other, each to a whole number of bytes, so that it can be done on
//! any core; joined they are one gzip member, as every reader expects it.

use arrow::array::RecordBatch;
use arrow::csv::WriterBuilder as CsvBuilder;
use arrow::csv::writer::Terminator;
use arrow::json::WriterBuilder as JsonBuilder;
use arrow::json::writer::LineDelimited;
use flate2::{Compress, Compression, Crc, FlushCompress};

use super::super::EngineError;
use super::ExportFormat;

/// Byte order mark of UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// The head of a gzip member: deflate, no name, no time, any system.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty last block of deflate.
const GZIP_LAST: [u8; 2] = [3, 0];

/// Bytes that a compressed part is given more room by.
const ROOM: usize = 32 << 10;

/// Encoded rows.
pub(super) struct Encoded {
    pub(super) rows: u64,
    pub(super) bytes: Vec<u8>,
    /// Checksum and length before compression.
    pub(super) crc: Option<Crc>,
}

/// Rows as bytes.
pub(super) fn encode(batch: &RecordBatch, format: ExportFormat) -> Result<Encoded, EngineError> {
    let bytes = match format {
        ExportFormat::JsonLines | ExportFormat::JsonLinesGz => json(batch)?,
        _ => csv(batch, false)?,
    };
    let rows = u64::try_from(batch.num_rows()).unwrap_or(0);
    finished(rows, bytes, format)
}

/// What stands before the rows.
pub(super) fn head(empty: &RecordBatch, format: ExportFormat, bom: bool) -> Result<Encoded, EngineError> {
    let mut bytes = if bom { BOM.to_vec() } else { Vec::new() };
    if matches!(format, ExportFormat::Csv | ExportFormat::CsvGz) {
        bytes.extend(csv(empty, true)?);
    }
    let mut head = finished(0, bytes, format)?;
    if format.is_gzipped() {
        head.bytes.splice(0..0, GZIP_HEAD);
    }
    Ok(head)
}

/// What stands after the rows, where it is compressed.
pub(super) fn tail(crc: &Crc) -> Vec<u8> {
    let mut bytes = GZIP_LAST.to_vec();
    bytes.extend(crc.sum().to_le_bytes());
    bytes.extend(crc.amount().to_le_bytes());
    bytes
}

fn csv(batch: &RecordBatch, header: bool) -> Result<Vec<u8>, EngineError> {
    let mut writer = CsvBuilder::new().with_header(header).with_line_terminator(Terminator::CRLF).build(Vec::new());
    writer.write(batch)?;
    Ok(writer.into_inner())
}

fn json(batch: &RecordBatch) -> Result<Vec<u8>, EngineError> {
    let mut writer = JsonBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(Vec::new());
    writer.write(batch)?;
    writer.finish()?;
    Ok(writer.into_inner())
}

fn finished(rows: u64, bytes: Vec<u8>, format: ExportFormat) -> Result<Encoded, EngineError> {
    if !format.is_gzipped() {
        return Ok(Encoded { rows, bytes, crc: None });
    }
    let mut crc = Crc::new();
    crc.update(&bytes);
    Ok(Encoded { rows, bytes: deflated(&bytes)?, crc: Some(crc) })
}

/// Compressed up to a byte's end, to be followed by more.
fn deflated(bytes: &[u8]) -> Result<Vec<u8>, EngineError> {
    let mut out = Vec::with_capacity(bytes.len() / 4 + ROOM);
    if bytes.is_empty() {
        return Ok(out);
    }
    let mut compress = Compress::new(Compression::default(), false);
    loop {
        let taken = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(taken..).unwrap_or_default();
        let done = compress.compress_vec(rest, &mut out, FlushCompress::Sync);
        done.map_err(|e| EngineError::from(arrow::error::ArrowError::ExternalError(Box::new(e))))?;
        // Room is left: everything was taken and flushed.
        if out.len() < out.capacity() {
            return Ok(out);
        }
        out.reserve(out.capacity());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn parts_compressed_apart_are_one_member() {
        let noise: Vec<u8> = (0..300_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let parts: [&[u8]; 4] = [b"first", b"", &noise, b"last"];
        let (mut bytes, mut crc) = (GZIP_HEAD.to_vec(), Crc::new());
        for part in parts {
            let made = finished(0, part.to_vec(), ExportFormat::CsvGz).unwrap();
            bytes.extend(made.bytes);
            crc.combine(&made.crc.unwrap());
        }
        bytes.extend(tail(&crc));
        let mut read = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut read).unwrap();
        assert!(read == parts.concat());
    }
}
