//! What is played: conversations as they are typed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::SpeedError;

/// The workload that is played where no other is named.
const BUILTIN: &str = include_str!("../../../fixtures/bench/conversations.yaml");

/// One conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    /// Its name.
    pub id: String,
    /// What is typed, turn by turn.
    pub turns: Vec<String>,
}

/// The built-in workload: four conversations of five turns over the reference data.
///
/// # Errors
/// Never, while the file that is built in is in the format.
pub fn builtin() -> Result<Vec<Talk>, SpeedError> {
    parse(BUILTIN, None)
}

/// The workload in a file.
///
/// # Errors
/// Where it cannot be read, or is not in the format.
pub fn read(path: &Path) -> Result<Vec<Talk>, SpeedError> {
    let text = std::fs::read_to_string(path).map_err(|source| SpeedError::Read { path: path.to_owned(), source })?;
    parse(&text, Some(path))
}

fn parse(text: &str, path: Option<&Path>) -> Result<Vec<Talk>, SpeedError> {
    let wrong = |message: String| SpeedError::Format { path: path.map(Path::to_owned), message };
    let talks: Vec<Talk> = serde_saphyr::from_str(text).map_err(|e| wrong(e.to_string()))?;
    if talks.is_empty() {
        return Err(wrong("no conversation".to_owned()));
    }
    match talks.iter().find(|talk| talk.turns.is_empty()) {
        Some(talk) => Err(wrong(format!("{}: no turn", talk.id))),
        None => Ok(talks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_workload_is_four_conversations_of_five_turns() {
        let talks = builtin().unwrap();
        assert_eq!(talks.iter().map(|t| t.turns.len()).collect::<Vec<_>>(), [5, 5, 5, 5]);
    }

    #[test]
    fn what_is_no_workload_is_refused() {
        for text in ["[]", "- id: a\n  turns: []", "- id: a\n  turns: [x]\n  more: 1", "a: b"] {
            assert!(matches!(parse(text, None), Err(SpeedError::Format { .. })), "{text}");
        }
    }
}
