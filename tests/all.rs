//! All integration tests in one binary: linking `DataFusion` once is slow enough.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod catalog;
mod engine;
mod laws_segment;
mod laws_sql;
mod sentences;
mod sql;
mod support;
