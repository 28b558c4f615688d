//! Waggle.
pub mod catalog;
pub mod segment;
pub mod translate;
