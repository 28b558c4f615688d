//! What the routes share.

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
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self { max_body_bytes: MAX_BODY_BYTES }
    }
}

/// The HTTP door.
#[derive(Debug)]
pub struct Door {
    /// What answers.
    pub(super) service: Service,
    /// Its limits.
    pub(super) limits: HttpLimits,
}

impl Door {
    /// A door to `service`.
    #[must_use]
    pub fn new(service: Service, limits: HttpLimits) -> Self {
        Self { service, limits }
    }

    /// What answers.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }
}
