//! What is to be shown beside the count: groups, the largest of them, an aggregate.

mod groups;
mod metrics;
mod tops;

use super::reader::Reader;

/// Groups by more than this many fields are not asked for.
const MAX_BREAKDOWN: usize = 2;

impl Reader<'_> {
    /// Reads groups, top N and metric; the parts are taken.
    pub(super) fn shows(&mut self) {
        self.top();
        let by: Vec<usize> = (0..self.parts.len()).filter(|&i| self.is_grouping(i)).take(MAX_BREAKDOWN).collect();
        for &at in &by {
            self.group_by(at);
        }
        if by.is_empty() && self.draft.show.top.is_some() {
            self.group_of_values();
        }
        self.values_compared();
        self.metric();
        if self.draft.show.breakdown.is_empty() {
            self.category_with_metric();
        }
    }
}
