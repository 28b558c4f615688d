//! Waggle.
pub mod catalog;
pub mod engine;
pub mod segment;
pub mod sql;
pub mod translate;
