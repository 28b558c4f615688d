//! YAML text as a tree of nodes that know their lines. Scalars stay text: what they mean is for the
//! reader of the key to say, so `no`, `5G` and `010` are never turned into something else.

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle};

/// How deep a catalog file may nest.
const MAX_DEPTH: usize = 32;

/// One node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Line, from 1.
    pub(super) line: u64,
    /// What stands there.
    pub(super) kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing (an empty value, `~` or `null`).
    Null,
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys with values, in file order.
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Its line.
    pub(super) line: u64,
    /// Its text.
    pub(super) text: String,
}

/// Why a text is no YAML that a catalog can be read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// The line.
    pub(super) line: u64,
    /// Why.
    pub(super) message: String,
}

/// Reads the one document of `text`; an empty text is [`Kind::Null`].
pub(super) fn parse(text: &str) -> Result<Node, Broken> {
    let mut tree = Tree { events: Parser::new_from_str(text) };
    let mut root = None;
    while let Some((event, line)) = tree.next()? {
        match event {
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) => {
                if root.is_some() {
                    return broken(line, "a catalog file holds one YAML document");
                }
                root = Some(tree.node(event, line, 0)?);
            }
            _ => {}
        }
    }
    Ok(root.unwrap_or(Node { line: 1, kind: Kind::Null }))
}

fn broken<T>(line: u64, message: &str) -> Result<T, Broken> {
    Err(Broken { line, message: message.to_owned() })
}

struct Tree<'a> {
    events: Parser<'a, serde_saphyr::granit_parser::StrInput<'a>>,
}

impl<'a> Tree<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, u64)>, Broken> {
        loop {
            match self.events.next() {
                None => return Ok(None),
                Some(Err(e)) => {
                    return Err(Broken { line: e.marker().line() as u64, message: format!("not YAML: {}", e.info()) });
                }
                Some(Ok((event, span))) if event.is_node() || is_end(&event) => {
                    return Ok(Some((event, span.start.line() as u64)));
                }
                Some(Ok(_)) => {}
            }
        }
    }

    fn node(&mut self, event: Event<'a>, line: u64, depth: usize) -> Result<Node, Broken> {
        if depth > MAX_DEPTH {
            return broken(line, "nested too deeply");
        }
        let kind = match event {
            Event::Scalar(text, style, ..) => scalar(&text, style),
            Event::SequenceStart(..) => self.list(depth)?,
            Event::MappingStart(..) => self.map(depth)?,
            _ => return broken(line, "anchors and aliases have no place in a catalog"),
        };
        Ok(Node { line, kind })
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Broken> {
        let mut items = Vec::new();
        while let Some((event, line)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            items.push(self.node(event, line, depth + 1)?);
        }
        Ok(Kind::List(items))
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Broken> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        while let Some((event, line)) = self.next()? {
            let text = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return broken(line, "a key must be plain text"),
            };
            if entries.iter().any(|(k, _)| k.text == text) {
                return broken(line, &format!("`{text}` stands here twice"));
            }
            let Some((event, at)) = self.next()? else { break };
            let node = self.node(event, at, depth + 1)?;
            entries.push((Key { line, text }, node));
        }
        Ok(Kind::Map(entries))
    }
}

/// Whether a list or a map ends here.
fn is_end(event: &Event<'_>) -> bool {
    matches!(event, Event::SequenceEnd | Event::MappingEnd)
}

fn scalar(text: &str, style: ScalarStyle) -> Kind {
    if style == ScalarStyle::Plain && matches!(text, "" | "~" | "null") {
        Kind::Null
    } else {
        Kind::Text(text.to_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn scalars_stay_text_and_lines_are_kept() {
        let node = parse("a: no\n# comment\nb: [5G, '']\nc:\n").unwrap();
        let Kind::Map(entries) = node.kind else { panic!("a map") };
        assert_eq!(entries[0].1.kind, Kind::Text("no".into()));
        assert_eq!((entries[1].0.line, entries[2].0.line), (3, 4));
        assert_eq!(entries[2].1.kind, Kind::Null);
        let Kind::List(items) = &entries[1].1.kind else { panic!("a list") };
        assert_eq!(items[1].kind, Kind::Text(String::new()));
    }

    #[test]
    fn what_is_no_catalog_is_said_with_its_line() {
        assert_eq!(parse("a: 1\na: 2\n").unwrap_err().line, 2);
        assert_eq!(parse("a: &x 1\nb: *x\n").unwrap_err().line, 2);
        assert!(parse("a: [1\nb: 2").unwrap_err().message.starts_with("not YAML"));
        assert_eq!(parse("").unwrap().kind, Kind::Null);
        assert_eq!(parse(&("[".repeat(40) + &"]".repeat(40))).unwrap_err().message, "nested too deeply");
    }
}
