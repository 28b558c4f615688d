//! The files of a data folder: found, compared with the catalog, and made into tables.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::TableReference;
use datafusion::datasource::TableProvider;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig};
use datafusion::prelude::ident;

use super::index::{Source, SourceFile};
use super::ranges::{self, Ranged, Span};
use super::storage::{self, DataFile, Footer, Storage};
use super::views;
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
    files: Vec<DataFile>,
    schema: SchemaRef,
    /// One a file, each of which changes when the file does.
    versions: Vec<String>,
    /// The column that says whose a row is, and the keys of its row groups where the files say them.
    key: Option<(String, Vec<Span>)>,
    /// Whether every file says that it is in the order of the key.
    ascends: bool,
    entity: bool,
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
    pub(super) fn source(&self) -> Source {
        let file =
            |(file, version): (&DataFile, &String)| SourceFile { path: file.path.clone(), version: version.clone() };
        Source { name: self.name.clone(), files: self.files.iter().zip(&self.versions).map(file).collect() }
    }

    fn spans(&self) -> Option<&[Span]> {
        self.key.as_ref().map(|(_, spans)| spans.as_slice())
    }

    /// The table with its columns as the files have them.
    pub(super) fn listing(&self) -> Result<ListingTable, EngineError> {
        self.listed(&self.schema)
    }

    fn listed(&self, schema: &SchemaRef) -> Result<ListingTable, EngineError> {
        let urls = self.files.iter().map(DataFile::url).collect::<Result<Vec<_>, _>>()?;
        let mut options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension("parquet");
        if let (Some((key, _)), true) = (&self.key, self.ascends) {
            options = options.with_file_sort_order(vec![vec![ident(key).sort(true, false)]]);
        }
        let config = ListingTableConfig::new_with_multi_paths(urls)
            .with_listing_options(options)
            .with_schema(Arc::clone(schema));
        Ok(ListingTable::try_new(config)?)
    }

    /// The table to be asked in this process: read in ranges of its key between `cuts` where its files say the keys, and
    /// texts as views of where they were read, which copies none of them.
    pub(super) fn provider(&self, cuts: &Arc<[i64]>) -> Result<Arc<dyn TableProvider>, EngineError> {
        let table = self.listed(&views::seen(&self.schema))?;
        match &self.key {
            Some((key, spans)) if !cuts.is_empty() => Ok(Arc::new(Ranged {
                table,
                files: self.files.iter().map(DataFile::name).collect(),
                key: key.clone(),
                spans: spans.clone(),
                cuts: Arc::clone(cuts),
            })),
            _ => Ok(Arc::new(table)),
        }
    }
}

impl Found {
    /// Keys where all tables that ascend can be cut, for so many threads.
    pub(super) fn cuts(&self, threads: usize) -> Arc<[i64]> {
        let known: Vec<&[Span]> = self.tables.iter().filter_map(Table::spans).collect();
        let entity = self.tables.iter().find(|table| table.entity).and_then(Table::spans);
        entity.map(|entity| ranges::cuts(entity, &known, threads)).unwrap_or_default().into()
    }
}

/// Finds the files of every table and compares them with the catalog.
pub(super) fn find(data: &Path, catalog: &Catalog) -> Result<Found, EngineError> {
    storage::with(data, |storage| find_in(storage, catalog))
}

fn find_in(storage: &Storage, catalog: &Catalog) -> Result<Found, EngineError> {
    let mut differences = Vec::new();
    let mut tables = Vec::new();
    let mut hash = Hash::new();
    for dataset in &catalog.datasets {
        let files = storage.files(&dataset.name)?;
        if files.is_empty() {
            differences.push(Difference::NoTable { table: dataset.name.clone() });
            continue;
        }
        let entity = std::ptr::eq(dataset, catalog.entity());
        let key = if entity { Some(catalog.key()) } else { dataset.joins_on.as_deref() };
        let mut spans = key.map(|_| Vec::new());
        let mut ascends = key.is_some();
        let mut schemas = Vec::new();
        let mut versions = Vec::new();
        for (number, file) in files.iter().enumerate() {
            let Footer { metadata, bytes: footer, size } = storage.footer(file)?;
            let (schema, metadata) = (Arc::clone(metadata.schema()), metadata.metadata());
            hash.add(dataset.name.as_bytes());
            hash.add(file.name().as_bytes());
            hash.add(&footer);
            let mut own = Hash::new();
            own.add(file.name().as_bytes());
            own.add(&footer);
            versions.push(own.text());
            compare(dataset, &schema, &file.name(), &mut differences);
            ascends = ascends && key.is_some_and(|key| ranges::ascends(metadata, key));
            let more = key.and_then(|key| ranges::spans(metadata, key, number, size));
            spans = spans.zip(more).map(|(mut all, more)| {
                all.extend(more);
                all
            });
            schemas.push(schema);
        }
        tables.extend(schemas.first().map(|schema| Table {
            name: dataset.name.clone(),
            schema: Arc::new(known(dataset, schema)),
            files,
            versions,
            key: key.map(str::to_owned).zip(spans),
            ascends,
            entity,
        }));
    }
    let (notes, faults): (Vec<_>, Vec<_>) = differences.into_iter().partition(Difference::is_harmless);
    if faults.is_empty() {
        return Ok(Found { tables, version: hash.text(), notes });
    }
    Err(EngineError::Differs { differences: faults.into_iter().chain(notes).collect() })
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
