//! Names in a turn that no condition holds, looked up all the same: saved segments and what is to be explained.

use crate::catalog::{Catalog, nearest};
use crate::segment::{Action, Expr, Metric, Topic, Turn};
use crate::translate::model::Request;
use crate::translate::resolve::{Named, ResolveError, ResolveFault};

/// Every name of `turn` that nobody knows.
pub(super) fn unknown(turn: &Turn, request: &Request<'_>) -> Vec<ResolveError> {
    let mut errors = Vec::new();
    let mut saved = |place: &str, name: &str| {
        let known = request.context.saved;
        if !known.iter().any(|k| k == name) {
            errors.push(error(place, Named::Saved, name, known.iter().map(String::as_str)));
        }
    };
    for (i, edit) in turn.edits.iter().enumerate() {
        for expr in [Some(&edit.condition), edit.instead_of.as_ref()].into_iter().flatten() {
            names(expr, &mut |name| saved(&format!("edits[{i}]"), name));
        }
    }
    for edit in turn.question.iter().flat_map(|q| &q.choices).flat_map(|c| &c.edits) {
        names(&edit.condition, &mut |name| saved("question", name));
    }
    if let Some(Metric::Share(expr)) = &turn.show.metric {
        names(expr, &mut |name| saved("show.metric", name));
    }
    if let Some(Action::Load { name } | Action::Compare { name }) = &turn.action {
        saved("action", name);
    }
    for (i, topic) in turn.topics.iter().enumerate() {
        errors.extend(topic_error(&format!("topics[{i}]"), topic, request.catalog));
    }
    errors
}

fn names(expr: &Expr, each: &mut dyn FnMut(&str)) {
    match expr {
        Expr::Saved { name } => each(name),
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|p| names(p, each)),
        Expr::Not(inner) => names(inner, each),
        _ => {}
    }
}

fn topic_error(place: &str, topic: &Topic, catalog: &Catalog) -> Option<ResolveError> {
    match topic {
        Topic::Term { name } => {
            let mut all = catalog.glossary.iter().map(|t| t.name.as_str());
            (!all.clone().any(|t| t == name)).then(|| error(place, Named::Term, name, &mut all))
        }
        Topic::Dataset { name } => dataset_error(place, name, catalog),
        Topic::Field { dataset, field } => match catalog.dataset(dataset) {
            None => dataset_error(place, dataset, catalog),
            Some(of) if of.field(field).is_none() => {
                Some(error(place, Named::Field, field, of.fields.iter().map(|f| f.name.as_str())))
            }
            Some(_) => None,
        },
        Topic::Category { .. } | Topic::Data | Topic::Segment | Topic::Everything => None,
    }
}

fn dataset_error(place: &str, name: &str, catalog: &Catalog) -> Option<ResolveError> {
    let all = catalog.datasets.iter().map(|d| d.name.as_str());
    catalog.dataset(name).is_none().then(|| error(place, Named::Dataset, name, all))
}

fn error<'a>(place: &str, what: Named, name: &str, all: impl IntoIterator<Item = &'a str>) -> ResolveError {
    let nearest = nearest(name, all).into_iter().map(str::to_owned).collect();
    ResolveError { place: place.to_owned(), fault: ResolveFault::Unknown { what, name: name.to_owned(), nearest } }
}
