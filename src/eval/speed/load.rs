//! Many conversations at once: how many turns a second, and how long the slowest wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::workload::Talk;
use super::{SpeedError, play};
use crate::app::App;

/// One conversation, and many, each over an app that was just opened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Loads {
    /// One conversation after the other.
    pub alone: Load,
    /// Many at once.
    pub together: Load,
}

/// Conversations at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// How many.
    pub at_once: usize,
    /// Turns that were answered.
    pub turns: usize,
    /// Seconds they took together.
    pub seconds: f64,
    /// Turns a second.
    pub per_second: f64,
    /// Milliseconds of a whole turn, words and all: the middle.
    pub p50_ms: f64,
    /// 99 of 100 are quicker.
    pub p99_ms: f64,
}

/// Plays the workload `at_once` times side by side, each from another conversation on, until `lasting` is over; each
/// finishes the conversation that it is in.
pub(super) async fn run(
    app: Arc<App>,
    talks: &[Talk],
    at_once: usize,
    lasting: Duration,
    stop: &CancellationToken,
) -> Result<Load, SpeedError> {
    let talks: Arc<[Talk]> = talks.into();
    let started = Instant::now();
    let mut playing = JoinSet::new();
    for number in 0..at_once {
        let (app, talks) = (Arc::clone(&app), Arc::clone(&talks));
        playing.spawn(async move {
            let mut taken = Vec::new();
            let mut next = number;
            while taken.is_empty() || started.elapsed() < lasting {
                let talk = &talks[next % talks.len()];
                next += 1;
                let mut session = play::session(talk);
                for words in &talk.turns {
                    let turn = Instant::now();
                    play::answered(&app, &mut session, words).await?;
                    taken.push(turn.elapsed().as_secs_f64() * 1000.0);
                }
            }
            Ok::<_, SpeedError>(taken)
        });
    }
    let mut taken = Vec::new();
    loop {
        let next = tokio::select! {
            // What is being played is dropped with the tasks.
            () = stop.cancelled() => return Err(SpeedError::Stopped),
            next = playing.join_next() => next,
        };
        let Some(finished) = next else { break };
        taken.extend(finished.map_err(|e| SpeedError::Rival(e.to_string()))??);
    }
    let seconds = started.elapsed().as_secs_f64();
    taken.sort_unstable_by(f64::total_cmp);
    let turns = taken.len();
    let at = |percent: usize| taken.get((turns.saturating_sub(1) * percent).div_ceil(100)).copied().unwrap_or_default();
    let per_second = crate::eval::stats::real(turns) / seconds;
    Ok(Load { at_once, turns, seconds, per_second, p50_ms: at(50), p99_ms: at(99) })
}
