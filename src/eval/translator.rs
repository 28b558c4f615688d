//! The translator under test: its name, and what of it must be the same for two runs to be one.

use crate::app::App;

/// The translator that needs no model.
pub const BUILTIN: &str = "builtin";
/// Whoever the router picks.
pub const AUTOMATIC: &str = "automatic";

/// A translator under test.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translator {
    /// Its name: `builtin`, `automatic`, or that of a model.
    pub name: String,
    /// Version of its prompts; empty without any.
    pub prompt_version: String,
    /// The router's policy, where it picks.
    pub policy: String,
}

/// A translator that the app does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no translator {name}; there are {}", known.join(", "))]
pub struct NoTranslator {
    /// What was named.
    pub name: String,
    /// What there is.
    pub known: Vec<String>,
}

impl Translator {
    /// The translator that `app` calls `name`.
    ///
    /// # Errors
    /// Where it has none of this name: the built-in one must not be measured in its place.
    pub fn named(name: &str, app: &App) -> Result<Self, NoTranslator> {
        let known = names(app);
        if !known.iter().any(|k| k == name) {
            return Err(NoTranslator { name: name.to_owned(), known });
        }
        Ok(Self { name: name.to_owned(), ..Self::default() })
    }

    /// Whether an answer that says `translator` is its own. Where the router picks, every answer is.
    #[must_use]
    pub fn is_own(&self, translator: &str) -> bool {
        self.name == AUTOMATIC || self.name == translator
    }
}

/// The translators of an app.
#[must_use]
pub fn names(_: &App) -> Vec<String> {
    vec![BUILTIN.to_owned()]
}
