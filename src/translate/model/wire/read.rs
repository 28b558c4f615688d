//! Reading what a model wrote, tolerant of how it is wrapped (fences, words before and after, comments, commas too
//! many), never of what it says.

use super::Wire;

/// Characters of what a model wrote that are looked at: a draft is far shorter.
const MAX_REPLY: usize = 64 * 1024;

/// Places in a text at which a draft is looked for.
const MAX_STARTS: usize = 16;

impl Wire {
    /// The draft in `text`.
    ///
    /// # Errors
    /// What is wrong, in words that a model can mend it by.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_REPLY {
            return Err(format!("the reply is longer than {MAX_REPLY} bytes"));
        }
        let text = without_thoughts(text);
        let mut first_error = None;
        for candidate in candidates(text) {
            match serde_json::from_str(candidate).or_else(|e| serde_json::from_str(&cleaned(candidate)).map_err(|_| e))
            {
                Ok(value) => return Self::of_value(value),
                Err(error) => first_error = first_error.or_else(|| Some(format!("the reply is not JSON: {error}"))),
            }
        }
        Err(first_error.unwrap_or_else(|| "the reply holds no JSON object".to_owned()))
    }

    /// The draft that is `value`, or the one member of it where it is a list of one.
    fn of_value(value: serde_json::Value) -> Result<Self, String> {
        let value = match value {
            serde_json::Value::Array(mut list) if list.len() == 1 => list.remove(0),
            serde_json::Value::Array(list) => return Err(format!("expected one draft, found {}", list.len())),
            other => other,
        };
        serde_json::from_value(value).map_err(|e| format!("the JSON is no draft: {e}"))
    }
}

/// What stands after a block of thoughts.
fn without_thoughts(text: &str) -> &str {
    text.rsplit_once("</think>").map_or(text, |(_, after)| after)
}

/// Where a draft may stand: the whole text, what is fenced, else the first whole object or list.
fn candidates(text: &str) -> Vec<&str> {
    let whole = text.trim();
    if whole.starts_with(['{', '[']) && balanced(whole) == Some(whole.len()) {
        return vec![whole];
    }
    let fenced: Vec<&str> = text.split("```").skip(1).step_by(2).map(unnamed).filter(|b| is_json(b)).collect();
    if !fenced.is_empty() {
        return fenced;
    }
    let starts = text.char_indices().filter(|(_, c)| matches!(c, '{' | '[')).map(|(i, _)| i).take(MAX_STARTS);
    let found = starts.filter_map(|start| Some(&text[start..start + balanced(&text[start..])?])).take(1);
    let found: Vec<&str> = found.collect();
    if found.is_empty() && whole.starts_with(['{', '[']) { vec![whole] } else { found }
}

/// What stands in a fence, without the language that it names.
fn unnamed(block: &str) -> &str {
    let block = block.trim();
    match block.split_once('\n') {
        Some((first, rest)) if first.trim().chars().all(char::is_alphanumeric) => rest.trim(),
        _ => block.strip_prefix("json").unwrap_or(block).trim(),
    }
}

fn is_json(text: &str) -> bool {
    text.starts_with(['{', '['])
}

/// Where the object or list that `text` begins with ends.
fn balanced(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut chars = Outside::new(text);
    while let Some((at, c, outside)) = chars.next() {
        match c {
            '{' | '[' if outside => depth += 1,
            '}' | ']' if outside => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + c.len_utf8());
                }
            }
            _ => {}
        }
    }
    None
}

/// Without comments, and without commas before the end of an object or list.
fn cleaned(text: &str) -> String {
    let mut out = String::new();
    let mut comma: Option<usize> = None;
    let mut chars = Outside::new(text);
    while let Some((at, c, outside)) = chars.next() {
        if outside && text[at..].starts_with("//") {
            chars.skip_to(text[at..].find('\n').map_or(text.len(), |i| at + i));
            continue;
        }
        if outside && text[at..].starts_with("/*") {
            chars.skip_to(text[at..].find("*/").map_or(text.len(), |i| at + i + 2));
            continue;
        }
        match c {
            ',' if outside => comma = Some(out.len()),
            '}' | ']' if outside => {
                if let Some(comma) = comma.take() {
                    out.remove(comma);
                }
            }
            c if c.is_whitespace() => {}
            _ => comma = None,
        }
        out.push(c);
    }
    out
}

/// The characters of JSON, and whether they stand outside of its texts.
struct Outside<'a> {
    text: &'a str,
    at: usize,
    inside: bool,
    escaped: bool,
}

impl<'a> Outside<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, inside: false, escaped: false }
    }

    fn next(&mut self) -> Option<(usize, char, bool)> {
        let c = self.text[self.at..].chars().next()?;
        let at = self.at;
        self.at += c.len_utf8();
        let outside = !self.inside;
        match c {
            _ if self.escaped => self.escaped = false,
            '\\' if self.inside => self.escaped = true,
            '"' => self.inside = !self.inside,
            _ => {}
        }
        Some((at, c, outside && c != '"'))
    }

    fn skip_to(&mut self, at: usize) {
        self.at = at;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::segment::Act;

    #[test]
    fn wrapping_does_not_matter() {
        for text in [
            r#"{"act":"undo"}"#,
            "```json\n{\"act\":\"undo\"}\n```",
            "```\n{\"act\":\"undo\"}\n```",
            "Here it is:\n```json\n{\"act\": \"undo\",}\n```\nThat is all {really}.",
            r#"Sure. {"act":"undo"} Anything else?"#,
            r#"[{"act":"undo"}]"#,
            "{\"act\":\"undo\", // back\n \"unmatched\": [\"a, }\", ], /* none */ }",
            "<think>{\"act\":\"new\"}</think>{\"act\":\"undo\"}",
        ] {
            assert_eq!(Wire::read(text).map(|w| w.act), Ok(Act::Undo), "{text}");
        }
        let said = Wire::read(r#"{"act":"continue","unmatched":["a // b, }"]}"#).unwrap();
        assert_eq!(said.unmatched, ["a // b, }"]);
    }

    #[test]
    fn meaning_is_never_guessed() {
        for (text, word) in [
            ("", "no JSON"),
            ("40대 여성", "no JSON"),
            (r#"{"act":"continue""#, "not JSON"),
            (r#"{"act":"filter"}"#, "filter"),
            (r#"[{"act":"undo"},{"act":"new"}]"#, "found 2"),
            (r#"{"act":"continue","note":1}"#, "note"),
            (r#"{"act":"continue","edits":[{"op":"narrow","condition":{"feild":"age"}}]}"#, "keys"),
            (r#"{"act":"continue","edits":[{"op":"narrow","condition":{"field":"age","ops":"="}}]}"#, "ops"),
            (r#"{"act":"continue","edits":[{"op":"narrow","condition":{"rank":"age","end":"top"}}]}"#, "percent"),
        ] {
            let error = Wire::read(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn deep_and_long_replies_are_no_danger() {
        assert!(Wire::read(&"[".repeat(10_000)).is_err());
        assert!(Wire::read(&"x".repeat(MAX_REPLY + 1)).is_err());
        let deep = format!("{}1{}", r#"{"not":"#.repeat(5_000), "}".repeat(5_000));
        assert!(Wire::read(&deep).is_err());
    }
}
