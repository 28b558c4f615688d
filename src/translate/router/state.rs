//! How the models are doing, for who watches.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{Router, Spent};
use crate::translate::model::ModelSpec;

/// How a model is doing.
#[derive(Debug, Clone, Copy)]
pub struct ModelState<'a> {
    /// What is known of it.
    pub spec: &'a ModelSpec,
    /// Whether it has failed too often just now and is left alone for a while.
    pub is_resting: bool,
    /// Requests that it was asked to translate since the program began.
    pub requests: u64,
}

impl Router {
    /// How the models are doing, in the order in which they are configured.
    #[must_use]
    pub fn states(&self) -> Vec<ModelState<'_>> {
        let now = Instant::now();
        let states = self.entries.iter().map(|entry| ModelState {
            spec: entry.translator.spec(),
            is_resting: entry.breaker.is_open(now),
            requests: entry.asked.load(Ordering::Relaxed),
        });
        states.collect()
    }

    /// What all together have spent on a day (counted from 1970-01-01, UTC), and each caller, those first who spent most.
    #[must_use]
    pub fn spent(&self, day: i64) -> (Spent, Vec<(String, Spent)>) {
        let mut callers = self.ledger.of_day(day);
        callers.sort_by(|(a, x), (b, y)| (y.micros, y.tokens, a).cmp(&(x.micros, x.tokens, b)));
        (self.ledger.spent(day, None), callers)
    }
}
