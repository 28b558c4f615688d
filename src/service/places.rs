//! A bounded number of things at once, and a bounded queue of those that wait: what comes beyond is told to come
//! again, instead of waiting for ever.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::ServiceError;

/// Places at work, and places to wait.
#[derive(Debug)]
pub(super) struct Places {
    at_work: Semaphore,
    at_once: usize,
    waiting: AtomicUsize,
    most_waiting: usize,
}

impl Places {
    pub(super) fn new(at_once: usize, most_waiting: usize) -> Self {
        let at_once = at_once.max(1);
        Self { at_work: Semaphore::new(at_once), at_once, waiting: AtomicUsize::new(0), most_waiting }
    }

    /// Takes a place, after waiting for one.
    ///
    /// # Errors
    /// Where too many wait already.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>, ServiceError> {
        if let Ok(place) = self.at_work.try_acquire() {
            return Ok(place);
        }
        let _waiting = Waiting::join(self)?;
        self.at_work.acquire().await.map_err(|_| ServiceError::Busy { retry_after_s: 1 })
    }

    /// How many are at work.
    pub(super) fn at_work(&self) -> usize {
        self.at_once.saturating_sub(self.at_work.available_permits())
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// Somebody in the queue; leaves it when dropped.
struct Waiting<'a>(&'a Places);

impl<'a> Waiting<'a> {
    fn join(places: &'a Places) -> Result<Self, ServiceError> {
        let before = places.waiting.fetch_add(1, Ordering::Relaxed);
        let joined = Self(places);
        if before >= places.most_waiting {
            return Err(ServiceError::Busy { retry_after_s: 1 });
        }
        Ok(joined)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn beyond_the_queue_nobody_waits() {
        let places = Places::new(1, 0);
        let held = places.enter().await;
        assert!(held.is_ok());
        assert!(matches!(places.enter().await, Err(ServiceError::Busy { .. })));
        assert_eq!(places.waiting(), 0);
        drop(held);
        assert!(places.enter().await.is_ok());
    }
}
