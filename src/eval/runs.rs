//! Runs as they are kept: one translator by one golden set, with what was measured.

pub use crate::store::{Measured, RunCase, RunState, RunSummary};
