//! `--explain`: how each statement was answered, leaf by leaf.

use super::table::{self, Align};
use crate::engine::{Engine, Explained, Leaf};

/// Longest text of a leaf that is shown.
const MAX_TEXT: usize = 72;

/// Everything since the last call, a statement after another.
pub(super) fn text(engine: &Engine) -> String {
    engine.explained().iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn one(explained: &Explained) -> String {
    let head = format!("{}\n  by {}, {:.3} ms", explained.asked, explained.by, explained.milliseconds);
    if explained.leaves.is_empty() {
        return head;
    }
    let columns = ["leaf", "how", "kept as", "size", "bytes", "ms"].map(str::to_owned);
    let align = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Right, Align::Right];
    let rows: Vec<Vec<String>> = explained.leaves.iter().map(row).collect();
    let lines = table::lines(&columns, &align, &rows);
    std::iter::once(head).chain(lines.into_iter().map(|line| format!("  {line}"))).collect::<Vec<_>>().join("\n")
}

fn row(leaf: &Leaf) -> Vec<String> {
    let mut text: String = leaf.text.chars().take(MAX_TEXT).collect();
    if text.len() < leaf.text.len() {
        text.push('…');
    }
    let (size, bytes) = (leaf.size.to_string(), leaf.bytes.to_string());
    vec![text, leaf.how.to_owned(), leaf.form.to_owned(), size, bytes, format!("{:.3}", leaf.milliseconds)]
}
