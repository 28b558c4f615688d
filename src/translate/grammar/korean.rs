//! Korean verbs: from the dictionary form (쓰다) to the forms that requests use (쓰는, 쓰시는, 썼던, 쓰지 …).
//!
//! Generated once for every verb of the language data and the catalog, so that neither has to list
//! endings. Formation follows the standard description of Korean verb endings: a form before
//! consonants (쓰-고), one that takes 으 after a consonant (찾-으-면), and the infinitive (써, 찾아).

/// What a verb form does in its clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Modifies a noun: 쓰는, 쓴, 쓸.
    Adnominal,
    /// Goes on to another clause: 쓰고, 쓰면서, 쓰는데.
    And,
    /// Offers another clause: 쓰거나.
    Or,
    /// Ends a sentence, or a condition of one: 써줘, 씁니다, 쓰면.
    End,
    /// Waits for a negation: 쓰지 (않는).
    Negatable,
    /// A noun of it: 쓰기, 쓰는지.
    Noun,
}

const INITIALS: u32 = 588;
const FINALS: u32 = 28;
const BASE: u32 = 0xAC00;

const A: u32 = 0;
const AE: u32 = 1;
const YA: u32 = 2;
const EO: u32 = 4;
const E: u32 = 5;
const YEO: u32 = 6;
const O: u32 = 8;
const WA: u32 = 9;
const WAE: u32 = 10;
const OE: u32 = 11;
const U: u32 = 13;
const WEO: u32 = 14;
const EU: u32 = 18;
const I: u32 = 20;

const FINAL_N: u32 = 4;
const FINAL_L: u32 = 8;
const FINAL_M: u32 = 16;
const FINAL_B: u32 = 17;
const FINAL_SS: u32 = 20;

/// Stems whose final ㄷ becomes ㄹ before a vowel.
const D_IRREGULAR: [&str; 3] = ["듣", "걷", "싣"];
/// Stems whose final ㅂ becomes 우 before a vowel.
const B_IRREGULAR: [&str; 10] = ["가깝", "어렵", "쉽", "가볍", "무겁", "돕", "고맙", "덥", "춥", "귀엽"];
/// Stems in 르 that only drop ㅡ.
const REU_REGULAR: [&str; 3] = ["들르", "따르", "치르"];

fn split(c: char) -> Option<(u32, u32, u32)> {
    let code = (c as u32).checked_sub(BASE).filter(|_| super::text::is_hangul(c))?;
    Some((code / INITIALS, code % INITIALS / FINALS, code % FINALS))
}

fn join(initial: u32, vowel: u32, last: u32) -> char {
    char::from_u32(BASE + initial * INITIALS + vowel * FINALS + last).unwrap_or('?')
}

/// Whether the last character of `word` is a syllable with a final consonant; none for other scripts.
pub(super) fn closed(word: &str) -> Option<bool> {
    word.chars().last().and_then(split).map(|(_, _, last)| last != 0)
}

/// `text` with `last` as the final consonant of its last (open) syllable.
fn close(text: &str, last: u32) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    if let Some((initial, vowel, 0)) = chars.last().copied().and_then(split) {
        chars.pop();
        chars.push(join(initial, vowel, last));
    }
    chars.into_iter().collect()
}

/// `text` with the last character replaced.
fn with_last(text: &str, last: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    chars.pop();
    chars.into_iter().collect::<String>() + last
}

/// The infinitive: 써, 봐, 살아, 해, 골라.
fn infinitive(stem: &str) -> Vec<String> {
    let Some((initial, vowel, last)) = stem.chars().last().and_then(split) else { return Vec::new() };
    let before: Vec<char> = stem.chars().collect();
    let previous = before.len().checked_sub(2).and_then(|i| split(before[i])).map(|(_, v, _)| v);
    let bright = |v: u32| matches!(v, A | O | YA);
    if last != 0 {
        if D_IRREGULAR.iter().any(|d| stem.ends_with(d)) {
            let stem = with_last(stem, &join(initial, vowel, FINAL_L).to_string());
            return vec![stem + if bright(vowel) { "아" } else { "어" }];
        }
        if B_IRREGULAR.iter().any(|b| stem.ends_with(b)) {
            return vec![with_last(stem, &join(initial, vowel, 0).to_string()) + "워"];
        }
        return vec![format!("{stem}{}", if bright(vowel) { "아" } else { "어" })];
    }
    let merged = |v: u32| with_last(stem, &join(initial, v, 0).to_string());
    if stem.ends_with('하') {
        return vec![with_last(stem, "해"), format!("{stem}여")];
    }
    match vowel {
        A | AE | EO | E | YEO => vec![stem.to_owned()],
        O => vec![merged(WA)],
        U => vec![merged(WEO), format!("{stem}어")],
        I => vec![merged(YEO), format!("{stem}어")],
        OE => vec![merged(WAE), format!("{stem}어")],
        EU if stem.ends_with('르') && previous.is_some() && !REU_REGULAR.iter().any(|r| stem.ends_with(r)) => {
            let open: String = before[..before.len() - 1].iter().collect();
            vec![close(&open, FINAL_L) + if previous.is_some_and(bright) { "라" } else { "러" }]
        }
        EU => vec![merged(if previous.is_some_and(bright) { A } else { EO })],
        _ => vec![format!("{stem}어")],
    }
}

/// The form before 면, 며, 시, ㄴ, ㄹ: 쓰, 찾으, 살 (살면; 사시는 drops ㄹ), 들으.
fn extended(stem: &str) -> String {
    let Some((initial, vowel, last)) = stem.chars().last().and_then(split) else { return stem.to_owned() };
    if last == 0 || last == FINAL_L {
        return stem.to_owned();
    }
    if D_IRREGULAR.iter().any(|d| stem.ends_with(d)) {
        return with_last(stem, &join(initial, vowel, FINAL_L).to_string()) + "으";
    }
    if B_IRREGULAR.iter().any(|b| stem.ends_with(b)) {
        return with_last(stem, &join(initial, vowel, 0).to_string()) + "우";
    }
    format!("{stem}으")
}

/// The stem without a final ㄹ, as before ㄴ, ㅅ and ㅂ.
fn without_l(stem: &str) -> String {
    match stem.chars().last().and_then(split) {
        Some((initial, vowel, FINAL_L)) => with_last(stem, &join(initial, vowel, 0).to_string()),
        _ => stem.to_owned(),
    }
}

const AFTER_STEM: [(&str, Form); 17] = [
    ("고", Form::And),
    ("고요", Form::And),
    ("구", Form::And),
    ("지만", Form::And),
    ("던", Form::Adnominal),
    ("거나", Form::Or),
    ("든", Form::Or),
    ("지", Form::Negatable),
    ("질", Form::Negatable),
    ("지는", Form::Negatable),
    ("진", Form::Negatable),
    ("지도", Form::Negatable),
    ("기", Form::Noun),
    ("다", Form::End),
    ("게", Form::End),
    ("자", Form::End),
    ("죠", Form::End),
];
const AFTER_OPEN: [(&str, Form); 9] = [
    ("는", Form::Adnominal),
    ("는데", Form::And),
    ("는데요", Form::And),
    ("는지", Form::Noun),
    ("는지는", Form::Noun),
    ("는지도", Form::Noun),
    ("네", Form::End),
    ("니", Form::End),
    ("나요", Form::End),
];
const AFTER_EXTENDED: [(&str, Form); 8] = [
    ("면", Form::End),
    ("면요", Form::End),
    ("며", Form::And),
    ("면서", Form::And),
    ("려고", Form::And),
    ("려는", Form::Adnominal),
    ("려", Form::And),
    ("니까", Form::And),
];
const AFTER_HONORIFIC: [(&str, Form); 14] = [
    ("시는", Form::Adnominal),
    ("신", Form::Adnominal),
    ("실", Form::Adnominal),
    ("시던", Form::Adnominal),
    ("시고", Form::And),
    ("시며", Form::And),
    ("시면서", Form::And),
    ("시는데", Form::And),
    ("시지만", Form::And),
    ("시거나", Form::Or),
    ("시지", Form::Negatable),
    ("시는지", Form::Noun),
    ("세요", Form::End),
    ("시면", Form::End),
];
const AFTER_INFINITIVE: [(&str, Form); 35] = [
    ("", Form::End),
    ("서", Form::And),
    ("요", Form::End),
    ("라", Form::End),
    ("줘", Form::End),
    ("줘요", Form::End),
    ("주세요", Form::End),
    ("주세여", Form::End),
    ("주셈", Form::End),
    ("주십시오", Form::End),
    ("주실래요", Form::End),
    ("주실 수 있나요", Form::End),
    ("주실 수 있을까요", Form::End),
    ("줄 수 있어", Form::End),
    ("줄 수 있나요", Form::End),
    ("줄래", Form::End),
    ("줄래요", Form::End),
    ("주라", Form::End),
    ("주시면", Form::End),
    ("주시겠어요", Form::End),
    ("주시기 바랍니다", Form::End),
    ("주길", Form::End),
    ("줬으면", Form::End),
    ("주고", Form::And),
    ("줘봐", Form::End),
    ("봐", Form::End),
    ("봐줘", Form::End),
    ("봐요", Form::End),
    ("보자", Form::End),
    ("볼게", Form::End),
    ("볼게요", Form::End),
    ("볼래", Form::End),
    ("야", Form::End),
    ("둬", Form::End),
    ("도", Form::End),
];
const AFTER_PAST: [(&str, Form); 15] = [
    ("던", Form::Adnominal),
    ("는데", Form::And),
    ("고", Form::And),
    ("지만", Form::And),
    ("으며", Form::And),
    ("으면", Form::End),
    ("으면서", Form::And),
    ("거나", Form::Or),
    ("는지", Form::Noun),
    ("을", Form::Adnominal),
    ("어", Form::End),
    ("어요", Form::End),
    ("다", Form::End),
    ("습니다", Form::End),
    ("음", Form::Noun),
];

/// All forms of the verb with dictionary form `verb` (ending in 다). A word that does not end in 다 has
/// none.
pub(super) fn forms(verb: &str) -> Vec<(String, Form)> {
    let Some(stem) = verb.strip_suffix('다').filter(|s| !s.is_empty()) else { return Vec::new() };
    let (open, extended) = (without_l(stem), extended(stem));
    let honorific = if extended == stem { open.clone() } else { extended.clone() };
    let mut all = Vec::new();
    let mut add = |base: &str, endings: &[(&str, Form)]| {
        all.extend(endings.iter().map(|(ending, form)| (format!("{base}{ending}"), *form)));
    };
    add(stem, &AFTER_STEM);
    add(&open, &AFTER_OPEN);
    add(&extended, &AFTER_EXTENDED);
    add(&honorific, &AFTER_HONORIFIC);
    for base in infinitive(stem) {
        add(&base, &AFTER_INFINITIVE);
        add(&close(&base, FINAL_SS), &AFTER_PAST);
    }
    for base in infinitive(&format!("{honorific}시")) {
        add(&close(&base, FINAL_SS), &AFTER_PAST);
        add(&base, &[("서", Form::And), ("요", Form::End)]);
    }
    // ㄴ, ㄹ, ㅂ니다, ㅁ merge into the open syllable: 쓴, 살 → 산, 찾은.
    let merge = if extended == stem { open.as_str() } else { extended.as_str() };
    let merged = |last: u32, tail: &str| close(merge, last) + tail;
    all.push((merged(FINAL_N, ""), Form::Adnominal));
    all.push((merged(FINAL_N, "데"), Form::And));
    all.push((merged(FINAL_N, "다"), Form::End));
    all.push((merged(FINAL_N, "지"), Form::Noun));
    all.push((merged(FINAL_L, ""), Form::Adnominal));
    all.push((merged(FINAL_L, "까"), Form::End));
    all.push((merged(FINAL_L, "게"), Form::End));
    all.push((merged(FINAL_L, "게요"), Form::End));
    all.push((merged(FINAL_L, "래"), Form::End));
    // 품, 봄, 줌: a syllable that is a word of its own far more often.
    all.extend(Some((merged(FINAL_M, ""), Form::Noun)).filter(|(noun, _)| noun.chars().count() > 1));
    all.push((merged(FINAL_B, "니다"), Form::End));
    all.push((merged(FINAL_B, "시다"), Form::End));
    if closed(stem) == Some(true) && extended != stem {
        all.push((format!("{stem}습니다"), Form::End));
    }
    all.push((format!("{stem}겠음"), Form::End));
    all.push((format!("{stem}겠습니다"), Form::End));
    all
}

/// The dictionary forms that an adnominal phrase may come from: "골프 좋아하는" → "골프 좋아하다",
/// "혼자 사는" → 사다 and 살다, "소득 높은" → 높다. Empty where the phrase does not end in one.
pub(super) fn dictionary(phrase: &str) -> Vec<String> {
    let Some(last) = phrase.chars().last() else { return Vec::new() };
    let body = with_last(phrase, "");
    if body.trim().is_empty() {
        return Vec::new();
    }
    match last {
        '는' => {
            let mut found = vec![format!("{body}다")];
            if closed(&body) == Some(false) {
                found.push(close(&body, FINAL_L) + "다");
            }
            found
        }
        '은' if closed(&body) == Some(true) => vec![format!("{body}다")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn has(verb: &str, expected: &[(&str, Form)]) {
        let all = forms(verb);
        for (surface, form) in expected {
            assert!(all.contains(&((*surface).to_owned(), *form)), "{verb} has no {surface}: {all:?}");
        }
    }

    #[test]
    fn regular_and_irregular_verbs_take_the_right_shapes() {
        has(
            "쓰다",
            &[("쓰는", Form::Adnominal), ("쓴", Form::Adnominal), ("써줘", Form::End), ("쓰지", Form::Negatable)],
        );
        has(
            "살다",
            &[("사는", Form::Adnominal), ("사시는", Form::Adnominal), ("살고", Form::And), ("산", Form::Adnominal)],
        );
        has("듣다", &[("듣는", Form::Adnominal), ("들은", Form::Adnominal), ("들었던", Form::Adnominal)]);
        has("고르다", &[("골라줘", Form::End), ("고른", Form::Adnominal)]);
        has("들르다", &[("들른", Form::Adnominal), ("들렀던", Form::Adnominal)]);
        has("방문하다", &[("방문한", Form::Adnominal), ("방문했고", Form::And), ("방문하셨던", Form::Adnominal)]);
        has("다니다", &[("다녀", Form::End), ("다니거나", Form::Or), ("다닌", Form::Adnominal)]);
        has("나누다", &[("나눠서", Form::And), ("나눠줘", Form::End)]);
        has("찾다", &[("찾아주세요", Form::End), ("찾은", Form::Adnominal), ("찾습니다", Form::End)]);
    }

    #[test]
    fn adnominal_phrases_give_back_their_verbs() {
        assert_eq!(dictionary("골프 좋아하는"), ["골프 좋아하다", "골프 좋아핳다".replace('핳', "할").as_str()]);
        assert_eq!(dictionary("소득 높은"), ["소득 높다"]);
        assert!(dictionary("고소득").is_empty());
    }
}
