//! The canonical text form of a segment, and its parser. An analyst can read it, a catalog's glossary
//! is written in it, and what [`print()`] writes [`parse`] reads back unchanged.
//!
//! ```text
//! expr    = and { OR and }
//! and     = not { AND not }
//! not     = NOT not | primary
//! primary = "(" expr ")" | TRUE | FALSE
//!         | EXISTS dataset [ "(" expr ")" ]                  a row exists; the condition is on its rows
//!         | total test                                       an aggregate of rows
//!         | ( TOP | BOTTOM ) amount BY field [ within ]
//!         | SAMPLE integer SEED integer [ within ]
//!         | SEGMENT string                                   another saved segment
//!         | field [ test ]                                   bare: a truth value that is true
//! total   = func "(" [ DISTINCT ] dataset [ "." field ] [ WHERE expr ] ")"
//! func    = SUM | AVG | MIN | MAX | COUNT | MEDIAN
//! amount  = number "%" | integer
//! within  = WITHIN "(" expr ")"
//! test    = ( "=" | "<>" | "!=" | "<" | "<=" | ">" | ">=" ) literal
//!         | [ NOT ] BETWEEN literal AND literal
//!         | [ NOT ] IN "(" literal { "," literal } ")"
//!         | IS [ NOT ] ( MISSING | NULL | TRUE )
//! literal = string | number | DATE string | AS_OF [ "-" integer ( DAYS | MONTHS ) ]
//! string  = "'" anything, ' doubled "'"
//! field, dataset = a word, or anything between double quotes, " doubled
//! ```
//!
//! Words of the grammar are read in any case. `AND` binds tighter than `OR`, `NOT` tighter than both.
//! Inside `EXISTS` and `WHERE` only fields of that dataset may stand.

mod cursor;
mod error;
mod lex;
mod parse;
pub(super) mod print;

pub use error::{Expected, TextError, TextFault};

use super::Expr;
use super::check::MAX_SEGMENT_TEXT;
use crate::catalog::Catalog;

/// The text form of `expr`. An `And` of none is `TRUE`, an `Or` of none `FALSE`, and either of one part
/// is that part; everything else comes back from [`parse`] as it was.
#[must_use]
pub fn print(expr: &Expr) -> String {
    print::expr(expr)
}

/// The condition on the entity that `text` says. Names are looked up; whether tests fit their fields is
/// for [`super::check`].
///
/// # Errors
/// Where the text breaks the grammar or names what the catalog lacks.
pub fn parse(text: &str, catalog: &Catalog) -> Result<Expr, TextError> {
    read(text, catalog, None)
}

/// The condition on rows of `dataset` that `text` says.
///
/// # Errors
/// As [`parse`], and where `dataset` is unknown.
pub fn parse_rows(text: &str, catalog: &Catalog, dataset: &str) -> Result<Expr, TextError> {
    read(text, catalog, Some(dataset))
}

fn read(text: &str, catalog: &Catalog, rows_of: Option<&str>) -> Result<Expr, TextError> {
    if text.len() > MAX_SEGMENT_TEXT {
        return Err(TextError { offset: MAX_SEGMENT_TEXT, fault: TextFault::TooLong });
    }
    parse::Parser::new(lex::tokens(text)?, catalog).whole(rows_of)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        crate::catalog::builtin().unwrap()
    }

    #[test]
    fn what_is_canonical_stays() {
        let catalog = catalog();
        for text in [
            "TRUE",
            "FALSE",
            "home_sigungu = '강남구' AND device_series IN ('iPhone', 'Galaxy S')",
            "ad_consent AND NOT sms_opt_out",
            "contract_months_left IS MISSING OR contract_months_left IS NOT MISSING",
            "age BETWEEN 20 AND 39 AND (gender = 'F' OR NOT (network <> '5G'))",
            "joined_on >= AS_OF - 30 DAYS AND joined_on < AS_OF - 3 MONTHS",
            "joined_on BETWEEN DATE '2023-01-01' AND DATE '2023-12-31'",
            "EXISTS app_usage (app = 'Netflix' AND days_used_30d >= 15)",
            "NOT EXISTS contacts",
            "SUM(app_usage.minutes_30d WHERE app_category = 'OTT') >= 1200",
            "COUNT(DISTINCT visits.sido) >= 3 AND COUNT(contacts WHERE responded) >= 2",
            "NOT (SUM(purchases.amount_90d) >= 500000)",
            "TOP 10% BY data_gb_30d WITHIN (home_sido = '서울특별시')",
            "BOTTOM 100 BY monthly_fee",
            "TOP 0.7% BY arpu_3m",
            "SAMPLE 1000 SEED 7 WITHIN (gender = 'F')",
            "SEGMENT 'it''s mine'",
            "churn_score >= 0.30000000000000004 AND data_gb_30d < 1e300",
            "age >= -5 AND NOT NOT foreigner",
            "plan_name = 'a''b\n\0\"c'",
        ] {
            assert_eq!(print(&parse(text, &catalog).unwrap()), text);
        }
    }

    #[test]
    fn what_is_not_is_made_so() {
        let catalog = catalog();
        for (text, canonical) in [
            ("((age>=20))and  gender!='F'", "age >= 20 AND gender <> 'F'"),
            ("age not between 1 and 2", "NOT (age BETWEEN 1 AND 2)"),
            ("gender not in ('F')", "NOT (gender IN ('F'))"),
            ("contract_months_left is not null", "contract_months_left IS NOT MISSING"),
            ("ad_consent IS TRUE", "ad_consent"),
            ("ad_consent = true", "ad_consent"),
            ("\"age\" > 3", "age > 3"),
            ("EXISTS app_usage (TRUE)", "EXISTS app_usage"),
            ("joined_on >= AS_OF - 1 month", "joined_on >= AS_OF - 1 MONTHS"),
            ("joined_on <= as_of", "joined_on <= AS_OF - 0 DAYS"),
        ] {
            assert_eq!(print(&parse(text, &catalog).unwrap()), canonical);
        }
    }

    #[test]
    fn faults_say_where_and_what_is_near() {
        let catalog = catalog();
        let fault = |text: &str| parse(text, &catalog).unwrap_err();
        assert_eq!(fault("age >= 20 AND gendr = 'F'").offset, 14);
        assert!(fault("gendr = 'F'").to_string().contains("gender"));
        assert_eq!(fault("age >=").offset, 6);
        assert_eq!(fault("age = 'x").fault, TextFault::OpenQuote);
        assert_eq!(fault("EXISTS app_usage (EXISTS visits)").fault, TextFault::NotInRows);
        assert_eq!(fault(&"(".repeat(100_000)).fault, TextFault::TooDeep);
        assert_eq!(fault(&"NOT ".repeat(20_000)).fault, TextFault::TooDeep);
        assert_eq!(fault(&" ".repeat(MAX_SEGMENT_TEXT + 1)).fault, TextFault::TooLong);
        assert_eq!(fault("joined_on > DATE '2023-02-30'").offset, 17);
        assert_eq!(fault("age > 99999999999999999999").offset, 6);
        assert!(matches!(fault("age > 3 4").fault, TextFault::Expected { what: Expected::End, .. }));
    }
}
