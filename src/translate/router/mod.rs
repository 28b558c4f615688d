//! Who translates what. The built-in translator has read every request before it comes here; the policy says whether
//! that is enough or which models are asked, in order, until one answers. At the end of every chain stands the
//! built-in translator, so a request never fails for want of a model.
//!
//! ```text
//! Ask ─plan─▶ order ─cache─ budget ─ breaker ─ model ─▶ Translation ─agree─▶ Routed
//!                      └──────── next in the order ◀───────┘
//! ```
//!
//! Knows nothing of how a model is asked, of sessions or of who calls: names of callers and roles are words here.

mod agree;
mod breaker;
mod budget;
mod cache;
mod explain;
mod models;
mod plan;
mod policy;
mod remark;
mod route;
mod state;
mod versioned;

use std::fmt::Debug;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

pub use budget::{Ledger, Purse, Spent};
pub use explain::{Candidate, Explanation, Note, Reason};
pub use models::{RouterError, Routing};
pub use policy::{
    Budget, Budgets, DEFAULT_CACHED, DEFAULT_CONFIDENCE, DEFAULT_COOL_DOWN_S, DEFAULT_FAILURES, DEFAULT_METRIC,
    DEFAULT_PATIENCE_S, DEFAULT_PLAUSIBLE, DEFAULT_THRESHOLD, Mode, Policy, PolicyFault, Rule, Standing,
};
pub use state::ModelState;
pub use versioned::Versioned;

use crate::catalog::Locale;
use crate::segment::Turn;
use crate::translate::model::chat::{Boxed, Chat};
use crate::translate::model::{Billing, Counting, Meter, ModelError, ModelSpec, Request, Step, Taken, Translation};
use breaker::Breaker;
use cache::Cache;
use plan::Plan;

/// The name of the built-in translator.
pub const BUILTIN: &str = "builtin";
/// The name of whomever the policy chooses.
pub const AUTOMATIC: &str = "automatic";

/// Somebody who translates, beside the built-in translator.
pub trait Translator: Send + Sync + Debug {
    /// What is known of it.
    fn spec(&self) -> &ModelSpec;

    /// Version of its prompts: a translation made with others is not used again.
    fn prompts(&self) -> &str;

    /// What `request` asks for; `meter` counts what that takes, whatever comes of it.
    fn translate<'a>(
        &'a self,
        request: Request<'a>,
        counting: Option<&'a dyn Counting>,
        meter: &'a Meter,
    ) -> Boxed<'a, Result<Translation, ModelError>>;

    /// The way to it, for a remark on a result; none where it makes none.
    fn chat(&self) -> Option<&dyn Chat> {
        None
    }
}

/// A request that is to be translated.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The request, as a model is told of it.
    pub request: Request<'a>,
    /// Who is to translate: a model, [`BUILTIN`] or [`AUTOMATIC`]; none for the last.
    pub model: Option<&'a str>,
    /// Id of who asks; empty where nobody knows.
    pub caller: &'a str,
    /// Their role; empty where they have none.
    pub role: &'a str,
    /// The day, counted from 1970-01-01, UTC: what budgets go by.
    pub day: i64,
}

/// What a translation took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Used {
    /// Tokens of prompts.
    pub prompt_tokens: u64,
    /// Of those, tokens that the server had cached.
    pub cached_tokens: u64,
    /// Tokens of replies.
    pub completion_tokens: u64,
    /// US dollars.
    pub cost: f64,
    /// Whether it was there already.
    pub cached: bool,
}

impl Used {
    /// What was `taken` besides, of a model that costs what `billing` says.
    fn add(&mut self, taken: Taken, billing: &Billing) {
        self.prompt_tokens += taken.prompt;
        self.cached_tokens += taken.cached;
        self.completion_tokens += taken.completion;
        self.cost += taken.cost(billing);
    }
}

/// A request as it was translated.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// What it was read as; its confidence is that of everybody who read it.
    pub turn: Turn,
    /// Who translated: [`BUILTIN`], or the name of a model.
    pub translator: String,
    /// What it took.
    pub used: Used,
    /// What happened on the way.
    pub steps: Vec<Step>,
    /// What the reader is to be told of it.
    pub notes: Vec<Note>,
}

/// A translator that was named and is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub struct UnknownTranslator {
    /// The name, shortened.
    pub name: String,
    /// The nearest names; all of them where none is near.
    pub nearest: Vec<String>,
}

impl UnknownTranslator {
    /// Longest name that is repeated, in characters.
    const SHOWN: usize = 64;

    fn new(name: &str, models: &[&ModelSpec]) -> Self {
        let names: Vec<&str> = [AUTOMATIC, BUILTIN].into_iter().chain(models.iter().map(|s| s.name.as_str())).collect();
        let name: String = name.chars().take(Self::SHOWN).collect();
        Self { nearest: policy::near(&name, &names), name }
    }

    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let (name, nearest) = (&self.name, self.nearest.join(", "));
        match locale {
            Locale::Ko => format!("모델 `{name}`은(는) 없습니다. 비슷한 이름: {nearest}"),
            Locale::En => format!("there is no model `{name}`; the nearest names are: {nearest}"),
        }
    }
}

/// Checks a translator's name where there are no models.
///
/// # Errors
/// Where it is none of Waggle's own names.
pub fn known_without_models(name: &str) -> Result<(), UnknownTranslator> {
    if policy::is_reserved(name) { Ok(()) } else { Err(UnknownTranslator::new(name, &[])) }
}

/// A model with its breaker.
#[derive(Debug)]
struct Entry {
    translator: Arc<dyn Translator>,
    breaker: Breaker,
    /// Requests that it was asked to translate.
    asked: AtomicU64,
}

/// Sends each request to whom the policy says.
#[derive(Debug)]
pub struct Router {
    policy: Policy,
    entries: Vec<Entry>,
    standings: RwLock<Vec<Standing>>,
    ledger: Arc<dyn Ledger>,
    cache: Cache,
}

impl Router {
    /// A router over `translators`, in the order in which they are configured; it counts what is spent in `ledger`.
    ///
    /// # Errors
    /// What is wrong with the policy.
    pub fn new(
        policy: Policy,
        translators: Vec<Arc<dyn Translator>>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, Vec<PolicyFault>> {
        let names: Vec<&str> = translators.iter().map(|t| t.spec().name.as_str()).collect();
        let faults = policy.faults(&names);
        if !faults.is_empty() {
            return Err(faults);
        }
        let cool_down = Duration::from_secs(policy.cool_down_s);
        let entry = |translator| Entry {
            translator,
            breaker: Breaker::new(policy.failures, cool_down),
            asked: AtomicU64::new(0),
        };
        let entries = translators.into_iter().map(entry).collect();
        let cache = Cache::new(policy.cached);
        Ok(Self { policy, entries, standings: RwLock::default(), ledger, cache })
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What is known of the models, in the order in which they are configured.
    #[must_use]
    pub fn models(&self) -> Vec<&ModelSpec> {
        self.entries.iter().map(|entry| entry.translator.spec()).collect()
    }

    /// Version of the prompts of the model that is called `name`.
    #[must_use]
    pub fn prompts_of(&self, name: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|entry| entry.translator.spec().name == name)?;
        Some(entry.translator.prompts())
    }

    /// Everybody who can be named: `automatic`, `builtin`, and the models.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let models = self.models();
        let names = [AUTOMATIC, BUILTIN].into_iter().chain(models.iter().map(|spec| spec.name.as_str()));
        names.map(str::to_owned).collect()
    }

    /// Checks that a translator is there.
    ///
    /// # Errors
    /// Where it is not, with the nearest names.
    pub fn known(&self, name: &str) -> Result<(), UnknownTranslator> {
        let models = self.models();
        if policy::is_reserved(name) || models.iter().any(|spec| spec.name == name) {
            return Ok(());
        }
        Err(UnknownTranslator::new(name, &models))
    }

    /// Takes the newest results of the leaderboard. A translator that was good enough and is no more is not chosen
    /// by `cheapest_above` from now on, and the log says so.
    pub fn take_standings(&self, standings: Vec<Standing>) {
        let mut kept = self.standings.write().unwrap_or_else(PoisonError::into_inner);
        let Policy { metric, threshold, mode, .. } = &self.policy;
        let value = |all: &[Standing], name: &str| {
            all.iter().find(|s| s.translator == name).and_then(|s| s.metrics.get(metric)).copied()
        };
        for Standing { translator, .. } in kept.iter().filter(|_| *mode == Mode::CheapestAbove) {
            let (before, now) = (value(&kept, translator), value(&standings, translator));
            if before.is_some_and(|v| v >= *threshold) && now.is_none_or(|v| v < *threshold) {
                tracing::warn!(translator, metric, before, now, threshold, "a translator regressed and is taken out");
            }
        }
        *kept = standings;
    }

    /// Takes the place of `before`: its standings are this one's, and nothing is said of them.
    pub fn follow_on(&self, before: &Self) {
        let standings = before.standings.read().unwrap_or_else(PoisonError::into_inner).clone();
        *self.standings.write().unwrap_or_else(PoisonError::into_inner) = standings;
    }

    /// Translates a request that the built-in translator reads as `builtin`; `counting` counts for a model's preview.
    /// Dropping the future stops the model's call.
    ///
    /// # Errors
    /// Where the caller names a translator that is not there. Whatever else goes wrong, somebody translates.
    pub async fn route(
        &self,
        ask: &Ask<'_>,
        builtin: &Turn,
        counting: Option<&dyn Counting>,
    ) -> Result<Routed, UnknownTranslator> {
        let plan = self.plan(ask, builtin)?;
        Ok(self.follow(&plan, ask, builtin, counting).await)
    }

    /// Who would translate a request that the built-in translator reads as `builtin`, and why. No model is asked.
    ///
    /// # Errors
    /// Where the caller names a translator that is not there.
    pub fn explain(&self, ask: &Ask<'_>, builtin: &Turn) -> Result<Explanation, UnknownTranslator> {
        let Plan { order, mut left_out, rules, .. } = self.plan(ask, builtin)?;
        let now = Instant::now();
        let (order, not_now): (Vec<_>, Vec<_>) =
            order.into_iter().map(|c| (self.against(&c.translator, ask, now), c)).partition(|(why, _)| why.is_none());
        let order: Vec<Candidate> = order.into_iter().map(|(_, candidate)| candidate).collect();
        let against = |(why, c): (Option<Reason>, Candidate)| why.map(|why| Candidate { why, ..c });
        left_out.extend(not_now.into_iter().filter_map(against));
        let first = order.first().and_then(|candidate| self.entry(&candidate.translator));
        let cached = first.is_some_and(|entry| self.cache.get(&Self::key(entry, ask)).is_some());
        Ok(Explanation { rules, confidence: builtin.confidence, order, left_out, cached })
    }

    fn plan(&self, ask: &Ask<'_>, builtin: &Turn) -> Result<Plan, UnknownTranslator> {
        let standings = self.standings.read().unwrap_or_else(PoisonError::into_inner);
        plan::plan(&self.policy, &self.models(), &standings, ask, builtin)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.translator.spec().name == name)
    }

    fn key(entry: &Entry, ask: &Ask<'_>) -> cache::Key {
        cache::key(entry.translator.spec(), entry.translator.prompts(), &ask.request)
    }
}

#[cfg(test)]
mod tests;
