//! An answer for a person at a terminal: the reply, how it was read, its numbers, and what to ask next.

use super::output::plain;
use super::table::{self, Align};
use crate::answer::contract::{Answer, Breakdown, Status};
use crate::catalog::{Catalog, Locale};

/// Most rows of a table; the rest are counted.
const ROWS_SHOWN: usize = 40;

/// Words around an answer's numbers.
struct Words {
    read_as: &'static str,
    assumed: &'static str,
    unmatched: &'static str,
    hidden: &'static str,
    more: &'static str,
    missing: &'static str,
    count: &'static str,
    share: &'static str,
    value: &'static str,
    as_of: &'static str,
    next: &'static str,
}

const KOREAN: Words = Words {
    read_as: "읽은 조건",
    assumed: "가정",
    unmatched: "알 수 없는 말",
    hidden: "작은 그룹 숨김",
    more: "그룹 더 있음",
    missing: "(값 없음)",
    count: "수",
    share: "비중",
    value: "값",
    as_of: "기준일",
    next: "이어서 물어볼 만한 것",
};

const ENGLISH: Words = Words {
    read_as: "Read as",
    assumed: "Assumed",
    unmatched: "Not understood",
    hidden: "small groups hidden",
    more: "more groups",
    missing: "(missing)",
    count: "count",
    share: "share",
    value: "value",
    as_of: "As of",
    next: "You could ask",
};

fn words(locale: Locale) -> &'static Words {
    match locale {
        Locale::Ko => &KOREAN,
        Locale::En => &ENGLISH,
    }
}

/// The text form of an answer, many lines. With `sql` the statement follows.
#[must_use]
pub(crate) fn text(answer: &Answer, catalog: &Catalog, sql: bool) -> String {
    let words = words(answer.locale);
    let mut out = vec![answer.reply.clone()];
    out.extend(answer.options.iter().enumerate().map(|(i, option)| format!("  {}. {option}", i + 1)));
    if answer.status == Status::Answered {
        listed(&mut out, words.read_as, &answer.reading);
    }
    out.extend(answer.comment.iter().cloned());
    out.extend(answer.notes.iter().map(|note| format!("  ({note})")));
    listed(&mut out, words.assumed, &answer.assumptions);
    listed(&mut out, words.unmatched, &answer.unmatched);
    for metric in answer.metrics.iter().filter(|m| m.value.is_some()) {
        let shown = if metric.name.starts_with("share(") { table::percent } else { table::decimal };
        out.push(format!("  {} = {}", metric.name, metric.value.map(shown).unwrap_or_default()));
    }
    if let Some(breakdown) = &answer.breakdown {
        out.push(String::new());
        out.extend(groups(breakdown, answer, catalog, words));
    }
    if let Some(statement) = answer.sql.as_ref().filter(|_| sql) {
        out.extend([String::new(), statement.clone()]);
    }
    out.push(foot(answer, words));
    if !answer.suggestions.is_empty() {
        out.push(format!("{}: {}", words.next, answer.suggestions.join(" · ")));
    }
    out.retain(|line| line != "\u{0}");
    plain(out.join("\n").trim_end())
}

fn listed(out: &mut Vec<String>, name: &str, lines: &[String]) {
    if !lines.is_empty() {
        out.push(format!("  {name}: {}", lines.join(" · ")));
    }
}

/// The line that dates the numbers, and what share of the population they are.
fn foot(answer: &Answer, words: &Words) -> String {
    let share = match (answer.share, answer.population) {
        (Some(share), Some(population)) => format!(" · {} / {}", table::percent(share), table::grouped(population)),
        _ => String::new(),
    };
    match answer.as_of.as_str() {
        "" => "\u{0}".to_owned(),
        day => format!("  {} {day}{share}", words.as_of),
    }
}

fn groups(breakdown: &Breakdown, answer: &Answer, catalog: &Catalog, words: &Words) -> Vec<String> {
    let valued = breakdown.rows.iter().any(|row| row.value.is_some());
    let mut head: Vec<String> = breakdown.by.iter().map(|key| heading(key, catalog, answer.locale)).collect();
    let mut align = vec![Align::Left; head.len()];
    head.extend([words.count.to_owned(), words.share.to_owned()]);
    align.extend([Align::Right, Align::Right]);
    if valued {
        head.push(answer.metrics.first().map_or_else(|| words.value.to_owned(), |m| m.name.clone()));
        align.push(Align::Right);
    }
    head.push(String::new());
    let largest = breakdown.rows.iter().map(|row| size(row.count, row.value, valued)).fold(0.0, f64::max);
    let rows: Vec<Vec<String>> = breakdown
        .rows
        .iter()
        .take(ROWS_SHOWN)
        .map(|row| {
            let label = |i: usize| row.label.get(i).cloned().or_else(|| row.key.get(i).cloned().flatten());
            let missing = || words.missing.to_owned();
            let keys = (0..breakdown.by.len()).map(|i| label(i).filter(|l| !l.is_empty()).unwrap_or_else(missing));
            let mut cells: Vec<String> = keys.collect();
            cells.extend([table::grouped(row.count), table::percent(row.share)]);
            if valued {
                cells.push(row.value.map(table::decimal).unwrap_or_default());
            }
            cells.push(table::bar(size(row.count, row.value, valued), largest));
            cells
        })
        .collect();
    let mut lines: Vec<String> = table::lines(&head, &align, &rows).iter().map(|l| format!("  {l}")).collect();
    let more = breakdown.rows.len().saturating_sub(ROWS_SHOWN);
    if more > 0 {
        lines.push(format!("  (+{more} {})", words.more));
    }
    if breakdown.suppressed > 0 {
        lines.push(format!("  ({}: {})", words.hidden, breakdown.suppressed));
    }
    lines
}

/// What a bar shows: the metric where there is one.
#[allow(clippy::cast_precision_loss, reason = "only the length of a bar")]
fn size(count: u64, value: Option<f64>, valued: bool) -> f64 {
    if valued { value.unwrap_or(0.0) } else { count as f64 }
}

/// What a reader calls a field, a band, or `dataset.field`.
fn heading(key: &str, catalog: &Catalog, locale: Locale) -> String {
    let field = match key.split_once('.') {
        Some((dataset, field)) => catalog.dataset(dataset).and_then(|d| d.field(field)),
        None => catalog.field(key),
    };
    let label = field.map(|f| &f.label).or_else(|| catalog.band(key).map(|b| &b.label));
    label.map_or_else(|| key.to_owned(), |label| label.get(locale).to_owned())
}
