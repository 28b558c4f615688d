//! What earlier questions have computed: sets by the text of their condition, answers by what was asked. Bounded in
//! bytes. Looking is free of locks; who puts something in makes a new map and drops what was used longest ago.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

/// Things by their text.
#[derive(Debug)]
pub(super) struct Cache<T> {
    most_bytes: usize,
    clock: AtomicU64,
    map: ArcSwap<HashMap<String, Arc<Entry<T>>>>,
}

#[derive(Debug)]
struct Entry<T> {
    value: Arc<T>,
    bytes: usize,
    used: AtomicU64,
}

impl<T> Cache<T> {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, clock: AtomicU64::new(0), map: ArcSwap::from_pointee(HashMap::new()) }
    }

    pub(super) fn get(&self, text: &str) -> Option<Arc<T>> {
        let map = self.map.load();
        let entry = map.get(text)?;
        entry.used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(Arc::clone(&entry.value))
    }

    /// Keeps something, unless it alone is too large.
    pub(super) fn put(&self, text: String, value: Arc<T>, bytes: usize) {
        let bytes = bytes + text.len() + size_of::<Entry<T>>();
        if bytes > self.most_bytes {
            return;
        }
        let used = AtomicU64::new(self.clock.fetch_add(1, Ordering::Relaxed));
        let entry = Arc::new(Entry { value, bytes, used });
        self.map.rcu(|map| {
            let mut map = HashMap::clone(map);
            map.insert(text.clone(), Arc::clone(&entry));
            shrink(&mut map, self.most_bytes);
            map
        });
    }

    /// How many things it holds, and their bytes.
    pub(super) fn size(&self) -> (usize, usize) {
        let map = self.map.load();
        (map.len(), map.values().map(|entry| entry.bytes).sum())
    }
}

/// Drops what was used longest ago.
fn shrink<T>(map: &mut HashMap<String, Arc<Entry<T>>>, most: usize) {
    let mut bytes: usize = map.values().map(|entry| entry.bytes).sum();
    if bytes <= most {
        return;
    }
    let mut oldest: Vec<(u64, String)> =
        map.iter().map(|(text, entry)| (entry.used.load(Ordering::Relaxed), text.clone())).collect();
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
        let cache = Cache::new(3000);
        for name in ["a", "b", "c"] {
            cache.put(name.to_owned(), Arc::new(name), 800);
            cache.get("a");
        }
        cache.put("d".to_owned(), Arc::new("d"), 800);
        assert_eq!(["a", "b", "c", "d"].map(|n| cache.get(n).is_some()), [true, false, true, true]);
        cache.put("e".to_owned(), Arc::new("e"), 4000);
        assert!(cache.get("e").is_none() && cache.size().1 <= 3000);
    }
}
