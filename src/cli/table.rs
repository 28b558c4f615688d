//! Tables for a terminal, where a Hangul syllable is as wide as two letters.

use unicode_width::UnicodeWidthStr;

/// Width of the longest bar.
const BAR_WIDTH: f64 = 24.0;
/// Bars of 1 to 8 eighths of a cell.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Space between columns.
const GAP: &str = "  ";

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Lines of a table: a head, a rule and the rows. The last column is not padded.
pub(crate) fn lines(head: &[String], align: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let width = |i: usize| rows.iter().chain([&head.to_vec()]).filter_map(|r| r.get(i)).map(|c| c.width()).max();
    let widths: Vec<usize> = (0..head.len()).map(|i| width(i).unwrap_or(0)).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().enumerate().map(|(i, cell)| {
            let pad = " ".repeat(widths.get(i).map_or(0, |w| w.saturating_sub(cell.width())));
            match align.get(i) {
                Some(Align::Right) => format!("{pad}{cell}"),
                _ => format!("{cell}{pad}"),
            }
        });
        padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    };
    let rule = widths.iter().map(|w| "─".repeat(*w)).collect::<Vec<_>>().join(GAP);
    let mut lines = vec![line(head), rule];
    lines.extend(rows.iter().map(|row| line(row)));
    lines
}

/// A bar as long as `part` of the longest one, which stands for `largest`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most eight times the bar's width")]
pub(crate) fn bar(part: f64, largest: f64) -> String {
    if !(part > 0.0 && largest > 0.0) {
        return String::new();
    }
    let eighths = ((part / largest).min(1.0) * BAR_WIDTH * 8.0).round().max(1.0) as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8 - 1]);
    }
    bar
}

/// A whole number with commas.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with commas and at most two decimals.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "guarded by the range")]
pub(crate) fn decimal(number: f64) -> String {
    if !number.is_finite() || number.abs() >= 1e15 {
        return number.to_string();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    let hundredths = (number.abs() * 100.0).round() as u64;
    let whole = grouped(hundredths / 100);
    match hundredths % 100 {
        0 => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part:02}").trim_end_matches('0').to_owned(),
    }
}

/// A fraction as a percentage.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.1 { format!("{percent:.3}%") } else { format!("{percent:.1}%") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_takes_two_columns() {
        let head = ["지역".to_owned(), "n".to_owned()];
        let rows = [vec!["강남구".to_owned(), "12".to_owned()], vec!["F".to_owned(), "3".to_owned()]];
        let table = lines(&head, &[Align::Left, Align::Right], &rows);
        assert_eq!(table, ["지역     n", "──────  ──", "강남구  12", "F        3"]);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([grouped(0), grouped(999), grouped(1_234_567)], ["0", "999", "1,234,567"]);
        assert_eq!(decimal(61234.5), "61,234.5");
        assert_eq!(decimal(-1.005), "-1");
        assert_eq!(decimal(1200.0), "1,200");
        assert_eq!([percent(0.5), percent(0.0002), percent(0.0)], ["50.0%", "0.020%", "0.0%"]);
    }

    #[test]
    fn bars_grow_with_their_part() {
        assert_eq!(bar(0.0, 5.0), "");
        assert_eq!(bar(1.0, 0.0), "");
        assert_eq!(bar(5.0, 5.0).chars().count(), 24);
        assert_eq!(bar(0.001, 5.0), "▏");
    }
}
