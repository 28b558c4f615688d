//! The cheapest way to read a text as known surfaces: a shortest path over all matches of the lexicon,
//! numbers, names and unknown runs.

use super::korean::Form;
use super::language::Class;
use super::lexicon::{Lexicon, Meaning, Sense};
use super::numerals;
use super::text::{Text, is_hangul};

/// A piece of the text and what it may mean.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// First character.
    pub(super) from: usize,
    /// One past the last character.
    pub(super) to: usize,
    /// What it may mean; [`Sense::Unknown`] alone where nothing is known.
    pub(super) meanings: Vec<Meaning>,
    /// Whether a blank, or nothing, stands before it.
    pub(super) starts_word: bool,
}

impl Token {
    /// Whether it does what `class` says.
    pub(super) fn is(&self, class: Class) -> bool {
        self.meanings.iter().any(|m| m.sense == Sense::Word(class))
    }

    /// Whether nothing is known about it.
    pub(super) fn unknown(&self) -> bool {
        self.meanings.iter().all(|m| m.sense == Sense::Unknown)
    }
}

/// What a match costs. Fewer and longer known pieces are cheaper; the figures were set so that a known
/// word never wins inside a longer unknown one (점수 in 신용점수).
mod cost {
    pub(super) const KNOWN: f32 = 1.0;
    pub(super) const PARTICLE: f32 = 0.4;
    /// Of two readings that cost the same, the one whose particle is shorter: 연령대로 is 연령대 and 로.
    pub(super) const PARTICLE_CHAR: f32 = 0.01;
    pub(super) const BLANK_OFF: f32 = 0.35;
    pub(super) const DETACHED_PARTICLE: f32 = 1.0;
    pub(super) const SYLLABLE: f32 = 0.9;
    pub(super) const UNKNOWN: f32 = 4.0;
    pub(super) const UNKNOWN_CHAR: f32 = 1.0;
    pub(super) const BESIDE_UNKNOWN: f32 = 3.0;
}

#[derive(Debug, Clone, Copy)]
struct Step {
    cost: f32,
    from: usize,
    was_unknown: bool,
    edge: Edge,
}

#[derive(Debug, Clone, Copy)]
enum Edge {
    Blank,
    Entry(usize),
    Number(numerals::Numeral),
    Name,
    Unknown,
}

/// Reads `text`. `names` are words that were named before (saved segments).
pub(super) fn read(text: &Text, lexicon: &Lexicon, names: &[String]) -> Vec<Token> {
    let chars = &text.chars;
    let mut best: Vec<[Option<Step>; 2]> = vec![[None; 2]; chars.len() + 1];
    for at in 0..chars.len() {
        for unknown in [false, true] {
            let base = match (at, unknown) {
                (0, false) => 0.0,
                _ => match best[at][usize::from(unknown)] {
                    Some(step) => step.cost,
                    None => continue,
                },
            };
            for (end, cost, edge) in edges(text, lexicon, names, at, unknown) {
                let into_unknown = matches!(edge, Edge::Unknown);
                let slot = &mut best[end][usize::from(into_unknown)];
                if slot.is_none_or(|s| base + cost < s.cost) {
                    *slot = Some(Step { cost: base + cost, from: at, was_unknown: unknown, edge });
                }
            }
        }
    }
    walk_back(text, lexicon, &best)
}

/// What may start at `at`, after something unknown or not: end, cost, edge.
fn edges(text: &Text, lexicon: &Lexicon, names: &[String], at: usize, unknown: bool) -> Vec<(usize, f32, Edge)> {
    let chars = &text.chars;
    if chars[at] == ' ' {
        return vec![(at + 1, 0.0, Edge::Blank)];
    }
    let starts_word = at == 0 || !chars[at - 1].is_alphanumeric();
    let glued = unknown && !starts_word;
    let mut all = Vec::new();
    for found in lexicon.find(chars, at) {
        let bound = lexicon.entries[found.entry].meanings.iter().all(is_bound);
        let hangul = is_hangul(chars[at]);
        let length = found.end - at;
        #[allow(clippy::cast_precision_loss, reason = "counts of blanks and characters")]
        let (off, chars) = (found.off as f32, length as f32);
        let mut cost = if bound { cost::PARTICLE + cost::PARTICLE_CHAR * chars } else { cost::KNOWN };
        cost += cost::BLANK_OFF * off;
        if bound && starts_word {
            cost += cost::DETACHED_PARTICLE;
        }
        if !bound && hangul && length == 1 {
            cost += cost::SYLLABLE;
        }
        if glued && !bound && hangul {
            cost += cost::BESIDE_UNKNOWN;
        }
        all.push((found.end, cost, Edge::Entry(found.entry)));
    }
    if let Some(numeral) = numerals::read(chars, at).filter(|n| !n.hangul || counts(lexicon, chars, n.end)) {
        let inside_number = at > 0 && chars[at - 1].is_ascii_digit();
        if !inside_number {
            all.push((numeral.end, cost::KNOWN - 0.2, Edge::Number(numeral)));
        }
    }
    let known = all.iter().map(|(end, _, _)| *end).max().unwrap_or(at);
    if let Some(end) = name_end(text, names, at)
        .filter(|end| known < *end || names.iter().any(|n| text.words(at, *end).text == *n))
        .filter(|end| !quotes_a_word(lexicon, chars, at, *end))
    {
        all.push((end, 0.5, Edge::Name));
    }
    let mut cost = cost::UNKNOWN_CHAR;
    if !unknown || starts_word {
        cost += cost::UNKNOWN;
        if !starts_word && is_hangul(chars[at]) && is_hangul(chars[at - 1]) {
            cost += cost::BESIDE_UNKNOWN;
        }
    }
    let mut end = at + 1;
    if chars[at].is_ascii_alphanumeric() {
        // A word in letters is known or unknown as a whole.
        while chars.get(end).is_some_and(char::is_ascii_alphanumeric) {
            end += 1;
            cost += cost::UNKNOWN_CHAR;
        }
    }
    all.push((end, cost, Edge::Unknown));
    all
}

/// Particles and the like, which lean on the word before them.
fn is_bound(meaning: &Meaning) -> bool {
    use Class::{And, By, Comma, Decade, Early, Late, Mid, Only, Or, Particle, Stop, To, Too};
    matches!(
        meaning.sense,
        Sense::Word(Particle | To | Too | Only | And | Or | By | Decade | Early | Mid | Late | Comma | Stop)
    )
}

/// Whether something that makes a number of a Hangul numeral starts at `at`: a unit, a counter, a comparison.
fn counts(lexicon: &Lexicon, chars: &[char], at: usize) -> bool {
    use Class::{Counter, Decade, Ge, Gt, Le, Lt, Percent, Times};
    let at = at + usize::from(chars.get(at) == Some(&' '));
    at < chars.len()
        && lexicon.find(chars, at).iter().flat_map(|f| &lexicon.entries[f.entry].meanings).any(|m| {
            matches!(
                m.sense,
                Sense::Unit(_) | Sense::Time(_) | Sense::Word(Counter | Times | Percent | Decade | Ge | Gt | Le | Lt)
            )
        })
}

/// Where the name that starts at `at` ends: a saved name, something in quotation marks, or words joined
/// by a low line.
fn name_end(text: &Text, names: &[String], at: usize) -> Option<usize> {
    let chars = &text.chars;
    for name in names {
        let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
        if !name.is_empty() && chars[at..].starts_with(&name) {
            return Some(at + name.len());
        }
    }
    if matches!(chars[at], '\'' | '"') && (at == 0 || !chars[at - 1].is_alphanumeric()) {
        let end = chars[at + 1..].iter().position(|c| *c == chars[at])? + at + 2;
        return (end > at + 2).then_some(end);
    }
    let starts = at == 0 || !(chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    let in_name = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let run = chars[at..].iter().take_while(|c| in_name(c)).count();
    let word = &chars[at..at + run];
    (starts && word.contains(&'_')).then(|| at + run - tail_of_particles(word))
}

/// "MZ" in quotation marks: a word that is known, not a name. Nobody quotes a filler, so that is one.
fn quotes_a_word(lexicon: &Lexicon, chars: &[char], at: usize, end: usize) -> bool {
    let quoted = matches!(chars[at], '\'' | '"') && end > at + 2;
    let says = |m: &Meaning| !matches!(m.sense, Sense::Word(Class::Filler));
    let known = |entry: usize| lexicon.entries[entry].meanings.iter().any(says);
    quoted && lexicon.find(chars, at + 1).iter().any(|f| f.end + 1 == end && known(f.entry))
}

/// How many syllables at the end of a name are particles: `LTE_to_5G로`.
fn tail_of_particles(word: &[char]) -> usize {
    let latin = word.iter().rposition(|c| !is_hangul(*c)).map_or(0, |i| i + 1);
    let tail: String = word[latin..].iter().collect();
    let known =
        ["로", "으로", "라는", "이라는", "라고", "이라고", "랑", "와", "을", "를", "은", "는", "이랑", "과", "하고"];
    if latin > 0 && known.contains(&tail.as_str()) { word.len() - latin } else { 0 }
}

fn walk_back(text: &Text, lexicon: &Lexicon, best: &[[Option<Step>; 2]]) -> Vec<Token> {
    let mut at = text.chars.len();
    let mut unknown = match best[at] {
        [Some(a), Some(b)] => b.cost < a.cost,
        [None, Some(_)] => true,
        _ => false,
    };
    let mut tokens: Vec<Token> = Vec::new();
    while at > 0 {
        let Some(step) = best[at][usize::from(unknown)] else { break };
        let meanings = match step.edge {
            Edge::Blank => Vec::new(),
            Edge::Entry(entry) => lexicon.entries[entry].meanings.clone(),
            Edge::Number(numeral) => with_number(lexicon, text, step.from, at, numeral),
            Edge::Name => vec![plain(Sense::Name(text.words(step.from, at).text))],
            Edge::Unknown => vec![plain(Sense::Unknown)],
        };
        let starts_word = step.from == 0 || text.chars[step.from - 1] == ' ';
        let joins = matches!(step.edge, Edge::Unknown)
            && tokens.last().is_some_and(|next| next.unknown() && next.from == at && !next.starts_word);
        if joins {
            if let Some(next) = tokens.last_mut() {
                next.from = step.from;
                next.starts_word = starts_word;
            }
        } else if !meanings.is_empty() {
            let meanings = leaning(meanings, starts_word, at - step.from);
            tokens.push(Token { from: step.from, to: at, meanings, starts_word });
        }
        (at, unknown) = (step.from, step.was_unknown);
    }
    tokens.reverse();
    tokens
}

/// A syllable that leans on the word before it is a particle, not a verb of the same sound (가, 나, 이); a name is
/// not a verb that goes on.
fn leaning(meanings: Vec<Meaning>, starts_word: bool, length: usize) -> Vec<Meaning> {
    let particle = length == 1 && !starts_word && meanings.iter().any(|m| m.sense == Sense::Word(Class::Particle));
    // 남구 is a district before it is a form of 남다.
    let name = meanings.iter().any(|m| m.form.is_none() && matches!(m.sense, Sense::Value { .. }))
        && meanings.iter().any(|m| m.form == Some(Form::And));
    if particle {
        let leans = |m: &Meaning| m.form.is_none() && (is_bound(m) || !matches!(m.sense, Sense::Word(_)));
        return meanings.into_iter().filter(leans).collect();
    }
    if name { meanings.into_iter().filter(|m| m.form.is_none()).collect() } else { meanings }
}

fn plain(sense: Sense) -> Meaning {
    Meaning { sense, form: None }
}

/// A number that is also a listed word ("4" of "Galaxy Z Flip4" is not, "5G" would be) keeps both meanings.
fn with_number(lexicon: &Lexicon, text: &Text, from: usize, to: usize, numeral: numerals::Numeral) -> Vec<Meaning> {
    let mut meanings = vec![plain(Sense::Number(numeral))];
    if let Some(found) = lexicon.find(&text.chars, from).into_iter().find(|f| f.end == to) {
        meanings.extend(lexicon.entries[found.entry].meanings.iter().cloned());
    }
    meanings
}

#[cfg(test)]
mod tests {
    use super::super::text::Text;
    use super::*;

    #[test]
    fn of_two_readings_that_cost_the_same_the_longer_word_is_taken() {
        let mut lexicon = Lexicon::new(std::iter::empty());
        for word in ["연령", "연령대"] {
            lexicon.add(word, Sense::Band(0), None);
        }
        for (word, class) in [("대로", Class::Decade), ("로", Class::To)] {
            lexicon.add(word, Sense::Word(class), None);
        }
        let ends = |said: &str| read(&Text::new(said), &lexicon, &[]).iter().map(|token| token.to).collect::<Vec<_>>();
        assert_eq!(ends("연령대로"), [3, 4]);
        assert_eq!(ends("연령로"), [2, 3]);
    }
}
