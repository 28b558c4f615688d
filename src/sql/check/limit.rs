//! LIMIT and OFFSET: numbers, and on the output never more than what may be given out.

use sqlparser::ast::{Expr, LimitClause, Offset, Spanned, Value, ValueWithSpan};

use crate::sql::ast;
use crate::sql::refusal::{SqlRefusal, Why};

/// Sets the limit of the output where there is none, and says so; refuses one that is too large.
pub(super) fn cap(clause: &mut Option<LimitClause>, most: u64) -> Result<bool, SqlRefusal> {
    let Some(LimitClause::LimitOffset { limit, offset, .. }) = clause else {
        *clause = Some(ast::limit_to(most));
        return Ok(true);
    };
    match limit.as_ref() {
        None => {
            let offset = offset.take();
            *clause = Some(match ast::limit_to(most) {
                LimitClause::LimitOffset { limit, limit_by, .. } => {
                    LimitClause::LimitOffset { limit, offset, limit_by }
                }
                other @ LimitClause::OffsetCommaLimit { .. } => other,
            });
            Ok(true)
        }
        Some(limit) if number(limit).is_some_and(|rows| rows <= most) => Ok(false),
        Some(limit) => Err(Why::RowLimit { limit: most }.at(limit.span())),
    }
}

/// Refuses whatever is not `LIMIT n OFFSET m`.
pub(super) fn plain(clause: Option<&LimitClause>) -> Result<(), SqlRefusal> {
    let (limit, offset) = match clause {
        None => return Ok(()),
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => (limit, offset),
        Some(other) => return Err(Why::NotAllowed { what: "LIMIT BY".to_owned() }.at(other.span())),
    };
    let offset = offset.as_ref().map(|Offset { value, .. }| value);
    match limit.iter().chain(offset).find(|e| number(e).is_none()) {
        Some(odd) => Err(Why::NotAllowed { what: format!("LIMIT {odd}") }.at(odd.span())),
        None => Ok(()),
    }
}

/// Refuses a LIMIT that could pick out fewer than `min` rows, and any OFFSET.
pub(super) fn no_fewer(clause: Option<&LimitClause>, min: u64) -> Result<(), SqlRefusal> {
    let Some(LimitClause::LimitOffset { limit, offset, .. }) = clause else { return Ok(()) };
    let few = limit.as_ref().filter(|limit| number(limit).is_none_or(|rows| rows < min));
    match few.or(offset.as_ref().map(|o| &o.value)) {
        Some(odd) => Err(Why::FewRows { min }.at(odd.span())),
        None => Ok(()),
    }
}

pub(super) fn number(expr: &Expr) -> Option<u64> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Number(digits, false), .. }) => digits.parse().ok(),
        _ => None,
    }
}
