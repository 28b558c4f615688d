//! Words of the request that a model's turn does not account for are named as not understood: nothing is dropped
//! silently, however sure the model is.

use super::leaves::attributes;
use crate::segment::{Assumption, Edit, Expr, Metric, Turn, Words};
use crate::translate::model::Request;

/// What each word that was not understood takes of the confidence.
const DOUBT: f32 = 0.2;

/// Names what the built-in grammar found in the words and `turn` lacks, and what nobody knows.
pub(super) fn name(turn: &mut Turn, built_in: &Turn, request: &Request<'_>, mends: &mut Vec<String>) {
    let covered = covered(turn, request.text);
    let free = |words: &Words| words.start < words.end && !covered.iter().any(|c| overlap(c, words));
    // A figure, group or deed has no words of its own in a draft: an unknown word may be of it.
    let silent = turn.show == Turn::default().show && turn.action.is_none();
    let shows_more = !silent && (turn.show != built_in.show || turn.action != built_in.action);
    let mut missing: Vec<Words> = Vec::new();
    if !shows_more {
        missing.extend(built_in.unmatched.iter().filter(|w| free(w)).cloned());
    }
    if request.context.pending.is_none() {
        let known = about(turn, request);
        let lost = |edit: &&Edit<Expr>| {
            let of = attributes(&edit.condition, request.catalog);
            free(&edit.words) && !of.is_empty() && !of.iter().any(|a| known.contains(a))
        };
        missing.extend(built_in.edits.iter().filter(lost).map(|e| e.words.clone()));
    }
    missing.dedup();
    for words in missing {
        mends.push(format!("not understood: {}", words.text));
        turn.unmatched.push(words);
    }
    turn.unmatched.sort_by_key(|w| w.start);
    #[allow(clippy::cast_precision_loss, reason = "a handful")]
    let sure = 1.0 - DOUBT * turn.unmatched.len() as f32;
    turn.confidence = turn.confidence.min(sure).clamp(0.0, 1.0);
}

fn overlap(a: &Words, b: &Words) -> bool {
    a.start < b.end && b.start < a.end
}

/// The words that `turn` says it comes from.
fn covered(turn: &Turn, text: &str) -> Vec<Words> {
    let mut all: Vec<Words> = turn.edits.iter().map(|e| e.words.clone()).collect();
    all.extend(turn.unmatched.iter().cloned());
    if let Some(question) = &turn.question {
        all.push(question.words.clone());
        all.extend(question.choices.iter().flat_map(|c| &c.edits).map(|e| e.words.clone()));
    }
    let said = turn.assumptions.iter().map(Assumption::word);
    let places = said.filter(|w| !w.is_empty()).flat_map(|word| {
        text.match_indices(word).map(move |(start, _)| Words { start, end: start + word.len(), text: word.to_owned() })
    });
    all.extend(places);
    all
}

/// Every attribute that `turn` speaks of.
fn about(turn: &Turn, request: &Request<'_>) -> Vec<(String, String)> {
    let catalog = request.catalog;
    let mut exprs: Vec<&Expr> = Vec::new();
    let choices = turn.question.iter().flat_map(|q| &q.choices).flat_map(|c| &c.edits);
    for edit in turn.edits.iter().chain(choices) {
        exprs.push(&edit.condition);
        exprs.extend(edit.instead_of.as_ref());
    }
    exprs.extend(turn.show.rows.as_ref());
    if let Some(Metric::Share(of) | Metric::OfRows { rows: Some(of), .. }) = &turn.show.metric {
        exprs.push(of);
    }
    let mut all: Vec<_> = exprs.into_iter().flat_map(|e| attributes(e, catalog)).collect();
    all.extend(turn.show.breakdown.iter().map(|name| super::grouped_attribute(name, catalog)));
    all
}
