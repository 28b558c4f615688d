//! A plan for a terminal: the table, and all that was taken for granted.

use super::{Choice, Plan};
use crate::cli::table::{self, Align};
use crate::eval::capacity::table::Price;
use crate::eval::capacity::{Range, Unfit};

/// From this on, money is told in thousands.
const THOUSAND: f64 = 10_000.0;

/// The plan as text.
pub(super) fn told(plan: &Plan) -> String {
    let mut lines = asked(plan);
    lines.push(String::new());
    lines.extend(choices(plan));
    lines.push(String::new());
    lines.extend(api(plan));
    lines.extend(assumed(plan));
    lines.extend(sources(plan));
    lines.join("\n")
}

fn asked(plan: &Plan) -> Vec<String> {
    let (question, tokens, size) = (&plan.question, &plan.question.tokens, &plan.question.size);
    vec![
        format!(
            "load     {:.2} turns/s at the peak, {} turns a month ({} a day now, growth {:.0}% for {} years)",
            plan.peak_turns_per_second,
            table::decimal(plan.turns_per_month.round()),
            table::decimal(question.load.turns_per_day),
            question.load.growth * 100.0,
            question.load.years,
        ),
        format!(
            "a turn   {} tokens in ({:.0}% cached), {} out ({}); within {} s",
            table::decimal(tokens.prompt.round()),
            tokens.cached_share * 100.0,
            table::decimal(tokens.completion.round()),
            plan.tokens_from,
            question.latency_s,
        ),
        format!(
            "a model  {} B parameters ({} B at work) of {} bits; {} KB of KV cache a token",
            size.params_b,
            size.active_b,
            size.bits,
            table::decimal((size.kv_bytes / 1000.0).round()),
        ),
    ]
}

fn choices(plan: &Plan) -> Vec<String> {
    let heads = ["accelerator", "cards", "replicas", "at once", "turns/s", "tokens/s", "s/turn"];
    let costs = ["on premises", "colocated", "on demand", "reserved", "break-even/day"];
    let head: Vec<String> = heads.iter().chain(&costs).map(|h| (*h).to_owned()).collect();
    let mut align = vec![Align::Right; head.len()];
    align[0] = Align::Left;
    let rows: Vec<Vec<String>> = plan.options.iter().map(row).collect();
    let mut lines = table::lines(&head, &align, &rows);
    for option in &plan.options {
        if let Some(unfit) = &option.unfit {
            lines.push(format!("{}: {}", option.accelerator.label, why(unfit)));
        }
    }
    lines.push("costs a month in US dollars; ~ rests on an estimate of a price".to_owned());
    lines
}

fn row(option: &Choice) -> Vec<String> {
    let mut cells = vec![option.accelerator.label.clone()];
    let (Some(fit), Some(monthly)) = (&option.fit, &option.monthly) else {
        cells.extend(std::iter::repeat_n("–".to_owned(), 11));
        return cells;
    };
    let accelerator = &option.accelerator;
    let estimate = |price: Option<&Price>| price.is_some_and(|p| p.estimate);
    cells.extend([
        fit.cards.to_string(),
        format!("{} × {}", fit.replicas, fit.cards_per_replica),
        fit.batch.to_string(),
        format!("{:.2}", fit.turns_per_second),
        format!("{:.0}", fit.tokens_per_second),
        fit.latency_s.map_or_else(|| "measured".to_owned(), |s| format!("{s:.1}")),
        money(Some(monthly.on_premises), accelerator.price.estimate),
        money(Some(monthly.colocated), accelerator.price.estimate),
        money(monthly.on_demand, estimate(accelerator.on_demand.as_ref())),
        money(monthly.reserved, estimate(accelerator.reserved.as_ref())),
        option.break_even_turns_per_day.map_or_else(|| "–".to_owned(), |n| table::decimal(n.ceil())),
    ]);
    cells
}

fn why(unfit: &Unfit) -> String {
    match unfit {
        Unfit::Memory { needed_gb } => format!("needs {needed_gb:.0} GB, more than eight cards have"),
        Unfit::Latency { alone_s } => format!("a turn takes {alone_s:.1} s even alone on eight cards"),
    }
}

/// A range of money, short.
fn money(range: Option<Range>, estimate: bool) -> String {
    let Some(Range { low, high }) = range else { return "–".to_owned() };
    let one = |x: f64| if x >= THOUSAND { format!("{:.0}k", x / 1000.0) } else { table::decimal(x.round()) };
    let mark = if estimate { "~" } else { "" };
    if one(low) == one(high) { format!("{mark}{}", one(low)) } else { format!("{mark}{}–{}", one(low), one(high)) }
}

fn api(plan: &Plan) -> Vec<String> {
    let Some(api) = &plan.api else {
        return vec![
            "an API to compare with: --api-input and --api-output, in US dollars per million tokens".to_owned(),
        ];
    };
    let month = api.per_month.map_or_else(
        || "unknown a month: say --turns-per-day".to_owned(),
        |month| format!("{} a month", table::decimal(month.round())),
    );
    vec![format!(
        "an API at {} / {} cached / {} per million tokens: {:.5} a turn, {month}",
        api.prices.input, api.prices.cached_input, api.prices.output, api.per_turn
    )]
}

fn assumed(plan: &Plan) -> Vec<String> {
    let (a, site) = (&plan.question.assumptions, &plan.site);
    let percent = |share: f64| format!("{:.0}%", share * 100.0);
    vec![
        format!(
            "assumed  {} of the bandwidth for decoding, {} of the FLOPS for prompts; {} of a replica's throughput planned for; \
             {} of the memory kept free; two halves give {} of their speed; {} spare replicas",
            percent(a.bandwidth_efficiency),
            percent(a.compute_efficiency),
            percent(a.utilisation),
            percent(a.memory_reserve),
            percent(a.spread_efficiency),
            a.spare
        ),
        format!(
            "         {} years of use; machines add {} to the price of cards and {} to their power, of which {} is drawn on average; \
             PUE {}; {} a kWh; {} a kW and month colocated; people are not counted",
            a.years_of_use,
            percent(site.server_price_share.value),
            percent(site.server_power_share.value),
            percent(a.power_share),
            site.pue.value,
            site.electricity_per_kwh.value,
            site.colocation_per_kw_month.value
        ),
    ]
}

fn sources(plan: &Plan) -> Vec<String> {
    let mut lines = vec!["prices of cards, and where they are from".to_owned()];
    for accelerator in plan.options.iter().map(|option| &option.accelerator) {
        let price = &accelerator.price;
        let from = match &price.source {
            Some(source) => source.clone(),
            None => format!("estimate: {}", price.note.as_deref().unwrap_or_default()),
        };
        let each = money(Some(price.range()), false);
        lines.push(format!("  {:<28} {each} ({}, {from})", accelerator.label, price.date));
    }
    lines
}
