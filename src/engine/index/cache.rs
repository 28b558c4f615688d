//! What earlier questions have computed: sets by the text of their condition, answers by what was asked. Bounded in
//! bytes. Looking is free of locks; who puts something in makes a new map and drops what was used longest ago.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

type Map<T> = HashMap<Arc<str>, Arc<Entry<T>>>;

/// Things by their text.
#[derive(Debug)]
pub(super) struct Cache<T> {
    /// Of each part.
    most_bytes: usize,
    clock: AtomicU64,
    /// Parts, each of which is small enough to be copied when something is put in.
    parts: Vec<ArcSwap<Map<T>>>,
    hash: RandomState,
}

#[derive(Debug)]
struct Entry<T> {
    value: Arc<T>,
    bytes: usize,
    used: AtomicU64,
}

impl<T> Cache<T> {
    /// Room for so many bytes, in so many parts.
    pub(super) fn new(most_bytes: usize, parts: usize) -> Self {
        let parts: Vec<_> = (0..parts.max(1)).map(|_| ArcSwap::from_pointee(Map::new())).collect();
        Self { most_bytes: most_bytes / parts.len(), clock: AtomicU64::new(0), parts, hash: RandomState::new() }
    }

    fn part(&self, text: &str) -> &ArcSwap<Map<T>> {
        &self.parts[self.hash.hash_one(text) as usize % self.parts.len()]
    }

    pub(super) fn get(&self, text: &str) -> Option<Arc<T>> {
        let map = self.part(text).load();
        let entry = map.get(text)?;
        entry.used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(Arc::clone(&entry.value))
    }

    /// Keeps something, unless it alone is too large.
    pub(super) fn put(&self, text: &str, value: Arc<T>, bytes: usize) {
        let bytes = bytes + text.len() + size_of::<Entry<T>>();
        if bytes > self.most_bytes {
            return;
        }
        let used = AtomicU64::new(self.clock.fetch_add(1, Ordering::Relaxed));
        let (key, entry) = (Arc::<str>::from(text), Arc::new(Entry { value, bytes, used }));
        self.part(text).rcu(|map| {
            let mut map = Map::clone(map);
            map.insert(Arc::clone(&key), Arc::clone(&entry));
            shrink(&mut map, self.most_bytes);
            map
        });
    }
}

/// Drops what was used longest ago.
fn shrink<T>(map: &mut Map<T>, most: usize) {
    let mut bytes: usize = map.values().map(|entry| entry.bytes).sum();
    if bytes <= most {
        return;
    }
    let mut oldest: Vec<(u64, Arc<str>)> =
        map.iter().map(|(text, entry)| (entry.used.load(Ordering::Relaxed), Arc::clone(text))).collect();
    oldest.sort_unstable();
    for (_, text) in oldest {
        if bytes <= most {
            return;
        }
        bytes -= map.remove(&text).map_or(0, |entry| entry.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_goes() {
        let cache = Cache::new(3000, 1);
        for name in ["a", "b", "c"] {
            cache.put(name, Arc::new(name), 800);
            cache.get("a");
        }
        cache.put("d", Arc::new("d"), 800);
        assert_eq!(["a", "b", "c", "d"].map(|n| cache.get(n).is_some()), [true, false, true, true]);
        cache.put("e", Arc::new("e"), 4000);
        assert!(cache.get("e").is_none());
    }
}
