//! What came of a case, as it is kept: every turn of a conversation with its judgement and what it cost. Metrics are
//! computed from this alone, so that a kept run can be measured anew by a metric that came later.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::file::Expect;
use super::judge::Judged;
use crate::answer::contract::Status;

/// A conversation that was played once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseResult {
    /// The conversation.
    pub case: String,
    /// Which repeat, from 0.
    pub attempt: u32,
    /// `ko`, `en` or `mixed`.
    pub lang: String,
    /// What it exercises.
    pub tags: Vec<String>,
    /// Its turns.
    pub turns: Vec<TurnRecord>,
}

impl CaseResult {
    /// Whether every turn was right.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.turns.iter().all(|turn| turn.right)
    }
}

/// A turn that was played.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TurnRecord {
    /// What was typed.
    pub user: String,
    /// How it had to end.
    pub expect: Expect,
    /// How it ended.
    pub status: Status,
    /// Everything agreed.
    pub right: bool,
    /// Wrong without a word of doubt.
    pub silent: bool,
    /// What did not agree.
    pub why: Vec<String>,
    /// The right segment, as the set gives it.
    pub gold: String,
    /// The segment that was given, in text form.
    pub given: String,
    /// What was answered, as words; only of turns that were not right.
    pub reply: String,
    /// Whether the segment is the right one in normal form; none where the right one is not in Waggle's own text.
    pub normal_form: Option<bool>,
    /// How much of both audiences is in both; none where it was not measured.
    pub jaccard: Option<f64>,
    /// Whether the prompt named every field and value that the right segment needs; none without a prompt.
    pub retrieved: Option<bool>,
    /// Who translated in the end.
    pub translator: String,
    /// Whether that was the translator under test, and not one that it fell back to.
    pub own: bool,
    /// Milliseconds until the whole answer was there.
    pub ms: f64,
    /// Tokens sent.
    pub prompt_tokens: u64,
    /// Tokens received.
    pub completion_tokens: u64,
    /// What they cost.
    pub cost: f64,
    /// What a judge said, by criterion.
    pub judged: BTreeMap<String, Judged>,
}
