//! Words as they are compared: one composed form, lower case, no spaces or hyphens.

use unicode_normalization::UnicodeNormalization;

/// `word` folded for comparing: "B tv", "b-tv" and "BTV" are one word.
#[must_use]
pub fn fold(word: &str) -> String {
    word.nfc().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn spelling_that_means_nothing_is_folded_away() {
        assert_eq!(fold("B tv"), fold("b-TV"));
        assert_eq!(fold("\u{1100}\u{1161}"), "가");
    }
}
