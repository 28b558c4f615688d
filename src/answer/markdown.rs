//! An answer as Markdown, for doors whose readers show it: chat pages and assistants.

use super::keys::key_label;
use super::number::{amount, grouped, percent};
use super::{Answer, Breakdown, Group};
use crate::catalog::{Catalog, Locale};

/// Most rows of a table; the rest are counted.
const MAX_ROWS: usize = 100;

struct Words {
    count: &'static str,
    share: &'static str,
    value: &'static str,
    missing: &'static str,
    more: &'static str,
    as_of: &'static str,
    next: &'static str,
}

const KOREAN: Words = Words {
    count: "수",
    share: "비중",
    value: "값",
    missing: "(값 없음)",
    more: "그룹 더 있음",
    as_of: "기준일",
    next: "이어서 물어볼 만한 것",
};

const ENGLISH: Words = Words {
    count: "Count",
    share: "Share",
    value: "Value",
    missing: "(missing)",
    more: "more groups",
    as_of: "As of",
    next: "You could ask",
};

/// The whole answer: how it was read, and [`body`].
#[must_use]
pub fn markdown(answer: &Answer, catalog: &Catalog) -> String {
    let read = if answer.sql.is_some() { lead(&answer.reading) } else { String::new() };
    read + &body(answer, catalog)
}

/// How a request was read, as a quotation; nothing where it is read as everybody.
#[must_use]
pub fn lead(reading: &[String]) -> String {
    if reading.is_empty() { String::new() } else { format!("> {}\n\n", plain(&reading.join(" · "))) }
}

/// The reply, with the question and its numbered options where one is asked back; the groups as a table; the date of
/// the data; what could be asked next.
#[must_use]
pub fn body(answer: &Answer, catalog: &Catalog) -> String {
    let words = if answer.locale == Locale::Ko { &KOREAN } else { &ENGLISH };
    let mut parts = vec![reply(answer)];
    parts.extend(answer.breakdown.as_ref().filter(|b| !b.rows.is_empty()).map(|b| table(b, answer, catalog, words)));
    if answer.sql.is_some() && !answer.as_of.is_empty() {
        parts.push(format!("_{} {}_", words.as_of, answer.as_of));
    }
    parts.extend(answer.comment.as_deref().map(plain));
    parts.extend(answer.notes.iter().map(|note| format!("_{}_", plain(note))));
    if !answer.suggestions.is_empty() {
        let each = answer.suggestions.iter().map(|s| format!("- {}", plain(s)));
        parts.push(format!("{}:\n\n{}", words.next, each.collect::<Vec<_>>().join("\n")));
    }
    parts.join("\n\n")
}

/// The reply; where a question is asked back, its options a line each.
fn reply(answer: &Answer) -> String {
    let Some(question) = answer.question.as_ref().filter(|_| !answer.options.is_empty()) else {
        return answer.reply.clone();
    };
    let options = answer.options.iter().enumerate().map(|(at, option)| format!("{}. {}", at + 1, plain(option)));
    format!("{question}\n\n{}", options.collect::<Vec<_>>().join("\n"))
}

fn table(breakdown: &Breakdown, answer: &Answer, catalog: &Catalog, words: &Words) -> String {
    let valued = breakdown.rows.iter().any(|row| row.value.is_some());
    let mut head: Vec<String> =
        breakdown.by.iter().map(|key| key_label(key, catalog, answer.locale).unwrap_or_else(|| key.clone())).collect();
    let mut rule = vec!["---"; head.len()];
    let numbers = [Some(words.count), Some(words.share), valued.then_some(words.value)];
    for name in numbers.into_iter().flatten() {
        head.push(name.to_owned());
        rule.push("---:");
    }
    let mut lines = vec![line(&head), format!("| {} |", rule.join(" | "))];
    lines.extend(breakdown.rows.iter().take(MAX_ROWS).map(|row| line(&cells(row, breakdown.by.len(), valued, words))));
    let more = breakdown.rows.len().saturating_sub(MAX_ROWS);
    if more > 0 {
        lines.push(format!("\n+{more} {}", words.more));
    }
    lines.join("\n")
}

fn cells(row: &Group, keys: usize, valued: bool, words: &Words) -> Vec<String> {
    let label = |at: usize| row.label.get(at).cloned().or_else(|| row.key.get(at).cloned().flatten());
    let missing = || words.missing.to_owned();
    let mut cells: Vec<String> =
        (0..keys).map(|at| label(at).filter(|l| !l.is_empty()).unwrap_or_else(missing)).collect();
    cells.extend([grouped(row.count), percent(row.share)]);
    if valued {
        cells.push(row.value.map(amount).unwrap_or_default());
    }
    cells
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| plain(cell).replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

/// On one line: a line break would end the table or the list.
fn plain(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::catalog::builtin;

    #[test]
    fn groups_are_a_table_between_the_reply_and_what_comes_next() {
        let group = |label: &str, count, share| Group {
            key: vec![Some(label.to_owned())],
            label: vec![label.to_owned()],
            count,
            share,
            value: None,
        };
        let rows = vec![group("20대", 1_234, 0.75), group("a|b", 411, 0.25)];
        let answer = Answer {
            reply: "둘입니다.".to_owned(),
            reading: vec!["성별 = 여성".to_owned()],
            sql: Some("SELECT".to_owned()),
            breakdown: Some(Breakdown { by: vec!["gender".to_owned()], rows, suppressed: 0 }),
            suggestions: vec!["성별로 나눠줘".to_owned()],
            locale: Locale::Ko,
            ..Answer::default()
        };
        let shown = markdown(&answer, &builtin().unwrap());
        assert_eq!(
            shown,
            "> 성별 = 여성\n\n둘입니다.\n\n| 성별 | 수 | 비중 |\n| --- | ---: | ---: |\n| 20대 | 1,234 | 75% |\n\
             | a\\|b | 411 | 25% |\n\n이어서 물어볼 만한 것:\n\n- 성별로 나눠줘"
        );
    }
}
