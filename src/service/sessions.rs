//! Conversations of a caller: starting, listing, looking at and erasing them. Those of others are not found.

use serde::Serialize;
use serde_json::{Value, json};

use super::segments::entry;
use super::turns::allowed;
use super::{Page, Service, ServiceError, Thing, new_id, time};
use crate::access::{Caller, Right};
use crate::catalog::Locale;
use crate::segment::text;
use crate::store::{SessionRow, now};

/// A conversation, as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SessionInfo {
    /// Its id.
    pub id: String,
    /// The first words said in it.
    pub title: Option<String>,
    /// Language of its answers; none for that of each request.
    #[schema(value_type = Option<String>)]
    pub locale: Option<Locale>,
    /// Number of its last turn; 0 where nothing was said yet.
    pub turns: u32,
    /// When it was started, RFC 3339.
    pub created: String,
    /// When something was said last, RFC 3339.
    pub updated: String,
}

/// One turn, as a conversation that is looked at shows it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TurnInfo {
    /// Its number.
    pub turn: u32,
    /// The turn it grew from; 0 for the start.
    pub parent: u32,
    /// What was said.
    pub said: String,
    /// The segment after it, in text form.
    pub text: String,
    /// When, RFC 3339.
    pub at: String,
    /// The answer as it was given.
    #[schema(value_type = Value)]
    pub answer: Value,
}

/// A conversation with its turns.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// What lists show.
    #[serde(flatten)]
    pub info: SessionInfo,
    /// The segment it stands at, in text form.
    pub text: String,
    /// The segment it stands at.
    #[schema(value_type = Value)]
    pub segment: Value,
    /// The turns, a tree by `parent`: all of them, or those that are new.
    pub history: Vec<TurnInfo>,
}

impl Service {
    /// Starts a conversation.
    ///
    /// # Errors
    /// A role that may not, or a store that fails.
    pub async fn start_session(&self, caller: &Caller, locale: Option<Locale>) -> Result<SessionInfo, ServiceError> {
        allowed(caller, Right::Ask)?;
        let at = now();
        let row = SessionRow {
            id: new_id(),
            owner: caller.id.clone(),
            title: None,
            locale: locale.map(|l| l.code().to_owned()),
            head: 0,
            created: at,
            updated: at,
        };
        let told = info(&row);
        let entry = entry(caller, "start_session", &row.id, &json!({}));
        self.store.create_session(row, vec![entry]).await?;
        Ok(told)
    }

    /// The conversations of the caller, the one that was used last first.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn sessions(&self, caller: &Caller, page: Page) -> Result<Vec<SessionInfo>, ServiceError> {
        let rows = self.store.sessions(&caller.id, page.limit(), page.before).await?;
        Ok(rows.iter().map(info).collect())
    }

    /// A conversation with its turns after the turn `after`; 0 for all.
    ///
    /// # Errors
    /// No such session of the caller's.
    pub async fn session(&self, caller: &Caller, id: &str, after: u32) -> Result<SessionView, ServiceError> {
        let row = self.session_row(caller, id).await?;
        let turns = self.store.turns(id).await?;
        let session = self.read_session(&row).await?;
        let expr = session.segment().expr();
        let history = session.nodes().iter().zip(&turns).skip(after as usize).map(|(node, turn)| TurnInfo {
            turn: node.turn,
            parent: node.parent,
            said: node.text.clone(),
            text: text::print(&node.segment.expr()),
            at: time(turn.at),
            answer: serde_json::from_str(&turn.answer).unwrap_or_default(),
        });
        Ok(SessionView {
            history: history.collect(),
            text: text::print(&expr),
            segment: serde_json::to_value(&expr).unwrap_or_default(),
            info: info(&row),
        })
    }

    /// Erases a conversation. What the audit log says of it stays.
    ///
    /// # Errors
    /// No such session of the caller's.
    pub async fn erase_session(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        let row = match self.session_row(caller, id).await {
            Err(ServiceError::NotFound { .. }) if caller.may(Right::DeleteOthers) => {
                self.store.session(id).await?.ok_or_else(|| ServiceError::not_found(Thing::Session, id))?
            }
            found => found?,
        };
        let live = self.shelf.of(id);
        let mut kept = live.lock().await;
        *kept = None;
        let detail = json!({ "turns": row.head, "owner": row.owner });
        self.store.delete_session(id, vec![entry(caller, "erase_session", &row.id, &detail)]).await?;
        self.shelf.forget(id);
        Ok(())
    }

    /// Checks that the caller has such a session.
    ///
    /// # Errors
    /// Where it has none.
    pub async fn session_exists(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        self.session_row(caller, id).await.map(|_| ())
    }

    /// The row of a session of the caller's.
    pub(super) async fn session_row(&self, caller: &Caller, id: &str) -> Result<SessionRow, ServiceError> {
        let row = self.store.session(id).await?.filter(|row| row.owner == caller.id);
        row.ok_or_else(|| ServiceError::not_found(Thing::Session, id))
    }
}

fn info(row: &SessionRow) -> SessionInfo {
    SessionInfo {
        id: row.id.clone(),
        title: row.title.clone(),
        locale: row.locale.as_deref().and_then(|l| l.parse().ok()),
        turns: row.head,
        created: time(row.created),
        updated: time(row.updated),
    }
}
