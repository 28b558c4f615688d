//! The newest standings for the router: when a service starts, and whenever an evaluation of its own ends.

use super::{Facts, Gate, Out, announce, load, standings};
use crate::store::{Store, StoreError};
use crate::translate::router::{Mode, Router, Standing};

/// Tells the router how the translators stand by the evaluations that are kept. One that has become worse is out.
///
/// # Errors
/// A store that fails; the router goes on with what it knew.
pub async fn refresh(router: &Router, store: &Store) -> Result<(), StoreError> {
    let facts: Vec<Facts> = router.models().into_iter().map(Facts::from).collect();
    let (entries, _) = load(store, &facts).await?;
    let policy = router.policy();
    let gate = Gate { metric: policy.metric.clone(), threshold: Some(policy.threshold) };
    let standings = standings(&entries, &gate);
    if policy.mode == Mode::CheapestAbove {
        announce(&standings);
    }
    let able = standings.into_iter().filter(|s| !s.out.as_ref().is_some_and(Out::is_regression));
    let able = able.map(|s| Standing {
        translator: s.translator,
        metrics: s.metrics,
        // What nobody has measured may cost anything.
        cost_per_turn: s.cost_per_turn.unwrap_or(f64::INFINITY),
    });
    router.take_standings(able.collect());
    Ok(())
}
