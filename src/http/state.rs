//! The sessions of the service, in memory: a bounded number, each with a lock of its own, so that two
//! messages to one session are answered one after the other.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use super::error::ApiError;
use crate::app::App;
use crate::catalog::Locale;
use crate::session::Session;

/// Most sessions that are kept; the one that was used longest ago makes room for a new one.
pub const MAX_SESSIONS: usize = 1000;

/// One conversation.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) session: AsyncMutex<Session>,
    pub(super) locale: Option<Locale>,
}

#[derive(Debug, Default)]
struct Shelf {
    conversations: BTreeMap<String, (u64, Arc<Conversation>)>,
    clock: u64,
}

/// What the routes share.
#[derive(Debug)]
pub struct Service {
    app: App,
    min_group: Option<u64>,
    max_sessions: usize,
    shelf: Mutex<Shelf>,
}

impl Service {
    /// A service over `app`. Groups smaller than `min_group` are hidden; none for the catalog's minimum.
    #[must_use]
    pub fn new(app: App, min_group: Option<u64>) -> Self {
        Self { app, min_group, max_sessions: MAX_SESSIONS, shelf: Mutex::default() }
    }

    /// The same, keeping fewer or more sessions.
    #[must_use]
    pub fn with_max_sessions(mut self, max_sessions: usize) -> Self {
        self.max_sessions = max_sessions.max(1);
        self
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn min_group(&self) -> Option<u64> {
        self.min_group
    }

    /// Starts a conversation and says its id.
    pub(super) fn start(&self, locale: Option<Locale>) -> String {
        let id = new_id();
        let conversation =
            Conversation { session: AsyncMutex::new(Session::new(&id, locale.unwrap_or_default())), locale };
        let mut kept = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.conversations.len() >= self.max_sessions {
            let oldest = kept.conversations.iter().min_by_key(|(_, (used, _))| *used).map(|(id, _)| id.clone());
            oldest.and_then(|id| kept.conversations.remove(&id));
        }
        kept.clock += 1;
        let now = kept.clock;
        kept.conversations.insert(id.clone(), (now, Arc::new(conversation)));
        id
    }

    /// The conversation called `id`.
    pub(super) fn find(&self, id: &str) -> Result<Arc<Conversation>, ApiError> {
        let mut kept = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        let (used, conversation) =
            kept.conversations.get_mut(id).ok_or_else(|| ApiError::NoSession(id.chars().take(64).collect()))?;
        *used = now;
        Ok(conversation.clone())
    }
}

/// 128 bits from the system's randomness: whoever has the id has the session.
fn new_id() -> String {
    let half = || RandomState::new().hash_one(0_u8);
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ() {
        assert_ne!(new_id(), new_id());
        assert_eq!(new_id().len(), 32);
    }
}
