//! Replies that only the session can complete: a name for what is to be saved, and which of the saved
//! segments was meant.

use super::converse::usable;
use super::saved::missing_names;
use super::{Session, saved};
use crate::segment::{Act, Action, Expr, Turn, Why};

/// Longest reply that is taken as a name as it is, in characters.
const MAX_REPLY_CHARS: usize = 40;

/// `turn`, which `text` was read as, completed by the question that waits for a reply.
#[must_use]
pub fn settle(session: &Session, text: &str, turn: Turn) -> Turn {
    match session.pending() {
        Some(pending) if pending.question.as_ref().is_some_and(|q| q.why == Why::NoName) => {
            named(pending, text, &turn).unwrap_or_else(|| picked(session, turn))
        }
        _ => turn,
    }
}

/// A save that waits for its name takes the reply as it is, unless it clearly says something else.
fn named(pending: &Turn, text: &str, reply: &Turn) -> Option<Turn> {
    let waits = matches!(pending.action, Some(Action::Save { name: None }));
    let other = matches!(reply.act, Act::Undo | Act::Reset | Act::Refuse | Act::About)
        || matches!(&reply.action, Some(action) if *action != Action::Save { name: None })
        || !reply.show.breakdown.is_empty()
        || reply.show.metric.is_some();
    if !waits || other {
        return None;
    }
    let quotes: &[char] = &['\'', '"', '‘', '’', '“', '”', '「', '」', '.', ' '];
    let name = usable(Some(text.trim().trim_matches(quotes)))?;
    (name.chars().count() <= MAX_REPLY_CHARS).then(|| Turn {
        action: Some(Action::Save { name: Some(name.to_owned()) }),
        question: None,
        ..pending.clone()
    })
}

/// A picked option comes as an edit that names a saved segment: it takes the place of the unknown name.
fn picked(session: &Session, mut turn: Turn) -> Turn {
    let Some(Expr::Saved { name: known }) = turn.edits.last().map(|e| e.condition.clone()) else { return turn };
    if session.find_saved(&known).is_none() {
        return turn;
    }
    if let Some(Action::Load { name } | Action::Compare { name }) = &mut turn.action
        && session.find_saved(name).is_none()
    {
        *name = known;
        turn.edits.pop();
        return turn;
    }
    if let Some(unknown) = missing_names(&turn, session).into_iter().next() {
        turn.edits.pop();
        for edit in &mut turn.edits {
            edit.condition = saved::renamed(&edit.condition, &unknown, &known);
            edit.instead_of = edit.instead_of.as_ref().map(|e| saved::renamed(e, &unknown, &known));
        }
    }
    turn
}
