//! The development conversations, played on generated data and held to the thresholds of the project.

use std::path::Path;
use std::sync::Arc;

use waggle::eval::{self, PlayOptions, file};

use crate::reference;

/// Least fraction of turns that are right.
const MIN_TURNS: f64 = 0.92;
/// Least fraction of conversations that are right from end to end.
const MIN_CONVERSATIONS: f64 = 0.80;
/// Largest fraction of turns that are wrong without a word of doubt.
const MAX_SILENT: f64 = 0.02;

#[tokio::test(flavor = "multi_thread")]
async fn the_development_set_is_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conversations");
    let conversations = file::read(&folder).unwrap();
    assert!(conversations.len() >= 90);
    let app = Arc::new(reference::app(reference::many()));
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gold");
    let options = PlayOptions { cache: Some(cache) };
    let report = eval::play(app, &conversations, &options, &|_| ()).await.unwrap();
    let failures: String = report.failures().map(ToString::to_string).collect();
    eprintln!("{failures}{report}");
    assert!(report.turns.right_share() >= MIN_TURNS, "too few turns are right");
    assert!(report.conversations.right_share() >= MIN_CONVERSATIONS, "too few conversations are right");
    assert!(report.turns.silent_share() <= MAX_SILENT, "too many turns are wrong without a word of doubt");
}
