//! All integration tests in one binary: linking `DataFusion` once is slow enough.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod answer;
mod app;
mod catalog;
mod engine;
mod generate;
mod laws_segment;
mod laws_sql;
mod sentences;
mod session;
mod sql;
mod support;
