//! Numbers as they are read: thousands separated, as many decimals as matter.

use crate::catalog::{Field, Locale, Unit};

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A fraction as a percentage: `0.1234` is `12.3%`, `0.00123` is `0.12%`.
pub(super) fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    if percent > 0.0 && percent < 0.01 {
        return "<0.01%".to_owned();
    }
    let decimals = if percent.abs() < 1.0 { 2 } else { 1 };
    format!("{}%", trimmed(&format!("{percent:.decimals$}")))
}

/// A number that was computed: whole from a thousand on, with fewer decimals the larger it is.
pub(super) fn amount(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let part = part.trim_end_matches('0');
    let dot = if part.is_empty() { "" } else { "." };
    format!("{sign}{whole}{dot}{part}")
}

/// An amount with the unit after it.
pub(super) fn with_unit(number: &str, unit: Option<&Unit>, locale: Locale) -> String {
    let unit = unit.map_or("", |u| u.label.get(locale));
    let tight = locale == Locale::Ko && !unit.starts_with(|c: char| c.is_ascii_alphabetic());
    match unit {
        "" => number.to_owned(),
        _ if tight => format!("{number}{unit}"),
        _ => format!("{number} {unit}"),
    }
}

/// The bounds of a field, where it has them, as they are read.
pub(super) fn range(field: &Field) -> Option<(String, String)> {
    field.range.map(|(low, high)| (amount(low), amount(high)))
}

fn trimmed(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn percentages_keep_the_decimals_that_matter() {
        assert_eq!([0.0, 0.123_45, 1.0, 0.001_23, 0.000_01].map(percent), ["0%", "12.3%", "100%", "0.12%", "<0.01%"]);
    }

    #[test]
    fn amounts_have_fewer_decimals_the_larger_they_are() {
        assert_eq!([61_234.5, 42.25, 1.5, 0.123_45, -1234.0].map(amount), ["61,234", "42.2", "1.5", "0.123", "-1,234"]);
    }
}
