//! Figures worked out by hand: a card of 100 GB, 1 TB/s, 100 TFLOPS and 500 W, all of it in use, and a model of 10
//! billion parameters with 16 bits, 100,000 bytes of KV cache a token, 900 tokens in and 100 out.

use super::cost::{api_per_turn, break_even};
use super::table::{Figure, Origin, Price, Site};
use super::*;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * b.abs().max(1.0)
}

fn price(low: f64, high: f64) -> Price {
    Price { low, high, ..Price::default() }
}

fn card() -> Accelerator {
    Accelerator {
        name: "round".into(),
        label: "Round".into(),
        memory_gb: 100.0,
        bandwidth_gb_s: 1000.0,
        fp16_tflops: 100.0,
        fp8_tflops: Some(200.0),
        power_w: 500.0,
        specification: Origin::default(),
        price: price(10_000.0, 20_000.0),
        on_demand: Some(price(1.0, 2.0)),
        reserved: None,
    }
}

fn question() -> Question {
    Question {
        load: Load {
            turns_per_day: 1000.0,
            busy_hours: 10.0,
            peak_factor: 3.0,
            peak_turns_per_second: Some(10.0),
            growth: 0.0,
            years: 0.0,
        },
        tokens: TurnTokens { prompt: 900.0, completion: 100.0, cached_share: 0.0 },
        size: Size { params_b: 10.0, active_b: 10.0, bits: 16.0, kv_bytes: 100_000.0 },
        latency_s: 5.0,
        measured_tokens_per_s: None,
        assumptions: Assumptions {
            bandwidth_efficiency: 1.0,
            compute_efficiency: 1.0,
            utilisation: 1.0,
            memory_reserve: 0.0,
            spread_efficiency: 1.0,
            spare: 1,
            years_of_use: 4.0,
            power_share: 1.0,
        },
    }
}

#[test]
fn a_load_has_a_peak_and_grows() {
    let load = Load { peak_turns_per_second: None, turns_per_day: 36_000.0, ..question().load };
    // 36,000 turns in 36,000 seconds, three times that at the peak.
    assert!(near(load.peak(), 3.0));
    let grown = Load { growth: 0.5, years: 2.0, ..load };
    assert!(near(grown.peak(), 6.75) && near(grown.per_month(), 36_000.0 * 2.25 * 365.0 / 12.0));
}

#[test]
fn the_cache_of_a_shape_and_of_a_size_agree() {
    assert!(near(Size::kv_bytes_of(32.0, 8.0, 128.0), 131_072.0));
    assert!(near(Size::dense(8.0, 16.0).kv_bytes, 131_072.0));
    let large = Size::dense(70.0, 16.0).kv_bytes / Size::kv_bytes_of(80.0, 8.0, 128.0);
    assert!((0.95..1.05).contains(&large), "{large}");
}

#[test]
fn the_largest_batch_in_time_gives_the_throughput() {
    // Prefill 2 × 10e9 × 900 / 1e14 = 0.18 s; a step (20 + 0.095 b) GB / 1 TB/s; a turn 2 + 0.1895 b seconds.
    let found = fit(&question(), &card()).unwrap();
    assert_eq!((found.batch, found.cards_per_replica), (15, 1));
    assert!(near(found.latency_s.unwrap(), 4.8425));
    assert!(near(found.turns_per_second, 15.0 / 4.8425));
    assert!(near(found.tokens_per_second, 1500.0 / 4.8425));
    // 10 / 3.0976 = 3.2: four, and a spare one. Two cards together would take six, four eight.
    assert_eq!((found.replicas, found.cards), (5, 5));
}

#[test]
fn a_cached_prompt_and_smaller_weights_make_room() {
    let mut asked = question();
    asked.tokens.cached_share = 0.5;
    // A turn 2 + 0.0995 b: 30 at once.
    assert_eq!(fit(&asked, &card()).unwrap().batch, 30);
    asked.size.bits = 8.0;
    // Weights 10 GB; 200 TFLOPS: prefill 0.045; a turn 1 + 0.0545 b: 73 at once.
    assert_eq!(fit(&asked, &card()).unwrap().batch, 73);
}

#[test]
fn a_model_is_spread_over_the_cards_that_hold_it() {
    let mut asked = question();
    asked.size = Size { params_b: 60.0, active_b: 3.0, ..asked.size };
    assert_eq!(fit(&asked, &card()).unwrap().cards_per_replica, 2);
    asked.size = Size { params_b: 1000.0, active_b: 1000.0, ..asked.size };
    assert_eq!(fit(&asked, &card()), Err(Unfit::Memory { needed_gb: 2000.1 }));
}

#[test]
fn what_is_too_slow_alone_says_so() {
    let asked = Question { latency_s: 0.2, ..question() };
    // Alone on one card 2.1895 s, on eight an eighth of it.
    let Err(Unfit::Latency { alone_s }) = fit(&asked, &card()) else { panic!("it fits") };
    assert!(near(alone_s, 2.1895 / 8.0));
}

#[test]
fn what_was_measured_outweighs_the_estimate() {
    let asked = Question { measured_tokens_per_s: Some(500.0), ..question() };
    let found = fit(&asked, &card()).unwrap();
    // 5 turns a second: two, and a spare one.
    assert_eq!((found.cards, found.latency_s), (3, None));
}

fn site() -> Site {
    let figure = |value| Figure { value, ..Figure::default() };
    Site {
        electricity_per_kwh: figure(0.10),
        pue: figure(1.5),
        colocation_per_kw_month: figure(200.0),
        server_price_share: figure(0.5),
        server_power_share: figure(0.2),
    }
}

#[test]
fn the_cost_of_a_month() {
    let cost = monthly(5, &card(), &site(), &question().assumptions);
    // 5 × 10,000 × 1.5 / 48 = 1,562.5; 3 kW × 1.5 × 730 h × 0.10 = 328.5.
    assert!(near(cost.on_premises.low, 1891.0) && near(cost.on_premises.high, 3453.5));
    assert!(near(cost.colocated.low, 2491.0) && near(cost.colocated.high, 4053.5));
    let rented = cost.on_demand.unwrap();
    assert!(near(rented.low, 3650.0) && near(rented.high, 7300.0));
    assert_eq!(cost.reserved, None);
    assert!(near(cost.least(), 1891.0));
}

#[test]
fn the_cost_of_an_api() {
    let mut asked = question();
    asked.tokens.cached_share = 0.5;
    let prices = ApiPrices { input: 1.0, cached_input: 0.1, output: 4.0 };
    // 450 + 45 + 400 millionths.
    assert!(near(api_per_turn(&asked.tokens, &prices), 0.000_895));
    let month = api_per_month(&asked.load, &asked.tokens, &prices).unwrap();
    assert!(near(month, 0.000_895 * 1000.0 * 365.0 / 12.0));
    assert!(near(break_even(month, &asked.tokens, &prices).unwrap(), 1000.0));
    asked.load.turns_per_day = 0.0;
    assert_eq!(api_per_month(&asked.load, &asked.tokens, &prices), None);
}

#[test]
fn figures_that_make_no_sense_are_named() {
    let wrong = |change: fn(&mut Question)| {
        let mut asked = question();
        change(&mut asked);
        asked.check()
    };
    assert_eq!(wrong(|_| ()), Ok(()));
    assert_eq!(wrong(|q| q.size.params_b = f64::NAN), Err(CapacityError::Figure { name: "parameters" }));
    assert_eq!(wrong(|q| q.tokens.cached_share = 1.5), Err(CapacityError::Figure { name: "cached share" }));
    assert_eq!(wrong(|q| q.load.peak_turns_per_second = Some(0.0)), Err(CapacityError::Figure { name: "peak" }));
    assert_eq!(wrong(|q| q.assumptions.utilisation = 0.0), Err(CapacityError::Figure { name: "utilisation" }));
}

#[test]
fn a_real_model_on_real_cards_is_of_the_right_size() {
    let table = Table::builtin().unwrap();
    let of = |name: &str| table.accelerators.iter().find(|a| a.name == name).unwrap();
    let asked = Question {
        tokens: TurnTokens { prompt: 1500.0, completion: 150.0, cached_share: 0.6 },
        size: Size::dense(8.0, 16.0),
        assumptions: Assumptions::default(),
        ..question()
    };
    let [h100, l40s] = ["h100", "l40s"].map(|name| fit(&asked, of(name)).unwrap());
    assert!(h100.cards < l40s.cards);
    assert!(fit(&Question { size: Size::dense(70.0, 16.0), ..asked }, of("l4")).is_err());
}
