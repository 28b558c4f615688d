//! Who asks, and what they may: callers with their roles, API keys, bearer tokens, and the rules that say
//! whose rows a caller sees. Knows nothing of HTTP headers, of the store that keys lie in, or of the app.

mod caller;
pub mod jwks;
pub mod keys;
pub mod rules;
pub mod token;

pub use caller::{Caller, NoSuchRole, Right, Role};
