//! What to ask next: two or three requests in the reader's language that the built-in translator takes.

use super::keys::restricts;
use super::words::voice;
use crate::catalog::{Catalog, FieldType, Locale, Sensitivity};
use crate::segment::{Expr, Turn, text};

/// A breakdown is suggested of fields with at most so many values.
const MAX_GROUPS: usize = 10;

/// What suggestions go by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation<'a> {
    pub catalog: &'a Catalog,
    pub locale: Locale,
    pub segment: &'a Expr,
    pub turn: &'a Turn,
    /// Number of the turn: suggestions go round with it.
    pub number: u32,
    /// Nobody is in the segment, or too few to be shown.
    pub is_empty: bool,
}

/// After an answer with numbers.
pub(super) fn after_numbers(at: &Situation<'_>) -> Vec<String> {
    let voice = voice(at.locale);
    if at.is_empty {
        return vec![voice.ask_undo(), voice.ask_reset()];
    }
    let mut next: Vec<String> = Vec::new();
    next.extend(turned(&bands(at), at.number).map(|label| voice.ask_breakdown(label)));
    next.extend(turned(&fields(at), at.number).map(|label| voice.ask_breakdown(label)));
    let entity = at.catalog.entity_label.get(at.locale);
    next.extend(turned(&terms(at), at.number).map(|term| voice.ask_narrow(term, entity)));
    next
}

/// After an answer in words.
pub(super) fn after_words(at: &Situation<'_>) -> Vec<String> {
    let voice = voice(at.locale);
    let breakdown = turned(&bands(at), at.number).map(|label| voice.ask_breakdown(label));
    std::iter::once(voice.ask_everything()).chain(breakdown).collect()
}

/// The one whose turn it is.
fn turned<'a>(all: &[&'a str], number: u32) -> Option<&'a str> {
    let first = (number as usize).saturating_sub(1);
    all.get(first.checked_rem(all.len())?).copied()
}

/// Bands of fields that are not restricted, and not shown just now.
fn bands<'a>(at: &Situation<'a>) -> Vec<&'a str> {
    let free = at.catalog.bands.iter().filter(|b| is_free(&b.field, at) && !is_shown(&b.name, at));
    free.map(|b| b.label.get(at.locale)).collect()
}

/// Fields with few values, likewise.
fn fields<'a>(at: &Situation<'a>) -> Vec<&'a str> {
    let few = at.catalog.entity().fields.iter().filter(|f| {
        f.sensitivity == Sensitivity::Open
            && f.kind == FieldType::String
            && (2..=MAX_GROUPS).contains(&f.values.len())
            && is_free(&f.name, at)
            && !is_shown(&f.name, at)
    });
    few.map(|f| f.label.get(at.locale)).collect()
}

/// Glossary words over the entity whose fields are not restricted.
fn terms<'a>(at: &Situation<'a>) -> Vec<&'a str> {
    let free = at.catalog.glossary.iter().filter(|t| t.of.is_none()).filter(|t| {
        text::parse(&t.predicate, at.catalog)
            .is_ok_and(|e| at.catalog.entity().fields.iter().all(|f| !restricts(&e, &f.name) || is_free(&f.name, at)))
    });
    free.map(|t| t.label.get(at.locale)).collect()
}

fn is_free(field: &str, at: &Situation<'_>) -> bool {
    let entity = &at.catalog.entity().name;
    let attribute = at.catalog.attribute(entity, field);
    let of_attribute = at.catalog.entity().fields.iter().filter(|f| at.catalog.attribute(entity, &f.name) == attribute);
    !of_attribute.into_iter().any(|f| restricts(at.segment, &f.name))
}

fn is_shown(key: &str, at: &Situation<'_>) -> bool {
    at.turn.show.breakdown.iter().any(|b| b == key)
}
