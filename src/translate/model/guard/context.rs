//! What goes on with the segment so far: a model that is shown it copies it.

use super::Request;
use crate::segment::normal::normal_form;
use crate::segment::{Act, EditOp, Expr, Turn, text};

/// A request that refers back goes on with the segment, and what is in it already is no change of it.
pub(super) fn mend(turn: &mut Turn, built_in: &Turn, request: &Request<'_>, mends: &mut Vec<String>) {
    let Some(segment) = request.context.segment.filter(|segment| !segment.is_everybody()) else { return };
    if turn.act == Act::New && built_in.act == Act::Continue {
        turn.act = Act::Continue;
        mends.push("goes on with the segment so far".to_owned());
    }
    if turn.act != Act::Continue {
        return;
    }
    let conjuncts = |expr: &Expr| normal_form(expr, request.catalog).conjuncts();
    let held = conjuncts(&segment.expr());
    turn.edits.retain(|edit| {
        let unsaid = edit.words.text.trim().is_empty();
        let adds = matches!(edit.op, EditOp::Narrow | EditOp::Set | EditOp::Widen);
        let copied = unsaid && adds && conjuncts(&edit.condition).iter().all(|c| held.contains(c));
        if copied {
            mends.push(format!("nobody said {}: it is in the segment already", text::print(&edit.condition)));
        }
        !copied
    });
}
