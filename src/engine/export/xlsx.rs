//! Excel workbooks. Rows go to a temporary file as they come, so that memory does not grow with them; a
//! worksheet ends where Excel's does.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use rust_xlsxwriter::{ColNum, Format, RowNum, Workbook, Worksheet, XlsxError};

use super::super::EngineError;
use super::super::rows::{Cell, Column};
use super::sink::{Sink, Whole, io};

/// Most rows of a worksheet, without the header.
pub const MAX_XLSX_ROWS: u64 = 1_048_575;

/// Largest whole number that Excel keeps exactly; further ones are written as text.
const LARGEST_WHOLE: u64 = 1 << 53;

/// Excel's day 61 is 1 March 1900; before it Excel counts a day that never was.
const FIRST_DAY: i64 = 61;

/// Excel's day of 1 January 1970.
const EPOCH: i64 = 25_569;

/// A workbook of one sheet.
pub(super) struct XlsxFile {
    workbook: Workbook,
    dates: Format,
    sink: Sink,
    rows: u64,
}

impl XlsxFile {
    pub(super) fn create(sink: Sink, schema: &SchemaRef) -> Result<Self, EngineError> {
        let mut workbook = Workbook::new();
        let started = start(&mut workbook, schema, sink.path());
        started.map_err(|e| failed(sink.path(), e))?;
        Ok(Self { workbook, dates: Format::new().set_num_format("yyyy-mm-dd"), sink, rows: 0 })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let rows = self.rows + u64::try_from(batch.num_rows()).unwrap_or(0);
        if rows > MAX_XLSX_ROWS {
            return Err(EngineError::TooManyRows { limit: MAX_XLSX_ROWS });
        }
        let columns = batch.columns().iter().map(Column::of).collect::<Result<Vec<_>, _>>()?;
        let first = RowNum::try_from(self.rows).unwrap_or(RowNum::MAX) + 1;
        let Self { workbook, dates, .. } = self;
        let written = workbook.worksheet_from_index(0).and_then(|sheet| {
            for (row, number) in (0..batch.num_rows()).zip(first..) {
                for (column, at) in columns.iter().zip(0..) {
                    write_cell(sheet, number, at, column.cell(row), dates)?;
                }
            }
            Ok(())
        });
        written.map_err(|e| failed(self.sink.path(), e))?;
        self.rows = rows;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Whole, EngineError> {
        let path: PathBuf = self.sink.path().to_owned();
        self.workbook.save_to_writer(&mut self.sink).map_err(|e| failed(&path, e))?;
        self.sink.finish(self.rows)
    }
}

fn start(workbook: &mut Workbook, schema: &SchemaRef, path: &Path) -> Result<(), XlsxError> {
    // The rows wait beside the file that they are for: there is room for them there.
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        workbook.set_tempdir(folder)?;
    }
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    for (field, at) in schema.fields().iter().zip(0..) {
        sheet.write_string(0, at, field.name())?;
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "the bounds are checked")]
fn write_cell(sheet: &mut Worksheet, row: RowNum, at: ColNum, cell: Cell, dates: &Format) -> Result<(), XlsxError> {
    match cell {
        Cell::Bool(truth) => sheet.write_boolean(row, at, truth).map(|_| ()),
        Cell::Int(number) if number.unsigned_abs() <= LARGEST_WHOLE => {
            sheet.write_number(row, at, number as f64).map(|_| ())
        }
        Cell::Int(number) => sheet.write_string(row, at, number.to_string()).map(|_| ()),
        Cell::Float(number) if number.is_finite() => sheet.write_number(row, at, number).map(|_| ()),
        Cell::Null | Cell::Float(_) => Ok(()),
        Cell::Text(text) => sheet.write_string(row, at, text).map(|_| ()),
        Cell::Date(day) => match i64::from(chrono::Datelike::num_days_from_ce(&day)) - 719_163 + EPOCH {
            serial if serial >= FIRST_DAY => sheet.write_number_with_format(row, at, serial as f64, dates).map(|_| ()),
            _ => sheet.write_string(row, at, day.to_string()).map(|_| ()),
        },
    }
}

fn failed(path: &Path, cause: XlsxError) -> EngineError {
    io(path, std::io::Error::other(cause))
}
