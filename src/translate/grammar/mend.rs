//! Slips of typing: an unknown word that is a slip or two from a known surface is read as that surface,
//! and the reader is told. Only where nothing exact matches.

use super::lattice::Token;
use super::lexicon::{Lexicon, Sense};
use super::text::{Text, is_hangul};
use crate::catalog::distance::{jamo, slips};

/// Words of a request that are mended at most.
const MAX_MENDS: usize = 6;
/// Words longer than this, in letters, are no slip.
const MAX_LETTERS: usize = 32;

/// Known surfaces by their letters.
#[derive(Debug, Default)]
pub(super) struct Mender {
    by_length: Vec<Vec<Known>>,
}

#[derive(Debug)]
struct Known {
    letters: Vec<char>,
    mask: u64,
    surface: Vec<char>,
    /// Names of the catalog go before words of the language.
    content: bool,
}

/// A word that was read as another.
#[derive(Debug, Clone)]
pub(super) struct Mend {
    /// Characters of the unmended text.
    pub(super) from: usize,
    /// One past the last.
    pub(super) to: usize,
    /// What it is read as.
    pub(super) surface: Vec<char>,
}

impl Mender {
    /// Indexes the surfaces of `lexicon`.
    pub(super) fn new(lexicon: &Lexicon) -> Self {
        let mut by_length: Vec<Vec<Known>> = (0..=MAX_LETTERS).map(|_| Vec::new()).collect();
        for entry in &lexicon.entries {
            let surface: Vec<char> = entry.surface.chars().collect();
            let solid: String = surface.iter().filter(|c| **c != ' ').collect();
            let letters = jamo(&solid);
            if (4..=MAX_LETTERS).contains(&letters.len()) {
                let content = entry.meanings.iter().any(|m| !matches!(m.sense, Sense::Word(_) | Sense::Time(_)));
                by_length[letters.len()].push(Known { mask: mask(&letters), letters, surface, content });
            }
        }
        Self { by_length }
    }

    /// The mends of the unknown tokens, from left to right.
    pub(super) fn mends(&self, text: &Text, tokens: &[Token]) -> Vec<Mend> {
        let mut mends = Vec::new();
        for token in tokens.iter().filter(|t| t.unknown()) {
            if mends.len() == MAX_MENDS {
                break;
            }
            let end = word_end(&text.chars, token.to);
            let whole = (end > token.to).then(|| self.nearest(text, token.from, end)).flatten();
            let found = [self.nearest(text, token.from, token.to), whole].into_iter().flatten().min_by_key(|(d, _)| *d);
            mends.extend(found.map(|(_, mend)| mend));
        }
        mends
    }

    fn nearest(&self, text: &Text, from: usize, to: usize) -> Option<(usize, Mend)> {
        let word: String = text.chars[from..to].iter().collect();
        let letters = jamo(&word);
        let short = word.chars().all(is_hangul) && word.chars().count() < 3;
        if short && word.chars().count() < 2 {
            return None;
        }
        let most = allowed(&letters).or(short.then_some(1))?;
        let hangul = word.chars().any(is_hangul);
        let mask = mask(&letters);
        let mut best: Option<(usize, bool, &Known)> = None;
        for length in letters.len().saturating_sub(most)..=(letters.len() + most).min(MAX_LETTERS) {
            for known in &self.by_length[length] {
                let plausible = (known.mask ^ mask).count_ones() as usize <= 2 * most
                    && known.letters.first() == letters.first()
                    && known.surface.iter().any(|c| is_hangul(*c)) == hangul;
                if !plausible || !short && allowed(&known.letters).is_none_or(|a| a < 1) {
                    continue;
                }
                let limit = best.map_or(most, |(d, _, _)| d);
                let Some(distance) = slips(&letters, &known.letters, limit) else { continue };
                if short && !(known.content && alike(&letters, &known.letters)) {
                    continue;
                }
                if !hangul && !slipped(&letters, &known.letters, known.content) {
                    continue;
                }
                // A slip does not add words.
                if !known.content && known.surface.contains(&' ') {
                    continue;
                }
                if best.is_none_or(|(d, content, _)| (distance, !known.content) < (d, !content)) {
                    best = Some((distance, known.content, known));
                }
            }
        }
        best.map(|(distance, _, known)| (distance, Mend { from, to, surface: known.surface.clone() }))
    }
}

/// Whether two words differ in one letter that is easily typed for the other: 인쳔 for 인천, 토쓰 for 토스.
fn alike(a: &[char], b: &[char]) -> bool {
    const ALIKE: [&str; 11] =
        ["ㅏㅑ", "ㅓㅕ", "ㅗㅛ", "ㅜㅠ", "ㅐㅔㅒㅖ", "ㅙㅚㅞ", "ㄱㄲ", "ㄷㄸ", "ㅂㅃ", "ㅅㅆ", "ㅈㅉ"];
    let mut differ = a.iter().zip(b).filter(|(x, y)| x != y);
    let one = differ.next().is_some_and(|(x, y)| ALIKE.iter().any(|g| g.contains(*x) && g.contains(*y)));
    a.len() == b.len() && one && differ.next().is_none()
}

/// Whether letters are only out of order, missing or doubled ("mnay"), or, in a longer name, one is that of a key
/// beside it ("samsumg"): "firm" and "film" are two words.
fn slipped(a: &[char], b: &[char], content: bool) -> bool {
    let sorted = |word: &[char]| {
        let mut word = word.to_vec();
        word.sort_unstable();
        word
    };
    if a.len() != b.len() || sorted(a) == sorted(b) {
        return true;
    }
    let differ: Vec<(char, char)> = a.iter().copied().zip(b.iter().copied()).filter(|(x, y)| x != y).collect();
    content && a.len() > 5 && differ.iter().all(|(x, y)| adjacent(*x, *y))
}

/// Whether two keys of a keyboard touch.
fn adjacent(a: char, b: char) -> bool {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let place = |c: char| ROWS.iter().enumerate().find_map(|(row, keys)| keys.find(c).map(|column| (row, column)));
    match (place(a), place(b)) {
        (Some((row, column)), Some((other, place))) => row.abs_diff(other) <= 1 && column.abs_diff(place) <= 1,
        _ => false,
    }
}

/// How many slips a word of these letters may have. Short words are never mended: anything is near them.
fn allowed(letters: &[char]) -> Option<usize> {
    let hangul = letters.iter().any(|c| ('ㄱ'..='ㅣ').contains(c));
    match (hangul, letters.len()) {
        (true, 5..=8) | (false, 4..=7) => Some(1),
        (true, 9..=MAX_LETTERS) | (false, 8..=11) => Some(2),
        (false, 12..=MAX_LETTERS) => Some(3),
        _ => None,
    }
}

/// Which letters occur, folded into 64 bits: words whose masks differ much are far apart.
fn mask(letters: &[char]) -> u64 {
    letters.iter().fold(0, |mask, c| mask | 1 << (u32::from(*c) % 64))
}

/// Where the run of letters around `at` ends.
fn word_end(chars: &[char], at: usize) -> usize {
    at + chars[at..].iter().take_while(|c| c.is_alphanumeric()).count()
}
