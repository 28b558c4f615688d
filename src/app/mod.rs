//! One turn from words to an answer, the stages in order. Does not know which door the words came through.
//!
//! An analyst's own SQL takes the short way, from [`crate::sql::check`] to the engine ([`App::run_sql`]).

mod analyst;
mod config;
mod export;
mod look;
mod manifest;
mod reach;
mod replay;
mod small;
mod stages;
mod translating;
mod watch;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::OnceCell;
use tracing::{Instrument, info_span};

pub use analyst::{
    AnalystError, Dialected, MAX_SQL_ROWS, Refused, SqlAbout, SqlColumn, SqlOptions, SqlResult, SqlRun, Verdict,
};
pub use config::{AppConfig, AppError, AskOptions, MAX_REQUEST_BYTES};
pub use export::{
    ExportError, ExportOutcome, ExportProgress, ExportRequest, ExportedFile, FileRole, IdentifierPolicy, OnProgress,
    export_columns, held_out_path,
};
pub use look::{Comparison, Contrast, MAX_COMPARED_FIELDS};
pub use manifest::{Manifest, Origin, manifest};
pub use reach::{HoldOut, Reach, ReachRequest, ReachStep, StepName};
pub use stages::{Failure, language};
pub use translating::{PAST_TURNS, budget_day};
pub use watch::{Nobody, Stage, Watch};

use crate::access::rules;
use crate::answer::{Answer, Counted, Facts, Timings, Unreadable, assumed, failed, parts, tell};
use crate::catalog::{self, Catalog, Faults};
use crate::engine::{Engine, Mode};
use crate::segment::check::catalog_predicates;
use crate::segment::sentence::reading;
use crate::segment::{Act, Turn, text};
use crate::session::{Happened, Outcome, Session, Step, converse, settle};
use crate::translate::grammar::Grammar;
use crate::translate::router::Router;
use stages::{Work, ending, read};
use translating::Read;

/// A catalog, its data and its language, ready to be asked.
#[derive(Debug)]
pub struct App {
    catalog: Arc<Catalog>,
    grammar: Arc<Grammar>,
    engine: Arc<Engine>,
    /// Who translates beside the grammar.
    router: Option<Arc<Router>>,
    /// Counted once: the data does not change while it is open.
    population: OnceCell<u64>,
    min_group: u64,
    max_request_bytes: usize,
}

impl App {
    /// Opens the catalog and the data.
    ///
    /// # Errors
    /// Everything that is wrong with the catalog, or with the data.
    pub fn open(config: AppConfig) -> Result<Self, AppError> {
        let AppConfig { catalog, data, min_group, max_request_bytes, engine, index, routing } = config;
        let catalog = match catalog {
            Some(folder) => catalog::load(&folder)?,
            None => catalog::builtin()?,
        };
        let mut faults = catalog_predicates(&catalog);
        faults.extend(rules::faults(&catalog));
        if !faults.is_empty() {
            return Err(Faults(faults).into());
        }
        let router = routing.map(|routing| routing.over(&catalog)).transpose()?.map(Arc::new);
        let engine = Engine::open(&data, &catalog, engine)?.with_index(&index)?;
        if index.mode == Mode::Index {
            engine.build_index_somewhere()?;
        } else if index.keep {
            engine.build_index_in_background();
        }
        Ok(Self {
            grammar: Arc::new(Grammar::new(&catalog)),
            engine: Arc::new(engine),
            router,
            population: OnceCell::new(),
            min_group: min_group.unwrap_or(catalog.min_group),
            max_request_bytes,
            catalog: Arc::new(catalog),
        })
    }

    /// The same app for somebody who sees only the rows that `predicate`, a segment's text, holds for: in
    /// everything that is asked of it, those rows are all there is. Shares the data and the language; the
    /// catalog is copied (about a millisecond), so keep the app where many requests have the same predicate.
    ///
    /// # Errors
    /// Where the predicate is no condition that can be asked.
    pub fn within(&self, predicate: &str) -> Result<Self, AppError> {
        Ok(Self {
            catalog: Arc::new(rules::within(&self.catalog, predicate)?),
            grammar: Arc::clone(&self.grammar),
            engine: Arc::clone(&self.engine),
            router: self.router.clone(),
            population: OnceCell::new(),
            min_group: self.min_group,
            max_request_bytes: self.max_request_bytes,
        })
    }

    /// The same app with models: `router` says which requests they translate.
    #[must_use]
    pub fn with_router(mut self, router: Arc<Router>) -> Self {
        self.router = Some(router);
        self
    }

    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Version of the data in `folder` as it is on the disk now: others than those that are open may lie there.
    ///
    /// # Errors
    /// Data that does not fit the catalog.
    pub fn data_on_disk(&self, folder: &std::path::Path) -> Result<String, crate::engine::EngineError> {
        Engine::version_of(folder, &self.catalog)
    }

    /// The smallest group that is shown where a request does not say otherwise.
    #[must_use]
    pub fn min_group(&self) -> u64 {
        self.min_group
    }

    /// Longest request that is read, in bytes.
    #[must_use]
    pub fn max_request_bytes(&self) -> usize {
        self.max_request_bytes
    }

    /// Answers `text` and records the turn in `session`. Whatever goes wrong becomes an answer too, and leaves
    /// the segment as it was. Dropping the future leaves the session untouched, and stops the query or the model.
    pub async fn ask(&self, session: &mut Session, text: &str, options: &AskOptions) -> Answer {
        self.ask_watched(session, text, options, &Nobody).await
    }

    /// The same, telling `watch` what is known before the answer is whole.
    pub async fn ask_watched(
        &self,
        session: &mut Session,
        text: &str,
        options: &AskOptions,
        watch: &dyn Watch,
    ) -> Answer {
        let locale = options.locale.unwrap_or_else(|| language(text, session.locale));
        session.locale = locale;
        if let Some(unreadable) = self.unreadable(text) {
            let data_version = self.engine.data_version().to_owned();
            return Answer { data_version, ..stages::unread(unreadable, session, locale) };
        }
        let mut timings = Timings::default();
        let start = Instant::now();
        let read = Box::pin(self.understand(session, text, options)).instrument(info_span!("translate")).await;
        timings.translate = milliseconds(start);
        self.finish(session, text, read, (options, watch), timings).await
    }

    /// Answers a turn that needs no translating: a change of the segment that somebody made by hand. `text` is
    /// what the session remembers it by.
    pub async fn take(
        &self,
        session: &mut Session,
        text: &str,
        turn: Turn,
        options: &AskOptions,
        watch: &dyn Watch,
    ) -> Answer {
        session.locale = options.locale.unwrap_or(session.locale);
        self.finish(session, text, Read::builtin(Ok(turn)), (options, watch), Timings::default()).await
    }

    /// Turn → Answer, recorded.
    async fn finish(
        &self,
        session: &mut Session,
        text: &str,
        read: Read,
        how: (&AskOptions, &dyn Watch),
        mut timings: Timings,
    ) -> Answer {
        let locale = session.locale;
        let Read { turn, translator, usage, notes, trace } = read;
        let answer = match &turn {
            Ok(turn) => self.answer(session, (text, turn), how, &mut timings).await,
            Err(failure) => Err((Step::stay(session, Outcome::Unknown), failure.message(locale))),
        };
        let turn = turn.unwrap_or_else(|_| Turn { act: Act::Unknown, ..Turn::default() });
        let (step, answer) = answer.unwrap_or_else(|(step, cause)| (step, failed(&cause, locale)));
        let comment = Box::pin(self.remark(session, text, how.0, &translator, &answer)).await;
        let turn = self.record(session, text, &turn, step, &answer);
        Answer {
            session: session.id.clone(),
            turn,
            translator,
            usage,
            comment,
            notes,
            trace,
            data_version: self.engine.data_version().to_owned(),
            timings_ms: timings,
            ..answer
        }
    }

    /// Words → Draft → Turn, by the built-in translator.
    fn translate(&self, session: &Session, text: &str) -> Result<Turn, Failure> {
        let turn = read(&self.grammar, &self.catalog, session, text)?;
        Ok(settle(session, text, turn))
    }

    /// Turn → Segment → SQL → Rows → Answer.
    async fn answer(
        &self,
        session: &Session,
        (said, turn): (&str, &Turn),
        (options, watch): (&AskOptions, &dyn Watch),
        timings: &mut Timings,
    ) -> Result<(Step, Answer), (Step, String)> {
        let locale = session.locale;
        let step = converse(session, turn, &self.catalog);
        let parts = parts(said, turn, &self.catalog, locale);
        watch.saw(Stage::Reading {
            reading: reading(&step.segment, &self.catalog, locale),
            text: text::print(&step.segment.expr()),
            parts: parts.clone(),
        });
        let counted = match step.outcome {
            Outcome::Count => match self.count(session, turn, &step, (watch, timings)).await {
                Ok(counted) => Some(counted),
                Err(failure) => return Err((step, failure.message(locale))),
            },
            _ => None,
        };
        let facts = Facts {
            catalog: &self.catalog,
            locale,
            min_group: options.min_group.unwrap_or(self.min_group),
            number: session.next_turn(),
            turn,
            step: &step,
            counted: counted.as_ref(),
            known: stages::known_count(session, &self.catalog, &self.engine),
        };
        let answer = Answer { parts, assumed: assumed(turn, &self.catalog, locale), ..tell(&facts) };
        Ok((step, answer))
    }

    /// Segment → SQL → Rows.
    async fn count(
        &self,
        session: &Session,
        turn: &Turn,
        step: &Step,
        (watch, timings): (&dyn Watch, &mut Timings),
    ) -> Result<Counted, Failure> {
        let compile = || Work::compile(session, turn, step, &self.catalog, &self.engine);
        let work = timed(&mut timings.compile, || info_span!("compile").in_scope(compile))?;
        watch.saw(Stage::Sql(work.sql().to_owned()));
        let start = Instant::now();
        let counted = Box::pin(work.run(&self.engine, &self.population)).instrument(info_span!("run")).await;
        timings.run = milliseconds(start);
        counted
    }

    fn unreadable(&self, text: &str) -> Option<Unreadable> {
        if text.len() > self.max_request_bytes {
            return Some(Unreadable::TooLong(self.max_request_bytes));
        }
        text.trim().is_empty().then_some(Unreadable::Empty)
    }

    fn record(&self, session: &mut Session, text: &str, asked: &Turn, step: Step, answer: &Answer) -> u32 {
        let happened = Happened {
            text,
            asked,
            ending: ending(answer.status),
            count: answer.count,
            catalog: &self.catalog.version,
            data: self.engine.data_version(),
        };
        session.record(step, &happened)
    }
}

fn timed<T>(milliseconds_taken: &mut f64, stage: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let made = stage();
    *milliseconds_taken = milliseconds(start);
    made
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}
