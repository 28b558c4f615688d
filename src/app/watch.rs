//! Watching an answer being made, for doors that show it as it comes. Whoever watches changes nothing.

use crate::answer::Part;

/// Something that is known before the answer is whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// How the request was read.
    Reading {
        /// A line for each condition of the segment, in the reader's language.
        reading: Vec<String>,
        /// The segment in text form.
        text: String,
        /// What the words of the request became.
        parts: Vec<Part>,
    },
    /// The statement that is about to run.
    Sql(String),
}

/// Somebody who watches.
pub trait Watch: Send + Sync {
    /// Hears of a stage, in order.
    fn saw(&self, stage: Stage);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Watch for Nobody {
    fn saw(&self, _: Stage) {}
}
