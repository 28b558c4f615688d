//! What models have cost, by day and caller. Where it is to outlive the process, who starts the router hands in a
//! [`Ledger`] of their own.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use super::policy::{Budget, Budgets};
use crate::translate::model::{Billing, Taken};

/// Days that are kept: today, and yesterday for calls that run over midnight.
const DAYS_KEPT: i64 = 2;

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens of prompts and replies.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub micros: u64,
}

impl Spent {
    /// `tokens` that cost `usd`.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
    pub fn new(tokens: u64, usd: f64) -> Self {
        let micros = (usd * 1e6).round();
        Self { tokens, micros: if micros > 0.0 { micros as u64 } else { 0 } }
    }

    /// What was taken of a model that is billed so.
    #[must_use]
    pub fn of(taken: Taken, billing: &Billing) -> Self {
        Self::new(taken.tokens(), taken.cost(billing))
    }

    /// US dollars.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "money within a millionth")]
    pub fn usd(self) -> f64 {
        self.micros as f64 / 1e6
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { tokens: self.tokens.saturating_add(other.tokens), micros: self.micros.saturating_add(other.micros) }
    }

    /// Whether nothing of `budget` is left.
    #[allow(clippy::cast_precision_loss, reason = "money within a millionth")]
    fn exhausts(self, budget: Budget) -> bool {
        budget.usd.is_some_and(|usd| self.micros as f64 >= usd * 1e6)
            || budget.tokens.is_some_and(|tokens| self.tokens >= tokens)
    }
}

/// Who remembers what was spent. Days are counted from 1970-01-01, UTC; a caller of whom nothing is known is `""`.
/// Called in the middle of a request: neither may wait for anything.
pub trait Ledger: Send + Sync + Debug {
    /// What was spent on `day`: by `caller`, or by all together.
    fn spent(&self, day: i64, caller: Option<&str>) -> Spent;

    /// What each caller has spent on `day`, in no order; nobody where the ledger does not say.
    fn of_day(&self, day: i64) -> Vec<(String, Spent)> {
        let _ = day;
        Vec::new()
    }

    /// Notes that `caller` has spent more.
    fn add(&self, day: i64, caller: &str, spent: Spent);
}

/// What was spent since the process began.
#[derive(Debug, Default)]
pub struct Purse(Mutex<BTreeMap<(i64, String), Spent>>);

impl Ledger for Purse {
    fn spent(&self, day: i64, caller: Option<&str>) -> Spent {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_day = known.range((day, String::new())..(day.saturating_add(1), String::new()));
        let wanted = of_day.filter(|((_, who), _)| caller.is_none_or(|caller| caller == who));
        wanted.fold(Spent::default(), |sum, (_, spent)| sum.and(*spent))
    }

    fn of_day(&self, day: i64) -> Vec<(String, Spent)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_day = known.range((day, String::new())..(day.saturating_add(1), String::new()));
        of_day.map(|((_, caller), spent)| (caller.clone(), *spent)).collect()
    }

    fn add(&self, day: i64, caller: &str, spent: Spent) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(kept, _), _| day.saturating_sub(*kept) < DAYS_KEPT);
        let entry = known.entry((day, caller.to_owned())).or_default();
        *entry = entry.and(spent);
    }
}

/// Whose budget is exhausted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The caller's.
    Caller,
    /// That of all together.
    All,
}

/// Whose budget is exhausted, where one is.
pub(super) fn exhausted(budgets: Budgets, ledger: &dyn Ledger, day: i64, caller: &str) -> Option<Whose> {
    if ledger.spent(day, Some(caller)).exhausts(budgets.per_caller) {
        return Some(Whose::Caller);
    }
    ledger.spent(day, None).exhausts(budgets.total).then_some(Whose::All)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_counts_by_day_and_caller() {
        let purse = Purse::default();
        purse.add(10, "kim", Spent::new(100, 0.5));
        purse.add(10, "lee", Spent::new(10, 0.25));
        purse.add(10, "kim", Spent::new(1, 0.25));
        assert_eq!(purse.spent(10, Some("kim")), Spent { tokens: 101, micros: 750_000 });
        assert_eq!(purse.spent(10, None), Spent { tokens: 111, micros: 1_000_000 });
        assert_eq!(purse.spent(11, None), Spent::default());
        let of_day: Vec<String> = purse.of_day(10).into_iter().map(|(caller, _)| caller).collect();
        assert_eq!((of_day, purse.of_day(11).len()), (vec!["kim".to_owned(), "lee".to_owned()], 0));
        let limit = |usd, tokens| Budget { usd, tokens };
        let of = |per_caller, total, who| exhausted(Budgets { per_caller, total }, &purse, 10, who);
        let none = Budget::default();
        assert_eq!(of(none, none, "kim"), None);
        assert_eq!(of(limit(Some(0.75), None), none, "kim"), Some(Whose::Caller));
        assert_eq!(of(limit(Some(0.75), None), none, "lee"), None);
        assert_eq!(of(limit(None, Some(11)), limit(None, Some(111)), "lee"), Some(Whose::All));
        assert_eq!(of(limit(Some(0.0), None), none, "new"), Some(Whose::Caller), "nothing is allowed");
    }

    #[test]
    fn old_days_are_forgotten() {
        let purse = Purse::default();
        (0..9).for_each(|day| purse.add(day, "kim", Spent::new(1, 0.0)));
        assert_eq!((purse.spent(8, None).tokens, purse.spent(7, None).tokens, purse.spent(6, None).tokens), (1, 1, 0));
    }
}
