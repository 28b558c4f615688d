//! What the routes share.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use tower::Service as Answers;

use super::auth::Auth;
use super::limits::Gate;
use crate::eval::Desk;
use crate::eval::leaderboard::Facts;
use crate::service::Service;

/// Largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// What is read of a body that is too large, in bytes: a client that is still sending would not hear why it is refused.
pub const MAX_DRAINED_BYTES: usize = 8 * 1024 * 1024;

/// Limits of the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// Largest body of a request, in bytes.
    pub max_body_bytes: usize,
    /// Longest time for one request; a stream may go on.
    pub request_timeout: Duration,
    /// Requests of one caller in a minute; none for no limit.
    pub rate_per_minute: Option<u32>,
    /// Requests of one caller at once.
    pub rate_burst: u32,
    /// Requests that are in the house at once; more are told to come again.
    pub max_requests: usize,
    /// Longest time for what is being answered when the service is stopped; then it is cancelled.
    pub stop_within: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            max_body_bytes: MAX_BODY_BYTES,
            request_timeout: Duration::from_secs(90),
            rate_per_minute: None,
            rate_burst: 60,
            max_requests: 1024,
            stop_within: Duration::from_secs(30),
        }
    }
}

/// The HTTP door.
#[derive(Debug)]
pub struct Door {
    /// What answers.
    pub(super) service: Arc<Service>,
    /// Where evaluations are run.
    pub(super) desk: Arc<Desk>,
    /// How callers say who they are.
    pub(super) auth: Auth,
    /// Its limits.
    pub(super) limits: HttpLimits,
    /// Services of others, which are asked as every route is.
    pub(super) mounted: Router<Arc<Door>>,
    /// What is known of the models, for the leaderboard.
    pub(super) translators: Vec<Facts>,
    /// Where the files of the page are; none for those in the binary.
    pub(super) page: Option<PathBuf>,
    /// What keeps them.
    pub(super) gate: Gate,
}

impl Door {
    /// A door to `service`.
    #[must_use]
    pub fn new(service: Arc<Service>, auth: Auth, limits: HttpLimits) -> Self {
        let desk = Arc::new(Desk::new(service.store().clone(), None));
        let (mounted, translators) = (Router::new(), Vec::new());
        Self { service, desk, auth, gate: Gate::new(&limits), limits, mounted, translators, page: None }
    }

    /// The same with the golden sets of a folder.
    #[must_use]
    pub fn golden(mut self, folder: PathBuf) -> Self {
        self.desk = Arc::new(Desk::new(self.service.store().clone(), Some(folder)));
        self
    }

    /// The same with the files of the page in a folder, read anew each time: for whoever works on them.
    #[must_use]
    pub fn page(mut self, folder: Option<PathBuf>) -> Self {
        self.page = folder;
        self
    }

    /// The same with what is known of the models that are configured: the leaderboard shows it beside their results.
    #[must_use]
    pub fn knowing(mut self, translators: Vec<Facts>) -> Self {
        self.translators = translators;
        self
    }

    /// The same with a service of somebody else at `path`. What comes to it has passed the same limits, and carries the
    /// caller in its extensions; whoever is not known is turned away before.
    #[must_use]
    pub fn mount<S>(mut self, path: &str, service: S) -> Self
    where
        S: Answers<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Future: Send + 'static,
    {
        self.mounted = self.mounted.route_service(path, service);
        self
    }
}
