//! A service on the loopback, in this process.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use ureq::http::{Request, Response};
use ureq::{Agent, Body};
use waggle::access::{Caller, Role};
use waggle::app::{App, AppConfig};
use waggle::http::{self, Auth, Door, HttpLimits};
use waggle::service::{NewKey, Service, ServiceConfig};
use waggle::store::Store;

use crate::reference;

pub(super) struct House {
    runtime: Runtime,
    pub(super) service: Arc<Service>,
    base: String,
    agent: Agent,
    _home: TempDir,
}

impl House {
    /// Where everybody may do everything.
    pub(super) fn open(limits: HttpLimits) -> Self {
        Self::over(reference::few(), limits, false, |_| ())
    }

    /// Where callers need keys.
    pub(super) fn with_keys(limits: HttpLimits) -> Self {
        Self::over(reference::few(), limits, true, |_| ())
    }

    pub(super) fn over(data: &Path, limits: HttpLimits, keys: bool, set: impl FnOnce(&mut ServiceConfig)) -> Self {
        Self::opened(AppConfig::new(data.to_path_buf()), limits, keys, set)
    }

    pub(super) fn opened(
        opened: AppConfig,
        limits: HttpLimits,
        keys: bool,
        set: impl FnOnce(&mut ServiceConfig),
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let mut config = ServiceConfig::new(home.path().join("exports"));
        set(&mut config);
        let service = runtime.block_on(async {
            let store = Store::open(home.path().join("s.db").to_str().unwrap()).await.unwrap();
            Arc::new(Service::new(App::open(opened.clone()).unwrap(), opened, store, config))
        });
        let auth = if keys { Auth::new(true, true, None) } else { Auth::off() };
        let router = http::router(Arc::new(Door::new(Arc::clone(&service), auth, limits)));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self { runtime, service, base, agent, _home: home }
    }

    pub(super) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A key for a role.
    pub(super) fn key(&self, role: Role) -> String {
        let new = NewKey { name: role.name().to_owned(), role, attributes: std::collections::BTreeMap::new() };
        self.run(self.service.make_key(&Caller::local(), &new)).unwrap().key
    }

    pub(super) fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.agent.run(request.body(()).unwrap()).unwrap()
    }

    /// What is answered to a request of this line and these headers, whose body does not come.
    pub(super) fn unfinished(&self, line: &str, headers: &str) -> String {
        let address = self.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!("{line}\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said
    }

    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        let mut request = Request::builder().method(method.to_uppercase().as_str()).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(body.to_string()).unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = response.unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(super) fn get(&self, path: &str) -> (u16, Value) {
        self.send("get", path, None, &[])
    }

    pub(super) fn session(&self) -> String {
        self.send("post", "/v1/sessions", Some(&json!({})), &[]).1["id"].as_str().unwrap().to_owned()
    }

    pub(super) fn say(&self, session: &str, text: &str) -> (u16, Value) {
        self.send("post", &format!("/v1/sessions/{session}/messages"), Some(&json!({ "text": text })), &[])
    }
}
