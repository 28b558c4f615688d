//! Names and values of a draft, looked up in the catalog.

use chrono::NaiveDate;
use serde_json::Value as Json;

use super::error::{Named, ResolveFault};
use crate::catalog::{Catalog, Dataset, Field, FieldType, Label, Term, fold, nearest};
use crate::segment::check::{SegmentError, is_identifier};
use crate::segment::{DateSpec, Expr, Literal, Test};

type Found<T> = Result<T, ResolveFault>;

/// Whether `word` is one of the names of something.
fn is_called(word: &str, name: &str, label: &Label, synonyms: &[String]) -> bool {
    let word = fold(word);
    [name, &label.ko, &label.en].into_iter().chain(synonyms.iter().map(String::as_str)).any(|n| fold(n) == word)
}

/// The one of `all` that is called `word`: by exact name, else by any of its words where that is one only.
fn one<'a, T>(
    what: Named,
    word: &str,
    all: impl Iterator<Item = &'a T> + Clone,
    words: impl Fn(&'a T) -> (&'a str, &'a Label, &'a [String]),
) -> Found<&'a T> {
    if let Some(exact) = all.clone().find(|t| words(t).0 == word) {
        return Ok(exact);
    }
    let called: Vec<_> = all
        .clone()
        .filter(|t| {
            let (name, label, synonyms) = words(t);
            is_called(word, name, label, synonyms)
        })
        .collect();
    match called.as_slice() {
        [one] => Ok(one),
        [] => {
            let all_words = all.flat_map(|t| {
                let (name, label, synonyms) = words(t);
                [name, &label.ko, &label.en].into_iter().chain(synonyms.iter().map(String::as_str))
            });
            Err(unknown(what, word, all_words))
        }
        several => Err(ResolveFault::Ambiguous {
            what,
            name: word.to_owned(),
            candidates: several.iter().map(|t| words(t).0.to_owned()).collect(),
        }),
    }
}

fn unknown<'a>(what: Named, word: &str, names: impl IntoIterator<Item = &'a str>) -> ResolveFault {
    let nearest = nearest(word, names).into_iter().map(str::to_owned).collect();
    ResolveFault::Unknown { what, name: word.to_owned(), nearest }
}

fn field_words(field: &Field) -> (&str, &Label, &[String]) {
    (&field.name, &field.label, &field.synonyms)
}

/// The field of `of` that is called `name`.
pub(super) fn field<'a>(name: &str, of: &'a Dataset) -> Found<&'a Field> {
    one(Named::Field, name, of.fields.iter(), field_words)
}

/// The many-table that is called `name`.
pub(super) fn dataset<'a>(name: &str, catalog: &'a Catalog) -> Found<&'a Dataset> {
    one(Named::Dataset, name, catalog.datasets.iter().skip(1), |d| (&d.name, &d.label, &d.presence.nouns))
}

/// The glossary term that is called `name`.
pub(super) fn term<'a>(name: &str, catalog: &'a Catalog) -> Found<&'a Term> {
    one(Named::Term, name, catalog.glossary.iter(), |t| (&t.name, &t.label, &t.synonyms))
}

/// The exact name of what a breakdown groups by: a band or field of the entity, or `dataset.field`, for
/// which the field alone will do where no other has it.
pub(super) fn grouping(name: &str, catalog: &Catalog) -> Found<String> {
    if let Some((dataset_name, field_name)) = name.split_once('.')
        && let Ok(of) = dataset(dataset_name, catalog)
    {
        return field(field_name, of).and_then(|f| shown(of, f));
    }
    let entity = catalog.entity();
    if let Some(field) = entity.field(name) {
        return shown(entity, field);
    }
    if let Ok(band) = one(Named::Grouping, name, catalog.bands.iter(), |b| (&b.name, &b.label, &b.synonyms)) {
        return Ok(band.name.clone());
    }
    let many = || catalog.datasets.iter().skip(1).filter_map(|d| Some((d, d.field(name)?)));
    match (many().next(), many().count()) {
        (Some((of, field)), 1) => shown(of, field),
        (Some(_), _) => Err(ResolveFault::Ambiguous {
            what: Named::Grouping,
            name: name.to_owned(),
            candidates: many().map(|(d, f)| format!("{}.{}", d.name, f.name)).collect(),
        }),
        (None, _) => one(Named::Grouping, name, entity.fields.iter(), field_words).and_then(|f| shown(entity, f)),
    }
}

/// The name of a grouping, where its groups may be shown.
fn shown(of: &Dataset, field: &Field) -> Found<String> {
    if is_identifier(field, of) {
        let field = field.label.clone();
        return Err(ResolveFault::Segment(SegmentError::Identifier { field }));
    }
    // The entity's own fields stand without their dataset.
    Ok(if of.joins_on.is_some() { format!("{}.{}", of.name, field.name) } else { field.name.clone() })
}

/// `field` compared by `op` with `values`.
pub(super) fn compared(field: &Field, op: &str, values: &[Json]) -> Found<Expr> {
    let (holds, test) = match (field.kind, sign(op), values) {
        (FieldType::Bool, "=", [Json::Bool(yes)]) => (*yes, Test::True),
        (FieldType::Bool, "!=", [Json::Bool(yes)]) => (!yes, Test::True),
        (FieldType::String, sign, _) => text_test(field, op, sign, values)?,
        _ => test(op, values, &|value| literal(field, value))?,
    };
    let expr = Expr::Compare { field: field.name.clone(), test };
    Ok(if holds { expr } else { expr.negated() })
}

/// A test of a number by `op` with `values`, and whether it is to hold.
pub(super) fn number_test(op: &str, values: &[Json]) -> Found<(bool, Test)> {
    test(op, values, &|value| {
        number(value).ok_or_else(|| {
            let field = Label { ko: "합계".to_owned(), en: "total".to_owned() };
            ResolveFault::BadValue { field, value: value.to_string() }
        })
    })
}

/// The one spelling of `op`; empty for what is none.
fn sign(op: &str) -> &'static str {
    match fold(op).as_str() {
        "=" | "==" | "eq" | "is" => "=",
        "!=" | "<>" | "≠" | "ne" | "isnot" => "!=",
        "<" | "lt" => "<",
        "<=" | "≤" | "le" | "lte" => "<=",
        ">" | "gt" => ">",
        ">=" | "≥" | "ge" | "gte" => ">=",
        "between" => "between",
        "in" => "in",
        "notin" | "not_in" => "not in",
        "true" | "istrue" | "is_true" => "true",
        "false" | "isfalse" | "is_false" => "false",
        "missing" | "ismissing" | "is_missing" => "missing",
        "present" | "notmissing" | "not_missing" => "present",
        _ => "",
    }
}

fn test(op: &str, values: &[Json], read: &dyn Fn(&Json) -> Found<Literal>) -> Found<(bool, Test)> {
    let test = match (sign(op), values) {
        ("=", [v]) => Test::Eq(read(v)?),
        ("!=", [v]) => Test::Ne(read(v)?),
        ("<", [v]) => Test::Lt(read(v)?),
        ("<=", [v]) => Test::Le(read(v)?),
        (">", [v]) => Test::Gt(read(v)?),
        (">=", [v]) => Test::Ge(read(v)?),
        ("between", [low, high]) => Test::Between(read(low)?, read(high)?),
        ("in" | "=", [_, ..]) => Test::In(values.iter().map(read).collect::<Found<_>>()?),
        ("not in" | "!=", [_, ..]) => return Ok((false, Test::In(values.iter().map(read).collect::<Found<_>>()?))),
        ("true", []) => Test::True,
        ("false", []) => return Ok((false, Test::True)),
        ("missing", []) => Test::Missing,
        ("present", []) => return Ok((false, Test::Missing)),
        _ => return Err(ResolveFault::BadOp { op: op.to_owned(), values: values.len() }),
    };
    Ok((true, test))
}

/// Texts are found among the field's values and named sets; where the values have an order, they can be
/// compared.
fn text_test(field: &Field, op: &str, sign: &str, values: &[Json]) -> Found<(bool, Test)> {
    let bad_op = || ResolveFault::BadOp { op: op.to_owned(), values: values.len() };
    match (sign, values) {
        ("=" | "in" | "!=" | "not in", [_, ..]) => {
            let mut stored = Vec::new();
            for value in values {
                stored.extend(texts(field, value)?);
            }
            let not = sign == "!=" || sign == "not in";
            Ok(listed(stored, not))
        }
        ("<" | "<=" | ">" | ">=" | "between", [_, ..]) if !field.ordered.is_empty() => {
            let mut places = Vec::new();
            for value in values {
                places.push(place(field, value)?);
            }
            let keep = |i: usize| match (sign, places.as_slice()) {
                ("<", [p]) => Some(i < *p),
                ("<=", [p]) => Some(i <= *p),
                (">", [p]) => Some(i > *p),
                (">=", [p]) => Some(i >= *p),
                ("between", [low, high]) => Some((*low..=*high).contains(&i)),
                _ => None,
            };
            let all = field.ordered.iter().enumerate().filter(|(i, _)| keep(*i) == Some(true));
            let kept: Vec<_> = all.map(|(_, v)| v.clone()).collect();
            if kept.is_empty() { Err(bad_op()) } else { Ok(listed(kept, false)) }
        }
        _ => test(op, values, &|_| Err(bad_op())),
    }
}

fn listed(mut values: Vec<String>, not: bool) -> (bool, Test) {
    let one = if values.len() == 1 { values.pop() } else { None };
    match (one, not) {
        (Some(one), false) => (true, Test::Eq(Literal::Text(one))),
        (Some(one), true) => (true, Test::Ne(Literal::Text(one))),
        (None, not) => (!not, Test::In(values.into_iter().map(Literal::Text).collect())),
    }
}

/// Where a value stands in the field's order.
fn place(field: &Field, value: &Json) -> Found<usize> {
    let stored = texts(field, value)?;
    let place = stored.first().and_then(|name| field.ordered.iter().position(|o| o == name));
    place.ok_or_else(|| ResolveFault::BadValue { field: field.label.clone(), value: value.to_string() })
}

/// The stored values that a text stands for: one, or those of a named set.
fn texts(field: &Field, value: &Json) -> Found<Vec<String>> {
    let word = match value {
        Json::String(word) => word.clone(),
        Json::Number(number) => number.to_string(),
        other => return Err(ResolveFault::BadValue { field: field.label.clone(), value: other.to_string() }),
    };
    if field.values.is_empty() {
        return Ok(vec![word]);
    }
    match one(Named::Value, &word, field.values.iter(), |v| (&v.name, &v.label, &v.synonyms)) {
        Ok(value) => Ok(vec![value.name.clone()]),
        Err(fault) => {
            let group = field.groups.iter().find(|g| is_called(&word, &g.label.ko, &g.label, &g.synonyms));
            group.map(|g| g.values.clone()).ok_or(fault)
        }
    }
}

fn literal(field: &Field, value: &Json) -> Found<Literal> {
    let literal = match field.kind {
        FieldType::Date => date(value).map(Literal::Date),
        kind if kind.is_number() => number(value),
        _ => None,
    };
    literal.ok_or_else(|| ResolveFault::BadValue { field: field.label.clone(), value: value.to_string() })
}

/// A number, or a text that is one.
fn number(value: &Json) -> Option<Literal> {
    match value {
        Json::Number(number) => number.as_i64().map(Literal::Int).or_else(|| number.as_f64().map(Literal::Float)),
        Json::String(text) => {
            let digits = text.trim().replace([',', '_'], "");
            let whole = digits.parse().ok().map(Literal::Int);
            whole.or_else(|| digits.parse().ok().filter(|f: &f64| f.is_finite()).map(Literal::Float))
        }
        _ => None,
    }
}

/// `2024-04-22`, `-30d`, `-3m`.
fn date(value: &Json) -> Option<DateSpec> {
    let text = value.as_str()?.trim();
    if let Some(before) = text.strip_prefix('-') {
        return match before.split_at_checked(before.len().checked_sub(1)?)? {
            (number, "d") => number.parse().ok().map(DateSpec::DaysBefore),
            (number, "m") => number.parse().ok().map(DateSpec::MonthsBefore),
            _ => None,
        };
    }
    text.parse::<NaiveDate>().ok().map(DateSpec::On)
}
