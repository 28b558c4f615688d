//! How many tokens a text is likely to be, before any model is asked. Tokenizers differ, so this is a rule that
//! errs upwards, more so for Korean; what a server reports afterwards is what is counted and paid.
//!
//! | characters | tokens |
//! | --- | --- |
//! | a run of ASCII letters | one for each four begun |
//! | a digit | one: some tokenizers never join digits |
//! | a Hangul syllable, any other letter | one |
//! | a Hangul letter by itself, an emoji, anything rarer | two |
//! | ASCII punctuation | one for each two begun |
//! | a blank before a word | none: it is part of the word |
//! | further blanks, a line's end | one for each run |

/// Tokens that a message costs beside its text: who says it, and its ends.
pub const MESSAGE_TOKENS: u32 = 4;

/// ASCII letters of one token.
const LETTERS: u32 = 4;
/// ASCII punctuation marks of one token.
const MARKS: u32 = 2;

/// Kinds of characters that are counted together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Marks,
    Blank,
    /// Each by itself, so many tokens.
    Single(u32),
}

/// How many tokens `text` is likely to be; seldom less than a server counts.
#[must_use]
pub fn estimate(text: &str) -> u32 {
    let (mut tokens, mut run, mut last) = (0_u32, 0_u32, Kind::Blank);
    for c in text.chars() {
        let kind = kind(c);
        if kind != last || matches!(kind, Kind::Single(_)) {
            tokens = tokens.saturating_add(of_run(last, run));
            run = 0;
        }
        // A line's end is never part of the next word.
        run = run.saturating_add(if c == '\n' { 2 } else { 1 });
        last = kind;
    }
    tokens.saturating_add(of_run(last, run))
}

fn of_run(kind: Kind, length: u32) -> u32 {
    match kind {
        _ if length == 0 => 0,
        Kind::Letters => length.div_ceil(LETTERS),
        Kind::Marks => length.div_ceil(MARKS),
        Kind::Blank => u32::from(length > 1),
        Kind::Single(tokens) => tokens,
    }
}

fn kind(c: char) -> Kind {
    match c {
        'a'..='z' | 'A'..='Z' => Kind::Letters,
        '0'..='9' => Kind::Single(1),
        c if c.is_whitespace() => Kind::Blank,
        c if c.is_ascii() => Kind::Marks,
        '가'..='힣' => Kind::Single(1),
        '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' => Kind::Single(2),
        c if c.is_alphabetic() && c.len_utf8() < 4 => Kind::Single(1),
        _ => Kind::Single(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_as_documented() {
        for (text, tokens) in [
            ("", 0),
            ("age", 1),
            ("customers", 3),
            ("two words", 3),
            ("2024", 4),
            ("강남구", 3),
            ("강남 거주", 4),
            ("ㅋㅋ", 4),
            ("🐝", 2),
            ("home_sido", 3),
            ("{\"a\":1}", 5),
            ("a\n\nb", 3),
        ] {
            assert_eq!(estimate(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn a_longer_text_is_not_fewer_tokens() {
        let text = "강남 거주 iPhone 사용자 2030, \"연령별\" 통계 {뽑아줘}\n";
        let mut last = 0;
        for (i, _) in text.char_indices() {
            let now = estimate(&text[..i]);
            assert!(now >= last, "{}", &text[..i]);
            last = now;
        }
    }
}
