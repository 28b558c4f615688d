//! One request, asked of one model: prompt → reply → draft → turn, with repairs where the draft does not resolve, and
//! the rules that hold after every model. Who asks which model is the router's.

mod known;
mod probe;
mod repair;
mod wording;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::chat::{Boxed, Chat, Form, Message, Reply, Tool};
use super::client::Client;
use super::deeds;
use super::guard;
use super::meter::{Meter, Metered, Taken};
use super::prompt::MAX_PROMPT_TOKENS;
use super::watched::{Watched, drafted};
use super::wire::Wire;
use super::{Counting, ModelError, ModelSpec, Request, Step, StepKind, Translation};
use crate::catalog::Catalog;
use crate::segment::Turn;
use crate::translate::grammar::Grammar;
use crate::translate::resolve::resolve;
pub use probe::Probe;
use repair::Fault;

/// Times that a draft goes back with what is wrong with it.
pub const MAX_REPAIRS: u32 = 2;
/// The same of a model that is asked briefly: what a small one did not put right at once it says again.
pub const MAX_BRIEF_REPAIRS: u32 = 1;
/// Tokens of a reply.
pub const MAX_REPLY_TOKENS: u32 = 1_200;
/// The same of a model that is asked briefly: a draft that leaves out what is empty has some hundred.
pub const MAX_BRIEF_REPLY_TOKENS: u32 = 400;
/// What the schema, or the tool, is called.
const DRAFT: &str = "draft";

/// Messages that ask for the draft of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompted {
    /// The messages.
    pub messages: Vec<Message>,
    /// How many tokens they are likely to be.
    pub tokens: u32,
}

/// Somebody who writes prompts.
pub trait Prompting: Send + Sync {
    /// The prompt for `request`, of at most `budget` tokens where that can be.
    fn prompt(&self, request: &Request<'_>, budget: u32) -> Prompted;
}

/// What came of a work in steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Worked {
    /// What was read; none where nothing resolved.
    pub turn: Option<Turn>,
    /// What happened on the way.
    pub steps: Vec<Step>,
}

/// Somebody who has a model work in steps: for requests that one exchange is not enough for.
pub trait Working: Send + Sync {
    /// Lets `chat` work on `request`, from `opening` on.
    fn work<'a>(
        &'a self,
        chat: &'a dyn Chat,
        spec: &'a ModelSpec,
        request: Request<'a>,
        counting: Option<&'a dyn Counting>,
        opening: Vec<Message>,
    ) -> Boxed<'a, Result<Worked, ModelError>>;
}

/// A model that can be asked.
pub struct Model {
    spec: ModelSpec,
    chat: Arc<dyn Chat>,
    client: Option<Arc<Client>>,
    prompts: Arc<dyn Prompting>,
    worker: Option<Arc<dyn Working>>,
    grammar: OnceLock<Arc<Grammar>>,
    repairs: u32,
    reply_tokens: u32,
    prompt_tokens: u32,
}

impl fmt::Debug for Model {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Model").field("spec", &self.spec).finish_non_exhaustive()
    }
}

impl Model {
    /// The model of `spec`, asked over its API.
    ///
    /// # Errors
    /// An address or key that cannot be used.
    pub fn new<P: Prompting + 'static>(spec: ModelSpec, prompts: Arc<P>) -> Result<Self, ModelError> {
        let client = Arc::new(Client::new(&spec)?);
        let chat: Arc<dyn Chat> = Arc::new(Watched::new(&spec, Arc::clone(&client) as Arc<dyn Chat>));
        Ok(Self { client: Some(client), ..Self::over(spec, chat, prompts) })
    }

    /// The model of `spec`, played by `chat`.
    #[must_use]
    pub fn over<P: Prompting + 'static>(spec: ModelSpec, chat: Arc<dyn Chat>, prompts: Arc<P>) -> Self {
        let (repairs, reply_tokens) =
            if spec.brief { (MAX_BRIEF_REPAIRS, MAX_BRIEF_REPLY_TOKENS) } else { (MAX_REPAIRS, MAX_REPLY_TOKENS) };
        Self {
            spec,
            chat,
            client: None,
            prompts,
            worker: None,
            grammar: OnceLock::new(),
            repairs,
            reply_tokens,
            prompt_tokens: MAX_PROMPT_TOKENS,
        }
    }

    /// The same, with the grammar that is there already; else one is made when it is first needed.
    #[must_use]
    pub fn with_grammar(mut self, grammar: Arc<Grammar>) -> Self {
        self.grammar = OnceLock::from(grammar);
        self
    }

    /// The same, with somebody for the hard requests. Asked only where the spec says `agent`.
    #[must_use]
    pub fn with_worker(mut self, worker: Arc<dyn Working>) -> Self {
        self.worker = Some(worker);
        self
    }

    /// The same, with other bounds: repairs, tokens of a reply, tokens of a prompt.
    #[must_use]
    pub fn with_bounds(mut self, repairs: u32, reply_tokens: u32, prompt_tokens: u32) -> Self {
        (self.repairs, self.reply_tokens, self.prompt_tokens) = (repairs, reply_tokens, prompt_tokens);
        self
    }

    /// What is known of it.
    #[must_use]
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The way to it, for what is no translation.
    #[must_use]
    pub fn chat(&self) -> &dyn Chat {
        self.chat.as_ref()
    }

    /// What `request` asks for.
    ///
    /// # Errors
    /// Where the model cannot be reached, is too slow, or writes no draft that resolves.
    pub async fn translate(
        &self,
        request: &Request<'_>,
        counting: Option<&dyn Counting>,
    ) -> Result<Translation, ModelError> {
        self.metered(request, counting, &Meter::default()).await
    }

    /// The same, on a `meter` that tells what was taken whatever comes of it.
    ///
    /// # Errors
    /// As [`Self::translate`].
    pub async fn metered(
        &self,
        request: &Request<'_>,
        counting: Option<&dyn Counting>,
        meter: &Meter,
    ) -> Result<Translation, ModelError> {
        let chat = Metered { chat: self.chat.as_ref(), meter };
        let mut steps = Vec::new();
        let budget = self.prompt_tokens.min(self.spec.context_tokens.saturating_sub(self.reply_tokens));
        let prompted = self.prompts.prompt(request, budget);
        let worker = self.worker.as_deref().filter(|_| self.spec.agent);
        let drafted = if prompted.tokens > budget {
            let (tokens, context) = (u64::from(prompted.tokens), u64::from(budget));
            Err(ModelError::TooLong { model: self.spec.name.clone(), tokens, context })
        } else {
            self.drafted(&chat, request, &prompted.messages, &mut steps).await
        };
        let turn = match (drafted, worker) {
            (Ok(turn), _) => turn,
            (Err(error @ (ModelError::TooLong { .. } | ModelError::Unresolved { .. })), Some(worker)) => {
                let done = worker.work(&chat, &self.spec, *request, counting, prompted.messages).await?;
                steps.extend(done.steps);
                done.turn.ok_or(error)?
            }
            (Err(error), _) => return Err(error),
        };
        let mut turn = wording::worded(turn, request);
        let mended = deeds::own_words(&mut turn, request.text, request.catalog);
        steps.extend(mended.into_iter().map(Step::at_once));
        let turn = self.guarded(turn, request, &mut steps);
        let taken = meter.taken();
        let (cost, Taken { prompt, cached, completion }) = (taken.cost(&self.spec.billing), taken);
        Ok(Translation {
            turn,
            prompt_tokens: prompt,
            cached_tokens: cached,
            completion_tokens: completion,
            cost,
            steps,
        })
    }

    /// One draft, and its repairs.
    async fn drafted(
        &self,
        chat: &dyn Chat,
        request: &Request<'_>,
        prompt: &[Message],
        steps: &mut Vec<Step>,
    ) -> Result<Turn, ModelError> {
        let form = self.form(request.catalog);
        let mut messages = prompt.to_vec();
        let mut repairs = 0;
        loop {
            let reply = chat.chat(&messages, &form, self.reply_tokens).await?;
            steps.push(Step::asked(&reply));
            let read = read(&reply, request);
            drafted(&self.spec.name, !matches!(read, Err(Fault::Unreadable(_))));
            let fault = match read {
                Ok(turn) => return Ok(turn),
                Err(fault) => fault,
            };
            if repairs == self.repairs {
                return Err(fault.error(&self.spec.name, request.locale));
            }
            repairs += 1;
            steps.push(Step::at_once(StepKind::Repaired { fault: fault.told() }));
            // Only the last draft is shown again: earlier ones would be copied.
            messages.truncate(prompt.len());
            messages.extend(fault.answer(reply));
        }
    }

    /// The turn after the rules that hold whoever translated.
    fn guarded(&self, turn: Turn, request: &Request<'_>, steps: &mut Vec<Step>) -> Turn {
        let start = Instant::now();
        let grammar = self.grammar.get_or_init(|| Arc::new(Grammar::new(request.catalog)));
        let (turn, mends) = guard::guarded(turn, request, grammar);
        let ms = start.elapsed().as_secs_f64() * 1e3;
        steps.extend(mends.into_iter().map(|what| Step { kind: StepKind::Mended { what }, ms }));
        turn
    }

    /// The form that this model can be held to.
    fn form(&self, catalog: &Catalog) -> Form {
        let schema = if self.spec.brief { Wire::brief_schema_over(catalog) } else { Wire::bare_schema() };
        if self.spec.can.json_schema {
            Form::Schema { name: DRAFT.to_owned(), schema, strict: !self.spec.brief }
        } else if self.spec.can.tools {
            let about = "Hands in what the request asks for.".to_owned();
            Form::Tools { tools: vec![Tool { name: DRAFT.to_owned(), about, parameters: schema }], must: true }
        } else {
            Form::Text
        }
    }
}

/// The turn that a reply says.
fn read(reply: &Reply, request: &Request<'_>) -> Result<Turn, Fault> {
    let wire = Wire::read(written(reply)).map_err(Fault::Unreadable)?;
    let draft = wire.into_draft(request.text);
    let turn = resolve(draft, request.catalog).map_err(Fault::Unresolved)?;
    let unknown = known::unknown(&turn, request);
    if unknown.is_empty() { Ok(turn) } else { Err(Fault::Unresolved(unknown)) }
}

/// Where the draft stands: in the call of the tool, else in the text.
fn written(reply: &Reply) -> &str {
    reply.calls.iter().find(|call| call.name == DRAFT).map_or(&reply.text, |call| &call.arguments)
}
