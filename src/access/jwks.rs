//! Where an issuer's public keys come from, a file or an address, and verifying tokens with them. Keys are
//! kept; a token that names an unknown key has them looked up again, but not more often than the issuer
//! should be asked: tokens are made up by anybody.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Caller;
use super::token::{Jwks, TokenError, TokenRules, verify};
use crate::catalog::Locale;

/// Longest wait for the issuer's keys.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest document of keys, in bytes.
const MAX_DOCUMENT_BYTES: u64 = 1024 * 1024;
/// Least time between two look-ups.
const LEAST_INTERVAL: Duration = Duration::from_secs(30);
/// Keys older than this are looked up again, so that one that was withdrawn is noticed.
const FRESH: Duration = Duration::from_mins(10);
/// Keys older than this are not trusted any more, where they cannot be looked up again.
const TRUSTED: Duration = Duration::from_hours(24);

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwksSource {
    /// In a file.
    File(PathBuf),
    /// At an address.
    Url(String),
}

/// An address from which keys must not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("keys must come by https: over http anybody on the way could put their own in their place")]
pub struct NotSafe;

impl FromStr for JwksSource {
    type Err = NotSafe;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once("://") {
            None => Ok(Self::File(text.into())),
            Some(("https", _)) => Ok(Self::Url(text.to_owned())),
            Some(("http", rest)) if is_this_machine(rest) => Ok(Self::Url(text.to_owned())),
            Some(("file", path)) => Ok(Self::File(path.into())),
            Some(_) => Err(NotSafe),
        }
    }
}

/// Whether what follows `http://` names this machine: nobody is on the way then.
fn is_this_machine(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    matches!(host.map_or(authority, |(host, _)| host), "localhost" | "127.0.0.1" | "[::1]")
}

/// Why the keys cannot be had. Says where it was tried, for the log; a caller need not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the issuer's keys cannot be had from {from}: {reason}")]
pub struct JwksError {
    /// File or address.
    pub from: String,
    /// Why.
    pub reason: String,
}

/// Why a token was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BearerError {
    /// It is the token's fault.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// It is ours: nothing can be verified now.
    #[error("{0}")]
    Keys(#[from] JwksError),
}

impl BearerError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Token(error), locale) => error.message(locale),
            (Self::Keys(_), Locale::Ko) => {
                "지금은 토큰을 확인할 수 없습니다: 발급자의 키를 가져오지 못했습니다".to_owned()
            }
            (Self::Keys(_), Locale::En) => "tokens cannot be verified now: the issuer's keys cannot be had".to_owned(),
        }
    }
}

#[derive(Debug, Default)]
struct Kept {
    keys: Option<(Arc<Jwks>, Instant)>,
    tried: Option<Instant>,
    failed: Option<JwksError>,
}

/// Verifies tokens of one issuer.
#[derive(Debug)]
pub struct Bearer {
    rules: TokenRules,
    source: JwksSource,
    least_interval: Duration,
    kept: Mutex<Kept>,
    /// Held by the one who looks the keys up; the others wait for what that gives.
    looking: tokio::sync::Mutex<()>,
}

impl Bearer {
    /// Over the keys at `source`, which are looked up when the first token comes.
    #[must_use]
    pub fn new(rules: TokenRules, source: JwksSource) -> Self {
        Self {
            rules,
            source,
            least_interval: LEAST_INTERVAL,
            kept: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
        }
    }

    /// The same, looking keys up again sooner or later.
    #[must_use]
    pub fn with_least_interval(mut self, least_interval: Duration) -> Self {
        self.least_interval = least_interval;
        self
    }

    /// Looks the keys up, so that a wrong address is noticed at the start.
    ///
    /// # Errors
    /// Where they cannot be had.
    pub async fn ready(&self) -> Result<(), JwksError> {
        self.keys().await.map(|_| ())
    }

    /// The caller that a token stands for.
    ///
    /// # Errors
    /// Why it stands for nobody, or why that cannot be told.
    pub async fn verify(&self, token: &str) -> Result<Caller, BearerError> {
        let keys = self.keys().await?;
        match verify(token, &keys, &self.rules) {
            Err(TokenError::UnknownKey) => {
                // The issuer may have changed its keys since.
                let keys = self.newer_than(&keys).await;
                Ok(verify(token, &keys, &self.rules)?)
            }
            known => Ok(known?),
        }
    }

    /// The keys, looked up where there are none yet or they are old.
    async fn keys(&self) -> Result<Arc<Jwks>, JwksError> {
        let (keys, age) = self.kept();
        match keys {
            Some(keys) if age < FRESH => Ok(keys),
            _ => self.looked_up(keys.as_ref()).await,
        }
    }

    async fn newer_than(&self, known: &Arc<Jwks>) -> Arc<Jwks> {
        self.looked_up(Some(known)).await.unwrap_or_else(|_| Arc::clone(known))
    }

    /// What is kept, and how old it is.
    fn kept(&self) -> (Option<Arc<Jwks>>, Duration) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.keys.as_ref().map_or((None, Duration::MAX), |(keys, since)| (Some(Arc::clone(keys)), since.elapsed()))
    }

    /// Newer keys than `known`; the old ones where it is too soon to ask again, or asking fails.
    async fn looked_up(&self, known: Option<&Arc<Jwks>>) -> Result<Arc<Jwks>, JwksError> {
        let _one = self.looking.lock().await;
        let (keys, _) = self.kept();
        if let Some(keys) = keys
            && known.is_none_or(|known| !Arc::ptr_eq(known, &keys))
        {
            return Ok(keys);
        }
        if self.may_ask() {
            let found = fetch(self.source.clone()).await;
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            match found {
                Ok(keys) => {
                    kept.keys = Some((Arc::new(keys), Instant::now()));
                    kept.failed = None;
                }
                Err(error) => {
                    tracing::warn!(%error, "keys not looked up");
                    kept.failed = Some(error);
                }
            }
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match (&kept.keys, &kept.failed) {
            (Some((keys, since)), _) if since.elapsed() < TRUSTED => Ok(Arc::clone(keys)),
            (_, Some(error)) => Err(error.clone()),
            _ => Err(JwksError { from: from(&self.source), reason: "they are too old".to_owned() }),
        }
    }

    /// Whether the source may be asked now; notes that it is.
    fn may_ask(&self) -> bool {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let may = kept.tried.is_none_or(|tried| tried.elapsed() >= self.least_interval);
        if may {
            kept.tried = Some(Instant::now());
        }
        may
    }
}

fn from(source: &JwksSource) -> String {
    match source {
        JwksSource::File(path) => path.display().to_string(),
        JwksSource::Url(url) => url.clone(),
    }
}

/// Reads the keys, on a thread that may wait.
async fn fetch(source: JwksSource) -> Result<Jwks, JwksError> {
    let name = from(&source);
    let fault = |reason: String| JwksError { from: name.clone(), reason };
    let read = tokio::task::spawn_blocking(move || match source {
        JwksSource::File(path) => std::fs::read_to_string(path).map_err(|e| e.to_string()),
        JwksSource::Url(url) => download(&url),
    });
    let text = read.await.map_err(|_| fault("stopped".to_owned()))?.map_err(fault)?;
    Jwks::parse(&text).map_err(|error| fault(error.to_string()))
}

fn download(url: &str) -> Result<String, String> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(FETCH_TIMEOUT))
        // A redirect could lead anywhere, and away from https.
        .max_redirects(0)
        .max_redirects_will_error(true)
        .https_only(url.starts_with("https://"));
    let mut answer = config.build().new_agent().get(url).call().map_err(|e| e.to_string())?;
    answer.body_mut().with_config().limit(MAX_DOCUMENT_BYTES).read_to_string().map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_by_a_safe_way() {
        for url in ["https://id.example/keys", "http://localhost/keys", "http://127.0.0.1:8080/k", "http://[::1]:1/k"] {
            assert_eq!(url.parse(), Ok(JwksSource::Url(url.to_owned())));
        }
        for url in [
            "http://id.example/keys",
            "http://localhost.example/",
            "http://localhost@id.example/",
            "http://127.0.0.1@id.example:80/",
            "http://localhost:1@id.example/",
            "ftp://id.example/keys",
        ] {
            assert_eq!(url.parse::<JwksSource>(), Err(NotSafe), "{url}");
        }
        assert_eq!("keys/jwks.json".parse(), Ok(JwksSource::File("keys/jwks.json".into())));
    }
}
