//! Rows and a segment become an answer: counts, groups, metrics, the read-back, what to ask next, in the
//! reader's language. Knows nothing of HTTP or terminals, and runs no query itself.

pub mod contract;

pub use contract::{Answer, Breakdown, Done, Group, MetricValue, SegmentExpr, Status, Timings, Usage};
