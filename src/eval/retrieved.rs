//! Whether a model was told all that it needed: the prompt of a turn beside the right segment.

use super::file::GoldTurn;
use crate::app::{App, PAST_TURNS, language};
use crate::segment::{Expr, Show, text};
use crate::session::Session;
use crate::translate::Context;
use crate::translate::model::{MAX_PROMPT_TOKENS, Past, Prompts, Request};

/// The prompts of the model under test.
pub(super) struct Retrieval(Prompts);

impl Retrieval {
    /// Those of the model that `app` calls `translator`; none of a translator without any.
    pub(super) fn of(app: &App, translator: &str) -> Option<Self> {
        let models = app.router()?.models();
        let spec = models.into_iter().find(|spec| spec.name == translator)?;
        Prompts::of(spec, app.catalog()).ok().map(Self)
    }

    /// Whether the prompt for a turn names every field and value of a right segment; none where no right one is in
    /// Waggle's own text. `session` is as it is before the turn.
    pub(super) fn covers(&self, app: &App, session: &Session, turn: &GoldTurn) -> Option<bool> {
        let catalog = app.catalog();
        let rights = turn.text.as_deref().into_iter().chain(turn.predicates());
        let rights: Vec<_> = rights.filter_map(|right| text::parse(right, catalog).ok()).collect();
        if rights.is_empty() {
            return None;
        }
        let (segment, saved, nodes) = (session.segment(), session.saved_names(), session.nodes());
        let last = nodes.iter().skip(nodes.len().saturating_sub(PAST_TURNS));
        let past: Vec<Past> =
            last.map(|n| Past { said: n.text.clone(), segment: text::print(&n.segment.expr()) }).collect();
        let context =
            Context { segment: Some(&segment), pending: session.pending(), last: session.last(), saved: &saved };
        let locale = language(&turn.user, session.locale);
        let request = Request { text: &turn.user, locale, catalog, context, past: &past };
        let nothing = Show::<Expr> { breakdown: Vec::new(), rows: None, top: None, bottom: false, metric: None };
        let found = self.0.build(&request, MAX_PROMPT_TOKENS).found;
        Some(rights.iter().any(|right| found.covers(right, &nothing, catalog).missing.is_empty()))
    }
}
