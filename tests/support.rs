//! What several tests share.

pub(crate) mod eval;
pub(crate) mod exprs;
pub(crate) mod llm;
pub(crate) mod mcp;
pub(crate) mod scripted;
pub(crate) mod served;
pub(crate) mod world;
