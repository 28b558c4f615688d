//! The settings as the service takes them: typed, complete, and consistent with one another.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::sources::{Origin, Said};
use super::value::Value;
use crate::access::Role;
use crate::access::jwks::JwksSource;
use crate::access::token::TokenRules;
use crate::catalog::Locale;
use crate::engine::Mode;

/// Shortest key of hashes, in bytes: HMAC-SHA-256 is as strong as its key.
pub const MIN_HASH_KEY_BYTES: usize = 32;

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// Everything that the service can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Data folder; none for the reference data.
    pub data: Option<PathBuf>,
    /// Catalog folder; none for the built-in one.
    pub catalog: Option<PathBuf>,
    /// Who answers.
    pub engine: Mode,
    /// Folder of the index; none for the one in the data folder.
    pub index: Option<PathBuf>,
    /// Address of the store, which may hold a password; none for the file in the user's data folder.
    pub store: Option<Secret>,
    /// Smallest group that is shown; none for the catalog's minimum.
    pub min_group: Option<u64>,
    /// Language of answers; none for that of each request.
    pub locale: Option<Locale>,
    /// All lines there are, consented or not.
    pub lines_total: Option<u64>,
    /// How often the data files are looked at; none for never.
    pub watch_data: Option<Duration>,
    /// Limits.
    pub limits: Limits,
    /// What is kept how long.
    pub retention: Retention,
    /// Exports.
    pub export: ExportConfig,
    /// Who may call.
    pub auth: AuthConfig,
    /// Logs and traces.
    pub telemetry: Telemetry,
}

/// Limits of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest body of a request.
    pub max_body_bytes: usize,
    /// Longest request in words.
    pub max_request_bytes: usize,
    /// Longest time for one HTTP request.
    pub request_timeout: Duration,
    /// Longest time for what is being answered when the service is stopped.
    pub stop_within: Duration,
    /// Queries at the same time.
    pub concurrent_queries: usize,
    /// Requests that may wait.
    pub queue_length: usize,
    /// Requests of one caller in a minute; none for no limit.
    pub rate_per_minute: Option<u32>,
    /// Requests of one caller at once.
    pub rate_burst: u32,
    /// Memory that all queries together may use.
    pub memory_bytes: usize,
    /// Longest run of one query.
    pub query_timeout: Duration,
    /// Longest run of one export.
    pub export_timeout: Duration,
}

/// What is kept how long; none for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Sessions that nobody uses.
    pub sessions: Option<Duration>,
    /// What is recorded of exports.
    pub exports: Option<Duration>,
}

/// Exports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportConfig {
    /// Folder of the files; none for the one in the user's data folder.
    pub folder: Option<PathBuf>,
    /// When files are deleted.
    pub expiry: Duration,
    /// Key of the hashes that stand for identifiers; none where the store keeps one.
    pub hash_key: Option<Secret>,
}

/// Who may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthConfig {
    /// Whether callers must say who they are.
    pub on: bool,
    /// Whether API keys are accepted.
    pub keys: bool,
    /// Bearer tokens, where they are accepted.
    pub jwt: Option<JwtConfig>,
}

/// Bearer tokens: what [`crate::access::jwks::Bearer`] is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtConfig {
    /// What a token must say.
    pub rules: TokenRules,
    /// The issuer's keys.
    pub jwks: JwksSource,
}

/// Logs and traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// Collector of traces.
    pub otlp: Option<String>,
    /// Whether the log is JSON.
    pub json_log: bool,
}

/// Typed access to what was said. The table of settings guarantees the kinds, and a value for each setting
/// that has a default; the fallbacks here are for settings that were at fault, whose configuration is refused.
pub(super) struct Read<'a>(pub(super) &'a Said);

impl Read<'_> {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name) {
            Some((Value::Text(text), _)) => Some(text.clone()),
            _ => None,
        }
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret)
    }

    fn number(&self, name: &str) -> Option<u64> {
        match self.0.get(name) {
            Some((Value::Whole(number), _)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn decimal(&self, name: &str) -> Option<f64> {
        match self.0.get(name) {
            Some((Value::Decimal(number), _)) => Some(*number),
            _ => None,
        }
    }

    /// A number; the table's bounds let it fit.
    pub(super) fn whole<T: TryFrom<u64> + Default>(&self, name: &str) -> T {
        self.number(name).and_then(|number| T::try_from(number).ok()).unwrap_or_default()
    }

    fn seconds(&self, name: &str, each: u64) -> Duration {
        Duration::from_secs(self.whole::<u64>(name).saturating_mul(each))
    }

    /// A time; none where it is 0.
    fn some_seconds(&self, name: &str, each: u64) -> Option<Duration> {
        Some(self.seconds(name, each)).filter(|time| !time.is_zero())
    }

    pub(super) fn truth(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some((Value::Truth(true), _)))
    }

    fn list(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some((Value::List(items), _)) => items.clone(),
            _ => Vec::new(),
        }
    }

    fn roles(&self, name: &str) -> BTreeMap<String, Role> {
        match self.0.get(name) {
            Some((Value::Map(entries), _)) => {
                entries.iter().filter_map(|(said, role)| Some((said.clone(), role.parse().ok()?))).collect()
            }
            _ => BTreeMap::new(),
        }
    }
}

const HOUR_S: u64 = 3600;
const DAY_S: u64 = 24 * HOUR_S;

impl ServeConfig {
    /// The settings that were said; what contradicts itself becomes a fault.
    pub(super) fn of(said: &mut Said) -> Self {
        let auth = auth(said);
        check_hash_key(said);
        let read = Read(said);
        let locale = |name: String| if name == "ko" { Locale::Ko } else { Locale::En };
        Self {
            listen: match read.0.get("listen") {
                Some((Value::Address(address), _)) => *address,
                _ => SocketAddr::from(([127, 0, 0, 1], 0)),
            },
            data: read.path("data"),
            catalog: read.path("catalog"),
            engine: read.text("engine").and_then(|word| word.parse().ok()).unwrap_or_default(),
            index: read.path("index"),
            store: read.secret("store"),
            min_group: read.number("min_group"),
            locale: read.text("locale").map(locale),
            lines_total: read.number("lines_total"),
            watch_data: read.some_seconds("watch_data_s", 1),
            limits: limits(&read),
            retention: Retention {
                sessions: read.some_seconds("retention.sessions_days", DAY_S),
                exports: read.some_seconds("retention.exports_days", DAY_S),
            },
            export: ExportConfig {
                folder: read.path("export.folder"),
                expiry: read.seconds("export.expiry_hours", HOUR_S),
                hash_key: read.secret("export.hash_key"),
            },
            auth,
            telemetry: Telemetry {
                otlp: read.text("telemetry.otlp"),
                json_log: read.text("telemetry.log").as_deref() == Some("json"),
            },
        }
    }

    /// Whether anybody who can reach the address may ask without saying who they are, and somebody else can.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        !self.auth.on && !self.listen.ip().is_loopback()
    }
}

fn limits(read: &Read<'_>) -> Limits {
    Limits {
        max_body_bytes: read.whole("limits.max_body_bytes"),
        max_request_bytes: read.whole("limits.max_request_bytes"),
        request_timeout: read.seconds("limits.request_timeout_s", 1),
        stop_within: read.seconds("limits.stop_within_s", 1),
        concurrent_queries: read.whole("limits.concurrent_queries"),
        queue_length: read.whole("limits.queue_length"),
        rate_per_minute: Some(read.whole("limits.rate_per_minute")).filter(|rate| *rate > 0),
        rate_burst: read.whole("limits.rate_burst"),
        memory_bytes: read.whole("limits.memory_bytes"),
        query_timeout: read.seconds("limits.query_timeout_s", 1),
        export_timeout: read.seconds("limits.export_timeout_s", 1),
    }
}

fn auth(said: &mut Said) -> AuthConfig {
    let jwt = jwt(said);
    let read = Read(said);
    let auth = AuthConfig { on: read.text("auth.mode").as_deref() == Some("on"), keys: read.truth("auth.keys"), jwt };
    if auth.on && !auth.keys && auth.jwt.is_none() {
        let at = said.get("auth.mode").map_or(Origin::Default, |(_, origin)| origin.clone());
        said.fault(at, "nobody could call: `auth.mode` is on, with neither `auth.keys` nor `auth.jwt.issuer`");
    }
    auth
}

fn jwt(said: &mut Said) -> Option<JwtConfig> {
    let needed = ["auth.jwt.issuer", "auth.jwt.audience", "auth.jwt.jwks"];
    let at = needed.iter().find_map(|name| said.get(name)).map(|(_, origin)| origin.clone())?;
    let missing: Vec<&str> = needed.into_iter().filter(|name| said.get(name).is_none()).collect();
    let read = Read(said);
    let rules = TokenRules {
        issuer: read.text("auth.jwt.issuer").unwrap_or_default(),
        audience: read.list("auth.jwt.audience"),
        role_claim: read.text("auth.jwt.role_claim").unwrap_or_default(),
        roles: read.roles("auth.jwt.roles"),
        attribute_claims: read.list("auth.jwt.attribute_claims"),
        leeway_s: read.whole("auth.jwt.leeway_s"),
    };
    let jwks = read.text("auth.jwt.jwks").unwrap_or_default().parse();
    if !missing.is_empty() {
        said.fault(at, format!("tokens cannot be verified without `{}`", missing.join("` and `")));
        return None;
    }
    match jwks {
        Ok(jwks) => Some(JwtConfig { rules, jwks }),
        Err(error) => {
            let at = said.get("auth.jwt.jwks").map_or(Origin::Default, |(_, origin)| origin.clone());
            said.fault(at, format!("`auth.jwt.jwks`: {error}"));
            None
        }
    }
}

fn check_hash_key(said: &mut Said) {
    if let Some((Value::Text(key), origin)) = said.get("export.hash_key")
        && key.len() < MIN_HASH_KEY_BYTES
    {
        let message = format!("`export.hash_key` needs at least {MIN_HASH_KEY_BYTES} characters");
        said.fault(origin.clone(), message);
    }
}
