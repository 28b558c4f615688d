//! The conversation so far: a tree of turns that nothing overwrites, and the segments saved in it. Knows
//! nothing of the engine or of HTTP.

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Locale};
use crate::segment::{Segment, Turn};

/// One conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Language of the last answer.
    pub locale: Locale,
    nodes: Vec<Node>,
    head: u32,
}

/// One turn of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its number, from 1.
    pub turn: u32,
    /// The turn it follows; 0 for the start.
    pub parent: u32,
    /// What was typed.
    pub text: String,
    /// What it was read as.
    pub asked: Turn,
    /// The segment after it.
    pub segment: Segment,
    /// Its size; none where it is hidden or was not counted.
    pub count: Option<u64>,
}

/// Why a session could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("session")]
pub struct SessionError {}

impl SessionError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, _locale: Locale) -> String {
        unimplemented!()
    }
}

impl Session {
    /// A session in which nothing was asked.
    #[must_use]
    pub fn new(id: &str, locale: Locale) -> Self {
        Self { id: id.to_owned(), locale, nodes: Vec::new(), head: 0 }
    }

    /// Reads a session file.
    ///
    /// # Errors
    /// A file that cannot be read or is not a session; it is left as it is.
    pub fn load(_path: &std::path::Path) -> Result<Self, SessionError> {
        unimplemented!()
    }

    /// Writes the session to a file, whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, _path: &std::path::Path) -> Result<(), SessionError> {
        unimplemented!()
    }

    /// All turns, in the order they were made.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The turn the conversation stands at; none at the start.
    #[must_use]
    pub fn head(&self) -> Option<&Node> {
        self.nodes.get((self.head as usize).checked_sub(1)?)
    }

    /// Names of the saved segments, in the order they were first saved.
    #[must_use]
    pub fn saved_names(&self) -> Vec<String> {
        unimplemented!()
    }
}

/// What a turn makes of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The segment after the turn.
    pub segment: Segment,
}

/// Decides what `turn` does to the conversation. Changes nothing: [`Session::record`] does.
#[must_use]
pub fn converse(_session: &Session, _turn: &Turn, _catalog: &Catalog) -> Step {
    unimplemented!()
}
