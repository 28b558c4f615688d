//! Quotes and escapes of a dialect, token by token.

use std::fmt::Write;

use sqlparser::ast::Query;
use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::Dialect;
use crate::sql::error::SqlError;

/// The text of `query` with the quotes of `dialect`.
pub(super) fn print(query: &Query, dialect: Dialect) -> Result<String, SqlError> {
    let text = query.to_string();
    let cannot = |what: &str| SqlError::Dialect { dialect, what: what.to_owned() };
    let tokens = Tokenizer::new(&GenericDialect {}, &text).with_unescape(false).tokenize();
    let mut out = String::with_capacity(text.len());
    for token in tokens.map_err(|_| cannot("the statement"))? {
        match token {
            Token::SingleQuotedString(raw) if raw.contains('\0') => return Err(cannot("a text with a NUL in it")),
            Token::SingleQuotedString(raw) => literal(&raw.replace("''", "'"), dialect, &mut out),
            Token::Word(word) if word.quote_style.is_some() => {
                let name = word.value.replace("\"\"", "\"");
                identifier(&name, dialect, &mut out).ok_or_else(|| cannot("a name with quotes in it"))?;
            }
            // Writing to a String does not fail.
            other => drop(write!(out, "{other}")),
        }
    }
    Ok(out)
}

/// A text literal.
fn literal(text: &str, dialect: Dialect, out: &mut String) {
    out.push('\'');
    for c in text.chars() {
        match (dialect, c) {
            (Dialect::BigQuery | Dialect::Spark, '\'') => out.push_str("\\'"),
            (Dialect::BigQuery | Dialect::Spark | Dialect::Snowflake, '\\') => out.push_str("\\\\"),
            (Dialect::BigQuery | Dialect::Spark | Dialect::Snowflake, '\n') => out.push_str("\\n"),
            (Dialect::BigQuery | Dialect::Spark | Dialect::Snowflake, '\r') => out.push_str("\\r"),
            (_, '\'') => out.push_str("''"),
            (_, c) => out.push(c),
        }
    }
    out.push('\'');
}

/// A quoted name; none where the dialect cannot quote it.
fn identifier(name: &str, dialect: Dialect, out: &mut String) -> Option<()> {
    if name.contains('\0') {
        return None;
    }
    match dialect {
        Dialect::BigQuery | Dialect::Spark if name.contains(['`', '\\']) => return None,
        Dialect::BigQuery | Dialect::Spark => {
            out.push('`');
            out.push_str(name);
            out.push('`');
        }
        _ => {
            out.push('"');
            out.push_str(&name.replace('"', "\"\""));
            out.push('"');
        }
    }
    Some(())
}
