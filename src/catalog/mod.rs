//! What can be asked: datasets, fields, values, synonyms, bands, glossary, policies; loading, checking
//! and look-up by words. Knows nothing of SQL text or HTTP.

pub mod model;
pub mod stub;

pub use model::{
    Band, Catalog, Category, Dataset, Field, FieldType, Label, Locale, Presence, Reading, Sensitivity, Term, Unit,
    Vague, Value, ValueGroup,
};
pub use stub::{Fault, builtin, nearest};
