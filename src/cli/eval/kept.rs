//! Runs that are kept: listing them, comparing two.

use clap::Args;

use super::StoreArgs;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::table::{self, Align};
use crate::eval::compare::{self, Changed, Comparison, DEFAULT_METRIC, SIGNIFICANT};
use crate::eval::{RunSummary, bench, render};

/// Figures of a run that a list shows.
const SHOWN: [&str; 3] = ["turn_accuracy", "conversation_accuracy", "silent"];

/// Which runs are compared, and in what.
#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// The first run
    run_a: String,
    /// The second run
    run_b: String,
    /// In which metric
    #[arg(long, value_name = "NAME", default_value = DEFAULT_METRIC)]
    metric: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// How runs are listed.
#[derive(Debug, Args)]
pub(super) struct RunsArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn compare(args: &CompareArgs) -> Result<Exit, CliError> {
    let store = args.store.open().await?;
    let both = async {
        let a = bench::load(&store, &args.run_a).await?;
        compare::compare(&a, &bench::load(&store, &args.run_b).await?, &args.metric)
    };
    let compared = both.await;
    store.close().await;
    let compared = compared?;
    if args.json {
        output::json(&compared)?;
    } else {
        output::line(&output::plain(&told(&compared).join("\n")))?;
    }
    Ok(Exit::Done)
}

fn told(compared: &Comparison) -> Vec<String> {
    let Comparison { a, b, metric, n, .. } = compared;
    let shown = |value: f64| render::figure(metric, value);
    let mut lines = vec![
        format!("{metric}, {n} values that both have"),
        format!("  {}  {} {}", shown(compared.mean_a), a.id, a.translator),
        format!("  {}  {} {}", shown(compared.mean_b), b.id, b.translator),
    ];
    let interval = match (compared.low, compared.high) {
        (Some(low), Some(high)) => format!(" (95 % interval {} to {})", shown(low), shown(high)),
        _ => String::new(),
    };
    lines.push(format!("difference {}{interval}", shown(compared.difference)));
    if let (Some(only_a), Some(only_b), Some(p)) = (compared.only_a, compared.only_b, compared.p) {
        let sure = if p < SIGNIFICANT { "a difference" } else { "no sure difference" };
        lines.push(format!(
            "McNemar's exact test: {only_a} only the first, {only_b} only the second, p = {p:.4}: {sure}"
        ));
    }
    for (title, cases) in [("fixed", &compared.fixed), ("broken", &compared.broken)] {
        lines.push(format!("{title}: {}", cases.len()));
        lines.extend(cases.iter().map(line));
    }
    lines
}

fn line(changed: &Changed) -> String {
    let turn = changed.turn.map(|turn| format!(" #{turn}")).unwrap_or_default();
    format!("  {}{turn} {}", changed.case, changed.user)
}

pub(super) async fn list(args: &RunsArgs) -> Result<Exit, CliError> {
    let store = args.store.open().await?;
    let runs = store.runs().await;
    store.close().await;
    let runs = runs?;
    if args.json {
        output::json(&runs)?;
        return Ok(Exit::Done);
    }
    let mut head = ["run", "set", "translator", "state", "cases", "repeats"].map(str::to_owned).to_vec();
    head.extend(SHOWN.map(str::to_owned));
    let rows: Vec<Vec<String>> = runs.iter().map(row).collect();
    let mut align = vec![Align::Left; 4];
    align.extend([Align::Right; 5]);
    output::line(&output::plain(&table::lines(&head, &align, &rows).join("\n")))?;
    Ok(Exit::Done)
}

fn row(run: &RunSummary) -> Vec<String> {
    let mut cells = vec![
        run.id.clone(),
        run.set.clone(),
        run.translator.clone(),
        run.state.name().to_owned(),
        run.cases.to_string(),
        run.repeats.to_string(),
    ];
    let figure = |name: &str| run.metrics.get(name).map_or_else(|| "-".to_owned(), |m| render::figure(name, m.value));
    cells.extend(SHOWN.map(figure));
    cells
}
