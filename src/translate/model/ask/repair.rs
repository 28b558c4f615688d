//! A draft that went wrong: what is said to the model, and what to the reader.

use crate::catalog::Locale;
use crate::translate::model::ModelError;
use crate::translate::model::chat::{Message, Reply, Role};
use crate::translate::resolve::ResolveError;

/// Faults that are told at once.
const MAX_FAULTS: usize = 8;
/// Characters of a draft that are sent back.
const MAX_DRAFT: usize = 4_000;

/// What is wrong with a reply.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is no draft.
    Unreadable(String),
    /// It names what is not there.
    Unresolved(Vec<ResolveError>),
}

impl Fault {
    /// What is wrong, in one line.
    pub(super) fn told(&self) -> String {
        self.lines(Locale::En).join("; ")
    }

    fn lines(&self, locale: Locale) -> Vec<String> {
        match self {
            Self::Unreadable(why) => vec![why.clone()],
            Self::Unresolved(errors) => errors.iter().take(MAX_FAULTS).map(|e| e.message(locale)).collect(),
        }
    }

    /// The error, where it cannot be repaired.
    pub(super) fn error(&self, model: &str, locale: Locale) -> ModelError {
        let (model, why) = (model.to_owned(), self.lines(locale).join("; "));
        match self {
            Self::Unreadable(_) => ModelError::Unreadable { model, why },
            Self::Unresolved(_) => ModelError::Unresolved { model, why },
        }
    }

    /// The reply again, and what is wrong with it.
    pub(super) fn answer(&self, reply: Reply) -> Vec<Message> {
        let mut text = "The draft cannot be used:\n".to_owned();
        for line in self.lines(Locale::En) {
            text += &["- ", &line, "\n"].concat();
        }
        if let Self::Unresolved(errors) = self {
            let mut nearest: Vec<&str> = errors.iter().flat_map(ResolveError::nearest).map(String::as_str).collect();
            nearest.dedup();
            if !nearest.is_empty() {
                text += &["Names that exist: ", &nearest.join(", "), "\n"].concat();
            }
        }
        text.push_str(
            "Write the whole draft again with this put right. Words that nothing in the catalog stands for belong \
             into `unmatched`.",
        );
        let draft: String = reply.text.chars().take(MAX_DRAFT).collect();
        let mut said = Message::new(Role::Assistant, draft);
        let answers: Vec<Message> = reply
            .calls
            .iter()
            .map(|call| Message { answers: Some(call.id.clone()), ..Message::new(Role::Tool, text.clone()) })
            .collect();
        said.calls = reply.calls;
        if answers.is_empty() { vec![said, Message::new(Role::User, text)] } else { [vec![said], answers].concat() }
    }
}
