//! Which kind of condition or figure an object is: known by its key, so that what is wrong with it can be said.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::{Condition, Rank, WireMetric};
use crate::segment::EditOp;

/// The kind of condition or metric that an object is, by the key that it has.
fn kind_of<'k>(value: &Json, kinds: &[&'k str]) -> Result<&'k str, String> {
    let Some(object) = value.as_object() else {
        return Err(format!(
            "expected an object with one of the keys {}, found {}",
            kinds.join(", "),
            shortened(value)
        ));
    };
    let kind = kinds.iter().find(|kind| object.contains_key(**kind));
    kind.copied().ok_or_else(|| format!("expected one of the keys {} in {}", kinds.join(", "), shortened(value)))
}

/// Characters of a model's JSON that an error shows.
const MAX_SHOWN: usize = 120;

fn shortened(value: &Json) -> String {
    value.to_string().chars().take(MAX_SHOWN).collect()
}

fn from<T: serde::de::DeserializeOwned>(kind: &str, value: Json) -> Result<T, String> {
    serde_json::from_value(value).map_err(|e| format!("in `{kind}`: {e}"))
}

impl Condition {
    const KINDS: [&str; 10] = ["exists", "total", "rank", "term", "saved", "all", "any", "not", "sample", "field"];

    fn of_json(value: Json) -> Result<Self, String> {
        let kind = kind_of(&value, &Self::KINDS)?;
        Ok(match kind {
            "field" => Self::Field(from(kind, value)?),
            "exists" => Self::Exists(from(kind, value)?),
            "total" => Self::Total(from(kind, value)?),
            "rank" => Self::Rank(from(kind, value).and_then(Rank::checked)?),
            "term" => Self::Term(from(kind, value)?),
            "saved" => Self::Saved(from(kind, value)?),
            "all" => Self::All(from(kind, value)?),
            "any" => Self::Any(from(kind, value)?),
            "not" => Self::Not(from(kind, value)?),
            _ => Self::Sample(from(kind, value)?),
        })
    }
}

impl Rank {
    fn checked(self) -> Result<Self, String> {
        if self.percent.is_some() == self.number.is_some() {
            return Err("in `rank`: give `percent` or `number`, and null for the other".to_owned());
        }
        Ok(self)
    }
}

/// How an edit changes the segment. Putting a whole segment in the place of another is for hands, not for models.
pub(super) fn change<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EditOp, D::Error> {
    match EditOp::deserialize(deserializer)? {
        EditOp::Replace => {
            Err(D::Error::custom("`replace` is no op: `swap` puts one condition in the place of another"))
        }
        op => Ok(op),
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of_json(Json::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for WireMetric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Json::deserialize(deserializer)?;
        let read = |kind: &str| match kind {
            "share" => from(kind, value.clone()).map(Self::Share),
            _ => from("func", value.clone()).map(Self::Of),
        };
        kind_of(&value, &["func", "share"]).and_then(read).map_err(D::Error::custom)
    }
}
