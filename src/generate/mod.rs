//! The reference data: an engine that makes tables from shapes, which are data.
//!
//! ```text
//! shapes (YAML) ──raw──▶ lists, formulas ──compile──▶ tables of vector operations
//!                                                        │
//!     seed, number of lines ──chunk──▶ blocks of rows ◀──┘ ──parquet──▶ row groups ──run──▶ files
//! ```
//! The shapes say which tables and columns there are and how each value comes about: formulas over
//! columns made before, laws of chance, choices among the items of lists, and rows of many-tables
//! by the chance of each item. `schema/telco/shapes/README.md` describes the language. This room
//! knows nothing of words or models, and names no table, column or value itself.

mod calendar;
mod chunk;
mod compile;
mod fault;
mod formula;
mod lists;
mod node;
mod number;
mod parquet;
mod random;
mod raw;
mod run;
mod shapes;
mod table;

pub use fault::{GenerateError, Problem, ShapeFault, ShapeFaults};
pub use run::{GROUP_LINES, Options, Summary, run, run_with};
pub use shapes::Shapes;

/// Lines of the data set that is made on first use.
pub const DEFAULT_CUSTOMERS: u64 = 200_000;
/// Seed of the data set that is made on first use.
pub const DEFAULT_SEED: u64 = 42;
