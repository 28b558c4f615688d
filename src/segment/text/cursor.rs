//! Where the parser stands among its tokens, and what it says when something else stands there.

use super::lex::{Kind, Token};
use super::{Expected, TextError, TextFault};

/// Tokens, of which the last is the end, and the next one to read.
pub(super) struct Cursor<'a> {
    tokens: Vec<Token<'a>>,
    pub(super) next: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(tokens: Vec<Token<'a>>) -> Self {
        Self { tokens, next: 0 }
    }

    pub(super) fn peek(&self) -> &Kind<'a> {
        // The last token is the end, and nothing reads past it.
        &self.tokens[self.next.min(self.tokens.len() - 1)].kind
    }

    /// The token after the next.
    pub(super) fn after(&self) -> &Kind<'a> {
        &self.tokens[(self.next + 1).min(self.tokens.len() - 1)].kind
    }

    pub(super) fn skip<T>(&mut self, value: T) -> T {
        self.next += 1;
        value
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let here = matches!(self.peek(), Kind::Word(w) if w.eq_ignore_ascii_case(word));
        self.next += usize::from(here);
        here
    }

    pub(super) fn take_sign(&mut self, sign: &'static str) -> bool {
        let here = *self.peek() == Kind::Sign(sign);
        self.next += usize::from(here);
        here
    }

    pub(super) fn word(&mut self, word: &'static str) -> Result<(), TextError> {
        if self.take_word(word) { Ok(()) } else { Err(self.expected(Expected::This(word))) }
    }

    pub(super) fn sign(&mut self, sign: &'static str) -> Result<(), TextError> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.expected(Expected::This(sign))) }
    }

    pub(super) fn expected(&self, what: Expected) -> TextError {
        self.fault(TextFault::Expected { what, found: self.peek().shown() })
    }

    pub(super) fn fault(&self, fault: TextFault) -> TextError {
        self.fault_at(self.next, fault)
    }

    pub(super) fn fault_at(&self, token: usize, fault: TextFault) -> TextError {
        TextError { offset: self.tokens[token.min(self.tokens.len() - 1)].offset, fault }
    }
}
