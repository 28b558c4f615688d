//! All integration tests in one binary: linking `DataFusion` once is slow enough.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod catalog;
mod laws_segment;
mod sentences;
mod support;
