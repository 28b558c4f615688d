//! Requests from standard input: text, or JSON with a text. Whatever comes in, what goes on is a request of
//! bounded length or a clear refusal.

use std::io::{self, Read};
use std::path::PathBuf;

use serde::Deserialize;

use crate::answer::contract::{Answer, Status};
use crate::app::MAX_REQUEST_BYTES;
use crate::catalog::Locale;

/// Longest input that is kept while it is read; JSON escapes make a request up to six times longer.
const MAX_INPUT_BYTES: u64 = 8 * MAX_REQUEST_BYTES as u64;

/// How a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Text,
    /// `{"text": …, "session": …, "locale": …}`.
    Json,
}

/// A request that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Request {
    /// The words.
    pub text: String,
    /// Session file to go on with; its name ends in `.json`.
    #[serde(default)]
    pub session: Option<PathBuf>,
    /// Language of the answer.
    #[serde(default)]
    pub locale: Option<Locale>,
}

/// Why an input is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing in it.
    #[error("{}", self.message(Locale::En))]
    Empty,
    /// Longer than the app reads.
    #[error("{}", self.message(Locale::En))]
    TooLong,
    /// Not UTF-8 from this byte on.
    #[error("{}", self.message(Locale::En))]
    NotUtf8 {
        /// First byte that is no UTF-8.
        at: usize,
    },
    /// Not JSON of a request.
    #[error("{}", self.message(Locale::En))]
    NotJson {
        /// What and where.
        fault: String,
    },
    /// A session file of another kind.
    #[error("{}", self.message(Locale::En))]
    SessionName,
}

impl Refusal {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let korean = locale == Locale::Ko;
        match self {
            Self::Empty if korean => "요청이 비어 있습니다.".into(),
            Self::Empty => "The request is empty.".into(),
            Self::TooLong if korean => format!("요청이 너무 깁니다. {MAX_REQUEST_BYTES}바이트까지 읽습니다."),
            Self::TooLong => format!("The request is too long: up to {MAX_REQUEST_BYTES} bytes are read."),
            Self::NotUtf8 { at } if korean => format!("요청이 UTF-8 글이 아닙니다 ({at}번째 바이트)."),
            Self::NotUtf8 { at } => format!("The request is not UTF-8 text (at byte {at})."),
            Self::NotJson { fault } if korean => {
                format!("{{\"text\": \"…\"}} 꼴의 JSON이 아닙니다: {fault}")
            }
            Self::NotJson { fault } => format!("The input is not JSON of the form {{\"text\": \"…\"}}: {fault}"),
            Self::SessionName if korean => "세션 파일 이름은 .json으로 끝나야 합니다.".into(),
            Self::SessionName => "The name of a session file must end in .json.".into(),
        }
    }

    /// The refusal as an answer.
    #[must_use]
    pub fn answer(&self, locale: Locale) -> Answer {
        Answer { status: Status::Refused, reply: self.message(locale), locale, ..Answer::default() }
    }
}

/// Reads a request. All of the input is read, so that the writer is not cut off, but only the start is kept.
///
/// # Errors
/// The outer error where the input cannot be read, the inner one where it is no request.
pub fn read(mut input: impl Read, form: Form) -> io::Result<Result<Request, Refusal>> {
    let mut kept = Vec::new();
    input.by_ref().take(MAX_INPUT_BYTES + 1).read_to_end(&mut kept)?;
    if kept.len() as u64 > MAX_INPUT_BYTES {
        io::copy(&mut input, &mut io::sink())?;
        return Ok(Err(Refusal::TooLong));
    }
    Ok(parse(&kept, form))
}

/// A request in bytes.
///
/// # Errors
/// Where it is no request.
pub fn parse(bytes: &[u8], form: Form) -> Result<Request, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|e| Refusal::NotUtf8 { at: e.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let request = match form {
        Form::Text => Request { text: text.to_owned(), ..Request::default() },
        Form::Json => serde_json::from_str(text).map_err(|e| Refusal::NotJson { fault: e.to_string() })?,
    };
    checked(request)
}

/// A request of bounded length, without the white space around it.
///
/// # Errors
/// Where it is empty or too long.
pub fn checked(mut request: Request) -> Result<Request, Refusal> {
    let text = request.text.trim();
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if text.len() > MAX_REQUEST_BYTES {
        return Err(Refusal::TooLong);
    }
    if request.session.as_ref().is_some_and(|s| s.extension().is_none_or(|e| e != "json")) {
        return Err(Refusal::SessionName);
    }
    if text.len() < request.text.len() {
        request.text = text.to_owned();
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_json_are_read() {
        assert_eq!(parse("\u{feff} 강남 \n".as_bytes(), Form::Text).unwrap().text, "강남");
        let json = r#"{"text": "\uac15\ub0a8", "session": "s.json", "locale": "ko", "more": [1]}"#;
        let expected = Request { text: "강남".into(), session: Some("s.json".into()), locale: Some(Locale::Ko) };
        assert_eq!(parse(json.as_bytes(), Form::Json), Ok(expected));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        assert_eq!(parse(b" \n", Form::Text), Err(Refusal::Empty));
        assert_eq!(parse(b"ab\xff", Form::Text), Err(Refusal::NotUtf8 { at: 2 }));
        assert_eq!(parse(&vec![b'a'; MAX_REQUEST_BYTES + 1], Form::Text), Err(Refusal::TooLong));
        for json in [r#"{"text": "\ud800"}"#, "{", "[]", r#"{"text": 3}"#, &"[".repeat(100_000)] {
            assert!(matches!(parse(json.as_bytes(), Form::Json), Err(Refusal::NotJson { .. })), "{json:.40}");
        }
        let elsewhere = br#"{"text": "a", "session": "/etc/passwd"}"#;
        assert_eq!(parse(elsewhere, Form::Json), Err(Refusal::SessionName));
    }

    #[test]
    fn a_long_input_is_read_to_its_end() {
        let mut input = io::Cursor::new(vec![b'a'; 10_000_000]);
        assert_eq!(read(&mut input, Form::Text).unwrap(), Err(Refusal::TooLong));
        assert_eq!(input.position(), 10_000_000);
    }

    #[test]
    fn every_refusal_speaks_both_languages() {
        let all = [
            Refusal::Empty,
            Refusal::TooLong,
            Refusal::NotUtf8 { at: 0 },
            Refusal::NotJson { fault: String::new() },
            Refusal::SessionName,
        ];
        for refusal in all {
            assert_ne!(refusal.message(Locale::Ko), refusal.message(Locale::En));
            assert_eq!(refusal.answer(Locale::Ko).status, Status::Refused);
        }
    }
}
