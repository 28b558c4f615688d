//! SQL: what is printed, what is let through, what other dialects say.

pub(crate) mod attacks;
mod dialects;
mod groups;
mod printed;
