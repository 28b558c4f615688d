//! Answers that would tell of few entities by being subtracted from one another.
//!
//! "Women in Gangnam: 1,204" and "women in Gangnam who are not 97 years old: 1,203" are both large, and together
//! tell that one woman is 97. So where two answers of one caller differ by 1 to (minimum - 1) entities, the later
//! one is given as below the minimum. They differ by the entities that are in one and not in the other, not by
//! their sizes: two segments of nearly equal size that have little in common are no danger, and narrowing a segment
//! by a condition that leaves out many goes on as before.
//!
//! What it covers: counts of segments (in the chat, the total of a breakdown, a saved segment) and an analyst's
//! `count(*)` of the entity's table or `count(DISTINCT key)`, each against the others and against the population.
//! Any other count of an analyst's SQL is compared by its number alone, so that it may be hidden without need.
//!
//! What it cannot: sums, averages, shares and other aggregates that differ by few entities; the groups of a
//! breakdown, one by one, or added up, against other answers; the union or difference of three and more answers;
//! several callers who tell each other; answers older than the newest [`MAX_REMEMBERED`]; and answers on different
//! data, which differ by time as well.

use serde::{Deserialize, Serialize};

use super::Answer;
use super::words::voice;
use crate::catalog::Catalog;
use crate::segment::Expr;
use crate::segment::sentence::sentence;

/// So many answers of a caller are compared with, the newest.
pub const MAX_REMEMBERED: usize = 500;

/// So many pairs are compared by the engine for one answer. Where more would have to be, it is hidden.
pub const MAX_COMPARED: usize = 20;

/// An answer that a caller has been given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    /// The number.
    pub count: u64,
    /// What it counts.
    pub what: What,
    /// Version of the data.
    pub data: String,
}

/// What a number counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The entities of a segment, without names of saved ones.
    Segment(Expr),
    /// The entities that an analyst's statement counts.
    Sql(String),
    /// Something else that was counted.
    Other(String),
}

/// The earlier answers that `new` may be too near to: by size, and not the same again. The nearest first.
#[must_use]
pub fn candidates<'r>(earlier: &'r [Remembered], new: &Remembered, min_group: u64) -> Vec<&'r Remembered> {
    let newest = earlier.len().saturating_sub(MAX_REMEMBERED);
    let near =
        |old: &&Remembered| old.data == new.data && old.what != new.what && old.count.abs_diff(new.count) < min_group;
    let mut found: Vec<&Remembered> = Vec::new();
    for old in earlier.iter().skip(newest).rev().filter(near) {
        if !found.iter().any(|known| known.what == old.what) {
            found.push(old);
        }
    }
    found.sort_by_key(|old| old.count.abs_diff(new.count));
    found
}

/// Whether two numbers of which at least one counts something unknown are too near.
#[must_use]
pub fn is_near(old: &Remembered, new: &Remembered, min_group: u64) -> bool {
    super::is_small(old.count.abs_diff(new.count), min_group)
}

/// An answer as it is where its segment is below the minimum.
#[must_use]
pub fn withheld(answer: Answer, catalog: &Catalog, min_group: u64) -> Answer {
    let voice = voice(answer.locale);
    let mut said = vec![voice.few(&sentence(&answer.segment.0, catalog, answer.locale), min_group)];
    said.extend(answer.assumptions.iter().cloned());
    if !answer.unmatched.is_empty() {
        said.push(voice.unmatched(&answer.unmatched));
    }
    let mut answer = answer;
    answer.reply = said.join(" ");
    (answer.count, answer.count_below) = (None, Some(min_group));
    (answer.share, answer.share_of_previous) = (None, None);
    // Figures stand in it.
    answer.comment = None;
    for metric in &mut answer.metrics {
        metric.value = None;
    }
    if let Some(breakdown) = &mut answer.breakdown {
        breakdown.suppressed += breakdown.rows.len();
        breakdown.rows.clear();
    }
    // The numbers of a comparison tell the size.
    if let Some(done) = answer.action.as_mut().filter(|done| done.kind == "compare") {
        done.result = None;
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(count: u64, name: &str) -> Remembered {
        Remembered { count, what: What::Other(name.to_owned()), data: "1".to_owned() }
    }

    #[test]
    fn only_near_sizes_of_other_things_on_the_same_data_are_compared() {
        let other_data = Remembered { data: "0".to_owned(), ..told(100, "old") };
        let earlier = [other_data, told(104, "d"), told(105, "far"), told(100, "same"), told(99, "c"), told(99, "c")];
        let names = |new: &Remembered| {
            let found = candidates(&earlier, new, 5);
            found.iter().map(|r| r.what.clone()).collect::<Vec<_>>()
        };
        let other = |name: &str| What::Other(name.to_owned());
        assert_eq!(names(&told(100, "same")), [other("c"), other("d")]);
        assert_eq!(candidates(&earlier, &told(100, "new"), 0), Vec::<&Remembered>::new());
    }

    #[test]
    fn numbers_are_near_where_they_differ_by_few() {
        assert!(is_near(&told(100, "a"), &told(104, "b"), 5));
        assert!(!is_near(&told(100, "a"), &told(100, "b"), 5));
        assert!(!is_near(&told(100, "a"), &told(105, "b"), 5));
    }
}
