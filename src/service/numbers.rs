//! Numbers that whoever watches the service gathers: what is counted here, a door shows. Where nobody gathers them they
//! cost next to nothing.

use metrics::{counter, histogram};

use crate::answer::contract::{Answer, Status};
use crate::store::StoreError;

/// Turns of conversations, by `status`.
pub const TURNS: &str = "waggle_turns_total";
/// Seconds of the stages of a turn, by `stage`.
pub const STAGE_SECONDS: &str = "waggle_turn_stage_seconds";
/// Failures of the store.
pub const STORE_ERRORS: &str = "waggle_store_errors_total";

/// Counts how a message was answered.
pub(super) fn answered(answer: &Answer) {
    counter!(TURNS, "status" => name(answer.status)).increment(1);
    let timings = &answer.timings_ms;
    for (stage, ms) in [("translate", timings.translate), ("compile", timings.compile), ("run", timings.run)] {
        if ms > 0.0 {
            histogram!(STAGE_SECONDS, "stage" => stage).record(ms / 1000.0);
        }
    }
}

/// Counts a failure of the store; that something is there already, or is not there, is none.
pub(super) fn store_failed(error: &StoreError) {
    if !matches!(error, StoreError::Conflict { .. } | StoreError::NotFound { .. }) {
        counter!(STORE_ERRORS).increment(1);
    }
}

fn name(status: Status) -> &'static str {
    match status {
        Status::Answered => "answered",
        Status::Clarify => "clarify",
        Status::Refused => "refused",
        Status::Unknown => "unknown",
        Status::About => "about",
        Status::Error => "error",
    }
}
