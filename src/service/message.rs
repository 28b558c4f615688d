//! What somebody says in a conversation: words, or a change of the segment made by hand.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ServiceError;
use crate::app::App;
use crate::segment::{Act, Action, Edit, EditOp, Expr, Show, Turn, Words, check, text};

/// Something said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// A request in words.
    Text(String),
    /// A change of the segment.
    Edit(HandEdit),
    /// Back to the segment before the last change.
    Undo,
    /// Back to a turn.
    Goto(u32),
    /// A saved segment takes the place of the one so far.
    Load(String),
    /// The segment so far in groups, by fields or bands.
    BreakDown(Vec<String>),
    /// A request in words that was made before: a save or an export in it is not done again.
    Replay(String),
}

/// A structured change of the segment, for a page that shows conditions as chips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandEdit {
    /// How the condition changes the segment.
    pub op: HandOp,
    /// The condition: segment text (`home_sido = '부산광역시'`) or a typed expression. For `remove`, the condition to
    /// take out, or any on the same attribute.
    pub condition: Value,
    /// For `swap`: the condition whose place it takes.
    #[serde(default)]
    pub instead_of: Option<Value>,
    /// Fields or bands to group by afterwards, at most two.
    #[serde(default)]
    pub breakdown: Vec<String>,
}

/// How a condition changes the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandOp {
    /// Must hold as well.
    Narrow,
    /// A new value for an attribute already restricted, else a further condition.
    Set,
    /// Widens the restriction on the same attribute.
    Widen,
    /// Takes out those for whom it holds.
    Exclude,
    /// Drops the condition.
    Remove,
    /// Takes the place of `instead_of`.
    Swap,
    /// Takes the place of the whole segment.
    Replace,
}

impl From<HandOp> for EditOp {
    fn from(op: HandOp) -> Self {
        match op {
            HandOp::Narrow => Self::Narrow,
            HandOp::Set => Self::Set,
            HandOp::Widen => Self::Widen,
            HandOp::Exclude => Self::Exclude,
            HandOp::Remove => Self::Remove,
            HandOp::Swap => Self::Swap,
            HandOp::Replace => Self::Replace,
        }
    }
}

/// Most fields to group by.
const MAX_BREAKDOWN: usize = 2;

impl Message {
    /// The turn that needs no translating, and what the session remembers it by; none for words.
    pub(super) fn turn(&self, app: &App) -> Result<Option<(String, Turn)>, ServiceError> {
        let turn = Turn { confidence: 1.0, ..Turn::default() };
        Ok(Some(match self {
            Self::Text(_) | Self::Replay(_) => return Ok(None),
            Self::Undo => ("/undo".to_owned(), Turn { act: Act::Undo, ..turn }),
            Self::Goto(to) => (format!("/back {to}"), Turn { action: Some(Action::Goto { turn: *to }), ..turn }),
            Self::Load(name) => {
                (format!("/load {name}"), Turn { action: Some(Action::Load { name: name.clone() }), ..turn })
            }
            Self::BreakDown(by) => {
                let show = Show { breakdown: grouped(by, app)?, ..turn.show.clone() };
                (format!("/by {}", by.join(" ")), Turn { show, ..turn })
            }
            Self::Edit(edit) => {
                let made = edit.edit(app)?;
                let said = format!(
                    "/edit {} {}",
                    serde_json::json!(edit.op).as_str().unwrap_or_default(),
                    text::print(&made.condition)
                );
                let show = Show { breakdown: grouped(&edit.breakdown, app)?, ..turn.show.clone() };
                (said, Turn { edits: vec![made], show, ..turn })
            }
        }))
    }
}

impl HandEdit {
    fn edit(&self, app: &App) -> Result<Edit<Expr>, ServiceError> {
        let condition = expression(&self.condition, app)?;
        let instead_of = self.instead_of.as_ref().map(|value| expression(value, app)).transpose()?;
        if (self.op == HandOp::Swap) != instead_of.is_some() {
            return Err(ServiceError::invalid(
                "instead_of는 swap에만, swap에는 반드시 씁니다",
                "`instead_of` goes with `swap`, and `swap` needs it",
            ));
        }
        Ok(Edit { op: self.op.into(), condition, instead_of, words: Words::default() })
    }
}

/// Fields or bands that a segment can be grouped by.
///
/// # Errors
/// Too many, or those that it cannot be grouped by.
pub(super) fn grouped(by: &[String], app: &App) -> Result<Vec<String>, ServiceError> {
    if by.len() > MAX_BREAKDOWN {
        return Err(ServiceError::invalid(
            format!("breakdown은 {MAX_BREAKDOWN}개까지입니다"),
            format!("at most {MAX_BREAKDOWN} fields in `breakdown`"),
        ));
    }
    app.groupable(by).map_err(|message| ServiceError::Invalid { why: message })?;
    Ok(by.to_vec())
}

/// A condition in text form or typed, checked against the catalog.
///
/// # Errors
/// What the catalog does not support of it.
pub(super) fn expression(value: &Value, app: &App) -> Result<Expr, ServiceError> {
    let expr = match value {
        Value::String(text) => text::parse(text, app.catalog())
            .map_err(|error| ServiceError::Unsupported { text: Some(error), parts: Vec::new() })?,
        typed => serde_json::from_value(typed.clone()).map_err(|error| {
            ServiceError::invalid(format!("조건을 읽을 수 없습니다: {error}"), format!("this is no condition: {error}"))
        })?,
    };
    supported(&expr, app)?;
    Ok(expr)
}

/// Checks that the catalog supports a definition.
///
/// # Errors
/// The parts that it does not.
pub(super) fn supported(expr: &Expr, app: &App) -> Result<(), ServiceError> {
    check::check(expr, app.catalog()).map_err(|parts| ServiceError::Unsupported { text: None, parts })
}
