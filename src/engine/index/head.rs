//! What the head of an index's file says: the tables, and where each section is.

use serde::{Deserialize, Serialize};

use super::file::Origin;
use super::pieces::Piece;

/// A table as an index holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexTable {
    /// Its name.
    pub name: String,
    /// Rows that are held.
    pub rows: u64,
    /// Bytes that questions may read, and so what it takes in memory at most.
    pub bytes: u64,
    /// Files that it was built from.
    pub files: u64,
    /// Those of them that the last build read; what the others hold was taken over from the index before.
    pub read: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Section {
    pub at: u64,
    pub bytes: u64,
    pub crc: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub origin: Origin,
    pub entities: u64,
    pub files: Vec<Piece>,
    pub fields: Vec<FieldHead>,
    pub many: Vec<ManyHead>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FieldHead {
    pub name: String,
    pub width: u8,
    pub codes: Section,
    pub last: u64,
    pub scale: f64,
    pub decode: DecodeHead,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DecodeHead {
    From(i64),
    Wholes(Section),
    Floats(Section),
    Texts(Section, Section),
    Bits,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ManyHead {
    pub name: String,
    pub files: Vec<Piece>,
    pub starts: StartsHead,
    /// The last rows, and the entities that have rows.
    pub ends: (Section, Section),
    pub fields: Vec<RowHead>,
    /// The file of each row, and the width of its number.
    pub origin: Option<(u8, Section)>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StartsHead {
    Wide(Section),
    Narrow(Section, Section),
    Near(u32, Section, Section),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RowHead {
    pub field: FieldHead,
    pub postings: Option<(Section, Section)>,
    pub single: bool,
    /// Where the measures beside the postings begin, the places of their fields, and their codes.
    pub beside: Option<(Section, Vec<(usize, Section)>)>,
    /// The place of the field that tells it; its codes are a table then.
    pub told: Option<usize>,
}

/// A table of the index, whose fields and rows take so many bytes.
pub(super) fn table(name: &str, files: &[Piece], bytes: u64) -> IndexTable {
    let read = files.iter().filter(|file| file.read).count() as u64;
    let rows = files.iter().map(|file| file.held).sum();
    IndexTable { name: name.to_owned(), rows, bytes, files: files.len() as u64, read }
}

impl FieldHead {
    /// Bytes that questions may read.
    pub(super) fn bytes(&self) -> u64 {
        let decode = match &self.decode {
            DecodeHead::Wholes(section) | DecodeHead::Floats(section) => section.bytes,
            DecodeHead::Texts(starts, bytes) => starts.bytes + bytes.bytes,
            DecodeHead::From(_) | DecodeHead::Bits => 0,
        };
        self.codes.bytes + decode
    }
}

impl ManyHead {
    /// The same: without what only the next build reads.
    pub(super) fn bytes(&self) -> u64 {
        let starts = match self.starts {
            StartsHead::Wide(starts) => starts.bytes,
            StartsHead::Narrow(firsts, behind) | StartsHead::Near(_, firsts, behind) => firsts.bytes + behind.bytes,
        };
        let postings = |row: &RowHead| row.postings.map_or(0, |(starts, entries)| starts.bytes + entries.bytes);
        let beside = |row: &RowHead| {
            let measures = |measures: &[(usize, Section)]| measures.iter().map(|(_, codes)| codes.bytes).sum::<u64>();
            row.beside.as_ref().map_or(0, |(firsts, codes)| firsts.bytes + measures(codes))
        };
        let ends = self.ends.0.bytes + self.ends.1.bytes;
        starts + ends + self.fields.iter().map(|row| row.field.bytes() + postings(row) + beside(row)).sum::<u64>()
    }
}
