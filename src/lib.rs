//! Waggle.
pub mod answer;
pub mod app;
pub mod catalog;
pub mod engine;
pub mod generate;
pub mod segment;
pub mod session;
pub mod sql;
pub mod translate;
