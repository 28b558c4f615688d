//! Values of settings, read from text (environment, flags) or from the file.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::keys::{Key, Kind, hint};
use crate::engine::Mode;

/// A value that fits its setting.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Text, a path or a choice.
    Text(String),
    /// A number.
    Whole(u64),
    /// A number with decimals.
    Decimal(f64),
    /// true or false.
    Truth(bool),
    /// An address.
    Address(SocketAddr),
    /// Several texts.
    List(Vec<String>),
    /// Texts with a word each.
    Map(BTreeMap<String, String>),
}

impl Value {
    /// As the file writes it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Whole(number) => number.to_string(),
            Self::Decimal(number) => format!("{number:?}"),
            Self::Truth(truth) => truth.to_string(),
            Self::Address(address) => quoted(&address.to_string()),
            Self::List(items) => format!("[{}]", items.iter().map(|i| quoted(i)).collect::<Vec<_>>().join(", ")),
            Self::Map(entries) => {
                let entries: Vec<_> = entries.iter().map(|(k, v)| format!("{} = {}", quoted(k), quoted(v))).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }
}

/// A basic string of TOML: the escapes of JSON are among its own.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// The value that a text stands for: `a,b` is a list, `a=x,b=y` a map.
pub(super) fn from_text(key: &Key, text: &str) -> Result<Value, String> {
    let parts = || text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let value = match key.kind {
        Kind::Text | Kind::Choice(_) | Kind::Engine => Value::Text(text.to_owned()),
        Kind::Whole(..) => Value::Whole(text.parse().map_err(|_| wanted(key))?),
        Kind::Decimal => Value::Decimal(text.parse().map_err(|_| wanted(key))?),
        Kind::Truth => Value::Truth(text.parse().map_err(|_| wanted(key))?),
        Kind::Address => Value::Address(text.parse().map_err(|_| wanted(key))?),
        Kind::List => Value::List(parts().map(str::to_owned).collect()),
        Kind::Map(_) => {
            // The last `=`: what is mapped may hold one, a role never does.
            let entry = |part: &str| part.rsplit_once('=').map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned()));
            Value::Map(parts().map(entry).collect::<Option<_>>().ok_or_else(|| wanted(key))?)
        }
    };
    fitting(key, value)
}

/// The value that the file gives.
pub(super) fn from_toml(key: &Key, node: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    let text = |node: &Spanned<DeValue<'_>>| node.get_ref().as_str().map(str::to_owned);
    let value = match (key.kind, node.get_ref()) {
        (Kind::Address, DeValue::String(text)) => return from_text(key, text),
        (Kind::Text | Kind::Choice(_) | Kind::Engine, DeValue::String(text)) => Some(Value::Text(text.to_string())),
        (Kind::Whole(..), DeValue::Integer(number)) => {
            u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok().map(Value::Whole)
        }
        (Kind::Decimal, DeValue::Integer(number)) => decimal(number.as_str()),
        (Kind::Decimal, DeValue::Float(number)) => decimal(number.as_str()),
        (Kind::Truth, DeValue::Boolean(truth)) => Some(Value::Truth(*truth)),
        (Kind::List, DeValue::String(text)) => Some(Value::List(vec![text.to_string()])),
        (Kind::List, DeValue::Array(items)) => items.iter().map(text).collect::<Option<_>>().map(Value::List),
        (Kind::Map(_), DeValue::Table(entries)) => {
            let entry =
                |(k, v): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| Some((k.get_ref().to_string(), text(v)?));
            entries.iter().map(entry).collect::<Option<_>>().map(Value::Map)
        }
        _ => None,
    };
    fitting(key, value.ok_or_else(|| wanted(key))?)
}

/// The number that the file writes as `text`.
fn decimal(text: &str) -> Option<Value> {
    text.replace('_', "").parse().ok().map(Value::Decimal)
}

/// The value, where it is within the setting's bounds.
fn fitting(key: &Key, value: Value) -> Result<Value, String> {
    let word = |word: &str, words: &[&'static str]| {
        let refused = || format!("{}, not `{word}`{}", wanted(key), hint(word, words.iter().copied()));
        if words.contains(&word) { Ok(()) } else { Err(refused()) }
    };
    match (&value, key.kind) {
        (Value::Whole(number), Kind::Whole(least, most)) if !(least..=most).contains(number) => {
            return Err(format!("{}, not {number}", wanted(key)));
        }
        (Value::Decimal(number), Kind::Decimal) if !number.is_finite() || *number < 0.0 => {
            return Err(format!("{}, not {number}", wanted(key)));
        }
        (Value::Text(text), Kind::Choice(words)) => word(text, words)?,
        (Value::Text(text), Kind::Engine) => {
            text.parse::<Mode>().map_err(|_| format!("{}, not `{text}`{}", wanted(key), hint(text, Mode::FORMS)))?;
        }
        (Value::Map(entries), Kind::Map(words)) => entries.values().try_for_each(|v| word(v, words))?,
        (Value::Text(text), _) if text.trim().is_empty() => return Err(format!("`{}` is empty", key.name)),
        _ => {}
    }
    Ok(value)
}

/// What a setting must be.
fn wanted(key: &Key) -> String {
    let kind = match key.kind {
        Kind::Text => "text".to_owned(),
        Kind::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Decimal => "a number from 0 on".to_owned(),
        Kind::Truth => "true or false".to_owned(),
        Kind::Address => "an address with a port, such as 127.0.0.1:8080".to_owned(),
        Kind::Choice(words) => words.join(" or "),
        Kind::Engine => Mode::FORMS.join(" or "),
        Kind::List => "a list of texts".to_owned(),
        Kind::Map(words) => format!("texts, each with one of {}", words.join(", ")),
    };
    format!("`{}` must be {kind}", key.name)
}
