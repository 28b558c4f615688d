//! Waggle.
pub mod catalog;
