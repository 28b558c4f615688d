//! Waggle.
pub mod catalog;
pub mod generate;
pub mod segment;
pub mod translate;
