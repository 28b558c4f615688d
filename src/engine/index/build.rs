//! The index from the Parquet files: column by column, several at a time.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use rayon::prelude::*;

use super::super::EngineError;
use super::beside::Beside;
use super::column::Column;
use super::encode::encode;
use super::laid::{Laid, Next};
use super::many::{self, Many, RowField};
use super::pieces::{self, Piece, SourceFile, Take};
use super::place::{Lookup, wholes};
use super::seal::Seal;
use super::source::{self, Raw};
use super::told;
use super::write::Writing;
use super::{EntityField, Origin, Parts};
use crate::catalog::{Catalog, Dataset, Field, FieldType};
use crate::segment::check::is_identifier;

/// A table of the catalog and its files.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub name: String,
    pub files: Vec<SourceFile>,
}

/// Tells how far a build is, and stops it.
pub struct Progress<'a> {
    /// Called with the values read so far and all there are.
    pub report: &'a (dyn Fn(u64, u64) + Sync),
    /// Whether to stop.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
    /// Whether to build it though there is one.
    pub anew: bool,
}

impl std::fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

/// A build that goes on.
pub(super) struct Build<'a> {
    catalog: &'a Catalog,
    sources: &'a [Source],
    pub(super) older: Option<Parts>,
    progress: &'a Progress<'a>,
    done: AtomicU64,
    total: u64,
}

/// The entities, for the tables that hang off them.
pub(super) struct Entities {
    pub(super) count: usize,
    /// The key first; none once they are written.
    fields: Vec<EntityField>,
    pub(super) pieces: Vec<Piece>,
    pub(super) lookup: Lookup,
    /// Whether they are those of the older index, in the same order.
    pub(super) same: bool,
}

/// An older index, but for those of its tables that are not what was written; none where that is the entities'.
fn sound(older: Parts) -> Option<Parts> {
    let sound = |many: &Many| {
        let seals = many.fields.iter().map(|field| &field.seal).chain([&many.seal, &many.origin_seal]);
        seals.into_iter().all(|seal| seal.check().is_ok())
    };
    let many = older.many.into_iter().filter(sound).collect();
    let fields = older.fields;
    fields.iter().all(|field| field.seal.check().is_ok()).then_some(Parts { fields, many, ..older })
}

/// What was built.
#[derive(Debug)]
pub(super) enum Built {
    /// In memory.
    Parts(Parts),
    /// In its folder; nothing is in memory any more.
    Written,
}

/// Builds the parts of an index, in the folder where there is one; none where the entity's keys are such that none can
/// be. Of an older one it takes over what is of files that have not changed.
pub(super) fn build(
    (catalog, sources): (&Catalog, &[Source]),
    older: Option<Parts>,
    folder: Option<(&Path, &Origin)>,
    progress: &Progress<'_>,
) -> Result<Option<Built>, EngineError> {
    let older = older.and_then(sound);
    let mut build = Build { catalog, sources, older, progress, done: AtomicU64::new(0), total: 0 };
    build.total = build.to_read()?;
    let started = Instant::now();
    let Some(mut entities) = build.entities()? else { return Ok(None) };
    build.tell(&catalog.entity().name, started);
    let Some((folder, origin)) = folder else {
        let mut many = Vec::new();
        build.each_many(&entities, |built| {
            many.push(built);
            Ok(())
        })?;
        let Entities { count, fields, pieces, .. } = entities;
        return Ok(Some(Built::Parts(Parts { entities: count, fields, pieces, many })));
    };
    let io = |cause| EngineError::Io { path: folder.to_owned(), cause };
    let (fields, pieces) = (std::mem::take(&mut entities.fields), entities.pieces.clone());
    std::thread::scope(|scope| {
        // A table is written while the next is built; two at most are in memory.
        let (send, receive) = sync_channel::<Many>(0);
        let writer = scope.spawn(move || -> io::Result<Writing> {
            let mut writing = Writing::begin(folder, origin, (fields.as_slice(), pieces.as_slice()))?;
            drop(fields);
            receive.iter().try_for_each(|many| writing.many(&many))?;
            Ok(writing)
        });
        // Who writes says itself why it does so no longer.
        let done = build.each_many(&entities, |many| send.send(many).map_err(|_| EngineError::Stopped));
        drop(send);
        let written = writer.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into())).map_err(io)?;
        done?;
        written.finish().map_err(io)
    })?;
    Ok(Some(Built::Written))
}

/// The fields of a many-table that questions can be about. None can be about what tells who somebody is but to count
/// how many differ, which SQL does.
fn asked(dataset: &Dataset) -> impl Iterator<Item = &Field> {
    dataset.fields.iter().filter(|field| !is_identifier(field, dataset))
}

impl Build<'_> {
    /// Builds the many-tables, one after the other. While the fields of one are read, it is found out whose the rows of
    /// the next are: that is the work of one thread.
    fn each_many(
        &self,
        entities: &Entities,
        mut take: impl FnMut(Many) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(0);
            let layer = scope.spawn(move || -> Result<(), EngineError> {
                for dataset in &self.catalog.datasets[1..] {
                    let Some(next) = self.next(dataset, entities)? else { continue };
                    // Nobody receives any more where the build has come to an end.
                    if send.send(next).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            // Dropped where one fails, so that the other thread ends too.
            let built = receive.into_iter().try_for_each(|next| {
                let started = Instant::now();
                let many = match next {
                    Next::Old(many) => many,
                    Next::Laid(laid) => self.many(laid)?,
                };
                self.tell(&many.name, started);
                take(many)
            });
            let laid = layer.join().unwrap_or(Err(EngineError::Stopped));
            built.and(laid)
        })
    }

    /// Tells how long a table took.
    fn tell(&self, table: &str, started: Instant) {
        let (seconds, of) = (started.elapsed().as_secs_f64(), self.total);
        tracing::debug!(table, seconds, done = self.done.load(Ordering::Relaxed), of, "a table is indexed");
    }

    pub(super) fn files(&self, table: &str) -> &[SourceFile] {
        self.sources.iter().find(|s| s.name == table).map_or(&[], |s| s.files.as_slice())
    }

    pub(super) fn old_many(&self, name: &str) -> Option<&Many> {
        self.older.as_ref()?.many.iter().find(|many| many.name == name)
    }

    fn old_field(&self, name: &str) -> Option<&Column> {
        self.older.as_ref()?.fields.iter().find(|field| field.name == name).map(|field| &field.column)
    }

    /// How the files of the entity's table are had.
    fn takes_of_entity(&self) -> Vec<Take> {
        let older = self.older.as_ref().map(|older| pieces::in_a_row(older.pieces.clone())).unwrap_or_default();
        pieces::takes(self.files(&self.catalog.entity().name), older)
    }

    /// How the files of a many-table are had.
    pub(super) fn takes_of_many(&self, dataset: &Dataset, grown: bool) -> Vec<Take> {
        // Rows that lack a field cannot be completed from the file: they lie in another order there.
        let whole = |many: &&Many| asked(dataset).all(|field| many.fields.iter().any(|known| known.name == field.name));
        let older = self.old_many(&dataset.name).filter(whole);
        let older = older.map(|many| pieces::of_many(many, grown)).unwrap_or_default();
        pieces::takes(self.files(&dataset.name), older)
    }

    /// Values that are to be read.
    fn to_read(&self) -> Result<u64, EngineError> {
        let read = |takes: &[Take], fields: usize| {
            takes
                .iter()
                .filter(|take| take.old.is_none())
                .try_fold(0, |sum, take| Ok::<_, EngineError>(sum + source::rows(&take.file.path)? * fields as u64))
        };
        let entity = self.takes_of_entity();
        let grown = entity.iter().any(|take| take.old.is_none());
        let mut total = read(&entity, self.catalog.entity().fields.len())?;
        for dataset in &self.catalog.datasets[1..] {
            let key = dataset.fields.iter().filter(|field| dataset.joins_on.as_ref() == Some(&field.name));
            total += read(&self.takes_of_many(dataset, grown), key.chain(asked(dataset)).count())?;
        }
        Ok(total)
    }

    pub(super) fn read(&self, takes: &[Take], old: Option<&Column>, of: (&str, FieldType)) -> Result<Raw, EngineError> {
        let tick = |rows: usize| {
            if (self.progress.stopped)() {
                return Err(EngineError::Stopped);
            }
            let done = self.done.fetch_add(rows as u64, Ordering::Relaxed) + rows as u64;
            (self.progress.report)(done.min(self.total), self.total);
            Ok(())
        };
        source::column(takes, old, of, &tick)
    }

    /// The entity's fields, the keys first; none where those are no different whole numbers.
    fn entities(&self) -> Result<Option<Entities>, EngineError> {
        let (entity, key) = (self.catalog.entity(), self.catalog.key());
        let Some(field) = entity.field(key).filter(|f| f.kind.is_integer()) else { return Ok(None) };
        let takes = self.takes_of_entity();
        let same = self.older.as_ref().is_some_and(|older| pieces::same(self.files(&entity.name), &older.pieces));
        let raw = self.read(&takes, self.old_field(key), (key, field.kind))?;
        if raw.missing.is_some() || u32::try_from(raw.len()).is_err() {
            return Ok(None);
        }
        let Some(lookup) = Lookup::of(wholes(&raw)) else { return Ok(None) };
        let Some(keys) = encode(raw, field.kind, None) else { return Ok(None) };
        let pieces = pieces_of(&takes, None)?;
        let fields = match &self.older {
            Some(older) if same => older.fields.iter().map(EntityField::again).collect(),
            _ => self.fields(keys, &takes)?,
        };
        Ok(Some(Entities { count: fields[0].column.codes.len(), fields, pieces, lookup, same }))
    }

    fn fields(&self, keys: Column, takes: &[Take]) -> Result<Vec<EntityField>, EngineError> {
        let (entity, key, rows) = (self.catalog.entity(), self.catalog.key(), keys.codes.len());
        let made: Result<Vec<Option<EntityField>>, EngineError> = entity
            .fields
            .par_iter()
            .filter(|field| field.name != key)
            .map(|field| {
                let raw = self.read(takes, self.old_field(&field.name), (&field.name, field.kind))?;
                let column = encode(raw, field.kind, None).filter(|column| column.codes.len() == rows);
                Ok(column.map(|column| EntityField::new(&field.name, column, Seal::default())))
            })
            .collect();
        let key = EntityField::new(key, keys, Seal::default());
        Ok(std::iter::once(key).chain(made?.into_iter().flatten()).collect())
    }

    /// The table whose rows come to lie as told.
    fn many(&self, laid: Laid<'_>) -> Result<Many, EngineError> {
        let Laid { dataset, takes, rows, starts, ends, order, held, origin } = laid;
        let old = self.old_many(&dataset.name);
        let fields: Vec<&Field> = asked(dataset).collect();
        let fields: Result<Vec<Option<RowField>>, EngineError> = fields
            .par_iter()
            .map(|field| {
                let known = old.and_then(|old| old.fields.iter().find(|known| known.name == field.name));
                let raw = self.read(&takes, known.map(|known| &known.column), (&field.name, field.kind))?;
                if raw.len() != rows {
                    return Ok(None);
                }
                Ok(encode(raw, field.kind, order.as_deref()).map(|column| {
                    let text = field.kind == FieldType::String;
                    let posted = if text { many::postings(&column, &starts) } else { None };
                    let (postings, single) = posted.map_or((None, false), |(lists, single)| (Some(lists), single));
                    RowField {
                        name: field.name.clone(),
                        column,
                        postings,
                        single,
                        beside: None,
                        told: None,
                        seal: Seal::default(),
                    }
                }))
            })
            .collect();
        let mut fields: Vec<RowField> = fields?.into_iter().flatten().collect();
        told::tell(&mut fields);
        let beside: Vec<_> = fields.iter().map(|field| Beside::of(&fields, field, &starts)).collect();
        fields.iter_mut().zip(beside).for_each(|(field, beside)| field.beside = beside);
        Ok(Many {
            name: dataset.name.clone(),
            starts,
            ends,
            fields,
            seal: Seal::default(),
            pieces: pieces_of(&takes, Some(&held))?,
            origin,
            origin_seal: Seal::default(),
        })
    }
}

/// The files as the index is told of them; all of their rows are `held` where nothing else is said.
fn pieces_of(takes: &[Take], held: Option<&[u64]>) -> Result<Vec<Piece>, EngineError> {
    let piece = |(at, take): (usize, &Take)| {
        let rows = match &take.old {
            Some((_, piece)) => piece.rows,
            None => source::rows(&take.file.path)?,
        };
        let held = held.map_or(rows, |held| held[at]);
        Ok(Piece { version: take.file.version.clone(), rows, held, read: take.old.is_none() })
    };
    takes.iter().enumerate().map(piece).collect()
}
