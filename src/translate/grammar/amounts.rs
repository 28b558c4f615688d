//! Amounts: a number with its unit and its bounds. "7만원 이상 9만원 미만", "at least 10 hours", "30대 후반",
//! "between 50k and 70k won", "2030".
//!
//! ```text
//! amount  := before? one after?  |  "between" one "and" one  |  one ("~" | "부터" | "to") one "까지"?
//! one     := number unit? decade?
//! decade  := "대" | "s"    with 초반, 중반, 후반 after it, or early, mid, late before it
//! ```

use super::language::{Class, Measure};
use super::lattice::Token;
use super::lexicon::Sense;
use super::text::Text;

/// Bounds and what they are of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Amount {
    /// Lower bound and whether it is included.
    pub(super) low: Option<(f64, bool)>,
    /// Upper bound and whether it is included.
    pub(super) high: Option<(f64, bool)>,
    /// What follows the number.
    pub(super) unit: Unit,
    /// A decade of life or of an amount ("30대", "7만원대"): the age, where no unit says otherwise.
    pub(super) decade: bool,
    /// Whether a comparison was said, or only a number.
    pub(super) compared: bool,
}

/// What a number counts, in all readings.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "a word after a number may count in several ways at once")]
pub(super) struct Unit {
    /// Units of the catalog with their factors.
    pub(super) catalog: Vec<(usize, f64)>,
    /// A unit of time.
    pub(super) time: Option<Measure>,
    /// 개, 가지, kinds.
    pub(super) counter: bool,
    /// 번, 회, times.
    pub(super) times: bool,
    /// Percent.
    pub(super) percent: bool,
    /// Of age.
    pub(super) age: bool,
}

impl Unit {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn merge(&mut self, other: Self) {
        self.catalog.extend(other.catalog);
        self.time = self.time.or(other.time);
        self.counter |= other.counter;
        self.times |= other.times;
        self.percent |= other.percent;
        self.age |= other.age;
    }
}

impl Amount {
    /// The single number, where both bounds are it.
    pub(super) fn exact(&self) -> Option<f64> {
        match (self.low, self.high) {
            (Some((low, true)), Some((high, true))) if low == high => Some(low),
            _ => None,
        }
    }
}

/// One number with its unit: first and last value it stands for.
#[derive(Debug, Clone)]
struct One {
    first: f64,
    last: f64,
    unit: Unit,
    decade: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Ge,
    Gt,
    Le,
    Lt,
    Eq,
}

/// Reads the amount that starts at token `at`: the amount and one past its last token.
pub(super) fn read(tokens: &[Token], text: &Text, at: usize) -> Option<(Amount, usize)> {
    if let Some(found) = two(tokens, text, at) {
        return Some(found);
    }
    let (before, mut next) = match bound_before(&tokens[at]) {
        Some(bound) => (Some(bound), skip_articles(tokens, at + 1)),
        None => (None, at),
    };
    let (one, end) = one(tokens, text, next)?;
    next = end;
    let mut amount = Amount { decade: one.decade, unit: one.unit.clone(), ..Amount::default() };
    let bound = match before {
        Some(bound) => Some(bound),
        None => bound_after(tokens, next).map(|(bound, end)| {
            next = end;
            bound
        }),
    };
    set(&mut amount, bound, &one);
    // 5+ visits: the unit stands after the comparison.
    if amount.unit.is_none()
        && before.is_none()
        && bound.is_some()
        && next > end
        && let Some(unit) = tokens.get(next).filter(|t| !t.is(Class::Head) && t.from > 0).and_then(unit_of)
        && tokens.get(next).is_some_and(|t| text.chars[t.from].is_ascii())
    {
        amount.unit = unit;
        next += 1;
    }
    // 7만원 이상 9만원 미만: the other bound follows.
    if bound.is_some_and(|b| b != Bound::Eq)
        && let Some((mut other, end)) = read_one_sided(tokens, text, next)
        && (other.unit.is_none() || amount.unit.is_none() || other.unit == amount.unit)
        && opposite(&amount, &other)
    {
        amount.low = amount.low.or(other.low);
        amount.high = amount.high.or(other.high);
        if amount.unit.is_none() {
            amount.unit = std::mem::take(&mut other.unit);
        }
        next = end;
    }
    Some((amount, next))
}

fn opposite(a: &Amount, b: &Amount) -> bool {
    (a.low.is_some() && a.high.is_none() && b.high.is_some() && b.low.is_none())
        || (a.high.is_some() && a.low.is_none() && b.low.is_some() && b.high.is_none())
}

fn read_one_sided(tokens: &[Token], text: &Text, at: usize) -> Option<(Amount, usize)> {
    let joined = tokens.get(at).is_some_and(|t| t.is(Class::And) || t.is(Class::But) || t.is(Class::Comma));
    let at = if joined { at + 1 } else { at };
    let (before, next) = match tokens.get(at).and_then(bound_before) {
        Some(bound) => (Some(bound), at + 1),
        None => (None, at),
    };
    let (one, end) = one(tokens, text, next)?;
    let (bound, end) = match before {
        Some(bound) => (bound, end),
        None => bound_after(tokens, end)?,
    };
    let mut amount = Amount { decade: one.decade, unit: one.unit.clone(), ..Amount::default() };
    set(&mut amount, Some(bound), &one);
    Some((amount, end))
}

/// A range of two numbers.
fn two(tokens: &[Token], text: &Text, at: usize) -> Option<(Amount, usize)> {
    let opens = tokens[at].is(Class::Between) || tokens[at].is(Class::From);
    let start = if opens && !tokens[at].starts_word_number() { at + 1 } else { at };
    let (mut low, next) = one(tokens, text, start)?;
    let joiner = tokens.get(next)?;
    let latin_between = opens && tokens[at].is(Class::Between);
    let joins = joiner.is(Class::Tilde)
        || joiner.is(Class::Until)
        || joiner.is(Class::From)
        || surface(text, joiner) == "에서"
        || (latin_between && joiner.is(Class::And));
    if !joins {
        return None;
    }
    let (high, mut end) = one(tokens, text, next + 1)?;
    if low.unit.is_none() {
        low.first = rescaled(&low, &high);
        low.decade |= high.decade;
    }
    let mut unit = high.unit.clone();
    if unit.is_none() {
        unit = low.unit.clone();
    }
    if high.last <= low.first {
        return None;
    }
    while tokens.get(end).is_some_and(|t| t.is(Class::Until) || t.is(Class::Between) || surface(text, t) == "까지") {
        end += 1;
    }
    let amount = Amount {
        low: Some((low.first, true)),
        high: Some((high.last, true)),
        decade: low.decade || high.decade,
        unit,
        compared: true,
    };
    Some((amount, end))
}

/// "5~7만원": the first number shares the large unit of the second.
fn rescaled(low: &One, high: &One) -> f64 {
    let scale = [1e8, 1e4, 1e3].into_iter().find(|s| high.first >= *s && high.first % *s == 0.0);
    match scale {
        Some(scale) if low.first < 1000.0 && low.first * scale < high.first => low.first * scale,
        _ => low.first,
    }
}

impl Token {
    fn starts_word_number(&self) -> bool {
        self.meanings.iter().any(|m| matches!(m.sense, Sense::Number(_)))
    }
}

fn surface(text: &Text, token: &Token) -> String {
    text.chars[token.from..token.to].iter().collect()
}

fn set(amount: &mut Amount, bound: Option<Bound>, one: &One) {
    amount.compared = bound.is_some();
    match bound {
        Some(Bound::Ge) => amount.low = Some((one.first, true)),
        Some(Bound::Gt) => amount.low = Some((one.last, false)),
        Some(Bound::Le) => amount.high = Some((one.last, true)),
        Some(Bound::Lt) => amount.high = Some((one.first, false)),
        Some(Bound::Eq) | None => {
            amount.low = Some((one.first, true));
            amount.high = Some((one.last, true));
        }
    }
}

fn bound_before(token: &Token) -> Option<Bound> {
    [
        (Class::GeBefore, Bound::Ge),
        (Class::GtBefore, Bound::Gt),
        (Class::LeBefore, Bound::Le),
        (Class::LtBefore, Bound::Lt),
        (Class::EqBefore, Bound::Eq),
    ]
    .into_iter()
    .find(|(class, _)| token.is(*class))
    .map(|(_, bound)| bound)
}

fn bound_after(tokens: &[Token], at: usize) -> Option<(Bound, usize)> {
    let mut at = at;
    // 10번을 넘는, 1시간이 넘는: a particle may stand between.
    while tokens.get(at).is_some_and(|t| t.is(Class::Particle) && !t.starts_word) {
        at += 1;
    }
    let token = tokens.get(at)?;
    // 안 넘는: the opposite of what follows.
    if token.is(Class::NotBefore) {
        return match bound_after(tokens, at + 1)? {
            (Bound::Gt, end) => Some((Bound::Le, end)),
            _ => None,
        };
    }
    [(Class::Ge, Bound::Ge), (Class::Gt, Bound::Gt), (Class::Le, Bound::Le), (Class::Lt, Bound::Lt)]
        .into_iter()
        .find(|(class, _)| token.is(*class))
        .map(|(_, bound)| (bound, at + 1))
}

fn skip_articles(tokens: &[Token], at: usize) -> usize {
    let article =
        |t: &Token| t.meanings.iter().any(|m| m.sense == Sense::Word(Class::Filler)) && !t.starts_word_number();
    if tokens.get(at).is_some_and(article) && tokens.get(at + 1).is_some_and(Token::starts_word_number) {
        at + 1
    } else {
        at
    }
}

/// A number with its unit and decade.
fn one(tokens: &[Token], text: &Text, at: usize) -> Option<(One, usize)> {
    let modifier = tokens.get(at).and_then(third);
    let mut at = if modifier.is_some() && names_decade(tokens, at + 1) { at + 1 } else { at };
    let modifier = modifier.filter(|_| names_decade(tokens, at));
    let mut unit = Unit::default();
    if let Some(Sense::Prefix(units)) = sense(tokens.get(at)?, |s| matches!(s, Sense::Prefix(_))) {
        unit.catalog.clone_from(units);
        at += 1;
    }
    let token = tokens.get(at)?;
    if let Some(Sense::Amount(value, measure)) = sense(token, |s| matches!(s, Sense::Amount(..))) {
        let unit = match measure {
            Measure::Times => Unit { times: true, ..Unit::default() },
            Measure::Counter => Unit { counter: true, ..Unit::default() },
            _ => Unit { time: Some(*measure), ..Unit::default() },
        };
        return Some((One { first: *value, last: *value, unit, decade: false }, at + 1));
    }
    if let Some(Sense::Decade(decade)) = sense(token, |s| matches!(s, Sense::Decade(_))) {
        return Some((in_decade(f64::from(*decade), unit, modifier), at + 1));
    }
    let Some(Sense::Number(numeral)) = sense(token, |s| matches!(s, Sense::Number(_))) else { return None };
    let mut end = at + 1;
    // 30대 is a decade, though 대 also counts things.
    let decade = tokens.get(end).is_some_and(|t| t.is(Class::Decade) && !t.starts_word)
        && numeral.value >= 10.0
        && numeral.value % 10.0 == 0.0;
    if !decade && let Some(more) = tokens.get(end).and_then(unit_of) {
        unit.merge(more);
        end += 1;
    }
    if tokens.get(end).is_some_and(|t| t.is(Class::Decade) && (!t.starts_word || t.from == tokens[end - 1].to)) {
        end += 1;
        let after = tokens.get(end).and_then(third).filter(|_| modifier.is_none());
        let modifier = modifier.or(after);
        end += usize::from(after.is_some());
        return Some((in_decade(numeral.value, unit, modifier), end));
    }
    // 2030: two decades in one word.
    if numeral.digits == Some(4) && unit.is_none() {
        let (low, high) = ((numeral.value / 100.0).floor(), numeral.value % 100.0);
        let decades = [low, high].iter().all(|d| d % 10.0 == 0.0 && (10.0..=90.0).contains(d)) && low < high;
        if decades && surface(text, token) != "2000" {
            let one = One { first: low, last: high + 9.0, unit, decade: true };
            return Some((one, end + usize::from(tokens.get(end).is_some_and(|t| t.is(Class::Decade)))));
        }
    }
    Some((One { first: numeral.value, last: numeral.value, unit, decade: false }, end))
}

fn names_decade(tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    sense(token, |s| matches!(s, Sense::Decade(_))).is_some()
        || (token.starts_word_number() && tokens.get(at + 1).is_some_and(|t| t.is(Class::Decade)))
}

/// 초반, 중반, 후반: offsets of the first and last value within ten.
fn third(token: &Token) -> Option<(f64, f64)> {
    [(Class::Early, (0.0, 3.0)), (Class::Mid, (4.0, 6.0)), (Class::Late, (7.0, 9.0))]
        .into_iter()
        .find(|(class, _)| token.is(*class))
        .map(|(_, offsets)| offsets)
}

/// 30대 is 30 to 39, 7만원대 is 70,000 to 79,999: as wide as the last place that was named.
fn in_decade(value: f64, unit: Unit, modifier: Option<(f64, f64)>) -> One {
    let mut width = 1.0;
    while value > 0.0 && value % (width * 10.0) == 0.0 {
        width *= 10.0;
    }
    let (first, last) = match modifier {
        Some((from, to)) => {
            let tenth = width / 10.0;
            (value + from * tenth, value + (to + 1.0) * tenth - 1.0)
        }
        None => (value, value + width - 1.0),
    };
    One { first, last, unit, decade: true }
}

fn sense(token: &Token, wanted: impl Fn(&Sense) -> bool) -> Option<&Sense> {
    token.meanings.iter().map(|m| &m.sense).find(|s| wanted(s))
}

/// What a token after a number counts.
fn unit_of(token: &Token) -> Option<Unit> {
    let mut unit = Unit::default();
    for meaning in &token.meanings {
        match &meaning.sense {
            Sense::Unit(units) => unit.catalog.extend(units.iter().copied()),
            Sense::Time(measure) => unit.time = Some(*measure),
            Sense::Word(Class::Counter) => unit.counter = true,
            Sense::Word(Class::Times) => unit.times = true,
            Sense::Word(Class::Percent) => unit.percent = true,
            Sense::Word(Class::Yearsold) => unit.age = true,
            _ => {}
        }
    }
    (!unit.is_none()).then_some(unit)
}
