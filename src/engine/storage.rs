//! Where the Parquet files lie: a folder of this machine, or a bucket of an S3-compatible store, `s3://BUCKET/PREFIX`.
//! How a bucket is reached (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`,
//! `AWS_ALLOW_HTTP` and the others that the `object_store` crate reads) every process takes from its own environment:
//! no key is sent to another one.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use datafusion::datasource::listing::ListingTableUrl;
use datafusion::error::{DataFusionError, Result as DfResult};
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::reader::{ChunkReader, Length};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::runtime::Runtime;
use url::Url;

use super::EngineError;

/// How the address of a bucket begins.
const S3: &str = "s3://";

/// Bytes of a file's end that are read at once: most footers are shorter.
const END_BYTES: u64 = 256 << 10;

/// Bytes after a footer: its length, and four letters.
const AFTER_FOOTER: u64 = 8;

/// Whether `data` names a bucket, and no folder.
#[must_use]
pub fn is_bucket(data: &Path) -> bool {
    data.to_str().is_some_and(|data| data.starts_with(S3))
}

/// The stores of a session: this machine's files, and each bucket that is named.
#[derive(Debug, Default)]
pub(super) struct Stores {
    known: DefaultObjectStoreRegistry,
}

impl ObjectStoreRegistry for Stores {
    fn register_store(&self, url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        self.known.register_store(url, store)
    }

    fn get_store(&self, url: &Url) -> DfResult<Arc<dyn ObjectStore>> {
        match self.known.get_store(url) {
            Err(_) if url.scheme() == "s3" => {
                let store = store(url).map_err(|cause| DataFusionError::ObjectStore(Box::new(cause)))?;
                self.known.register_store(url, Arc::clone(&store));
                Ok(store)
            }
            known => known,
        }
    }
}

fn store(bucket: &Url) -> object_store::Result<Arc<dyn ObjectStore>> {
    let name = bucket.host_str().unwrap_or_default();
    Ok(Arc::new(AmazonS3Builder::from_env().with_bucket_name(name).build()?))
}

/// A file of a table.
#[derive(Debug, Clone)]
pub(super) struct DataFile {
    /// Its path, or its address in a bucket.
    pub path: PathBuf,
    size: u64,
}

impl DataFile {
    /// Its name, without where it lies.
    pub(super) fn name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Its address; a path is taken as it is, so that `*` in it is no pattern.
    pub(super) fn url(&self) -> Result<ListingTableUrl, EngineError> {
        let invalid = || self.failed(std::io::Error::new(std::io::ErrorKind::InvalidInput, "no file address"));
        if is_bucket(&self.path) {
            return Ok(ListingTableUrl::parse(self.path.to_str().ok_or_else(invalid)?)?);
        }
        let path = std::path::absolute(&self.path).map_err(|cause| self.failed(cause))?;
        Ok(ListingTableUrl::parse(url_of(&path).ok_or_else(invalid)?)?)
    }

    fn failed(&self, cause: std::io::Error) -> EngineError {
        EngineError::Io { path: self.path.clone(), cause }
    }
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

/// What the end of a file says.
pub(super) struct Footer {
    pub metadata: ArrowReaderMetadata,
    /// The bytes that tell its content: its size and the end of its footer.
    pub bytes: Vec<u8>,
    pub size: u64,
}

/// Where files lie.
pub(super) enum Storage {
    /// In a folder of this machine.
    Folder(PathBuf),
    /// In a bucket.
    Bucket(Bucket),
}

/// A place in a bucket, and what waits for it.
pub(super) struct Bucket {
    address: String,
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    runtime: Runtime,
}

impl Bucket {
    fn open(address: &str) -> object_store::Result<Self> {
        let generic =
            |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic { store: "S3", source };
        let url = Url::parse(address).map_err(|error| generic(error.into()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            address: address.trim_end_matches('/').to_owned(),
            store: store(&url)?,
            prefix: Key::from_url_path(url.path())?,
            runtime: runtime.map_err(|error| generic(error.into()))?,
        })
    }

    /// `PREFIX/TABLE.parquet`, or the Parquet files of `PREFIX/TABLE/`.
    fn files(&self, table: &str) -> object_store::Result<Vec<DataFile>> {
        let single = format!("{table}.parquet");
        match self.runtime.block_on(self.store.head(&self.prefix.clone().join(single.as_str()))) {
            Ok(meta) => return Ok(vec![self.file(&single, meta.size)]),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        let folder = self.prefix.clone().join(table);
        let list = self.runtime.block_on(self.store.list_with_delimiter(Some(&folder)))?;
        let named = list.objects.iter().filter_map(|meta| Some((meta.location.filename()?, meta.size)));
        let parquet = named.filter(|(name, _)| Path::new(name).extension().is_some_and(|e| e == "parquet"));
        Ok(parquet.map(|(name, size)| self.file(&format!("{table}/{name}"), size)).collect())
    }

    fn file(&self, name: &str, size: u64) -> DataFile {
        DataFile { path: PathBuf::from(format!("{}/{name}", self.address)), size }
    }

    fn end(&self, file: &DataFile, length: u64) -> object_store::Result<Bytes> {
        let name = file.path.to_str().and_then(|path| path.strip_prefix(&self.address)).unwrap_or_default();
        let key = Key::parse(format!("{}{name}", self.prefix).trim_start_matches('/'))?;
        self.runtime.block_on(self.store.get_range(&key, file.size - length..file.size))
    }
}

/// Calls `work` with the place of `data`: for a bucket on a thread of its own, since it waits for answers.
///
/// # Errors
/// Those of `work`, or a bucket that cannot be had.
pub(super) fn with<T: Send>(
    data: &Path,
    work: impl FnOnce(&Storage) -> Result<T, EngineError> + Send,
) -> Result<T, EngineError> {
    let Some(address) = data.to_str().filter(|_| is_bucket(data)) else {
        return work(&Storage::Folder(data.to_owned()));
    };
    let opened = || work(&Storage::Bucket(Bucket::open(address).map_err(|cause| failed(data, cause))?));
    std::thread::scope(|scope| scope.spawn(opened).join().unwrap_or(Err(EngineError::Stopped)))
}

fn failed(path: &Path, cause: object_store::Error) -> EngineError {
    EngineError::Io { path: path.to_owned(), cause: std::io::Error::other(cause) }
}

impl Storage {
    /// `DIR/<table>.parquet`, or the Parquet files of `DIR/<table>/`, by name.
    pub(super) fn files(&self, table: &str) -> Result<Vec<DataFile>, EngineError> {
        let mut files = match self {
            Self::Folder(data) => in_folder(data, table)?,
            Self::Bucket(bucket) => {
                bucket.files(table).map_err(|cause| failed(&Path::new(&bucket.address).join(table), cause))?
            }
        };
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// What the end of a file says.
    pub(super) fn footer(&self, file: &DataFile) -> Result<Footer, EngineError> {
        let size = file.size;
        let mut end = self.end(file, END_BYTES.min(size))?;
        let length = footer_length(&end).saturating_add(AFTER_FOOTER).min(size);
        if length > held(&end) {
            end = self.end(file, length)?;
        }
        let end = End { bytes: end.slice(end.len() - usize::try_from(length).unwrap_or(end.len())..), size };
        let metadata = ArrowReaderMetadata::load(&end, ArrowReaderOptions::new())
            .map_err(|cause| EngineError::NotParquet { path: file.path.clone(), cause })?;
        let mut bytes = size.to_le_bytes().to_vec();
        bytes.extend_from_slice(&end.bytes);
        Ok(Footer { metadata, bytes, size })
    }

    /// The last `length` bytes of a file.
    fn end(&self, file: &DataFile, length: u64) -> Result<Bytes, EngineError> {
        match self {
            Self::Folder(_) => {
                let mut bytes = Vec::new();
                let mut open = File::open(&file.path).map_err(|cause| file.failed(cause))?;
                open.seek(SeekFrom::Start(file.size - length)).map_err(|cause| file.failed(cause))?;
                open.take(length).read_to_end(&mut bytes).map_err(|cause| file.failed(cause))?;
                Ok(bytes.into())
            }
            Self::Bucket(bucket) => bucket.end(file, length).map_err(|cause| failed(&file.path, cause)),
        }
    }
}

fn in_folder(data: &Path, table: &str) -> Result<Vec<DataFile>, EngineError> {
    let file = |path: PathBuf| match path.metadata() {
        Ok(about) => Ok(DataFile { path, size: about.len() }),
        Err(cause) => Err(EngineError::Io { path, cause }),
    };
    let single = data.join(format!("{table}.parquet"));
    if single.is_file() {
        return Ok(vec![file(single)?]);
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
            files.push(file(path)?);
        }
    }
    Ok(files)
}

fn held(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// What the end of a file says of its footer's length; 0 where it is too short to say.
fn footer_length(end: &Bytes) -> u64 {
    let at = end.len().checked_sub(8);
    let told = at.and_then(|at| end.get(at..at + 4)).and_then(|four| <[u8; 4]>::try_from(four).ok());
    told.map_or(0, |four| u64::from(u32::from_le_bytes(four)))
}

/// A file of which the end is at hand.
struct End {
    bytes: Bytes,
    size: u64,
}

impl End {
    fn from(&self, start: u64) -> ParquetResult<usize> {
        let before = self.size - held(&self.bytes);
        let at = start.checked_sub(before).and_then(|at| usize::try_from(at).ok());
        at.ok_or_else(|| ParquetError::EOF("the footer is shorter than it says".to_owned()))
    }
}

impl Length for End {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for End {
    type T = Cursor<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(Cursor::new(self.bytes.slice(self.from(start)?..)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let from = self.from(start)?;
        let whole = from.checked_add(length).filter(|end| *end <= self.bytes.len());
        let end = whole.ok_or_else(|| ParquetError::EOF("the file is shorter than it says".to_owned()))?;
        Ok(self.bytes.slice(from..end))
    }
}
