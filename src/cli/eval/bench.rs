//! Runs of translators: each plays the same sample, every case is kept, and a leaderboard of the figures is shown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::PlayArgs;
use crate::app::App;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::table::{self, Align};
use crate::cli::{output, progress};
use crate::eval::judge::{self, Agreement};
use crate::eval::measures::{self, Better};
use crate::eval::render::{self, Told};
use crate::eval::translator::{self, BUILTIN};
use crate::eval::{EvalError, GoldenSet, Order, PlayOptions, Run, RunState, Translator, bench};
use crate::store::Store;
use crate::translate::model::Client;

/// How runs are made. Any of these makes a run that is kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Runs that are kept")]
pub(super) struct RunArgs {
    /// The translators: builtin, automatic, or names of models [default: builtin]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    models: Vec<String>,
    /// Only N whole conversations, as many of each language and first tag as in the set
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Seed of the sample
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Play each conversation K times
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=100))]
    repeats: Option<u32>,
    /// Go on with a run that was broken off
    #[arg(long, value_name = "RUN")]
    resume: Option<String>,
    /// Fail where a figure is worse than this; may be repeated
    #[arg(long, value_name = "METRIC=VALUE", value_parser = threshold)]
    fail_under: Vec<(String, f64)>,
    /// Write a report, as HTML or Markdown by the file's ending; may be repeated
    #[arg(long, value_name = "FILE")]
    report: Vec<PathBuf>,
    /// Only these metrics
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    metrics: Vec<String>,
    /// YAML file with criteria of your own (name, prompt), judged by --judge
    #[arg(long, value_name = "FILE", requires = "judge")]
    criteria: Option<PathBuf>,
    /// The model that judges
    #[arg(long, value_name = "NAME", requires = "criteria")]
    judge: Option<String>,
    /// YAML file with what people say (case, turn, criterion, met), to see how far the judge agrees
    #[arg(long, value_name = "FILE", requires = "criteria")]
    labels: Option<PathBuf>,
}

fn threshold(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("a threshold is METRIC=VALUE")?;
    if measures::named(name.trim()).is_none() {
        return Err(format!("there is no metric {name}; see waggle eval --list-metrics"));
    }
    let value: f64 = value.trim().parse().map_err(|_| format!("`{value}` is no number"))?;
    Ok((name.trim().to_owned(), value))
}

impl RunArgs {
    /// Whether a run that is kept is wanted, and not a quick look.
    pub(super) fn keeps_runs(&self) -> bool {
        !self.models.is_empty()
            || self.sample.is_some()
            || self.repeats.is_some()
            || self.resume.is_some()
            || !self.fail_under.is_empty()
            || !self.report.is_empty()
            || !self.metrics.is_empty()
            || self.criteria.is_some()
    }
}

/// Runs every translator and tells of all.
pub(super) async fn run(
    args: &PlayArgs,
    app: Arc<App>,
    set: GoldenSet,
    options: PlayOptions,
) -> Result<Exit, CliError> {
    if let Some(unknown) = args.run.metrics.iter().find(|name| measures::named(name).is_none()) {
        return Err(EvalError::NoMetric(unknown.clone()).into());
    }
    if let Some(file) = args.run.report.iter().find(|file| ending(file).is_none()) {
        return Err(CliError::Usage(format!("{}: a report ends in .html or .md", file.display())));
    }
    let set = match args.run.sample {
        Some(n) => set.sample(n, args.run.seed),
        None => set,
    };
    let store = args.store.open().await?;
    let done = with_store(args, app, set, options, &store).await;
    store.close().await;
    done
}

async fn with_store(
    args: &PlayArgs,
    app: Arc<App>,
    set: GoldenSet,
    mut options: PlayOptions,
    store: &Store,
) -> Result<Exit, CliError> {
    options.audiences = args.run.metrics.is_empty() || args.run.metrics.iter().any(|name| name == "jaccard");
    options.judge = judge_of(args)?;
    let mut runs = Vec::new();
    for name in models(args, store).await? {
        let order = Order {
            set: set.clone(),
            translator: Translator::named(&name, &app).map_err(EvalError::from)?,
            repeats: repeats(args, store).await?,
            metrics: args.run.metrics.clone(),
            options: PlayOptions {
                at_once: options.at_once.or_else(|| translator::at_once(&name, &app)),
                ..options.clone()
            },
        };
        let run = one(args, &app, &order, store).await?;
        let stopped = run.summary.state == RunState::Cancelled;
        if stopped {
            output::note(&format!("stopped; go on with --resume {}", run.summary.id));
        }
        runs.push(run);
        if stopped {
            break;
        }
    }
    tell(args, &runs, &options)?;
    let whole = runs.iter().all(|run| run.summary.state == RunState::Done);
    Ok(if whole && passes(args, &runs) { Exit::Done } else { Exit::Error })
}

/// The translators that are named; that of the run to go on with; else the built-in one.
async fn models(args: &PlayArgs, store: &Store) -> Result<Vec<String>, CliError> {
    match (&args.run.resume, args.run.models.as_slice()) {
        (Some(id), []) => Ok(vec![bench::found(store, id).await?.translator]),
        (Some(_), [_, _, ..]) => Err(CliError::Usage("--resume goes on with the run of one model".into())),
        (None, []) => Ok(vec![BUILTIN.to_owned()]),
        (_, models) => Ok(models.to_vec()),
    }
}

async fn repeats(args: &PlayArgs, store: &Store) -> Result<u32, CliError> {
    match (&args.run.resume, args.run.repeats) {
        (Some(id), None) => Ok(bench::found(store, id).await?.repeats),
        (_, repeats) => Ok(repeats.unwrap_or(1)),
    }
}

/// One run, which Ctrl-C stops: what was played is kept.
async fn one(args: &PlayArgs, app: &Arc<App>, order: &Order, store: &Store) -> Result<Run, CliError> {
    let bar = progress::bar(0, &order.translator.name);
    let done = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let stop = CancellationToken::new();
    let resume = args.run.resume.as_deref();
    let mut playing = Box::pin(bench::run(Arc::clone(app), store, order, resume, &stop, &done));
    let run = tokio::select! {
        run = &mut playing => run,
        _ = tokio::signal::ctrl_c() => {
            stop.cancel();
            playing.await
        }
    };
    bar.finish_and_clear();
    Ok(run?)
}

/// The judge that is named, with its criteria.
fn judge_of(args: &PlayArgs) -> Result<Option<Arc<judge::Judge>>, CliError> {
    let (Some(name), Some(file)) = (&args.run.judge, &args.run.criteria) else { return Ok(None) };
    let criteria = judge::criteria(file)?;
    let models = args.models.settings()?.models;
    let spec = models.iter().find(|spec| spec.name == *name);
    let spec =
        spec.ok_or_else(|| CliError::Usage(format!("there is no model {name} to judge; see waggle models list")))?;
    Ok(Some(Arc::new(judge::Judge::new(Arc::new(Client::new(spec)?), name, criteria))))
}

fn tell(args: &PlayArgs, runs: &[Run], options: &PlayOptions) -> Result<(), CliError> {
    let agreement = agreement(args, runs)?;
    for file in &args.run.report {
        let prompts = options.judge.as_ref().map(|judge| judge.prompts()).unwrap_or_default();
        let told = Told::of(runs).judged_by(prompts, &agreement);
        write(file, &told)?;
        output::note(&format!("the report is in {}", file.display()));
    }
    if args.json {
        let shown = runs.iter().map(|run| json!({ "run": run.summary, "cases": run.cases }));
        return output::json(&json!({ "runs": shown.collect::<Vec<_>>(), "agreement": agreement }));
    }
    if args.failures {
        for run in runs {
            failures(run)?;
        }
    }
    output::line(&output::plain(&leaderboard(runs).join("\n")))
}

fn agreement(args: &PlayArgs, runs: &[Run]) -> Result<Vec<Agreement>, CliError> {
    let Some(file) = &args.run.labels else { return Ok(Vec::new()) };
    let labels = judge::labels(file)?;
    Ok(runs.iter().flat_map(|run| judge::agreement(&run.cases, &labels)).collect())
}

fn failures(run: &Run) -> Result<(), CliError> {
    for case in &run.cases {
        for (i, turn) in case.turns.iter().enumerate().filter(|(_, turn)| !turn.right) {
            let (name, number) = (&run.summary.translator, i + 1);
            let lines = [
                format!("{name}: {} #{number} {}", case.case, turn.user),
                format!("  why   {}", turn.why.join("; ")),
                format!("  gold  {}", turn.gold),
                format!("  got   {}", turn.given),
            ];
            output::line(&output::plain(&lines.join("\n")))?;
        }
    }
    Ok(())
}

/// A line a metric, a column a translator; the best of each line has a mark.
fn leaderboard(runs: &[Run]) -> Vec<String> {
    let mut head = vec!["metric".to_owned()];
    head.extend(runs.iter().map(|run| run.summary.translator.clone()));
    let mut align = vec![Align::Left];
    align.extend(runs.iter().map(|_| Align::Right));
    let line = |name: String| {
        let cells = runs.iter().map(|run| match run.summary.metrics.get(&name) {
            Some(measured) => render::figure(&name, measured.value),
            None => "-".to_owned(),
        });
        std::iter::once(name.clone()).chain(cells).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = render::figure_names(runs).into_iter().map(line).collect();
    let ids = runs.iter().map(|run| run.summary.id.clone());
    rows.push(std::iter::once("run".to_owned()).chain(ids).collect());
    table::lines(&head, &align, &rows)
}

/// Whether every run is within every threshold. A figure that was not measured is not within one.
fn passes(args: &PlayArgs, runs: &[Run]) -> bool {
    let mut met = true;
    for run in runs {
        let value = |name: &str| run.summary.metrics.get(name).map(|m| m.value);
        let of = |name: &str, none: f64| value(name).unwrap_or(none);
        met &= args.passes([of("turn_accuracy", 1.0), of("conversation_accuracy", 1.0), of("silent", 0.0)]);
        for (name, limit) in &args.run.fail_under {
            let lower = measures::named(name).is_some_and(|metric| metric.better == Better::Lower);
            let within = value(name).is_some_and(|value| if lower { value <= *limit } else { value >= *limit });
            if !within {
                let shown = value(name).map_or_else(|| "not measured".to_owned(), |v| format!("{v:.4}"));
                output::note(&format!("threshold not met: {} {name} is {shown}, not {limit}", run.summary.translator));
            }
            met &= within;
        }
    }
    met
}

#[derive(Clone, Copy)]
enum Ending {
    Html,
    Markdown,
}

fn ending(file: &Path) -> Option<Ending> {
    match file.extension()?.to_str()? {
        "html" | "htm" => Some(Ending::Html),
        "md" => Some(Ending::Markdown),
        _ => None,
    }
}

fn write(file: &Path, told: &Told) -> Result<(), CliError> {
    let failed = |source| CliError::File { path: file.into(), source };
    let text = match ending(file) {
        Some(Ending::Html) => render::html(told).map_err(|e| failed(std::io::Error::other(e.to_string())))?,
        _ => render::markdown(told),
    };
    std::fs::write(file, text).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_name_a_metric() {
        assert_eq!(threshold("silent=0.02"), Ok(("silent".to_owned(), 0.02)));
        assert_eq!(threshold("pass^2 = 0.5"), Ok(("pass^2".to_owned(), 0.5)));
        for wrong in ["silent", "no_such=1", "silent=low"] {
            assert!(threshold(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reports_are_what_their_file_is_called() {
        assert!(matches!(ending(Path::new("a/b.html")), Some(Ending::Html)));
        assert!(matches!(ending(Path::new("b.md")), Some(Ending::Markdown)));
        assert!(ending(Path::new("b.pdf")).is_none() && ending(Path::new("b")).is_none());
    }
}
