//! Replies to a question that was asked back: an option by number or by its words, or the missing part in
//! words of the reader's own.

use super::language::Class;
use super::lattice::Token;
use super::lexicon::{Sense, Target};
use super::text::{Text, normal};
use crate::catalog::Catalog;
use crate::segment::{Act, Choice, Draft, DraftExpr, Edit, Expr, Question, Show, Turn};

/// The option that the reply picks.
pub(super) fn pick<'q>(
    text: &Text,
    tokens: &[Token],
    question: &'q Question<Expr>,
    catalog: &Catalog,
) -> Option<&'q Choice<Expr>> {
    let ordinals = [Class::First, Class::Second, Class::Third, Class::Fourth];
    let content =
        tokens.iter().filter(|t| !t.is(Class::Filler) && !t.is(Class::Particle) && !t.is(Class::Stop)).count();
    if content <= 3 {
        let said: String = text.chars.iter().collect();
        let number = said.trim().trim_end_matches(['번', '.', ')']).parse::<usize>().ok();
        let named = ordinals.iter().position(|c| tokens.iter().any(|t| t.is(*c))).map(|i| i + 1);
        if let Some(choice) = number.or(named).and_then(|n| question.choices.get(n.checked_sub(1)?)) {
            return Some(choice);
        }
    }
    // By words: only a short reply that says no more than which option.
    let counted =
        tokens.iter().any(|t| t.meanings.iter().any(|m| matches!(m.sense, Sense::Number(n) if n.value != 1.0)));
    let values = tokens.iter().filter(|t| t.meanings.iter().any(|m| matches!(m.sense, Sense::Value { .. }))).count();
    if content > 6 || counted || values > 1 {
        return None;
    }
    let solid: String = text.chars.iter().filter(|c| **c != ' ').collect();
    let said: Vec<char> = text.chars.clone();
    let score = |choice: &Choice<Expr>| {
        let solid_form = |w: &String| if w.is_ascii() { normal(w) } else { normal(w).replace(' ', "") };
        let words = choice.words.iter().chain(&choice.label).map(solid_form);
        // "physically" is not about calls: words in letters are found whole.
        let found = |w: &String| if w.is_ascii() { holds_word(&said, w) } else { solid.contains(w.as_str()) };
        words.filter(|w| !w.is_empty() && found(w)).map(|w| w.chars().count()).max().unwrap_or(0)
    };
    let scores: Vec<usize> = question.choices.iter().map(score).collect();
    let Some(best) = scores.iter().copied().max().filter(|s| *s > 0) else {
        return by_table(tokens, question, catalog);
    };
    let mut winners = question.choices.iter().zip(&scores).filter(|(_, s)| **s == best);
    match (winners.next(), winners.next()) {
        (Some((choice, _)), None) => Some(choice),
        _ => None,
    }
}

/// Whether `word` stands in `text` with nothing of a word beside it.
fn holds_word(text: &[char], word: &str) -> bool {
    let word: Vec<char> = word.chars().collect();
    let free = |i: Option<usize>| i.and_then(|i| text.get(i)).is_none_or(|c| !c.is_ascii_alphanumeric());
    text.windows(word.len()).enumerate().any(|(i, w)| w == word && free(i.checked_sub(1)) && free(Some(i + word.len())))
}

/// The one option about the table that a verb or noun of the reply points to: "직접 다녀온 사람" of 골프장.
fn by_table<'q>(tokens: &[Token], question: &'q Question<Expr>, catalog: &Catalog) -> Option<&'q Choice<Expr>> {
    let meanings = || tokens.iter().flat_map(|t| &t.meanings);
    if meanings().any(|m| matches!(m.sense, Sense::Value { .. } | Sense::Term(_) | Sense::Band(_))) {
        return None;
    }
    let points = |d: usize| {
        meanings().any(|m| match &m.sense {
            Sense::Cue(targets) => targets.contains(&Target::Dataset(d)),
            Sense::Dataset(noun) => *noun == d,
            _ => false,
        })
    };
    let about = |choice: &Choice<Expr>| {
        choice.edits.iter().any(|e| match &e.condition {
            Expr::Exists { dataset, .. } => {
                catalog.datasets.iter().position(|d| d.name == *dataset).is_some_and(&points)
            }
            _ => false,
        })
    };
    let mut found = question.choices.iter().filter(|c| about(c));
    match (found.next(), found.next()) {
        (Some(choice), None) => Some(choice),
        _ => None,
    }
}

/// The pending request with the option's edits.
pub(super) fn complete(pending: &Turn, choice: &Choice<Expr>) -> Draft {
    let mut draft = waiting(pending);
    draft.edits.extend(choice.edits.iter().map(untyped));
    draft
}

/// The pending request with what the reply says in its own words.
pub(super) fn merge(pending: &Turn, reply: Draft) -> Draft {
    let anew = reply.act == Act::New && reply.edits.len() > 1 && !pending.edits.is_empty();
    let other = !matches!(reply.act, Act::Continue | Act::New) || reply.edits.is_empty() || reply.question.is_some();
    if anew || other {
        return reply;
    }
    let mut draft = waiting(pending);
    let op = pending.question.as_ref().and_then(|q| q.choices.first()).and_then(|c| c.edits.first()).map(|e| e.op);
    draft.edits.extend(reply.edits.into_iter().map(|e| Edit { op: op.unwrap_or(e.op), ..e }));
    draft.assumptions.extend(reply.assumptions);
    draft.unmatched.extend(reply.unmatched);
    if !reply.show.breakdown.is_empty() || reply.show.metric.is_some() {
        draft.show = reply.show;
    }
    draft
}

fn waiting(pending: &Turn) -> Draft {
    let typed = |e: &Expr| DraftExpr::Typed(e.clone());
    Draft {
        act: pending.act,
        edits: pending.edits.iter().map(untyped).collect(),
        show: Show {
            breakdown: pending.show.breakdown.clone(),
            rows: pending.show.rows.as_ref().map(typed),
            top: pending.show.top,
            bottom: pending.show.bottom,
            metric: None,
        },
        action: pending.action.clone(),
        assumptions: pending.assumptions.clone(),
        unmatched: pending.unmatched.clone(),
        ..Draft::default()
    }
}

fn untyped(edit: &Edit<Expr>) -> Edit<DraftExpr> {
    Edit {
        op: edit.op,
        condition: DraftExpr::Typed(edit.condition.clone()),
        instead_of: edit.instead_of.clone().map(DraftExpr::Typed),
        words: edit.words.clone(),
    }
}
