//! Lines of a conversation: from the line editor at a terminal, else from standard input.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Stdin};
use std::path::PathBuf;

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use super::complete::Words;
use crate::app::MAX_REQUEST_BYTES;
use crate::catalog::Catalog;
use crate::cli::error::CliError;
use crate::cli::{output, place};

/// Lines of the history that are kept.
const HISTORY_LINES: usize = 1000;

/// What came next.
#[derive(Debug)]
pub(super) enum Heard {
    /// A line.
    Line(String),
    /// Nothing to act on: a line was dropped, or Ctrl-C pressed at the prompt.
    Nothing,
    /// No more.
    End,
}

/// Where lines come from.
pub(super) enum Lines {
    /// The line editor, and the file of its history.
    Terminal(Box<Editor<Words, FileHistory>>, Option<PathBuf>),
    /// A pipe or a file.
    Piped(BufReader<Stdin>),
}

impl Lines {
    /// The line editor where both ends are a terminal.
    pub(super) fn open(catalog: &Catalog) -> Result<Self, CliError> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Ok(Self::Piped(BufReader::new(io::stdin())));
        }
        let config = Config::builder()
            .max_history_size(HISTORY_LINES)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Words::new(catalog)));
        let history = place::history().ok();
        if let Some(file) = history.as_ref().filter(|f| f.exists())
            && let Err(error) = editor.load_history(file)
        {
            output::note(&format!("{}: {error}", file.display()));
        }
        Ok(Self::Terminal(Box::new(editor), history))
    }

    /// Whether a person sits at it.
    pub(super) fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal(..))
    }

    /// The next line.
    pub(super) fn next(&mut self) -> Result<Heard, CliError> {
        match self {
            Self::Terminal(editor, _) => match editor.readline("» ") {
                Ok(line) => {
                    editor.add_history_entry(line.as_str())?;
                    Ok(Heard::Line(line))
                }
                Err(ReadlineError::Interrupted) => Ok(Heard::Nothing),
                Err(ReadlineError::Eof) => Ok(Heard::End),
                Err(error) => Err(error.into()),
            },
            Self::Piped(input) => piped(input).map_err(CliError::Input),
        }
    }

    /// Keeps the history.
    pub(super) fn close(&mut self) {
        if let Self::Terminal(editor, Some(file)) = self
            && let Err(error) = editor.save_history(file)
        {
            output::note(&format!("{}: {error}", file.display()));
        }
    }
}

/// A line of bounded length; what is no UTF-8 becomes the replacement character, which no request means.
fn piped(input: &mut impl BufRead) -> io::Result<Heard> {
    let mut line = Vec::new();
    let most = MAX_REQUEST_BYTES as u64 + 2;
    if input.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
        return Ok(Heard::End);
    }
    if line.len() as u64 == most && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(Heard::Line(String::from_utf8_lossy(&line).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_limit_and_the_next_is_whole() {
        let text = [vec![b'a'; 3 * MAX_REQUEST_BYTES], b"\n\xff\nlast".to_vec()].concat();
        let mut input = io::Cursor::new(text);
        let mut next = || match piped(&mut input).unwrap() {
            Heard::Line(line) => Some(line),
            _ => None,
        };
        // One byte over the limit: the app refuses it as too long.
        assert!(next().unwrap().len() > MAX_REQUEST_BYTES);
        assert_eq!(next().as_deref(), Some("\u{fffd}\n"));
        assert_eq!(next().as_deref(), Some("last"));
        assert_eq!(next(), None);
    }
}
