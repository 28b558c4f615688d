//! Segment → text.

use super::lex::{is_word_part, is_word_start};
use crate::segment::{Amount, DateSpec, End, Expr, Func, Literal, Test};

/// Words that a name cannot be without quotes.
const RESERVED: [&str; 32] = [
    "AND", "AS_OF", "AVG", "BETWEEN", "BOTTOM", "BY", "COUNT", "DATE", "DAY", "DAYS", "DISTINCT", "EXISTS", "FALSE",
    "IN", "IS", "MAX", "MEDIAN", "MIN", "MISSING", "MONTH", "MONTHS", "NOT", "NULL", "OR", "SAMPLE", "SEED", "SEGMENT",
    "SUM", "TOP", "TRUE", "WHERE", "WITHIN",
];

/// Whether `word` is a word of the grammar.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|r| r.eq_ignore_ascii_case(word))
}

pub(super) fn expr(expr: &Expr) -> String {
    match expr {
        Expr::All => "TRUE".to_owned(),
        Expr::And(parts) => joined(parts, " AND ", "TRUE"),
        Expr::Or(parts) => joined(parts, " OR ", "FALSE"),
        Expr::Not(inner) => negation(inner),
        Expr::Compare { field, test } => compare(&name(field), test, ""),
        Expr::Exists { dataset, rows } if **rows == Expr::All => format!("EXISTS {}", name(dataset)),
        Expr::Exists { dataset, rows } => format!("EXISTS {} ({})", name(dataset), self::expr(rows)),
        Expr::Total { dataset, func, field, rows, test } => {
            compare(&total(dataset, *func, field.as_deref(), rows), test, " IS TRUE")
        }
        Expr::Rank { field, end, amount, within } => {
            let end = if *end == End::Top { "TOP" } else { "BOTTOM" };
            format!("{end} {} BY {}{}", self::amount(*amount), name(field), self::within(within))
        }
        Expr::Sample { size, seed, within } => format!("SAMPLE {size} SEED {seed}{}", self::within(within)),
        Expr::Saved { name } => format!("SEGMENT {}", text(name)),
    }
}

/// `parts` with brackets around those that would bind otherwise.
fn joined(parts: &[Expr], between: &str, none: &str) -> String {
    match parts {
        [] => none.to_owned(),
        [one] => expr(one),
        _ => parts.iter().map(part).collect::<Vec<_>>().join(between),
    }
}

fn part(part: &Expr) -> String {
    match part {
        Expr::And(inner) | Expr::Or(inner) if inner.len() > 1 => format!("({})", expr(part)),
        Expr::And(inner) | Expr::Or(inner) if inner.len() == 1 => self::part(&inner[0]),
        _ => expr(part),
    }
}

fn negation(inner: &Expr) -> String {
    match inner {
        Expr::Compare { field, test: Test::Missing } => format!("{} IS NOT MISSING", name(field)),
        Expr::Total { dataset, func, field, rows, test: Test::Missing } => {
            format!("{} IS NOT MISSING", total(dataset, *func, field.as_deref(), rows))
        }
        Expr::All
        | Expr::Exists { .. }
        | Expr::Saved { .. }
        | Expr::Not(_)
        | Expr::Compare { test: Test::True, .. } => format!("NOT {}", expr(inner)),
        Expr::And(parts) | Expr::Or(parts) if parts.len() == 1 => negation(&parts[0]),
        _ => format!("NOT ({})", expr(inner)),
    }
}

fn total(dataset: &str, func: Func, field: Option<&str>, rows: &Expr) -> String {
    let head = match func {
        Func::Sum => "SUM(",
        Func::Avg => "AVG(",
        Func::Min => "MIN(",
        Func::Max => "MAX(",
        Func::Median => "MEDIAN(",
        Func::Count => "COUNT(",
        Func::CountDistinct => "COUNT(DISTINCT ",
    };
    let field = field.map(|f| format!(".{}", name(f))).unwrap_or_default();
    let rows = if *rows == Expr::All { String::new() } else { format!(" WHERE {}", expr(rows)) };
    format!("{head}{}{field}{rows})", name(dataset))
}

/// `subject` with `test`; `truth` is what follows a subject that is to be true.
fn compare(subject: &str, test: &Test, truth: &str) -> String {
    match test {
        Test::Eq(value) => format!("{subject} = {}", literal(value)),
        Test::Ne(value) => format!("{subject} <> {}", literal(value)),
        Test::Lt(value) => format!("{subject} < {}", literal(value)),
        Test::Le(value) => format!("{subject} <= {}", literal(value)),
        Test::Gt(value) => format!("{subject} > {}", literal(value)),
        Test::Ge(value) => format!("{subject} >= {}", literal(value)),
        Test::Between(low, high) => format!("{subject} BETWEEN {} AND {}", literal(low), literal(high)),
        Test::In(values) => {
            format!("{subject} IN ({})", values.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Test::True => format!("{subject}{truth}"),
        Test::Missing => format!("{subject} IS MISSING"),
    }
}

fn within(within: &Expr) -> String {
    if *within == Expr::All { String::new() } else { format!(" WITHIN ({})", expr(within)) }
}

fn amount(amount: Amount) -> String {
    match amount {
        Amount::Share(share) => format!("{}%", hundredfold(share)),
        Amount::Number(number) => number.to_string(),
    }
}

/// A hundred times `share`, by moving the point: nothing is rounded.
pub(in crate::segment) fn hundredfold(share: f64) -> String {
    let digits = share.to_string();
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    let part = format!("{part:0<2}");
    let whole = format!("{whole}{}", &part[..2]);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let part = part[2..].trim_end_matches('0');
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// The text form of one value.
pub(super) fn literal(value: &Literal) -> String {
    match value {
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => format!("{number:?}"),
        Literal::Text(value) => text(value),
        Literal::Date(DateSpec::On(day)) => format!("DATE '{day}'"),
        Literal::Date(DateSpec::DaysBefore(days)) => format!("AS_OF - {days} DAYS"),
        Literal::Date(DateSpec::MonthsBefore(months)) => format!("AS_OF - {months} MONTHS"),
    }
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// `name` as it is where it is a plain word, else between double quotes.
fn name(name: &str) -> String {
    let plain = name.chars().next().is_some_and(is_word_start) && name.chars().all(is_word_part) && !is_reserved(name);
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
