//! The conversation so far: a tree of turns that nothing overwrites, and the segments saved in it.
//!
//! [`converse`] decides what a turn does and changes nothing; [`Session::record`] makes the node. Turn 0
//! stands for the start, where the segment is everybody. Knows nothing of the engine or of HTTP.

mod converse;
mod file;
mod reply;
mod saved;

use serde::{Deserialize, Serialize};

use crate::catalog::Locale;
use crate::segment::{Question, Segment, Turn};

pub use converse::{Deed, MAX_NAME_CHARS, Outcome, Step, converse};
pub use file::{FORMAT, SessionError};
pub use reply::settle;
pub use saved::{Saved, Version, expand, expand_metric, folded, mentions_saved};

/// One conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Language of the last answer.
    pub locale: Locale,
    /// Where the conversation stands; 0 at the start.
    head: u32,
    nodes: Vec<Node>,
    saved: Vec<Saved>,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With numbers.
    Answered,
    /// With a question back.
    Clarify,
    /// Not done: it must not be.
    Refused,
    /// The data has nothing about it.
    Unknown,
    /// Answered in words.
    About,
    /// Something failed.
    Error,
}

/// One turn of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its number, from 1.
    pub turn: u32,
    /// The turn it grew from: the one before it, or the one it goes back to; 0 for the start.
    pub parent: u32,
    /// What was typed.
    pub text: String,
    /// What it was read as, with the question that was asked back.
    pub asked: Turn,
    /// The segment after it.
    pub segment: Segment,
    /// How it ended.
    pub ending: Ending,
    /// The turn whose question still waits for a reply after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<u32>,
    /// Where an undo after this turn goes; none where there is nothing to undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_to: Option<u32>,
    /// Size of the segment; none where it is hidden or was not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Version of the catalog that it was read with.
    pub catalog: String,
    /// Version of the data that it was counted in.
    pub data: String,
}

/// What [`Session::record`] is told beside the step.
#[derive(Debug, Clone, Copy)]
pub struct Happened<'a> {
    /// What was typed.
    pub text: &'a str,
    /// What it was read as.
    pub asked: &'a Turn,
    /// How it ended.
    pub ending: Ending,
    /// Size of the segment, where it is known and may be shown.
    pub count: Option<u64>,
    /// Version of the catalog.
    pub catalog: &'a str,
    /// Version of the data.
    pub data: &'a str,
}

impl Session {
    /// A session in which nothing was asked.
    #[must_use]
    pub fn new(id: &str, locale: Locale) -> Self {
        Self { id: id.to_owned(), locale, head: 0, nodes: Vec::new(), saved: Vec::new() }
    }

    /// The session that `nodes`, kept elsewhere turn by turn, are the turns of; it stands at the last one.
    ///
    /// # Errors
    /// The first turn whose links point nowhere.
    pub fn restore(id: &str, locale: Locale, nodes: Vec<Node>) -> Result<Self, u32> {
        let head = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        let session = Self { id: id.to_owned(), locale, head, nodes, saved: Vec::new() };
        session.first_broken_turn().map_or(Ok(session), Err)
    }

    /// Puts `saved` in the place of the saved segments: for a door where they belong to people, not to sessions.
    pub fn lend(&mut self, saved: Vec<Saved>) {
        self.saved = saved;
    }

    /// All turns, in the order they were made.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The turn `turn`; none for the start and for turns that never were.
    #[must_use]
    pub fn node(&self, turn: u32) -> Option<&Node> {
        self.nodes.get((turn as usize).checked_sub(1)?)
    }

    /// The turn the conversation stands at; none at the start.
    #[must_use]
    pub fn head(&self) -> Option<&Node> {
        self.node(self.head)
    }

    /// The number that the next turn will have.
    #[must_use]
    pub fn next_turn(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The segment after turn `turn`; everybody at the start.
    #[must_use]
    pub fn segment_at(&self, turn: u32) -> Segment {
        self.node(turn).map(|n| n.segment.clone()).unwrap_or_default()
    }

    /// The segment so far.
    #[must_use]
    pub fn segment(&self) -> Segment {
        self.segment_at(self.head)
    }

    /// The turn whose question waits for a reply.
    #[must_use]
    pub fn pending(&self) -> Option<&Turn> {
        let node = self.node(self.head()?.pending?)?;
        node.asked.question.as_ref().map(|_| &node.asked)
    }

    /// The question that waits for a reply.
    #[must_use]
    pub fn question(&self) -> Option<&Question<crate::segment::Expr>> {
        self.pending()?.question.as_ref()
    }

    /// The turn before the next one.
    #[must_use]
    pub fn last(&self) -> Option<&Turn> {
        self.head().map(|n| &n.asked)
    }

    /// Turns that grew from `turn`, in order: the tree, level by level.
    pub fn children(&self, turn: u32) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(move |n| n.parent == turn)
    }

    /// Makes the node that `step` decided on, keeps what it saved, and moves on to it. A turn that ended in
    /// an error leaves the segment as it was.
    pub fn record(&mut self, step: Step, happened: &Happened<'_>) -> u32 {
        let turn = self.next_turn();
        let mut asked = happened.asked.clone();
        let failed = happened.ending == Ending::Error;
        if let (Outcome::Ask(question), false) = (&step.outcome, failed) {
            asked.question = Some(question.clone());
        }
        if file::too_deep(&asked) {
            asked = Turn { act: asked.act, ..Turn::default() };
        }
        let node = Node {
            turn,
            parent: if failed { self.head } else { step.parent },
            text: happened.text.to_owned(),
            segment: if failed { self.segment() } else { step.segment },
            asked,
            ending: happened.ending,
            pending: if failed { self.head().and_then(|n| n.pending) } else { step.pending },
            undo_to: if failed { self.head().and_then(|n| n.undo_to) } else { step.undo_to },
            count: happened.count,
            catalog: happened.catalog.to_owned(),
            data: happened.data.to_owned(),
        };
        if let (Some(Deed::Save { name, .. }), false) = (&step.deed, failed) {
            self.keep(name, &node);
        }
        self.nodes.push(node);
        self.head = turn;
        turn
    }

    /// Forgets the size that a turn has found: it turned out that it must not be shown.
    pub fn forget_count(&mut self, turn: u32) {
        let versions = self.saved.iter_mut().flat_map(|s| &mut s.versions).filter(|v| v.turn == turn);
        versions.for_each(|v| v.count = None);
        self.nodes.iter_mut().filter(|n| n.turn == turn).for_each(|n| n.count = None);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_new_session_stands_at_the_start() {
        let session = Session::new("s", Locale::Ko);
        assert!(session.head().is_none());
        assert!(session.segment().is_everybody());
        assert_eq!(session.next_turn(), 1);
        assert!(session.pending().is_none());
        assert!(session.saved_names().is_empty());
    }
}
