//! How far two words are apart: Hangul by its letters (jamo), so that 인스타그렘 is one slip from
//! 인스타그램, everything else by characters.

use unicode_normalization::UnicodeNormalization;

/// How many names [`nearest`] offers.
const MAX_OFFERED: usize = 3;

/// The letters of a word for comparing: composed first, lower case, each Hangul syllable taken apart
/// into its two or three letters.
#[must_use]
pub fn jamo(word: &str) -> Vec<char> {
    let mut letters = Vec::with_capacity(word.len());
    for c in word.nfc().flat_map(char::to_lowercase) {
        match syllable(c) {
            Some([lead, vowel, tail]) => {
                letters.extend([lead, vowel]);
                letters.extend((tail != '\0').then_some(tail));
            }
            None => letters.push(c),
        }
    }
    letters
}

/// The letters of one Hangul syllable: first, middle, last (`'\0'` for none), as compatibility jamo.
fn syllable(c: char) -> Option<[char; 3]> {
    const LEADS: [char; 19] = [
        'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ',
        'ㅎ',
    ];
    const VOWELS: [char; 21] = [
        'ㅏ', 'ㅐ', 'ㅑ', 'ㅒ', 'ㅓ', 'ㅔ', 'ㅕ', 'ㅖ', 'ㅗ', 'ㅘ', 'ㅙ', 'ㅚ', 'ㅛ', 'ㅜ', 'ㅝ', 'ㅞ', 'ㅟ', 'ㅠ',
        'ㅡ', 'ㅢ', 'ㅣ',
    ];
    const TAILS: [char; 28] = [
        '\0', 'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ', 'ㅂ',
        'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
    ];
    if !('가'..='힣').contains(&c) {
        return None;
    }
    let index = c as usize - '가' as usize;
    Some([LEADS[index / 588], VOWELS[index % 588 / 28], TAILS[index % 28]])
}

/// The number of slips (a letter too many, too few, wrong, or two swapped) between `a` and `b`, or
/// nothing where there are more than `most`.
#[must_use]
pub fn slips(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && y == a[i - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        if row.iter().all(|&n| n > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    Some(last[b.len()]).filter(|&n| n <= most)
}

/// How many slips a word of so many letters may hold and still be taken for another.
#[must_use]
pub fn tolerance(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        8..=14 => 2,
        _ => 3,
    }
}

/// The names nearest to `word`, nearest first, at most three: "did you mean …?". More generous than
/// [`tolerance`], for a reader chooses.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let letters = jamo(word);
    let most = (letters.len() / 3).max(1);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for name in names {
        if let Some(n) = slips(&letters, &jamo(name), most).filter(|_| !found.iter().any(|(_, f)| *f == name)) {
            found.push((n, name));
        }
    }
    found.sort_by_key(|(n, _)| *n);
    found.into_iter().take(MAX_OFFERED).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(a: &str, b: &str) -> Option<usize> {
        slips(&jamo(a), &jamo(b), 3)
    }

    #[test]
    fn hangul_is_compared_by_letters() {
        assert_eq!(jamo("갤A"), ['ㄱ', 'ㅐ', 'ㄹ', 'a']);
        assert_eq!(jamo("\u{1100}\u{1161}"), ['ㄱ', 'ㅏ'], "decomposed text is the same word");
        assert_eq!(apart("인스타그렘", "인스타그램"), Some(1));
        assert_eq!(apart("뽀아줘", "뽑아줘"), Some(1));
        assert_eq!(apart("갤럭씨", "갤럭시"), Some(1));
    }

    #[test]
    fn a_swap_is_one_slip_and_far_words_are_none() {
        assert_eq!(apart("mnay", "many"), Some(1));
        assert_eq!(apart("seuol", "Seoul"), Some(1));
        assert_eq!(apart("femlae", "female"), Some(1));
        assert_eq!(apart("abc", "abcdefg"), None);
        assert_eq!(apart("", ""), Some(0));
    }

    #[test]
    fn the_nearest_names_come_first() {
        let names = ["home_sido", "home_sigungu", "work_sido", "age"];
        assert_eq!(nearest("home_sdio", names), ["home_sido", "work_sido"].into_iter().take(1).collect::<Vec<_>>());
        assert!(nearest("zzz", names).is_empty());
    }
}
