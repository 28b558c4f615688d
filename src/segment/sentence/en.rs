//! English lines and phrases.

use super::{Present, Scope, grouped, recent, texts};
use crate::catalog::Locale::En;
use crate::segment::{Amount, End, Expr, Func, Literal, Test};

/// What a line says of a truth value.
const YES: &str = "yes";
const NO: &str = "no";

// ---- lines ----

pub(super) fn line(expr: &Expr, scope: Scope<'_>) -> String {
    match expr {
        Expr::All => format!("every {}", scope.catalog.entity_label.en),
        Expr::And(parts) if parts.is_empty() => line(&Expr::All, scope),
        Expr::Or(parts) if parts.is_empty() => "nobody".to_owned(),
        Expr::And(parts) => parts.iter().map(|p| part(p, scope)).collect::<Vec<_>>().join(" & "),
        Expr::Or(parts) => parts.iter().map(|p| part(p, scope)).collect::<Vec<_>>().join(" or "),
        Expr::Not(inner) => negated(inner, scope),
        Expr::Compare { field, test } => {
            let label = scope.label(field, En);
            tested(&label, test, scope.unit(field, En), &|v| scope.value(field, v, En))
        }
        Expr::Exists { dataset, rows } => presence(rows, scope.many(dataset), true),
        Expr::Total { dataset, func, field, rows, test } => {
            let rows_of = scope.many(dataset);
            let (what, unit, name) = total(rows_of, *func, field.as_deref());
            let line = tested(&what, test, unit, &|v| rows_of.value(name, v, En));
            format!("{line}{}", remark(rows, rows_of))
        }
        Expr::Rank { field, end, amount, within } => {
            format!("{} by {}{}", ranked(*end, *amount), scope.label(field, En), among(within, scope))
        }
        Expr::Sample { size, within, .. } => {
            format!("{} at random{}", grouped(&size.to_string()), among(within, scope))
        }
        Expr::Saved { name } => format!("saved segment '{name}'"),
    }
}

/// A part of a longer line, in brackets where it is several.
fn part(expr: &Expr, scope: Scope<'_>) -> String {
    match expr {
        Expr::And(parts) | Expr::Or(parts) if parts.len() > 1 => format!("({})", line(expr, scope)),
        _ => line(expr, scope),
    }
}

fn negated(inner: &Expr, scope: Scope<'_>) -> String {
    match inner {
        Expr::Compare { field, test: Test::True } => format!("{} = {NO}", scope.label(field, En)),
        Expr::Compare { field, test: Test::Missing } => format!("{} is known", scope.label(field, En)),
        Expr::Compare { field, test } if texts(test).is_some() => {
            let values: Vec<_> = texts(test).unwrap_or_default().iter().map(|v| scope.value(field, v, En)).collect();
            format!("{} ≠ {}", scope.label(field, En), values.join(", "))
        }
        Expr::Exists { dataset, rows } => presence(rows, scope.many(dataset), false),
        _ => format!("not {}", part(inner, scope)),
    }
}

fn tested(what: &str, test: &Test, unit: &str, value: &dyn Fn(&Literal) -> String) -> String {
    match test {
        Test::Eq(_) => format!("{what} = {}", bounded(test, unit, value)),
        Test::Ne(_) => format!("{what} ≠ {}", bounded(test, unit, value)),
        Test::In(values) => {
            let values: Vec<_> = values.iter().map(|v| with_unit(v, unit, value)).collect();
            format!("{what} = {}", values.join(", "))
        }
        Test::True => format!("{what} = {YES}"),
        Test::Missing => format!("{what} is missing"),
        _ => format!("{what} {}", bounded(test, unit, value)),
    }
}

/// At least 50,000 KRW, from 20 to 29 years, in the last 30 days.
fn bounded(test: &Test, unit: &str, value: &dyn Fn(&Literal) -> String) -> String {
    let with_unit = |v: &Literal| with_unit(v, unit, value);
    match test {
        Test::Ge(v @ Literal::Date(day)) => recent(*day, En).unwrap_or_else(|| format!("on or after {}", value(v))),
        Test::Gt(v @ Literal::Date(_)) => format!("after {}", value(v)),
        Test::Le(v @ Literal::Date(_)) => format!("on or before {}", value(v)),
        Test::Lt(v @ Literal::Date(_)) => format!("before {}", value(v)),
        Test::Ge(v) => format!("at least {}", with_unit(v)),
        Test::Gt(v) => format!("over {}", with_unit(v)),
        Test::Le(v) => format!("at most {}", with_unit(v)),
        Test::Lt(v) => format!("under {}", with_unit(v)),
        Test::Between(low, high) => format!("from {} to {}", value(low), with_unit(high)),
        Test::Eq(v) | Test::Ne(v) => with_unit(v),
        Test::In(values) => alternatives(&values.iter().map(with_unit).collect::<Vec<_>>()),
        Test::True | Test::Missing => String::new(),
    }
}

fn with_unit(v: &Literal, unit: &str, value: &dyn Fn(&Literal) -> String) -> String {
    let number = matches!(v, Literal::Int(_) | Literal::Float(_));
    if number && !unit.is_empty() { format!("{} {unit}", value(v)) } else { value(v) }
}

fn presence(rows: &Expr, scope: Scope<'_>, there: bool) -> String {
    let present = Present::of(rows, scope.dataset);
    let says = &scope.dataset.presence;
    let values = |values: &[Literal], field: &str| {
        alternatives(&values.iter().map(|v| scope.value(field, v, En)).collect::<Vec<_>>())
    };
    let mut named = present.named.iter();
    let what = match named.next().filter(|_| present.item) {
        Some((field, item)) => values(item, field),
        None => says.anything.en.clone(),
    };
    let from = usize::from(present.item);
    let mut remarks: Vec<_> = present.named[from..]
        .iter()
        .map(|(field, v)| format!("{} = {}", scope.label(field, En), values(v, field)))
        .collect();
    if present.rest != Expr::All {
        remarks.push(line(&present.rest, scope));
    }
    let remark = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) };
    let template = if there { &says.says.en } else { &says.says_not.en };
    format!("{}{remark}", template.replace("{}", &what))
}

/// Row conditions as a remark.
fn remark(rows: &Expr, scope: Scope<'_>) -> String {
    if *rows == Expr::All { String::new() } else { format!(" ({})", line(rows, scope)) }
}

fn among(within: &Expr, scope: Scope<'_>) -> String {
    if *within == Expr::All { String::new() } else { format!(" (among: {})", line(within, scope)) }
}

/// What a total is called, the unit of its numbers and the field that they are of.
fn total<'a>(scope: Scope<'a>, func: Func, field: Option<&'a str>) -> (String, &'a str, &'a str) {
    let name = field.unwrap_or_default();
    let (dataset, label) = (&scope.dataset.label.en, scope.label(name, En));
    let of = |what: &str| (format!("{what} {label} of {dataset}"), scope.unit(name, En), name);
    match func {
        Func::Sum => of("total"),
        Func::Avg => of("average"),
        Func::Min => of("smallest"),
        Func::Max => of("largest"),
        Func::Median => of("median"),
        Func::Count => (format!("number of {dataset}"), "", ""),
        Func::CountDistinct => (format!("number of different values of {label}"), "", ""),
    }
}

fn ranked(end: End, amount: Amount) -> String {
    let end = if end == End::Top { "top" } else { "bottom" };
    match amount {
        Amount::Share(share) => format!("{end} {}%", super::percent(share)),
        Amount::Number(number) => format!("{end} {}", grouped(&number.to_string())),
    }
}

// ---- phrases ----

pub(super) fn sentence(expr: &Expr, scope: Scope<'_>) -> String {
    let who = &scope.catalog.entity_label.en;
    match expr {
        Expr::All => format!("every {who}"),
        Expr::And(parts) if parts.is_empty() => format!("every {who}"),
        Expr::Or(parts) if parts.is_empty() => format!("no {who}"),
        _ => format!("every {who} {}", describing(expr, scope)),
    }
}

/// Everything after the noun.
fn describing(expr: &Expr, scope: Scope<'_>) -> String {
    match expr {
        Expr::And(parts) => joined(&parts.iter().map(|p| clause(p, scope)).collect::<Vec<_>>(), "and"),
        Expr::Or(parts) => {
            let clauses: Vec<_> = parts.iter().map(|p| clause(p, scope)).collect();
            format!("either {}", joined(&clauses, "or"))
        }
        one => clause(one, scope),
    }
}

fn clause(expr: &Expr, scope: Scope<'_>) -> String {
    match expr {
        Expr::Compare { field, test: Test::True } => marked(field, true, scope),
        Expr::Compare { field, test } => {
            let value = |v: &Literal| scope.value(field, v, En);
            format!("whose {} {}", scope.label(field, En), is(test, scope.unit(field, En), &value))
        }
        Expr::Exists { dataset, rows } => format!("who {}", presence(rows, scope.many(dataset), true)),
        Expr::Total { dataset, func, field, rows, test } => {
            let rows_of = scope.many(dataset);
            let (what, unit, name) = total(rows_of, *func, field.as_deref());
            let is = is(test, unit, &|v| rows_of.value(name, v, En));
            format!("whose {what}{} {is}", remark(rows, rows_of))
        }
        Expr::Rank { .. } | Expr::Saved { .. } | Expr::Sample { .. } => format!("who is {}", member(expr, scope)),
        Expr::Not(inner) => opposite(inner, scope),
        Expr::All => "at all".to_owned(),
        Expr::And(parts) | Expr::Or(parts) if parts.is_empty() => "that is nobody".to_owned(),
        Expr::And(_) | Expr::Or(_) => format!("({})", describing(expr, scope)),
    }
}

/// Where a rank, a sample or a saved segment puts somebody.
fn member(expr: &Expr, scope: Scope<'_>) -> String {
    let of = if matches!(expr, Expr::Sample { .. }) { "among" } else { "in the" };
    format!("{of} {}", line(expr, scope))
}

fn marked(field: &str, holds: bool, scope: Scope<'_>) -> String {
    let not = if holds { "" } else { "not " };
    format!("who is {not}marked \"{}\"", scope.label(field, En))
}

fn opposite(inner: &Expr, scope: Scope<'_>) -> String {
    match inner {
        Expr::Compare { field, test: Test::True } => marked(field, false, scope),
        Expr::Compare { field, test: Test::Missing } => format!("whose {} is known", scope.label(field, En)),
        Expr::Compare { field, test } if texts(test).is_some() => {
            let values: Vec<_> = texts(test).unwrap_or_default().iter().map(|v| scope.value(field, v, En)).collect();
            format!("whose {} is not {}", scope.label(field, En), alternatives(&values))
        }
        Expr::Exists { dataset, rows } => format!("who {}", presence(rows, scope.many(dataset), false)),
        Expr::Rank { .. } | Expr::Saved { .. } | Expr::Sample { .. } => format!("who is not {}", member(inner, scope)),
        _ => format!("who is none of those {}", describing(inner, scope)),
    }
}

fn is(test: &Test, unit: &str, value: &dyn Fn(&Literal) -> String) -> String {
    match test {
        Test::Missing => "is missing".to_owned(),
        Test::True => format!("is {YES}"),
        Test::Ne(_) => format!("is not {}", bounded(test, unit, value)),
        _ => format!("is {}", bounded(test, unit, value)),
    }
}

fn alternatives(values: &[String]) -> String {
    joined(values, "or")
}

/// A, B and C.
fn joined(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., end] => format!("{} {last} {end}", others.join(", ")),
    }
}
