//! Words → Turn: the built-in translator reads every request; where there is a router, it says who else is asked.

use super::stages::number;
use super::{App, AskOptions, Failure, language};
use crate::answer::figures::figures;
use crate::answer::{Answer, Usage, is_small};
use crate::catalog::Locale;
use crate::segment::{Act, Expr, Says, Segment, Turn, check, text};
use crate::session::{Session, expand, settle};
use crate::sql;
use crate::store::now;
use crate::translate::Context;
use crate::translate::model::chat::Boxed;
use crate::translate::model::comment::Remarked;
use crate::translate::model::{Counting, Past, Previewed, Request, Step};
use crate::translate::router::{
    Ask, BUILTIN, Candidate, Explanation, Reason, Routed, Router, UnknownTranslator, known_without_models,
};

/// Turns before that a model is told of.
pub const PAST_TURNS: usize = 4;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// The day that budgets go by now, counted from 1970-01-01, UTC.
#[must_use]
pub fn budget_day() -> i64 {
    now().div_euclid(DAY_MS)
}

/// A request as it was read, and by whom.
#[derive(Debug)]
pub(super) struct Read {
    /// What was read.
    pub(super) turn: Result<Turn, Failure>,
    /// Who translated.
    pub(super) translator: String,
    /// What that took.
    pub(super) usage: Usage,
    /// What the reader is told of it.
    pub(super) notes: Vec<String>,
    /// What happened on the way.
    pub(super) trace: Vec<Step>,
}

impl Read {
    /// Read by the built-in translator alone.
    pub(super) fn builtin(turn: Result<Turn, Failure>) -> Self {
        let translator = BUILTIN.to_owned();
        Self { turn, translator, usage: Usage::default(), notes: Vec::new(), trace: Vec::new() }
    }

    /// Read by whom the router has chosen; `turn` is what the session makes of it.
    fn routed(turn: Result<Turn, Failure>, routed: Routed, locale: Locale) -> Self {
        let Routed { translator, used, steps, notes, .. } = routed;
        let usage = Usage {
            prompt_tokens: used.prompt_tokens,
            completion_tokens: used.completion_tokens,
            cost: used.cost,
            cached: used.cached,
        };
        let notes = notes.iter().map(|note| note.message(locale)).collect();
        Self { turn, translator, usage, notes, trace: steps }
    }
}

/// What translators are told of a conversation.
struct Told {
    segment: Segment,
    saved: Vec<String>,
    past: Vec<Past>,
}

impl Told {
    fn of(session: &Session) -> Self {
        let nodes = session.nodes();
        let last = nodes.iter().skip(nodes.len().saturating_sub(PAST_TURNS));
        let past = last.map(|n| Past { said: n.text.clone(), segment: text::print(&n.segment.expr()) });
        Self { segment: session.segment(), saved: session.saved_names(), past: past.collect() }
    }
}

impl App {
    /// Who translates beside the built-in translator, where anybody does.
    #[must_use]
    pub fn router(&self) -> Option<&Router> {
        self.router.as_deref()
    }

    /// Everybody who can be named as a translator: `automatic`, `builtin`, and the models.
    #[must_use]
    pub fn translators(&self) -> Vec<String> {
        let none = || [crate::translate::router::AUTOMATIC, BUILTIN].map(str::to_owned).to_vec();
        self.router.as_ref().map_or_else(none, |router| router.names())
    }

    /// Checks that a translator is there.
    ///
    /// # Errors
    /// Where it is not, with the nearest names.
    pub fn known_translator(&self, name: &str) -> Result<(), UnknownTranslator> {
        self.router.as_ref().map_or_else(|| known_without_models(name), |router| router.known(name))
    }

    /// Who would translate `text`, and why. No model is asked.
    ///
    /// # Errors
    /// Where the options name a translator that is not there.
    pub fn explain_route(
        &self,
        session: &Session,
        text: &str,
        options: &AskOptions,
    ) -> Result<Explanation, UnknownTranslator> {
        let builtin = known(self.translate(session, text).as_ref());
        if let Some(router) = &self.router {
            let locale = options.locale.unwrap_or_else(|| language(text, session.locale));
            return router.explain(&self.asked(session, text, locale, &Told::of(session), options), &builtin);
        }
        options.model.as_deref().map_or(Ok(()), known_without_models)?;
        let order = vec![Candidate { translator: BUILTIN.to_owned(), why: Reason::NoModel }];
        Ok(Explanation {
            rules: Vec::new(),
            confidence: builtin.confidence,
            order,
            left_out: Vec::new(),
            cached: false,
        })
    }

    /// Words → Turn, by whom the options or the router say.
    pub(super) async fn understand(&self, session: &Session, text: &str, options: &AskOptions) -> Read {
        let builtin = self.translate(session, text);
        let Some(router) = &self.router else {
            let named = options.model.as_deref().map_or(Ok(()), known_without_models);
            return Read::builtin(named.map_err(Failure::Translator).and(builtin));
        };
        let told = Told::of(session);
        let ask = self.asked(session, text, session.locale, &told, options);
        let preview = Preview { app: self, session, min_group: options.min_group.unwrap_or(self.min_group) };
        match router.route(&ask, &known(builtin.as_ref()), Some(&preview)).await {
            Err(unknown) => Read::builtin(Err(Failure::Translator(unknown))),
            Ok(done) => {
                let turn = match done.translator.as_str() {
                    BUILTIN => builtin,
                    _ => Ok(with_used(settle(session, text, done.turn.clone()), builtin.as_ref().ok())),
                };
                Read::routed(turn, done, session.locale)
            }
        }
    }

    /// What the model that translated remarks on an answer with numbers.
    pub(super) async fn remark(
        &self,
        session: &Session,
        text: &str,
        options: &AskOptions,
        translator: &str,
        answer: &Answer,
    ) -> Option<String> {
        let router = self.router.as_ref().filter(|router| router.policy().comment && translator != BUILTIN)?;
        answer.count?;
        let told = Told::of(session);
        let ask = self.asked(session, text, session.locale, &told, options);
        let figures = figures(answer);
        let about = Remarked { reading: &answer.reading, figures: &figures, locale: session.locale };
        router.remark(&ask, translator, &about).await
    }

    fn asked<'a>(
        &'a self,
        session: &'a Session,
        text: &'a str,
        locale: Locale,
        told: &'a Told,
        options: &'a AskOptions,
    ) -> Ask<'a> {
        let context = Context {
            segment: Some(&told.segment),
            pending: session.pending(),
            last: session.last(),
            saved: &told.saved,
        };
        Ask {
            request: Request { text, locale, catalog: &self.catalog, context, past: &told.past },
            model: options.model.as_deref(),
            caller: options.caller.as_deref().unwrap_or_default(),
            role: options.role.as_deref().unwrap_or_default(),
            day: budget_day(),
        }
    }
}

/// A model's reading with the words that say what to show or to do, which models do not name: those that the built-in
/// translator found, where both found something of the kind.
fn with_used(mut turn: Turn, builtin: Option<&Turn>) -> Turn {
    let shows = !turn.show.breakdown.is_empty() || turn.show.metric.is_some();
    let does = turn.action.is_some() || matches!(turn.act, Act::Undo | Act::Reset);
    let holds = |says: Says| if says == Says::Show { shows } else { does };
    turn.used = builtin.into_iter().flat_map(|b| &b.used).filter(|used| holds(used.says)).cloned().collect();
    turn
}

/// The built-in translator's reading; where it has none, that it knows nothing.
fn known(builtin: Result<&Turn, &Failure>) -> Turn {
    builtin.cloned().unwrap_or_else(|_| Turn { act: Act::Unknown, confidence: 0.0, ..Turn::default() })
}

/// Counting for a model's preview: within the rows of the caller, and nothing below the minimum.
struct Preview<'a> {
    app: &'a App,
    session: &'a Session,
    min_group: u64,
}

impl Preview<'_> {
    async fn counted(&self, segment: &Expr) -> Previewed {
        let catalog = self.app.catalog();
        let whole = expand(segment, self.session);
        let faults = |e: Failure| Previewed::Fault(e.message(Locale::En));
        if let Err(errors) = check::check(&whole, catalog) {
            return faults(Failure::Segment(errors));
        }
        let sql = match sql::count(&whole, catalog) {
            Ok(sql) => sql,
            Err(error) => return faults(Failure::Sql(error)),
        };
        match number(&self.app.engine, &sql).await {
            Ok(count) if is_small(count, self.min_group) => Previewed::Below(self.min_group),
            Ok(count) => Previewed::Count(count),
            Err(error) => faults(Failure::Engine(error)),
        }
    }
}

impl Counting for Preview<'_> {
    fn count<'a>(&'a self, segment: &'a Expr) -> Boxed<'a, Previewed> {
        Box::pin(self.counted(segment))
    }
}
