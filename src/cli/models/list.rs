//! `waggle models list`: what the settings say of each model. Nobody is asked anything.

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::cli::common::ModelArgs;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::table::{Align, grouped, lines};
use crate::translate::model::{Abilities, Billing, ModelSpec, Place};

/// Show who can translate: where they run, what they cost, what they can do
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    models: ModelArgs,
}

/// A model as it is listed; the built-in translator has its name and nothing else.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    model: String,
    base_url: String,
    place: Place,
    /// US dollars for a million tokens.
    price: Billing,
    context_tokens: u32,
    timeout_s: u64,
    concurrency: usize,
    can: Abilities,
    agent: bool,
    /// Whether there is a key; never the key.
    key: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_b: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
}

impl From<&ModelSpec> for Listed {
    fn from(spec: &ModelSpec) -> Self {
        Self {
            name: spec.name.clone(),
            model: spec.model.clone(),
            base_url: spec.base_url.clone(),
            place: spec.place,
            price: spec.billing,
            context_tokens: spec.context_tokens,
            timeout_s: spec.timeout.as_secs(),
            concurrency: spec.concurrency,
            can: spec.can,
            agent: spec.agent,
            key: spec.key.is_some(),
            size_b: spec.size_b,
            kind: spec.kind.clone(),
        }
    }
}

/// Lists them.
///
/// # Errors
/// Settings that cannot be used.
pub(super) fn run(args: &ListArgs) -> Result<Exit, CliError> {
    let settings = args.models.settings()?;
    if args.json {
        output::json(&settings.models.iter().map(Listed::from).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    let head = ["name", "where", "model", "context", "in $/M", "cached", "out $/M", "can", "timeout"];
    let align = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
    let rows: Vec<Vec<String>> = std::iter::once(builtin(head.len())).chain(settings.models.iter().map(row)).collect();
    for line in lines(&head.map(str::to_owned), &align, &rows) {
        output::line(&output::plain(&line))?;
    }
    if settings.models.is_empty() {
        output::note("no model is configured: `waggle config --example` shows how one is");
    }
    settings.notes.iter().for_each(|note| output::note(&output::plain(note)));
    Ok(Exit::Done)
}

fn builtin(cells: usize) -> Vec<String> {
    let mut row = vec!["builtin".to_owned(), "here".to_owned()];
    row.resize(cells, "-".to_owned());
    row
}

fn row(spec: &ModelSpec) -> Vec<String> {
    let can = [("schema", spec.can.json_schema), ("tools", spec.can.tools), ("agent", spec.agent)];
    let can: Vec<&str> = can.into_iter().filter(|(_, can)| *can).map(|(name, _)| name).collect();
    let Billing { input, cached_input, output } = spec.billing;
    vec![
        spec.name.clone(),
        place(spec.place).to_owned(),
        spec.model.clone(),
        grouped(spec.context_tokens.into()),
        format!("{input}"),
        format!("{cached_input}"),
        format!("{output}"),
        if can.is_empty() { "text".to_owned() } else { can.join(", ") },
        seconds(spec.timeout),
    ]
}

fn place(place: Place) -> &'static str {
    match place {
        Place::OnPrem => "on_prem",
        Place::Cloud => "cloud",
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}
