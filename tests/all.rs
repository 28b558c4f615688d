//! All integration tests in one binary: linking DataFusion once is slow enough.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "what a failing test shows")]

mod access;
mod analyst;
mod answer;
mod app;
mod architecture;
mod authorization;
mod bench;
mod catalog;
mod conversations;
mod doors;
mod engine;
mod evaluation;
mod exports;
mod generate;
mod hostile;
mod index;
mod injections;
mod laws_segment;
mod laws_sql;
mod leaderboard;
mod mcp;
mod model_settings;
mod models;
mod openai;
mod ops;
mod page;
mod prompts;
mod recorded;
mod reference;
mod router;
mod sentences;
mod service;
mod session;
mod sql;
mod store;
mod support;
