//! What can be asked: datasets, fields, values, synonyms, bands, glossary, policies; loading, checking
//! and look-up by words. Knows nothing of SQL text or HTTP.

mod carried;
mod check;
mod contact;
pub mod distance;
mod fault;
mod fields;
mod language;
mod load;
pub mod model;
mod read;
mod rules;
mod search;
mod values;
mod words;
mod yaml;

pub use distance::nearest;
pub use fault::{Fault, Faults};
pub use load::{builtin, load};
pub use model::{
    Band, Catalog, Category, Channel, Contact, ContactHistory, Dataset, Field, FieldType, Label, Locale, NoSuchSecrecy,
    Presence, Reading, Secrecy, Sensitivity, Term, Unit, Vague, Value, ValueGroup,
};
pub use rules::RowRule;
pub use search::{Hit, HitKind, search};
pub use words::fold;
