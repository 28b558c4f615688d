//! The index as one file, little-endian:
//!
//! ```text
//! "WAGGLEIX"  version (u32)  0 (u32)          the beginning
//! section  section  …                         each from a multiple of 64 bytes on
//! head                                        JSON: what it was built from, and where each section is
//! place of head (u64)  its bytes (u64)  its CRC-32 (u32)  version (u32)  "WAGGLEIX"
//! ```
//!
//! The head names the catalog's and the data's version, for which alone it answers, the files that each table was built
//! from, and the CRC-32 of every section. It
//! is checked when the file is opened, a section when it is first used. The file is written under another name, synced,
//! and renamed: under its own name it is whole or not there. Whatever is odd about it makes it be built anew.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use datafusion::arrow::buffer::{Buffer, ScalarBuffer};
use datafusion::arrow::datatypes::ArrowNativeType;
use serde::{Deserialize, Serialize};

use super::beside::Beside;
use super::codes::Codes;
use super::column::{Column, Decode};
use super::ends::Ends;
use super::head::{DecodeHead, FieldHead, Head, IndexTable, ManyHead, Section, StartsHead, table};
use super::many::{Many, RowField};
use super::seal::Seal;
use super::set::{Lists, chunks};
use super::starts::Starts;
use super::{EntityField, Parts, map};
use crate::catalog::{Catalog, FieldType};

/// Version of the format.
pub(super) const FORMAT: u32 = 4;

pub(super) const MAGIC: &[u8; 8] = b"WAGGLEIX";
/// Sections begin at multiples of it.
pub(super) const ALIGNED: u64 = 64;
/// Bytes of the end.
const END: usize = 32;
/// Name of the file in its folder.
const NAME: &str = "segments.index";
/// Name of the lock of who builds.
const LOCK: &str = "segments.lock";
/// Name under which it is written.
pub(super) const PART: &str = "segments.part";

/// What an index was built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Version of the catalog.
    pub catalog: String,
    /// Version of the data.
    pub data: String,
}

/// What a file of an index says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    pub origin: Origin,
    pub entities: u64,
    pub bytes: u64,
    /// The entity's first.
    pub tables: Vec<IndexTable>,
}

/// Why a file is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// There is none, or none that can be read.
    Missing,
    /// It is of other data, another catalog, or another version of Waggle.
    Stale,
    /// It is not whole.
    Torn,
}

/// The file in its folder.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// Held by whoever builds; others wait. What a build that was killed has left is removed.
pub(crate) fn lock(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let file = File::create(folder.join(LOCK))?;
    file.lock()?;
    match fs::remove_file(folder.join(PART)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(file),
    }
}

/// The parts of the index in a folder, where it is of `origin`.
pub(super) fn open(folder: &Path, origin: &Origin, catalog: &Catalog) -> Result<Parts, Unfit> {
    let (buffer, head) = head(folder)?;
    parts_of(buffer, head, catalog, |of| of == origin)
}

/// The same, read into memory instead of mapped; none where it was `stopped`.
pub(super) fn load(
    folder: &Path,
    origin: &Origin,
    catalog: &Catalog,
    stopped: &dyn Fn() -> bool,
) -> Result<Option<Parts>, Unfit> {
    let file = File::open(path(folder)).map_err(|_| Unfit::Missing)?;
    let Some(buffer) = map::read(&file, stopped).map_err(|_| Unfit::Missing)? else { return Ok(None) };
    let head = head_of(&buffer)?;
    parts_of(buffer, head, catalog, |of| of == origin).map(Some)
}

/// Bytes of the file in a folder.
pub(crate) fn bytes(folder: &Path) -> Option<u64> {
    fs::metadata(path(folder)).ok().map(|known| known.len())
}

/// The parts of a file, where what it was built from `fits`.
fn parts_of(buffer: Buffer, head: Head, catalog: &Catalog, fits: impl Fn(&Origin) -> bool) -> Result<Parts, Unfit> {
    if !fits(&head.origin) {
        return Err(Unfit::Stale);
    }
    let reader = Reader { buffer, entities: usize::try_from(head.entities).map_err(|_| Unfit::Torn)?, catalog };
    reader.parts(head)
}

/// The parts of the index in a folder though it is of other data; of the same catalog.
pub(super) fn open_older(folder: &Path, catalog: &Catalog) -> Result<Parts, Unfit> {
    let (buffer, head) = head(folder)?;
    parts_of(buffer, head, catalog, |of| of.catalog == catalog.version)
}

/// What the index in a folder says of itself.
pub(crate) fn about(folder: &Path, catalog: &Catalog) -> Result<About, Unfit> {
    let (buffer, head) = head(folder)?;
    let entity = table(&catalog.entity().name, &head.files, head.fields.iter().map(FieldHead::bytes).sum());
    let many = head.many.iter().map(|many| table(&many.name, &many.files, many.bytes()));
    let tables = std::iter::once(entity).chain(many).collect();
    Ok(About { origin: head.origin, entities: head.entities, bytes: buffer.len() as u64, tables })
}

fn head(folder: &Path) -> Result<(Buffer, Head), Unfit> {
    let file = File::open(path(folder)).map_err(|_| Unfit::Missing)?;
    let buffer = map::map(&file).map_err(|_| Unfit::Torn)?;
    let head = head_of(&buffer)?;
    Ok((buffer, head))
}

fn head_of(buffer: &Buffer) -> Result<Head, Unfit> {
    let end = buffer.len().checked_sub(END).and_then(|at| buffer.get(at..)).ok_or(Unfit::Torn)?;
    let number = |at: usize| end.get(at..at + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    let short = |at: usize| end.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    if end.get(24..) != Some(MAGIC.as_slice()) || buffer.get(..8) != Some(MAGIC.as_slice()) {
        return Err(Unfit::Torn);
    }
    if short(20) != Some(FORMAT) {
        return Err(Unfit::Stale);
    }
    let place = number(0).zip(number(8)).and_then(|(at, bytes)| {
        let (at, bytes) = (usize::try_from(at).ok()?, usize::try_from(bytes).ok()?);
        Some((at, at.checked_add(bytes)?))
    });
    let bytes = place.and_then(|(from, to)| buffer.get(from..to)).ok_or(Unfit::Torn)?;
    if short(16) != Some(crc32fast::hash(bytes)) {
        return Err(Unfit::Torn);
    }
    serde_json::from_slice(bytes).map_err(|_| Unfit::Stale)
}

struct Reader<'a> {
    buffer: Buffer,
    entities: usize,
    catalog: &'a Catalog,
}

impl Reader<'_> {
    fn parts(&self, head: Head) -> Result<Parts, Unfit> {
        let entity = self.catalog.entity().name.clone();
        let mut fields = Vec::new();
        for field in head.fields {
            let mut seal = Seal::default();
            let column = self.column(&field, (&entity, self.entities), &mut seal)?;
            fields.push(EntityField::new(&field.name, column, seal));
        }
        if fields.first().map(|field| field.name.as_str()) != Some(self.catalog.key()) {
            return Err(Unfit::Torn);
        }
        let many = head.many.into_iter().map(|many| self.many(many)).collect::<Result<_, _>>()?;
        if head.files.iter().map(|file| file.held).sum::<u64>() != self.entities as u64 {
            return Err(Unfit::Torn);
        }
        Ok(Parts { entities: self.entities, fields, pieces: head.files, many })
    }

    fn bytes(&self, section: Section, seal: &mut Seal) -> Result<Buffer, Unfit> {
        let place = usize::try_from(section.at).ok().zip(usize::try_from(section.bytes).ok());
        let (at, bytes) = place.ok_or(Unfit::Torn)?;
        if !section.at.is_multiple_of(ALIGNED) || at.checked_add(bytes).is_none_or(|end| end > self.buffer.len()) {
            return Err(Unfit::Torn);
        }
        let buffer = self.buffer.slice_with_length(at, bytes);
        seal.add(buffer.clone(), section.crc);
        Ok(buffer)
    }

    fn values<T: ArrowNativeType>(&self, section: Section, seal: &mut Seal) -> Result<ScalarBuffer<T>, Unfit> {
        let buffer = self.bytes(section, seal)?;
        if !buffer.len().is_multiple_of(size_of::<T>()) {
            return Err(Unfit::Torn);
        }
        let length = buffer.len() / size_of::<T>();
        Ok(ScalarBuffer::new(buffer, 0, length))
    }

    fn codes(&self, (width, rows): (u8, usize), section: Section, seal: &mut Seal) -> Result<Codes, Unfit> {
        match width {
            0 => Ok(Codes::Row(rows)),
            1 => self.values(section, seal).map(Codes::One),
            2 => self.values(section, seal).map(Codes::Two),
            4 => self.values(section, seal).map(Codes::Four),
            8 => self.values(section, seal).map(Codes::Eight),
            _ => Err(Unfit::Torn),
        }
    }

    fn column(&self, head: &FieldHead, of: (&str, usize), seal: &mut Seal) -> Result<Column, Unfit> {
        let codes = self.codes((head.width, of.1), head.codes, seal)?;
        self.decoded(head, codes, of, seal)
    }

    /// The codes of a field that another tells.
    fn told(&self, head: &FieldHead, teller: Option<&(Codes, Section)>, seal: &mut Seal) -> Result<Codes, Unfit> {
        let Some((Codes::One(of), section)) = teller else { return Err(Unfit::Torn) };
        let table = self.values::<u8>(head.codes, seal)?;
        seal.add(of.inner().clone(), section.crc);
        if table.len() == 1 << 8 { Ok(Codes::Told(of.clone(), table)) } else { Err(Unfit::Torn) }
    }

    /// The column of some codes.
    fn decoded(
        &self,
        head: &FieldHead,
        codes: Codes,
        (table, rows): (&str, usize),
        seal: &mut Seal,
    ) -> Result<Column, Unfit> {
        let decode = match head.decode {
            DecodeHead::From(first) => Decode::From(first),
            DecodeHead::Wholes(numbers) => Decode::Wholes(self.values(numbers, seal)?),
            DecodeHead::Floats(numbers) => Decode::Floats(self.values(numbers, seal)?),
            DecodeHead::Texts(starts, bytes) => Decode::Texts(self.values(starts, seal)?, self.bytes(bytes, seal)?),
            DecodeHead::Bits => Decode::Bits,
        };
        let field = self.catalog.dataset(table).and_then(|dataset| dataset.field(&head.name)).ok_or(Unfit::Stale)?;
        let column = Column { kind: field.kind, codes, decode, scale: head.scale, last: head.last };
        let values = match &column.decode {
            Decode::From(_) | Decode::Bits => None,
            Decode::Wholes(numbers) => Some(numbers.len()),
            Decode::Floats(numbers) => Some(numbers.len()),
            Decode::Texts(starts, _) => starts.len().checked_sub(1),
        };
        let texts = matches!(column.decode, Decode::Texts(..)) == (field.kind == FieldType::String);
        let whole = values.is_none_or(|values| values as u64 == column.last);
        if column.codes.len() == rows && whole && texts { Ok(column) } else { Err(Unfit::Torn) }
    }

    fn beside(
        &self,
        (firsts, measures): (Section, Vec<(usize, Section)>),
        (groups, rows, fields): (usize, usize, usize),
        seal: &mut Seal,
    ) -> Result<Beside, Unfit> {
        let firsts = self.values(firsts, seal)?;
        let measures: Vec<_> = measures
            .into_iter()
            .map(|(place, codes)| Ok((place, self.values::<u8>(codes, seal)?)))
            .collect::<Result<_, Unfit>>()?;
        let fits = |(place, codes): &(usize, ScalarBuffer<u8>)| *place < fields && codes.len() == rows;
        if firsts.len() == groups + 1 && measures.iter().all(fits) {
            Ok(Beside { firsts, measures })
        } else {
            Err(Unfit::Torn)
        }
    }

    fn many(&self, head: ManyHead) -> Result<Many, Unfit> {
        let mut seal = Seal::default();
        let starts = match head.starts {
            StartsHead::Wide(starts) => Starts::Wide(self.values(starts, &mut seal)?),
            StartsHead::Narrow(firsts, behind) => {
                Starts::Narrow(self.values(firsts, &mut seal)?, self.values(behind, &mut seal)?)
            }
            StartsHead::Near(power, firsts, behind) => {
                Starts::Near(power, self.values(firsts, &mut seal)?, self.values(behind, &mut seal)?)
            }
        };
        if starts.entities() != Some(self.entities) {
            return Err(Unfit::Torn);
        }
        let rows = starts.at(self.entities);
        let ends = Ends { last: self.values(head.ends.0, &mut seal)?, some: self.values(head.ends.1, &mut seal)? };
        if (ends.last.len(), ends.some.len()) != Ends::words(self.entities, rows) {
            return Err(Unfit::Torn);
        }
        let mut origin_seal = Seal::default();
        let origin = match head.origin {
            Some((width, section)) => Some(self.codes((width, rows), section, &mut origin_seal)?),
            None => None,
        };
        let of_files: u64 = head.files.iter().map(|file| file.held).sum();
        if of_files != rows as u64 || origin.as_ref().is_some_and(|origin| origin.len() != rows) {
            return Err(Unfit::Torn);
        }
        let count = head.fields.len();
        let (mut fields, mut tellers) = (Vec::new(), Vec::new());
        for row in head.fields {
            let mut seal = Seal::default();
            let of = (head.name.as_str(), rows);
            let column = match row.told {
                Some(place) => {
                    let codes = self.told(&row.field, tellers.get(place), &mut seal)?;
                    self.decoded(&row.field, codes, of, &mut seal)?
                }
                None => self.column(&row.field, of, &mut seal)?,
            };
            tellers.push((column.codes.clone(), row.field.codes));
            // One for each code, the missing too, in each chunk: of a field with postings there are few codes.
            let groups = || (column.last as usize + 1) * chunks(self.entities);
            let postings = match row.postings {
                Some((starts, entries)) => {
                    let lists =
                        Lists { starts: self.values(starts, &mut seal)?, entries: self.values(entries, &mut seal)? };
                    if lists.starts.len() != groups() + 1 {
                        return Err(Unfit::Torn);
                    }
                    Some(lists)
                }
                None => None,
            };
            let beside = match row.beside.filter(|_| postings.is_some() && row.single) {
                Some(beside) => Some(self.beside(beside, (groups(), rows, count), &mut seal)?),
                None => None,
            };
            fields.push(RowField {
                name: row.field.name,
                column,
                postings,
                single: row.single,
                beside,
                told: row.told,
                seal,
            });
        }
        Ok(Many { name: head.name, starts, ends, fields, seal, pieces: head.files, origin, origin_seal })
    }
}
