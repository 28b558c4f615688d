//! What several tests need.

pub mod world;
