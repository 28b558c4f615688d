//! Who may what: tokens, row rules that cannot be escaped, settings of the service.

mod rules;
mod settings;
mod tokens;
