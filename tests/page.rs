//! The page as it is served, and its files as they lie in the tree: words in both languages, no other host, no markup made
//! from data. What it does in a browser is tried in `tests/browser`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::served::Served;

/// Most bytes that the page transfers, charts and the editor of SQL with it.
const MOST_BYTES: usize = 700_000;
/// Most of them before anything is asked of it.
const MOST_AT_FIRST: usize = 150_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/ui")
}

/// Files of the page that are written here, by their ends: name within the folder, and text.
fn files(ends: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder()).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.extend((name != "vendor").then_some(path));
            } else if ends.iter().any(|end| name.ends_with(end)) {
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_page_comes_from_the_binary() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let page = service.request("GET", "/", None, &[]);
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert_eq!((page.header("x-content-type-options"), page.header("referrer-policy")), ("nosniff", "no-referrer"));
    let text = String::from_utf8(page.bytes).unwrap();
    // Everything that the page names is there.
    let named = text.split('"').filter(|name| name.starts_with("/ui/"));
    for name in named {
        assert_eq!(service.request("GET", name, None, &[]).status, 200, "{name}");
    }
    for nowhere in ["/ui/README.md", "/ui/vendor/renew", "/ui/../Cargo.toml", "/ui/", "/ui/nothing.js"] {
        assert_eq!(service.request("GET", nowhere, None, &[]).status, 404, "{nowhere}");
    }
}

#[test]
fn a_browser_keeps_what_has_not_changed() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let first = service.request("GET", "/ui/app.js", None, &[]);
    let tag = first.header("etag").to_owned();
    assert_eq!(first.header("cache-control"), "no-cache");
    let again = service.request("GET", "/ui/app.js", None, &[("if-none-match", &format!("W/{tag}, \"other\""))]);
    assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, tag.as_str()));
    let packed = service.request("GET", "/ui/app.js", None, &[("accept-encoding", "gzip")]);
    assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("gzip", "accept-encoding"));
    let mut whole = Vec::new();
    flate2::read::GzDecoder::new(packed.bytes.as_slice()).read_to_end(&mut whole).unwrap();
    assert_eq!(whole, fs::read(folder().join("app.js")).unwrap());
}

#[test]
fn the_page_is_small() {
    let packed = |bytes: &[u8]| {
        let mut out = flate2::read::GzEncoder::new(bytes, flate2::Compression::best());
        let mut packed = Vec::new();
        out.read_to_end(&mut packed).unwrap();
        packed.len()
    };
    let own: usize = files(&[".js", ".css", ".html", ".svg"]).iter().map(|(_, text)| packed(text.as_bytes())).sum();
    let file = |name: &str| packed(&fs::read(folder().join(name)).unwrap());
    let vendored = ["preact.js", "echarts.js", "codemirror.js"].map(|name| file(&format!("vendor/{name}")));
    assert!(own + vendored.iter().sum::<usize>() < MOST_BYTES, "{own} + {vendored:?}");
    let styles = files(&[".css", ".html"]).iter().map(|(_, text)| packed(text.as_bytes())).sum::<usize>();
    let modules = at_first();
    assert!(!modules.iter().any(|name| name.contains("echarts") || name.contains("codemirror")), "{modules:?}");
    let first = styles + modules.iter().map(|name| file(name)).sum::<usize>();
    assert!(first < MOST_AT_FIRST, "{first}: {modules:?}");
}

/// The modules that are read before anything is asked of the page, as the server names them to a browser.
fn at_first() -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let page = service.request("GET", "/", None, &[]);
    let links = page.header("link").to_owned();
    assert!(links.contains("</ui/app.js>; rel=modulepreload"), "{links}");
    links.split("</ui/").skip(1).filter_map(|link| Some(link.split_once('>')?.0.to_owned())).collect()
}

/// The keys of a dictionary: `export const ko = {` and lines `  key: …` up to `};`.
fn keys(text: &str, locale: &str) -> Option<BTreeMap<String, String>> {
    let (_, rest) = text.split_once(&format!("export const {locale} = {{\n"))?;
    let (body, _) = rest.split_once("\n};")?;
    let entry = |line: &str| {
        let (key, value) = line.strip_prefix("  ")?.split_once(':')?;
        let key = key.trim_matches('"');
        let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (plain && !key.is_empty()).then(|| (key.to_owned(), value.trim().to_owned()))
    };
    Some(body.lines().filter_map(entry).collect())
}

/// What is put into a sentence: `{n}`.
fn blanks(value: &str) -> Vec<&str> {
    let mut found: Vec<&str> = value.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn every_word_is_there_in_both_languages() {
    let mut faults = Vec::new();
    for (name, text) in files(&[".js"]).iter().filter(|(name, _)| name.starts_with("i18n/") && name != "i18n/t.js") {
        let (Some(ko), Some(en)) = (keys(text, "ko"), keys(text, "en")) else {
            faults.push(format!("{name}: no `ko` or no `en`"));
            continue;
        };
        for key in ko.keys().chain(en.keys()).filter(|key| !ko.contains_key(*key) || !en.contains_key(*key)) {
            faults.push(format!("{name}: {key} is in one language alone"));
        }
        for (key, value) in &ko {
            if en.get(key).is_some_and(|other| blanks(other) != blanks(value)) {
                faults.push(format!("{name}: {key} has other blanks in the other language"));
            }
        }
        for (key, value) in en.iter().filter(|(_, value)| value.chars().any(is_hangul)) {
            faults.push(format!("{name}: {key} is not English: {value}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

#[test]
fn every_word_that_is_said_is_there() {
    let mut faults = Vec::new();
    for (name, text) in files(&[".js"]).iter().filter(|(name, _)| !name.starts_with("i18n/")) {
        for (function, file) in dictionaries(text) {
            let words = fs::read_to_string(folder().join("i18n").join(&file)).unwrap_or_default();
            let Some(known) = keys(&words, "ko") else {
                faults.push(format!("{name}: no words in i18n/{file}"));
                continue;
            };
            let call = format!("{function}(\"");
            let said = text.match_indices(&call).filter(|(at, _)| {
                !text[..*at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$'))
            });
            for (at, _) in said {
                let key = text[at + call.len()..].split('"').next().unwrap_or_default();
                if !known.contains_key(key) {
                    faults.push(format!("{name}: no words for {key} in i18n/{file}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The functions by which a file says words, and their dictionaries: `import * as a from "../i18n/x.js"`, `const t = words(a)`.
fn dictionaries(text: &str) -> Vec<(String, String)> {
    let imported = text.lines().filter_map(|line| {
        let (name, from) = line.strip_prefix("import * as ")?.split_once(" from ")?;
        let file = from.trim_end_matches(';').trim_matches('"').rsplit_once("i18n/")?.1;
        Some((name.to_owned(), file.to_owned()))
    });
    let made = |(name, file): (String, String)| {
        let call = format!(" = words({name});");
        let line = text.lines().find(|line| line.ends_with(&call))?;
        Some((line.strip_prefix("const ")?.strip_suffix(&call)?.to_owned(), file))
    };
    imported.filter_map(made).collect()
}

#[test]
fn words_are_written_in_dictionaries_alone() {
    // The name of a language, what is said where scripts are off, and the first and the last syllable there is.
    let own = ["한국어", "자바스크립트를 켜 주세요.", "\"가\"", "\"힣\""];
    for (name, text) in files(&[".js", ".html", ".css"]).iter().filter(|(name, _)| !name.starts_with("i18n/")) {
        // What is said before there are dictionaries: that the server is away, that scripts are off.
        if name == "api.js" {
            continue;
        }
        let rest = own.iter().fold(text.clone(), |text, known| text.replace(known, ""));
        let found: Vec<&str> = rest.lines().filter(|line| line.chars().any(is_hangul)).collect();
        let code = |line: &&&str| !["//", "/*", "*"].iter().any(|mark| line.trim_start().starts_with(mark));
        assert_eq!(found.iter().filter(code).count(), 0, "{name}: {found:?}");
    }
}

#[test]
fn the_page_makes_no_markup_from_data_and_knows_no_other_host() {
    for (name, text) in files(&[".js", ".html", ".css", ".svg"]) {
        for bad in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "javascript:"]
        {
            assert!(!text.contains(bad), "{name}: {bad}");
        }
        let elsewhere = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!elsewhere.contains("http://") && !elsewhere.contains("https://"), "{name} names another host");
    }
}

#[test]
fn what_words_became_comes_with_the_answer() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &["--min-group", "0"]);
    let id = service.session();
    let said = "넷플릭스 자주 보는 여성을 연령대별로 쿵짝";
    let answer = service.say(&id, said);
    let letters: Vec<char> = said.chars().collect();
    let became = |kind: &str| -> Vec<String> {
        let parts = answer["parts"].as_array().unwrap().iter().filter(|part| part["became"] == kind);
        let text = |part: &Value| {
            let [start, end] = ["start", "end"].map(|at| usize::try_from(part[at].as_u64().unwrap()).unwrap());
            letters[start..end].iter().collect::<String>()
        };
        parts.map(text).collect()
    };
    assert!(became("condition").concat().contains("여성"), "{answer}");
    assert!(became("assumed").concat().contains("자주"), "{answer}");
    assert!(became("shown").concat().contains("연령대별"), "{answer}");
    assert!(became("unmatched").concat().contains("쿵짝"), "{answer}");
    let assumed = &answer["assumed"][0];
    assert_eq!((&assumed["kind"], &assumed["word"]), (&json!("term"), &json!("자주")));
    assert!(assumed["means"].as_str().unwrap().contains("days_used_30d"), "{assumed}");
    // Nobody typed what was done by hand.
    let (_, edited) = service.post(
        &format!("/v1/sessions/{id}/messages"),
        &json!({ "edit": { "op": "remove", "condition": "gender = 'F'" } }),
    );
    assert!(edited["parts"].is_null(), "{edited}");
    let undone = service.say(&id, "되돌려줘");
    assert_eq!(undone["parts"][0]["became"], "done", "{undone}");
}

#[test]
fn a_tab_fetches_what_is_new() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let id = service.session();
    service.say(&id, "서울 사는 여성");
    service.say(&id, "이 중 20대");
    let turns = |after: &str| {
        let (_, seen) = service.get(&format!("/v1/sessions/{id}{after}"));
        let numbers = seen["history"].as_array().unwrap().iter().map(|turn| turn["turn"].as_u64().unwrap());
        numbers.collect::<Vec<_>>()
    };
    assert_eq!((turns(""), turns("?after=1"), turns("?after=2")), (vec![1, 2], vec![2], vec![]));
}

#[test]
fn a_reply_is_in_the_language_that_the_page_is_in() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let (_, started) = service.post("/v1/sessions", &json!({}));
    let at = format!("/v1/sessions/{}", started["id"].as_str().unwrap());
    let reply = |path: &str, body: Value| {
        let (status, answer) = service.post(&format!("{at}{path}"), &body);
        assert_eq!(status, 200, "{answer}");
        answer["reply"].as_str().unwrap().chars().any(is_hangul)
    };
    assert!(reply("/messages", json!({ "text": "여성 고객 몇 명이야?" })));
    assert!(!reply("/messages", json!({ "text": "여성 고객 몇 명이야?", "locale": "en" })));
    assert!(reply("/messages", json!({ "edit": { "op": "narrow", "condition": "age >= 20" }, "locale": "ko" })));
    assert!(!reply("/undo", json!({ "locale": "en" })));
    assert!(reply("/goto", json!({ "turn": 1, "locale": "ko" })));
    let (_, kept) = service.post("/v1/segments", &json!({ "name": "W", "text": "gender = 'F'" }));
    for (locale, hangul) in [("ko", true), ("en", false)] {
        let load = json!({ "session": started["id"], "locale": locale });
        let (_, loaded) = service.post(&format!("/v1/segments/{}/load", kept["id"].as_str().unwrap()), &load);
        assert_eq!(loaded["reply"].as_str().unwrap().chars().any(is_hangul), hangul, "{loaded}");
    }
}

#[test]
fn a_stream_that_broke_off_goes_on_where_it_was() {
    let home = tempfile::tempdir().unwrap();
    let service = Served::start(home.path(), &[]);
    let path = format!("/v1/sessions/{}/messages", service.session());
    let body = json!({ "text": "서울 사는 사람 성별로" }).to_string();
    let heard = |last: &str| {
        let headers = [("accept", "text/event-stream"), ("idempotency-key", "k"), ("last-event-id", last)];
        let reply = service.request("POST", &path, Some(&body), &headers);
        let text = String::from_utf8(reply.bytes).unwrap();
        text.lines().filter_map(|line| line.strip_prefix("event:")).map(|e| e.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(heard("3"), ["breakdown", "reply", "done"]);
    // The turn is there by now: only what is kept of it can be told, and how it ended always is.
    assert_eq!(heard("4"), ["reply", "done"]);
    assert_eq!(heard("6"), ["done"]);
    let (_, seen) = service.get(path.trim_end_matches("/messages"));
    assert_eq!(seen["turns"], 1);
}
