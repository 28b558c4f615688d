//! A run: workers make and encode groups of lines, the caller's thread puts them into the files in
//! order. What is in the files depends on the shapes, the number of lines and the seed, and on
//! nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use datafusion::parquet::arrow::arrow_writer::ArrowRowGroupWriterFactory;

use super::chunk::{CHUNK, lines, rows};
use super::fault::GenerateError;
use super::node::Machine;
use super::parquet::{Group, GroupWriter, Layout, TableFile};
use super::raw::Storage;
use super::shapes::Shapes;

/// Lines of a row group, at most.
pub const GROUP_LINES: u64 = 65_536;
/// Groups that may be under way or waiting for their turn, for each worker: bounds the memory.
const AHEAD: usize = 2;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// How many lines.
    pub customers: u64,
    /// The seed of chance.
    pub seed: u64,
    /// Worker threads; 0 for as many as the machine has.
    pub threads: usize,
    /// Set by another thread to stop the run.
    pub cancel: Option<&'a AtomicBool>,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many lines.
    pub customers: u64,
    /// Rows by table, the entity first.
    pub rows: Vec<(String, u64)>,
}

/// Makes `customers` lines with all their rows in `out`, one Parquet file a table. `progress` is
/// told how many lines are done so far.
///
/// # Errors
/// Where a file cannot be written. Nothing is left behind then.
pub fn run(
    shapes: &Shapes,
    customers: u64,
    seed: u64,
    out: &Path,
    progress: &dyn Fn(u64),
) -> Result<Summary, GenerateError> {
    run_with(shapes, Options { customers, seed, threads: 0, cancel: None }, out, progress)
}

/// [`run`] with a number of threads and a way to stop.
///
/// # Errors
/// Where a file cannot be written, or the run was stopped. Nothing is left behind then.
pub fn run_with(
    shapes: &Shapes,
    options: Options<'_>,
    out: &Path,
    progress: &dyn Fn(u64),
) -> Result<Summary, GenerateError> {
    let partial = Partial::create(out)?;
    // Lines are numbered by the entity's first column, where that is made for it.
    let line = shapes.tables.first().and_then(|entity| entity.outputs.first());
    let line = line.filter(|output| output.storage == Storage::Int64).map(|output| output.name.as_str());
    let layouts: Vec<Layout> = shapes.tables.iter().map(|table| Layout::new(table, line)).collect();
    let notes = [
        ("waggle.customers", options.customers.to_string()),
        ("waggle.seed", options.seed.to_string()),
        ("waggle.shapes", shapes.version().to_owned()),
    ];
    let mut files = Vec::new();
    let mut factories = Vec::new();
    for layout in &layouts {
        let (file, factory) = TableFile::create(&partial.dir, layout, &notes)?;
        files.push(file);
        factories.push(factory);
    }
    let plan = Plan { shapes, options, layouts: &layouts, factories: &factories, stop: AtomicBool::new(false) };
    plan.write(&mut files, progress)?;
    let mut summary = Summary { customers: options.customers, rows: Vec::new() };
    for (file, layout) in files.into_iter().zip(&layouts) {
        summary.rows.push((String::new(), file.finish(layout)?));
    }
    for (entry, name) in summary.rows.iter_mut().zip(shapes.tables()) {
        name.clone_into(&mut entry.0);
    }
    partial.publish(shapes)?;
    Ok(summary)
}

/// What a worker tells.
enum Told {
    /// So many more lines are made.
    Lines(u64),
    /// A group is encoded: its number, and its part of each table.
    Group(u64, Result<Vec<Group>, GenerateError>),
}

struct Plan<'a> {
    shapes: &'a Shapes,
    options: Options<'a>,
    layouts: &'a [Layout],
    factories: &'a [ArrowRowGroupWriterFactory],
    stop: AtomicBool,
}

impl Plan<'_> {
    /// How many groups there are, all of about the same size.
    fn groups(&self) -> u64 {
        self.options.customers.div_ceil(GROUP_LINES)
    }

    /// The first line of a group.
    fn start(&self, group: u64) -> u64 {
        let size = self.options.customers.div_ceil(self.groups().max(1));
        (group * size).min(self.options.customers)
    }

    fn stopped(&self) -> bool {
        let cancelled = self.options.cancel.is_some_and(|c| c.load(Ordering::Relaxed));
        cancelled || self.stop.load(Ordering::Relaxed)
    }

    fn write(&self, files: &mut [TableFile], progress: &dyn Fn(u64)) -> Result<(), GenerateError> {
        let threads = match self.options.threads {
            0 => thread::available_parallelism().map_or(1, usize::from),
            given => given,
        };
        let (hand_out, orders) = channel();
        let (tell, told) = channel();
        let orders = Mutex::new(orders);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (tell, orders) = (tell.clone(), &orders);
                scope.spawn(move || self.work(orders, &tell));
            }
            drop(tell);
            let ahead = u64::try_from(threads * AHEAD).unwrap_or(u64::MAX);
            let done = self.collect(files, &hand_out, &told, ahead, progress);
            self.stop.store(true, Ordering::Relaxed);
            drop(hand_out);
            done
        })
    }

    /// Hands out groups, and takes them back in order.
    fn collect(
        &self,
        files: &mut [TableFile],
        hand_out: &Sender<u64>,
        told: &Receiver<Told>,
        ahead: u64,
        progress: &dyn Fn(u64),
    ) -> Result<(), GenerateError> {
        let groups = self.groups();
        let hand = |group: u64| if group < groups { hand_out.send(group).is_ok() } else { true };
        if !(0..ahead.min(groups)).all(hand) {
            return Err(GenerateError::Worker);
        }
        let (mut next, mut done) = (0, 0);
        let mut waiting = BTreeMap::new();
        while next < groups {
            match told.recv().map_err(|_| GenerateError::Worker)? {
                Told::Lines(count) => {
                    done += count;
                    progress(done);
                }
                Told::Group(number, parts) => {
                    waiting.insert(number, parts?);
                }
            }
            if self.stopped() {
                return Err(GenerateError::Cancelled);
            }
            while let Some(parts) = waiting.remove(&next) {
                for ((file, layout), part) in files.iter_mut().zip(self.layouts).zip(parts) {
                    file.append(layout, part)?;
                }
                hand(next + ahead);
                next += 1;
            }
        }
        Ok(())
    }

    fn work(&self, orders: &Mutex<Receiver<u64>>, tell: &Sender<Told>) {
        loop {
            let order = orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(group) = order else { return };
            let made = self.group(group, tell);
            if tell.send(Told::Group(group, made)).is_err() {
                return;
            }
        }
    }

    fn group(&self, group: u64, tell: &Sender<Told>) -> Result<Vec<Group>, GenerateError> {
        let mut machine = Machine::default();
        let pairs = self.layouts.iter().zip(self.factories);
        let mut writers = pairs.map(|(l, f)| GroupWriter::new(l, f)).collect::<Result<Vec<_>, _>>()?;
        let (mut start, end) = (self.start(group), self.start(group + 1));
        while start < end {
            if self.stopped() {
                return Err(GenerateError::Cancelled);
            }
            let stop = (start + CHUNK).min(end);
            self.chunk(start, stop, &mut machine, &mut writers)?;
            // The writer going away is seen by the sender of the group.
            let _ = tell.send(Told::Lines(stop - start));
            start = stop;
        }
        writers.into_iter().map(GroupWriter::close).collect()
    }

    fn chunk(
        &self,
        start: u64,
        end: u64,
        machine: &mut Machine,
        writers: &mut [GroupWriter<'_>],
    ) -> Result<(), GenerateError> {
        let tables = &self.shapes.tables;
        let entity = lines(&tables[0], self.options.seed, start, end, machine);
        writers[0].write(&tables[0], &entity)?;
        for (table, writer) in tables.iter().zip(writers).skip(1) {
            if let Some(of) = &table.rows {
                writer.write(table, &rows(table, of, &entity, machine))?;
            }
        }
        Ok(())
    }
}

/// The folder where files stay until all are complete; removed with what is in it when the run ends.
struct Partial {
    out: PathBuf,
    dir: PathBuf,
}

impl Partial {
    fn create(out: &Path) -> Result<Self, GenerateError> {
        let dir = out.join(format!(".partial-{}", std::process::id()));
        std::fs::create_dir_all(&dir).map_err(|source| GenerateError::Write { path: dir.clone(), source })?;
        Ok(Self { out: out.to_owned(), dir })
    }

    /// Moves the files into place, the entity's last: with no entity there is no data set.
    fn publish(&self, shapes: &Shapes) -> Result<(), GenerateError> {
        let names: Vec<String> = shapes.tables().map(|t| format!("{t}.parquet")).collect();
        if let Some(entity) = names.first().map(|n| self.out.join(n))
            && entity.exists()
        {
            std::fs::remove_file(&entity).map_err(|source| GenerateError::Write { path: entity, source })?;
        }
        for name in names.iter().rev() {
            let path = self.out.join(name);
            std::fs::rename(self.dir.join(name), &path).map_err(|source| GenerateError::Write { path, source })?;
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Best effort: what cannot be removed is no data set either.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
