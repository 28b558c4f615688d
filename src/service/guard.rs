//! What a caller was given before, so that no two answers together tell of few: where they would, the later one is
//! given as below the minimum. What that covers and what it cannot: `answer::differencing`.

use super::{Service, ServiceError};
use crate::access::Caller;
use crate::answer::contract::Answer;
use crate::answer::differencing::{MAX_REMEMBERED, Remembered};
use crate::app::{AnalystError, App};
use crate::catalog::Locale;
use crate::session::Session;
use crate::store::{AnswerRow, now};

impl Service {
    /// The answer as it may be given, and what is to be remembered of it.
    pub(super) async fn guarded(
        &self,
        caller: &Caller,
        app: &App,
        session: &mut Session,
        answer: Answer,
    ) -> Result<(Answer, Option<Remembered>), ServiceError> {
        let Some(new) = app.remembered(session, &answer) else { return Ok((answer, None)) };
        if self.is_too_near(caller, app, &new).await? {
            return Ok((app.withhold(session, answer, self.config.min_group), None));
        }
        Ok((answer, Some(new)))
    }

    /// Whether a number and one that the caller was given before tell of few.
    pub(super) async fn is_too_near(&self, caller: &Caller, app: &App, new: &Remembered) -> Result<bool, ServiceError> {
        let min_group = self.config.min_group.unwrap_or(app.min_group());
        if min_group < 2 {
            return Ok(false);
        }
        let most = u32::try_from(MAX_REMEMBERED).unwrap_or(u32::MAX);
        let near = |row: &AnswerRow| u64::try_from(row.count).is_ok_and(|n| n.abs_diff(new.count) < min_group);
        let mut rows = self.store.recent_answers(&caller.id, most).await?;
        rows.retain(near);
        // The newest come first; what cannot be read was written by a later program.
        let earlier: Vec<Remembered> =
            rows.iter().rev().filter_map(|row| serde_json::from_str(&row.key).ok()).collect();
        let near = app.differs_too_little(&earlier, new, self.config.min_group).await;
        near.map_err(|e| broken(&e))
    }

    /// Remembers a number that a caller was given. That it cannot be is no reason to keep the answer back: the next one
    /// is compared with all others.
    pub(super) async fn remember(&self, caller: &Caller, told: Option<Remembered>) {
        let Some(told) = told else { return };
        let row = AnswerRow {
            caller: caller.id.clone(),
            at: now(),
            kind: "count".to_owned(),
            key: serde_json::to_string(&told).unwrap_or_default(),
            count: i64::try_from(told.count).unwrap_or(i64::MAX),
        };
        if let Err(error) = self.store.add_answer(row).await {
            tracing::warn!(%error, "an answer cannot be remembered");
        }
    }
}

/// A failure of the engine, for the reader.
pub(super) fn broken(error: &AnalystError) -> ServiceError {
    ServiceError::Failed { message: [error.message(Locale::Ko), error.message(Locale::En)] }
}
