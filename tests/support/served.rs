//! A `waggle serve` of the tests: the real binary on a port of its own, with a store of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::reference;

/// A server that ends with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) base: String,
}

/// A response.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&self.bytes).into_owned()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }
}

impl Served {
    /// Over the small reference data, the store in `home`.
    pub(crate) fn start(home: &Path, flags: &[&str]) -> Self {
        Self::over(home, &reference::few(), flags)
    }

    /// Over `data`, the store in `home`.
    pub(crate) fn over(home: &Path, data: &Path, flags: &[&str]) -> Self {
        let mut command = reference::waggle(home);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--store")
            .arg(home.join("store.db"));
        let mut child = command.args(flags).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let base = lines.find_map(|line| {
            let line = line.unwrap();
            let at = line.split_once("http://").map(|(_, at)| format!("http://{at}"));
            said.push(line);
            at
        });
        let base = base.unwrap_or_else(|| panic!("the service did not start: {said:?}"));
        std::thread::spawn(move || lines.count());
        Self { child, base }
    }

    /// Sends a request with further headers.
    pub(crate) fn request(&self, method: &str, path: &str, body: Option<&str>, headers: &[(&str, &str)]) -> Reply {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => agent.run(request.header("content-type", "application/json").body(body.to_owned()).unwrap()),
            None => agent.run(request.body(()).unwrap()),
        };
        let mut response = response.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, bytes: response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap() }
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(Value::to_string);
        let reply = self.request(method, path, body.as_deref(), &[]);
        (reply.status, reply.json())
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send("POST", path, Some(body))
    }

    /// A new conversation.
    pub(crate) fn session(&self) -> String {
        let (status, started) = self.post("/v1/sessions", &json!({ "locale": "ko" }));
        assert_eq!(status, 200, "{started}");
        started["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn say(&self, session: &str, text: &str) -> Value {
        let (status, answer) = self.post(&format!("/v1/sessions/{session}/messages"), &json!({ "text": text }));
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
