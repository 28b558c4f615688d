//! The translator under test: its name, and what of it must be the same for two runs to be one.

use crate::app::App;
use crate::engine::sha256;
use crate::translate::router::Policy;

/// Most conversations at once, however many requests a model takes.
const MOST_AT_ONCE: usize = 8;
/// Characters of a policy's hash.
const POLICY_HASH_CHARS: usize = 8;

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
        let router = app.router();
        let prompt_version = router.and_then(|router| router.prompts(name)).unwrap_or_default().to_owned();
        let policy = router.filter(|_| name == AUTOMATIC).map(|router| policy(router.policy())).unwrap_or_default();
        Ok(Self { name: name.to_owned(), prompt_version, policy })
    }

    /// Whether an answer that says `translator` is its own. Where the router picks, every answer is.
    #[must_use]
    pub fn is_own(&self, translator: &str) -> bool {
        self.name == AUTOMATIC || self.name == translator
    }
}

/// The translators of an app.
#[must_use]
pub fn names(app: &App) -> Vec<String> {
    app.translators()
}

/// Conversations that `app` can play at once with the translator `name`: no more than its model takes requests, for
/// those that wait too long fall back. None where nothing is known.
#[must_use]
pub fn at_once(name: &str, app: &App) -> Option<usize> {
    let models = app.router()?.models();
    models.into_iter().find(|spec| spec.name == name).map(|spec| spec.concurrency.min(MOST_AT_ONCE))
}

/// A policy in a word and a hash: another one has another.
fn policy(policy: &Policy) -> String {
    let json = serde_json::to_value(policy).unwrap_or_default();
    let hash = sha256(json.to_string().as_bytes());
    let mode = json["policy"].as_str().unwrap_or_default();
    format!("{mode}-{}", hash.get(..POLICY_HASH_CHARS).unwrap_or_default())
}
