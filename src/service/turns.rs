//! One message of a conversation: answered in order, kept in the store before it is acknowledged, and never made
//! twice for one `Idempotency-Key`.

use std::sync::Arc;

use serde_json::json;
use tracing::{Instrument, debug_span, info_span, instrument};

use super::exports::{ExportOrder, Prepared};
use super::message::Message;
use super::numbers;
use super::segments::entry;
use super::{Service, ServiceError};
use crate::access::{Caller, Right};
use crate::answer::contract::{Answer, Status};
use crate::app::{App, AskOptions, Watch};
use crate::catalog::Locale;
use crate::engine::sha256;
use crate::segment::Expr;
use crate::session::{Node, Saved, Session, expand, folded};
use crate::store::{AuditEntry, Idempotent, SegmentRow, SegmentWrite, SessionRow, StoreError, TurnWrite, now};

/// So often a message is answered anew where another server was quicker with one of its own.
const MAX_ATTEMPTS: usize = 5;

/// Longest key of a repeated call, in characters.
pub const MAX_KEY_CHARS: usize = 200;

/// How a message is to be answered.
#[derive(Debug, Clone, Default)]
pub struct Say<'a> {
    /// What makes a repeated call known.
    pub key: Option<&'a str>,
    /// Language of the reply; none for that of the session, else of the request.
    pub locale: Option<Locale>,
    /// Who is to translate; none for whom the policy says.
    pub model: Option<&'a str>,
}

impl Service {
    /// Answers `message` in the session `id` and keeps the turn. `watch` hears of stages while the answer is made.
    /// Dropping the future stops the query and leaves the session as it was.
    ///
    /// # Errors
    /// No such session of the caller's, a message that makes no sense, or a store that fails. What goes wrong with
    /// the request itself is an answer.
    #[instrument(name = "turn", skip_all)]
    pub async fn say(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        message: &Message,
        how: &Say<'_>,
        watch: &dyn Watch,
    ) -> Result<Answer, ServiceError> {
        allowed(caller, Right::Ask)?;
        let key = how.key.map(usable_key).transpose()?;
        self.session_exists(caller, id).await?;
        let app = self.apps.of(caller)?;
        how.model.map_or(Ok(()), |model| app.known_translator(model))?;
        let live = self.shelf.of(id);
        let mut kept = live.lock().await;
        let _place = self.turns.enter().instrument(debug_span!("wait")).await?;
        for _ in 0..MAX_ATTEMPTS {
            let row = self.session_row(caller, id).await?;
            let hash = hash(message, how.model);
            if let Some(key) = key
                && let Some(first) = self.store.replay(id, key).await?
            {
                return if first.request_hash == hash { replayed(&first.answer) } else { Err(ServiceError::KeyReused) };
            }
            if row.head >= self.config.max_turns {
                return Err(ServiceError::invalid(
                    format!("한 대화는 {}차례까지입니다. 새 대화를 시작해 주세요.", self.config.max_turns),
                    format!("a conversation has at most {} turns; start a new one", self.config.max_turns),
                ));
            }
            let mut session = match kept.take().filter(|s| s.nodes().len() == row.head as usize) {
                Some(session) => session,
                None => self.read_session(&row).await?,
            };
            let library = self.library(caller).await?;
            session.lend(library.iter().map(|(_, saved)| saved.clone()).collect());
            let before = session.nodes().len();
            let answer = Box::pin(self.answer(&app, &mut session, message, &row, (caller, how, watch))).await?;
            numbers::answered(&answer);
            let (mut answer, remembered) = Box::pin(self.guarded(caller, &app, &mut session, answer)).await?;
            if session.nodes().len() == before {
                *kept = Some(session);
                return Ok(answer);
            }
            let export = Box::pin(self.export_of_turn(caller, &app, &session, &mut answer)).await?;
            let work = Work { caller, row: &row, app: &app, library: &library, message };
            let (write, _) = work.write(&session, answer, key.map(|key| (key, hash)))?;
            let as_kept = write.answer.clone();
            let add = self.store.add_turn(write).instrument(info_span!("store"));
            let (added, ()) = tokio::join!(add, self.remember(caller, remembered));
            match added {
                Ok(_) => {
                    *kept = Some(session);
                    drop(kept);
                    if let Some(prepared) = export {
                        self.launch(caller, prepared).await?;
                    }
                    // As it will be read again, to the last digit: a repeated call gets the same bytes.
                    return replayed(&as_kept);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy { retry_after_s: 1 })
    }

    async fn answer(
        &self,
        app: &App,
        session: &mut Session,
        message: &Message,
        row: &SessionRow,
        (caller, how, watch): (&Caller, &Say<'_>, &dyn Watch),
    ) -> Result<Answer, ServiceError> {
        let of_session = row.locale.as_deref().and_then(|l| l.parse().ok());
        let locale = how.locale.or(of_session).or(self.config.locale);
        let options = AskOptions {
            locale,
            min_group: self.config.min_group,
            model: how.model.map(str::to_owned),
            caller: Some(caller.id.clone()),
            role: Some(caller.role.name().to_owned()),
        };
        let answer = match (message, message.turn(app)?) {
            (_, Some((said, turn))) => app.take(session, &said, turn, &options, watch).await,
            (Message::Text(text), None) => app.ask_watched(session, text, &options, watch).await,
            (Message::Replay(text), None) => app.replay(session, text, &options).await,
            (_, None) => Answer::default(),
        };
        Ok(Answer { lines_total: self.config.lines_total, ..answer })
    }

    /// The export that a turn asked for, checked and not begun.
    async fn export_of_turn(
        &self,
        caller: &Caller,
        app: &Arc<App>,
        session: &Session,
        answer: &mut Answer,
    ) -> Result<Option<Prepared>, ServiceError> {
        let Some(action) = answer.action.as_mut().filter(|a| a.kind == "export") else { return Ok(None) };
        if answer.status != Status::Answered || answer.count_below.is_some() {
            return Ok(None);
        }
        let named = action.result.as_ref().and_then(|r| r["format"].as_str()).map(str::to_owned);
        let order = ExportOrder { format: named, ..ExportOrder::default() };
        let expr = expand(&session.segment().expr(), session);
        let prepared = self.prepare(caller, (Arc::clone(app), expr, None), &order).await?;
        action.id = Some(prepared.id().to_owned());
        action.url = Some(format!("/v1/exports/{}", prepared.id()));
        Ok(Some(prepared))
    }

    /// The session as the store has it.
    pub(super) async fn read_session(&self, row: &SessionRow) -> Result<Session, ServiceError> {
        let turns = self.store.turns(&row.id).await?;
        let damaged = |turn: u32| ServiceError::Failed {
            message: [
                format!("세션 {}의 {turn}번째 차례를 읽을 수 없습니다.", row.id),
                format!("turn {turn} of session {} cannot be read", row.id),
            ],
        };
        let node = |t: &crate::store::TurnRow| serde_json::from_str::<Node>(&t.node).map_err(|_| damaged(t.turn));
        let nodes = turns.iter().map(node).collect::<Result<Vec<_>, _>>()?;
        let locale = last_locale(row, &turns);
        Session::restore(&row.id, locale, nodes).map_err(damaged)
    }
}

/// Whether the caller's role may.
///
/// # Errors
/// Where it may not.
pub(super) fn allowed(caller: &Caller, right: Right) -> Result<(), ServiceError> {
    if caller.role.may(right) { Ok(()) } else { Err(ServiceError::Forbidden { right }) }
}

fn usable_key(key: &str) -> Result<&str, ServiceError> {
    let chars = key.chars().count();
    if chars == 0 || chars > MAX_KEY_CHARS {
        return Err(ServiceError::invalid(
            format!("Idempotency-Key는 1~{MAX_KEY_CHARS}자입니다"),
            format!("an Idempotency-Key has 1 to {MAX_KEY_CHARS} characters"),
        ));
    }
    Ok(key)
}

/// What tells one message from another.
fn hash(message: &Message, model: Option<&str>) -> String {
    let text = serde_json::to_string(message).unwrap_or_default();
    let text = model.map_or_else(|| text.clone(), |model| format!("{text} {model}"));
    sha256(text.as_bytes())
}

fn replayed(answer: &str) -> Result<Answer, ServiceError> {
    let answer: Answer = serde_json::from_str(answer).map_err(|_| ServiceError::Failed {
        message: ["처음 답을 읽을 수 없습니다.".to_owned(), "the first answer cannot be read".to_owned()],
    })?;
    // Its language is not kept; its words tell it.
    let locale = crate::app::language(&answer.reply, answer.locale);
    Ok(Answer { locale, ..answer })
}

/// The language of the last answer, which only its text tells.
fn last_locale(row: &SessionRow, turns: &[crate::store::TurnRow]) -> Locale {
    let stated = row.locale.as_deref().and_then(|l| l.parse().ok());
    let last = || turns.last().and_then(|turn| replayed(&turn.answer).ok());
    stated.or_else(|| last().map(|answer| answer.locale)).unwrap_or_default()
}

/// What a turn is written from.
struct Work<'a> {
    caller: &'a Caller,
    row: &'a SessionRow,
    app: &'a App,
    library: &'a [(SegmentRow, Saved)],
    message: &'a Message,
}

impl Work<'_> {
    /// The turn as the store takes it: with what it saved, which filters it used, and the entry of the audit log.
    fn write(
        &self,
        session: &Session,
        mut answer: Answer,
        key: Option<(&str, String)>,
    ) -> Result<(TurnWrite, Answer), ServiceError> {
        let at = now();
        let failed = |_| ServiceError::Failed {
            message: ["답을 남길 수 없습니다.".to_owned(), "the answer cannot be kept".to_owned()],
        };
        let saved = self.saved(session, &mut answer, at)?;
        let node = session.nodes().last().map(serde_json::to_string).transpose().map_err(failed)?.unwrap_or_default();
        let kept = serde_json::to_string(&answer).map_err(failed)?;
        let write = TurnWrite {
            session: self.row.id.clone(),
            turn: answer.turn,
            title: self.row.title.clone().or_else(|| self.title()),
            node,
            answer: kept,
            at,
            idempotent: key.map(|(key, request_hash)| Idempotent { key: key.to_owned(), request_hash }),
            usage: if self.counts(&answer) { used(session, self.app) } else { Vec::new() },
            segments: saved,
            audit: vec![self.entry(&answer)],
        };
        Ok((write, answer))
    }

    fn is_replay(&self) -> bool {
        matches!(self.message, Message::Replay(_))
    }

    /// Whether the filters of the turn count as used: once, when it was said first.
    fn counts(&self, answer: &Answer) -> bool {
        answer.status == Status::Answered && !self.is_replay()
    }

    /// The first words of a conversation are its title.
    fn title(&self) -> Option<String> {
        let (Message::Text(text) | Message::Replay(text)) = self.message else { return None };
        Some(text.trim().chars().take(80).collect())
    }

    /// The segment that the turn saved, as a version of one in the store.
    fn saved(&self, session: &Session, answer: &mut Answer, at: i64) -> Result<Vec<SegmentWrite>, ServiceError> {
        let Some(action) = answer.action.as_mut().filter(|a| a.kind == "save") else { return Ok(Vec::new()) };
        let Some(name) = action.name.clone() else { return Ok(Vec::new()) };
        allowed(self.caller, Right::Save)?;
        let found = session.find_saved(&name).and_then(|s| Some((s.name.clone(), s.latest()?.segment.clone())));
        let Some((name, segment)) = found else { return Ok(Vec::new()) };
        let own = self.library.iter().find(|(row, _)| row.owner == self.caller.id && row.folded_name == folded(&name));
        let id = own.map_or_else(super::new_id, |(row, _)| row.id.clone());
        let version = own.map_or(1, |(_, saved)| saved.versions.len() + 1);
        action.id = Some(id.clone());
        action.url = Some(format!("/v1/segments/{id}"));
        action.result = Some(json!({ "version": version }));
        Ok(vec![SegmentWrite {
            id,
            owner: self.caller.id.clone(),
            folded_name: folded(&name),
            name,
            description: None,
            public: None,
            segment_json: serde_json::to_string(&segment).unwrap_or_default(),
            text: crate::segment::text::print(&segment.expr()),
            catalog: self.app.catalog().version.clone(),
            data: self.app.engine().data_version().to_owned(),
            session: Some(self.row.id.clone()),
            turn: Some(answer.turn),
            at,
            count: answer.count.and_then(|n| i64::try_from(n).ok()),
        }])
    }

    /// Who asked what, and which SQL ran. Words are not in it: they may name people.
    fn entry(&self, answer: &Answer) -> AuditEntry {
        let detail = json!({
            "turn": answer.turn, "status": answer.status, "segment": answer.text, "sql": answer.sql,
            "count": answer.count, "catalog": self.app.catalog().version,
            "data": self.app.engine().data_version(), "action": answer.action.as_ref().map(|a| &a.kind),
        });
        entry(self.caller, if self.is_replay() { "replay" } else { "ask" }, &self.row.id, &detail)
    }
}

/// The filters that the last turn asked for, with their categories.
fn used(session: &Session, app: &App) -> Vec<(String, String)> {
    let Some(node) = session.nodes().last() else { return Vec::new() };
    let mut used = std::collections::BTreeSet::new();
    for edit in &node.asked.edits {
        filters(&edit.condition, app, &mut used);
    }
    used.into_iter().collect()
}

fn filters(expr: &Expr, app: &App, used: &mut std::collections::BTreeSet<(String, String)>) {
    let catalog = app.catalog();
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|p| filters(p, app, used)),
        Expr::Not(part) => filters(part, app, used),
        Expr::Rank { field, within, .. } => {
            used.extend(catalog.field(field).map(|f| (f.name.clone(), f.category.clone())));
            filters(within, app, used);
        }
        Expr::Sample { within, .. } => filters(within, app, used),
        Expr::Compare { field, .. } => used.extend(catalog.field(field).map(|f| (f.name.clone(), f.category.clone()))),
        Expr::Exists { dataset, .. } | Expr::Total { dataset, .. } => {
            let category = catalog.dataset(dataset).and_then(|d| d.fields.iter().find(|f| !f.category.is_empty()));
            used.extend(category.map(|f| (dataset.clone(), f.category.clone())));
        }
        Expr::All | Expr::Saved { .. } => {}
    }
}
