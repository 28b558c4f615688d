//! Rows and a segment become an answer: counts, groups, metrics, the read-back, what to ask next, in the
//! reader's language. Small groups are hidden here, for every door. Knows nothing of HTTP or terminals, and
//! runs no query itself.

pub mod contract;
pub mod differencing;
mod explain;
pub mod figures;
mod groups;
mod keys;
pub mod markdown;
mod metric;
mod number;
mod parts;
mod privacy;
mod readback;
mod suggest;
mod tell;
mod words;

pub use contract::{
    Answer, Assumed, Became, Breakdown, Done, Group, MetricValue, Part, SegmentExpr, Status, Timings, Usage,
};
pub use groups::{cell_count, cell_number, grouped};
pub use keys::{grouped_by, key_label};
pub use parts::{assumed, parts};
pub use privacy::is_small;
pub use tell::{Counted, Facts, compared, failed, tell};
pub use words::Unreadable;
