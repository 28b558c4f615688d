//! Translations that were paid for once: the same request of the same model, in the same place of a conversation.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::segment::text;
use crate::translate::model::{ModelSpec, Request, Translation};

/// What a translation depends on, hashed.
pub(super) type Key = [u8; 32];

/// Everything that the translation of `request` by a model depends on.
pub(super) fn key(spec: &ModelSpec, prompts: &str, request: &Request<'_>) -> Key {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // Lengths stand before the texts, so that two lists of texts never look alike.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    let context = &request.context;
    let turn = |turn: Option<&crate::segment::Turn>| {
        turn.map(|turn| serde_json::to_string(turn).unwrap_or_default()).unwrap_or_default()
    };
    // Within somebody's rows the population differs, and with it what a preview finds.
    for part in [&request.catalog.version, &request.catalog.population, &spec.name, &spec.base_url, &spec.model] {
        add(part);
    }
    add(prompts);
    add(request.locale.code());
    add(request.text.trim());
    add(&context.segment.map(|segment| text::print(&segment.expr())).unwrap_or_default());
    add(&turn(context.pending));
    add(&turn(context.last));
    add(&context.saved.len().to_string());
    context.saved.iter().for_each(|name| add(name));
    for past in request.past {
        add(&past.said);
        add(&past.segment);
    }
    hash.finalize().into()
}

#[derive(Debug, Default)]
struct Inner {
    kept: BTreeMap<Key, (u64, Translation)>,
    clock: u64,
}

/// The translations used last.
#[derive(Debug)]
pub(super) struct Cache {
    most: usize,
    inner: Mutex<Inner>,
}

impl Cache {
    /// Of at most `most` translations.
    pub(super) fn new(most: usize) -> Self {
        Self { most, inner: Mutex::default() }
    }

    /// The translation, where it is kept.
    pub(super) fn get(&self, key: &Key) -> Option<Translation> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        let (used, translation) = inner.kept.get_mut(key)?;
        *used = now;
        Some(translation.clone())
    }

    /// Keeps a translation; the one that was not used for longest goes.
    pub(super) fn keep(&self, key: Key, translation: Translation) {
        if self.most == 0 {
            return;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        inner.kept.insert(key, (now, translation));
        if inner.kept.len() > self.most
            && let Some(oldest) = inner.kept.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| *key)
        {
            inner.kept.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::Turn;

    fn translation() -> Translation {
        let turn = Turn::default();
        Translation { turn, prompt_tokens: 1, cached_tokens: 0, completion_tokens: 1, cost: 0.1, steps: Vec::new() }
    }

    #[test]
    fn the_one_not_used_for_longest_goes() {
        let cache = Cache::new(2);
        let key = |n: u8| [n; 32];
        cache.keep(key(1), translation());
        cache.keep(key(2), translation());
        assert!(cache.get(&key(1)).is_some());
        cache.keep(key(3), translation());
        assert!(cache.get(&key(2)).is_none() && cache.get(&key(1)).is_some() && cache.get(&key(3)).is_some());
        let none = Cache::new(0);
        none.keep(key(1), translation());
        assert!(none.get(&key(1)).is_none());
    }
}
