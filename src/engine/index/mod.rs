//! The segment index: every field of the entity as an array of codes, every many-table as rows behind their entity.
//! It answers the [`Shape`] of a statement with the rows that the statement itself gives through DataFusion, without
//! running it. What it does not hold it says so of, and the statement runs.
//!
//! # Structures
//!
//! Entities have ordinals, in the order of their files: files by name, the rows as they lie in them.
//!
//! - A field ([`column`]) is one code an entity, of 1, 2, 4 or 8 bytes. Code 0 is missing; the others are in the
//!   order of what they stand for, so every test is a few ranges of codes. Codes count from the smallest whole
//!   number, or number the different values, or are the bits of a number put in order; whichever is narrowest. Keys
//!   that follow each other take no room. Numbers with few decimals are kept as whole ones and a divisor, where that
//!   gives back every one of them exactly. A field that holds NaN or −0.0, which SQL takes for numbers of their own,
//!   is not held.
//! - A many-table ([`many`]) is, for each entity, where its rows begin ([`starts`]), for each row whether it is the
//!   last of its entity ([`ends`]), and the fields of the rows in that order: the forward list. Fields that tell who
//!   somebody is are left out: none can be a condition. For each value of a text field with at most 512 of them there
//!   are, beside it, the entities that have a row with it: the postings, chunk by chunk as ordinals of two bytes or
//!   as bits, whichever is smaller. A field that another tells, as an app its kind, is a table of codes ([`told`]).
//!   Where no entity has two rows with one value and a table has many rows, the measures of one byte lie beside the
//!   postings ([`beside`]); others are found in the forward list of those entities.
//! - A set ([`set`]) of entities has a bit for each where it is one in sixteen or more, else it is a list of the same
//!   form as a posting. (The crate `roaring` has the same containers, but cannot lie in a mapped file.)
//!
//! # How a question is answered
//!
//! Each leaf of the segment becomes a set ([`plan`]): from the cache, by a scan of codes, by postings and the
//! measures beside them, by the rows of the entities that postings name, by adding up rows, or as a rank or sample
//! within a segment. Where the conditions beside a condition on rows leave few, it is put to the rows of those alone
//! ([`among`]). And, or and not are then worked out chunk by chunk (65,536 entities, as many bits), the smallest sets
//! first, and never as a whole; each chunk is counted or grouped while it is in the processor's cache: member by
//! member, or where many of it are in the segment and the field has few values, by the sets of those ([`values`]).
//! Chunks are shared out among threads that the question starts for itself ([`work`]), so no question waits for
//! another's; between chunks it looks whether it is to stop. Readers take no lock.
//!
//! A part of a segment that the index does not cover ([`asked`]) is asked of DataFusion, for the keys of those it
//! holds for; they become a set like any other. Where that would spare DataFusion less than it costs to be handed the
//! keys, the whole statement runs there instead.
//!
//! Sets and whole answers are kept, each by its text, within a number of bytes ([`cache`]).
//!
//! # On disk
//!
//! See [`file`](mod@file). The file is mapped, so that an index answers as soon as it is opened. A server then reads
//! it into memory of large pages ([`map`](mod@map)) where there is room, and goes on from there.
//!
//! # Files that come and change
//!
//! The index knows the files of each table and how many rows it holds of each ([`pieces`]). The next build reads
//! those that are new or changed, and takes the rows of the others from the index that is there, after it has looked
//! at its checksums: what comes of it is, byte for byte, the index of a build from nothing. Where the rows of a
//! many-table lie in several files and those of one entity in more than one of them, a list beside the table says
//! which row is of which file; no question reads it. When entities come, files with rows that were nobody's are read
//! again.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "codes, ordinals and places are made within the bounds of their types; sums become numbers with fractions as in SQL"
)]

mod among;
mod asked;
mod beside;
mod build;
mod cache;
mod codes;
mod column;
mod dice;
mod encode;
mod ends;
pub(super) mod file;
mod groups;
mod head;
mod judge;
mod keys;
mod laid;
mod lanes;
mod leaf;
mod many;
mod map;
mod measure;
mod pieces;
mod place;
mod plan;
mod pool;
mod rank;
mod room;
mod scan;
mod seal;
mod set;
mod sizes;
mod source;
mod starts;
mod told;
mod values;
mod work;
mod write;

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::{Cell, EngineError, Rows};
use crate::catalog::Catalog;
use crate::segment::text;
use crate::sql::{Asks, Shape};
use among::Kept;
use build::Built;
use cache::Cache;
use column::Column;
use many::Many;
use pieces::Piece;
use place::Lookup;
use plan::Query;
use pool::Pool;
use seal::Seal;
use set::{CHUNK, Lists, WORDS};
use work::Work;

pub(super) use asked::{Gathering, Given, Lacking, Lacks};
pub use build::Progress;
pub(crate) use build::Source;
pub(crate) use dice::Dice;
pub use file::{Origin, Unfit};
pub use head::IndexTable;
pub(crate) use pieces::SourceFile;
pub(crate) use work::{Halt, Stop};

/// Bytes of sets that are kept.
pub const CACHED_SETS: usize = 512 << 20;

/// Bytes of the sets of values that are kept.
pub const CACHED_VALUES: usize = 256 << 20;

/// Bytes of answers that are kept.
pub const CACHED_ANSWERS: usize = 32 << 20;

/// Parts of the cache of answers, of which there are many.
const ANSWER_PARTS: usize = 64;

/// What an index is made of.
#[derive(Debug)]
struct Parts {
    entities: usize,
    /// The key first.
    fields: Vec<EntityField>,
    /// The files that the entities are of.
    pieces: Vec<Piece>,
    many: Vec<Many>,
}

/// A field of the entity.
#[derive(Debug)]
struct EntityField {
    name: String,
    column: Column,
    seal: Seal,
    /// Members that were looked at one by one to count them by this field.
    scanned: AtomicU64,
}

impl EntityField {
    fn new(name: &str, column: Column, seal: Seal) -> Self {
        Self { name: name.to_owned(), column, seal, scanned: AtomicU64::new(0) }
    }

    /// The same, for an index that takes it over.
    fn again(&self) -> Self {
        Self::new(&self.name, self.column.clone(), Seal::default())
    }
}

/// An index over the data of one folder.
#[derive(Debug)]
pub(super) struct Index {
    parts: Parts,
    threads: usize,
    learnt: Arc<Learnt>,
    /// Entities by their keys, once somebody has needed it.
    ordinals: OnceLock<Option<Lookup>>,
}

/// What questions leave for those to come.
#[derive(Debug)]
struct Learnt {
    sets: Cache<Kept>,
    answers: Cache<Rows>,
    /// Entities by each value of the fields with few that segments are often grouped by.
    valued: Cache<Lists>,
    pool: Pool,
}

/// How a statement was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// What was asked, as a segment's text or as SQL.
    pub asked: String,
    /// What gave the rows.
    pub by: &'static str,
    /// The leaves of its segment.
    pub leaves: Vec<Leaf>,
    /// How long it took.
    pub milliseconds: f64,
}

/// How a leaf of a segment was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// The leaf, in the segment's text form.
    pub text: String,
    /// How its set was had.
    pub how: &'static str,
    /// How the set is kept.
    pub form: &'static str,
    /// How many entities it holds: of all and not only of the population, but where DataFusion was asked or only the
    /// rows of the few were read whom the rest of the segment leaves.
    pub size: u64,
    /// Bytes of the set.
    pub bytes: usize,
    /// How long it took.
    pub milliseconds: f64,
}

/// What an index gives.
#[derive(Debug)]
pub(super) struct Answered {
    pub rows: Rows,
    pub how: Explained,
}

impl Index {
    /// Builds one; none where the entity's keys are such that there can be none. With a folder it is written there,
    /// and used from there.
    pub(super) fn build(
        (catalog, sources): (&Catalog, &[Source]),
        folder: Option<(&Path, &Origin)>,
        threads: usize,
        progress: &Progress<'_>,
    ) -> Result<Option<Self>, EngineError> {
        let older = folder.filter(|_| !progress.anew).and_then(|(folder, _)| file::open_older(folder, catalog).ok());
        let built = build::build((catalog, sources), older, folder, progress)?;
        match (built, folder) {
            (None, _) | (Some(Built::Written), None) => Ok(None),
            (Some(Built::Written), Some((folder, origin))) => {
                let torn = |why| std::io::Error::other(format!("what was written cannot be read: {why:?}"));
                let io = |why| EngineError::Io { path: folder.to_owned(), cause: torn(why) };
                Self::open(folder, origin, catalog, threads).map(Some).map_err(io)
            }
            (Some(Built::Parts(parts)), _) => Ok(Some(Self::of(parts, threads))),
        }
    }

    /// Opens the one in a folder, where it is of `origin`.
    pub(super) fn open(folder: &Path, origin: &Origin, catalog: &Catalog, threads: usize) -> Result<Self, Unfit> {
        file::open(folder, origin, catalog).map(|parts| Self::of(parts, threads))
    }

    /// The same index read into memory from the folder that it is mapped from, with what was learnt; none where it was
    /// `stopped`.
    pub(super) fn load(
        &self,
        (folder, origin, catalog): (&Path, &Origin, &Catalog),
        stopped: &dyn Fn() -> bool,
    ) -> Result<Option<Self>, Unfit> {
        let parts = file::load(folder, origin, catalog, stopped)?;
        let loaded =
            |parts| Self { parts, threads: self.threads, learnt: Arc::clone(&self.learnt), ordinals: OnceLock::new() };
        Ok(parts.map(loaded))
    }

    fn of(parts: Parts, threads: usize) -> Self {
        let (sets, answers) = (Cache::new(CACHED_SETS, 1), Cache::new(CACHED_ANSWERS, ANSWER_PARTS));
        let valued = Cache::new(CACHED_VALUES, 1);
        let pool = Pool::new(set::chunks(parts.entities) * WORDS);
        let learnt = Arc::new(Learnt { sets, answers, valued, pool });
        Self { parts, threads, learnt, ordinals: OnceLock::new() }
    }

    pub(super) fn entities(&self) -> usize {
        self.parts.entities
    }

    fn field(&self, name: &str) -> Result<&Column, Halt> {
        self.entity_field(name).map(|field| &field.column)
    }

    fn entity_field(&self, name: &str) -> Result<&EntityField, Halt> {
        let found = self.parts.fields.iter().find(|field| field.name == name).ok_or(Halt::Uncovered)?;
        found.seal.check().map(|()| found)
    }

    fn keys(&self) -> Result<&Column, Halt> {
        self.parts.fields[0].seal.check().map(|()| &self.parts.fields[0].column)
    }

    fn many(&self, name: &str) -> Result<&Many, Halt> {
        let found = self.parts.many.iter().find(|many| many.name == name).ok_or(Halt::Uncovered)?;
        found.seal.check().map(|()| found)
    }

    /// The first ordinal of a chunk, and one past its last.
    fn span(&self, chunk: usize) -> (usize, usize) {
        (chunk * CHUNK, ((chunk + 1) * CHUNK).min(self.parts.entities))
    }

    /// Bytes of the fields and many-tables.
    pub(super) fn bytes(&self) -> usize {
        let fields = self.parts.fields.iter().map(|field| field.column.bytes()).sum::<usize>();
        fields + self.parts.many.iter().map(Many::bytes).sum::<usize>()
    }

    /// Whether room that was made ready for questions is used up.
    pub(super) fn is_short_of_room(&self) -> bool {
        self.learnt.pool.is_short()
    }

    /// Makes room ready for the sets of questions to come, so that none waits for it.
    pub(super) fn make_room(&self) {
        self.learnt.pool.stock();
    }

    /// Reads and checks all that questions may use, on so many threads, and makes room for what they will need, so that
    /// none has to: else whoever uses a section first reads it from the disk and waits for its checksum. Ends early where
    /// it is `stopped`.
    pub(super) fn wake(&self, threads: usize, stopped: &(dyn Fn() -> bool + Sync)) -> Result<(), Halt> {
        let fields = self.parts.fields.iter().map(|field| &field.seal);
        let seals: Vec<&Seal> = fields.chain(self.parts.many.iter().flat_map(Many::seals)).collect();
        let next = AtomicUsize::new(0);
        let look = || {
            while let Some(seal) = seals.get(next.fetch_add(1, Ordering::Relaxed)) {
                if stopped() {
                    return Err(Halt::Stopped);
                }
                seal.check()?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(look)).collect();
            let own = look();
            self.make_room();
            others.into_iter().map(|other| other.join().unwrap_or(Err(Halt::Stopped))).fold(own, Result::and)
        })
    }

    /// The rows of what is asked, where the parts of it that are not covered are `given`.
    pub(super) fn answer(&self, shape: &Shape, given: &Given, stop: &Stop) -> Result<Answered, Halt> {
        let started = Instant::now();
        let work =
            Work { stop, threads: self.threads, chunks: set::chunks(self.parts.entities), pool: &self.learnt.pool };
        let query = Query::new(self, (shape, given), work);
        let key = said(shape);
        if let Some(rows) = self.learnt.answers.get(&key) {
            return Ok(Answered { rows: Rows::clone(&rows), how: query.explained("cache of answers", started) });
        }
        let (rows, by) = match shape.asks() {
            Asks::Count => query.count()?,
            Asks::Metric(metric) => query.metric(metric)?,
            Asks::Groups(groups) => query.groups(groups)?,
        };
        let kept = Arc::new(rows.clone());
        let bytes = size_of::<Cell>() * kept.columns.len() * (kept.rows.len() + 1) * 2;
        self.learnt.answers.put(&key, kept, bytes);
        Ok(Answered { rows, how: query.explained(by, started) })
    }
}

impl Query<'_> {
    /// The size of the segment.
    fn count(&self) -> Result<(Rows, &'static str), Halt> {
        let members = self.members(self.shape.segment())?;
        let size = i64::try_from(self.size(&members)?).unwrap_or(i64::MAX);
        Ok((Rows { columns: vec!["n".to_owned()], rows: vec![vec![Cell::Int(size)]] }, "count of bits"))
    }
}

/// What is asked, as the text that its answer is kept by.
fn said(shape: &Shape) -> String {
    let (population, segment) = (text::print(shape.population()), text::print(shape.segment()));
    // The rest is small and has no text form of its own.
    format!("{} {population}\n{segment}\n{:?}", shape.as_of(), shape.asks())
}
