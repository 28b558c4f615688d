//! How a request was read, said back: assumptions, words left over, questions with their options.

use super::words::voice;
use crate::catalog::{Catalog, Locale};
use crate::segment::sentence::{condition, row_condition};
use crate::segment::{Action, Assumption, Expr, Question, Turn, Why, text};

/// The readings that were chosen without asking, as sentences.
pub(super) fn assumptions(turn: &Turn, catalog: &Catalog, locale: Locale) -> Vec<String> {
    turn.assumptions.iter().map(|a| assumption(a, catalog, locale)).collect()
}

pub(super) fn assumption(assumption: &Assumption, catalog: &Catalog, locale: Locale) -> String {
    let voice = voice(locale);
    match assumption {
        Assumption::Term { word, means } => voice.term(word, &meaning(means, catalog, locale)),
        Assumption::Typo { word, read_as } => voice.typo(word, read_as),
        Assumption::Chosen { word, read_as } => voice.chosen(word, in_language(read_as, locale)),
        Assumption::Background { word } => voice.background(word),
        Assumption::Window { word, days } => voice.window(word, *days),
    }
}

/// A condition in text form as a reader reads it; as it is where it is none.
pub(super) fn meaning(means: &str, catalog: &Catalog, locale: Locale) -> String {
    if let Ok(expr) = text::parse(means, catalog) {
        return condition(&expr, catalog, locale);
    }
    let many = catalog.datasets.iter().skip(1);
    let rows = many.filter_map(|d| text::parse_rows(means, catalog, &d.name).ok().map(|expr| (d, expr)));
    rows.take(1)
        .map(|(d, expr)| row_condition(&expr, catalog, &d.name, locale))
        .next()
        .unwrap_or_else(|| means.to_owned())
}

/// The words that nothing was found for, each once.
pub(super) fn unmatched(turn: &Turn) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in &turn.unmatched {
        let word = word.text.trim();
        if !word.is_empty() && !words.iter().any(|w| w == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// The question that is asked back.
pub(super) fn question(question: &Question<Expr>, action: Option<&Action>, locale: Locale) -> String {
    let voice = voice(locale);
    let word = question.words.text.as_str();
    match (question.why, action) {
        (Why::NoName, Some(Action::Save { .. })) => voice.which_name(),
        (Why::NoName, _) if question.choices.is_empty() => voice.nothing_saved(word),
        (Why::NoName, _) if !word.is_empty() => voice.no_such_name(word),
        (why, _) => voice.question(why, word),
    }
}

/// Its possible answers.
pub(super) fn options(question: &Question<Expr>, locale: Locale) -> Vec<String> {
    question.choices.iter().map(|c| in_language(&c.label, locale).to_owned()).collect()
}

/// A question with its options numbered.
pub(super) fn numbered(question: &str, options: &[String]) -> String {
    let numbered = options.iter().enumerate().map(|(at, option)| format!(" {}) {option}", at + 1));
    format!("{question}{}", numbered.collect::<String>())
}

pub(super) fn in_language(label: &[String; 2], locale: Locale) -> &str {
    match locale {
        Locale::Ko => &label[0],
        Locale::En => &label[1],
    }
}
