//! The commands of the chat: lines that begin with a slash.

use std::path::PathBuf;

/// What a line of the chat asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// A request in words.
    Words(String),
    /// `/sql`: the SQL behind the last answer.
    Sql,
    /// `/undo`: back to the segment before the last change.
    Undo,
    /// `/back N`: back to turn N.
    Back(u32),
    /// `/tree`: the turns so far.
    Tree,
    /// `/export FILE`: writes the segment.
    Export(PathBuf),
    /// `/help`.
    Help,
    /// `/quit`.
    Quit,
    /// Nothing.
    Empty,
    /// A slash and something else; what is wrong with it.
    Wrong(String),
}

/// Names of the commands, for completion and help.
pub(super) const NAMES: [&str; 7] = ["/sql", "/undo", "/back", "/tree", "/export", "/help", "/quit"];

/// What `/help` prints.
pub(super) const HELP: &str = "  /sql            the SQL behind the last answer        방금 답의 SQL
  /undo           back before the last change           마지막 변경 되돌리기
  /back N         back to turn N                        N번째 대화로 돌아가기
  /tree           the turns so far                      지금까지의 대화
  /export FILE    write the segment: .csv .jsonl (.gz)  세그먼트를 파일로 저장
                  .parquet .arrow .xlsx
  /help           this                                  도움말
  /quit           leave (or Ctrl-D)                     끝내기
Ctrl-C stops a running query. Tab completes the catalog's words.";

/// Reads a line.
pub(super) fn parse(line: &str) -> Line {
    let line = line.trim();
    if line.is_empty() {
        return Line::Empty;
    }
    if !line.starts_with('/') {
        return Line::Words(line.to_owned());
    }
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match (name, rest.trim()) {
        ("/sql", "") => Line::Sql,
        ("/undo", "") => Line::Undo,
        ("/tree", "") => Line::Tree,
        ("/help" | "/?", "") => Line::Help,
        ("/quit" | "/exit" | "/q", "") => Line::Quit,
        ("/back", turn) => turn.parse().map_or_else(|_| Line::Wrong("/back N: which turn?".into()), Line::Back),
        ("/export", "") => Line::Wrong("/export FILE.csv (.csv.gz .jsonl .jsonl.gz .parquet .arrow .xlsx)".into()),
        ("/export", file) => Line::Export(PathBuf::from(file)),
        _ => Line::Wrong(format!("{line}? /help")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_words_or_commands() {
        assert_eq!(parse("  "), Line::Empty);
        assert_eq!(parse(" 강남 "), Line::Words("강남".into()));
        assert_eq!(parse("/back 3"), Line::Back(3));
        assert_eq!(parse("/export my file.csv"), Line::Export("my file.csv".into()));
        assert_eq!(parse("/quit"), Line::Quit);
        for wrong in ["/back", "/back x", "/export", "/frob", "/sql now"] {
            assert!(matches!(parse(wrong), Line::Wrong(_)), "{wrong}");
        }
    }

    #[test]
    fn every_command_is_in_the_help() {
        for name in NAMES {
            assert!(HELP.contains(name), "{name}");
        }
    }
}
