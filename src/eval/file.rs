//! Conversation files: what was typed, and what a right answer is. `fixtures/conversations/README.md` says
//! what each field means.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, Serialize};

/// A chain of turns, in the order they were typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Unique in its file.
    #[serde(deserialize_with = "scalar")]
    pub id: String,
    /// `ko`, `en` or `mixed`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lang: String,
    /// What the conversation exercises.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The turns.
    pub turns: Vec<GoldTurn>,
}

/// What was typed and what is right.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GoldTurn {
    /// What was typed.
    #[serde(deserialize_with = "scalar")]
    pub user: String,
    /// The segment after the turn, as a predicate on the entity.
    #[serde(deserialize_with = "scalar")]
    pub segment: String,
    /// The same in Waggle's own text form, where the set gives it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Further predicates that are as right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_ok: Vec<String>,
    /// Columns or bands to group by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breakdown: Vec<String>,
    /// Condition on the rows of a many-table that is grouped by, alias `m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// Only the N largest groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
    /// An aggregate over the segment, or over each group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Relative difference allowed on the numbers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tolerance: f64,
    /// How the turn must end.
    #[serde(default, skip_serializing_if = "Expect::is_answer")]
    pub expect: Expect,
    /// Words that the answer must name as not in the data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partly: Vec<String>,
    /// What must be done beside counting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// What the action names.
    #[serde(default, deserialize_with = "maybe_scalar", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl GoldTurn {
    /// Every predicate that is right: the segment first.
    pub fn predicates(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.segment.as_str()).chain(self.also_ok.iter().map(String::as_str))
    }
}

/// How a turn must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// With numbers.
    #[default]
    Answer,
    /// With a question back.
    Clarify,
    /// With a refusal.
    Refuse,
    /// By saying that the data has nothing about it.
    Unknown,
    /// In words.
    About,
}

impl Expect {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
    fn is_answer(&self) -> bool {
        *self == Self::Answer
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

/// A file that is no conversation file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not in the format.
    #[error("{}: {message}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Where and why.
        message: String,
    },
}

/// Reads the conversations of `path`: one file, or every `.yaml` of a folder in the order of their names.
///
/// # Errors
/// Where a file cannot be read or is not in the format.
pub fn read(path: &Path) -> Result<Vec<Conversation>, FileError> {
    if path.is_dir() {
        return yaml_files(path)?.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>().map(|v| v.concat());
    }
    let text = std::fs::read_to_string(path).map_err(|source| FileError::Read { path: path.into(), source })?;
    parse(&text).map_err(|message| FileError::Format { path: path.into(), message })
}

/// Parses the text of a conversation file.
///
/// # Errors
/// Where the text is not in the format; the message says where.
pub fn parse(text: &str) -> Result<Vec<Conversation>, String> {
    let conversations: Vec<Conversation> = serde_saphyr::from_str(text).map_err(|e| e.to_string())?;
    match twice(&conversations) {
        Some(id) => Err(format!("two conversations are called {id}")),
        None => Ok(conversations),
    }
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let fault = |source| FileError::Read { path: folder.into(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn twice(conversations: &[Conversation]) -> Option<&str> {
    let mut seen = std::collections::BTreeSet::new();
    conversations.iter().map(|c| c.id.as_str()).find(|id| !seen.insert(*id))
}

/// Text, also where YAML takes a bare word for something else (`true`, `2024`).
fn scalar<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = String;
        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("text")
        }
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
        fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<String, E> {
            Ok(value.to_string())
        }
        fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<String, E> {
            Ok(value.to_string())
        }
        fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<String, E> {
            Ok(value.to_string())
        }
        fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<String, E> {
            Ok(value.to_string())
        }
    }
    input.deserialize_any(Text)
}

fn maybe_scalar<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    scalar(input).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_read() {
        let text = "
- id: a-1
  lang: ko
  tags: [x, y]
  turns:
    - user: 몇 명이야
      segment: true
    - user: top 3
      segment: >-
        gender = 'F' AND
        age >= 20
      also_ok: [\"gender <> 'M'\"]
      breakdown: [app]
      rows: m.app_category = 'OTT'
      top: 3
      metric: avg(age)
      tolerance: 0.02
      expect: clarify
      partly: [신용점수]
      action: save
      name: 2024
";
        let all = parse(text).unwrap();
        let [conversation] = all.as_slice() else { panic!("one conversation") };
        assert_eq!((conversation.id.as_str(), conversation.lang.as_str(), conversation.tags.len()), ("a-1", "ko", 2));
        assert_eq!(conversation.turns[0].segment, "true");
        assert_eq!(conversation.turns[0].expect, Expect::Answer);
        let turn = &conversation.turns[1];
        assert_eq!(turn.predicates().collect::<Vec<_>>(), ["gender = 'F' AND age >= 20", "gender <> 'M'"]);
        assert_eq!((turn.top, turn.expect, turn.name.as_deref()), (Some(3), Expect::Clarify, Some("2024")));
        assert_eq!(turn.rows.as_deref(), Some("m.app_category = 'OTT'"));
    }

    #[test]
    fn faults_name_their_place() {
        assert!(parse("- id: a\n  turns: 3\n").is_err());
        let twice = "- {id: a, turns: []}\n- {id: a, turns: []}\n";
        assert_eq!(parse(twice).unwrap_err(), "two conversations are called a");
        let missing = read(Path::new("no/such.yaml")).unwrap_err().to_string();
        assert!(missing.starts_with("no/such.yaml: "), "{missing}");
    }
}
