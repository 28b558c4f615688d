//! Numbers as they are written: 300,000 · 1.5 · 7만 5천 · 50k · 삼십 · 서른다섯 · twenty-five.
//!
//! Knows nothing of units; what follows a number decides whether a bare Hangul numeral is one.

/// A number at some place of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Numeral {
    /// Its value.
    pub(super) value: f64,
    /// One past its last character.
    pub(super) end: usize,
    /// How many digits a plain run of digits has ("2030", "23"); none for any other form.
    pub(super) digits: Option<usize>,
    /// Written in Hangul alone: only a number where a unit, a counter or a comparison follows.
    pub(super) hangul: bool,
}

/// Digits beyond this are no amount anybody counts by; keeps every value finite and exact.
const MAX_DIGITS: usize = 15;

/// Reads the number that starts at `from`, the longest there is.
pub(super) fn read(chars: &[char], from: usize) -> Option<Numeral> {
    digits(chars, from).or_else(|| sino(chars, from)).or_else(|| native(chars, from)).or_else(|| english(chars, from))
}

fn digits(chars: &[char], from: usize) -> Option<Numeral> {
    let (mut value, mut at, plain) = decimal(chars, from)?;
    let mut whole_digits = plain.then_some(at - from);
    // 7만 5천, 1억 2천만: what is written with the large units adds up.
    let mut total = 0.0;
    let mut scaled = false;
    loop {
        let mut factor = 1.0;
        let mut next = at;
        while let Some(f) = chars.get(next).and_then(|c| large(*c)) {
            factor *= f;
            next += 1;
        }
        if factor == 1.0 {
            if scaled {
                break;
            }
            return Some(english_scale(chars, from, at, value, whole_digits));
        }
        scaled = true;
        whole_digits = None;
        total += value * factor;
        at = next;
        let after = skip_blank(chars, at);
        match decimal(chars, after) {
            Some((more, end, _)) if chars.get(end).and_then(|c| large(*c)).is_some_and(|f| f < factor) => {
                value = more;
                at = end;
            }
            Some((more, end, true)) if after == at && more < factor => {
                total += more;
                at = end;
                break;
            }
            _ => break,
        }
    }
    Some(Numeral { value: total, end: at, digits: whole_digits, hangul: false })
}

/// `50k`, `1.2m`: only where no letter follows.
fn english_scale(chars: &[char], from: usize, at: usize, value: f64, digits: Option<usize>) -> Numeral {
    let factor = match chars.get(at) {
        Some('k') => 1e3,
        _ => 1.0,
    };
    if let Some((factor, end)) = english_word_of_scale(chars, at) {
        return Numeral { value: value * factor, end, digits: None, hangul: false };
    }
    let ends = chars.get(at + 1).is_none_or(|c| !c.is_ascii_alphanumeric());
    if factor > 1.0 && ends && at > from {
        return Numeral { value: value * factor, end: at + 1, digits: None, hangul: false };
    }
    Numeral { value, end: at, digits, hangul: false }
}

/// `1 million`, `2.5 mil`, `3 thousand`.
fn english_word_of_scale(chars: &[char], at: usize) -> Option<(f64, usize)> {
    let (word, end) = letters(chars, skip_blank(chars, at))?;
    let factor = match word.as_str() {
        "hundred" => 100.0,
        "thousand" => 1e3,
        "lakh" | "lakhs" => 1e5,
        "crore" | "crores" => 1e7,
        "million" | "mil" | "mn" => 1e6,
        "billion" | "bn" => 1e9,
        _ => return None,
    };
    Some((factor, end))
}

/// A run of digits with thousands separators and a fraction; true where it is digits alone.
fn decimal(chars: &[char], from: usize) -> Option<(f64, usize, bool)> {
    let is_digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    let mut text = String::new();
    let mut at = from;
    let mut plain = true;
    while is_digit(at) {
        text.push(chars[at]);
        at += 1;
        let grouped = chars.get(at) == Some(&',') && (1..=3).all(|k| is_digit(at + k)) && !is_digit(at + 4);
        if grouped {
            plain = false;
            at += 1;
        }
    }
    if text.is_empty() || text.len() > MAX_DIGITS {
        return None;
    }
    if chars.get(at) == Some(&'.') && is_digit(at + 1) {
        plain = false;
        text.push('.');
        at += 1;
        while is_digit(at) && text.len() <= MAX_DIGITS {
            text.push(chars[at]);
            at += 1;
        }
    }
    Some((text.parse().ok()?, at, plain))
}

fn large(c: char) -> Option<f64> {
    Some(match c {
        '십' => 10.0,
        '백' => 100.0,
        '천' => 1e3,
        '만' => 1e4,
        '억' => 1e8,
        _ => return None,
    })
}

fn skip_blank(chars: &[char], at: usize) -> usize {
    at + usize::from(chars.get(at) == Some(&' '))
}

fn sino_digit(c: char) -> Option<f64> {
    "일이삼사오육칠팔구".chars().position(|d| d == c).and_then(|i| u32::try_from(i + 1).ok()).map(f64::from)
}

/// 삼십, 오만, 백이십, 칠만 오천.
fn sino(chars: &[char], from: usize) -> Option<Numeral> {
    let (mut total, mut section, mut digit) = (0.0, 0.0, None::<f64>);
    let mut at = from;
    while let Some(&c) = chars.get(at) {
        if let Some(d) = sino_digit(c) {
            if digit.is_some() {
                return None;
            }
            digit = Some(d);
        } else if let Some(factor) = large(c) {
            if factor >= 1e4 {
                section += digit.take().unwrap_or(0.0);
                total += if section == 0.0 { 1.0 } else { section } * factor;
                section = 0.0;
            } else {
                section += digit.take().unwrap_or(1.0) * factor;
            }
        } else if c == ' ' && at > from && chars.get(at - 1).is_some_and(|c| large(*c).is_some()) {
            let joined = chars.get(at + 1).copied().and_then(sino_digit).is_some()
                && chars.get(at + 2).copied().and_then(large).is_some();
            if !joined {
                break;
            }
        } else {
            break;
        }
        at += 1;
    }
    let value = total + section + digit.unwrap_or(0.0);
    (at > from).then_some(Numeral { value, end: at, digits: None, hangul: true })
}

const NATIVE_TENS: [(&str, f64); 10] = [
    ("스물", 20.0),
    ("스무", 20.0),
    ("서른", 30.0),
    ("마흔", 40.0),
    ("쉰", 50.0),
    ("예순", 60.0),
    ("일흔", 70.0),
    ("여든", 80.0),
    ("아흔", 90.0),
    ("열", 10.0),
];
const NATIVE_ONES: [(&str, f64); 19] = [
    ("하나", 1.0),
    ("다섯", 5.0),
    ("여섯", 6.0),
    ("일곱", 7.0),
    ("여덟", 8.0),
    ("아홉", 9.0),
    ("한", 1.0),
    ("둘", 2.0),
    ("두", 2.0),
    ("셋", 3.0),
    ("세", 3.0),
    ("석", 3.0),
    ("서너", 3.0),
    ("넷", 4.0),
    ("네", 4.0),
    ("넉", 4.0),
    ("댓", 5.0),
    ("엿", 6.0),
    ("너", 4.0),
];

/// 서른다섯, 열두, 세.
fn native(chars: &[char], from: usize) -> Option<Numeral> {
    let starts = |at: usize, word: &str| word.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    let find = |at: usize, words: &[(&str, f64)]| {
        words.iter().find(|(w, _)| starts(at, w)).map(|(w, v)| (at + w.chars().count(), *v))
    };
    let (at, tens) = find(from, &NATIVE_TENS).unwrap_or((from, 0.0));
    let (end, ones) = find(at, &NATIVE_ONES).unwrap_or((at, 0.0));
    (end > from).then_some(Numeral { value: tens + ones, end, digits: None, hangul: true })
}

const ENGLISH: [(&str, f64); 30] = [
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("thirteen", 13.0),
    ("fourteen", 14.0),
    ("fifteen", 15.0),
    ("sixteen", 16.0),
    ("seventeen", 17.0),
    ("eighteen", 18.0),
    ("nineteen", 19.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
    ("hundred", 100.0),
    ("thousand", 1e3),
    ("million", 1e6),
];

/// twenty-five, two hundred, five thousand.
fn english(chars: &[char], from: usize) -> Option<Numeral> {
    if let Some(half) = half_a(chars, from) {
        return Some(half);
    }
    let (mut total, mut section) = (0.0, 0.0);
    let (mut at, mut end) = (from, from);
    while let Some((word, next)) = letters(chars, at) {
        let Some((_, value)) = ENGLISH.iter().find(|(w, _)| *w == word) else { break };
        if *value >= 1e3 {
            total += if section == 0.0 { 1.0 } else { section } * value;
            section = 0.0;
        } else if *value == 100.0 {
            section = if section == 0.0 { 100.0 } else { section * 100.0 };
        } else if section % 10.0 == 0.0 && (section == 0.0 || (section % 100.0 != 10.0 && *value < 10.0)) {
            section += value;
        } else {
            break;
        }
        end = next;
        at = match chars.get(next) {
            Some(' ' | '-') => next + 1,
            _ => break,
        };
    }
    (end > from).then_some(Numeral { value: total + section, end, digits: None, hangul: false })
}

/// half a million
fn half_a(chars: &[char], from: usize) -> Option<Numeral> {
    let (half, next) = letters(chars, from)?;
    let (article, next) = letters(chars, skip_blank(chars, next))?;
    let (factor, end) = english_word_of_scale(chars, next)?;
    let said = half == "half" && article == "a";
    said.then_some(Numeral { value: factor / 2.0, end, digits: None, hangul: false })
}

fn letters(chars: &[char], from: usize) -> Option<(String, usize)> {
    let inside = from > 0 && chars[from - 1].is_ascii_alphabetic();
    let word: String = chars.get(from..)?.iter().take_while(|c| c.is_ascii_alphabetic()).collect();
    let end = from + word.len();
    (!word.is_empty() && !inside).then_some((word, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<(f64, usize)> {
        let chars: Vec<char> = text.chars().collect();
        read(&chars, 0).map(|n| (n.value, n.end))
    }

    #[test]
    fn numbers_are_read_in_every_way_they_are_written() {
        let cases = [
            ("300,000원", 300_000.0, 7),
            ("1.5gb", 1.5, 3),
            ("7만 5천원", 75_000.0, 5),
            ("half a million won", 500_000.0, 14),
            ("1 million won", 1_000_000.0, 9),
            ("2.5 thousand", 2_500.0, 12),
            ("5만5천원", 55_000.0, 4),
            ("50만", 500_000.0, 3),
            ("1억 2천만원", 120_000_000.0, 6),
            ("50k won", 50_000.0, 3),
            ("삼십대", 30.0, 2),
            ("오만원", 50_000.0, 2),
            ("칠만 오천원", 75_000.0, 5),
            ("서른다섯", 35.0, 4),
            ("열두 번", 12.0, 2),
            ("세 건", 3.0, 1),
            ("twenty-five", 25.0, 11),
            ("two hundred", 200.0, 11),
            ("five thousand", 5_000.0, 13),
            ("2030 여성", 2030.0, 4),
        ];
        for (text, expected, end) in cases {
            assert_eq!(value(text), Some((expected, end)), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_left() {
        for text in ["넷플릭스", "someone", "99999999999999999999", "강남"] {
            assert!(value(text).is_none_or(|(_, end)| end < text.chars().count()), "{text}");
        }
    }
}
