//! Every setting of the service, once: its name, kind, default and what it is for. The file, the environment,
//! the flags, the example and the help are all made from this table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What kind of value a setting has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// A whole number between two bounds, both included.
    Whole(u64, u64),
    /// A number from 0 on, with or without decimals.
    Decimal,
    /// true or false.
    Truth,
    /// An address and a port.
    Address,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Who answers.
    Engine,
    /// Several texts.
    List,
    /// Texts, each with one of these words.
    Map(&'static [&'static str]),
}

/// One setting.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name, with dots between the tables of the file: `limits.queue_length`.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// What it is where nobody says, as text; none where there is nothing then.
    pub default: Option<&'static str>,
    /// What happens where it has no value, or what one looks like.
    pub example: &'static str,
    /// Whether it must not be printed.
    pub secret: bool,
    /// What it is for.
    pub about: &'static str,
}

impl Key {
    /// Its environment variable: `WAGGLE_LIMITS_QUEUE_LENGTH`.
    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('.', "_").to_uppercase())
    }

    /// Its flag, without the dashes before it: `limits-queue-length`.
    pub(super) fn flag(&self) -> &'static str {
        FLAGS.get(self.name).map_or(self.name, String::as_str)
    }
}

/// Setting → its flag; clap asks for texts that live as long as the program.
static FLAGS: LazyLock<BTreeMap<&str, String>> =
    LazyLock::new(|| KEYS.iter().map(|key| (key.name, key.name.replace(['.', '_'], "-"))).collect());

/// What the environment variables of all settings begin with.
pub(super) const PREFIX: &str = "WAGGLE_";

/// Longest time that can be set, in seconds, hours or days: more is a mistake.
pub(super) const LONG: u64 = 1_000_000;
/// Largest number that can be set, for what has no other bound.
const MOST: u64 = i64::MAX.unsigned_abs();

pub(super) const fn key(name: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> Key {
    Key { name, kind, default, example: "", secret: false, about }
}

/// A setting without a default; `example` shows one.
pub(super) const fn optional(name: &'static str, kind: Kind, example: &'static str, about: &'static str) -> Key {
    Key { name, kind, default: None, example, secret: false, about }
}

const fn secret(name: &'static str, example: &'static str, about: &'static str) -> Key {
    Key { name, kind: Kind::Text, default: None, example, secret: true, about }
}

/// The table, in the order in which settings are shown.
pub(super) const KEYS: &[Key] = &[
    key(
        "listen",
        Kind::Address,
        Some("127.0.0.1:8080"),
        "Address to listen on. Any but this machine's own needs auth.mode = \"on\"",
    ),
    optional(
        "data",
        Kind::Text,
        "/srv/waggle/data",
        "Data folder with TABLE.parquet or TABLE/*.parquet. Without it: reference data of 200,000 lines, made on first use",
    ),
    optional(
        "catalog",
        Kind::Text,
        "/etc/waggle/catalog",
        "Catalog folder. Without it: the telecom catalog that is built in",
    ),
    key(
        "engine",
        Kind::Engine,
        Some("auto"),
        "Who answers: the index where it holds what is asked, else SQL, while an index is built in the background; always SQL; the index, built before the service starts; or a cluster, `ballista://HOST:PORT`",
    ),
    optional(
        "index",
        Kind::Text,
        "/var/lib/waggle/index",
        "Folder of the index. Without it: `.index` in the data folder, or in memory where that cannot be written",
    ),
    secret(
        "store",
        "postgres://waggle:secret@db/waggle",
        "Where sessions, segments and the audit log are kept: a SQLite file or a postgres:// URL. Without it: waggle.db in the user's data folder",
    ),
    optional("store_file", Kind::Text, "/run/secrets/store", "A file that `store` is read from"),
    optional(
        "min_group",
        Kind::Whole(0, MOST),
        "5",
        "Hide groups smaller than this; 0 hides none. Without it: the catalog's minimum",
    ),
    optional("locale", Kind::Choice(&["ko", "en"]), "ko", "Language of answers. Without it: that of each request"),
    optional(
        "lines_total",
        Kind::Whole(0, MOST),
        "31400000",
        "All lines there are, consented or not; shown beside the population",
    ),
    key(
        "watch_data_s",
        Kind::Whole(0, LONG),
        Some("10"),
        "How often the data files are looked at for changes, in seconds; 0 never: then only a reload on request reads new data",
    ),
    optional(
        "ui",
        Kind::Text,
        "src/http/ui",
        "Folder of the page's files, read anew each time, for work on the page. Without it: those in the program",
    ),
    key("limits.max_body_bytes", Kind::Whole(1024, 1 << 30), Some("262144"), "Largest body of a request"),
    key("limits.max_request_bytes", Kind::Whole(1, 1 << 20), Some("8192"), "Longest request in words"),
    key(
        "limits.request_timeout_s",
        Kind::Whole(1, LONG),
        Some("75"),
        "Longest time for one HTTP request, exports and event streams aside",
    ),
    key(
        "limits.stop_within_s",
        Kind::Whole(0, LONG),
        Some("30"),
        "Longest time for what is being answered when the service is stopped; then it is cancelled",
    ),
    key(
        "limits.concurrent_queries",
        Kind::Whole(1, 10_000),
        Some("4"),
        "Queries that run at the same time; further ones wait",
    ),
    key(
        "limits.queue_length",
        Kind::Whole(0, 1_000_000),
        Some("256"),
        "Requests that may wait; further ones are answered 503 with Retry-After",
    ),
    key(
        "limits.rate_per_minute",
        Kind::Whole(0, 1_000_000),
        Some("600"),
        "Requests of one authenticated caller in a minute; further ones are answered 429 with Retry-After; 0 for no limit",
    ),
    key(
        "limits.rate_burst",
        Kind::Whole(1, 1_000_000),
        Some("120"),
        "Requests of one caller at once, before the rate counts",
    ),
    key(
        "limits.memory_bytes",
        Kind::Whole(64 << 20, MOST),
        Some("2147483648"),
        "Memory that all queries together may use",
    ),
    key("limits.query_timeout_s", Kind::Whole(1, LONG), Some("60"), "Longest run of one query"),
    key("limits.export_timeout_s", Kind::Whole(1, LONG), Some("3600"), "Longest run of one export"),
    key(
        "retention.sessions_days",
        Kind::Whole(0, LONG),
        Some("90"),
        "Sessions unused for so many days are deleted; 0 keeps them",
    ),
    key(
        "retention.exports_days",
        Kind::Whole(0, LONG),
        Some("30"),
        "What is recorded of exports is deleted after so many days; 0 keeps it. The audit log stays",
    ),
    optional(
        "export.folder",
        Kind::Text,
        "/srv/waggle/exports",
        "Folder of exported files. Without it: `exports` in the user's data folder",
    ),
    key("export.expiry_hours", Kind::Whole(1, LONG), Some("168"), "Exported files are deleted after so many hours"),
    secret(
        "export.hash_key",
        "at least 32 characters, the same on every server",
        "Key of the hashes that stand for identifiers. Without it: one is made and kept in the store",
    ),
    optional("export.hash_key_file", Kind::Text, "/run/secrets/hash-key", "A file that `export.hash_key` is read from"),
    key("auth.mode", Kind::Choice(&["off", "on"]), Some("off"), "Whether callers must say who they are"),
    key("auth.keys", Kind::Truth, Some("true"), "Whether API keys are accepted (waggle keys)"),
    optional(
        "auth.jwt.issuer",
        Kind::Text,
        "https://id.example.com",
        "Issuer of bearer tokens (OpenID Connect); needs auth.jwt.audience and auth.jwt.jwks",
    ),
    optional("auth.jwt.audience", Kind::List, "waggle", "For whom tokens must be: one of these"),
    optional(
        "auth.jwt.jwks",
        Kind::Text,
        "https://id.example.com/keys",
        "The issuer's public keys: a file, or an https address",
    ),
    key("auth.jwt.role_claim", Kind::Text, Some("roles"), "Claim with the role, a text or a list; a.b is b within a"),
    optional(
        "auth.jwt.roles",
        Kind::Map(&["marketer", "analyst", "admin"]),
        "crm-users=marketer",
        "What the claim may say, and the role it gives. Without it: the roles' own names. A token that gives no role is refused",
    ),
    optional(
        "auth.jwt.attribute_claims",
        Kind::List,
        "region",
        "Claims that become attributes of the caller, for the catalog's row rules",
    ),
    key("auth.jwt.leeway_s", Kind::Whole(0, 600), Some("60"), "How far the issuer's clock and this one may be apart"),
    optional(
        "telemetry.otlp",
        Kind::Text,
        "http://collector:4318",
        "OpenTelemetry collector (OTLP over HTTP) for the traces of requests",
    ),
    key(
        "telemetry.log",
        Kind::Choice(&["text", "json"]),
        Some("text"),
        "Format of the log on standard error; RUST_LOG says how much",
    ),
];

/// The setting called `name`.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// `; did you mean …?` with the nearest names, or nothing.
pub(super) fn hint<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let near: Vec<String> = crate::catalog::nearest(word, names).iter().map(|n| format!("`{n}`")).collect();
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}
