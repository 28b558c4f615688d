//! The one place where a file is mapped into memory.
#![expect(unsafe_code, reason = "mapping a file is unsafe; see `map`")]

use std::fs::File;
use std::io;

use bytes::Bytes;
use datafusion::arrow::buffer::Buffer;

/// The bytes of a file, mapped.
pub(super) fn map(file: &File) -> io::Result<Buffer> {
    // SAFETY: whoever shortens or rewrites the file while it is mapped would change bytes behind a shared reference. An
    // index file is never changed once it has its name: it is written under another, and renamed over the old one,
    // which stays as it was for those who have it mapped. Its folder is Waggle's own.
    let mapped = unsafe { memmap2::Mmap::map(file)? };
    Ok(Buffer::from(Bytes::from_owner(mapped)))
}
