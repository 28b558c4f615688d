//! `waggle models plan`: how many accelerators a load needs, and what they cost a month against an API.

mod show;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::config::{self, ConfigFlags};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::serve::open_store;
use crate::eval::capacity::{
    self, Accelerator, ApiPrices, Assumptions, CapacityError, Fit, Load, Monthly, Question, Size, Table, TurnTokens,
    Unfit,
};
use crate::eval::leaderboard::BUILTIN;
use crate::store::{RunState, Store};
use crate::translate::model::Billing;

/// Tokens of a turn where nobody says and nothing was measured: a prompt below the limit of the built-in prompts.
const PROMPT_TOKENS: f64 = 2500.0;
const COMPLETION_TOKENS: f64 = 150.0;
/// Share of a prompt that a server has cached where nobody says: its stable beginning.
const CACHED_SHARE: f64 = 0.5;

/// Plan capacity: how many accelerators of which kind a load needs, and what that costs a month
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Requests a day that a model is to answer
    #[arg(long, value_name = "N", default_value_t = 0.0)]
    turns_per_day: f64,
    /// Hours of a day that they fall into
    #[arg(long, value_name = "H", default_value_t = 10.0)]
    peak_hours: f64,
    /// The busiest moment against the mean of these hours
    #[arg(long, value_name = "F", default_value_t = 3.0)]
    peak_factor: f64,
    /// Requests a second at the busiest moment, instead of the three above
    #[arg(long, value_name = "N")]
    peak_turns_per_second: Option<f64>,
    /// Growth a year, as a share: 0.3 for 30 %
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    growth: f64,
    /// Years ahead to plan for
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    years: f64,
    /// Take the tokens of a request from the evaluations of this model that were kept
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Tokens of a prompt [default: as measured, else 2500]
    #[arg(long, value_name = "N")]
    prompt_tokens: Option<f64>,
    /// Tokens of a reply [default: as measured, else 150]
    #[arg(long, value_name = "N")]
    completion_tokens: Option<f64>,
    /// Share of a prompt that the server has cached
    #[arg(long, value_name = "SHARE", default_value_t = CACHED_SHARE)]
    cached_share: f64,
    /// Billions of parameters
    #[arg(long, value_name = "B")]
    params_b: f64,
    /// Billions of parameters at work for each token, of a mixture of experts [default: all]
    #[arg(long, value_name = "B")]
    active_b: Option<f64>,
    /// Bits a parameter
    #[arg(long, value_name = "N", default_value_t = 16.0)]
    bits: f64,
    /// Layers, for the KV cache [default: estimated from the parameters]
    #[arg(long, value_name = "N", requires = "kv_heads", requires = "head_size")]
    layers: Option<f64>,
    /// Heads of keys and values
    #[arg(long, value_name = "N", requires = "layers")]
    kv_heads: Option<f64>,
    /// Numbers a head
    #[arg(long, value_name = "N", requires = "layers")]
    head_size: Option<f64>,
    /// Longest time of a request, in seconds
    #[arg(long, value_name = "S", default_value_t = 5.0)]
    latency_s: f64,
    /// Only these kinds, may be repeated
    #[arg(long, value_name = "NAME")]
    accelerator: Vec<String>,
    /// A table of accelerators of your own [default: the one that is built in]
    #[arg(long, value_name = "FILE")]
    accelerators: Option<PathBuf>,
    /// Tokens of replies a second of one replica in all, as you measured it on the one kind that `--accelerator` names
    #[arg(long, value_name = "N")]
    measured_tokens_per_s: Option<f64>,
    /// Price of an API for a million tokens of prompts, in US dollars [default: that of `--model` in the settings]
    #[arg(long, value_name = "USD", requires = "api_output")]
    api_input: Option<f64>,
    /// The same for tokens that it had cached [default: as for others]
    #[arg(long, value_name = "USD", requires = "api_input")]
    api_cached_input: Option<f64>,
    /// The same for tokens of replies
    #[arg(long, value_name = "USD", requires = "api_input")]
    api_output: Option<f64>,
    /// Share of a replica's throughput that is planned for
    #[arg(long, value_name = "SHARE", default_value_t = Assumptions::default().utilisation)]
    utilisation: f64,
    /// Share of the bandwidth that decoding gets
    #[arg(long, value_name = "SHARE", default_value_t = Assumptions::default().bandwidth_efficiency)]
    bandwidth_efficiency: f64,
    /// Share of the FLOPS that prompts get
    #[arg(long, value_name = "SHARE", default_value_t = Assumptions::default().compute_efficiency)]
    compute_efficiency: f64,
    /// Replicas more than needed
    #[arg(long, value_name = "N", default_value_t = Assumptions::default().spare)]
    spare: u32,
    /// Years that a card is used
    #[arg(long, value_name = "N", default_value_t = Assumptions::default().years_of_use)]
    years_of_use: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Which store, for what was measured.
    #[command(flatten)]
    flags: ConfigFlags,
}

/// The plan.
#[derive(Debug, Serialize)]
struct Plan {
    question: Question,
    tokens_from: String,
    peak_turns_per_second: f64,
    turns_per_month: f64,
    api: Option<Api>,
    options: Vec<Choice>,
    site: capacity::table::Site,
}

/// What an API costs.
#[derive(Debug, Serialize)]
struct Api {
    prices: ApiPrices,
    per_turn: f64,
    per_month: Option<f64>,
}

/// A kind of accelerator.
#[derive(Debug, Serialize)]
struct Choice {
    accelerator: Accelerator,
    fit: Option<Fit>,
    unfit: Option<Unfit>,
    monthly: Option<Monthly>,
    /// Turns a day from which on it is cheaper than the API.
    break_even_turns_per_day: Option<f64>,
}

/// Does it.
///
/// # Errors
/// Figures that make no sense, a table that cannot be read, or a store that cannot be used.
pub(super) async fn run(args: &PlanArgs) -> Result<Exit, CliError> {
    let plan = args.plan().await?;
    if args.json {
        output::json(&plan)?;
    } else {
        output::line(&output::plain(&show::told(&plan)))?;
    }
    Ok(Exit::Done)
}

impl PlanArgs {
    async fn plan(&self) -> Result<Plan, CliError> {
        let (tokens, tokens_from) = self.tokens().await?;
        let question = self.question(tokens);
        if self.turns_per_day <= 0.0 && self.peak_turns_per_second.is_none() {
            return Err(CliError::Usage(
                "say how much is asked: --turns-per-day N or --peak-turns-per-second N".into(),
            ));
        }
        question.check()?;
        let table = self.table()?;
        let chosen = self.chosen(&table)?;
        let prices = self.api_prices()?;
        let options = chosen.into_iter().map(|on| choice(&question, on, &table, prices.as_ref())).collect();
        let api = prices.map(|prices| Api {
            prices,
            per_turn: capacity::cost::api_per_turn(&tokens, &prices),
            per_month: capacity::api_per_month(&question.load, &tokens, &prices),
        });
        let (peak_turns_per_second, turns_per_month) = (question.load.peak(), question.load.per_month());
        Ok(Plan { question, tokens_from, peak_turns_per_second, turns_per_month, api, options, site: table.site })
    }

    fn question(&self, tokens: TurnTokens) -> Question {
        let mut size = Size::dense(self.params_b, self.bits);
        size.active_b = self.active_b.unwrap_or(self.params_b);
        if let (Some(layers), Some(heads), Some(numbers)) = (self.layers, self.kv_heads, self.head_size) {
            size.kv_bytes = Size::kv_bytes_of(layers, heads, numbers);
        }
        Question {
            load: Load {
                turns_per_day: self.turns_per_day,
                busy_hours: self.peak_hours,
                peak_factor: self.peak_factor,
                peak_turns_per_second: self.peak_turns_per_second,
                growth: self.growth,
                years: self.years,
            },
            tokens,
            size,
            latency_s: self.latency_s,
            measured_tokens_per_s: self.measured_tokens_per_s,
            assumptions: Assumptions {
                utilisation: self.utilisation,
                bandwidth_efficiency: self.bandwidth_efficiency,
                compute_efficiency: self.compute_efficiency,
                spare: self.spare,
                years_of_use: self.years_of_use,
                ..Assumptions::default()
            },
        }
    }

    /// Tokens of a turn, and where they are from.
    async fn tokens(&self) -> Result<(TurnTokens, String), CliError> {
        let of = |prompt, completion| TurnTokens { prompt, completion, cached_share: self.cached_share };
        if let (Some(prompt), Some(completion)) = (self.prompt_tokens, self.completion_tokens) {
            return Ok((of(prompt, completion), "given".to_owned()));
        }
        let measured = match &self.model {
            Some(name) => Some(self.measured(name).await?),
            None => None,
        };
        let from = match (&measured, &self.model) {
            (Some((_, _, turns)), Some(name)) => format!("measured: {turns} turns of {name}"),
            _ => {
                "assumed; say --model NAME for what was measured, or --prompt-tokens and --completion-tokens".to_owned()
            }
        };
        let (prompt, completion) = measured.map_or((PROMPT_TOKENS, COMPLETION_TOKENS), |(p, c, _)| (p, c));
        Ok((of(self.prompt_tokens.unwrap_or(prompt), self.completion_tokens.unwrap_or(completion)), from))
    }

    async fn measured(&self, name: &str) -> Result<(f64, f64, usize), CliError> {
        if name == BUILTIN {
            return Err(CliError::Usage("the built-in translator uses no tokens: it needs no accelerator".into()));
        }
        let store = open_store(&config::load(&self.flags)?.serve).await?;
        let found = measured(&store, name).await;
        store.close().await;
        found?.ok_or_else(|| {
            CliError::Usage(format!("no evaluation of {name} was kept; run `waggle eval` with it first"))
        })
    }

    fn table(&self) -> Result<Table, CliError> {
        let Some(path) = &self.accelerators else { return Ok(Table::builtin()?) };
        let text = std::fs::read_to_string(path).map_err(|source| CliError::File { path: path.clone(), source })?;
        Ok(Table::parse(&text)?)
    }

    fn chosen<'a>(&self, table: &'a Table) -> Result<Vec<&'a Accelerator>, CliError> {
        let known = || table.accelerators.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
        if let Some(name) = self.accelerator.iter().find(|name| !table.accelerators.iter().any(|a| a.name == **name)) {
            return Err(CapacityError::NoAccelerator { name: name.clone(), known: known() }.into());
        }
        if self.measured_tokens_per_s.is_some() && self.accelerator.len() != 1 {
            let why = "--measured-tokens-per-s holds for one kind alone: name it with --accelerator";
            return Err(CliError::Usage(why.into()));
        }
        let is_chosen = |a: &&Accelerator| self.accelerator.is_empty() || self.accelerator.contains(&a.name);
        Ok(table.accelerators.iter().filter(is_chosen).collect())
    }

    /// The prices that are given, else those that the settings give of the model.
    fn api_prices(&self) -> Result<Option<ApiPrices>, CliError> {
        if let (Some(input), Some(output)) = (self.api_input, self.api_output) {
            return Ok(Some(ApiPrices { input, cached_input: self.api_cached_input.unwrap_or(input), output }));
        }
        let Some(name) = &self.model else { return Ok(None) };
        let settings = config::load(&self.flags)?;
        let billing = settings.models.iter().find(|model| model.name == *name).map(|model| model.billing);
        let of = |b: Billing| ApiPrices { input: b.input, cached_input: b.cached_input, output: b.output };
        Ok(billing.filter(|b| b.output > 0.0).map(of))
    }
}

fn choice(question: &Question, on: &Accelerator, table: &Table, prices: Option<&ApiPrices>) -> Choice {
    let found = capacity::fit(question, on);
    let monthly = found.ok().map(|fit| capacity::monthly(fit.cards, on, &table.site, &question.assumptions));
    let break_even =
        monthly.as_ref().and_then(|monthly| capacity::cost::break_even(monthly.least(), &question.tokens, prices?));
    Choice {
        accelerator: on.clone(),
        fit: found.ok(),
        unfit: found.err(),
        monthly,
        break_even_turns_per_day: break_even,
    }
}

/// Mean tokens of a turn by the latest run of a model that used any: of prompts, of replies, and of how many turns.
async fn measured(store: &Store, name: &str) -> Result<Option<(f64, f64, usize)>, CliError> {
    let runs = store.runs().await?;
    for run in runs.iter().filter(|run| run.translator == name && run.state == RunState::Done) {
        let cases = store.run_cases(&run.id).await?;
        let texts: Vec<&str> = cases.iter().map(|case| case.result_json.as_str()).collect();
        if let Some(found) = capacity::measured(&texts) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
