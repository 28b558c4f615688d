//! How messages travel: one request to an OpenAI-compatible server, one reply.
//!
//! The requests are the types of `async-openai`; they are sent from here, once each, because its own sender tries
//! again by itself and logs what a server says of an error, which may repeat the key. The key stands in a header and
//! nowhere else; what a server says is shown only after every trace of it is taken out.

mod exchange;
mod manners;

use std::fmt;
use std::sync::Once;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use serde::Deserialize;
use serde_json::Value as Json;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::chat::{Boxed, Chat, Form, Message, Reply};
use super::{ModelError, ModelSpec, Secret};
use exchange::{Completion, request};
use manners::Manners;

/// Longest wait for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for another request to end, where as many as may run are running.
pub const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests at once that a model may have at most, whatever it is configured to.
pub const MAX_CONCURRENCY: usize = 1_024;
/// Bytes of a reply that are read.
pub const MAX_REPLY_BYTES: usize = 4 << 20;
/// Characters of what a server says of an error that are shown.
const MAX_WHY: usize = 200;

/// Why nothing came back, in English and Korean.
const REASONS: [(&str, &str); 8] = [
    (NO_URL, "주소가 올바르지 않습니다"),
    (NO_HOST, "주소에 호스트가 없습니다"),
    (NO_KEY, "키를 헤더에 쓸 수 없습니다"),
    (NO_CLIENT, "HTTP 클라이언트를 만들 수 없습니다"),
    (NO_REQUEST, "요청을 JSON으로 쓸 수 없습니다"),
    (NO_CONNECTION, "연결되지 않았습니다"),
    (NO_CONNECTION_IN_TIME, "제시간에 연결되지 않았습니다"),
    (BROKEN, "연결이 끊겼습니다"),
];
const NO_URL: &str = "its base URL is none";
const NO_HOST: &str = "its base URL names no host";
const NO_KEY: &str = "its key cannot stand in a header";
const NO_CLIENT: &str = "no HTTP client can be made";
const NO_REQUEST: &str = "the request is no JSON";
const NO_CONNECTION: &str = "no connection";
const NO_CONNECTION_IN_TIME: &str = "no connection in time";
/// How a refusal of what was sent begins.
const BAD_REQUEST: &str = "HTTP 400";
const BROKEN: &str = "the connection broke";

/// `why` in Korean, where it is one of the reasons above; what a server says stays as it is.
pub(super) fn in_korean(why: &str) -> &str {
    REASONS.iter().find(|(english, _)| *english == why).map_or(why, |(_, korean)| korean)
}

/// A way to one model.
pub struct Client {
    name: String,
    model: String,
    base: Url,
    key: Option<Secret>,
    headers: HeaderMap,
    http: reqwest::Client,
    timeout: Duration,
    turns: Semaphore,
    manners: Manners,
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client").field("name", &self.name).field("model", &self.model).finish_non_exhaustive()
    }
}

impl Client {
    /// A way to the model of `spec`. Nothing is sent yet.
    ///
    /// # Errors
    /// An address or key that cannot be used.
    pub fn new(spec: &ModelSpec) -> Result<Self, ModelError> {
        let fault = |why: &str| ModelError::Unreachable { model: spec.name.clone(), why: why.to_owned() };
        let base = Url::parse(&spec.base_url).map_err(|_| fault(NO_URL))?;
        let host = base.host_str().ok_or_else(|| fault(NO_HOST))?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &spec.key {
            let value = HeaderValue::from_str(&format!("Bearer {}", key.reveal()));
            let mut value = value.map_err(|_| fault(NO_KEY))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        install_tls();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT.min(spec.timeout))
            .timeout(spec.timeout)
            // The key goes to the address that was configured, and to no other.
            .redirect(reqwest::redirect::Policy::none());
        let http = if is_loopback(host) { http.no_proxy() } else { http };
        Ok(Self {
            name: spec.name.clone(),
            model: spec.model.clone(),
            key: spec.key.clone(),
            headers,
            http: http.build().map_err(|_| fault(NO_CLIENT))?,
            timeout: spec.timeout,
            turns: Semaphore::new(spec.concurrency.clamp(1, MAX_CONCURRENCY)),
            manners: Manners::default(),
            base,
        })
    }

    /// The models that the server lists.
    ///
    /// # Errors
    /// Where it cannot be reached, or lists none.
    pub async fn models(&self) -> Result<Vec<String>, ModelError> {
        #[derive(Deserialize)]
        struct Listed {
            id: String,
        }
        #[derive(Deserialize)]
        struct Models {
            data: Vec<Listed>,
        }
        let _turn = self.turn().await?;
        let bytes = self.send(Method::GET, "models", None).await?;
        let models: Models = self.parsed(&bytes)?;
        Ok(models.data.into_iter().map(|m| m.id).collect())
    }

    /// A place among the requests that may run at once.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, ModelError> {
        let wait = tokio::time::timeout(QUEUE_TIMEOUT.min(self.timeout), self.turns.acquire());
        match wait.await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(ModelError::Busy { model: self.name.clone() }),
        }
    }

    async fn exchange(&self, messages: &[Message], form: &Form, max_tokens: u32) -> Result<Reply, ModelError> {
        let _turn = self.turn().await?;
        let start = Instant::now();
        let bytes = loop {
            let request = self.manners.kept(request(&self.model, messages, form, max_tokens));
            let body = serde_json::to_vec(&request).map_err(|_| self.unreachable(NO_REQUEST.to_owned()))?;
            match self.send(Method::POST, "chat/completions", Some(body)).await {
                // Each is learned once, so this ends.
                Err(ModelError::Unreachable { why, .. })
                    if why.starts_with(BAD_REQUEST) && self.manners.learn(&why) => {}
                done => break done?,
            }
        };
        let completion: Completion = self.parsed(&bytes)?;
        let mut reply = completion.reply().ok_or_else(|| self.unreadable("the reply has no message".to_owned()))?;
        reply.text = self.unsaid(reply.text);
        for call in &mut reply.calls {
            call.arguments = self.unsaid(std::mem::take(&mut call.arguments));
        }
        reply.ms = start.elapsed().as_secs_f64() * 1e3;
        Ok(reply)
    }

    /// What a model wrote, without the key: a server could say it back.
    fn unsaid(&self, text: String) -> String {
        match self.key.as_ref().map(Secret::reveal).filter(|key| !key.is_empty() && text.contains(key)) {
            Some(key) => text.replace(key, ""),
            None => text,
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>, ModelError> {
        let whole = tokio::time::timeout(self.timeout, self.sent(method, path, body));
        whole.await.unwrap_or_else(|_| Err(self.timed_out()))
    }

    async fn sent(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>, ModelError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        let mut request = self.http.request(method, url).headers(self.headers.clone());
        if let Some(body) = body {
            request = request.body(body);
        }
        let mut response = request.send().await.map_err(|e| self.failed(e))?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| self.failed(e))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_REPLY_BYTES {
                return Err(self.unreadable(format!("the reply is longer than {MAX_REPLY_BYTES} bytes")));
            }
        }
        if status.is_success() { Ok(bytes) } else { Err(self.refused(status, &bytes)) }
    }

    fn parsed<'b, T: Deserialize<'b>>(&self, bytes: &'b [u8]) -> Result<T, ModelError> {
        serde_json::from_slice(bytes)
            .map_err(|e| self.unreadable(format!("the server's reply is not as expected: {e}")))
    }

    fn unreachable(&self, why: String) -> ModelError {
        ModelError::Unreachable { model: self.name.clone(), why }
    }

    fn unreadable(&self, why: String) -> ModelError {
        ModelError::Unreadable { model: self.name.clone(), why }
    }

    fn timed_out(&self) -> ModelError {
        ModelError::TimedOut { model: self.name.clone(), seconds: self.timeout.as_secs().max(1) }
    }

    /// No reply came.
    #[allow(clippy::needless_pass_by_value, reason = "an error that is used up")]
    fn failed(&self, error: reqwest::Error) -> ModelError {
        if error.is_timeout() && !error.is_connect() {
            return self.timed_out();
        }
        let why = if error.is_timeout() {
            NO_CONNECTION_IN_TIME
        } else if error.is_connect() {
            NO_CONNECTION
        } else {
            BROKEN
        };
        self.unreachable(why.to_owned())
    }

    /// The server said no.
    fn refused(&self, status: StatusCode, body: &[u8]) -> ModelError {
        if status == StatusCode::TOO_MANY_REQUESTS {
            return ModelError::Busy { model: self.name.clone() };
        }
        let said = self.without_key(&message_of(body));
        let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_WHY).collect();
        let number = status.as_u16();
        self.unreachable(if said.is_empty() { format!("HTTP {number}") } else { format!("HTTP {number}: {said}") })
    }

    /// What a server says, without the key, however much of it is shown: some servers repeat its ends.
    fn without_key(&self, said: &str) -> String {
        let Some(key) = self.key.as_ref().map(Secret::reveal).filter(|k| !k.is_empty()) else { return said.to_owned() };
        let shown = |word: &&str| !shows(word, key);
        said.split_whitespace().filter(shown).collect::<Vec<_>>().join(" ")
    }
}

/// Characters of a key that no word may share with it.
const KEY_PART: usize = 4;

/// Whether `word` holds the beginning or end of `key`, or all of it.
fn shows(word: &str, key: &str) -> bool {
    let chars: Vec<char> = key.chars().collect();
    if chars.len() <= KEY_PART {
        return word.contains(key);
    }
    let windows = chars.windows(KEY_PART).map(|w| w.iter().collect::<String>());
    let mut parts = windows.filter(|part| word.contains(part.as_str()));
    // Four letters in a row may stand in any word; the key's ends, or a longer piece, do not.
    let first: String = chars[..KEY_PART].iter().collect();
    let last: String = chars[chars.len() - KEY_PART..].iter().collect();
    word.contains(&first) || word.contains(&last) || parts.by_ref().count() > 1
}

/// What the body of an error says.
fn message_of(body: &[u8]) -> String {
    let json: Option<Json> = serde_json::from_slice(body).ok();
    let message = json.as_ref().and_then(|j| {
        let error = j.get("error")?;
        error.get("message").or(Some(error)).and_then(Json::as_str)
    });
    message.unwrap_or_default().to_owned()
}

/// Whether `host` is this machine, which no proxy stands before.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The process's TLS, where nobody has chosen one before.
fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

impl Chat for Client {
    fn chat<'a>(
        &'a self,
        messages: &'a [Message],
        form: &'a Form,
        max_tokens: u32,
    ) -> Boxed<'a, Result<Reply, ModelError>> {
        Box::pin(self.exchange(messages, form, max_tokens))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::translate::model::{Abilities, Billing, Place};

    fn client(key: &str, base_url: &str) -> Result<Client, ModelError> {
        Client::new(&ModelSpec {
            name: "m".to_owned(),
            base_url: base_url.to_owned(),
            model: "x".to_owned(),
            key: Some(Secret::new(key)),
            place: Place::OnPrem,
            billing: Billing::default(),
            context_tokens: 8_192,
            timeout: Duration::from_secs(1),
            concurrency: 1,
            can: Abilities::default(),
            size_b: None,
            kind: None,
            agent: false,
            brief: false,
            prompts: None,
        })
    }

    #[test]
    fn no_part_of_a_key_is_said() {
        let client = client("sk-abcdefghijkl", "http://user:pa55word@127.0.0.1:1/v1").unwrap();
        assert!(!format!("{client:?}").contains("abcdefgh"));
        for said in ["no: sk-abcdefghijkl", "Incorrect key: sk-a****ijkl.", "x abcdefg y", "sk-a"] {
            let body = json!({ "error": { "message": said } }).to_string();
            let error = client.refused(StatusCode::UNAUTHORIZED, body.as_bytes());
            for part in ["sk-a", "ijkl", "abcde", "pa55word"] {
                assert!(!format!("{error} {error:?}").contains(part), "{error}");
            }
        }
        let body = json!({ "error": { "message": "model not found" } }).to_string();
        assert!(
            client.refused(StatusCode::NOT_FOUND, body.as_bytes()).to_string().ends_with("HTTP 404: model not found")
        );
    }

    #[test]
    fn bad_addresses_and_keys_are_told_apart() {
        for (key, url) in [("k", "nowhere"), ("k", "data:x"), ("a\nb", "http://127.0.0.1/v1")] {
            let error = client(key, url).unwrap_err().to_string();
            assert!(error.starts_with("m cannot be reached") && !error.contains("a\nb"), "{error}");
        }
    }
}
