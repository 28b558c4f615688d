//! The models of the configuration as the router asks them: each with its prompts over the catalog.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Ledger, Policy, PolicyFault, Router, Translator, Versioned};
use crate::catalog::{Catalog, Locale};
use crate::translate::model::worker::Agent;
use crate::translate::model::{Model, ModelError, ModelSpec, PromptError, Prompts};

/// Why there is no router.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
#[non_exhaustive]
pub enum RouterError {
    /// The policy is wrong.
    Policy(Vec<PolicyFault>),
    /// A model's address or key cannot be used.
    Model(#[from] ModelError),
    /// A model's prompts cannot be used.
    Prompts {
        /// The model.
        model: String,
        /// Why.
        why: PromptError,
    },
}

impl RouterError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match self {
            Self::Policy(faults) => faults.iter().map(|fault| fault.message(locale)).collect::<Vec<_>>().join("; "),
            Self::Model(error) => error.message(locale),
            Self::Prompts { model, why } => format!("{model}: {}", why.message(locale)),
        }
    }
}

/// What a router is made of, whichever catalog is open.
#[derive(Debug, Clone)]
pub struct Routing {
    /// Who is asked when.
    pub policy: Policy,
    /// Whom there is to ask.
    pub models: Vec<ModelSpec>,
    /// Where it is counted what is spent: the same for all that come of this.
    pub ledger: Arc<dyn Ledger>,
}

impl Routing {
    /// The router over `catalog`.
    ///
    /// # Errors
    /// As [`Router::over`].
    pub fn over(&self, catalog: &Catalog) -> Result<Router, RouterError> {
        Router::over(self.policy.clone(), self.models.clone(), catalog, Arc::clone(&self.ledger))
    }
}

impl Router {
    /// A router over the models of `specs`, which are told of `catalog`. Nobody is asked yet. Models with one folder of
    /// templates share their prompts.
    ///
    /// # Errors
    /// What is wrong with the policy, with a model's address or key, or with its templates.
    pub fn over(
        policy: Policy,
        specs: Vec<ModelSpec>,
        catalog: &Catalog,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, RouterError> {
        let mut made: BTreeMap<(bool, Option<PathBuf>), Arc<Prompts>> = BTreeMap::new();
        let mut translators: Vec<Arc<dyn Translator>> = Vec::new();
        for spec in specs {
            let kind = (spec.brief, spec.prompts.clone());
            let prompts = if let Some(prompts) = made.get(&kind) {
                Arc::clone(prompts)
            } else {
                let prompts = Prompts::of(&spec, catalog);
                let fault = |why| RouterError::Prompts { model: spec.name.clone(), why };
                let prompts = Arc::new(prompts.map_err(fault)?);
                made.insert(kind, Arc::clone(&prompts));
                prompts
            };
            let model = Model::new(spec, Arc::clone(&prompts))?
                .with_grammar(prompts.grammar())
                .with_worker(Arc::new(Agent::default()));
            translators.push(Arc::new(Versioned::new(model, prompts.version())));
        }
        Self::new(policy, translators, ledger).map_err(RouterError::Policy)
    }
}
