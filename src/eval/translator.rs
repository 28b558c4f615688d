//! The translator under test: its name, and what of it must be the same for two runs to be one.

use crate::app::App;
use crate::engine::sha256;
use crate::translate::router::UnknownTranslator;

pub use crate::translate::router::{AUTOMATIC, BUILTIN};

/// Most conversations at once, however many requests a model takes.
const MOST_AT_ONCE: usize = 8;

/// A translator under test.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translator {
    /// Its name: `builtin`, `automatic`, or that of a model.
    pub name: String,
    /// Version of its prompts; empty without any.
    pub prompt_version: String,
    /// The router's policy, as a hash, where it picks.
    pub policy: String,
}

impl Translator {
    /// The translator that `app` calls `name`.
    ///
    /// # Errors
    /// Where it has none of this name: another must not be measured in its place.
    pub fn named(name: &str, app: &App) -> Result<Self, UnknownTranslator> {
        app.known_translator(name)?;
        let mut translator = Self { name: name.to_owned(), ..Self::default() };
        let Some(router) = app.router() else { return Ok(translator) };
        let prompts = |name: &str| router.prompts_of(name).unwrap_or_default().to_owned();
        translator.prompt_version = prompts(name);
        if name == AUTOMATIC {
            let policy = serde_json::to_string(router.policy()).unwrap_or_default();
            translator.policy = sha256(policy.as_bytes());
            // Whoever is asked has its own.
            let all: Vec<String> = router.models().iter().map(|spec| prompts(&spec.name)).collect();
            translator.prompt_version = sha256(all.join("\n").as_bytes());
        }
        Ok(translator)
    }

    /// Whether an answer that says `translator` is its own. Where the router picks, every answer is.
    #[must_use]
    pub fn is_own(&self, translator: &str) -> bool {
        self.name == AUTOMATIC || self.name == translator
    }
}

/// Conversations that `app` can play at once with the translator `name`: no more than its model takes requests, for
/// those that wait too long fall back. None where nothing is known.
#[must_use]
pub fn at_once(name: &str, app: &App) -> Option<usize> {
    let models = app.router()?.models();
    models.into_iter().find(|spec| spec.name == name).map(|spec| spec.concurrency.min(MOST_AT_ONCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_another_is_no_answer_of_its_own() {
        let named = |name: &str| Translator { name: name.into(), ..Translator::default() };
        assert!(named("local").is_own("local") && !named("local").is_own(BUILTIN));
        assert!(named(AUTOMATIC).is_own(BUILTIN));
    }
}
