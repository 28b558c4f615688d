//! How many accelerators a load of requests needs, and what they cost a month. Arithmetic alone: nothing is read or
//! asked, and every assumption is a named figure of [`Assumptions`] or of the table.
//!
//! # The formulas
//! - **Load.** Peak turns a second = turns a day × growth ÷ seconds of the busy hours × peak factor.
//! - **Memory.** weights = parameters × bits ÷ 8, and for each request that is being answered a KV cache of
//!   (prompt + completion tokens) × bytes a token; bytes a token = 2 × layers × KV heads × head size × 2. Where the
//!   shape is not given: 131,072 × (billions of parameters ÷ 8)^0.42, drawn through Llama 3 8B (32 × 8 × 128) and
//!   70B (80 × 8 × 128).
//! - **Decoding** is bound by memory until it is bound by compute: a step that gives each of b requests one token takes
//!   max((active weights + b × mean KV cache) ÷ (bandwidth × efficiency), 2 × active parameters × b ÷ (FLOPS × efficiency)).
//! - **Prefill** is bound by compute: 2 × active parameters × tokens that are not cached ÷ (FLOPS × efficiency).
//!   2 FLOPs a parameter and token: Kaplan et al., 2020, *Scaling laws for neural language models*, section 2.1; both
//!   bounds: Pope et al., 2022, *Efficiently scaling transformer inference*, and the roofline of Williams et al., 2009.
//! - **A turn** takes D(b) = prefill + completion tokens × step(b) ÷ b of a replica's time, so a replica gives 1 ÷ D(b) turns
//!   a second, and by Little's law (Little, 1961; concurrency = throughput × latency) a turn takes b × D(b).
//!   b is the largest that fits the memory and keeps to the latency asked for.
//! - **Replicas** = peak ÷ (turns a second × utilisation), rounded up, and spare ones (N+1). A replica is 1, 2, 4 or 8
//!   cards; each doubling loses a share to talk between them. The number of cards that needs the fewest in all is taken.
//! - **Cost a month** (730 hours): on premises = price of cards and machines ÷ months of use + power × PUE × tariff;
//!   colocated = the same depreciation + kilowatts × rent + power × tariff; on demand and reserved = cards × hours × price
//!   of an hour; an API = tokens × prices.

pub mod cost;
mod measured;
pub mod table;

use serde::Serialize;

use crate::catalog::Locale;

pub use cost::{ApiPrices, Monthly, api_per_month, monthly};
pub use measured::measured;
pub use table::{Accelerator, Range, Table};

/// Numbers of cards that a replica may be spread over.
const SPREADS: [u32; 4] = [1, 2, 4, 8];
/// Most requests that are answered at once by a replica, whatever its memory.
pub const MAX_BATCH: u32 = 512;
/// Bytes a token of the KV cache of a model with 8 billion parameters.
const KV_BYTES_AT_8B: f64 = 131_072.0;
/// How these bytes grow with the parameters.
const KV_GROWTH: f64 = 0.42;
const GIGA: f64 = 1e9;
const TERA: f64 = 1e12;

/// What cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub enum CapacityError {
    /// The table cannot be read.
    Table {
        /// What is wrong.
        fault: String,
    },
    /// A figure that makes no sense.
    Figure {
        /// Which.
        name: &'static str,
    },
    /// No such accelerator.
    NoAccelerator {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
}

impl CapacityError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let korean = locale == Locale::Ko;
        match self {
            Self::Table { fault } if korean => format!("가속기 표를 읽을 수 없습니다: {fault}"),
            Self::Table { fault } => format!("the table of accelerators cannot be read: {fault}"),
            Self::Figure { name } if korean => format!("{name} 값이 범위를 벗어났습니다."),
            Self::Figure { name } => format!("{name} is out of range"),
            Self::NoAccelerator { name, known } if korean => {
                format!("가속기 `{name}`은(는) 표에 없습니다. 있는 것: {known}")
            }
            Self::NoAccelerator { name, known } => format!("there is no accelerator `{name}`; there are: {known}"),
        }
    }
}

/// Tokens of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TurnTokens {
    /// Of the prompt.
    pub prompt: f64,
    /// Of the reply.
    pub completion: f64,
    /// Share of the prompt that the server has cached.
    pub cached_share: f64,
}

/// How much is asked, and when.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Load {
    /// Turns a day that a model answers, now.
    pub turns_per_day: f64,
    /// Hours of a day that they fall into.
    pub busy_hours: f64,
    /// The busiest moment against the mean of these hours.
    pub peak_factor: f64,
    /// Turns a second at the busiest, instead of the three above.
    pub peak_turns_per_second: Option<f64>,
    /// Growth a year, as a share.
    pub growth: f64,
    /// Years ahead that are planned for.
    pub years: f64,
}

impl Load {
    fn grown(&self) -> f64 {
        (1.0 + self.growth).powf(self.years)
    }

    /// Turns a second at the busiest moment that is planned for.
    #[must_use]
    pub fn peak(&self) -> f64 {
        let mean = self.turns_per_day / (self.busy_hours * 3600.0);
        self.peak_turns_per_second.unwrap_or(mean * self.peak_factor) * self.grown()
    }

    /// Turns a month that are planned for.
    #[must_use]
    pub fn per_month(&self) -> f64 {
        self.turns_per_day * self.grown() * 365.0 / 12.0
    }
}

/// The model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Size {
    /// Billions of parameters.
    pub params_b: f64,
    /// Of these at work for each token; fewer where the model is a mixture of experts.
    pub active_b: f64,
    /// Bits a parameter.
    pub bits: f64,
    /// Bytes a token of the KV cache.
    pub kv_bytes: f64,
}

impl Size {
    /// A dense model of a size.
    #[must_use]
    pub fn dense(params_b: f64, bits: f64) -> Self {
        let kv_bytes = KV_BYTES_AT_8B * (params_b / 8.0).powf(KV_GROWTH);
        Self { params_b, active_b: params_b, bits, kv_bytes }
    }

    /// Bytes a token of the KV cache of a shape, 16 bits a number.
    #[must_use]
    pub fn kv_bytes_of(layers: f64, kv_heads: f64, head_size: f64) -> f64 {
        2.0 * layers * kv_heads * head_size * 2.0
    }

    fn weights(&self) -> f64 {
        self.params_b * GIGA * self.bits / 8.0
    }

    fn active_weights(&self) -> f64 {
        self.active_b * GIGA * self.bits / 8.0
    }
}

/// What is taken for granted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Assumptions {
    /// Share of the bandwidth that decoding gets.
    pub bandwidth_efficiency: f64,
    /// Share of the FLOPS that prefill and large batches get.
    pub compute_efficiency: f64,
    /// Share of a replica's throughput that is planned for.
    pub utilisation: f64,
    /// Share of the memory that is kept for activations and the runtime.
    pub memory_reserve: f64,
    /// What is left of the speed of two halves at each doubling of the cards.
    pub spread_efficiency: f64,
    /// Replicas more than needed.
    pub spare: u32,
    /// Years that a card is used.
    pub years_of_use: f64,
    /// Mean power against the largest.
    pub power_share: f64,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            bandwidth_efficiency: 0.6,
            compute_efficiency: 0.4,
            utilisation: 0.7,
            memory_reserve: 0.1,
            spread_efficiency: 0.85,
            spare: 1,
            years_of_use: 4.0,
            power_share: 0.7,
        }
    }
}

/// What is to be planned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Question {
    /// How much is asked.
    pub load: Load,
    /// Tokens of a turn.
    pub tokens: TurnTokens,
    /// The model.
    pub size: Size,
    /// Longest time of a turn, in seconds.
    pub latency_s: f64,
    /// Tokens of replies that a replica gives in a second in all, where it was measured.
    pub measured_tokens_per_s: Option<f64>,
    /// What is taken for granted.
    pub assumptions: Assumptions,
}

impl Question {
    /// Whether every figure makes sense.
    ///
    /// # Errors
    /// The figure that is out of range.
    pub fn check(&self) -> Result<(), CapacityError> {
        let (load, tokens, size, assumed) = (&self.load, &self.tokens, &self.size, &self.assumptions);
        let is_share = |x: f64| x > 0.0 && x <= 1.0;
        let is_more = |x: f64| x.is_finite() && x > 0.0;
        let checks = [
            ("turns per day", load.turns_per_day.is_finite() && load.turns_per_day >= 0.0),
            ("peak", is_more(load.peak())),
            ("busy hours", load.busy_hours > 0.0 && load.busy_hours <= 24.0),
            ("peak factor", load.peak_factor.is_finite() && load.peak_factor >= 1.0),
            ("growth", load.growth.is_finite() && load.growth > -1.0 && load.years >= 0.0),
            ("prompt tokens", is_more(tokens.prompt)),
            ("completion tokens", is_more(tokens.completion)),
            ("cached share", (0.0..=1.0).contains(&tokens.cached_share)),
            ("parameters", is_more(size.params_b) && size.params_b <= 100_000.0),
            ("active parameters", is_more(size.active_b) && size.active_b <= size.params_b),
            ("bits", size.bits >= 1.0 && size.bits <= 32.0),
            ("KV cache", is_more(size.kv_bytes)),
            ("latency", is_more(self.latency_s)),
            ("measured tokens per second", self.measured_tokens_per_s.is_none_or(is_more)),
            ("efficiency", is_share(assumed.bandwidth_efficiency) && is_share(assumed.compute_efficiency)),
            ("utilisation", is_share(assumed.utilisation) && is_share(assumed.spread_efficiency)),
            ("memory reserve", (0.0..1.0).contains(&assumed.memory_reserve)),
            ("years of use", is_more(assumed.years_of_use)),
            ("power share", is_share(assumed.power_share)),
        ];
        let wrong = checks.into_iter().find(|(_, right)| !right);
        wrong.map_or(Ok(()), |(name, _)| Err(CapacityError::Figure { name }))
    }
}

/// Why a kind of accelerator will not do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Unfit {
    /// The model does not fit, however many cards share it.
    Memory {
        /// What one request needs, in GB.
        needed_gb: f64,
    },
    /// A turn takes longer than asked for even alone.
    Latency {
        /// So many seconds.
        alone_s: f64,
    },
}

/// How a load is carried by a kind of accelerator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fit {
    /// Cards of a replica.
    pub cards_per_replica: u32,
    /// Requests that a replica answers at once.
    pub batch: u32,
    /// Turns a second of a replica at its best.
    pub turns_per_second: f64,
    /// Tokens of replies a second of a replica at its best.
    pub tokens_per_second: f64,
    /// How long a turn takes then, in seconds; none where the throughput was measured.
    pub latency_s: Option<f64>,
    /// Replicas, spare ones counted.
    pub replicas: u32,
    /// Cards in all.
    pub cards: u32,
}

/// How `question` is answered by a kind of accelerator.
///
/// # Errors
/// Why it will not do.
pub fn fit(question: &Question, on: &Accelerator) -> Result<Fit, Unfit> {
    let mut best: Result<Fit, Unfit> = Err(Unfit::Memory { needed_gb: Replica::needed(question, 1) / GIGA });
    for cards in SPREADS {
        let found = Replica { question, on, cards }.fit();
        best = match (best, found) {
            (Ok(old), Ok(new)) if new.cards < old.cards => Ok(new),
            (Ok(old), _) => Ok(old),
            // The last reason is that of the most cards.
            (Err(_), Err(Unfit::Latency { alone_s })) => Err(Unfit::Latency { alone_s }),
            (Err(old), Err(Unfit::Memory { .. })) => Err(old),
            (Err(_), Ok(new)) => Ok(new),
        };
    }
    best
}

/// A replica on a number of cards.
struct Replica<'a> {
    question: &'a Question,
    on: &'a Accelerator,
    cards: u32,
}

impl Replica<'_> {
    /// Bytes that so many requests need.
    fn needed(question: &Question, batch: u32) -> f64 {
        let (size, tokens) = (&question.size, &question.tokens);
        size.weights() + f64::from(batch) * (tokens.prompt + tokens.completion) * size.kv_bytes
    }

    /// How many cards' speed the cards have together.
    fn speed(&self) -> f64 {
        let doublings = f64::from(self.cards).log2();
        f64::from(self.cards) * self.question.assumptions.spread_efficiency.powf(doublings)
    }

    /// FLOPS in use; weights of 8 bits or fewer are multiplied with 8 bits where the card can.
    fn flops(&self) -> f64 {
        let wide = self.question.size.bits > 8.0;
        let peak = if wide { self.on.fp16_tflops } else { self.on.fp8_tflops.unwrap_or(self.on.fp16_tflops) };
        peak * TERA * self.question.assumptions.compute_efficiency * self.speed()
    }

    fn bandwidth(&self) -> f64 {
        self.on.bandwidth_gb_s * GIGA * self.question.assumptions.bandwidth_efficiency * self.speed()
    }

    /// Seconds of a prompt.
    fn prefill(&self) -> f64 {
        let tokens = &self.question.tokens;
        2.0 * self.question.size.active_b * GIGA * tokens.prompt * (1.0 - tokens.cached_share) / self.flops()
    }

    /// Seconds of a step that gives each of `batch` requests a token.
    fn step(&self, batch: u32) -> f64 {
        let (size, tokens, batch) = (&self.question.size, &self.question.tokens, f64::from(batch));
        let kv = (tokens.prompt + tokens.completion / 2.0) * size.kv_bytes;
        let read = (size.active_weights() + batch * kv) / self.bandwidth();
        let computed = 2.0 * size.active_b * GIGA * batch / self.flops();
        read.max(computed)
    }

    /// Seconds of a turn among `batch` of them.
    fn latency(&self, batch: u32) -> f64 {
        f64::from(batch) * self.prefill() + self.question.tokens.completion * self.step(batch)
    }

    fn most_by_memory(&self) -> u32 {
        let usable =
            self.on.memory_gb * GIGA * f64::from(self.cards) * (1.0 - self.question.assumptions.memory_reserve);
        let (none, one) = (Self::needed(self.question, 0), Self::needed(self.question, 1));
        let most = ((usable - none) / (one - none)).floor();
        if most >= f64::from(MAX_BATCH) {
            return MAX_BATCH;
        }
        whole(most)
    }

    fn fit(&self) -> Result<Fit, Unfit> {
        let most = self.most_by_memory();
        if most == 0 {
            return Err(Unfit::Memory { needed_gb: Self::needed(self.question, 1) / GIGA });
        }
        if let Some(measured) = self.question.measured_tokens_per_s {
            return Ok(self.carried(most, measured / self.question.tokens.completion, None));
        }
        // Latency grows with the batch, so the first that is too slow ends the search.
        let within = (1..=most).take_while(|batch| self.latency(*batch) <= self.question.latency_s).last();
        let batch = within.ok_or_else(|| Unfit::Latency { alone_s: self.latency(1) })?;
        let latency = self.latency(batch);
        Ok(self.carried(batch, f64::from(batch) / latency, Some(latency)))
    }

    fn carried(&self, batch: u32, turns_per_second: f64, latency_s: Option<f64>) -> Fit {
        let assumed = &self.question.assumptions;
        let needed = (self.question.load.peak() / (turns_per_second * assumed.utilisation)).ceil();
        let replicas = whole(needed).max(1).saturating_add(assumed.spare);
        Fit {
            cards_per_replica: self.cards,
            batch,
            turns_per_second,
            tokens_per_second: turns_per_second * self.question.tokens.completion,
            latency_s,
            replicas,
            cards: replicas.saturating_mul(self.cards),
        }
    }
}

/// A number that was rounded, as a count.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "guarded by the range")]
fn whole(number: f64) -> u32 {
    number.clamp(0.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests;
