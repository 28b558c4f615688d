//! Tests.
mod generate;
