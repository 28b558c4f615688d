//! The one place where files and memory of large pages are mapped.
#![expect(unsafe_code, reason = "mapping a file is unsafe; see `map`")]

use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;
use datafusion::arrow::buffer::Buffer;
use memmap2::{Mmap, MmapMut};

/// Bytes that are read between two looks at whether to stop.
const PIECE: usize = 16 << 20;

/// The bytes of a file, mapped.
pub(super) fn map(file: &File) -> io::Result<Buffer> {
    // SAFETY: whoever shortens or rewrites the file while it is mapped would change bytes behind a shared reference. An
    // index file is never changed once it has its name: it is written under another, and renamed over the old one,
    // which stays as it was for those who have it mapped. Its folder is Waggle's own.
    let mapped = unsafe { Mmap::map(file)? };
    Ok(Buffer::from(Bytes::from_owner(mapped)))
}

/// So many bytes, all zero, in pages as large as the system has them.
pub(super) fn large(bytes: usize) -> io::Result<MmapMut> {
    let memory = MmapMut::map_anon(bytes)?;
    #[cfg(target_os = "linux")]
    if let Err(error) = memory.advise(memmap2::Advice::HugePage) {
        tracing::debug!(%error, "the system has no large pages");
    }
    Ok(memory)
}

/// The bytes of a file, read into [large] pages; none where it was `stopped`. What is
/// mapped lies in pages of 4 KiB all over the memory, which the system takes away again when it thinks they are not
/// needed: looking up where each of them lies can take longer than reading it.
pub(super) fn read(mut file: &File, stopped: &dyn Fn() -> bool) -> io::Result<Option<Buffer>> {
    let length = usize::try_from(file.metadata()?.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let mut memory = large(length)?;
    for piece in memory.chunks_mut(PIECE) {
        if stopped() {
            return Ok(None);
        }
        file.read_exact(piece)?;
    }
    Ok(Some(Buffer::from(Bytes::from_owner(memory.make_read_only()?))))
}
