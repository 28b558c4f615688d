//! Two readings of one request: whether they mean the same, how sure that makes, and what is asked where they differ.
//!
//! Readings are compared by what they lead to (the normal form of the segment, what is shown, what is done), never by
//! how they are written. Where they agree, the answer is wrong only if both are, and the two err for different
//! reasons: of confidences `a` and `b` comes `1 − (1 − a)(1 − b)`.

use crate::catalog::{Catalog, Locale};
use crate::segment::normal::normal_form;
use crate::segment::sentence::sentence;
use crate::segment::{Act, Choice, Expr, Metric, Question, Segment, Show, Turn, Why, Words};

/// How sure two that agree are.
pub(super) fn both(a: f32, b: f32) -> f32 {
    let (a, b) = (a.clamp(0.0, 1.0), b.clamp(0.0, 1.0));
    1.0 - (1.0 - a) * (1.0 - b)
}

/// Two readings, in one place of a conversation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Readings<'a> {
    pub builtin: &'a Turn,
    pub model: &'a Turn,
    pub before: Option<&'a Segment>,
    pub catalog: &'a Catalog,
}

impl Readings<'_> {
    /// Whether they lead to the same.
    pub(super) fn agree(&self) -> bool {
        let (a, b) = (self.builtin, self.model);
        let changes = |turn: &Turn| matches!(turn.act, Act::New | Act::Continue | Act::Reset);
        let same_act = if changes(a) && changes(b) {
            self.form(a) == self.form(b)
        } else {
            a.act == b.act && a.refused == b.refused && a.topics == b.topics && self.edits(a) == self.edits(b)
        };
        same_act && a.action == b.action && self.asks(a) == self.asks(b) && self.same_show()
    }

    /// A question with both readings as its options: where they differ in the segment alone, so that whichever is
    /// picked, the rest of the request is done as it was meant.
    pub(super) fn offered(&self, text: &str) -> Option<Turn> {
        let (a, b) = (self.builtin, self.model);
        let plain = |turn: &Turn| {
            matches!(turn.act, Act::New | Act::Continue)
                && turn.question.is_none()
                && turn.action.is_none()
                && turn.show.metric.is_none()
                && !turn.edits.is_empty()
        };
        let from_everybody = self.before.is_none_or(Segment::is_everybody);
        if !plain(a) || !plain(b) || !(a.act == b.act || from_everybody) || !self.same_show() {
            return None;
        }
        let choices = [self.choice(a), self.choice(b)];
        if (0..2).any(|i| choices[0].label[i] == choices[1].label[i]) {
            return None;
        }
        let words = Words { start: 0, end: text.len(), text: text.to_owned() };
        Some(Turn {
            act: b.act,
            show: b.show.clone(),
            question: Some(Question { words, why: Why::TwoReadings, choices: choices.into() }),
            confidence: a.confidence.min(b.confidence),
            ..Turn::default()
        })
    }

    fn choice(&self, turn: &Turn) -> Choice<Expr> {
        let whole = self.after(turn).expr();
        let label = |locale| sentence(&whole, self.catalog, locale);
        Choice { label: [label(Locale::Ko), label(Locale::En)], words: Vec::new(), edits: turn.edits.clone() }
    }

    /// The segment that a reading leads to.
    fn after(&self, turn: &Turn) -> Segment {
        let before = match turn.act {
            Act::New | Act::Reset => Segment::default(),
            _ => self.before.cloned().unwrap_or_default(),
        };
        before.apply(&turn.edits, self.catalog, 0)
    }

    fn form(&self, turn: &Turn) -> Expr {
        normal_form(&self.after(turn).expr(), self.catalog)
    }

    /// Where the segment that edits start from is not known here, the edits themselves.
    fn edits(&self, turn: &Turn) -> Expr {
        normal_form(&Segment::default().apply(&turn.edits, self.catalog, 0).expr(), self.catalog)
    }

    /// What a reading asks back, as what could be picked.
    fn asks(&self, turn: &Turn) -> Option<Vec<Expr>> {
        let question = turn.question.as_ref()?;
        let picked = |choice: &Choice<Expr>| {
            normal_form(&Segment::default().apply(&choice.edits, self.catalog, 0).expr(), self.catalog)
        };
        let mut asked: Vec<Expr> = Vec::new();
        for choice in question.choices.iter().map(picked) {
            if !asked.contains(&choice) {
                asked.push(choice);
            }
        }
        Some(asked)
    }

    fn same_show(&self) -> bool {
        let (a, b) = (&self.builtin.show, &self.model.show);
        let top = |show: &Show<Expr>| (show.breakdown.clone(), show.top, show.bottom && show.top.is_some());
        top(a) == top(b) && a.rows == b.rows && self.metric(a) == self.metric(b)
    }

    /// The metric, its condition on entities in normal form.
    fn metric(&self, show: &Show<Expr>) -> Option<Metric<Expr>> {
        show.metric.clone().map(|metric| match metric {
            Metric::Share(of) => Metric::Share(normal_form(&of, self.catalog)),
            other => other,
        })
    }
}
