//! Following a plan: one after the other is asked until somebody answers.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::agree::{Readings, both};
use super::breaker::Health;
use super::budget::{Ledger, Spent, exhausted};
use super::explain::{Candidate, Note, Reason};
use super::plan::Plan;
use super::{Ask, BUILTIN, Entry, Routed, Router, Used};
use crate::catalog::Locale;
use crate::segment::Turn;
use crate::translate::model::{Billing, Counting, Meter, ModelError, Step, StepKind, Translation};

/// A translation, and whether it was there already.
struct Found {
    translation: Translation,
    cached: bool,
}

/// Puts what a meter tells on the account of who asked, also where they stopped waiting.
struct Charge<'a> {
    meter: Meter,
    ledger: &'a dyn Ledger,
    billing: &'a Billing,
    ask: &'a Ask<'a>,
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        let taken = self.meter.taken();
        if taken.tokens() > 0 {
            self.ledger.add(self.ask.day, self.ask.caller, Spent::of(taken, self.billing));
        }
    }
}

impl Router {
    /// Asks those of the plan, in order.
    pub(super) async fn follow(
        &self,
        plan: &Plan,
        ask: &Ask<'_>,
        builtin: &Turn,
        counting: Option<&dyn Counting>,
    ) -> Routed {
        let start = Instant::now();
        let deadline = start.checked_add(Duration::from_secs(self.policy.patience_s));
        let mut missed: Vec<Candidate> = Vec::new();
        // Who was named and may not be asked is missed; whom the policy leaves out is not.
        missed.extend(plan.left_out.iter().filter(|_| plan.named).cloned());
        let mut steps: Vec<Step> = Vec::new();
        let mut used = Used::default();
        for Candidate { translator, .. } in &plan.order {
            let Some(entry) = self.entry(translator) else { break };
            let began = Instant::now();
            match self.attempt(entry, ask, counting, deadline, &mut used).await {
                Ok(found) => return self.read(plan, entry, ask, builtin, found, (missed, steps, used)),
                Err(why) => {
                    tracing::warn!(translator, why = why.message(Locale::En), "a model did not translate");
                    let why_said = why.message(Locale::En);
                    let kind = StepKind::Failed { translator: translator.clone(), why: why_said };
                    steps.push(Step::since(kind, began));
                    missed.push(Candidate::new(translator, why));
                }
            }
        }
        let turn = builtin.clone();
        Routed { turn, translator: BUILTIN.to_owned(), used, steps, notes: fell_back(missed, BUILTIN) }
    }

    /// Why a translator would not be asked just now.
    pub(super) fn against(&self, name: &str, ask: &Ask<'_>, now: Instant) -> Option<Reason> {
        let entry = self.entry(name)?;
        if self.cache.get(&Self::key(entry, ask)).is_some() {
            return None;
        }
        let spent = exhausted(self.policy.budget, self.ledger.as_ref(), ask.day, ask.caller).map(Reason::from);
        spent.or_else(|| entry.breaker.is_open(now).then_some(Reason::Open))
    }

    /// Asks one; `used` grows by what that takes, whatever comes of it.
    async fn attempt(
        &self,
        entry: &Entry,
        ask: &Ask<'_>,
        counting: Option<&dyn Counting>,
        deadline: Option<Instant>,
        used: &mut Used,
    ) -> Result<Found, Reason> {
        let key = Self::key(entry, ask);
        if let Some(translation) = self.cache.get(&key) {
            return Ok(Found { translation, cached: true });
        }
        if let Some(whose) = exhausted(self.policy.budget, self.ledger.as_ref(), ask.day, ask.caller) {
            return Err(whose.into());
        }
        let now = Instant::now();
        let left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
        if left.is_zero() {
            return Err(Reason::NoTime);
        }
        let pass = entry.breaker.enter(now).ok_or(Reason::Open)?;
        entry.asked.fetch_add(1, Ordering::Relaxed);
        let billing = &entry.translator.spec().billing;
        let charge = Charge { meter: Meter::default(), ledger: self.ledger.as_ref(), billing, ask };
        let asked = entry.translator.translate(ask.request, counting, &charge.meter);
        let done = tokio::time::timeout(left, asked).await.unwrap_or_else(|_| Err(self.too_slow(entry)));
        pass.ended(done.as_ref().map_or_else(Health::of, |_| Health::Up), Instant::now());
        used.add(charge.meter.taken(), billing);
        let translation = done.map_err(Reason::Failed)?;
        self.cache.keep(key, translation.clone());
        Ok(Found { translation, cached: false })
    }

    fn too_slow(&self, entry: &Entry) -> ModelError {
        ModelError::TimedOut { model: entry.translator.spec().name.clone(), seconds: self.policy.patience_s }
    }

    /// What a model read, beside what the built-in translator did.
    fn read(
        &self,
        plan: &Plan,
        entry: &Entry,
        ask: &Ask<'_>,
        builtin: &Turn,
        Found { translation, cached }: Found,
        (missed, mut steps, mut used): (Vec<Candidate>, Vec<Step>, Used),
    ) -> Routed {
        let name = &entry.translator.spec().name;
        let Translation { mut turn, steps: taken, .. } = translation;
        used.cached = cached;
        if cached {
            steps.push(Step::at_once(StepKind::Cached { translator: name.clone() }));
        } else {
            steps.extend(taken);
        }
        let mut notes = fell_back(missed, name);
        // Who names a model wants that model's reading.
        if !plan.named {
            let begun = Instant::now();
            let catalog = ask.request.catalog;
            let readings = Readings { builtin, model: &turn, before: ask.request.context.segment, catalog };
            let agreed = readings.agree();
            let plausible = self.is_plausible(builtin);
            let offered = if agreed || !plausible { None } else { readings.offered(ask.request.text) };
            steps.push(Step::since(StepKind::Compared { agreed }, begun));
            if agreed {
                turn.confidence = both(builtin.confidence, turn.confidence);
            } else if plausible && !turn.unmatched.is_empty() {
                // A reading that leaves words over is no match for one that does not.
                notes.push(Note::Kept { model: name.clone() });
                return Routed { turn: builtin.clone(), translator: BUILTIN.to_owned(), used, steps, notes };
            } else if let Some(question) = offered {
                turn = question;
                notes.push(Note::BothOffered { model: name.clone() });
            } else if plausible {
                notes.push(Note::Differ { model: name.clone() });
            }
        }
        Routed { turn, translator: name.clone(), used, steps, notes }
    }

    /// Whether the built-in translator's reading is worth showing beside another.
    fn is_plausible(&self, builtin: &Turn) -> bool {
        self.policy.offer_both && builtin.unmatched.is_empty() && builtin.confidence >= self.policy.plausible
    }
}

fn fell_back(missed: Vec<Candidate>, to: &str) -> Vec<Note> {
    if missed.is_empty() { Vec::new() } else { vec![Note::FellBack { missed, to: to.to_owned() }] }
}
