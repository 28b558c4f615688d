//! Writing to standard output and error. A reader that went away (`waggle ask … | head -1`) is no fault.

use std::io::{self, ErrorKind, Write};

use super::error::CliError;

/// Writes a line to standard output.
///
/// # Errors
/// Where standard output cannot be written, unless because nobody reads it.
pub(crate) fn line(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Writes a value as one line of JSON to standard output.
///
/// # Errors
/// As [`line`].
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<(), CliError> {
    line(&serde_json::to_string(value).map_err(|e| CliError::Output(e.into()))?)
}

/// Writes bytes as they are to standard output.
///
/// # Errors
/// As [`line`].
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Writes a note to standard error; what cannot be written is lost.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Text that comes from a request or a file, safe to show in a terminal: control characters and marks that
/// turn the direction of text are replaced.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    let safe = |c: char| match c {
        '\n' => '\n',
        '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        assert_eq!(plain("강남\u{1b}[31m\u{202e}x\n"), "강남\u{fffd}[31m\u{fffd}x\n");
    }
}
