//! The page at `/`: its files, as they lie in `src/http/ui/`, from the binary itself. They hold nothing of anybody, so
//! whoever reaches the port may load them; what the page then asks of the API is asked as everybody asks.
//!
//! Of what the files say it knows only what they import. `--ui FOLDER` takes them from a folder instead, for whoever
//! works on them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Component, Path};
use std::sync::{Arc, LazyLock, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path as At, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::Embed;

use super::Door;
use super::error::ApiError;

/// Where the page is.
const START: &str = "/";
/// Where its files are.
pub(super) const FILES: &str = "/ui/{*path}";
/// The file of the page.
const INDEX: &str = "index.html";

/// What a browser lets the page do: nothing but its own files, and asking this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Kinds of files that are served, by the ends of their names. What else lies in the folder is for readers of the code.
const TYPES: [(&str, &str); 4] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
];

#[derive(Embed)]
#[folder = "src/http/ui/"]
struct Embedded;

/// A file of the binary.
struct File {
    kind: &'static str,
    etag: String,
    whole: Bytes,
    packed: OnceLock<Bytes>,
}

/// The files of the binary, by name.
static EMBEDDED: LazyLock<BTreeMap<String, File>> =
    LazyLock::new(|| Embedded::iter().filter_map(|name| Some((name.to_string(), File::of(&name)?))).collect());

impl File {
    fn of(name: &str) -> Option<Self> {
        let kind = kind(name)?;
        let file = Embedded::get(name)?;
        let mut etag = "\"".to_owned();
        for byte in &file.metadata.sha256_hash()[..16] {
            // Writing into a text does not fail.
            let _ = write!(etag, "{byte:02x}");
        }
        etag.push('"');
        let whole = match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        Some(Self { kind, etag, whole, packed: OnceLock::new() })
    }

    /// Compressed once, when it is first asked for.
    fn packed(&self) -> Bytes {
        self.packed.get_or_init(|| gzip(&self.whole).map_or_else(|_| self.whole.clone(), Bytes::from)).clone()
    }
}

/// Modules that are read before anything is asked of the page; what they import, and what that imports, is too.
const FIRST: [&str; 2] = ["app.js", "screens/chat.js"];

/// Names them all to a browser, which else would find them one after the other.
static PRELOADS: LazyLock<HeaderValue> = LazyLock::new(|| {
    let links: Vec<String> = first().iter().map(|name| format!("</ui/{name}>; rel=modulepreload")).collect();
    HeaderValue::try_from(links.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""))
});

fn first() -> Vec<String> {
    let mut found: Vec<String> = FIRST.map(str::to_owned).to_vec();
    let mut at = 0;
    while let Some(name) = found.get(at).cloned() {
        let text =
            EMBEDDED.get(&name).map(|file| String::from_utf8_lossy(&file.whole).into_owned()).unwrap_or_default();
        let new = imports(&name, &text).filter(|module| EMBEDDED.contains_key(module));
        for module in new.collect::<Vec<_>>() {
            if !found.contains(&module) {
                found.push(module);
            }
        }
        at += 1;
    }
    found
}

/// The modules that the module `name` imports at once: `… from "./other.js"`.
fn imports<'a>(name: &'a str, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let named = text.split(" from \"").skip(1).filter_map(|rest| rest.split('"').next());
    named.filter(|path| path.starts_with('.')).map(move |path| {
        let mut place: Vec<&str> = name.split('/').collect();
        place.pop();
        for step in path.split('/') {
            match step {
                "." => {}
                ".." => drop(place.pop()),
                step => place.push(step),
            }
        }
        place.join("/")
    })
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes)?;
    out.finish()
}

fn kind(name: &str) -> Option<&'static str> {
    let (_, end) = name.rsplit_once('.')?;
    TYPES.iter().find(|(known, _)| *known == end).map(|(_, kind)| *kind)
}

pub(super) fn router() -> axum::Router<Arc<Door>> {
    Router::new().route(START, get(start)).route(FILES, get(file))
}

async fn start(State(door): State<Arc<Door>>, uri: Uri, headers: HeaderMap) -> Result<Response, ApiError> {
    let mut response = served(&door, INDEX, &uri, &headers).await?;
    if door.page.is_none() {
        response.headers_mut().insert(LINK, PRELOADS.clone());
    }
    Ok(response)
}

async fn file(
    State(door): State<Arc<Door>>,
    At(path): At<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    served(&door, &path, &uri, &headers).await
}

async fn served(door: &Door, name: &str, uri: &Uri, headers: &HeaderMap) -> Result<Response, ApiError> {
    let found = match &door.page {
        Some(folder) => from_folder(folder, name).await,
        None => EMBEDDED.get(name).map(|file| from_binary(file, headers)),
    };
    let mut response = found.ok_or_else(|| ApiError::nowhere(uri.path()))?;
    let fixed: [(HeaderName, &'static str); 3] =
        [(CONTENT_SECURITY_POLICY, POLICY), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (REFERRER_POLICY, "no-referrer")];
    response.headers_mut().extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    Ok(response)
}

fn from_binary(file: &File, headers: &HeaderMap) -> Response {
    // Another version of the program has other files under the same names: a browser asks whether its copy is the one.
    let always =
        [(ETAG, file.etag.clone()), (CACHE_CONTROL, "no-cache".to_owned()), (VARY, "accept-encoding".to_owned())];
    let says = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if says(IF_NONE_MATCH).split(',').any(|tag| tag.trim().trim_start_matches("W/") == file.etag) {
        return (StatusCode::NOT_MODIFIED, always).into_response();
    }
    let kind = [(CONTENT_TYPE, file.kind)];
    if takes_gzip(says(ACCEPT_ENCODING)) {
        return (always, kind, [(CONTENT_ENCODING, "gzip")], Body::from(file.packed())).into_response();
    }
    (always, kind, Body::from(file.whole.clone())).into_response()
}

/// Whether a client that accepts `encodings` takes gzip.
fn takes_gzip(encodings: &str) -> bool {
    encodings.split(',').any(|encoding| {
        let (name, weight) = encoding.split_once(";q=").unwrap_or((encoding, "1"));
        matches!(name.trim(), "gzip" | "*") && weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0)
    })
}

/// A file of a folder as it lies there now, and kept by no browser.
async fn from_folder(folder: &Path, name: &str) -> Option<Response> {
    let (kind, name) = (kind(name)?, Path::new(name));
    if !name.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let bytes = tokio::fs::read(folder.join(name)).await.ok()?;
    Some(([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")], Body::from(bytes)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_readers_of_the_code_is_not_served() {
        assert!(EMBEDDED.contains_key(INDEX) && EMBEDDED.contains_key("app.js"));
        for name in EMBEDDED.keys() {
            assert!(kind(name).is_some(), "{name}");
        }
        assert!(!EMBEDDED.contains_key("README.md") && !EMBEDDED.contains_key("vendor/renew"));
    }

    #[test]
    fn a_browser_is_told_what_it_needs_first() {
        let all = first();
        for name in ["vendor/preact.js", "parts/icon.js", "chat/conversation.js", "i18n/chat.js"] {
            assert!(all.iter().any(|module| module == name), "{name}: {all:?}");
        }
        // Charts, the editor and the other screens are read when they are needed.
        for name in ["vendor/echarts.js", "vendor/codemirror.js", "screens/admin.js"] {
            assert!(!all.iter().any(|module| module == name), "{name}");
        }
        assert!(
            imports("chat/a.js", "import { x } from \"../parts/b.js\";\nimport {\n  y,\n} from \"./c.js\";")
                .eq(["parts/b.js", "chat/c.js"])
        );
    }

    #[test]
    fn gzip_is_for_those_that_take_it() {
        assert!(takes_gzip("gzip, deflate, br") && takes_gzip("br;q=1.0, gzip;q=0.8") && takes_gzip("*"));
        assert!(!takes_gzip("") && !takes_gzip("br") && !takes_gzip("gzip;q=0"));
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/ui/vendor");
        assert!(from_folder(&folder, "preact.js").await.is_some());
        for name in ["../index.html", "/etc/passwd.html", "./../app.js", "VENDOR.md"] {
            assert!(from_folder(&folder, name).await.is_none(), "{name}");
        }
    }
}
