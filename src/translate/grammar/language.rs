//! The language data (`schema/language/*.yaml`): what words do in a request, whatever the data is about.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a word does. The files say which words; `ko.yaml` and `en.yaml` explain each class by its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each class is explained by its members in the language files")]
pub(super) enum Class {
    Particle,
    To,
    And,
    Or,
    Comma,
    Stop,
    Too,
    Only,
    Each,
    Both,
    Any,
    Combined,
    Distinct,
    NotBefore,
    NotAfter,
    NotJust,
    OneOnly,
    Has,
    HasNot,
    Instead,
    InsteadAfter,
    Exclude,
    Ge,
    Le,
    Gt,
    Lt,
    GeBefore,
    GtBefore,
    LeBefore,
    LtBefore,
    EqBefore,
    Between,
    From,
    Until,
    Tilde,
    Top,
    Bottom,
    Most,
    Avg,
    Sum,
    Max,
    Min,
    Median,
    Share,
    By,
    ByTo,
    Cross,
    Stats,
    Which,
    HowMany,
    HowLong,
    Anaphor,
    LikeThat,
    Among,
    Everyone,
    Condition,
    Undo,
    Reset,
    Save,
    Load,
    Compare,
    Export,
    NameIs,
    Earlier,
    Kept,
    About,
    Data,
    Delete,
    System,
    Background,
    Recent,
    Last,
    Within,
    Since,
    Before,
    ThisYear,
    LastYear,
    YearBeforeLast,
    ThisMonth,
    LastMonth,
    ThisWeek,
    LastWeek,
    Half1,
    Half2,
    Quarter,
    Quarter1,
    Quarter2,
    Quarter3,
    Quarter4,
    Today,
    Yesterday,
    Decade,
    Early,
    Mid,
    Late,
    Percent,
    Counter,
    Times,
    Yearsold,
    But,
    Who,
    Head,
    Keep,
    Add,
    Replace,
    SwapFor,
    Drop,
    Split,
    Ask,
    First,
    Second,
    Third,
    Fourth,
    Ordinal,
    DegreeHigh,
    DegreeLow,
    Whether,
    NotMark,
    ThatTerm,
    DateWord,
    Filler,
}

/// A unit of time, or a bare count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub(super) enum Measure {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
    Times,
    Counter,
}

/// A word that is an amount by itself: 열흘, fortnight.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct AmountWord {
    /// The word.
    pub(super) word: String,
    /// How much.
    pub(super) value: f64,
    /// Of what.
    pub(super) unit: Measure,
}

/// One language.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Language {
    /// Class → surfaces.
    pub(super) words: BTreeMap<Class, Vec<String>>,
    /// Class → Korean dictionary forms, or English base forms.
    pub(super) verbs: BTreeMap<Class, Vec<String>>,
    /// English base form → forms that regular endings do not give.
    pub(super) irregular: BTreeMap<String, Vec<String>>,
    /// Unit → words.
    pub(super) time_units: BTreeMap<Measure, Vec<String>>,
    /// Amounts that need no number.
    pub(super) amounts: Vec<AmountWord>,
    /// Month names.
    pub(super) months: BTreeMap<String, u32>,
    /// Names of decades of life.
    pub(super) decades: BTreeMap<String, u32>,
    /// Particles that may stand inside a phrase.
    pub(super) inside: Vec<String>,
}

/// Both languages, as they are compiled into the program.
pub(super) fn builtin() -> [Language; 2] {
    [read(include_str!("../../../schema/language/ko.yaml")), read(include_str!("../../../schema/language/en.yaml"))]
}

/// The files are part of the program and a test reads them, so that a fault never reaches a user.
fn read(text: &str) -> Language {
    serde_saphyr::from_str(text).unwrap_or_else(|error| {
        tracing::error!(%error, "the built-in language data cannot be read");
        Language::default()
    })
}

/// The forms of an English verb phrase: "sign up" → sign up, signs up, signed up, signing up.
pub(super) fn english_forms(phrase: &str, irregular: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    if let Some(forms) = irregular.get(phrase) {
        return std::iter::once(phrase.to_owned()).chain(forms.iter().cloned()).collect();
    }
    let (verb, rest) = phrase.split_once(' ').map_or((phrase, String::new()), |(v, r)| (v, format!(" {r}")));
    let forms = irregular.get(verb).cloned().unwrap_or_else(|| regular(verb));
    std::iter::once(verb.to_owned()).chain(forms).map(|form| form + &rest).collect()
}

fn regular(verb: &str) -> Vec<String> {
    if let Some(stem) = verb.strip_suffix('e') {
        return vec![format!("{verb}s"), format!("{verb}d"), format!("{stem}ing")];
    }
    if let Some(stem) = verb.strip_suffix('y').filter(|s| !s.ends_with(['a', 'e', 'o', 'u'])) {
        return vec![format!("{stem}ies"), format!("{stem}ied"), format!("{verb}ing")];
    }
    let s = if verb.ends_with(['s', 'x', 'z']) || verb.ends_with("ch") || verb.ends_with("sh") { "es" } else { "s" };
    vec![format!("{verb}{s}"), format!("{verb}ed"), format!("{verb}ing")]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn the_language_files_are_sound() {
        for text in [include_str!("../../../schema/language/ko.yaml"), include_str!("../../../schema/language/en.yaml")]
        {
            let language: Language = serde_saphyr::from_str(text).unwrap();
            assert!(language.words.len() > 50);
        }
    }

    #[test]
    fn english_verbs_take_their_forms() {
        let [_, en] = builtin();
        assert_eq!(english_forms("use", &en.irregular), ["use", "uses", "used", "using"]);
        assert_eq!(english_forms("sign up", &en.irregular), ["sign up", "signs up", "signed up", "signing up"]);
        assert!(english_forms("buy", &en.irregular).contains(&"bought".to_owned()));
    }
}
