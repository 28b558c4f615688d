//! The segment: whom a conversation has found so far, as a typed condition that knows which words each
//! part came from.
//!
//! This room knows the catalog and nothing else: no files, no SQL, no async. `Draft` and `Turn`
//! ([`draft`]) live here too, beside the edits they make.

pub mod check;
pub mod draft;
pub mod edit;
pub mod expr;
pub mod normal;
pub mod sentence;
pub mod text;

use serde::{Deserialize, Serialize};

pub use draft::{
    Act, Action, Assumption, Choice, Draft, DraftExpr, Edit, EditOp, Metric, Question, Refusal, Says, Show, Topic,
    Turn, Used, Why, Words,
};
pub use expr::{Amount, DateSpec, End, Expr, Func, Literal, Test};

/// A segment: conditions that all hold. No conditions is everybody in the population.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The conditions, in the order they were asked for.
    pub conditions: Vec<Condition>,
}

/// One condition and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// What must hold.
    pub expr: Expr,
    /// The turn whose words asked for it, counted from 1.
    pub turn: u32,
    /// Those words.
    pub words: Words,
}

impl Segment {
    /// The whole condition.
    #[must_use]
    pub fn expr(&self) -> Expr {
        Expr::all_of(self.conditions.iter().map(|c| c.expr.clone()).collect())
    }

    /// Whether it is everybody.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        self.conditions.iter().all(|c| c.expr == Expr::All)
    }
}
