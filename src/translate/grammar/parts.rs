//! A request as a row of parts: tokens, with amounts and dates already put together.

use chrono::NaiveDate;

use super::amounts::{self, Amount};
use super::dates::{self, Dates};
use super::korean::Form;
use super::language::Class;
use super::lattice::Token;
use super::lexicon::{Meaning, Sense, Target};
use super::text::{Text, is_hangul};

/// One part.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// First character.
    pub(super) from: usize,
    /// One past the last character.
    pub(super) to: usize,
    /// What is known of it.
    pub(super) kind: Kind,
    /// Meanings of its token; empty for amounts and dates.
    pub(super) meanings: Vec<Meaning>,
    /// Whether it begins with a Hangul syllable.
    pub(super) hangul: bool,
    /// Whether a blank stands before it.
    pub(super) starts_word: bool,
    /// Whether some reading has used it up.
    pub(super) taken: bool,
}

/// What sort of part it is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A token.
    Plain,
    /// An amount with its bounds.
    Amount(Amount),
    /// A span of days.
    Dates(Dates),
}

/// A value meaning: dataset, field, values.
pub(super) type ValueSense = (usize, usize, Vec<usize>);

impl Part {
    /// Whether it does what `class` says.
    pub(super) fn is(&self, class: Class) -> bool {
        self.meanings.iter().any(|m| m.sense == Sense::Word(class))
    }

    /// Whether it does what one of `classes` says.
    pub(super) fn any(&self, classes: &[Class]) -> bool {
        self.meanings.iter().any(|m| matches!(&m.sense, Sense::Word(c) if classes.contains(c)))
    }

    /// The values it may name.
    pub(super) fn values(&self) -> Vec<ValueSense> {
        let sense = |m: &Meaning| match &m.sense {
            Sense::Value { dataset, field, values } => Some((*dataset, *field, values.clone())),
            _ => None,
        };
        self.meanings.iter().filter_map(sense).collect()
    }

    /// The fields it may name: dataset, field.
    pub(super) fn fields(&self) -> Vec<(usize, usize)> {
        self.meanings
            .iter()
            .filter_map(|m| if let Sense::Field(d, f) = m.sense { Some((d, f)) } else { None })
            .collect()
    }

    /// The band it names.
    pub(super) fn band(&self) -> Option<usize> {
        self.meanings.iter().find_map(|m| if let Sense::Band(b) = m.sense { Some(b) } else { None })
    }

    /// The glossary terms it may be.
    pub(super) fn terms(&self) -> Vec<usize> {
        self.meanings.iter().filter_map(|m| if let Sense::Term(t) = m.sense { Some(t) } else { None }).collect()
    }

    /// The datasets it is a noun for.
    pub(super) fn datasets(&self) -> Vec<usize> {
        self.meanings.iter().filter_map(|m| if let Sense::Dataset(d) = m.sense { Some(d) } else { None }).collect()
    }

    /// What it points to as a verb or noun of the catalog.
    pub(super) fn cues(&self) -> Vec<Target> {
        let mut targets: Vec<Target> = self
            .meanings
            .iter()
            .filter_map(|m| if let Sense::Cue(targets) = &m.sense { Some(targets.clone()) } else { None })
            .flatten()
            .collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }

    /// The vague word it is.
    pub(super) fn vague(&self) -> Option<usize> {
        self.meanings.iter().find_map(|m| if let Sense::Vague(v) = m.sense { Some(v) } else { None })
    }

    /// The form it has as a verb.
    pub(super) fn form(&self) -> Option<Form> {
        self.meanings.iter().find_map(|m| m.form)
    }

    /// The name in it.
    pub(super) fn name(&self) -> Option<&str> {
        self.meanings.iter().find_map(|m| if let Sense::Name(name) = &m.sense { Some(name.as_str()) } else { None })
    }

    /// Whether nothing is known about it.
    pub(super) fn unknown(&self) -> bool {
        matches!(self.kind, Kind::Plain) && self.meanings.iter().all(|m| m.sense == Sense::Unknown)
    }

    /// The amount it is.
    pub(super) fn amount(&self) -> Option<&Amount> {
        if let Kind::Amount(amount) = &self.kind { Some(amount) } else { None }
    }

    /// The dates it is.
    pub(super) fn dates(&self) -> Option<&Dates> {
        if let Kind::Dates(dates) = &self.kind { Some(dates) } else { None }
    }

    /// Whether it says nothing that a condition is made of: particles, fillers, punctuation.
    pub(super) fn is_empty(&self) -> bool {
        use Class::{Comma, Each, Filler, Particle, Stop, To};
        matches!(self.kind, Kind::Plain)
            && !self.meanings.is_empty()
            && self
                .meanings
                .iter()
                .all(|m| matches!(m.sense, Sense::Word(Particle | Filler | Stop | Comma | To | Each)))
    }
}

/// Whether what comes next is a further member of a list of dates.
fn follows_a_date(parts: &[Part]) -> bool {
    matches!(parts, [.., date, joiner]
        if date.dates().is_some() && joiner.any(&[Class::And, Class::Or, Class::Comma]))
}

/// "the join year to 2020"
fn year_follows(tokens: &[Token], text: &Text) -> bool {
    let surface = |t: &Token| text.chars[t.from..t.to].iter().collect::<String>();
    matches!(tokens, [.., year, to] if surface(year).ends_with("year") && surface(to) == "to")
}

/// Puts the tokens together.
pub(super) fn build(tokens: &[Token], text: &Text, as_of: NaiveDate) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let listed = follows_a_date(&parts) || year_follows(&tokens[..at], text);
        let (kind, end) = if let Some((dates, end)) = dates::read(tokens, text, at, as_of, listed) {
            (Kind::Dates(dates), end)
        } else if let Some((amount, end)) = amounts::read(tokens, text, at) {
            (Kind::Amount(amount), end)
        } else {
            (Kind::Plain, at + 1)
        };
        let first = &tokens[at];
        let meanings = if matches!(kind, Kind::Plain) || end == at + 1 { first.meanings.clone() } else { Vec::new() };
        parts.push(Part {
            from: first.from,
            to: tokens[end - 1].to,
            hangul: is_hangul(text.chars[first.from]),
            starts_word: first.starts_word,
            kind,
            meanings,
            taken: false,
        });
        at = end;
    }
    parts
}
