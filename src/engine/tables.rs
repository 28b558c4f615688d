//! The files of a data folder: found, compared with the catalog, and made into tables.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::TableReference;
use datafusion::datasource::TableProvider;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use super::{Difference, EngineError};
use crate::catalog::{Catalog, Dataset, FieldType};

/// What was found in a data folder.
pub(super) struct Found {
    pub tables: Vec<Table>,
    pub version: String,
    pub notes: Vec<Difference>,
}

/// One table and its files.
pub(super) struct Table {
    name: String,
    files: Vec<PathBuf>,
    schema: SchemaRef,
    /// Changes when its files do.
    version: String,
}

impl Table {
    /// Its name, as it is: never folded to lower case, never split at a dot.
    pub(super) fn reference(&self) -> TableReference {
        TableReference::bare(self.name.as_str())
    }

    /// Its columns.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Its files, for an index of them.
    pub(super) fn source(&self) -> super::index::Source {
        super::index::Source { name: self.name.clone(), files: self.files.clone(), version: self.version.clone() }
    }

    pub(super) fn provider(&self) -> Result<Arc<dyn TableProvider>, EngineError> {
        let urls = self.files.iter().map(|file| url(file)).collect::<Result<Vec<_>, _>>()?;
        let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension("parquet");
        let config = ListingTableConfig::new_with_multi_paths(urls)
            .with_listing_options(options)
            .with_schema(Arc::clone(&self.schema));
        Ok(Arc::new(ListingTable::try_new(config)?))
    }
}

/// A file's address; its name is taken as it is, so that `*` in it is no pattern.
fn url(file: &Path) -> Result<ListingTableUrl, EngineError> {
    let io = |cause| EngineError::Io { path: file.to_owned(), cause };
    let path = std::path::absolute(file).map_err(io)?;
    let invalid = || io(std::io::Error::new(std::io::ErrorKind::InvalidInput, "no file address"));
    let url = url_of(&path).ok_or_else(invalid)?;
    Ok(ListingTableUrl::parse(url)?)
}

/// `file:///…`, with everything escaped that is not plain.
fn url_of(path: &Path) -> Option<String> {
    let mut url = "file://".to_owned();
    for byte in path.to_str()?.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => url.push(char::from(byte)),
            _ => {
                use std::fmt::Write;
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    Some(url)
}

/// Finds the files of every table and compares them with the catalog.
pub(super) fn find(data: &Path, catalog: &Catalog) -> Result<Found, EngineError> {
    let mut differences = Vec::new();
    let mut tables = Vec::new();
    let mut hash = Hash::new();
    for dataset in &catalog.datasets {
        let files = files_of(data, &dataset.name)?;
        if files.is_empty() {
            differences.push(Difference::NoTable { table: dataset.name.clone() });
            continue;
        }
        let mut schemas = Vec::new();
        let mut own = Hash::new();
        for file in &files {
            let (schema, footer) = footer(file)?;
            hash.add(dataset.name.as_bytes());
            hash.add(name_of(file).as_bytes());
            hash.add(&footer);
            own.add(name_of(file).as_bytes());
            own.add(&footer);
            compare(dataset, &schema, &name_of(file), &mut differences);
            schemas.push(schema);
        }
        tables.extend(schemas.first().map(|schema| Table {
            name: dataset.name.clone(),
            schema: Arc::new(known(dataset, schema)),
            files,
            version: own.text(),
        }));
    }
    let (notes, faults): (Vec<_>, Vec<_>) = differences.into_iter().partition(Difference::is_harmless);
    if faults.is_empty() {
        return Ok(Found { tables, version: hash.text(), notes });
    }
    Err(EngineError::Differs { differences: faults.into_iter().chain(notes).collect() })
}

/// `DIR/<table>.parquet`, or the Parquet files of `DIR/<table>/` by name.
fn files_of(data: &Path, table: &str) -> Result<Vec<PathBuf>, EngineError> {
    let single = data.join(format!("{table}.parquet"));
    if single.is_file() {
        return Ok(vec![single]);
    }
    let folder = data.join(table);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let io = |cause| EngineError::Io { path: folder.clone(), cause };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.is_file() && path.extension().is_some_and(|e| e == "parquet") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn name_of(file: &Path) -> String {
    file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The schema of a file, and the bytes that tell its content: its size and the end of its footer.
fn footer(path: &Path) -> Result<(SchemaRef, Vec<u8>), EngineError> {
    let io = |cause| EngineError::Io { path: path.to_owned(), cause };
    let mut file = File::open(path).map_err(io)?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|cause| EngineError::NotParquet { path: path.to_owned(), cause })?;
    let size = file.metadata().map_err(io)?.len();
    let mut tail = [0; 4];
    file.seek(SeekFrom::End(-8)).map_err(io)?;
    file.read_exact(&mut tail).map_err(io)?;
    let length = u64::from(u32::from_le_bytes(tail)).min(size);
    file.seek(SeekFrom::Start(size.saturating_sub(8 + length))).map_err(io)?;
    let mut bytes = size.to_le_bytes().to_vec();
    file.read_to_end(&mut bytes).map_err(io)?;
    Ok((Arc::clone(metadata.schema()), bytes))
}

fn compare(dataset: &Dataset, schema: &Schema, file: &str, out: &mut Vec<Difference>) {
    let (table, file) = (&dataset.name, file.to_owned());
    for field in &dataset.fields {
        let column = field.name.clone();
        match schema.column_with_name(&field.name) {
            None => out.push(Difference::NoColumn { table: table.clone(), column, file: file.clone() }),
            Some((_, found)) if !fits(field.kind, found.data_type()) => out.push(Difference::Type {
                table: table.clone(),
                column,
                file: file.clone(),
                expected: field.kind,
                found: found.data_type().to_string(),
            }),
            Some(_) => {}
        }
    }
    for found in schema.fields().iter().filter(|f| dataset.field(f.name()).is_none()) {
        out.push(Difference::Extra { table: table.clone(), column: found.name().clone(), file: file.clone() });
    }
}

/// Whether a column of the catalog can be stored so. Text may be dictionary-encoded.
fn fits(kind: FieldType, stored: &DataType) -> bool {
    match (kind, stored) {
        (FieldType::Bool, DataType::Boolean)
        | (FieldType::Int8, DataType::Int8)
        | (FieldType::Int16, DataType::Int16)
        | (FieldType::Int32, DataType::Int32)
        | (FieldType::Int64, DataType::Int64)
        | (FieldType::Float64, DataType::Float64)
        | (FieldType::Date, DataType::Date32)
        | (FieldType::String, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => true,
        (FieldType::String, DataType::Dictionary(_, value)) => fits(kind, value),
        _ => false,
    }
}

/// The columns of the file that the catalog knows. Nothing else can be asked of the table.
fn known(dataset: &Dataset, schema: &Schema) -> Schema {
    let fields = schema.fields().iter().filter(|f| dataset.field(f.name()).is_some());
    Schema::new(fields.cloned().collect::<Vec<_>>())
}

/// FNV-1a with 128 bits: the same on every machine and in every version.
struct Hash(u128);

impl Hash {
    fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn add(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes();
        for byte in length.iter().chain(bytes) {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
        }
    }

    fn text(&self) -> String {
        format!("{:032x}", self.0)
    }
}
