//! What people say of answers: right, wrong, what it should have been. Each becomes a candidate for the golden set.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::segments::entry;
use super::turns::allowed;
use super::{Page, Service, ServiceError, Thing, new_id, time};
use crate::access::{Caller, Right};
use crate::segment::text;
use crate::store::{FeedbackRow, now};

/// Longest comment, in characters.
pub const MAX_COMMENT_CHARS: usize = 4000;

/// Whether an answer was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// As it should be.
    Right,
    /// Not what was asked.
    Wrong,
}

/// What somebody says of an answer.
#[derive(Debug, Clone, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// The session.
    pub session: String,
    /// The turn.
    pub turn: u32,
    /// Whether it was right.
    pub verdict: Judgement,
    /// What it should have been: segment text, or words.
    #[serde(default)]
    pub expected: Option<String>,
    /// Anything else.
    #[serde(default)]
    pub comment: Option<String>,
}

/// What was said of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FeedbackInfo {
    /// Its id.
    pub id: String,
    /// The session.
    pub session: String,
    /// The turn.
    pub turn: u32,
    /// `right` or `wrong`.
    pub verdict: String,
    /// What it should have been.
    pub expected: Option<String>,
    /// Anything else.
    pub comment: Option<String>,
    /// When, RFC 3339.
    pub at: String,
    /// A conversation in the format of golden sets: what was said up to the turn, and the segment that is right.
    #[schema(value_type = Value)]
    pub candidate: Value,
}

impl Service {
    /// Keeps what somebody says of an answer.
    ///
    /// # Errors
    /// No such turn of the caller's.
    pub async fn give_feedback(&self, caller: &Caller, feedback: &Feedback) -> Result<FeedbackInfo, ServiceError> {
        allowed(caller, Right::Feedback)?;
        let long = |text: &Option<String>| text.as_ref().is_some_and(|t| t.chars().count() > MAX_COMMENT_CHARS);
        if long(&feedback.comment) || long(&feedback.expected) {
            return Err(ServiceError::invalid(
                format!("{MAX_COMMENT_CHARS}자까지 쓸 수 있습니다"),
                format!("at most {MAX_COMMENT_CHARS} characters"),
            ));
        }
        let row = self.session_row(caller, &feedback.session).await?;
        let session = self.read_session(&row).await?;
        let node = session.node(feedback.turn);
        let node = node.ok_or_else(|| ServiceError::not_found(Thing::Turn, &feedback.turn.to_string()))?;
        let app = self.apps.of(caller)?;
        let read = text::print(&node.segment.expr());
        // An expectation in text form is a definition; in words it is for whoever reviews the candidate.
        let stated = feedback.expected.as_deref().filter(|t| text::parse(t, app.catalog()).is_ok());
        let gold = match feedback.verdict {
            Judgement::Right => Some(read.as_str()),
            Judgement::Wrong => stated,
        };
        let turns = session.nodes().iter().take(feedback.turn as usize).map(|n| {
            let right = if n.turn == feedback.turn { gold.map(str::to_owned) } else { None };
            json!({ "user": n.text, "read": text::print(&n.segment.expr()), "segment": right })
        });
        let candidate = json!({
            "id": format!("feedback-{}-{}", &row.id[..row.id.len().min(8)], feedback.turn),
            "tags": ["feedback"], "catalog": node.catalog, "turns": turns.collect::<Vec<_>>(),
        });
        let kept = FeedbackRow {
            id: new_id(),
            owner: caller.id.clone(),
            session: row.id.clone(),
            turn: feedback.turn,
            verdict: if feedback.verdict == Judgement::Right { "right" } else { "wrong" }.to_owned(),
            expected: feedback.expected.clone(),
            comment: feedback.comment.clone(),
            text: node.text.clone(),
            segment_text: read,
            candidate_json: Some(candidate.to_string()),
            at: now(),
        };
        let detail = json!({ "turn": kept.turn, "verdict": kept.verdict });
        let told = info(&kept);
        self.store.insert_feedback(kept, vec![entry(caller, "feedback", &row.id, &detail)]).await?;
        Ok(told)
    }

    /// What people said, the newest first: everybody's to those who may see it, else the caller's own.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn feedback(&self, caller: &Caller, page: Page) -> Result<Vec<FeedbackInfo>, ServiceError> {
        let mut rows = self.store.feedback(page.limit()).await?;
        rows.retain(|row| row.owner == caller.id || caller.may(Right::ReadMetrics));
        Ok(rows.iter().map(info).collect())
    }
}

fn info(row: &FeedbackRow) -> FeedbackInfo {
    FeedbackInfo {
        id: row.id.clone(),
        session: row.session.clone(),
        turn: row.turn,
        verdict: row.verdict.clone(),
        expected: row.expected.clone(),
        comment: row.comment.clone(),
        at: time(row.at),
        candidate: row.candidate_json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default(),
    }
}
