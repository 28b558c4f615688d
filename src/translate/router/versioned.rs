//! A model as the router has it: with the version of the prompts that it is asked with.

use super::Translator;
use crate::translate::model::chat::{Boxed, Chat};
use crate::translate::model::{Counting, Meter, Model, ModelError, ModelSpec, Request, Translation};

/// A model, and the version of its prompts.
#[derive(Debug)]
pub struct Versioned {
    model: Model,
    prompts: String,
}

impl Versioned {
    /// `model`, asked with prompts of the version `prompts`.
    #[must_use]
    pub fn new(model: Model, prompts: impl Into<String>) -> Self {
        Self { model, prompts: prompts.into() }
    }
}

impl Translator for Versioned {
    fn spec(&self) -> &ModelSpec {
        self.model.spec()
    }

    fn prompts(&self) -> &str {
        &self.prompts
    }

    fn translate<'a>(
        &'a self,
        request: Request<'a>,
        counting: Option<&'a dyn Counting>,
        meter: &'a Meter,
    ) -> Boxed<'a, Result<Translation, ModelError>> {
        Box::pin(async move { self.model.metered(&request, counting, meter).await })
    }

    fn chat(&self) -> Option<&dyn Chat> {
        Some(self.model.chat())
    }
}
