//! The built-in translator: words to a Draft, deterministic, without network or model.
//!
//! ```text
//! typed text ─text─▶ characters ─lattice─▶ tokens ─mend─▶ tokens ─parts─▶ parts ─acts─▶ Draft
//!                        ▲                                  ▲
//!                     lexicon (catalog + language data)   amounts, dates
//! ```
//!
//! `words` compiles the lexicon. `acts` runs the stages of one reading: what is set aside, what is refused
//! or explained, what is shown (`shows`), and what the conditions are (`clauses`, `values`, `measures`,
//! `conditions`). `replies` takes the answer to a question. All words live in `schema/language/` and in
//! the catalog; no sentence is known here.

#![allow(
    clippy::float_cmp,
    reason = "numbers of a request are whole or plain fractions, compared with constants and with themselves"
)]
#![allow(clippy::unused_self, reason = "stages of a reading are methods of the reader, whether or not they look at it")]
#![allow(
    clippy::needless_range_loop,
    clippy::needless_pass_by_value,
    reason = "parts are taken by index while a stage runs"
)]
#![allow(clippy::similar_names, reason = "part and parts, cond and conds")]

mod acts;
mod amounts;
mod clauses;
mod conditions;
mod dates;
mod heard;
mod korean;
mod language;
mod lattice;
mod lexicon;
mod measures;
mod mend;
mod names;
mod numerals;
mod parts;
mod reader;
mod recall;
mod replies;
mod said;
mod shows;
mod text;
mod values;
mod words;

use std::sync::OnceLock;

pub(super) use heard::{Heard, Named};
use lexicon::Lexicon;
use mend::Mender;
use reader::Reader;
pub use said::SaidNumber;
use text::Text;

use super::Context;
use crate::catalog::Catalog;
use crate::segment::{Act, Assumption, Draft};

/// Characters of a request that are read; what is longer is no request, and is answered as unknown.
pub const MAX_CHARACTERS: usize = 2_000;

/// The compiled language of one catalog.
#[derive(Debug)]
pub struct Grammar {
    lexicon: Lexicon,
    /// Made when a first word is unknown.
    mender: OnceLock<Mender>,
}

impl Grammar {
    /// Compiles the lexicon of `catalog`.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self { lexicon: words::compile(catalog, &language::builtin()), mender: OnceLock::new() }
    }

    /// What `text` asks for, in the light of the conversation so far.
    #[must_use]
    pub fn translate(&self, text: &str, catalog: &Catalog, context: &Context<'_>) -> Draft {
        let text = Text::new(text);
        if text.chars.len() > MAX_CHARACTERS {
            return Draft {
                act: Act::Unknown,
                unmatched: vec![text.words(0, 40)],
                confidence: 0.0,
                ..Draft::default()
            };
        }
        let (text, tokens, mended) = self.tokens(text, context.saved);
        let mut mended: Vec<_> = mended.into_iter().map(|(word, read_as)| Assumption::Typo { word, read_as }).collect();
        if let Some(pending) = context.pending
            && let Some(choice) = pending.question.as_ref().and_then(|q| replies::pick(&text, &tokens, q, catalog))
        {
            return replies::complete(pending, choice);
        }
        let parts = parts::build(&tokens, &text, catalog.as_of);
        let mut draft = Reader::new(catalog, &text, context, parts).read();
        mended.append(&mut draft.assumptions);
        draft.assumptions = mended;
        match context.pending {
            Some(pending) => replies::merge(pending, draft),
            None => draft,
        }
    }
}

impl Grammar {
    fn mends(&self, text: &Text, tokens: &[lattice::Token]) -> Vec<mend::Mend> {
        if tokens.iter().all(|t| !t.unknown()) {
            return Vec::new();
        }
        self.mender.get_or_init(|| Mender::new(&self.lexicon)).mends(text, tokens)
    }
}
