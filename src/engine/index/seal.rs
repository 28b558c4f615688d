//! Checksums of what lies in a mapped file, looked at when it is first used: checking all of a large index before the
//! first question would read all of it.

use std::sync::OnceLock;

use datafusion::arrow::buffer::Buffer;

use super::work::Halt;

/// Some bytes and what their checksums must be; nothing where they were made in memory.
#[derive(Debug, Default)]
pub(super) struct Seal {
    parts: Vec<(Buffer, u32)>,
    sound: OnceLock<bool>,
}

impl Seal {
    pub(super) fn add(&mut self, bytes: Buffer, checksum: u32) {
        self.parts.push((bytes, checksum));
    }

    /// Whether the bytes are what was written.
    pub(super) fn check(&self) -> Result<(), Halt> {
        let sound = || self.parts.iter().all(|(bytes, checksum)| crc32fast::hash(bytes) == *checksum);
        if *self.sound.get_or_init(sound) { Ok(()) } else { Err(Halt::Torn) }
    }
}
