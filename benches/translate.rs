//! How long the built-in translator takes for a turn: the development conversations, each in its own
//! context, from words to a resolved turn.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and fails by panicking")]

use std::path::Path;
use std::time::{Duration, Instant};

use waggle::catalog;
use waggle::eval::file;
use waggle::segment::{Segment, Turn};
use waggle::translate::Context;
use waggle::translate::grammar::Grammar;
use waggle::translate::resolve::resolve;

/// Rounds over all conversations; the first one warms up and is not counted.
const ROUNDS: usize = 20;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conversations");
    let conversations = file::read(&folder).unwrap();
    let catalog = catalog::builtin().unwrap();
    let compiling = Instant::now();
    let grammar = Grammar::new(&catalog);
    println!("grammar compiled in {:.1} ms", compiling.elapsed().as_secs_f64() * 1e3);

    let mut taken: Vec<Duration> = Vec::new();
    for round in 0..ROUNDS {
        for conversation in &conversations {
            let mut segment = Segment::default();
            let (mut last, mut pending): (Option<Turn>, Option<Turn>) = (None, None);
            for (i, turn) in conversation.turns.iter().enumerate() {
                let context =
                    Context { segment: Some(&segment), pending: pending.as_ref(), last: last.as_ref(), saved: &[] };
                let started = Instant::now();
                let draft = grammar.translate(&turn.user, &catalog, &context);
                let resolved = resolve(draft, &catalog);
                let elapsed = started.elapsed();
                if round > 0 {
                    taken.push(elapsed);
                }
                let Ok(resolved) = resolved else { continue };
                if resolved.question.is_none() {
                    segment = segment.apply(&resolved.edits, &catalog, u32::try_from(i + 1).unwrap());
                    (last, pending) = (Some(resolved), None);
                } else {
                    pending = Some(resolved);
                }
            }
        }
    }
    report(&mut taken);
}

fn report(taken: &mut [Duration]) {
    taken.sort_unstable();
    let at = |percent: usize| taken[(taken.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    println!(
        "{} turns: median {:.0} µs, 90% {:.0} µs, 99% {:.0} µs, longest {:.0} µs",
        taken.len(),
        at(50),
        at(90),
        at(99),
        at(100)
    );
}
