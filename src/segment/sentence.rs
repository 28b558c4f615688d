//! Sentences: a segment as a marketer reads it, in Korean and English.
//!
//! Everything that is about the data comes from the catalog's labels; only the language itself is here.
//! A condition is said in two ways: as a line ("거주 시군구 = 강남구"), for the list of how a request was
//! read, and as a clause of one flowing phrase ("거주 시군구가 강남구이고 … 고객").

mod en;
mod josa;
mod ko;

pub use josa::{Josa, josa};

use super::text::print::hundredfold as percent;
use super::{DateSpec, Expr, Literal, Segment, Test};
use crate::catalog::{Catalog, Dataset, Field, Locale};

/// One line for each condition of `segment`, in the order they were asked for; none for everybody.
#[must_use]
pub fn reading(segment: &Segment, catalog: &Catalog, locale: Locale) -> Vec<String> {
    let mut said: Vec<Expr> = Vec::new();
    let mut lines = Vec::new();
    for condition in segment.conditions.iter().filter(|c| c.expr != Expr::All) {
        lines.push(self::condition(&without_known(&condition.expr, &said), catalog, locale));
        said.push(condition.expr.clone());
    }
    lines
}

/// One flowing phrase for `expr`: "거주 시군구가 강남구이고 Netflix를 이용하는 고객", "every customer whose home
/// district is 강남구 and who uses Netflix".
#[must_use]
pub fn sentence(expr: &Expr, catalog: &Catalog, locale: Locale) -> String {
    let whole = match expr {
        Expr::And(_) => {
            let parts = expr.conjuncts();
            Expr::And(parts.iter().map(|p| without_known(p, &parts)).collect())
        }
        other => other.clone(),
    };
    let scope = Scope { catalog, dataset: catalog.entity() };
    match locale {
        Locale::Ko => ko::sentence(&whole, scope),
        Locale::En => en::sentence(&whole, scope),
    }
}

/// One line for `expr`: "거주 시군구 = 강남구".
#[must_use]
pub fn condition(expr: &Expr, catalog: &Catalog, locale: Locale) -> String {
    line(expr, Scope { catalog, dataset: catalog.entity() }, locale)
}

/// One line for a condition on rows of `dataset`: "사용 일수 15일 이상".
#[must_use]
pub fn row_condition(expr: &Expr, catalog: &Catalog, dataset: &str, locale: Locale) -> String {
    let dataset = catalog.dataset(dataset).unwrap_or(catalog.entity());
    line(expr, Scope { catalog, dataset }, locale)
}

fn line(expr: &Expr, scope: Scope<'_>, locale: Locale) -> String {
    match locale {
        Locale::Ko => ko::line(expr, scope),
        Locale::En => en::line(expr, scope),
    }
}

/// A rank or sample without saying what it is within, where that is said already.
fn without_known(expr: &Expr, said: &[Expr]) -> Expr {
    let known = |within: &Expr| match within {
        Expr::And(parts) => parts.iter().all(|p| said.contains(p)),
        one => said.contains(one),
    };
    match expr {
        Expr::Rank { field, end, amount, within } if known(within) => {
            Expr::Rank { field: field.clone(), end: *end, amount: *amount, within: Box::new(Expr::All) }
        }
        Expr::Sample { size, seed, within } if known(within) => {
            Expr::Sample { size: *size, seed: *seed, within: Box::new(Expr::All) }
        }
        other => other.clone(),
    }
}

/// The dataset whose fields a condition is about.
#[derive(Clone, Copy)]
struct Scope<'a> {
    catalog: &'a Catalog,
    dataset: &'a Dataset,
}

impl<'a> Scope<'a> {
    fn many(self, name: &str) -> Self {
        Self { catalog: self.catalog, dataset: self.catalog.dataset(name).unwrap_or(self.dataset) }
    }

    fn field(self, name: &str) -> Option<&'a Field> {
        self.dataset.field(name)
    }

    fn label(self, name: &str, locale: Locale) -> String {
        self.field(name).map_or_else(|| name.to_owned(), |f| f.label.get(locale).to_owned())
    }

    /// The label of the unit that numbers of the field have.
    fn unit(self, name: &str, locale: Locale) -> &'a str {
        let unit = self.field(name).and_then(|f| f.unit.as_deref());
        unit.and_then(|unit| self.catalog.unit(unit)).map_or("", |unit| unit.label.get(locale))
    }

    /// A constant as it is compared with the field; numbers without their unit.
    fn value(self, field: &str, value: &Literal, locale: Locale) -> String {
        match value {
            Literal::Int(number) => grouped(&number.to_string()),
            Literal::Float(number) => grouped(&number.to_string()),
            Literal::Text(text) => {
                let known = self.field(field).and_then(|f| f.value(text));
                known.map_or_else(|| text.clone(), |v| v.label.get(locale).to_owned())
            }
            Literal::Date(day) => date(*day, locale),
        }
    }
}

/// `number` with thousands separated.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').map_or((digits, String::new()), |(w, p)| (w, format!(".{p}")));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{sign}{out}{part}")
}

fn date(day: DateSpec, locale: Locale) -> String {
    match (day, locale) {
        (DateSpec::On(day), _) => day.to_string(),
        (DateSpec::DaysBefore(0), Locale::Ko) => "기준일".to_owned(),
        (DateSpec::DaysBefore(0), Locale::En) => "the date of the data".to_owned(),
        (DateSpec::DaysBefore(n), Locale::Ko) => format!("기준일 {n}일 전"),
        (DateSpec::DaysBefore(n), Locale::En) => format!("{n} days before the date of the data"),
        (DateSpec::MonthsBefore(n), Locale::Ko) => format!("기준일 {n}개월 전"),
        (DateSpec::MonthsBefore(n), Locale::En) => format!("{n} months before the date of the data"),
    }
}

/// `n` of a relative date that something is since.
fn recent(day: DateSpec, locale: Locale) -> Option<String> {
    match (day, locale) {
        (DateSpec::DaysBefore(n), Locale::Ko) if n > 0 => Some(format!("최근 {n}일")),
        (DateSpec::DaysBefore(n), Locale::En) if n > 0 => Some(format!("in the last {n} days")),
        (DateSpec::MonthsBefore(n), Locale::Ko) => Some(format!("최근 {n}개월")),
        (DateSpec::MonthsBefore(n), Locale::En) => Some(format!("in the last {n} months")),
        _ => None,
    }
}

/// The texts that a test allows, where it is about texts.
fn texts(test: &Test) -> Option<&[Literal]> {
    match test {
        Test::Eq(value @ Literal::Text(_)) => Some(std::slice::from_ref(value)),
        Test::In(values) if values.iter().all(|v| matches!(v, Literal::Text(_))) => Some(values),
        _ => None,
    }
}

/// The row conditions of a presence: what is present, and the rest.
struct Present<'a> {
    /// Fields with the texts that they must be, the dataset's item first.
    named: Vec<(&'a str, &'a [Literal])>,
    /// Whether the item itself is among them.
    item: bool,
    /// Further conditions.
    rest: Expr,
}

impl<'a> Present<'a> {
    fn of(rows: &'a Expr, dataset: &Dataset) -> Self {
        let parts = match rows {
            Expr::And(parts) => parts.as_slice(),
            Expr::All => &[],
            one => std::slice::from_ref(one),
        };
        let (mut named, mut rest) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Expr::Compare { field, test } if texts(test).is_some() => {
                    named.extend(texts(test).map(|values| (field.as_str(), values)));
                }
                other => rest.push(other.clone()),
            }
        }
        let is_item = |field: &str| dataset.item.as_deref() == Some(field);
        named.sort_by_key(|(field, _)| !is_item(field));
        Self { item: named.first().is_some_and(|(field, _)| is_item(field)), named, rest: Expr::all_of(rest) }
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(["0", "999", "1000", "-1234567.25"].map(grouped), ["0", "999", "1,000", "-1,234,567.25"]);
    }
}
