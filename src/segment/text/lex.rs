//! Text → tokens. Words of the grammar are words like any other here.

use super::{Expected, TextError, TextFault};

/// One token and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) offset: usize,
    pub(super) kind: Kind<'a>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'a> {
    /// A name or a word of the grammar.
    Word(&'a str),
    /// A name between double quotes.
    Name(String),
    /// A text between single quotes.
    Text(String),
    /// Digits, with point and exponent where it has them.
    Number(&'a str),
    /// A sign.
    Sign(&'static str),
    /// After the last.
    End,
}

impl Kind<'_> {
    /// How an error shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Number(text) => (*text).to_owned(),
            Self::Name(text) | Self::Text(text) => text.chars().take(40).collect(),
            Self::Sign(sign) => (*sign).to_owned(),
            Self::End => String::new(),
        }
    }
}

/// Signs, longest first.
const SIGNS: [&str; 13] = ["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "%", "-"];

/// All tokens of `text`, with [`Kind::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, TextError> {
    let mut all = Vec::new();
    let mut offset = 0;
    while let Some(first) = text[offset..].chars().next() {
        if first.is_whitespace() {
            offset += first.len_utf8();
            continue;
        }
        let (kind, length) = token(&text[offset..], first).map_err(|fault| TextError { offset, fault })?;
        all.push(Token { offset, kind });
        offset += length;
    }
    all.push(Token { offset, kind: Kind::End });
    Ok(all)
}

/// The token that `rest` starts with, and its length in bytes.
fn token(rest: &str, first: char) -> Result<(Kind<'_>, usize), TextFault> {
    if first == '\'' || first == '"' {
        let (inner, length) = quoted(rest, first).ok_or(TextFault::OpenQuote)?;
        let kind = if first == '\'' { Kind::Text(inner) } else { Kind::Name(inner) };
        return Ok((kind, length));
    }
    if first.is_ascii_digit() {
        let length = number_length(rest.as_bytes());
        return Ok((Kind::Number(&rest[..length]), length));
    }
    if is_word_start(first) {
        let length = rest.find(|c| !is_word_part(c)).unwrap_or(rest.len());
        return Ok((Kind::Word(&rest[..length]), length));
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => Ok((Kind::Sign(sign), sign.len())),
        None => Err(TextFault::Expected { what: Expected::Condition, found: first.to_string() }),
    }
}

/// What stands between two `quote`s, which are doubled inside, and the length with them.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            inner.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            inner.push(quote);
        } else {
            return Some((inner, at + 1));
        }
    }
    None
}

/// Length of the digits, point and exponent at the start.
fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// Whether a word can start with `c`.
pub(super) fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether a word can go on with `c`.
pub(super) fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
