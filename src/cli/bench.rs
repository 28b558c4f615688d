//! `waggle bench`: how long the turns of a workload take, beside other engines on the same files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::common::{self, DataArgs};
use super::error::CliError;
use super::exit::Exit;
use super::place::REFERENCE_SEED;
use super::table::{self, Align};
use super::{output, progress};
use crate::app::AppConfig;
use crate::engine::{IndexConfig, Mode};
use crate::eval::speed::{self, Order, Report, SpeedError, Way};
use crate::generate::{Options, Shapes};

/// Rounds where nobody says.
const ROUNDS: usize = 3;
/// Seconds that conversations are played at once where nobody says.
const LOAD_SECONDS: u64 = 10;
/// Customers of a million, and the most millions that are made.
const MILLION: f64 = 1e6;
const MAX_MILLIONS: f64 = 1e4;

/// Measure how long the turns of conversations take, and compare with other engines on the same data
///
/// Each turn is asked first in a program that was just opened, then again; everybody is asked turn by turn in one run.
/// All numbers are compared.
#[derive(Debug, Args)]
pub struct BenchArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Make reference data of N customers, and measure on it
    #[arg(long, value_name = "N", conflicts_with = "data")]
    customers: Option<u64>,
    /// Make reference data of so many millions of customers, one after the other, and measure on each: 1,4,10,31.4
    #[arg(long, value_name = "M,…", value_delimiter = ',', conflicts_with_all = ["data", "customers"])]
    scale: Vec<f64>,
    /// Where the data that is made is kept and found again [default: nowhere, it is deleted]
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Conversations to play, a YAML file of `{id, turns}` [default: four of five turns, over the reference data]
    #[arg(long, value_name = "FILE")]
    workload: Option<PathBuf>,
    /// Rounds; figures are medians
    #[arg(long, value_name = "N", default_value_t = ROUNDS)]
    rounds: usize,
    /// Other engines, where their Python modules are installed: duckdb, polars
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    vs: Vec<String>,
    /// The Python that has them
    #[arg(long, value_name = "FILE", default_value = speed::PYTHON)]
    python: PathBuf,
    /// Play so many conversations at once, too, beside one alone
    #[arg(long, value_name = "N")]
    concurrent: Option<usize>,
    /// For so many seconds each
    #[arg(long, value_name = "S", default_value_t = LOAD_SECONDS)]
    concurrent_seconds: u64,
    /// Print all figures as JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the tables as Markdown
    #[arg(long)]
    markdown: bool,
}

/// Measures.
///
/// # Errors
/// Data that cannot be had, turns that are not answered, or others that cannot be asked.
pub async fn run(args: BenchArgs) -> Result<Exit, CliError> {
    let talks = args.workload.as_deref().map_or_else(speed::builtin, speed::read)?;
    let stop = CancellationToken::new();
    let measured = async {
        let mut reports = Vec::new();
        for size in sizes(&args)? {
            let place = Place::of(&args, size, &stop).await?;
            let order = Order {
                ways: ways(&place.config),
                talks: talks.clone(),
                rounds: args.rounds,
                rivals: args.vs.clone(),
                python: args.python.clone(),
                load: args.concurrent.map(|n| (n.max(1), Duration::from_secs(args.concurrent_seconds))),
            };
            reports.push(measure(&order, &stop).await?);
            if stop.is_cancelled() {
                break;
            }
        }
        Ok::<_, CliError>(reports)
    };
    let mut measured = Box::pin(measured);
    // The first Ctrl-C ends what is asked and tells what is known; the work itself ends then.
    let reports = tokio::select! {
        done = &mut measured => done,
        _ = tokio::signal::ctrl_c() => {
            stop.cancel();
            measured.await
        }
    }?;
    show(&args, &reports)?;
    let whole = reports.iter().all(|report| report.agrees() && !report.stopped);
    Ok(if whole { Exit::Done } else { Exit::Error })
}

/// Waggle's ways to answer: by its index or a cluster where that is asked for, and by SQL in this process.
fn ways(config: &AppConfig) -> Vec<Way> {
    let way = |name: &str, mode: Mode| {
        let index = IndexConfig { mode, ..config.index.clone() };
        Way { name: name.to_owned(), config: AppConfig { index, ..config.clone() } }
    };
    let sql = way("Waggle SQL", Mode::Sql);
    match &config.index.mode {
        Mode::Sql => vec![sql],
        Mode::Auto | Mode::Index => vec![way("Waggle index", Mode::Auto), sql],
        cluster @ Mode::Cluster(_) => vec![way("Waggle on a cluster", cluster.clone()), sql],
    }
}

/// How many customers to make, one measurement each; none for data that is there.
fn sizes(args: &BenchArgs) -> Result<Vec<Option<u64>>, CliError> {
    if args.scale.is_empty() {
        return Ok(vec![args.customers]);
    }
    args.scale.iter().map(|millions| customers(*millions).map(Some)).collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn customers(millions: f64) -> Result<u64, CliError> {
    if millions > 0.0 && millions <= MAX_MILLIONS {
        return Ok((millions * MILLION).round() as u64);
    }
    Err(CliError::Usage(format!("--scale {millions}: millions of customers, above 0 and up to {MAX_MILLIONS}")))
}

/// Data to measure on; what was made and is not to be kept is deleted with this.
struct Place {
    config: AppConfig,
    made: Option<PathBuf>,
}

impl Place {
    async fn of(args: &BenchArgs, size: Option<u64>, stop: &CancellationToken) -> Result<Self, CliError> {
        let Some(customers) = size else { return Ok(Self { config: args.data.config()?, made: None }) };
        if args.data.catalog.catalog.is_some() {
            return Err(CliError::Usage("the data that is made fits the built-in catalog only".to_owned()));
        }
        let name = format!("waggle-bench-{customers}");
        let (folder, made) = if let Some(keep) = &args.keep {
            (keep.join(name), None)
        } else {
            let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            (folder.clone(), Some(folder))
        };
        let place = Self { config: AppConfig { index: args.data.index(), ..AppConfig::new(folder.clone()) }, made };
        let shapes = Shapes::builtin()?;
        let entity = shapes.tables().next().unwrap_or_default().to_owned();
        // The generator puts the entity's file in place last.
        if !folder.join(format!("{entity}.parquet")).is_file() {
            generate(shapes, customers, &folder, stop).await?;
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.made {
            // What cannot be deleted lies where temporary files do.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

async fn generate(shapes: Shapes, customers: u64, folder: &Path, stop: &CancellationToken) -> Result<(), CliError> {
    output::note(&format!("making {customers} customers"));
    let cancel = Arc::new(AtomicBool::new(false));
    let (folder, flag) = (folder.to_owned(), Arc::clone(&cancel));
    let making = tokio::task::spawn_blocking(move || {
        let options = Options { customers, seed: REFERENCE_SEED, threads: 0, cancel: Some(&flag) };
        common::make_until(&shapes, options, &folder)
    });
    let mut making = std::pin::pin!(making);
    let made = tokio::select! {
        made = &mut making => made,
        () = stop.cancelled() => {
            cancel.store(true, Ordering::Relaxed);
            making.await
        }
    };
    made.map_err(|_| SpeedError::Stopped)??;
    Ok(())
}

async fn measure(order: &Order, stop: &CancellationToken) -> Result<Report, CliError> {
    let bar = progress::bar(0, "turns");
    let tell = |done: usize, total: usize, what: &str| {
        bar.set_length(u64::try_from(total).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        bar.set_message(output::plain(what));
    };
    let report = speed::play(order, stop, &tell).await;
    bar.finish_and_clear();
    Ok(report?)
}

fn show(args: &BenchArgs, reports: &[Report]) -> Result<(), CliError> {
    for report in reports {
        for module in &report.missing {
            output::note(&format!("{module} is not installed for {}: it was not asked", args.python.display()));
        }
    }
    match reports {
        _ if args.json && args.scale.is_empty() => reports.iter().try_for_each(output::json),
        _ if args.json => output::json(&reports),
        [report] if args.markdown => output::line(speed::markdown(report).trim_end()),
        reports if args.markdown => {
            for report in reports {
                output::line(&speed::markdown(report))?;
            }
            output::line(speed::markdown_of_scales(reports).trim_end())
        }
        reports => {
            reports.iter().try_for_each(tell)?;
            if reports.len() > 1 { output::line(speed::markdown_of_scales(reports).trim_end()) } else { Ok(()) }
        }
    }
}

/// The tables for a terminal.
fn tell(report: &Report) -> Result<(), CliError> {
    let names = || report.contenders.iter().map(|who| who.name.clone());
    let head = |first: &[&str]| first.iter().map(|s| (*s).to_owned()).chain(names()).collect::<Vec<String>>();
    let right = |left: usize, all: usize| {
        (0..all).map(|i| if i < left { Align::Left } else { Align::Right }).collect::<Vec<Align>>()
    };
    let population = table::grouped(report.data.population);
    let memory = report.resident.map(|b| format!(" · {} in memory", speed::bytes(b))).unwrap_or_default();
    output::line(&format!("{population} of {} customers{memory}", table::grouped(report.data.customers)))?;
    for who in &report.contenders {
        let ready = speed::readiness(who);
        if !ready.is_empty() {
            output::line(&format!("{} {}: {ready}", who.name, who.version))?;
        }
    }
    output::line("milliseconds: first / repeated (times the first column)\n")?;
    let rows: Vec<Vec<String>> = report
        .turns
        .iter()
        .map(|turn| {
            let own = turn.times.first().copied().flatten();
            let differs = if turn.differs.is_empty() { "" } else { " ≠" };
            let first = [
                format!("{} {}", turn.conversation, turn.turn),
                turn.kind.name().to_owned(),
                format!("{}{differs}", table::grouped(turn.count)),
            ];
            first.into_iter().chain(turn.times.iter().map(|t| speed::cell(*t, own))).collect()
        })
        .collect();
    let columns = head(&["turn", "kind", "customers"]);
    table::lines(&columns, &right(2, columns.len()), &rows).iter().try_for_each(|line| output::line(line))?;
    output::line("")?;
    let rows: Vec<Vec<String>> = report
        .summaries
        .iter()
        .map(|summary| {
            let own = summary.total.first().copied().flatten();
            let first = [speed::kind(summary).to_owned(), summary.turns.to_string(), speed::against(summary)];
            first.into_iter().chain(summary.total.iter().map(|t| speed::cell(*t, own))).collect()
        })
        .collect();
    let columns = head(&["all turns of", "turns", "the best other engine: median, least"]);
    table::lines(&columns, &right(1, columns.len()), &rows).iter().try_for_each(|line| output::line(line))?;
    if let Some(loads) = &report.loads {
        output::line("")?;
        for load in [&loads.alone, &loads.together] {
            output::line(&format!(
                "{} at once: {:.1} turns a second, median {:.1} ms, 99th percentile {:.1} ms ({} turns)",
                load.at_once, load.per_second, load.p50_ms, load.p99_ms, load.turns
            ))?;
        }
    }
    for turn in report.turns.iter().filter(|turn| !turn.differs.is_empty()) {
        output::note(&format!("{} {}: other numbers from {}", turn.conversation, turn.turn, turn.differs.join(", ")));
    }
    if report.stopped {
        output::note("stopped before the end");
    }
    Ok(())
}
