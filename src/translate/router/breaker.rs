//! A breaker for each model: after some failures in a row it is left alone for a while; then one request tries it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::translate::model::ModelError;

/// What a call told of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// It answers.
    Up,
    /// It does not, or not sensibly.
    Down,
    /// Nothing was learnt: it was not asked, or nobody waited for the reply.
    Unknown,
}

impl Health {
    /// What an error tells. A draft that names what is not there, or a prompt that is too long, is no fault of the
    /// server's.
    pub(super) fn of(error: &ModelError) -> Self {
        match error {
            ModelError::Unreachable { .. } | ModelError::TimedOut { .. } | ModelError::Unreadable { .. } => Self::Down,
            ModelError::Unresolved { .. } => Self::Up,
            ModelError::Busy { .. } | ModelError::TooLong { .. } => Self::Unknown,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    /// Failures in a row.
    failed: u32,
    /// Until when it is left alone.
    until: Option<Instant>,
    /// Whether a request is trying it.
    trying: bool,
}

/// The breaker of one model.
#[derive(Debug)]
pub(super) struct Breaker {
    failures: u32,
    cool_down: Duration,
    state: Mutex<State>,
}

impl Breaker {
    /// Opens after `failures` in a row, for `cool_down`; never where `failures` is 0.
    pub(super) fn new(failures: u32, cool_down: Duration) -> Self {
        Self { failures, cool_down, state: Mutex::default() }
    }

    /// Whether a request would be let through.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        let state = self.state();
        state.until.is_some_and(|until| now < until || state.trying)
    }

    /// Lets a request through, where the breaker is closed or this is the one that tries it.
    pub(super) fn enter(&self, now: Instant) -> Option<Pass<'_>> {
        let mut state = self.state();
        match state.until {
            None => Some(Pass { breaker: self, tries: false }),
            Some(until) if now >= until && !state.trying => {
                state.trying = true;
                Some(Pass { breaker: self, tries: true })
            }
            Some(_) => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that was let through. One that is given up tells nothing, and another may try.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    tries: bool,
}

impl Pass<'_> {
    /// Says how it went.
    pub(super) fn ended(self, health: Health, now: Instant) {
        let mut state = self.breaker.state();
        match health {
            Health::Up => (state.failed, state.until) = (0, None),
            Health::Down => {
                state.failed = state.failed.saturating_add(1);
                let enough = self.breaker.failures > 0 && state.failed >= self.breaker.failures;
                if enough || self.tries {
                    state.until = now.checked_add(self.breaker.cool_down);
                }
            }
            Health::Unknown => {}
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.tries {
            self.breaker.state().trying = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOL_DOWN: Duration = Duration::from_secs(30);

    fn after(failures: u32, now: Instant) -> Breaker {
        let breaker = Breaker::new(3, COOL_DOWN);
        for _ in 0..failures {
            breaker.enter(now).unwrap().ended(Health::Down, now);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row() {
        let now = Instant::now();
        let breaker = after(2, now);
        breaker.enter(now).unwrap().ended(Health::Unknown, now);
        breaker.enter(now).unwrap().ended(Health::Up, now);
        breaker.enter(now).unwrap().ended(Health::Down, now);
        assert!(!breaker.is_open(now), "a success in between");
        let breaker = after(3, now);
        assert!(breaker.is_open(now) && breaker.enter(now).is_none());
    }

    #[test]
    fn one_request_tries_it_after_a_while() {
        let now = Instant::now();
        let later = now + COOL_DOWN;
        let breaker = after(3, now);
        let first = breaker.enter(later).unwrap();
        assert!(breaker.enter(later).is_none(), "one alone");
        first.ended(Health::Down, later);
        assert!(breaker.is_open(later), "it failed again");
        let later = later + COOL_DOWN;
        drop(breaker.enter(later).unwrap());
        breaker.enter(later).expect("the first was given up").ended(Health::Up, later);
        assert!(breaker.enter(later).is_some() && breaker.enter(later).is_some());
    }

    #[test]
    fn zero_failures_is_never() {
        let now = Instant::now();
        let breaker = Breaker::new(0, COOL_DOWN);
        for _ in 0..20 {
            breaker.enter(now).unwrap().ended(Health::Down, now);
        }
        assert!(!breaker.is_open(now));
    }
}
