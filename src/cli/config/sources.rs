//! Where settings come from, the weakest first: defaults, the file, the environment, flags. Each value
//! remembers where it was said.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue, ValueDeserializer};

use super::keys::{KEYS, Key, Kind, PREFIX, find, hint};
use super::models::MODEL_KEYS;
use super::value::{Value, from_text, from_toml};
use crate::translate::router::Policy;

/// The list of models in the file.
const MODELS: &str = "models";
/// The table of who translates what.
const ROUTER: &str = "router";

/// Where a value was said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// Nowhere.
    Default,
    /// In a file, at a line.
    File(PathBuf, usize),
    /// In the environment.
    Variable(String),
    /// On the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::File(path, line) => write!(out, "{}:{line}", path.display()),
            Self::Variable(name) => out.write_str(name),
            Self::Flag(name) => write!(out, "--{name}"),
        }
    }
}

impl Origin {
    /// How much it weighs: sources of one weight contradict each other.
    pub(super) fn weight(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::File(..) => 1,
            Self::Variable(_) => 2,
            Self::Flag(_) => 3,
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// `waggle.toml:3`, a variable or a flag; empty where nobody in particular said it.
    pub at: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() { out.write_str(&self.message) } else { write!(out, "{}: {}", self.at, self.message) }
    }
}

/// Settings with where each was said; faults are gathered.
#[derive(Default)]
pub(super) struct Said {
    values: BTreeMap<&'static str, (Value, Origin)>,
    /// The models, each with its own settings and where it was said.
    pub models: Vec<(Said, Origin)>,
    /// Who translates what, and where that was said.
    pub router: Option<(Policy, Origin)>,
    /// All that is wrong.
    pub faults: Vec<ConfigFault>,
}

/// Names and places only: values may be secrets.
impl fmt::Debug for Said {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins = self.values.iter().map(|(name, (_, origin))| (name, origin));
        out.debug_map().entries(origins).finish()
    }
}

impl Said {
    /// The value of a setting and where it was said.
    pub(super) fn get(&self, name: &str) -> Option<&(Value, Origin)> {
        self.values.get(name)
    }

    /// Notes what is wrong.
    pub(super) fn fault(&mut self, at: impl fmt::Display, message: impl Into<String>) {
        self.faults.push(ConfigFault { at: at.to_string(), message: message.into() });
    }

    pub(super) fn put(&mut self, key: &'static Key, value: Result<Value, String>, origin: Origin) {
        match value {
            Ok(value) => {
                self.values.insert(key.name, (value, origin));
            }
            Err(message) => self.fault(origin, message),
        }
    }

    pub(super) fn defaults(&mut self) {
        self.defaults_of(KEYS);
    }

    fn defaults_of(&mut self, keys: &'static [Key]) {
        for key in keys {
            if let Some(text) = key.default {
                self.put(key, from_text(key, text), Origin::Default);
            }
        }
    }

    /// Reads a file.
    pub(super) fn file(&mut self, path: &Path) {
        match fs::read_to_string(path) {
            Err(error) => self.fault(path.display(), error.to_string()),
            Ok(text) => match DeTable::parse(&text) {
                Err(error) => {
                    let line = error.span().map_or(1, |span| line_of(&text, span.start));
                    self.fault(Origin::File(path.to_owned(), line), error.message());
                }
                Ok(table) => self.whole(table.get_ref(), &Text { path, text: &text }),
            },
        }
    }

    /// The file: settings, and what is no single setting.
    fn whole(&mut self, table: &DeTable<'_>, text: &Text<'_>) {
        for (name, node) in table {
            match &**name.get_ref() {
                MODELS => self.models(name, node, text),
                ROUTER => self.router(name, node, text),
                _ => self.entry((name, node), "", KEYS, text),
            }
        }
    }

    fn entry(
        &mut self,
        (name, node): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>),
        within: &str,
        keys: &'static [Key],
        text: &Text<'_>,
    ) {
        let full = format!("{within}{}", name.get_ref());
        let origin = text.origin(name);
        match (keys.iter().find(|key| key.name == full), node.get_ref()) {
            (Some(key), _) => self.put(key, from_toml(key, node), text.origin_of(key, name, node)),
            (None, DeValue::Table(inner)) if is_table(&full, keys) => {
                inner.iter().for_each(|entry| self.entry(entry, &format!("{full}."), keys, text));
            }
            (None, _) if is_table(&full, keys) => self.fault(origin, format!("`{full}` is a table of settings")),
            (None, _) => self.fault(origin, unknown(&full, keys)),
        }
    }

    /// Reads `[[models]]`, each as settings of its own.
    fn models(&mut self, name: &Spanned<DeString<'_>>, node: &Spanned<DeValue<'_>>, text: &Text<'_>) {
        let tables = node.get_ref().as_array().into_iter().flatten().map(|item| item.get_ref().as_table());
        let tables: Option<Vec<&DeTable<'_>>> = tables.collect();
        let Some(tables) = tables.filter(|_| node.get_ref().is_array()) else {
            return self.fault(text.origin(name), "`models` is a list: each model begins with a line `[[models]]`");
        };
        for table in tables {
            let mut one = Self::default();
            one.defaults_of(MODEL_KEYS);
            table.iter().for_each(|entry| one.entry(entry, "models.", MODEL_KEYS, text));
            let first = table.keys().min_by_key(|key| key.span().start);
            let origin = first.map_or_else(|| text.origin(name), |key| text.origin(key));
            self.faults.append(&mut one.faults);
            self.models.push((one, origin));
        }
    }

    /// Reads `[router]`.
    fn router(&mut self, name: &Spanned<DeString<'_>>, node: &Spanned<DeValue<'_>>, text: &Text<'_>) {
        match Policy::deserialize(ValueDeserializer::from(node.clone())) {
            Ok(policy) => self.router = Some((policy, text.origin(name))),
            Err(error) => {
                let start = error.span().map_or_else(|| name.span().start, |span| span.start);
                let origin = Origin::File(text.path.to_owned(), line_of(text.text, start));
                self.fault(origin, format!("`router`: {}", error.message().replace('\n', " ")));
            }
        }
    }

    /// Reads the environment.
    pub(super) fn environment(&mut self, variable: &dyn Fn(&str) -> Option<String>) {
        for key in KEYS {
            let name = key.variable();
            // Set to nothing is how a shell takes a setting back.
            if let Some(text) = variable(&name).filter(|text| !text.is_empty()) {
                self.put(key, from_text(key, &text), Origin::Variable(name));
            }
        }
    }

    /// Reads flags.
    pub(super) fn flags(&mut self, flags: &BTreeMap<String, String>) {
        for key in KEYS {
            let name = key.flag();
            if let Some(text) = flags.get(name) {
                self.put(key, from_text(key, text), Origin::Flag(name.to_owned()));
            }
        }
    }

    /// Reads `NAME` from the file that `NAME_file` names, where that was said later than `NAME`.
    pub(super) fn secret_file(&mut self, name: &'static str, file: &str) {
        let Some((Value::Text(path), from)) = self.get(file).cloned() else { return };
        let said = self.get(name).map(|(_, origin)| origin.clone());
        match said {
            Some(said) if said.weight() > from.weight() => return,
            Some(said) if said.weight() == from.weight() => {
                return self.fault(from, format!("`{name}` is set too ({said}): only one of them can be meant"));
            }
            _ => {}
        }
        let Some(key) = find(name) else { return };
        match fs::read_to_string(&path) {
            Ok(text) => self.put(key, from_text(key, text.trim()), from),
            Err(error) => self.fault(from, format!("`{file}`: {path}: {error}")),
        }
    }
}

/// Variables that begin like ours and are no setting nor hold one of `keys`, with what may be meant. Not refused: where a service is
/// called waggle, some systems set variables such as `WAGGLE_PORT` by themselves.
pub(super) fn strangers(names: impl Iterator<Item = String>, keys: &[String]) -> Vec<String> {
    let known: Vec<String> = KEYS.iter().map(Key::variable).chain(keys.iter().cloned()).collect();
    let strange =
        names.filter(|name| name.starts_with(PREFIX) && name != super::FILE_VARIABLE && !known.contains(name));
    strange.map(|name| format!("{name} is no setting{}", hint(&name, known.iter().map(String::as_str)))).collect()
}

fn unknown(name: &str, keys: &[Key]) -> String {
    format!("there is no setting `{name}`{}", hint(name, keys.iter().map(|key| key.name).chain([MODELS, ROUTER])))
}

/// Whether settings of `keys` have names within `name`.
fn is_table(name: &str, keys: &[Key]) -> bool {
    keys.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

struct Text<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Text<'_> {
    fn origin<T>(&self, at: &Spanned<T>) -> Origin {
        Origin::File(self.path.to_owned(), line_of(self.text, at.span().start))
    }

    /// The line of a setting: of its name, and of its first entry where it is a table of its own.
    fn origin_of<T>(&self, key: &Key, name: &Spanned<T>, node: &Spanned<DeValue<'_>>) -> Origin {
        match (key.kind, node.get_ref()) {
            (Kind::Map(_), DeValue::Table(entries)) => {
                let first = entries.keys().map(|entry| entry.span().start).min();
                let start = first.unwrap_or_else(|| name.span().start);
                Origin::File(self.path.to_owned(), line_of(self.text, start))
            }
            _ => self.origin(name),
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}
