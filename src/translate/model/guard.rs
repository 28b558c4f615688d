//! Rules that hold after every model: what the built-in grammar reads for certain in the same words is right, and
//! what neither reading covers is named back.
//!
//! - What refers back goes on with the segment so far, and what is in it already is not said again.
//! - A number that was said is the number of the condition, in the field's unit; a decade is the whole decade.
//! - "by X" groups by X and restricts nothing.
//! - "instead of" replaces.
//! - What must be refused is refused, and what nobody asked for is not done, whoever translates.
//! - A word that the model's turn does not account for is named as not understood.
//!
//! No words and no names are known here: all of it comes from the grammar and the catalog.

mod context;
mod leaves;
mod leftovers;
mod numbers;

use super::{Request, StepKind, deeds};
use crate::catalog::Catalog;
use crate::segment::{Act, Edit, EditOp, Expr, Turn, text};
use crate::translate::grammar::Grammar;
use crate::translate::resolve::resolve;
use leaves::attributes;

/// `turn` with these rules kept, and what was put right in it.
#[must_use]
pub fn guarded(mut turn: Turn, request: &Request<'_>, grammar: &Grammar) -> (Turn, Vec<String>) {
    let mut mends = Vec::new();
    let draft = grammar.translate(request.text, request.catalog, &request.context);
    let built_in = resolve(draft, request.catalog);
    let does = deeds::allowed(&mut turn, built_in.as_ref().unwrap_or(&Turn::default()));
    mends.extend(does.into_iter().filter_map(|step| match step {
        StepKind::Mended { what } => Some(what),
        _ => None,
    }));
    let Ok(built_in) = built_in else { return (turn, mends) };
    if !reads(&turn) {
        return (turn, mends);
    }
    context::mend(&mut turn, &built_in, request, &mut mends);
    numbers::mend(&mut turn, &built_in, request, grammar, &mut mends);
    if reads(&built_in) {
        breakdown(&mut turn, &built_in, request.catalog, &mut mends);
        figure(&mut turn, &built_in, &mut mends);
        instead(&mut turn, &built_in, request.catalog, &mut mends);
        numbers::dates(&mut turn, &built_in, &mut mends);
    }
    leftovers::name(&mut turn, &built_in, request, &mut mends);
    (turn, mends)
}

/// Whether a turn reads conditions and figures at all.
fn reads(turn: &Turn) -> bool {
    matches!(turn.act, Act::New | Act::Continue)
}

/// "by X" groups by X, and is no condition on X.
fn breakdown(turn: &mut Turn, built_in: &Turn, catalog: &Catalog, mends: &mut Vec<String>) {
    let by = &built_in.show.breakdown;
    if by.is_empty() {
        return;
    }
    let grouped: Vec<_> = by.iter().map(|name| grouped_attribute(name, catalog)).collect();
    let same = |name: &String| grouped.contains(&grouped_attribute(name, catalog));
    if turn.show.breakdown != *by && turn.show.breakdown.iter().all(same) {
        let metric = turn.show.metric.take();
        turn.show = built_in.show.clone();
        turn.show.metric = turn.show.metric.take().or(metric);
        mends.push(format!("grouped by {}", by.join(", ")));
    }
    // Where the grammar reads a condition on it too, both were said.
    let conditioned: Vec<_> =
        built_in.edits.iter().flat_map(|e| attributes(&e.condition, catalog)).filter(|a| grouped.contains(a)).collect();
    turn.edits.retain(|edit| {
        let own = attributes(&edit.condition, catalog);
        let only_grouped = !own.is_empty() && own.iter().all(|a| grouped.contains(a) && !conditioned.contains(a));
        let added = matches!(edit.op, EditOp::Narrow | EditOp::Set);
        if only_grouped && added {
            mends.push(format!("no condition {}: it is grouped by", text::print(&edit.condition)));
        }
        !(only_grouped && added)
    });
}

/// A figure that was asked for is shown.
fn figure(turn: &mut Turn, built_in: &Turn, mends: &mut Vec<String>) {
    if turn.show.metric.is_none() && built_in.show.metric.is_some() {
        turn.show.metric.clone_from(&built_in.show.metric);
        mends.push("the figure that was asked for is shown".to_owned());
    }
}

/// The attribute that a breakdown groups by.
fn grouped_attribute(name: &str, catalog: &Catalog) -> (String, String) {
    let entity = &catalog.entity().name;
    let (dataset, field) = name.split_once('.').unwrap_or((entity.as_str(), name));
    let field = catalog.bands.iter().find(|b| b.name == field).map_or(field, |b| b.field.as_str());
    (dataset.to_owned(), catalog.attribute(dataset, field).to_owned())
}

/// "B instead of A" puts B in the place of A.
fn instead(turn: &mut Turn, built_in: &Turn, catalog: &Catalog, mends: &mut Vec<String>) {
    for swap in built_in.edits.iter().filter(|e| e.op == EditOp::Swap) {
        let keys = attributes(&swap.condition, catalog);
        let same = |edit: &&mut Edit<Expr>| attributes(&edit.condition, catalog) == keys;
        let mut own: Vec<&mut Edit<Expr>> = turn.edits.iter_mut().filter(same).collect();
        let [edit] = own.as_mut_slice() else { continue };
        if matches!(edit.op, EditOp::Narrow | EditOp::Set | EditOp::Widen) {
            edit.op = EditOp::Swap;
            edit.instead_of.clone_from(&swap.instead_of);
            mends.push(format!("{} replaces what was there", text::print(&edit.condition)));
        }
    }
}
