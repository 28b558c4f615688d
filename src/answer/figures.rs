//! The figures of an answer by name, as they are written: what a remark may put where it names one.

use super::Answer;
use super::number::{grouped, percent};

/// The figures that `answer` tells.
#[must_use]
pub fn figures(answer: &Answer) -> Vec<(&'static str, String)> {
    let mut figures = Vec::new();
    let mut add = |name: &'static str, value: Option<String>| figures.extend(value.map(|value| (name, value)));
    add("count", answer.count.map(grouped));
    add("population", answer.population.map(grouped));
    add("share", answer.share.map(percent));
    add("share_of_previous", answer.share_of_previous.map(percent));
    let top = answer.breakdown.as_ref().and_then(|b| b.rows.iter().max_by_key(|group| group.count));
    add("top_group", top.map(|group| group.label.join(" ")));
    add("top_group_count", top.map(|group| grouped(group.count)));
    add("top_group_share", top.map(|group| percent(group.share)));
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_has_no_figure() {
        assert!(figures(&Answer { count_below: Some(5), ..Answer::default() }).is_empty());
        let told = figures(&Answer { count: Some(1234), share: Some(0.1234), ..Answer::default() });
        assert_eq!(told, [("count", "1,234".to_owned()), ("share", "12.3%".to_owned())]);
    }
}
