//! What the leaderboard is made of: runs that ended, with what is known of the translator.

use std::collections::BTreeMap;

use serde::Serialize;

use super::harness::Imported;
use crate::store::{Measured, RunState, RunSummary, Store, StoreError};
use crate::translate::model::{Billing, ModelSpec, Place};

/// The name of the translator that is built in.
pub const BUILTIN: &str = "builtin";

/// What is known of a translator beside its results.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Facts {
    /// What it is called.
    pub name: String,
    /// `built-in`, `chat`, `fine-tuned`, …; empty where nobody says.
    pub kind: String,
    /// Billions of parameters.
    pub size_b: Option<f64>,
    /// Where it runs; none where nobody says.
    pub place: Option<Place>,
    /// What it costs.
    pub billing: Billing,
}

impl From<&ModelSpec> for Facts {
    fn from(spec: &ModelSpec) -> Self {
        Self {
            name: spec.name.clone(),
            kind: spec.kind.clone().unwrap_or_default(),
            size_b: spec.size_b,
            place: Some(spec.place),
            billing: spec.billing,
        }
    }
}

/// One translator by one golden set, once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// Who translated: `builtin`, or a model's name.
    pub translator: String,
    /// `built-in`, `chat`, `fine-tuned`, …; empty where nobody says.
    pub kind: String,
    /// Billions of parameters.
    pub size_b: Option<f64>,
    /// Where it runs; none where nobody says.
    pub place: Option<Place>,
    /// Version of the prompts; empty for the built-in translator.
    pub prompt_version: String,
    /// Policy of the router; empty where one translator was named.
    pub policy: String,
    /// The golden set.
    pub set: String,
    /// Hash of what was played of it: only runs of the same hash are compared.
    pub set_hash: String,
    /// Cases of the run.
    pub cases: u32,
    /// When it began, in milliseconds since 1970.
    pub at: i64,
    /// What was measured.
    pub metrics: BTreeMap<String, Measured>,
}

/// The entries of the runs that ended, oldest first.
#[must_use]
pub fn entries(runs: &[RunSummary], facts: &[Facts]) -> Vec<Entry> {
    let done = runs.iter().filter(|run| run.state == RunState::Done && !run.metrics.is_empty());
    let mut entries: Vec<Entry> = done.map(|run| entry(run, facts)).collect();
    entries.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.translator.cmp(&b.translator)));
    entries
}

fn entry(run: &RunSummary, facts: &[Facts]) -> Entry {
    let own = Facts { kind: "built-in".to_owned(), place: Some(Place::OnPrem), ..Facts::default() };
    let known = facts.iter().find(|f| f.name == run.translator);
    let known = known.or((run.translator == BUILTIN).then_some(&own));
    Entry {
        translator: run.translator.clone(),
        kind: known.map(|f| f.kind.clone()).unwrap_or_default(),
        size_b: known.and_then(|f| f.size_b),
        place: known.and_then(|f| f.place),
        prompt_version: run.prompt_version.clone(),
        policy: run.policy.clone(),
        set: run.set.clone(),
        set_hash: run.set_hash.clone(),
        cases: run.cases,
        at: run.started_at,
        metrics: run.metrics.clone(),
    }
}

/// What a store keeps of runs and imports.
///
/// # Errors
/// Where the store fails.
pub async fn load(store: &Store, facts: &[Facts]) -> Result<(Vec<Entry>, Vec<Imported>), StoreError> {
    let (runs, imports) = (store.runs().await?, store.imports().await?);
    Ok((entries(&runs, facts), imports.iter().map(Imported::of_row).collect()))
}
