//! Writing the file of an index, table by table, so that no more than one has to be in memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::EntityField;
use super::beside::Beside;
use super::codes::Codes;
use super::column::{Column, Decode};
use super::file::{ALIGNED, FORMAT, MAGIC, Origin, PART, path};
use super::head::{DecodeHead, FieldHead, Head, ManyHead, RowHead, Section, StartsHead};
use super::many::Many;
use super::pieces::Piece;
use super::starts::Starts;

/// Bytes that are written at a time.
const BUFFER: usize = 1 << 20;

/// A file that is being written, under another name than its own. It is removed where it is not finished.
#[derive(Debug)]
pub(super) struct Writing {
    folder: PathBuf,
    out: Option<Writer>,
    head: Head,
}

impl Writing {
    /// Begins with the entities, in the folder whose lock the caller holds.
    pub(super) fn begin(
        folder: &Path,
        origin: &Origin,
        (fields, pieces): (&[EntityField], &[Piece]),
    ) -> io::Result<Self> {
        let mut out = Writer { file: BufWriter::with_capacity(BUFFER, File::create(folder.join(PART))?), at: 0 };
        let entities = fields.first().map_or(0, |key| key.column.codes.len() as u64);
        let head =
            Head { origin: origin.clone(), entities, files: pieces.to_vec(), fields: Vec::new(), many: Vec::new() };
        out.bytes(MAGIC)?;
        out.bytes(&FORMAT.to_le_bytes())?;
        out.bytes(&[0; 4])?;
        let mut writing = Self { folder: folder.to_owned(), out: None, head };
        let heads = fields.iter().map(|field| out.field(&field.name, &field.column)).collect::<io::Result<_>>();
        let settled = out.settle();
        writing.out = Some(out);
        writing.head.fields = heads?;
        settled.map(|()| writing)
    }

    /// Adds a many-table.
    pub(super) fn many(&mut self, many: &Many) -> io::Result<()> {
        let Some(out) = &mut self.out else { return Err(io::ErrorKind::BrokenPipe.into()) };
        self.head.many.push(out.many(many)?);
        out.settle()
    }

    /// Gives the file its name.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let Some(mut out) = self.out.take() else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let written = out.end(&self.head).and_then(|()| out.file.into_inner().map_err(io::IntoInnerError::into_error));
        let named = written.and_then(|file| {
            file.sync_all()?;
            fs::rename(self.folder.join(PART), path(&self.folder))
        });
        if named.is_err() {
            self.remove();
        }
        named?;
        // So that the new name outlives a fall of the power too.
        File::open(&self.folder)?.sync_all()
    }

    fn remove(&self) {
        if let Err(error) = fs::remove_file(self.folder.join(PART)) {
            tracing::debug!(%error, "what was written of an index cannot be removed");
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.out.take().is_some() {
            self.remove();
        }
    }
}

#[derive(Debug)]
struct Writer {
    file: BufWriter<File>,
    at: u64,
}

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Has the disk take what was written, so that little is left to wait for in the end.
    fn settle(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()
    }

    /// The head and the end.
    fn end(&mut self, head: &Head) -> io::Result<()> {
        let head = serde_json::to_vec(head)?;
        let at = self.at;
        self.bytes(&head)?;
        self.bytes(&at.to_le_bytes())?;
        self.bytes(&(head.len() as u64).to_le_bytes())?;
        self.bytes(&crc32fast::hash(&head).to_le_bytes())?;
        self.bytes(&FORMAT.to_le_bytes())?;
        self.bytes(MAGIC)
    }

    fn section(&mut self, bytes: &[u8]) -> io::Result<Section> {
        let gap = self.at.next_multiple_of(ALIGNED) - self.at;
        self.bytes(&[0; ALIGNED as usize][..gap as usize])?;
        let at = self.at;
        self.bytes(bytes)?;
        Ok(Section { at, bytes: bytes.len() as u64, crc: crc32fast::hash(bytes) })
    }

    fn codes(&mut self, codes: &Codes) -> io::Result<Section> {
        match codes {
            Codes::One(codes) => self.section(codes.inner()),
            Codes::Two(codes) => self.section(codes.inner()),
            Codes::Four(codes) => self.section(codes.inner()),
            Codes::Eight(codes) => self.section(codes.inner()),
            Codes::Row(_) => self.section(&[]),
            Codes::Told(_, table) => self.section(table.inner()),
        }
    }

    fn field(&mut self, name: &str, column: &Column) -> io::Result<FieldHead> {
        let codes = self.codes(&column.codes)?;
        let decode = match &column.decode {
            Decode::From(first) => DecodeHead::From(*first),
            Decode::Wholes(numbers) => DecodeHead::Wholes(self.section(numbers.inner())?),
            Decode::Floats(numbers) => DecodeHead::Floats(self.section(numbers.inner())?),
            Decode::Texts(starts, bytes) => DecodeHead::Texts(self.section(starts.inner())?, self.section(bytes)?),
            Decode::Bits => DecodeHead::Bits,
        };
        let (width, last, scale) = (column.codes.width() as u8, column.last, column.scale);
        Ok(FieldHead { name: name.to_owned(), width, codes, last, scale, decode })
    }

    fn beside(&mut self, beside: &Beside) -> io::Result<(Section, Vec<(usize, Section)>)> {
        let firsts = self.section(beside.firsts.inner())?;
        let measures = beside.measures.iter().map(|(place, codes)| Ok((*place, self.section(codes.inner())?)));
        Ok((firsts, measures.collect::<io::Result<_>>()?))
    }

    fn many(&mut self, many: &Many) -> io::Result<ManyHead> {
        let starts = match &many.starts {
            Starts::Wide(starts) => StartsHead::Wide(self.section(starts.inner())?),
            Starts::Narrow(firsts, behind) => {
                StartsHead::Narrow(self.section(firsts.inner())?, self.section(behind.inner())?)
            }
            Starts::Near(power, firsts, behind) => {
                StartsHead::Near(*power, self.section(firsts.inner())?, self.section(behind.inner())?)
            }
        };
        let ends = (self.section(many.ends.last.inner())?, self.section(many.ends.some.inner())?);
        let mut fields = Vec::new();
        for row in &many.fields {
            let field = self.field(&row.name, &row.column)?;
            let postings = match &row.postings {
                Some(lists) => Some((self.section(lists.starts.inner())?, self.section(lists.entries.inner())?)),
                None => None,
            };
            let beside = row.beside.as_ref().map(|beside| self.beside(beside)).transpose()?;
            fields.push(RowHead { field, postings, single: row.single, beside, told: row.told });
        }
        let origin = match &many.origin {
            Some(origin) => Some((origin.width() as u8, self.codes(origin)?)),
            None => None,
        };
        Ok(ManyHead { name: many.name.clone(), files: many.pieces.clone(), starts, ends, fields, origin })
    }
}
