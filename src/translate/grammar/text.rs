//! The request as the grammar reads it: NFKC, lower case, every run of white space one blank; each
//! character knows which bytes of the typed text it came from.

use unicode_normalization::{UnicodeNormalization, is_nfkc};

use crate::segment::Words;

/// A normalised request.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    /// The characters that are read.
    pub(super) chars: Vec<char>,
    /// Whether the character was typed in upper case.
    pub(super) upper: Vec<bool>,
    /// Bytes of the original, one range for each character.
    bytes: Vec<(usize, usize)>,
    original: String,
    /// Where a line ended that nothing has followed yet.
    line_ended: Option<usize>,
}

impl Text {
    /// Normalises `original`. Control characters and marks of direction read as blanks.
    pub(super) fn new(original: &str) -> Self {
        let mut text = Self { original: original.to_owned(), ..Self::default() };
        let mut offset = 0;
        for word in original.split_inclusive(char::is_whitespace) {
            text.push_word(word, offset);
            offset += word.len();
        }
        text
    }

    /// A word in compatibility forms is normalised as a whole, since characters merge; each of its
    /// characters then stands for all its bytes.
    fn push_word(&mut self, word: &str, offset: usize) {
        if is_nfkc(word) {
            for (i, c) in word.char_indices() {
                self.push(c, (offset + i, offset + i + c.len_utf8()));
            }
        } else {
            for c in word.nfkc() {
                self.push(c, (offset, offset + word.trim_end().len()));
            }
        }
    }

    fn push(&mut self, c: char, bytes: (usize, usize)) {
        if c == '\n' {
            self.line_ended = Some(bytes.0);
        }
        let c = fold(c);
        if c == ' ' && self.chars.last().is_none_or(|&last| last == ' ') {
            return;
        }
        if c != ' '
            && let Some(at) = self.line_ended.take()
        {
            self.part_lines(at);
        }
        for lower in c.to_lowercase().filter(|c| !is_mark(*c)) {
            self.chars.push(lower);
            self.upper.push(c.is_uppercase());
            self.bytes.push(bytes);
        }
    }

    /// Lines are read as members of a list, as if a comma stood between them.
    fn part_lines(&mut self, at: usize) {
        let open = self.chars.iter().rposition(|c| *c != ' ').filter(|i| self.chars[*i].is_alphanumeric());
        if let Some(last) = open {
            self.chars.insert(last + 1, ',');
            self.upper.insert(last + 1, false);
            self.bytes.insert(last + 1, (at, at));
        }
    }

    /// The typed words from character `from` to before character `to`.
    pub(super) fn words(&self, from: usize, to: usize) -> Words {
        let (mut from, mut to) = (from, to.min(self.chars.len()));
        while from < to && self.chars[from] == ' ' {
            from += 1;
        }
        while to > from && self.chars[to - 1] == ' ' {
            to -= 1;
        }
        if from >= to {
            return Words::default();
        }
        let (start, end) = (self.bytes[from].0, self.bytes[to - 1].1.max(self.bytes[from].1));
        let text = self.original.get(start..end).unwrap_or_default().to_owned();
        Words { start, end, text }
    }

    /// The text with characters `from..to` replaced; the new ones stand for the old one's bytes.
    pub(super) fn mended(&self, from: usize, to: usize, with: &[char]) -> Self {
        let mut new = Self { original: self.original.clone(), ..Self::default() };
        let span = (self.bytes[from].0, self.bytes[to - 1].1);
        let keep = |range: std::ops::Range<usize>, new: &mut Self| {
            new.chars.extend_from_slice(&self.chars[range.clone()]);
            new.upper.extend_from_slice(&self.upper[range.clone()]);
            new.bytes.extend_from_slice(&self.bytes[range]);
        };
        keep(0..from, &mut new);
        for &c in with {
            new.chars.push(c);
            new.upper.push(false);
            new.bytes.push(span);
        }
        keep(to..self.chars.len(), &mut new);
        new
    }
}

/// Typographic variants to the plain character.
fn fold(c: char) -> char {
    match c {
        '‘' | '’' | '`' | '´' => '\'',
        '“' | '”' | '„' | '「' | '」' | '『' | '』' | '《' | '》' => '"',
        '–' | '—' | '―' | '−' | '〜' | '∼' | '～' => '~',
        '→' | '⇒' | '▶' | '»' => '>',
        '∧' | '∩' => ',',
        '∨' | '∪' => '|',
        '↑' => '+',
        'ㆍ' | '•' | '・' | '‧' => '·',
        '≥' | '≧' => '≥',
        '≤' | '≦' => '≤',
        c if c.is_whitespace() || c.is_control() => ' ',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => ' ',
        c => c,
    }
}

/// Combining marks that lower-casing or odd input leaves behind.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}')
}

/// Normalises a word of the catalog or the language data the way requests are.
pub(super) fn normal(word: &str) -> String {
    Text::new(word).chars.iter().collect::<String>().trim().to_owned()
}

/// Whether `c` is a Hangul syllable.
pub(super) fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}
