//! The tables as Markdown, for a README.

use std::fmt::Write as _;

use super::{Contender, Load, Report, Summary, Times, against_best};

/// Bytes of a MiB and of a GiB.
const MIB: f64 = 1_048_576.0;
const GIB: f64 = 1_073_741_824.0;

/// One measurement: where it is from, by kind, turn by turn, and many at once.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = format!("{}\n\n", caption(report));
    let names: Vec<&str> = report.contenders.iter().map(|who| who.name.as_str()).collect();
    let head = |out: &mut String, first: &[&str]| {
        let cells: Vec<&str> = first.iter().chain(&names).copied().collect();
        row(out, &cells);
        let rule: Vec<&str> = first.iter().map(|_| "---").chain(names.iter().map(|_| "---:")).collect();
        row(out, &rule);
    };
    head(&mut out, &["kind of turn", "turns", "times the best other engine"]);
    for summary in &report.summaries {
        let total: Vec<String> =
            summary.total.iter().map(|t| cell(*t, summary.total.first().copied().flatten())).collect();
        let first = [kind(summary).to_owned(), summary.turns.to_string(), against(summary)];
        row(&mut out, &first.iter().chain(&total).map(String::as_str).collect::<Vec<_>>());
    }
    let _ = writeln!(out);
    head(&mut out, &["turn", "kind", "conditions", "customers", "times the best other engine"]);
    for turn in &report.turns {
        let own = turn.times.first().copied().flatten();
        let best = against_best(turn, &report.contenders).map(ratio).unwrap_or_default();
        let differs =
            if turn.differs.is_empty() { String::new() } else { format!(" (differs: {})", turn.differs.join(", ")) };
        let first = [
            escaped(&turn.words),
            turn.kind.name().to_owned(),
            turn.conditions.to_string(),
            format!("{}{differs}", turn.count),
            best,
        ];
        let times: Vec<String> = turn.times.iter().map(|t| cell(*t, own)).collect();
        row(&mut out, &first.iter().chain(&times).map(String::as_str).collect::<Vec<_>>());
    }
    if let Some(loads) = &report.loads {
        let _ = writeln!(
            out,
            "\n| conversations at once | turns a second | median | 99th percentile |\n| ---: | ---: | ---: | ---: |"
        );
        for load in [&loads.alone, &loads.together] {
            let Load { at_once, per_second, p50_ms, p99_ms, .. } = load;
            let _ = writeln!(out, "| {at_once} | {per_second:.1} | {} | {} |", three(*p50_ms), three(*p99_ms));
        }
    }
    out
}

/// Several measurements by their number of customers.
#[must_use]
pub fn scales(reports: &[Report]) -> String {
    let mut out = String::new();
    let Some(first) = reports.first() else { return out };
    let sizes: Vec<String> = reports.iter().map(|r| millions(r.data.customers)).collect();
    row(
        &mut out,
        &["all turns once", "milliseconds by million customers"]
            .into_iter()
            .chain(sizes.iter().map(String::as_str))
            .collect::<Vec<_>>(),
    );
    row(&mut out, &["---", "---"].into_iter().chain(sizes.iter().map(|_| "---:")).collect::<Vec<_>>());
    for (i, who) in first.contenders.iter().enumerate() {
        let total = |r: &Report| r.summaries.last().and_then(|s| s.total.get(i).copied().flatten());
        for (name, pick) in
            [("first", (|t| t.first) as fn(Times) -> f64), ("repeated", (|t| t.repeated) as fn(Times) -> f64)]
        {
            let cells: Vec<String> = reports.iter().map(|r| total(r).map_or("–".into(), |t| three(pick(t)))).collect();
            row(
                &mut out,
                &[who.name.as_str(), name].into_iter().chain(cells.iter().map(String::as_str)).collect::<Vec<_>>(),
            );
        }
    }
    let memory: Vec<String> = reports.iter().map(|r| r.resident.map_or("–".into(), bytes)).collect();
    row(&mut out, &["Waggle", "memory"].into_iter().chain(memory.iter().map(String::as_str)).collect::<Vec<_>>());
    out
}

/// Where the figures are from.
fn caption(report: &Report) -> String {
    let machine = &report.machine;
    let processor = machine.processor.as_deref().unwrap_or("a processor");
    let memory = machine.memory.map(|m| format!(", {}", bytes(m))).unwrap_or_default();
    let mut out = format!(
        "{} customers ({} in the population) · {} cores of {processor}{memory} · Waggle {}, rounds: {}",
        report.data.customers, report.data.population, machine.cores, report.version, report.rounds
    );
    for who in &report.contenders {
        let _ = write!(out, " · {}", about(who));
    }
    let own = report.resident.map_or_else(String::new, |m| format!(" · in memory: Waggle {}", bytes(m)));
    let others = report.rivals_resident.map_or_else(String::new, |m| format!(", others {}", bytes(m)));
    let verdict = if report.agrees() { "every count equal" } else { "SOME COUNTS DIFFER" };
    format!(
        "{out}{own}{others} · {verdict}. Milliseconds: first run / repeated; in brackets how many times as long as the first column."
    )
}

fn about(who: &Contender) -> String {
    let more = readiness(who);
    let more = if more.is_empty() { more } else { format!(" ({more})") };
    format!("{} {}{more}", who.name, who.version)
}

/// What it took until it could be asked.
#[must_use]
pub(crate) fn readiness(who: &Contender) -> String {
    let build = who.build_s.map(|s| format!("made in {s:.1} s"));
    let disk = who.disk_bytes.map(|b| format!("{} on disk", bytes(b)));
    let ready = who.ready_s.map(|s| format!("opened in {s:.2} s"));
    let awake = who.awake_s.map(|s| format!("all of it read and checked {s:.1} s later"));
    build.into_iter().chain(disk).chain(ready).chain(awake).collect::<Vec<_>>().join(", ")
}

/// The name of what a line sums up.
#[must_use]
pub(crate) fn kind(summary: &Summary) -> &'static str {
    summary.kind.map_or("all", super::Kind::name)
}

/// The least and the middle ratio to the best other engine.
#[must_use]
pub(crate) fn against(summary: &Summary) -> String {
    let both = summary.least.zip(summary.median);
    both.map_or_else(String::new, |(least, median)| format!("{}, least {}", ratio(median), ratio(least)))
}

/// First and repeated, with how many times as long as `own`.
#[must_use]
pub(crate) fn cell(times: Option<Times>, own: Option<Times>) -> String {
    let Some(times) = times else { return "–".to_owned() };
    let plain = format!("{} / {}", three(times.first), three(times.repeated));
    match own {
        Some(own) if own != times => {
            let against = Times { first: times.first / own.first, repeated: times.repeated / own.repeated };
            format!("{plain} ({})", ratio(against))
        }
        _ => plain,
    }
}

/// How many times, first and repeated.
#[must_use]
pub(crate) fn ratio(times: Times) -> String {
    format!("{}× / {}×", three(times.first), three(times.repeated))
}

/// A figure to three digits.
fn three(number: f64) -> String {
    match number {
        n if n < 0.995 => format!("{n:.2}"),
        n if n < 9.95 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

/// Bytes for a reader.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "told to three figures")]
pub(crate) fn bytes(bytes: u64) -> String {
    let bytes = bytes as f64;
    if bytes >= GIB { format!("{:.1} GiB", bytes / GIB) } else { format!("{:.0} MiB", bytes / MIB) }
}

#[allow(clippy::cast_precision_loss, reason = "told to three figures")]
fn millions(customers: u64) -> String {
    format!("{} M", customers as f64 / 1e6)
}

fn row(out: &mut String, cells: &[&str]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
