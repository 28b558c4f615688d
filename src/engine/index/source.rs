//! Columns read from Parquet files, one at a time, whole.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema, SchemaRef};
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::super::EngineError;
use super::column::{Column, MISSING};
use super::judge::Value;
use super::pieces::{OldRows, Take};
use crate::catalog::FieldType;

/// Rows that are read at a time.
const BATCH: usize = 1 << 16;

/// The code of a missing text.
pub(super) const NO_TEXT: u32 = u32::MAX;

/// A column as it was read.
#[derive(Debug)]
pub(super) struct Raw {
    pub values: Values,
    /// Which are missing; none where none is. Not for texts.
    pub missing: Option<Vec<bool>>,
}

/// Its values; anything where one is missing.
#[derive(Debug)]
pub(super) enum Values {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
    Floats(Vec<f64>),
    /// Numbers of texts, [`NO_TEXT`] where one is missing, and the texts in the order in which they were met.
    Texts(Vec<u32>, Vec<String>),
}

impl Raw {
    /// A column of a type without rows.
    fn of(kind: FieldType) -> Self {
        let values = match kind {
            FieldType::Bool | FieldType::Int8 | FieldType::Int16 | FieldType::Int32 | FieldType::Date => {
                Values::Narrow(Vec::new())
            }
            FieldType::Int64 => Values::Wide(Vec::new()),
            FieldType::Float64 => Values::Floats(Vec::new()),
            FieldType::String => Values::Texts(Vec::new(), Vec::new()),
        };
        Self { values, missing: None }
    }

    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        match &self.values {
            Values::Narrow(values) => values.len(),
            Values::Wide(values) => values.len(),
            Values::Floats(values) => values.len(),
            Values::Texts(values, _) => values.len(),
        }
    }

    /// Makes room for so many rows more.
    fn reserve(&mut self, rows: usize) {
        match &mut self.values {
            Values::Narrow(values) => values.reserve(rows),
            Values::Wide(values) => values.reserve(rows),
            Values::Floats(values) => values.reserve(rows),
            Values::Texts(values, _) => values.reserve(rows),
        }
    }

    /// Whether the value at a place is missing.
    pub(super) fn is_missing(&self, place: usize) -> bool {
        match &self.values {
            Values::Texts(codes, _) => codes[place] == NO_TEXT,
            _ => self.missing.as_ref().is_some_and(|missing| missing[place]),
        }
    }

    fn push(&mut self, array: &ArrayRef, known: &mut HashMap<String, u32>) -> Result<(), EngineError> {
        let before = self.len();
        match &mut self.values {
            Values::Narrow(values) => {
                values.extend(cast(array, &DataType::Int32)?.as_primitive::<Int32Type>().values());
            }
            Values::Wide(values) => {
                values.extend(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().values());
            }
            Values::Floats(values) => {
                values.extend(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().values());
            }
            Values::Texts(codes, texts) => return push_texts(array, codes, texts, known),
        }
        if array.null_count() > 0 || self.missing.is_some() {
            let missing = self.missing.get_or_insert_default();
            missing.resize(before, false);
            missing.extend((0..array.len()).map(|row| array.is_null(row)));
        }
        Ok(())
    }

    /// Adds the values that rows of an older index have.
    fn take(&mut self, column: &Column, rows: &OldRows, known: &mut HashMap<String, u32>) {
        let before = self.len();
        let code = |row: usize| column.codes.at(row);
        let mut lacks = false;
        let mut whole = |row: usize| match code(row) {
            MISSING => {
                lacks = true;
                0
            }
            code => column.whole(code),
        };
        match &mut self.values {
            Values::Narrow(values) => rows.each(|row| values.push(whole(row) as i32)),
            Values::Wide(values) => rows.each(|row| values.push(whole(row))),
            Values::Floats(values) => rows.each(|row| match code(row) {
                MISSING => {
                    lacks = true;
                    values.push(0.0);
                }
                code => values.push(column.number(code)),
            }),
            Values::Texts(codes, texts) => return take_texts(column, rows, codes, texts, known),
        }
        if lacks || self.missing.is_some() {
            let missing = self.missing.get_or_insert_default();
            missing.resize(before, false);
            rows.each(|row| missing.push(code(row) == MISSING));
        }
    }
}

/// The number of a text among those that were met.
fn number_of(text: &str, texts: &mut Vec<String>, known: &mut HashMap<String, u32>) -> u32 {
    if let Some(number) = known.get(text) {
        return *number;
    }
    let number = texts.len() as u32;
    known.insert(text.to_owned(), number);
    texts.push(text.to_owned());
    number
}

fn take_texts(
    column: &Column,
    rows: &OldRows,
    codes: &mut Vec<u32>,
    texts: &mut Vec<String>,
    known: &mut HashMap<String, u32>,
) {
    // Only texts that these rows have.
    let mut map: Vec<Option<u32>> = vec![None; column.last as usize + 1];
    map[MISSING as usize] = Some(NO_TEXT);
    rows.each(|row| {
        let code = column.codes.at(row);
        let number = map[code as usize].get_or_insert_with(|| match column.value(code) {
            Value::Text(text) => number_of(text, texts, known),
            _ => NO_TEXT,
        });
        codes.push(*number);
    });
}

fn push_texts(
    array: &ArrayRef,
    codes: &mut Vec<u32>,
    texts: &mut Vec<String>,
    known: &mut HashMap<String, u32>,
) -> Result<(), EngineError> {
    let array = cast(array, &dictionary())?;
    let array = array.as_dictionary::<Int32Type>();
    let values = array.values().as_string::<i32>();
    let mut code = |text: Option<&str>| text.map_or(NO_TEXT, |text| number_of(text, texts, known));
    let map: Vec<u32> = values.iter().map(&mut code).collect();
    codes.extend(array.keys().iter().map(|key| key.map_or(NO_TEXT, |key| map[key as usize])));
    Ok(())
}

fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// A column of a table, all files after one another; what is taken over is of `old`. `tick` is told of the rows read, and
/// says when to stop.
pub(super) fn column(
    takes: &[Take],
    old: Option<&Column>,
    (name, kind): (&str, FieldType),
    tick: &dyn Fn(usize) -> Result<(), EngineError>,
) -> Result<Raw, EngineError> {
    let mut raw = Raw::of(kind);
    let mut known = HashMap::new();
    for take in takes {
        if let (Some((rows, _)), Some(old)) = (&take.old, old) {
            tick(0)?;
            raw.take(old, rows, &mut known);
            continue;
        }
        let (reader, rows) = open(&take.file.path, name)?;
        raw.reserve(rows);
        for batch in reader {
            let batch = batch?;
            raw.push(batch.column(0), &mut known)?;
            tick(batch.num_rows())?;
        }
    }
    let rows = raw.len();
    if let Some(missing) = &mut raw.missing {
        missing.resize(rows, false);
    }
    Ok(raw)
}

/// How many rows a file has.
pub(super) fn rows(path: &Path) -> Result<u64, EngineError> {
    let (metadata, _) = metadata(path, None)?;
    Ok(u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or_default())
}

/// A column of a file, and how many rows that has.
fn open(path: &Path, name: &str) -> Result<(ParquetRecordBatchReader, usize), EngineError> {
    let parquet = |cause| EngineError::NotParquet { path: path.to_owned(), cause };
    let (plain, _) = metadata(path, None)?;
    let (metadata, file) = metadata(path, Some(with_dictionary(plain.schema(), name)))?;
    let at = metadata.schema().index_of(name)?;
    let rows = usize::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or_default();
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    let mask = ProjectionMask::roots(builder.parquet_schema(), [at]);
    let reader = builder.with_projection(mask).with_batch_size(BATCH).build().map_err(parquet)?;
    Ok((reader, rows))
}

fn metadata(path: &Path, schema: Option<SchemaRef>) -> Result<(ArrowReaderMetadata, File), EngineError> {
    let file = File::open(path).map_err(|cause| EngineError::Io { path: path.to_owned(), cause })?;
    let options = ArrowReaderOptions::new();
    let options = match schema {
        Some(schema) => options.with_schema(schema),
        None => options,
    };
    let metadata = ArrowReaderMetadata::load(&file, options)
        .map_err(|cause| EngineError::NotParquet { path: path.to_owned(), cause })?;
    Ok((metadata, file))
}

/// The schema with a column of text kept as the dictionary that it is stored as.
fn with_dictionary(schema: &SchemaRef, name: &str) -> SchemaRef {
    let kept = |field: &Arc<Field>| {
        let text = matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        if text && field.name() == name {
            Arc::new(field.as_ref().clone().with_data_type(dictionary()))
        } else {
            Arc::clone(field)
        }
    };
    Arc::new(Schema::new(schema.fields().iter().map(kept).collect::<Vec<_>>()))
}
