//! Sentences: a segment as a marketer reads it, in Korean and English.

use super::{Expr, Segment};
use crate::catalog::{Catalog, Locale};

/// A Korean particle with two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Josa {
    /// 은/는.
    Topic,
    /// 이/가.
    Subject,
    /// 을/를.
    Object,
    /// 과/와.
    And,
    /// 으로/로.
    To,
    /// 이나/나.
    Or,
    /// 이라/라.
    Copula,
}

/// `word` with the form of `josa` that its last sound asks for.
#[must_use]
pub fn josa(_word: &str, _josa: Josa) -> String {
    unimplemented!()
}

/// One line for each condition of `segment`.
#[must_use]
pub fn reading(_segment: &Segment, _catalog: &Catalog, _locale: Locale) -> Vec<String> {
    unimplemented!()
}

/// One flowing phrase for `expr`: "강남구에 살고 아이폰을 쓰는 고객".
#[must_use]
pub fn sentence(_expr: &Expr, _catalog: &Catalog, _locale: Locale) -> String {
    unimplemented!()
}

/// One line for `expr`.
#[must_use]
pub fn condition(_expr: &Expr, _catalog: &Catalog, _locale: Locale) -> String {
    unimplemented!()
}
