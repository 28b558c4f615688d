//! `waggle models test`: two small requests show whether a model is there, keeps to a schema and how fast it is; ten fixed
//! turns, played as in every evaluation with that model alone, show whether it is of any use.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::catalog::Locale;
use crate::cli::common::{DataArgs, ModelArgs, with_models};
use crate::cli::config::Settings;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::{output, place, progress};
use crate::eval::{self, PlayOptions, Report, file};
use crate::translate::model::{Model, ModelSpec, Probe, Prompted, Prompting, Request};

/// The ten turns.
const SMOKE: &str = include_str!("../../../fixtures/models/smoke.yaml");

/// Try a model: is it there, does it keep to a schema, how fast is it, how many of ten turns does it get right
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// The model, as `waggle models list` names it
    name: String,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    /// Conversations to play instead of the ten turns that are built in; these fit the built-in catalog alone
    #[arg(long, value_name = "FILE")]
    turns: Option<PathBuf>,
    /// Only ask whether it is there, and how fast it is
    #[arg(long)]
    no_turns: bool,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// What the trial showed.
#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    #[serde(flatten)]
    probe: Probe,
    #[serde(skip_serializing_if = "Option::is_none")]
    turns: Option<Turns>,
}

/// How the ten turns went.
#[derive(Debug, Serialize)]
struct Turns {
    /// Turns that were played.
    played: usize,
    /// Those that were right.
    right: usize,
    /// Those that were wrong without a word of doubt.
    silently_wrong: usize,
    /// Those that the model itself translated: the others fell back.
    by_the_model: usize,
    /// Tokens of all prompts.
    prompt_tokens: u64,
    /// Tokens of all replies.
    completion_tokens: u64,
    /// US dollars.
    cost: f64,
    /// Each turn.
    details: Vec<Detail>,
}

#[derive(Debug, Serialize)]
struct Detail {
    said: String,
    right: bool,
    translator: String,
    /// Milliseconds of the translation.
    translate_ms: f64,
    /// What was wrong.
    why: Vec<String>,
}

/// Tries it. Ends well where the model is there, keeps to its schema where it is said to, and was asked.
///
/// # Errors
/// Settings that cannot be used, a model that is not configured, or an app that cannot be opened.
pub(super) async fn run(args: &TestArgs) -> Result<Exit, CliError> {
    let settings = args.models.settings()?;
    let spec = named(&settings, &args.name)?.clone();
    let model = Model::new(spec.clone(), Arc::new(NoPrompts)).map_err(CliError::Model)?;
    let probe = model.probe(Locale::En).await;
    let played = probe.fault.is_none() && !args.no_turns;
    let turns = if played { Some(args.play(settings).await?) } else { None };
    let shown = Shown { name: spec.name.clone(), probe, turns };
    if args.json {
        output::json(&shown)?;
    } else {
        for line in shown.lines(&spec) {
            output::line(&output::plain(&line))?;
        }
    }
    Ok(if shown.works() { Exit::Done } else { Exit::Error })
}

/// The model called `name`.
pub(super) fn named<'a>(settings: &'a Settings, name: &str) -> Result<&'a ModelSpec, CliError> {
    settings.models.iter().find(|spec| spec.name == name).ok_or_else(|| {
        let names: Vec<&str> = settings.models.iter().map(|spec| spec.name.as_str()).collect();
        let there =
            if names.is_empty() { "none is configured".to_owned() } else { format!("there are: {}", names.join(", ")) };
        CliError::Usage(format!("there is no model `{name}`; {there}"))
    })
}

impl TestArgs {
    async fn play(&self, settings: Settings) -> Result<Turns, CliError> {
        let conversations = match &self.turns {
            Some(path) => file::read(path)?,
            None if self.data.catalog.catalog.is_some() => {
                return Err(CliError::Usage(
                    "the ten turns fit the built-in catalog: name turns of your own with --turns, or --no-turns".into(),
                ));
            }
            None => file::parse(SMOKE).map_err(CliError::Usage)?,
        };
        let app = Arc::new(App::open(with_models(&self.data, settings)?)?);
        let options = PlayOptions {
            cache: place::cache(),
            model: Some(self.name.clone()),
            at_once: Some(1),
            ..PlayOptions::default()
        };
        let bar = progress::bar(conversations.len() as u64, "conversations");
        let report = eval::play(app, &conversations, &options, &|done| bar.set_position(done as u64)).await?;
        bar.finish_and_clear();
        Ok(Turns::of(&report, &self.name))
    }
}

impl Turns {
    fn of(report: &Report, model: &str) -> Self {
        let results = &report.results;
        let details = results.iter().map(|result| Detail {
            said: result.user.clone(),
            right: result.verdict.right,
            translator: result.answer.translator.clone(),
            translate_ms: result.answer.timings_ms.translate,
            why: result.verdict.why.clone(),
        });
        Self {
            played: results.len(),
            right: results.iter().filter(|result| result.verdict.right).count(),
            silently_wrong: results.iter().filter(|result| result.verdict.silent).count(),
            by_the_model: results.iter().filter(|result| result.answer.translator == model).count(),
            prompt_tokens: results.iter().map(|result| result.answer.usage.prompt_tokens).sum(),
            completion_tokens: results.iter().map(|result| result.answer.usage.completion_tokens).sum(),
            cost: results.iter().map(|result| result.answer.usage.cost).sum(),
            details: details.collect(),
        }
    }
}

impl Shown {
    /// Whether the model can be used as it is configured.
    fn works(&self) -> bool {
        let translated = self.turns.as_ref().is_none_or(|turns| turns.by_the_model > 0);
        self.probe.fault.is_none() && self.probe.reachable && self.probe.schema != Some(false) && translated
    }

    fn lines(&self, spec: &ModelSpec) -> Vec<String> {
        let yes = |truth: bool| if truth { "yes" } else { "no" };
        let known = |truth: Option<bool>, otherwise: &'static str| truth.map_or(otherwise, yes);
        let probe = &self.probe;
        let mut lines = vec![
            format!("model              {} ({})", self.name, spec.model),
            format!("reachable          {}", yes(probe.reachable)),
            format!("listed             {}", known(probe.listed, "its server lists nothing")),
            format!("schema honoured    {}", known(probe.schema, "not tried: it is not said to have a schema mode")),
        ];
        if let Some(speed) = probe.tokens_per_second {
            lines.push(format!("tokens per second  {speed:.1}"));
        }
        if let Some(fault) = &probe.fault {
            lines.push(format!("fault              {fault}"));
        }
        if let Some(turns) = &self.turns {
            let Turns { played, right, silently_wrong, by_the_model, prompt_tokens, completion_tokens, cost, .. } =
                turns;
            lines.push(format!(
                "turns right        {right} of {played}, {silently_wrong} wrong without a word of doubt"
            ));
            lines.push(format!("by the model       {by_the_model} of {played}"));
            lines.push(format!(
                "tokens             {prompt_tokens} in prompts, {completion_tokens} in replies, ${cost:.4}"
            ));
            lines.push(String::new());
            lines.extend(turns.details.iter().map(Detail::line));
        }
        lines
    }
}

impl Detail {
    fn line(&self) -> String {
        let mark = if self.right { "right" } else { "wrong" };
        let why = if self.why.is_empty() { String::new() } else { format!("  ({})", self.why.join("; ")) };
        format!("{mark}  {:>6.1} s  {:<10}  {}{why}", self.translate_ms / 1e3, self.translator, self.said)
    }
}

/// The trial asks for no draft.
struct NoPrompts;

impl Prompting for NoPrompts {
    fn prompt(&self, _: &Request<'_>, _: u32) -> Prompted {
        Prompted { messages: Vec::new(), tokens: 0 }
    }
}
