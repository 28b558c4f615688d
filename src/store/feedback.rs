//! What people said of answers: right, wrong, what it should have been. It is given to be kept, and outlives
//! its session.

use super::query::{Record, Row, sql};
use super::{AuditEntry, Store, StoreError, audit};

/// A word on an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedbackRow {
    /// Its id.
    pub id: String,
    /// Who gave it.
    pub owner: String,
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
    /// What was asked.
    pub text: String,
    /// The canonical text of what it was read as.
    pub segment_text: String,
    /// A turn for the golden set, as JSON.
    pub candidate_json: Option<String>,
    /// When.
    pub at: i64,
    /// `candidate`, `approved` or `rejected`; what is new is a candidate, whatever stands here.
    pub state: String,
    /// Who reviewed it.
    pub reviewer: Option<String>,
    /// When it was reviewed.
    pub reviewed: Option<i64>,
    /// The conversation that was approved, as JSON.
    pub approved_json: Option<String>,
}

impl Record for FeedbackRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?,
            owner: row.text("owner")?,
            session: row.text("session")?,
            turn: row.number("turn")?,
            verdict: row.text("verdict")?,
            expected: row.maybe_text("expected")?,
            comment: row.maybe_text("remark")?,
            text: row.text("request_text")?,
            segment_text: row.text("segment_text")?,
            candidate_json: row.maybe_text("candidate_json")?,
            at: row.int("at")?,
            state: row.text("state")?,
            reviewer: row.maybe_text("reviewer")?,
            reviewed: row.maybe_int("reviewed")?,
            approved_json: row.maybe_text("approved_json")?,
        })
    }
}

impl Store {
    /// Keeps feedback.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is one of this id.
    pub async fn insert_feedback(&self, feedback: FeedbackRow, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                sql("INSERT INTO feedback (id, owner, session, turn, verdict, expected, remark, request_text, \
                     segment_text, candidate_json, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
                .text(&feedback.id)
                .text(&feedback.owner)
                .text(&feedback.session)
                .int(feedback.turn)
                .text(&feedback.verdict)
                .maybe_text(feedback.expected.as_deref())
                .maybe_text(feedback.comment.as_deref())
                .text(&feedback.text)
                .text(&feedback.segment_text)
                .maybe_text(feedback.candidate_json.as_deref())
                .int(feedback.at)
                .must("feedback", conn)
                .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }

    /// The latest feedback, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn feedback(&self, limit: u32) -> Result<Vec<FeedbackRow>, StoreError> {
        sql("SELECT id, owner, session, turn, verdict, expected, remark, request_text, segment_text, candidate_json, at, \
             state, reviewer, reviewed, approved_json FROM feedback ORDER BY at DESC, id LIMIT $1")
        .int(limit)
        .all(&mut *self.read().await?)
        .await
    }

    /// One word on an answer.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn one_feedback(&self, id: &str) -> Result<Option<FeedbackRow>, StoreError> {
        sql("SELECT id, owner, session, turn, verdict, expected, remark, request_text, segment_text, candidate_json, at, \
             state, reviewer, reviewed, approved_json FROM feedback WHERE id = $1")
        .text(id)
        .one(&mut *self.read().await?)
        .await
    }

    /// What was approved for the golden set, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn approved_feedback(&self) -> Result<Vec<FeedbackRow>, StoreError> {
        sql("SELECT id, owner, session, turn, verdict, expected, remark, request_text, segment_text, candidate_json, at, \
             state, reviewer, reviewed, approved_json FROM feedback WHERE state = 'approved' ORDER BY at, id")
        .all(&mut *self.read().await?)
        .await
    }

    /// Says what a reviewer decided: who, when, and the conversation where it was approved.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such feedback.
    pub async fn review_feedback(
        &self,
        id: &str,
        (reviewer, at): (&str, i64),
        approved: Option<String>,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let (id, reviewer) = (id.to_owned(), reviewer.to_owned());
        self.write(move |conn| {
            Box::pin(async move {
                sql("UPDATE feedback SET state = $2, reviewer = $3, reviewed = $4, approved_json = $5 WHERE id = $1")
                    .text(&id)
                    .text(if approved.is_some() { "approved" } else { "rejected" })
                    .text(&reviewer)
                    .int(at)
                    .maybe_text(approved.as_deref())
                    .must("feedback", conn)
                    .await?;
                audit::append(conn, &audit).await
            })
        })
        .await
    }
}
