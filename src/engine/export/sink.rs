//! A file on its way: what goes through is counted and hashed, and only a whole file gets its name.

use std::fs::File;
use std::io::{BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::super::EngineError;
use super::{Exported, hash};

/// Bytes that are gathered before they are hashed and written.
const BUFFER: usize = 256 << 10;

/// Where a writer writes to.
pub(super) struct Sink {
    out: BufWriter<Measured>,
    // After `out`, so that the file is closed before it is taken away.
    unfinished: Unfinished,
    path: PathBuf,
}

impl Sink {
    /// Starts a file beside `path`.
    pub(super) fn create(path: &Path) -> Result<Self, EngineError> {
        let unfinished = Unfinished::beside(path);
        let file = File::create(&unfinished.0).map_err(|cause| io(path, cause))?;
        let measured = Measured { file, hash: Sha256::new(), bytes: 0 };
        Ok(Self { out: BufWriter::with_capacity(BUFFER, measured), unfinished, path: path.to_owned() })
    }

    /// The name that the file will have.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Everything is written, and on disk.
    pub(super) fn finish(self, rows: u64) -> Result<Whole, EngineError> {
        let Self { out, unfinished, path } = self;
        let measured = out.into_inner().map_err(IntoInnerError::into_error);
        let measured = measured.map_err(|cause| io(&path, cause))?;
        measured.file.sync_all().map_err(|cause| io(&path, cause))?;
        let sha256 = hash::hex(&measured.hash.finalize());
        Ok(Whole { unfinished, file: Exported { path, rows, bytes: measured.bytes, sha256 } })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.out.write_all(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        // Writers flush after every part; the buffer is what it is for.
        Ok(())
    }
}

/// A whole file that lacks its name.
pub(super) struct Whole {
    unfinished: Unfinished,
    file: Exported,
}

impl Whole {
    /// Gives it its name.
    pub(super) fn appear(self) -> Result<Exported, EngineError> {
        std::fs::rename(&self.unfinished.0, &self.file.path).map_err(|cause| io(&self.file.path, cause))?;
        Ok(self.file)
    }
}

/// A file that counts and hashes what is written to it.
struct Measured {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for Measured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += u64::try_from(written).unwrap_or(0);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
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

pub(super) fn io(path: &Path, cause: impl Into<std::io::Error>) -> EngineError {
    EngineError::Io { path: path.to_owned(), cause: cause.into() }
}
