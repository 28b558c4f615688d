//! The leaderboard as one HTML page that needs nothing else: it asks no host for anything, works from a file, and is
//! written whole before any script runs. Whatever comes from runs is escaped; the page's own policy lets nothing run but
//! the one script that it carries.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::board::{Board, BoardRow, Score};
use super::column::{Column, Unit, head, short_hash};
use super::trend::Point;
use crate::catalog::Locale;
use crate::translate::model::Place;

const TEMPLATE: &str = include_str!("page.html.j2");
const STYLE: &str = include_str!("board.css");
const SCRIPT: &str = include_str!("board.js");

/// Width and height of a trend, in pixels.
const TREND: (f64, f64) = (96.0, 24.0);
/// What is left free around a trend, in pixels.
const MARGIN: f64 = 3.0;
/// The heads of the columns before the figures.
const HEADS: [(&str, bool); 7] = [
    ("translator", false),
    ("kind", false),
    ("size", true),
    ("place", false),
    ("prompt", false),
    ("policy", false),
    ("average", true),
];

/// The page could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the page of the leaderboard: {0}")]
pub struct PageError(#[from] minijinja::Error);

#[derive(Serialize)]
struct View<'a> {
    lang: &'static str,
    style: &'static str,
    script: &'static str,
    policy: String,
    main: &'a str,
    heads: Vec<Head>,
    rows: Vec<Row>,
    kinds: Vec<String>,
    latest: String,
}

#[derive(Serialize)]
struct Head {
    id: String,
    ko: String,
    en: String,
    note: String,
    number: bool,
    descending: bool,
}

#[derive(Serialize)]
struct Row {
    translator: String,
    kind: String,
    size: Option<f64>,
    place: &'static str,
    prompt: String,
    policy: String,
    average: Cell,
    cells: Vec<Cell>,
    trend: Option<Trend>,
}

/// A figure.
#[derive(Serialize, Default)]
struct Cell {
    text: String,
    sort: Option<f64>,
    ko: String,
    en: String,
    best: bool,
    mark: bool,
}

#[derive(Serialize)]
struct Trend {
    points: String,
    x: String,
    y: String,
    ko: String,
    en: String,
}

/// The page, first in the language of `locale`; a reader can switch.
///
/// # Errors
/// Where the template fails.
pub fn page(board: &Board, locale: Locale) -> Result<String, PageError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", TEMPLATE)?;
    let mut kinds: Vec<String> = board.rows.iter().map(|r| r.kind.clone()).filter(|k| !k.is_empty()).collect();
    kinds.sort();
    kinds.dedup();
    let latest = board.rows.iter().map(|r| r.at).max().map(day).unwrap_or_default();
    let view = View {
        lang: locale.code(),
        style: STYLE,
        script: SCRIPT,
        policy: content_policy(),
        main: &board.main,
        heads: heads(board),
        rows: board.rows.iter().map(|row| self::row(row, board)).collect(),
        kinds,
        latest,
    };
    Ok(environment.get_template("page")?.render(Serde(&view))?)
}

/// What the page may do, for a header and for the page itself: its own style and script, by their hashes, and nothing
/// from anywhere.
#[must_use]
pub fn content_policy() -> String {
    let [style, script] = [STYLE, SCRIPT].map(|text| base64(&Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )
}

/// Base 64, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let word = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for (i, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = char::from(DIGITS[((word >> shift) & 63) as usize]);
            out.push(if i > chunk.len() { '=' } else { digit });
        }
    }
    out
}

fn heads(board: &Board) -> Vec<Head> {
    let fixed = HEADS.iter().map(|(name, number)| Head {
        id: (*name).to_owned(),
        ko: head(name, Locale::Ko).to_owned(),
        en: head(name, Locale::En).to_owned(),
        note: if *name == "average" { board.main.clone() } else { String::new() },
        number: *number,
        descending: *name == "average" && super::Better::of_metric(&board.main) == super::Better::Higher,
    });
    let figures = board.columns.iter().map(|column| Head {
        id: column.id.clone(),
        ko: titled(column),
        en: titled(column),
        note: column.note.clone(),
        number: true,
        descending: column.better == super::Better::Higher,
    });
    fixed.chain(figures).collect()
}

fn titled(column: &Column) -> String {
    match column.unit {
        Unit::Share | Unit::Number => column.label.clone(),
        unit => format!("{} ({})", column.label, unit.sign()),
    }
}

fn row(row: &BoardRow, board: &Board) -> Row {
    let cell = |column: &Column| row.scores.get(&column.id).map(|s| cell(s, column)).unwrap_or_default();
    Row {
        translator: row.translator.clone(),
        kind: row.kind.clone(),
        size: row.size_b,
        place: match row.place {
            Some(Place::OnPrem) => "on_prem",
            Some(Place::Cloud) => "cloud",
            None => "",
        },
        prompt: short_hash(&row.prompt_version).to_owned(),
        policy: short_hash(&row.policy).to_owned(),
        average: average(row, board),
        cells: board.columns.iter().map(cell).collect(),
        trend: trend(&row.trend, Unit::of_metric(&board.main)),
    }
}

fn average(row: &BoardRow, board: &Board) -> Cell {
    let Some(value) = row.average else { return Cell::default() };
    let (done, all) = (row.averaged, board.sets);
    Cell {
        text: Unit::of_metric(&board.main).told(value),
        sort: Some(value),
        ko: format!("골든셋 {all}개 중 {done}개의 평균"),
        en: format!("mean over {done} of {all} golden sets"),
        best: row.average_best,
        mark: done < all,
    }
}

fn cell(score: &Score, column: &Column) -> Cell {
    let measured = &score.measured;
    let told = |value: f64| format!("{}{}", column.unit.told(value), if column.unit == Unit::Share { "%" } else { "" });
    let mut ko = format!("{} · {}", told(measured.value), day(score.at));
    let mut en = ko.clone();
    if let (Some(low), Some(high)) = (measured.low, measured.high) {
        let _ = write!(ko, " · 95% 신뢰구간 {}–{}", told(low), told(high));
        let _ = write!(en, " · 95% interval {}–{}", told(low), told(high));
    }
    if measured.n > 0 {
        let _ = write!(ko, " · n = {}", measured.n);
        let _ = write!(en, " · n = {}", measured.n);
    }
    if !score.comparable {
        ko.push_str(" · 다른 사례로 재었으므로 비교하지 않음");
        en.push_str(" · measured on other cases, not compared");
    }
    Cell {
        text: column.unit.told(measured.value),
        sort: Some(measured.value),
        ko,
        en,
        best: score.best,
        mark: !score.comparable,
    }
}

/// A line through the points in order; the scale is from the least to the largest.
fn trend(points: &[Point], unit: Unit) -> Option<Trend> {
    let (first, last) = (points.first()?, points.last()?);
    let values = || points.iter().map(|p| p.value);
    let (bottom, top) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let ((width, height), spread) = (TREND, top - bottom);
    #[allow(clippy::cast_precision_loss, reason = "there are few points")]
    let place = |i: usize, value: f64| {
        let along = if points.len() > 1 { i as f64 / (points.len() - 1) as f64 } else { 1.0 };
        let up = if spread > 0.0 { (value - bottom) / spread } else { 0.5 };
        (MARGIN + along * (width - 2.0 * MARGIN), height - MARGIN - up * (height - 2.0 * MARGIN))
    };
    let places: Vec<(f64, f64)> = values().enumerate().map(|(i, value)| place(i, value)).collect();
    let line: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let end = places.last()?;
    let told = |point: &Point| format!("{} ({})", unit.told(point.value), day(point.at));
    let (from, to, set, runs) = (told(first), told(last), &first.set, points.len());
    Some(Trend {
        points: line.join(" "),
        x: format!("{:.1}", end.0),
        y: format!("{:.1}", end.1),
        ko: format!("{set}, {runs}회: {from} → {to}"),
        en: format!("{set}, runs: {runs}, {from} → {to}"),
    })
}

fn day(milliseconds: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(milliseconds).unwrap_or_default().format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::super::board::tests::entry;
    use super::super::{Entry, Wanted};
    use super::*;

    fn written(entries: &[Entry]) -> String {
        page(&Board::new(entries, &[], &Wanted::default()), Locale::Ko).unwrap()
    }

    #[test]
    fn nothing_of_a_run_is_markup() {
        let evil = "<script>alert(1)</script>\" onmouseover=\"x";
        let run =
            Entry { kind: evil.into(), policy: evil.into(), prompt_version: evil.into(), ..entry(evil, evil, 1, 0.5) };
        let page = written(&[run]);
        assert_eq!(page.matches("<script").count(), 1, "the page's own");
        assert!(!page.contains("alert(1)<") && !page.contains("\" onmouseover"), "{page}");
        assert!(page.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_page_asks_nobody_for_anything() {
        let page = written(&[entry("a", "dev", 1, 0.5), entry("a", "dev", 2, 0.7)]);
        for word in
            ["http://", "https://", "src=", "<link", "@import", "url(", "fetch(", "onclick", "onload", " style=\""]
        {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("<html lang=\"ko\"") && page.contains("<polyline") && page.contains("aria-sort"));
    }

    #[test]
    fn the_policy_lets_the_pages_own_script_run() {
        assert_eq!(base64(b"any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
        assert_eq!(base64(b"any carnal pleasure"), "YW55IGNhcm5hbCBwbGVhc3VyZQ==");
        assert_eq!(base64(b"any carnal pleasur"), "YW55IGNhcm5hbCBwbGVhc3Vy");
        let page = written(&[]);
        let between =
            |open: &str, close: &str| page.split(open).nth(1).unwrap().split(close).next().unwrap().to_owned();
        for (tag, text) in [("style", between("<style>", "</style>")), ("script", between("<script>", "</script>"))] {
            let hash = base64(&Sha256::digest(text.as_bytes()));
            assert!(content_policy().contains(&format!("{tag}-src 'sha256-{hash}'")), "{tag}");
        }
    }

    #[test]
    fn the_best_stands_out_and_says_how_sure_it_is() {
        let page = written(&[entry("a", "dev", 1, 0.5), entry("b", "dev", 1, 0.75)]);
        assert_eq!(page.matches("<strong>75.0</strong>").count(), 2, "the figure and the average");
        assert!(!page.contains("<strong>50.0</strong>"));
        assert!(page.contains("n = 100"));
    }
}
