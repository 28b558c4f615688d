//! From blocks of rows to Parquet. A group of lines is encoded on its own, on any thread; the file
//! takes the encoded groups in order. Files are plain Parquet, with no foreign schema beside it.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, PrimitiveArray, StringArray};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Field, Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowSchemaConverter;
use datafusion::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use datafusion::parquet::basic::{Compression, Encoding};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::KeyValue;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::file::writer::SerializedFileWriter;
use datafusion::parquet::schema::types::ColumnPath;

use super::fault::GenerateError;
use super::node::Frame;
use super::number::{index, whole};
use super::raw::Storage;
use super::table::{Output, Table};

/// The note of a file that its rows ascend by a column, which it names.
const ASCENDING: &str = "waggle.ascending";

/// How a table is laid out in its file.
pub(super) struct Layout {
    table: String,
    schema: SchemaRef,
    /// For each text column, its values as an array that all blocks share.
    texts: Vec<Option<ArrayRef>>,
    /// The column of the line's number.
    line: Option<usize>,
}

impl Layout {
    /// The layout of a table; `line` is what the number of a line is called.
    pub(super) fn new(table: &Table, line: Option<&str>) -> Self {
        let fields: Vec<Field> =
            table.outputs.iter().map(|o| Field::new(&o.name, data_type(o.storage), o.nullable)).collect();
        let array =
            |o: &Output| o.texts.as_ref().map(|t| Arc::new(StringArray::from_iter_values(t.iter())) as ArrayRef);
        let texts = table.outputs.iter().map(array).collect();
        let line = table.outputs.iter().position(|o| Some(o.name.as_str()) == line);
        Self { table: table.name.clone(), schema: Arc::new(Schema::new(fields)), texts, line }
    }

    fn fault(&self) -> impl Fn(ParquetError) -> GenerateError + '_ {
        |source| GenerateError::Encode { table: self.table.clone(), source }
    }
}

fn data_type(storage: Storage) -> DataType {
    match storage {
        Storage::Bool => DataType::Boolean,
        Storage::Int8 => DataType::Int8,
        Storage::Int16 => DataType::Int16,
        Storage::Int32 => DataType::Int32,
        Storage::Int64 => DataType::Int64,
        Storage::Float64 => DataType::Float64,
        Storage::String => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Storage::Date => DataType::Date32,
    }
}

/// A file being written.
pub(super) struct TableFile {
    path: PathBuf,
    writer: SerializedFileWriter<BufWriter<File>>,
    /// Rows so far.
    pub(super) rows: u64,
    order: Order,
}

/// Whether the values of a column ascend, and from where to where they go.
#[derive(Debug, Clone, Copy)]
struct Order {
    ascends: bool,
    ends: Option<(f64, f64)>,
}

impl Order {
    /// Nothing yet.
    const NONE: Self = Self { ascends: true, ends: None };

    fn follow(&mut self, next: Self) {
        let (Some((first, last)), Some((from, to))) = (self.ends, next.ends) else {
            *self = Self { ascends: self.ascends && next.ascends, ends: self.ends.or(next.ends) };
            return;
        };
        *self = Self { ascends: self.ascends && next.ascends && last <= from, ends: Some((first, to)) };
    }

    fn of(values: &[f64]) -> Self {
        let ends = values.first().copied().zip(values.last().copied());
        Self { ascends: values.windows(2).all(|pair| pair[0] <= pair[1]), ends }
    }
}

impl TableFile {
    /// Starts a file. `notes` are kept in its footer.
    pub(super) fn create(
        dir: &Path,
        layout: &Layout,
        notes: &[(&str, String)],
    ) -> Result<(Self, ArrowRowGroupWriterFactory), GenerateError> {
        let path = dir.join(format!("{}.parquet", layout.table));
        let file = File::create(&path).map_err(|source| GenerateError::Write { path: path.clone(), source })?;
        let fault = layout.fault();
        let props = Arc::new(properties(&layout.schema, notes));
        let schema = ArrowSchemaConverter::new().convert(&layout.schema).map_err(&fault)?;
        let writer =
            SerializedFileWriter::new(BufWriter::new(file), schema.root_schema_ptr(), props).map_err(&fault)?;
        let factory = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&layout.schema));
        Ok((Self { path, writer, rows: 0, order: Order::NONE }, factory))
    }

    /// Adds an encoded group.
    pub(super) fn append(&mut self, layout: &Layout, group: Group) -> Result<(), GenerateError> {
        if group.rows == 0 {
            return Ok(());
        }
        let fault = layout.fault();
        let mut target = self.writer.next_row_group().map_err(&fault)?;
        for column in group.columns {
            column.append_to_row_group(&mut target).map_err(&fault)?;
        }
        target.close().map_err(&fault)?;
        self.rows += group.rows;
        self.order.follow(group.order);
        Ok(())
    }

    /// Writes the footer; the file is complete on disk.
    pub(super) fn finish(mut self, layout: &Layout) -> Result<u64, GenerateError> {
        if let (Some(line), true) = (layout.line, self.order.ascends) {
            let name = layout.schema.field(line).name().clone();
            self.writer.append_key_value_metadata(KeyValue::new(ASCENDING.to_owned(), name));
        }
        let buffer = self.writer.into_inner().map_err(layout.fault())?;
        let written = buffer.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|f| f.sync_all());
        written.map_err(|source| GenerateError::Write { path: self.path, source })?;
        Ok(self.rows)
    }
}

fn properties(schema: &Schema, notes: &[(&str, String)]) -> WriterProperties {
    let notes = notes.iter().map(|(k, v)| KeyValue::new((*k).to_owned(), v.clone())).collect();
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_key_value_metadata(Some(notes));
    for field in schema.fields() {
        if *field.data_type() == DataType::Int64 {
            // Keys ascend: their differences are small, and a dictionary would only be thrown away.
            let path = ColumnPath::from(field.name().as_str());
            builder = builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    builder.build()
}

/// The rows of one table for a group of lines, encoded.
pub(super) struct Group {
    columns: Vec<ArrowColumnChunk>,
    rows: u64,
    order: Order,
}

/// Encodes the rows of one table for a group of lines.
pub(super) struct GroupWriter<'a> {
    layout: &'a Layout,
    columns: Vec<ArrowColumnWriter>,
    rows: u64,
    order: Order,
}

impl<'a> GroupWriter<'a> {
    /// Starts a group.
    pub(super) fn new(layout: &'a Layout, factory: &ArrowRowGroupWriterFactory) -> Result<Self, GenerateError> {
        // Without encryption the number of the group means nothing to a column writer.
        let columns = factory.create_column_writers(0).map_err(layout.fault())?;
        Ok(Self { layout, columns, rows: 0, order: Order::NONE })
    }

    /// Adds a block.
    pub(super) fn write(&mut self, table: &Table, frame: &Frame) -> Result<(), GenerateError> {
        let fault = self.layout.fault();
        self.rows += u64::try_from(frame.keys.len()).unwrap_or(0);
        for (i, output) in table.outputs.iter().enumerate() {
            if self.layout.line == Some(i) {
                self.order.follow(Order::of(&frame.slots[output.slot]));
            }
            let array = array(output, self.layout.texts[i].as_ref(), &frame.slots[output.slot]);
            for leaf in compute_leaves(self.layout.schema.field(i), &array).map_err(&fault)? {
                self.columns[i].write(&leaf).map_err(&fault)?;
            }
        }
        Ok(())
    }

    /// Ends the group.
    pub(super) fn close(self) -> Result<Group, GenerateError> {
        let columns = self.columns.into_iter().map(ArrowColumnWriter::close).collect::<Result<_, _>>();
        Ok(Group { columns: columns.map_err(self.layout.fault())?, rows: self.rows, order: self.order })
    }
}

fn array(output: &Output, texts: Option<&ArrayRef>, values: &[f64]) -> ArrayRef {
    match (output.storage, texts) {
        (Storage::Bool, _) => Arc::new(values.iter().map(|v| Some(*v != 0.0)).collect::<BooleanArray>()),
        (Storage::Float64, _) => Arc::new(Float64Array::from_iter_values(values.iter().copied())),
        (Storage::String, Some(texts)) => {
            let keys = Int32Array::from_iter_values(values.iter().map(|v| i32::try_from(index(*v)).unwrap_or(0)));
            // Codes are positions of `texts` by construction, so the checked constructor does not fail.
            match DictionaryArray::try_new(keys, Arc::clone(texts)) {
                Ok(array) => Arc::new(array),
                Err(_) => Arc::new(DictionaryArray::new(Int32Array::from(vec![0; values.len()]), Arc::clone(texts))),
            }
        }
        (Storage::Int8, _) => integers::<arrow::datatypes::Int8Type>(output, values, i8::MAX),
        (Storage::Int16, _) => integers::<arrow::datatypes::Int16Type>(output, values, i16::MAX),
        (Storage::Int32, _) => integers::<arrow::datatypes::Int32Type>(output, values, i32::MAX),
        (Storage::Date, _) => integers::<arrow::datatypes::Date32Type>(output, values, i32::MAX),
        (Storage::Int64 | Storage::String, _) => integers::<arrow::datatypes::Int64Type>(output, values, i64::MAX),
    }
}

/// Whole numbers; what does not fit is the largest that does.
fn integers<T>(output: &Output, values: &[f64], largest: T::Native) -> ArrayRef
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i64>,
{
    let native = |v: f64| T::Native::try_from(whole(v)).unwrap_or(largest);
    if output.nullable {
        let array: PrimitiveArray<T> = values.iter().map(|v| (!v.is_nan()).then(|| native(*v))).collect();
        return Arc::new(array);
    }
    Arc::new(PrimitiveArray::<T>::from_iter_values(values.iter().map(|v| native(*v))))
}
