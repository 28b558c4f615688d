//! Conversations that are going on, in memory: a bounded number, each with a lock of its own, so that two
//! messages to one session are answered one after the other. The store has the truth: what is here is only
//! what need not be read again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::session::Session;

/// A conversation as it stood after its last turn; none where the store has to be read.
pub(super) type Live = AsyncMutex<Option<Session>>;

/// The conversations.
#[derive(Debug)]
pub(super) struct Shelf {
    most: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Id → when it was used last, and the conversation.
    live: BTreeMap<String, (u64, Arc<Live>)>,
    clock: u64,
}

impl Shelf {
    /// Room for `most` conversations that nobody talks in; those that somebody does are kept in any case.
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), inner: Mutex::default() }
    }

    /// The conversation called `id`.
    pub(super) fn of(&self, id: &str) -> Arc<Live> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        if let Some((used, live)) = inner.live.get_mut(id) {
            *used = now;
            return Arc::clone(live);
        }
        if inner.live.len() >= self.most {
            inner.make_room();
        }
        let live = Arc::new(Live::default());
        inner.live.insert(id.to_owned(), (now, Arc::clone(&live)));
        live
    }

    /// Forgets a conversation that is no more.
    pub(super) fn forget(&self, id: &str) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).live.remove(id);
    }
}

impl Inner {
    /// Drops the quarter that was used longest ago and that nobody holds: with a lock that somebody waits for, a
    /// conversation must stay the same one.
    fn make_room(&mut self) {
        let mut idle: Vec<(u64, String)> = self
            .live
            .iter()
            .filter(|(_, (_, live))| Arc::strong_count(live) == 1)
            .map(|(id, (used, _))| (*used, id.clone()))
            .collect();
        idle.sort_unstable();
        let count = idle.len().div_ceil(4);
        for (_, id) in idle.into_iter().take(count) {
            self.live.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn those_in_use_are_kept() {
        let shelf = Shelf::new(2);
        let held = shelf.of("a");
        for id in ["b", "c", "d", "e"] {
            shelf.of(id);
        }
        assert!(Arc::ptr_eq(&held, &shelf.of("a")));
        assert!(shelf.inner.lock().unwrap().live.len() <= 3);
    }
}
