//! The stages that [`App::ask`](super::App::ask) calls.

use tokio::sync::OnceCell;

use crate::answer::{Answer, Counted, Status, Unreadable, cell_count, cell_number, grouped_by};
use crate::catalog::{Catalog, Locale};
use crate::engine::{Engine, EngineError, Rows};
use crate::segment::check::{self, SegmentError};
use crate::segment::{Expr, Turn};
use crate::session::{Deed, Ending, Session, Step, expand, expand_metric, mentions_saved};
use crate::sql::{self, CheckedSql, SqlError};
use crate::translate::Context;
use crate::translate::grammar::Grammar;
use crate::translate::resolve::{ResolveError, resolve};
use crate::translate::router::UnknownTranslator;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub enum Failure {
    /// Somebody was to translate who is not there.
    Translator(UnknownTranslator),
    /// The draft named what the catalog lacks.
    Resolve(Vec<ResolveError>),
    /// The segment cannot be asked of the catalog.
    Segment(Vec<SegmentError>),
    /// The segment cannot be said in SQL.
    Sql(SqlError),
    /// The engine failed.
    Engine(EngineError),
}

impl Failure {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match self {
            Self::Translator(error) => error.message(locale),
            Self::Resolve(errors) => errors.iter().map(|e| e.message(locale)).collect::<Vec<_>>().join("; "),
            Self::Segment(errors) => errors.iter().map(|e| e.message(locale)).collect::<Vec<_>>().join("; "),
            Self::Sql(error) => error.message(locale),
            Self::Engine(error) => error.message(locale),
        }
    }
}

/// The language of a request: Korean where any Hangul stands in it, English where any other letter does, else
/// that of the conversation.
#[must_use]
pub fn language(text: &str, so_far: Locale) -> Locale {
    let hangul = |c: char| matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7A3}');
    if text.chars().any(hangul) {
        Locale::Ko
    } else if text.chars().any(char::is_alphabetic) {
        Locale::En
    } else {
        so_far
    }
}

/// Words → Draft → Turn.
pub(super) fn read(grammar: &Grammar, catalog: &Catalog, session: &Session, text: &str) -> Result<Turn, Failure> {
    let (segment, saved) = (session.segment(), session.saved_names());
    let context = Context { segment: Some(&segment), pending: session.pending(), last: session.last(), saved: &saved };
    resolve(grammar.translate(text, catalog, &context), catalog).map_err(Failure::Resolve)
}

/// The answer to what is no request. It is no turn of the session either.
pub(super) fn unread(unreadable: Unreadable, session: &Session, locale: Locale) -> Answer {
    let reply = unreadable.message(locale);
    let (status, question) = match unreadable {
        Unreadable::Empty => (Status::Clarify, Some(reply.clone())),
        Unreadable::TooLong(_) => (Status::Refused, None),
    };
    let turn = session.head().map_or(0, |n| n.turn);
    Answer { session: session.id.clone(), turn, status, reply, question, locale, ..Answer::default() }
}

/// How the session remembers a status.
pub(super) fn ending(status: Status) -> Ending {
    match status {
        Status::Answered => Ending::Answered,
        Status::Clarify => Ending::Clarify,
        Status::Refused => Ending::Refused,
        Status::Unknown => Ending::Unknown,
        Status::About => Ending::About,
        Status::Error => Ending::Error,
    }
}

/// Size of the segment so far, where the last turn found it in this very data.
pub(super) fn known_count(session: &Session, catalog: &Catalog, engine: &Engine) -> Option<u64> {
    let head = session.head()?;
    let same = head.catalog == catalog.version && head.data == engine.data_version();
    head.count.filter(|_| same && !mentions_saved(&head.segment.expr()))
}

/// The SQL of one turn.
#[derive(Debug)]
pub(super) struct Work {
    count: CheckedSql,
    /// The count, where it is known already.
    known: Option<u64>,
    previous: Option<u64>,
    population: CheckedSql,
    groups: Option<(Vec<String>, CheckedSql)>,
    metric: Option<CheckedSql>,
    compared: Option<[CheckedSql; 2]>,
}

impl Work {
    /// Segment → SQL.
    pub(super) fn compile(
        session: &Session,
        turn: &Turn,
        step: &Step,
        catalog: &Catalog,
        engine: &Engine,
    ) -> Result<Self, Failure> {
        let segment = step.segment.expr();
        let whole = expand(&segment, session);
        check::check(&whole, catalog).map_err(Failure::Segment)?;
        let before = session.segment();
        let known = known_count(session, catalog, engine);
        let count = |expr: &Expr| sql::count(expr, catalog).map_err(Failure::Sql);
        let compared = match &step.deed {
            Some(Deed::Compare { with, .. }) => {
                let both = Expr::all_of(vec![whole.clone(), with.clone()]);
                Some([count(with)?, count(&both)?])
            }
            _ => None,
        };
        let (groups, metric) = shown(&whole, turn, session, catalog)?;
        Ok(Self {
            count: count(&whole)?,
            known: known.filter(|_| before.expr() == segment && !mentions_saved(&segment)),
            previous: known.filter(|_| !before.is_everybody()),
            population: count(&Expr::All)?,
            groups,
            metric,
            compared,
        })
    }

    /// The statement that answers the request: of the groups, else of the metric, else of the count.
    pub(super) fn sql(&self) -> &str {
        self.groups.as_ref().map(|(_, sql)| sql).or(self.metric.as_ref()).unwrap_or(&self.count).text()
    }

    /// SQL → Rows, all statements at once.
    pub(super) async fn run(self, engine: &Engine, population: &OnceCell<u64>) -> Result<Counted, Failure> {
        let count = async {
            match self.known {
                Some(count) => Ok(count),
                None => number(engine, &self.count).await,
            }
        };
        let population = population.get_or_try_init(|| number(engine, &self.population));
        let groups = async {
            match &self.groups {
                Some((by, sql)) => Ok(Some((by.clone(), engine.run(sql).await?))),
                None => Ok(None),
            }
        };
        let metric = async {
            match &self.metric {
                Some(sql) => Ok(Some(value(&engine.run(sql).await?))),
                None => Ok(None),
            }
        };
        let compared = async {
            match &self.compared {
                Some([that, both]) => Ok(Some([number(engine, that).await?, number(engine, both).await?])),
                None => Ok(None),
            }
        };
        let found = tokio::try_join!(count, population, groups, metric, compared);
        let (count, population, groups, metric, compared) = found.map_err(Failure::Engine)?;
        let sql = self.sql().to_owned();
        Ok(Counted { count, population: *population, previous: self.previous, groups, metric, compared, sql })
    }
}

/// The SQL of the groups, and of a metric over the whole segment where there are no groups.
#[allow(clippy::type_complexity, reason = "two optional statements, read once")]
fn shown(
    segment: &Expr,
    turn: &Turn,
    session: &Session,
    catalog: &Catalog,
) -> Result<(Option<(Vec<String>, CheckedSql)>, Option<CheckedSql>), Failure> {
    let show = &turn.show;
    let metric = expand_metric(show.metric.as_ref(), session);
    if show.breakdown.is_empty() {
        let metric = metric.map(|m| sql::metric(segment, &m, catalog)).transpose().map_err(Failure::Sql)?;
        return Ok((None, metric));
    }
    let by = grouped_by(&show.breakdown, segment, show.rows.as_ref(), catalog);
    let groups = sql::breakdown(segment, &by, show.rows.as_ref(), metric.as_ref(), catalog).map_err(Failure::Sql)?;
    Ok((Some((by, groups)), None))
}

/// The one number of a count.
pub(super) async fn number(engine: &Engine, sql: &CheckedSql) -> Result<u64, EngineError> {
    let rows = engine.run(sql).await?;
    Ok(rows.rows.first().and_then(|row| row.first()).and_then(cell_count).unwrap_or(0))
}

/// The value of a metric; none where there is nothing to compute it from.
fn value(rows: &Rows) -> Option<f64> {
    rows.rows.first().and_then(|row| row.last()).and_then(cell_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_that_of_the_request() {
        assert_eq!(language("강남 iPhone", Locale::En), Locale::Ko);
        assert_eq!(language("show me women", Locale::Ko), Locale::En);
        assert_eq!(language("1", Locale::Ko), Locale::Ko);
        assert_eq!(language("2.", Locale::En), Locale::En);
    }
}
