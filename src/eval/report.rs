//! What came of an evaluation: every turn with its judgement, and the tallies by tag and language.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::file::{Conversation, Expect, GoldTurn};
use super::gold::{Gold, GoldGroup};
use super::score::Verdict;
use crate::answer::contract::{Answer, Group, Status};

/// Groups shown of each side of a failure.
const GROUPS_SHOWN: usize = 8;

/// How many were right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// All of them.
    pub total: usize,
    /// Right.
    pub right: usize,
    /// Wrong without a word of doubt.
    pub silent: usize,
}

impl Tally {
    /// The fraction that was right; 1 of none.
    #[must_use]
    pub fn right_share(&self) -> f64 {
        fraction(self.right, self.total, 1.0)
    }

    /// The fraction that was wrong without a word of doubt; 0 of none.
    #[must_use]
    pub fn silent_share(&self) -> f64 {
        fraction(self.silent, self.total, 0.0)
    }

    fn add(&mut self, right: bool, silent: bool) {
        self.total += 1;
        self.right += usize::from(right);
        self.silent += usize::from(silent);
    }
}

#[allow(clippy::cast_precision_loss, reason = "turns are far fewer than 2^53")]
fn fraction(part: usize, whole: usize, of_none: f64) -> f64 {
    if whole == 0 { of_none } else { part as f64 / whole as f64 }
}

/// One turn, what was asked of it and what it gave.
#[derive(Debug, Clone, Serialize)]
pub struct TurnResult {
    /// The conversation.
    pub id: String,
    /// The turn, from 1.
    pub turn: usize,
    /// What was typed.
    pub user: String,
    /// The judgement.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// How it had to end.
    pub expect: Expect,
    /// The right segment, in Waggle's own text form where the set gives it so.
    pub segment: String,
    /// The numbers of the right segments; empty where no numbers are asked for.
    pub gold: Vec<Gold>,
    /// What was answered.
    pub answer: Answer,
}

impl TurnResult {
    pub(super) fn new(
        id: &str,
        turn: usize,
        asked: &GoldTurn,
        gold: Vec<Gold>,
        answer: Answer,
        verdict: Verdict,
    ) -> Self {
        Self {
            id: id.to_owned(),
            turn,
            user: asked.user.clone(),
            verdict,
            expect: asked.expect,
            segment: asked.text.as_ref().unwrap_or(&asked.segment).clone(),
            gold,
            answer,
        }
    }
}

/// An evaluation.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Turns.
    pub turns: Tally,
    /// Whole conversations: right where every turn is.
    pub conversations: Tally,
    /// Turns by the tags of their conversation.
    pub by_tag: BTreeMap<String, Tally>,
    /// Turns by language.
    pub by_lang: BTreeMap<String, Tally>,
    /// Every turn, in the order of the files.
    pub results: Vec<TurnResult>,
}

impl Report {
    /// Adds a conversation that was played.
    pub fn add(&mut self, conversation: &Conversation, results: Vec<TurnResult>) {
        for verdict in results.iter().map(|r| &r.verdict) {
            self.turns.add(verdict.right, verdict.silent);
            self.by_lang.entry(conversation.lang.clone()).or_default().add(verdict.right, verdict.silent);
            for tag in &conversation.tags {
                self.by_tag.entry(tag.clone()).or_default().add(verdict.right, verdict.silent);
            }
        }
        let right = results.iter().all(|r| r.verdict.right);
        self.conversations.add(right, results.iter().any(|r| r.verdict.silent));
        self.results.extend(results);
    }

    /// The turns that were not right.
    pub fn failures(&self) -> impl Iterator<Item = &TurnResult> {
        self.results.iter().filter(|r| !r.verdict.right)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(out, "turns", &self.turns)?;
        line(out, "conversations", &self.conversations)?;
        for (name, tallies) in [("language", &self.by_lang), ("tag", &self.by_tag)] {
            writeln!(out, "by {name}")?;
            for (key, tally) in tallies {
                line(out, &format!("  {key}"), tally)?;
            }
        }
        Ok(())
    }
}

fn line(out: &mut fmt::Formatter<'_>, name: &str, tally: &Tally) -> fmt::Result {
    let (right, silent) = (tally.right_share() * 100.0, tally.silent_share() * 100.0);
    writeln!(
        out,
        "{name:<18} {:>4}/{:<4} right {right:>5.1}%   silently wrong {silent:>4.1}%",
        tally.right, tally.total
    )
}

impl fmt::Display for TurnResult {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match (self.verdict.right, self.verdict.silent) {
            (true, _) => "right",
            (_, true) => "WRONG, NO DOUBT",
            _ => "wrong",
        };
        writeln!(out, "{} #{} [{mark}] {}", self.id, self.turn, self.user)?;
        for why in &self.verdict.why {
            writeln!(out, "  why      {why}")?;
        }
        writeln!(out, "  gold     {}", self.segment)?;
        writeln!(out, "  got      {}", self.answer.text)?;
        self.fmt_numbers(out)?;
        self.fmt_words(out)
    }
}

impl TurnResult {
    fn fmt_numbers(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let golds = self.gold.iter().map(|g| g.count.to_string()).collect::<Vec<_>>().join(" or ");
        let status = status(self.answer.status);
        writeln!(
            out,
            "  status   {status}, expected {:?}; count {}, expected {golds}",
            self.expect,
            count(self.answer.count)
        )?;
        if let Some(groups) = self.gold.first().and_then(|g| g.groups.as_ref()) {
            writeln!(out, "  groups   gold {}", shown(groups.iter().map(gold_group)))?;
        }
        if let Some(breakdown) = &self.answer.breakdown {
            writeln!(
                out,
                "           got  by {}: {}",
                breakdown.by.join(", "),
                shown(breakdown.rows.iter().map(group))
            )?;
        }
        let metrics = self.answer.metrics.iter().map(|m| format!("{} = {:?}", m.name, m.value));
        let metrics = metrics.collect::<Vec<_>>().join(", ");
        match self.gold.first().and_then(|g| g.value) {
            Some(value) => writeln!(out, "  metric   gold {value}; got {metrics}"),
            None if metrics.is_empty() => Ok(()),
            None => writeln!(out, "  metric   got {metrics}"),
        }
    }

    fn fmt_words(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = &self.answer;
        for (name, words) in [("unmatched", &answer.unmatched), ("assumed", &answer.assumptions)] {
            if !words.is_empty() {
                writeln!(out, "  {name:<8} {}", words.join(" | "))?;
            }
        }
        if let Some(question) = &answer.question {
            writeln!(out, "  asks     {question} [{}]", answer.options.join(" | "))?;
        }
        if answer.status != Status::Answered && answer.question.is_none() {
            writeln!(out, "  reply    {}", answer.reply.replace('\n', " "))?;
        }
        Ok(())
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Answered => "answered",
        Status::Clarify => "clarify",
        Status::Refused => "refused",
        Status::Unknown => "unknown",
        Status::About => "about",
        Status::Error => "error",
    }
}

fn shown(groups: impl ExactSizeIterator<Item = String>) -> String {
    let more = groups.len().saturating_sub(GROUPS_SHOWN);
    let rest = (more > 0).then(|| format!("and {more} more"));
    groups.take(GROUPS_SHOWN).chain(rest).collect::<Vec<_>>().join(", ")
}

fn gold_group(group: &GoldGroup) -> String {
    pair(&group.key, group.count, group.value)
}

fn group(group: &Group) -> String {
    pair(&group.key, group.count, group.value)
}

fn pair(key: &[Option<String>], count: u64, value: Option<f64>) -> String {
    let key = key.iter().map(|k| k.as_deref().unwrap_or("(missing)")).collect::<Vec<_>>().join("×");
    value.map_or_else(|| format!("{key}: {count}"), |value| format!("{key}: {count} ({value})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::file;

    #[test]
    fn a_conversation_is_right_where_every_turn_is() {
        let text = "- {id: a, lang: ko, tags: [x], turns: [{user: u, segment: s}, {user: v, segment: s}]}";
        let conversation = file::parse(text).unwrap().remove(0);
        let verdict = |right| Verdict { right, silent: !right, why: Vec::new() };
        let result = |i: usize, right| {
            TurnResult::new("a", i + 1, &conversation.turns[i], Vec::new(), Answer::default(), verdict(right))
        };
        let mut report = Report::default();
        report.add(&conversation, vec![result(0, true), result(1, false)]);
        assert_eq!(report.turns, Tally { total: 2, right: 1, silent: 1 });
        assert_eq!(report.conversations, Tally { total: 1, right: 0, silent: 1 });
        assert_eq!(report.by_tag["x"], report.turns);
        assert_eq!(report.failures().map(|f| f.turn).collect::<Vec<_>>(), [2]);
        assert!(report.to_string().starts_with("turns "), "{report}");
        assert!(report.results[1].to_string().contains("WRONG, NO DOUBT"));
    }
}
