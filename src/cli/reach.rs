//! A reach waterfall at a terminal.

use super::output;
use super::table::{self, Align};
use crate::app::Reach;
use crate::catalog::Locale;

/// The steps as lines of a table.
pub(super) fn lines(reach: &Reach, locale: Locale) -> Vec<String> {
    let head = match locale {
        Locale::Ko => ["단계", "고객 수", "제외"],
        Locale::En => ["step", "customers", "dropped"],
    };
    let rows: Vec<Vec<String>> = reach
        .steps
        .iter()
        .map(|step| {
            let count = match (step.count, step.count_below) {
                (Some(count), _) => table::grouped(count),
                (None, Some(below)) => format!("< {below}"),
                (None, None) => "-".to_owned(),
            };
            let dropped = step.dropped.map_or_else(String::new, table::grouped);
            vec![output::plain(step.label.get(locale)), count, dropped]
        })
        .collect();
    table::lines(&head.map(str::to_owned), &[Align::Left, Align::Right, Align::Right], &rows)
}
