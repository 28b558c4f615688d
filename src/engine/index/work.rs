//! Work that is done chunk by chunk, over a few threads of its own: those of one question do not wait for those of
//! another, and all stop between two chunks where they are told to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::pool::Pool;
use super::room::Room;
use super::set::{Set, WORDS, Words};

/// With fewer chunks, a thread would take longer to start than it saves.
const CHUNKS_A_THREAD: usize = 4;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The index does not hold what is asked about.
    Uncovered,
    /// Time is up, or nobody waits.
    Stopped,
    /// What the disk gives back is not what was written.
    Torn,
}

/// Says when to stop.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    told: AtomicBool,
    deadline: Option<Instant>,
}

impl Stop {
    pub(crate) fn at(deadline: Option<Instant>) -> Self {
        Self { told: AtomicBool::new(false), deadline }
    }

    pub(crate) fn tell(&self) {
        self.told.store(true, Ordering::Relaxed);
    }

    pub(super) fn check(&self) -> Result<(), Halt> {
        let late = || self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if self.told.load(Ordering::Relaxed) || late() { Err(Halt::Stopped) } else { Ok(()) }
    }
}

/// How a question is worked on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    pub stop: &'a Stop,
    pub threads: usize,
    pub chunks: usize,
    pub pool: &'a Pool,
}

impl Work<'_> {
    /// Calls `each` for every chunk with what `start` makes for each thread, and gives those.
    pub(super) fn fold<T: Send>(
        &self,
        start: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, usize) -> Result<(), Halt> + Sync,
    ) -> Result<Vec<T>, Halt> {
        let next = AtomicUsize::new(0);
        let run = || {
            let mut made = start();
            loop {
                let chunk = next.fetch_add(1, Ordering::Relaxed);
                if chunk >= self.chunks {
                    return Ok(made);
                }
                self.stop.check()?;
                each(&mut made, chunk)?;
            }
        };
        let threads = self.threads.min(self.chunks / CHUNKS_A_THREAD).max(1);
        if threads == 1 {
            return Ok(vec![run()?]);
        }
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
            let own = run();
            let others = others.into_iter().map(|other| other.join().unwrap_or(Err(Halt::Stopped)));
            std::iter::once(own).chain(others.collect::<Vec<_>>()).collect()
        })
    }

    /// The set whose bits `each` makes, chunk by chunk.
    pub(super) fn set(&self, each: impl Fn(usize, &mut Words) -> Result<(), Halt> + Sync) -> Result<Set, Halt> {
        let (set, room) = Set::within(self.bits(each)?);
        if let Some(room) = room {
            self.pool.give(room);
        }
        Ok(set)
    }

    /// The bits of all chunks, each made by `each`.
    fn bits(&self, each: impl Fn(usize, &mut Words) -> Result<(), Halt> + Sync) -> Result<Room, Halt> {
        // Each chunk is written whole, whatever was there before.
        let mut words = self.pool.take();
        let parts = Mutex::new(words.chunks_mut(WORDS).enumerate());
        let run = || {
            let mut own = [0; WORDS];
            loop {
                let part = parts.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((chunk, part)) = part else { return Ok(()) };
                self.stop.check()?;
                own.fill(0);
                each(chunk, &mut own)?;
                part.copy_from_slice(&own);
            }
        };
        let threads = self.threads.min(self.chunks / CHUNKS_A_THREAD).max(1);
        let done: Result<(), Halt> = if threads == 1 {
            run()
        } else {
            std::thread::scope(|scope| {
                let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
                let own = run();
                let joined = others.into_iter().map(|other| other.join().unwrap_or(Err(Halt::Stopped)));
                joined.collect::<Vec<_>>().into_iter().chain([own]).collect()
            })
        };
        done.map(|()| words)
    }
}
