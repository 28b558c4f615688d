//! The rooms and what may know what: every `crate::…` path in `src/` against the tiers, every foreign crate
//! against its owner, and the size of files.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and their tiers. A room uses lower tiers only, and within its tier only itself.
const TIERS: [(&str, u8); 17] = [
    ("catalog", 0),
    ("segment", 1),
    // Row rules are written in the segment's language.
    ("access", 2),
    ("translate", 2),
    ("sql", 2),
    ("session", 2),
    ("generate", 3),
    ("engine", 3),
    ("answer", 4),
    ("store", 5),
    ("app", 6),
    ("eval", 7),
    ("service", 7),
    ("http", 8),
    ("mcp", 8),
    ("cli", 8),
    ("main", 9),
];

/// Foreign crates and the rooms that may name them.
const OWNERS: [(&str, &[&str]); 46] = [
    ("sqlparser", &["sql"]),
    ("datafusion", &["engine", "generate"]),
    ("arrow", &["engine", "generate"]),
    ("parquet", &["engine", "generate"]),
    ("ballista_core", &["engine"]),
    ("ballista_executor", &["engine"]),
    ("ballista_scheduler", &["engine"]),
    ("datafusion_proto", &["engine"]),
    ("object_store", &["engine"]),
    ("url", &["engine"]),
    // Files of people, and files of the page.
    ("flate2", &["engine", "http"]),
    ("rust_embed", &["http"]),
    ("memmap2", &["engine"]),
    ("sysinfo", &["engine"]),
    ("bytemuck", &["engine"]),
    ("crc32fast", &["engine"]),
    ("rayon", &["engine"]),
    ("rust_xlsxwriter", &["engine"]),
    ("wide", &["engine"]),
    ("safe_arch", &["engine"]),
    ("mimalloc", &["main"]),
    ("axum", &["http"]),
    ("clap", &["cli"]),
    ("rustyline", &["cli"]),
    ("indicatif", &["cli"]),
    ("directories", &["cli"]),
    ("unicode_width", &["cli"]),
    ("async_openai", &["translate"]),
    ("reqwest", &["translate"]),
    ("rustls", &["translate"]),
    ("minijinja", &["translate", "eval"]),
    ("jsonwebtoken", &["access"]),
    ("ureq", &["access"]),
    ("toml", &["cli"]),
    ("sqlx", &["store"]),
    ("rmcp", &["mcp"]),
    ("governor", &["http"]),
    ("tower_http", &["http"]),
    ("utoipa_swagger_ui", &["http"]),
    // What is counted in the service and of models is shown by the door.
    ("metrics", &["http", "service", "translate"]),
    ("metrics_exporter_prometheus", &["http"]),
    // The process has one log and one sender of traces: who starts the program starts them.
    ("tracing_subscriber", &["cli"]),
    ("tracing_opentelemetry", &["cli"]),
    ("opentelemetry", &["cli"]),
    ("opentelemetry_otlp", &["cli"]),
    ("opentelemetry_sdk", &["cli"]),
];

/// Longest file of `src/`, in lines.
const MAX_LINES: usize = 600;

struct Source {
    path: PathBuf,
    room: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&src, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let inside = path.strip_prefix(&src).unwrap();
        let top = inside.components().next().unwrap().as_os_str().to_string_lossy();
        let room = top.strip_suffix(".rs").unwrap_or(&top).to_owned();
        Source { text: fs::read_to_string(&path).unwrap(), room, path: inside.to_path_buf() }
    };
    files.into_iter().map(read).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file: no comments, and not the tests at its bottom, which may look anywhere.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What follows each whole `name::` in the code.
fn after<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
    let path = format!("{name}::");
    let starts = code.match_indices(&path).filter(|(i, _)| {
        let before = code[..*i].chars().next_back();
        !before.is_some_and(|c| is_word(c) || c == ':')
    });
    starts.map(|(i, _)| &code[i + path.len()..]).collect()
}

/// The rooms that a path after `crate::` names: one, or those of `{a::…, b::…}`.
fn rooms(rest: &str) -> Vec<String> {
    let word = |s: &str| s.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
    if !rest.starts_with('{') {
        return vec![word(rest)];
    }
    let (mut depth, mut names, mut start) = (0, Vec::new(), 1);
    for (i, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                names.push(word(&rest[start..]));
                return names;
            }
            '}' => depth -= 1,
            ',' if depth == 1 => {
                names.push(word(&rest[start..]));
                start = i + 1;
            }
            _ => {}
        }
    }
    names
}

fn tier(room: &str) -> Option<u8> {
    TIERS.iter().find(|(name, _)| *name == room).map(|(_, tier)| *tier)
}

#[test]
fn rooms_use_lower_tiers_only() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.room != "lib") {
        let Some(own) = tier(&source.room) else {
            faults.push(format!("src/{}: a room that design.md does not list", source.path.display()));
            continue;
        };
        let code = code(&source.text);
        for used in after(&code, "crate").into_iter().flat_map(rooms).filter(|room| *room != source.room) {
            match tier(&used) {
                Some(other) if other < own => {}
                Some(other) => faults.push(format!(
                    "src/{}: {} (tier {own}) must not use {used} (tier {other}): only lower tiers",
                    source.path.display(),
                    source.room
                )),
                None if used.is_empty() => {}
                None => faults.push(format!("src/{}: crate::{used} is no room", source.path.display())),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn foreign_crates_have_one_owner() {
    let mut faults = Vec::new();
    for source in sources() {
        let code = code(&source.text);
        for (name, owners) in OWNERS {
            if !after(&code, name).is_empty() && !owners.contains(&source.room.as_str()) {
                let owners = owners.join(", ");
                faults.push(format!("src/{}: {name} belongs to {owners}", source.path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_are_of_a_readable_size() {
    let lengths = sources().into_iter().map(|s| (s.text.lines().count(), s.path));
    let long: Vec<String> = lengths
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, path)| format!("src/{}: {lines} lines, more than {MAX_LINES}", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .iter()
        .filter(|s| !s.text.starts_with("//!"))
        .map(|s| format!("src/{}: no module documentation", s.path.display()))
        .collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::sql::{self, Dialect};\nuse crate::{answer::Answer, app::{App, x}};\n// crate::http\nlet a = crate::eval::play();";
    let found: Vec<String> = after(&code(text), "crate").into_iter().flat_map(rooms).collect();
    assert_eq!(found, ["sql", "answer", "app", "eval"]);
    assert!(after("subcrate::x my::crate::y", "crate").is_empty());
}
