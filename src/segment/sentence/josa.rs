//! Korean particles: which of two forms follows a word is told by how the word ends when read aloud.

/// A particle with two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Josa {
    /// 은/는.
    Topic,
    /// 이/가.
    Subject,
    /// 을/를.
    Object,
    /// 과/와.
    And,
    /// 으로/로.
    To,
    /// 이나/나.
    Or,
    /// 이라/라.
    Copula,
}

impl Josa {
    /// The form after a consonant, the form after a vowel, and how templates write both.
    fn forms(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Topic => ("은", "는", "은(는)"),
            Self::Subject => ("이", "가", "이(가)"),
            Self::Object => ("을", "를", "을(를)"),
            Self::And => ("과", "와", "과(와)"),
            Self::To => ("으로", "로", "(으)로"),
            Self::Or => ("이나", "나", "(이)나"),
            Self::Copula => ("이라", "라", "(이)라"),
        }
    }
}

/// How a word ends when it is read aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// The consonant ㄹ, after which 로 stands.
    Rieul,
    Consonant,
    /// Nothing that is read.
    Unknown,
}

/// `word` with the form of `josa` that its last sound asks for.
#[must_use]
pub fn josa(word: &str, josa: Josa) -> String {
    let (consonant, vowel, both) = josa.forms();
    let form = match ending(word) {
        Ending::Vowel => vowel,
        Ending::Rieul if josa == Josa::To => vowel,
        Ending::Rieul | Ending::Consonant => consonant,
        Ending::Unknown => both,
    };
    format!("{word}{form}")
}

/// `text` with every `을(를)` and its like replaced by the form that fits.
pub(super) fn mended(text: &str) -> String {
    let all = [Josa::Topic, Josa::Subject, Josa::Object, Josa::And, Josa::To, Josa::Or, Josa::Copula];
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, particle)) = all.iter().filter_map(|j| Some((rest.find(j.forms().2)?, *j))).min_by_key(|f| f.0)
    {
        out.push_str(&rest[..at]);
        rest = &rest[at + particle.forms().2.len()..];
        out = josa(&out, particle);
    }
    out + rest
}

fn ending(word: &str) -> Ending {
    let word = without_brackets(word);
    let last = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    // A sign that is read aloud ends in a vowel: 퍼센트, 플러스.
    if word[last.len()..].contains(['%', '+']) {
        return Ending::Vowel;
    }
    match last.chars().next_back() {
        Some(c @ '가'..='힣') => syllable(c),
        Some(c) if c.is_ascii_digit() => number(last),
        Some(c) if c.is_ascii_alphabetic() => latin(last),
        _ => Ending::Unknown,
    }
}

/// `word` without a remark in brackets at its end.
fn without_brackets(word: &str) -> &str {
    match word.strip_suffix(')').and_then(|inner| inner.rfind('(')) {
        Some(open) if open > 0 => word[..open].trim_end(),
        _ => word,
    }
}

fn syllable(c: char) -> Ending {
    match (u32::from(c) - u32::from('가')) % 28 {
        0 => Ending::Vowel,
        8 => Ending::Rieul,
        _ => Ending::Consonant,
    }
}

/// 영 일 이 삼 사 오 육 칠 팔 구, and after zeros 십 백 천 만 억 조.
fn number(word: &str) -> Ending {
    let zeros = word.chars().rev().filter(|c| *c != ',').take_while(|c| *c == '0').count();
    let digits = word.chars().rev().filter(|c| *c != ',').take_while(char::is_ascii_digit).count();
    if zeros > 0 {
        return if zeros == 12 && digits > zeros { Ending::Vowel } else { Ending::Consonant };
    }
    match word.chars().next_back() {
        Some('1' | '7' | '8') => Ending::Rieul,
        Some('3' | '6') => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

/// Letters are read one by one where all are capitals, else as Korean writes such endings.
fn latin(word: &str) -> Ending {
    let start = word.rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + 1);
    // The sign before may be longer than a byte.
    let letters: String = word.get(start..).map_or_else(
        || word.chars().rev().take_while(char::is_ascii_alphabetic).collect::<Vec<_>>().into_iter().rev().collect(),
        str::to_owned,
    );
    let spelt = letters.len() <= 3 && letters.chars().all(|c| c.is_ascii_uppercase()) || letters.len() == 1;
    let lower = letters.to_ascii_lowercase();
    let before = lower.chars().rev().nth(1);
    let after_vowel = before.is_some_and(|c| "aeiouy".contains(c));
    match lower.chars().next_back() {
        Some('l') => Ending::Rieul,
        Some('m' | 'n') => Ending::Consonant,
        Some('r') if spelt => Ending::Rieul,
        _ if spelt => Ending::Vowel,
        Some('e') if before == Some('l') => Ending::Rieul,
        Some('e') if matches!(before, Some('m' | 'n')) => Ending::Consonant,
        Some('g') if before == Some('n') => Ending::Consonant,
        Some('k') if after_vowel || matches!(before, Some('c' | 'l')) => Ending::Consonant,
        Some('p') if after_vowel || before == Some('p') => Ending::Consonant,
        Some('b' | 't' | 'c') if after_vowel => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_the_last_sound() {
        for (word, topic, to) in [
            ("강남구", "강남구는", "강남구로"),
            ("서울", "서울은", "서울로"),
            ("고객", "고객은", "고객으로"),
            ("iPhone", "iPhone은", "iPhone으로"),
            ("Netflix", "Netflix는", "Netflix로"),
            ("YouTube", "YouTube는", "YouTube로"),
            ("Instagram", "Instagram은", "Instagram으로"),
            ("TVING", "TVING은", "TVING으로"),
            ("KakaoTalk", "KakaoTalk은", "KakaoTalk으로"),
            ("Apple", "Apple은", "Apple로"),
            ("SMS", "SMS는", "SMS로"),
            ("LTE", "LTE는", "LTE로"),
            ("5G", "5G는", "5G로"),
            ("VIP", "VIP는", "VIP로"),
            ("1", "1은", "1로"),
            ("2", "2는", "2로"),
            ("3", "3은", "3으로"),
            ("10", "10은", "10으로"),
            ("1,000", "1,000은", "1,000으로"),
            ("1000000000000", "1000000000000는", "1000000000000로"),
            ("10%", "10%는", "10%로"),
            ("Disney+", "Disney+는", "Disney+로"),
            ("강남구(서울)", "강남구(서울)는", "강남구(서울)로"),
            ("'여성'", "'여성'은", "'여성'으로"),
            ("…", "…은(는)", "…(으)로"),
            ("", "은(는)", "(으)로"),
        ] {
            assert_eq!(josa(word, Josa::Topic), topic);
            assert_eq!(josa(word, Josa::To), to);
        }
    }

    #[test]
    fn every_particle_has_both_forms() {
        let all = [Josa::Subject, Josa::Object, Josa::And, Josa::Or, Josa::Copula];
        assert_eq!(all.map(|j| josa("구", j)), ["구가", "구를", "구와", "구나", "구라"]);
        assert_eq!(all.map(|j| josa("앱", j)), ["앱이", "앱을", "앱과", "앱이나", "앱이라"]);
    }

    #[test]
    fn templates_are_mended() {
        assert_eq!(mended("Netflix을(를) 이용, 앱은(는) 서울(으)로"), "Netflix를 이용, 앱은 서울로");
        assert_eq!(mended("을(를)"), "을(를)");
    }
}
