//! Why an analyst's SQL was refused, and where.
/// x
#[derive(Debug)]
pub struct SqlRefusal;
/// x
#[derive(Debug)]
pub struct Why;
