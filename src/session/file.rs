//! A session as a JSON file. It is written whole or not at all, and a file that is not understood is left
//! as it is.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Session;
use crate::catalog::Locale;

/// Version of the file format that is written; older ones that are understood are read too.
pub const FORMAT: u32 = 1;

/// How deep a turn or a segment may nest as JSON. A reader of JSON stops at 128 levels: what is kept must
/// be read again, inside the nodes of a session.
const MAX_JSON_DEPTH: usize = 100;

/// Why a session could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The file cannot be read.
    #[error("cannot read the session {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the session {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a session.
    #[error("{path} is not a session: {source}")]
    NotASession {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The file is of a later version of the program.
    #[error("{path} has session format {found}; this program reads up to {FORMAT}")]
    Format {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: u32,
    },
    /// The file's turns do not hang together.
    #[error("{path} is damaged at turn {turn}")]
    Broken {
        /// The file.
        path: PathBuf,
        /// The turn where it shows.
        turn: u32,
    },
}

impl SessionError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::En => self.to_string(),
            Locale::Ko => match self {
                Self::Read { path, source } => format!("세션 파일 {}을 읽을 수 없습니다: {source}", path.display()),
                Self::Write { path, source } => format!("세션 파일 {}에 쓸 수 없습니다: {source}", path.display()),
                Self::NotASession { path, source } => {
                    format!("{} 파일은 세션 파일이 아닙니다: {source}", path.display())
                }
                Self::Format { path, found } => {
                    format!("{} 파일의 세션 형식은 {found}이며, 이 프로그램은 {FORMAT}까지 읽습니다", path.display())
                }
                Self::Broken { path, turn } => {
                    format!("{} 파일이 손상되었습니다 ({turn}번째 차례)", path.display())
                }
            },
        }
    }
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Kept<S> {
    waggle_session: u32,
    #[serde(flatten)]
    session: S,
}

/// The format alone, read first: a later format may not fit today's session.
#[derive(Deserialize)]
struct Header {
    waggle_session: u32,
}

impl Session {
    /// Reads a session file.
    ///
    /// # Errors
    /// A file that cannot be read or is not a session; it is left as it is.
    pub fn load(path: &Path) -> Result<Self, SessionError> {
        let text = fs::read(path).map_err(|source| SessionError::Read { path: path.to_owned(), source })?;
        let not = |source| SessionError::NotASession { path: path.to_owned(), source };
        let header: Header = serde_json::from_slice(&text).map_err(not)?;
        if header.waggle_session > FORMAT {
            return Err(SessionError::Format { path: path.to_owned(), found: header.waggle_session });
        }
        let kept: Kept<Session> = serde_json::from_slice(&text).map_err(not)?;
        match kept.session.first_broken_turn() {
            Some(turn) => Err(SessionError::Broken { path: path.to_owned(), turn }),
            None => Ok(kept.session),
        }
    }

    /// Writes the session to a file, whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), SessionError> {
        let failed = |source| SessionError::Write { path: path.to_owned(), source };
        let kept = Kept { waggle_session: FORMAT, session: self };
        let mut text = serde_json::to_vec_pretty(&kept).map_err(|e| failed(e.into()))?;
        text.push(b'\n');
        write_whole(path, &text).map_err(failed)
    }

    /// The first turn whose links point nowhere, or forward.
    pub(super) fn first_broken_turn(&self) -> Option<u32> {
        let numbers = 1..=u32::MAX;
        let broken = numbers.zip(&self.nodes).find(|(turn, node)| {
            let waiting = node
                .pending
                .map_or(Some(true), |p| (p <= *turn).then(|| self.node(p).is_some_and(|n| n.asked.question.is_some())));
            node.turn != *turn
                || node.parent >= *turn
                || node.undo_to.is_some_and(|t| t >= *turn)
                || waiting != Some(true)
        });
        let head_is_lost = (self.head as usize > self.nodes.len()).then_some(self.head);
        let nameless = self.saved.iter().find(|s| s.versions.is_empty() || s.name.is_empty()).map(|_| 0);
        broken.map(|(turn, _)| turn).or(head_is_lost).or(nameless)
    }
}

/// Whether `kept`, a turn or a segment, nests deeper than a session file can hold.
pub(super) fn too_deep<T: Serialize>(kept: &T) -> bool {
    serde_json::to_value(kept).map_or(true, |value| deeper_than(&value, MAX_JSON_DEPTH))
}

fn deeper_than(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(parts) => left == 0 || parts.iter().any(|p| deeper_than(p, left - 1)),
        Value::Object(parts) => left == 0 || parts.values().any(|p| deeper_than(p, left - 1)),
        _ => false,
    }
}

/// Writes beside `path` and moves it there, so that a reader sees the old file or the new one.
fn write_whole(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(text).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Best effort: the failure that matters is the one being returned.
        let _ = fs::remove_file(&beside);
    }
    written
}
