//! Results as files, batch by batch: memory does not grow with the rows.
//!
//! Batches come from the engine in order. Each is made ready on any core (`shape`: identifiers hashed,
//! those held out parted, text encoded and compressed); a thread of its own takes what is ready, in order,
//! and writes it (`writer`), hashing as it goes (`sink`). A file appears under its name once it is whole;
//! what is dropped on the way leaves nothing behind.

mod columnar;
mod format;
mod hash;
mod shape;
mod sink;
mod text;
mod writer;
mod xlsx;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::SendableRecordBatchStream;
use futures::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::EngineError;
use shape::{Chunk, Shape};
use sink::Whole;
use writer::Writer;

pub use format::{ExportFormat, UnknownFormat};
pub use hash::{HashKey, MIN_HASH_KEY_BYTES, sha256};
pub use xlsx::MAX_XLSX_ROWS;

/// Portions that wait for the writer at most.
const WAITING: usize = 4;

/// Called with the number of rows written so far.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// What becomes of the first column of the statement.
#[derive(Debug, Clone, Default)]
pub enum FirstColumn {
    /// It is one like the others.
    #[default]
    Plain,
    /// It is an identifier; `<name>_hash` takes its place.
    Hashed(HashKey),
}

/// How rows are written, and where to.
#[derive(Clone)]
pub struct ExportJob {
    /// The file.
    pub path: PathBuf,
    /// A second file for the rows whose last column is true. That column tells who is held out and is in
    /// neither file.
    pub held_out: Option<PathBuf>,
    /// As what.
    pub format: ExportFormat,
    /// Whether text begins with a byte order mark, as Excel likes it.
    pub bom: bool,
    /// What becomes of the first column.
    pub first: FirstColumn,
    /// How many rows there must be in all; files with another number do not appear.
    pub expected: Option<u64>,
    /// Who is told of the rows written so far.
    pub progress: Option<Progress>,
}

impl ExportJob {
    /// Every row and column, as they are, into one file.
    #[must_use]
    pub fn new(path: &Path, format: ExportFormat) -> Self {
        Self {
            path: path.to_owned(),
            held_out: None,
            format,
            bom: false,
            first: FirstColumn::Plain,
            expected: None,
            progress: None,
        }
    }
}

impl std::fmt::Debug for ExportJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportJob").field("path", &self.path).field("format", &self.format).finish_non_exhaustive()
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Where it is.
    pub path: PathBuf,
    /// Its rows, without a header.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// What the writer is handed.
enum Portion {
    /// The chunks of a batch, one a file.
    Rows(Vec<Chunk>),
    /// There is nothing more. Without it the writer was left, and what it has is no whole file.
    End,
}

/// Writes a stream to the files of a job.
pub(super) async fn write(
    stream: SendableRecordBatchStream,
    job: ExportJob,
    threads: usize,
) -> Result<Vec<Exported>, EngineError> {
    let shape = Arc::new(Shape::of(&stream.schema(), &job)?);
    let (send, receive) = mpsc::channel(WAITING);
    let watched = Watched::default();
    let writing = {
        let (shape, left) = (Arc::clone(&shape), Arc::clone(&watched.left));
        SpawnedTask::spawn_blocking(move || write_all(&shape, &job, receive, &left))
    };
    let prepared = stream.map(|batch| {
        let shape = Arc::clone(&shape);
        let ready = SpawnedTask::spawn_blocking(move || shape.prepare(&batch?));
        async move { ready.join().await.map_err(|_| EngineError::Stopped)? }
    });
    let fed = feed(prepared.buffered(threads), send).await;
    // The writer ends in any case, so that no file is left where this fails.
    let written = writing.join().await.map_err(|_| EngineError::Stopped)?;
    fed.and(written)
}

/// Whoever waits for an export; tells the writer's thread when they leave. It may have all rows by then, and nobody who
/// wants the file.
#[derive(Default)]
struct Watched {
    left: Arc<AtomicBool>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.left.store(true, Ordering::Release);
    }
}

/// Hands the writer what is ready, in order.
async fn feed(
    prepared: impl Stream<Item = Result<Vec<Chunk>, EngineError>>,
    send: mpsc::Sender<Portion>,
) -> Result<(), EngineError> {
    let mut prepared = std::pin::pin!(prepared);
    while let Some(chunks) = prepared.next().await {
        // A writer that has gone says why itself.
        if send.send(Portion::Rows(chunks?)).await.is_err() {
            return Ok(());
        }
    }
    let _ = send.send(Portion::End).await;
    Ok(())
}

/// The writer's thread.
fn write_all(
    shape: &Shape,
    job: &ExportJob,
    mut portions: mpsc::Receiver<Portion>,
    left: &AtomicBool,
) -> Result<Vec<Exported>, EngineError> {
    let paths = std::iter::once(&job.path).chain(&job.held_out);
    let mut writers = paths.map(|path| writer::open(path, shape)).collect::<Result<Vec<_>, _>>()?;
    let mut rows = 0;
    loop {
        match portions.blocking_recv() {
            Some(Portion::Rows(chunks)) => {
                rows += chunks.iter().map(Chunk::rows).sum::<u64>();
                writers.iter_mut().zip(chunks).try_for_each(|(writer, chunk)| writer.write(chunk))?;
                if let Some(progress) = &job.progress {
                    progress(rows);
                }
            }
            Some(Portion::End) => break,
            None => return Err(EngineError::Stopped),
        }
    }
    if let Some(expected) = job.expected.filter(|expected| *expected != rows) {
        return Err(EngineError::Rows { expected, found: rows });
    }
    let whole = writers.into_iter().map(Writer::finish).collect::<Result<Vec<_>, _>>()?;
    if left.load(Ordering::Acquire) {
        return Err(EngineError::Stopped);
    }
    whole.into_iter().map(Whole::appear).collect()
}
