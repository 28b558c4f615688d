//! The door for assistants: tools over the Model Context Protocol, on standard input and output, or as a service that the
//! HTTP door is given to mount. It holds no conversation logic: every tool calls `service`, on behalf of the caller that
//! whoever opened the door has found out. Knows nothing of HTTP beyond what that protocol needs.

mod arguments;
mod catalog;
mod results;
mod tools;

use std::fmt;
use std::sync::Arc;

pub use rmcp::model::Extensions;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::access::Caller;
use crate::service::Service;

/// Where it is, over HTTP.
pub const PATH: &str = "/mcp";

/// Hosts of this machine, by which a client on it reaches it.
const LOCAL_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Origins of pages that this machine serves itself.
const LOCAL_ORIGINS: [&str; 6] = [
    "http://localhost:*",
    "http://127.0.0.1:*",
    "http://[::1]:*",
    "https://localhost:*",
    "https://127.0.0.1:*",
    "https://[::1]:*",
];

/// Finds out who asks from what came with a request; none where nobody is known.
type WhoAsks = dyn Fn(&Extensions) -> Option<Caller> + Send + Sync;

/// The tools, and who uses them.
#[derive(Clone)]
pub struct Tools {
    service: Arc<Service>,
    who: Arc<WhoAsks>,
}

impl fmt::Debug for Tools {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tools").finish_non_exhaustive()
    }
}

impl Tools {
    /// Tools over `service`, used by whom `who` finds out.
    #[must_use]
    pub fn new(service: Arc<Service>, who: impl Fn(&Extensions) -> Option<Caller> + Send + Sync + 'static) -> Self {
        Self { service, who: Arc::new(who) }
    }

    /// As a service of the streamable HTTP transport, without state of its own between requests: conversations are those
    /// of `service`. Where `anybody` may ask, only requests by a name of this machine and from its own pages are taken, so
    /// that a page from elsewhere that was given a name of this machine cannot ask in a visitor's name.
    #[must_use]
    pub fn over_http(self, anybody: bool) -> StreamableHttpService<Self, NeverSessionManager> {
        let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
        let config = if anybody {
            config.with_allowed_hosts(LOCAL_HOSTS).with_allowed_origins(LOCAL_ORIGINS)
        } else {
            // A page of somebody else's has no key to send; the name of the service is not known here.
            config.disable_allowed_hosts().disable_allowed_origins()
        };
        StreamableHttpService::new(move || Ok(self.clone()), Arc::default(), config)
    }

    /// Serves one client on standard input and output, until it goes away.
    ///
    /// # Errors
    /// A client that does not speak the protocol.
    pub async fn over_stdio(self) -> Result<(), McpError> {
        let running = match rmcp::serve_server(self, rmcp::transport::stdio()).await {
            Ok(running) => running,
            // A client that leaves before it has said anything has not failed.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(McpError(error.to_string())),
        };
        running.waiting().await.map(|_| ()).map_err(|error| McpError(error.to_string()))
    }
}

/// Why a client could not be served.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct McpError(String);
