//! What people say of answers: right, wrong, what it should have been. Each becomes a candidate for the golden set.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::segments::entry;
use super::turns::allowed;
use super::{Page, Service, ServiceError, Thing, new_id, time};
use crate::access::{Caller, Right};
use crate::app::language;
use crate::catalog::Locale;
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
    /// Where it stands as a candidate for the golden set: `candidate`, `approved`, `rejected`.
    pub state: String,
    /// Who reviewed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// When, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<String>,
}

/// What a reviewer says is right.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The right segment of each turn, in text form [default: what the feedback says, and before it how each turn was
    /// read]
    #[serde(default)]
    pub segments: Option<Vec<String>>,
}

/// What feedback that nobody has reviewed is.
const CANDIDATE: &str = "candidate";

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
            state: CANDIDATE.to_owned(),
            ..FeedbackRow::default()
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
        rows.retain(|row| row.owner == caller.id || caller.may(Right::Evaluate));
        Ok(rows.iter().map(info).collect())
    }

    /// Approves a candidate for the golden set: from now on it is what translators are held to.
    ///
    /// # Errors
    /// A role that may not, no such feedback, or a turn whose right segment nobody has said.
    pub async fn approve_feedback(
        &self,
        caller: &Caller,
        id: &str,
        approval: &Approval,
    ) -> Result<FeedbackInfo, ServiceError> {
        allowed(caller, Right::Evaluate)?;
        let row = self.feedback_row(id).await?;
        let approved = self.approved(&row, approval.segments.as_deref())?;
        self.review(caller, id, Some(approved.to_string()), "feedback.approve").await
    }

    /// Rejects a candidate, also one that was approved before.
    ///
    /// # Errors
    /// A role that may not, or no such feedback.
    pub async fn reject_feedback(&self, caller: &Caller, id: &str) -> Result<FeedbackInfo, ServiceError> {
        allowed(caller, Right::Evaluate)?;
        self.feedback_row(id).await?;
        self.review(caller, id, None, "feedback.reject").await
    }

    async fn feedback_row(&self, id: &str) -> Result<FeedbackRow, ServiceError> {
        self.store.one_feedback(id).await?.ok_or_else(|| ServiceError::not_found(Thing::Feedback, id))
    }

    async fn review(
        &self,
        caller: &Caller,
        id: &str,
        approved: Option<String>,
        action: &str,
    ) -> Result<FeedbackInfo, ServiceError> {
        let audit = vec![entry(caller, action, id, &json!({}))];
        self.store.review_feedback(id, (caller.id.as_str(), now()), approved, audit).await?;
        Ok(info(&self.feedback_row(id).await?))
    }

    /// The conversation of a candidate, each turn with the segment that is right, as text.
    fn approved(&self, row: &FeedbackRow, said: Option<&[String]>) -> Result<Value, ServiceError> {
        let candidate: Value =
            row.candidate_json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let turns = candidate["turns"].as_array().cloned().unwrap_or_default();
        if turns.is_empty() || said.is_some_and(|said| said.len() != turns.len()) {
            let n = turns.len();
            return Err(ServiceError::invalid(
                format!("차례마다 세그먼트 하나씩, {n}개가 필요합니다"),
                format!("one segment a turn is needed: {n}"),
            ));
        }
        let last = turns.len() - 1;
        let catalog = self.whole();
        let turn = |(i, turn): (usize, &Value)| -> Result<Value, ServiceError> {
            let user = turn["user"].as_str().unwrap_or_default();
            let stated = said.map(|said| said[i].as_str()).or(turn["segment"].as_str());
            // How an earlier turn was read is what the reviewer has before them; the last one must have been stated.
            let right = stated.or(turn["read"].as_str().filter(|_| i < last));
            let missing = || {
                ServiceError::invalid(
                    "마지막 차례의 맞는 세그먼트를 segments로 알려 주세요".to_owned(),
                    "say the right segment of the last turn in `segments`".to_owned(),
                )
            };
            let right = right.ok_or_else(missing)?;
            text::parse(right, catalog.catalog())
                .map_err(|error| ServiceError::invalid(error.message(Locale::Ko), error.message(Locale::En)))?;
            Ok(json!({ "user": user, "segment": right }))
        };
        let turns = turns.iter().enumerate().map(turn).collect::<Result<Vec<_>, ServiceError>>()?;
        let lang = language(&row.text, Locale::Ko).code();
        Ok(json!({ "id": candidate["id"], "lang": lang, "tags": candidate["tags"], "turns": turns }))
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
        state: row.state.clone(),
        reviewer: row.reviewer.clone(),
        reviewed: row.reviewed.map(time),
    }
}
