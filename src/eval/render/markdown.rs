//! The report as Markdown, for a merge request or a wiki.

use std::fmt::Write as _;

use super::{Cell, Failure, Told};

/// The file.
#[must_use]
pub fn markdown(told: &Told) -> String {
    let mut out = format!("# {}\n\ncatalog {} · data {}\n\n", text(&told.set), text(&told.catalog), text(&told.data));
    let names: Vec<String> = told.translators.iter().map(|name| text(name)).collect();
    head(&mut out, "metric", &names);
    for line in &told.figures {
        row(&mut out, &text(&line.name), line.cells.iter().map(figure));
    }
    for (title, lines) in [("By language", &told.by_lang), ("By tag", &told.by_tag)] {
        let _ = writeln!(out, "\n## {title}\n");
        head(&mut out, "", &names);
        for line in lines {
            row(&mut out, &text(&line.name), line.cells.iter().map(|c| text(c)));
        }
    }
    judged(&mut out, told);
    failures(&mut out, told);
    out
}

fn head(out: &mut String, first: &str, names: &[String]) {
    row(out, first, names.iter().cloned());
    let _ = writeln!(out, "| --- |{}", " ---: |".repeat(names.len()));
}

fn row(out: &mut String, first: &str, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    let _ = writeln!(out, "| {first} | {} |", cells.join(" | "));
}

fn figure(cell: &Cell) -> String {
    let value = if cell.best { format!("**{}**", cell.value) } else { cell.value.clone() };
    if cell.interval.is_empty() { value } else { format!("{value} ({})", cell.interval) }
}

fn judged(out: &mut String, told: &Told) {
    if told.prompts.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n## Judged by a model\n");
    for prompt in &told.prompts {
        let _ = writeln!(out, "- {}: {}", text(&prompt.name), text(&prompt.prompt));
    }
    let columns = ["n", "agreement with people", "Cohen's κ"].map(str::to_owned);
    let _ = writeln!(out);
    head(out, "criterion", &columns);
    for line in &told.agreement {
        let cells = [line.n.to_string(), line.share.clone(), line.kappa.clone()];
        row(out, &text(&line.criterion), cells.into_iter());
    }
}

fn failures(out: &mut String, told: &Told) {
    for run in &told.runs {
        let _ = writeln!(out, "\n## What {} had wrong\n\nrun {}, {}", text(&run.translator), run.id, run.state);
        for group in &run.tags {
            let _ = writeln!(out, "\n### {}\n", text(&group.tag));
            let columns = ["expected", "given", "why"].map(str::to_owned);
            head(out, "turn", &columns);
            for failure in &group.failures {
                row(out, &turn(failure), sides(failure).into_iter());
            }
        }
        if run.left_out > 0 {
            let _ = writeln!(out, "\nand {} more", run.left_out);
        }
    }
}

fn turn(failure: &Failure) -> String {
    let silent = if failure.silent { " **silent**" } else { "" };
    format!("{} #{}: {}{silent}", text(&failure.case), failure.turn, text(&failure.user))
}

fn sides(failure: &Failure) -> [String; 3] {
    [text(&failure.expected), text(&failure.given), text(&failure.why.join("; "))]
}

/// Text as it is, whatever it holds: on one line, and no sign of it means anything to Markdown or HTML.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
