//! What accelerators cost a month, by where they stand, and what an API costs for the same load.

use serde::Serialize;

use super::table::{Accelerator, Price, Range, Site};
use super::{Assumptions, Load, TurnTokens};

/// Hours of a month.
pub const HOURS: f64 = 730.0;
/// Days of a month.
const DAYS: f64 = 365.0 / 12.0;
const MILLION: f64 = 1e6;

/// Prices of an API, in US dollars per million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ApiPrices {
    /// Tokens of the prompt.
    pub input: f64,
    /// Tokens of the prompt that the server had cached.
    pub cached_input: f64,
    /// Tokens of the reply.
    pub output: f64,
}

/// What cards cost a month, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Monthly {
    /// Bought, in a machine room of the house.
    pub on_premises: Range,
    /// Bought, in a machine room of somebody else.
    pub colocated: Range,
    /// Rented by the hour, all the time; none where nobody rents it out.
    pub on_demand: Option<Range>,
    /// Rented for a year.
    pub reserved: Option<Range>,
}

impl Monthly {
    /// The least of them.
    #[must_use]
    pub fn least(&self) -> f64 {
        let rented = [self.on_demand, self.reserved].into_iter().flatten();
        [self.on_premises, self.colocated].into_iter().chain(rented).map(|r| r.low).fold(f64::INFINITY, f64::min)
    }
}

/// What so many cards cost a month.
#[must_use]
pub fn monthly(cards: u32, on: &Accelerator, site: &Site, assumed: &Assumptions) -> Monthly {
    let cards = f64::from(cards);
    let months = assumed.years_of_use * 12.0;
    let depreciation = on.price.range().times(cards * (1.0 + site.server_price_share.value) / months);
    let kilowatts = cards * on.power_w / 1000.0 * (1.0 + site.server_power_share.value);
    let energy = kilowatts * assumed.power_share * site.pue.value * HOURS * site.electricity_per_kwh.value;
    let rent = kilowatts * site.colocation_per_kw_month.value;
    let rented = |price: Option<&Price>| price.map(|p| p.range().times(cards * HOURS));
    Monthly {
        on_premises: depreciation.plus(energy),
        colocated: depreciation.plus(rent + energy),
        on_demand: rented(on.on_demand.as_ref()),
        reserved: rented(on.reserved.as_ref()),
    }
}

/// What a turn costs by an API.
#[must_use]
pub fn api_per_turn(tokens: &TurnTokens, prices: &ApiPrices) -> f64 {
    let (cached, fresh) = (tokens.prompt * tokens.cached_share, tokens.prompt * (1.0 - tokens.cached_share));
    (fresh * prices.input + cached * prices.cached_input + tokens.completion * prices.output) / MILLION
}

/// What a load costs by an API a month; none where nobody says how many turns a day there are.
#[must_use]
pub fn api_per_month(load: &Load, tokens: &TurnTokens, prices: &ApiPrices) -> Option<f64> {
    (load.turns_per_day > 0.0).then(|| load.per_month() * api_per_turn(tokens, prices))
}

/// Turns a day from which on hardware that costs so much a month is cheaper than an API.
#[must_use]
pub fn break_even(monthly: f64, tokens: &TurnTokens, prices: &ApiPrices) -> Option<f64> {
    let turn = api_per_turn(tokens, prices);
    (turn > 0.0).then(|| monthly / turn / DAYS)
}
