//! What a turn does to the conversation: the act, the edits, the action, and what is asked back.

use super::saved::missing_names;
use super::{Session, file};
use crate::catalog::Catalog;
use crate::segment::{Act, Action, Choice, Edit, EditOp, Expr, Question, Refusal, Segment, Topic, Turn, Why, Words};

/// Longest name of a saved segment, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// What a turn makes of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The segment after the turn.
    pub segment: Segment,
    /// What is to follow.
    pub outcome: Outcome,
    /// What is done beside changing the segment.
    pub deed: Option<Deed>,
    /// The turn that the new one grows from.
    pub parent: u32,
    /// Where an undo after it goes.
    pub undo_to: Option<u32>,
    /// The turn whose question waits after it.
    pub pending: Option<u32>,
}

impl Step {
    /// A step that leaves the segment as it is.
    #[must_use]
    pub fn stay(session: &Session, outcome: Outcome) -> Self {
        Stay { session }.with(outcome)
    }
}

/// What is to follow.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Count the segment and show what was asked for.
    Count,
    /// Ask back.
    Ask(Question<Expr>),
    /// Say that it must not be done.
    Refuse(Refusal),
    /// Say that the data has nothing about it.
    Unknown,
    /// Explain.
    Explain(Vec<Topic>),
    /// There is no such turn to go back to.
    NoSuchTurn(u32),
    /// The request nests too deep to be kept.
    TooDeep,
}

/// Something done beside changing the segment.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Went back to the segment before the last change.
    Undo,
    /// Dropped the question that was waiting.
    DropQuestion,
    /// There was nothing to undo.
    NothingToUndo,
    /// Back to everybody.
    Reset,
    /// Kept the segment.
    Save {
        /// The name.
        name: String,
        /// Version, from 1.
        version: usize,
    },
    /// Took a saved segment.
    Load {
        /// The name.
        name: String,
    },
    /// Went to an earlier turn.
    Goto {
        /// Its number.
        turn: u32,
    },
    /// Compares with a saved segment.
    Compare {
        /// The name.
        name: String,
        /// What it stands for.
        with: Expr,
    },
    /// Writes the segment to a file; the door does.
    Export {
        /// The format that was named.
        format: Option<String>,
    },
}

/// Decides what `turn` does to the conversation. Changes nothing: [`Session::record`] does.
#[must_use]
pub fn converse(session: &Session, turn: &Turn, catalog: &Catalog) -> Step {
    let stay = Stay { session };
    if file::too_deep(turn) {
        return stay.with(Outcome::TooDeep);
    }
    match turn.act {
        Act::Refuse => stay.with(Outcome::Refuse(turn.refused.unwrap_or(Refusal::System))),
        Act::About => stay.with(Outcome::Explain(turn.topics.clone())),
        Act::Unknown => stay.with(Outcome::Unknown),
        Act::Undo if session.pending().is_some() && turn.edits.is_empty() => stay.drop_question(),
        _ => match asked_back(session, turn) {
            Some(question) => stay.ask(question),
            None => change(session, turn, catalog),
        },
    }
}

/// Steps that leave the segment as it is.
struct Stay<'a> {
    session: &'a Session,
}

impl Stay<'_> {
    /// A question that waits goes on waiting: an explanation may be what the reader needed to reply to it.
    fn with(&self, outcome: Outcome) -> Step {
        let head = self.session.head();
        Step {
            segment: self.session.segment(),
            outcome,
            deed: None,
            parent: head.map_or(0, |n| n.turn),
            undo_to: head.and_then(|n| n.undo_to),
            pending: head.and_then(|n| n.pending),
        }
    }

    fn ask(&self, question: Question<Expr>) -> Step {
        Step { pending: Some(self.session.next_turn()), ..self.with(Outcome::Ask(question)) }
    }

    fn drop_question(&self) -> Step {
        Step { pending: None, deed: Some(Deed::DropQuestion), ..self.with(Outcome::Count) }
    }
}

/// The question that `turn` itself asks, or that its names call for.
fn asked_back(session: &Session, turn: &Turn) -> Option<Question<Expr>> {
    if let Some(question) = &turn.question {
        return Some(question.clone());
    }
    if let Some(name) = missing_names(turn, session).into_iter().next() {
        return Some(which_saved(session, &name));
    }
    match &turn.action {
        Some(Action::Save { name }) if usable(name.as_deref()).is_none() => Some(no_name()),
        Some(Action::Load { name } | Action::Compare { name }) if session.find_saved(name).is_none() => {
            Some(which_saved(session, name))
        }
        _ => None,
    }
}

/// The name without the spaces around it, where it can be one.
pub(super) fn usable(name: Option<&str>) -> Option<&str> {
    let name = name?.trim();
    (!name.is_empty() && name.chars().count() <= MAX_NAME_CHARS).then_some(name)
}

fn no_name() -> Question<Expr> {
    Question { words: Words::default(), why: Why::NoName, choices: Vec::new() }
}

/// "Which of the saved ones?": a choice for each name.
fn which_saved(session: &Session, name: &str) -> Question<Expr> {
    let choices = session.saved_names().into_iter().map(saved_choice).collect();
    let words = Words { start: 0, end: 0, text: name.to_owned() };
    Question { words, why: Why::NoName, choices }
}

/// The option that stands for a saved segment; [`super::settle`] knows what it is an option for.
fn saved_choice(name: String) -> Choice<Expr> {
    let condition = Expr::Saved { name: name.clone() };
    let edit = Edit { op: EditOp::Narrow, condition, instead_of: None, words: Words::default() };
    Choice { label: [name.clone(), name.clone()], words: vec![name], edits: vec![edit] }
}

/// Where a turn starts from: a segment, the node it belongs to, and what was done to get there.
struct Base {
    segment: Segment,
    parent: u32,
    undo_to: Option<u32>,
    deed: Option<Deed>,
}

fn change(session: &Session, turn: &Turn, catalog: &Catalog) -> Step {
    let base = match base(session, turn) {
        Ok(base) => base,
        Err(outcome) => return Stay { session }.with(outcome),
    };
    let segment = base.segment.apply(&turn.edits, catalog, session.next_turn());
    if file::too_deep(&segment) {
        return Stay { session }.with(Outcome::TooDeep);
    }
    let edited = segment.expr() != base.segment.expr();
    // An undo that also edits is a change of what it went back to; else the base knows where undo goes.
    let undo_to = if edited && matches!(base.deed, Some(Deed::Undo)) {
        Some(base.parent)
    } else if segment.expr() == session.segment().expr() {
        session.head().and_then(|n| n.undo_to)
    } else {
        base.undo_to
    };
    let deed = base.deed.or_else(|| deed(session, turn));
    Step { segment, outcome: Outcome::Count, deed, parent: base.parent, undo_to, pending: None }
}

/// The segment that the edits of `turn` are applied to.
fn base(session: &Session, turn: &Turn) -> Result<Base, Outcome> {
    let head = session.head().map_or(0, |n| n.turn);
    let anew = |deed| Base { segment: Segment::default(), parent: 0, undo_to: Some(head), deed };
    let on = |segment, deed| Base { segment, parent: head, undo_to: Some(head), deed };
    match (&turn.action, turn.act) {
        (Some(Action::Load { name }), _) => Ok(on(loaded(session, name), Some(Deed::Load { name: name.clone() }))),
        (Some(Action::Goto { turn }), _) => went_to(session, *turn, head),
        (_, Act::Undo) => Ok(undone(session)),
        (_, Act::Reset) => Ok(anew(Some(Deed::Reset))),
        (_, Act::New) => Ok(anew(None)),
        _ => Ok(on(session.segment(), None)),
    }
}

/// The newest version of a saved segment, its conditions counted as asked for now.
fn loaded(session: &Session, name: &str) -> Segment {
    let version = session.find_saved(name).and_then(super::Saved::latest);
    let mut segment = version.map(|v| v.segment.clone()).unwrap_or_default();
    for condition in &mut segment.conditions {
        condition.turn = session.next_turn();
    }
    segment
}

fn went_to(session: &Session, turn: u32, head: u32) -> Result<Base, Outcome> {
    if turn >= session.next_turn() {
        return Err(Outcome::NoSuchTurn(turn));
    }
    let segment = session.segment_at(turn);
    Ok(Base { segment, parent: turn, undo_to: Some(head), deed: Some(Deed::Goto { turn }) })
}

/// Back along the chain of changes: undo nodes are not themselves changes, so a second one goes further.
fn undone(session: &Session) -> Base {
    let Some(target) = session.head().and_then(|n| n.undo_to) else {
        let parent = session.head().map_or(0, |n| n.turn);
        return Base { segment: session.segment(), parent, undo_to: None, deed: Some(Deed::NothingToUndo) };
    };
    let undo_to = session.node(target).and_then(|n| n.undo_to);
    Base { segment: session.segment_at(target), parent: target, undo_to, deed: Some(Deed::Undo) }
}

/// What is done with the segment after the edits.
fn deed(session: &Session, turn: &Turn) -> Option<Deed> {
    match turn.action.as_ref()? {
        Action::Save { name } => {
            let name = usable(name.as_deref())?;
            let name = session.find_saved(name).map_or(name, |s| s.name.as_str()).to_owned();
            Some(Deed::Save { version: session.next_version(&name), name })
        }
        Action::Compare { name } => {
            let saved = session.find_saved(name)?;
            Some(Deed::Compare { name: saved.name.clone(), with: saved.latest()?.segment.expr() })
        }
        Action::Export { format } => Some(Deed::Export { format: format.clone() }),
        Action::Load { .. } | Action::Goto { .. } => None,
    }
}
