//! Names of several words: those whose beginning the request leaves out, and those that nobody knows.

use super::language::Class;
use super::lattice::Token;
use super::lexicon::{Lexicon, Meaning, Sense};
use super::text::{Text, is_hangul};

/// Tokens that a shortened name has at most.
const MAX_TOKENS: usize = 3;

/// "iPhone 15 Pro / Pro Max": after a value and a joiner, words that continue the beginning of that value's name
/// are that other value.
pub(super) fn shortened(text: &Text, tokens: &mut Vec<Token>, lexicon: &Lexicon) {
    let joins = |t: &Token| t.is(Class::And) || t.is(Class::Or) || t.is(Class::Comma);
    let mut at = 2;
    while at < tokens.len() {
        if joins(&tokens[at - 1]) && is_value(&tokens[at - 2]) && !is_value(&tokens[at]) {
            let whole = &text.chars[tokens[at - 2].from..tokens[at - 2].to];
            let found = (at..tokens.len().min(at + MAX_TOKENS)).rev().find_map(|last| {
                let rest = &text.chars[tokens[at].from..tokens[last].to];
                continued(whole, rest, lexicon).map(|meanings| (last, meanings))
            });
            if let Some((last, meanings)) = found {
                tokens[at].to = tokens[last].to;
                tokens[at].meanings = meanings;
                tokens.drain(at + 1..=last);
            }
        }
        at += 1;
    }
}

/// "golf and camping goods", "골프나 캠핑용품": before a joiner, a word that the end of the next value's name
/// completes may be that other value.
pub(super) fn completed(text: &Text, tokens: &mut [Token], lexicon: &Lexicon) {
    let joins = |t: &Token| t.is(Class::And) || t.is(Class::Or) || t.is(Class::Comma);
    for at in 2..tokens.len() {
        if !(joins(&tokens[at - 1]) && is_value(&tokens[at])) {
            continue;
        }
        let start = &text.chars[tokens[at - 2].from..tokens[at - 2].to];
        let whole = &text.chars[tokens[at].from..tokens[at].to];
        let of = |t: &Token, m: &Meaning| match &m.sense {
            Sense::Value { dataset, field, .. } => t.meanings.iter().any(
                |other| matches!(&other.sense, Sense::Value { dataset: d, field: f, .. } if d == dataset && f == field),
            ),
            _ => false,
        };
        let cut = |i: &usize| whole[*i] == ' ' || is_hangul(whole[*i]) && is_hangul(whole[*i - 1]);
        let found = (1..whole.len()).filter(cut).find_map(|cut| {
            let entry = lexicon.exact(start.iter().chain(&whole[cut..]).copied())?;
            entry.meanings.iter().find(|m| of(&tokens[at], m) && !of(&tokens[at - 2], m)).cloned()
        });
        tokens[at - 2].meanings.extend(found);
    }
}

/// "티빙 O / 웨이브 X": marks after a name, in a list of names with marks, say whether it must hold.
pub(super) fn marks(text: &Text, tokens: &mut [Token]) {
    let mark = |t: &Token| t.to == t.from + 1 && matches!(text.chars[t.from], 'o' | 'x' | '○' | '×');
    for at in 1..tokens.len() {
        let ends = tokens.get(at + 1).is_none_or(|t| t.is(Class::Comma) || t.is(Class::Stop) || t.is(Class::And));
        if !(mark(&tokens[at]) && ends && tokens[at].starts_word && !mark(&tokens[at - 1])) {
            continue;
        }
        let known = tokens[at - 1]
            .meanings
            .iter()
            .any(|m| matches!(m.sense, Sense::Value { .. } | Sense::Field(..) | Sense::Term(_)));
        if known && !tokens[at - 1].is(Class::Comma) {
            let not = matches!(text.chars[tokens[at].from], 'x' | '×');
            let class = if not { Class::NotMark } else { Class::Filler };
            tokens[at].meanings = vec![Meaning { sense: Sense::Word(class), form: None }];
        }
    }
}

fn is_value(token: &Token) -> bool {
    token.meanings.iter().any(|m| matches!(m.sense, Sense::Value { .. }))
}

/// The values whose name is the first words of `whole` and then `rest`.
fn continued(whole: &[char], rest: &[char], lexicon: &Lexicon) -> Option<Vec<Meaning>> {
    let blanks = (0..whole.len()).rev().filter(|i| whole[*i] == ' ');
    for blank in blanks {
        let name = whole[..=blank].iter().chain(rest).copied();
        let values = |m: &&Meaning| matches!(m.sense, Sense::Value { .. });
        if let Some(entry) = lexicon.exact(name) {
            let found: Vec<Meaning> = entry.meanings.iter().filter(values).cloned().collect();
            if !found.is_empty() {
                return Some(found);
            }
        }
    }
    None
}

/// "Apple Watch": a value and a word that names nothing, both written as a name where other words are not, are
/// one name, and nobody knows it.
pub(super) fn unknown(text: &Text, tokens: &mut Vec<Token>) {
    let capital = |t: &Token| text.upper[t.from] && text.chars[t.from].is_ascii_alphabetic();
    let plain_words = tokens.iter().any(|t| t.starts_word && !text.upper[t.from] && text.chars[t.from].is_alphabetic());
    let named = |t: &Token| {
        t.meanings.iter().any(|m| {
            matches!(
                m.sense,
                Sense::Value { .. }
                    | Sense::Field(..)
                    | Sense::Band(_)
                    | Sense::Term(_)
                    | Sense::Dataset(_)
                    | Sense::Number(_)
                    | Sense::Name(_)
                    | Sense::Unit(_)
                    | Sense::Month(_)
            )
        })
    };
    let mut at = 1;
    while plain_words && at < tokens.len() {
        let (a, b) = (&tokens[at - 1], &tokens[at]);
        let pair =
            capital(a) && capital(b) && named(a) && !named(b) && !b.unknown() && b.from == a.to + 1 && a.from > 0;
        if pair {
            let to = b.to;
            tokens.remove(at);
            let first = &mut tokens[at - 1];
            first.to = to;
            first.meanings = vec![Meaning { sense: Sense::Unknown, form: None }];
        } else {
            at += 1;
        }
    }
}
