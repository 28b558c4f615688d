//! The development conversations, played on generated data and held to the thresholds of the project.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use waggle::engine::{Engine, EngineConfig};
use waggle::eval::cache::GoldCache;
use waggle::eval::{self, PlayOptions, file, gold};

use crate::reference;

/// Least fraction of turns that are right.
const MIN_TURNS: f64 = 0.92;
/// Least fraction of conversations that are right from end to end.
const MIN_CONVERSATIONS: f64 = 0.80;
/// Largest fraction of turns that are wrong without a word of doubt.
const MAX_SILENT: f64 = 0.02;

#[tokio::test(flavor = "multi_thread")]
async fn every_gold_answer_can_be_computed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conversations");
    let conversations = file::read(&folder).unwrap();
    let catalog = waggle::catalog::builtin().unwrap();
    let engine = Engine::open(reference::many(), &catalog, EngineConfig::default()).unwrap();
    let cache = GoldCache::open(Some(&gold_cache()), engine.data_version());
    let (mut faults, mut nobody) = (Vec::new(), Vec::new());
    for conversation in &conversations {
        for (i, turn) in conversation.turns.iter().enumerate() {
            let at = format!("{} #{}", conversation.id, i + 1);
            match gold::numbers(&engine, &catalog, turn, &cache).await {
                Ok(golds) if golds.iter().any(|g| g.count == 0) => nobody.push(at),
                Ok(_) => {}
                Err(error) => faults.push(format!("{at}: {error}: {}", turn.segment)),
            }
        }
    }
    cache.save().unwrap();
    println!("turns whose right answer is nobody: {}", nobody.join(", "));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn gold_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("gold")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_development_set_is_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conversations");
    let conversations = file::read(&folder).unwrap();
    assert!(conversations.len() >= 90);
    let app = Arc::new(reference::app(reference::many()));
    let options = PlayOptions { cache: Some(gold_cache()), ..PlayOptions::default() };
    let report = eval::play(app, &conversations, &options, &|_| ()).await.unwrap();
    let failures: String = report.failures().map(ToString::to_string).collect();
    eprintln!("{failures}{report}");
    assert!(report.turns.right_share() >= MIN_TURNS, "too few turns are right");
    assert!(report.conversations.right_share() >= MIN_CONVERSATIONS, "too few conversations are right");
    assert!(report.turns.silent_share() <= MAX_SILENT, "too many turns are wrong without a word of doubt");
}
