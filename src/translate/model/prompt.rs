//! The exact messages that a model is sent: a stable beginning (rules, form, index of the catalog), so that
//! servers cache it, then what this request needs.
//!
//! ```text
//! system  = system.j2  (index of the catalog, examples of the form)     the same for every request
//! user    = request.j2 (part of the catalog ◀─choose─ retrieve, segment so far, question that waits,
//!                       saved names, last turns, nearest examples, the request itself)
//! ```
//!
//! Never rows, never identifiers. Whatever comes from outside is printed as data (`templates.rs`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::context;
use minijinja::value::{Serde, Value};

use super::ask::{Prompted, Prompting};
use super::chat::{Message, Role};
use super::examples::Examples;
use super::form;
use super::found::Found;
use super::retrieve::{Chosen, Retriever, choose, so_far};
use super::templates::{REQUEST, SYSTEM, Templates, hash, json, quoted};
use super::tokens::{MESSAGE_TOKENS, estimate};
use super::view;
use super::{Example, ModelSpec, Past, Request};
use crate::catalog::{Catalog, Locale};
use crate::segment::sentence::reading;
use crate::segment::{Segment, Turn, Why, text};
use crate::translate::Context;
use crate::translate::grammar::Grammar;

/// Tokens that a prompt has at most, by [`super::tokens::estimate`], where nobody says otherwise.
pub const MAX_PROMPT_TOKENS: u32 = 4_000;
/// Tokens of a whole index of the catalog; where it would be larger, only its tables are listed.
const INDEX_TOKENS: u32 = 900;
/// Tokens that the part of the catalog has in any case: what is less needed makes room for it.
const MIN_CATALOG_TOKENS: u32 = 600;
/// Turns before the request that are shown.
const MAX_PAST: usize = 3;
/// Characters of a turn before that are shown.
const MAX_PAST_CHARS: usize = 300;
/// Names of saved segments that are shown.
const MAX_SAVED: usize = 20;
/// Examples over this catalog that are shown.
const MAX_OWN_EXAMPLES: usize = 2;
/// The same in a brief prompt.
const MAX_BRIEF_EXAMPLES: usize = 1;
/// Tokens that the part of the catalog has at most in a brief prompt: it is read anew for each request.
const BRIEF_CATALOG_TOKENS: u32 = 260;
/// How often a part of the catalog that came out too long is made smaller.
const MAX_TRIMS: usize = 6;

/// A prompt, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The messages: the rules, then the request.
    pub messages: Vec<Message>,
    /// How many tokens they are likely to be.
    pub tokens: u32,
    /// What of the catalog stands in them.
    pub found: Found,
}

/// Templates that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// A file of the folder cannot be read.
    #[error("{}: {why}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A template is not written as templates are.
    #[error("{name}: {why}")]
    Template {
        /// Its name.
        name: String,
        /// Where and why.
        why: String,
    },
}

impl PromptError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (_, Locale::En) => self.to_string(),
            (Self::Read { path, why }, Locale::Ko) => format!("{}을(를) 읽을 수 없습니다: {why}", path.display()),
            (Self::Template { name, why }, Locale::Ko) => format!("템플릿 {name}을(를) 쓸 수 없습니다: {why}"),
        }
    }
}

/// Prompts over one catalog.
#[derive(Debug)]
pub struct Prompts {
    templates: Templates,
    retriever: Retriever,
    /// Examples over a made-up catalog, for the form.
    form: Examples,
    /// Examples over this catalog.
    own: Examples,
    /// The stable beginning.
    system: String,
    /// What it names of the catalog.
    indexed: Found,
    version: String,
    /// Whether they are for small models.
    brief: bool,
}

impl Prompts {
    /// Prompts over `catalog`, with the templates that the program carries, or those of `folder` where it has them.
    ///
    /// # Errors
    /// Templates that cannot be read, are not templates, or name what there is not.
    pub fn new(catalog: &Catalog, folder: Option<&Path>) -> Result<Self, PromptError> {
        Self::over(catalog, Templates::read(folder)?, false)
    }

    /// The same for small models, which read and write slowly and fill whatever form they are given: short rules, of the
    /// catalog little more than what the request names, and nothing of the turns before but the segment.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn brief(catalog: &Catalog, folder: Option<&Path>) -> Result<Self, PromptError> {
        Self::over(catalog, Templates::read_brief(folder)?, true)
    }

    /// Those that a model is told.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of(spec: &ModelSpec, catalog: &Catalog) -> Result<Self, PromptError> {
        let make = if spec.brief { Self::brief } else { Self::new };
        make(catalog, spec.prompts.as_deref())
    }

    fn over(catalog: &Catalog, mut templates: Templates, brief: bool) -> Result<Self, PromptError> {
        if brief && templates.core.is_empty() {
            templates.core = form::examples(catalog);
        }
        let bare = system(&templates, catalog, false)?;
        let whole = system(&templates, catalog, true)?;
        let with_fields = estimate(&whole).saturating_sub(estimate(&bare)) <= INDEX_TOKENS;
        let prompts = Self {
            retriever: Retriever::new(catalog),
            form: Examples::new(std::mem::take(&mut templates.examples)),
            own: Examples::default(),
            system: if with_fields { whole } else { bare },
            indexed: view::indexed(catalog, with_fields),
            version: templates.version.clone(),
            templates,
            brief,
        };
        // A template that names what there is not is found now, not at somebody's request.
        let request = Request {
            text: "?",
            locale: Locale::En,
            catalog,
            context: crate::translate::Context::default(),
            past: &[],
        };
        prompts.user(&request, &Chosen::sample(), &prompts.beside(&request))?;
        Ok(prompts)
    }

    /// The same with examples over this catalog, of which the nearest to a request are shown.
    #[must_use]
    pub fn with_examples(self, examples: Vec<Example>) -> Self {
        let own = Examples::new(examples);
        let told = own.iter().map(|e| format!("{}\0{}\0{}", e.said, e.before.as_deref().unwrap_or(""), e.reply));
        let told: Vec<String> = told.collect();
        let texts = std::iter::once(self.templates.version.as_str()).chain(told.iter().map(String::as_str));
        let version = if told.is_empty() { self.templates.version.clone() } else { hash(texts) };
        Self { own, version, ..self }
    }

    /// Hash of templates and examples: prompts of one version are made alike.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The prompt for `request`, of at most `budget_tokens`, by the estimate; longer only where the rules, the
    /// request, the segment so far and a question that waits are so by themselves.
    #[must_use]
    pub fn build(&self, request: &Request<'_>, budget_tokens: u32) -> Prompt {
        let budget = budget_tokens.saturating_sub(estimate(&self.system) + 2 * MESSAGE_TOKENS);
        // What the segment so far names stands in it: a brief prompt has room for what the request names.
        let alone = Context { segment: request.context.segment.filter(|_| !self.brief), ..request.context };
        let ranked = self.retriever.rank(&Request { context: alone, ..*request });
        let bare = Chosen { vague: ranked.vague.clone(), ..Chosen::default() };
        let mut beside = self.beside(request);
        let mut told = self.told(request, &bare, &beside);
        while estimate(&told) + MIN_CATALOG_TOKENS > budget && beside.shorten() {
            told = self.told(request, &bare, &beside);
        }
        let mut room = budget.saturating_sub(estimate(&told));
        if self.brief {
            room = room.min(BRIEF_CATALOG_TOKENS);
        }
        let mut chosen = bare;
        for _ in 0..MAX_TRIMS {
            let more = choose(&ranked, request.catalog, request.locale, room);
            let text = self.told(request, &more, &beside);
            let over = estimate(&text).saturating_sub(budget);
            if over == 0 {
                (chosen, told) = (more, text);
                break;
            }
            room = room.saturating_sub(over + over / 4 + 8);
        }
        let mut found = chosen.found(request.catalog);
        found.join(&self.indexed);
        found.join(&so_far(request));
        let tokens = estimate(&self.system) + estimate(&told) + 2 * MESSAGE_TOKENS;
        let messages = vec![Message::new(Role::System, self.system.clone()), Message::new(Role::User, told)];
        Prompt { messages, tokens, found }
    }

    /// The grammar that it looks names up with, for whoever reads requests over the same catalog.
    #[must_use]
    pub fn grammar(&self) -> Arc<Grammar> {
        self.retriever.grammar()
    }

    /// The message of the request; the request alone where a template fails on it.
    fn told(&self, request: &Request<'_>, chosen: &Chosen, beside: &Beside<'_>) -> String {
        self.user(request, chosen, beside).unwrap_or_else(|error| {
            tracing::warn!(%error, "a template failed: the request goes alone");
            format!("<request>{}</request>", quoted(request.text))
        })
    }

    fn user(&self, request: &Request<'_>, chosen: &Chosen, beside: &Beside<'_>) -> Result<String, PromptError> {
        let segment = request.context.segment.filter(|segment| !segment.is_everybody());
        let past: Vec<Value> = beside.past.iter().map(turn).collect();
        let context = context! {
            catalog => Value::from(Serde(view::catalog(request.catalog, chosen, request.locale))),
            locale => request.locale.code(),
            segment => segment.map(|segment| text::print(&segment.expr())),
            question => request.context.pending.and_then(|pending| question(pending, request)),
            saved => beside.saved.to_vec(),
            past => past,
            examples => beside.examples.iter().map(|e| example(e)).collect::<Vec<_>>(),
            request => request.text,
        };
        self.templates.fill(REQUEST, context)
    }

    /// What is shown beside the catalog and the request.
    fn beside<'a>(&'a self, request: &Request<'a>) -> Beside<'a> {
        let begun = request.context.segment.is_some_and(|segment| !segment.is_everybody());
        let saved = &request.context.saved[..request.context.saved.len().min(MAX_SAVED)];
        if self.brief {
            return Beside { examples: self.own.nearest(request.text, begun, MAX_BRIEF_EXAMPLES), past: &[], saved };
        }
        let past = &request.past[request.past.len().saturating_sub(MAX_PAST)..];
        let own = self.own.nearest(request.text, begun, MAX_OWN_EXAMPLES);
        let form = || self.form.nearest(request.text, begun, 1);
        Beside { examples: if own.is_empty() { form() } else { own }, past, saved }
    }
}

impl Prompting for Prompts {
    fn prompt(&self, request: &Request<'_>, budget: u32) -> Prompted {
        let Prompt { messages, tokens, .. } = self.build(request, budget);
        Prompted { messages, tokens }
    }
}

/// What is shown beside the catalog and the request, and gives way to them.
struct Beside<'a> {
    examples: Vec<&'a Example>,
    past: &'a [Past],
    saved: &'a [String],
}

impl Beside<'_> {
    /// Takes something out, the least needed first; false where nothing is left.
    fn shorten(&mut self) -> bool {
        if self.examples.pop().is_some() {
            return true;
        }
        if let [_, rest @ ..] = self.past {
            self.past = rest;
            return true;
        }
        let some = !self.saved.is_empty();
        self.saved = &self.saved[..self.saved.len() / 2];
        some
    }
}

fn system(templates: &Templates, catalog: &Catalog, with_fields: bool) -> Result<String, PromptError> {
    let index = Value::from(Serde(view::index(catalog, with_fields)));
    let examples: Vec<Value> = templates.core.iter().map(example).collect();
    templates.fill(SYSTEM, context! { examples => examples, ..index })
}

fn example(example: &Example) -> Value {
    let reply = Value::from_safe_string(json(&example.reply));
    context! { said => example.said.as_str(), before => example.before.as_deref(), reply => reply }
}

fn turn(past: &Past) -> Value {
    context! { said => shortened(&past.said), segment => shortened(&past.segment) }
}

/// At most so many characters as a turn before is worth.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_PAST_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The question that waits: what it is about, what waits for the reply, and the choices.
fn question(pending: &Turn, request: &Request<'_>) -> Option<Value> {
    let question = pending.question.as_ref()?;
    let waits: Vec<String> = pending.edits.iter().map(|edit| text::print(&edit.condition)).collect();
    let choices: Vec<String> = question
        .choices
        .iter()
        .map(|choice| {
            let label = &choice.label[usize::from(request.locale == Locale::En)];
            if !label.is_empty() {
                return label.clone();
            }
            let segment = Segment::default().apply(&choice.edits, request.catalog, 1);
            reading(&segment, request.catalog, request.locale).join(", ")
        })
        .collect();
    Some(
        context! { why => why(question.why), words => question.words.text.as_str(), waits => waits, choices => choices },
    )
}

fn why(why: Why) -> &'static str {
    match why {
        Why::SharedName => "shared_name",
        Why::SeveralTables => "several_tables",
        Why::Vague => "vague",
        Why::NoName => "no_name",
        Why::TwoReadings => "two_readings",
    }
}
