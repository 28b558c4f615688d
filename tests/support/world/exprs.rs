//! Random segments over the small catalog.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use waggle::catalog::{Catalog, Dataset, FieldType};
use waggle::segment::{Amount, DateSpec, End, Expr, Func, Literal, Test};

use super::as_of;
use super::data::CITIES;

/// Any segment that can be evaluated.
pub(crate) fn segment(catalog: &Catalog) -> BoxedStrategy<Expr> {
    let tests = compare(catalog.entity());
    let many: Vec<Dataset> = catalog.datasets[1..].to_vec();
    let presence = Union::new(many.iter().map(exists).collect::<Vec<_>>());
    let totals = Union::new(many.iter().map(total).collect::<Vec<_>>());
    let leaf = prop_oneof![
        1 => Just(Expr::All),
        8 => tests.clone(),
        4 => presence,
        4 => totals,
        1 => rank(tests),
    ];
    combined(leaf.boxed(), 4)
}

/// And, or and not of `leaf`.
fn combined(leaf: BoxedStrategy<Expr>, depth: u32) -> BoxedStrategy<Expr> {
    leaf.prop_recursive(depth, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::Or),
            inner.prop_map(|e| Expr::Not(Box::new(e))),
        ]
    })
    .boxed()
}

fn rank(within: BoxedStrategy<Expr>) -> impl Strategy<Value = Expr> {
    let amount = prop_oneof![
        select(vec![0.0, 0.1, 0.25, 0.5, 0.9, 1.0]).prop_map(Amount::Share),
        (0u64..20).prop_map(Amount::Number),
    ];
    let within = prop_oneof![Just(Expr::All), within];
    (select(vec!["age", "fee", "score"]), select(vec![End::Top, End::Bottom]), amount, within).prop_map(
        |(field, end, amount, within)| Expr::Rank { field: field.to_owned(), end, amount, within: Box::new(within) },
    )
}

fn rows(dataset: &Dataset) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![2 => Just(Expr::All), 5 => compare(dataset)];
    combined(leaf.boxed(), 2)
}

fn exists(dataset: &Dataset) -> BoxedStrategy<Expr> {
    let name = dataset.name.clone();
    rows(dataset).prop_map(move |rows| Expr::exists(&name, rows)).boxed()
}

fn total(dataset: &Dataset) -> BoxedStrategy<Expr> {
    let name = dataset.name.clone();
    let numbers: Vec<(String, FieldType)> = dataset
        .fields
        .iter()
        .filter(|f| f.kind.is_number() && !is_identifier(&f.name))
        .map(|f| (f.name.clone(), f.kind))
        .collect();
    let names: Vec<String> = dataset.fields.iter().map(|f| f.name.clone()).collect();
    let measured = (select(vec![Func::Sum, Func::Avg, Func::Min, Func::Max]), select(numbers))
        .prop_map(|(func, (field, _))| (func, Some(field)));
    let counted =
        (select(vec![Func::Count, Func::CountDistinct]), select(names)).prop_map(|(func, field)| (func, Some(field)));
    let what = prop_oneof![3 => measured, 2 => counted, 1 => Just((Func::Count, None))];
    (what, rows(dataset), test(number().boxed()))
        .prop_map(move |((func, field), rows, test)| Expr::Total {
            dataset: name.clone(),
            func,
            field,
            rows: Box::new(rows),
            test,
        })
        .boxed()
}

/// Identifiers are counted and joined by, never compared with a constant.
fn is_identifier(field: &str) -> bool {
    field.ends_with("_id")
}

/// A field of a dataset with a test that fits it.
fn compare(dataset: &Dataset) -> BoxedStrategy<Expr> {
    let each = dataset.fields.iter().filter(|f| !is_identifier(&f.name)).map(|f| {
        let name = f.name.clone();
        let tests = match f.kind {
            FieldType::Bool => select(vec![Test::True, Test::Missing]).boxed(),
            FieldType::String => test(text().boxed()),
            FieldType::Date => test(date().boxed()),
            _ => test(number().boxed()),
        };
        tests.prop_map(move |test| Expr::Compare { field: name.clone(), test }).boxed()
    });
    Union::new(each.collect::<Vec<_>>()).boxed()
}

fn test(literal: BoxedStrategy<Literal>) -> BoxedStrategy<Test> {
    let one = literal.clone();
    let of = |make: fn(Literal) -> Test| one.clone().prop_map(make);
    prop_oneof![
        of(Test::Eq),
        of(Test::Ne),
        of(Test::Lt),
        of(Test::Le),
        of(Test::Gt),
        of(Test::Ge),
        (literal.clone(), literal.clone()).prop_map(|(a, b)| Test::Between(a, b)),
        prop::collection::vec(literal, 0..4).prop_map(Test::In),
        Just(Test::Missing),
    ]
    .boxed()
}

fn number() -> impl Strategy<Value = Literal> {
    prop_oneof![
        4 => (-3i64..45).prop_map(Literal::Int),
        1 => (-6i32..90).prop_map(|n| Literal::Float(f64::from(n) / 2.0)),
        1 => select(vec![Literal::Int(i64::MIN), Literal::Int(i64::MAX), Literal::Float(1e300), Literal::Float(-0.0)]),
    ]
}

fn text() -> impl Strategy<Value = Literal> {
    let known: Vec<&str> = CITIES.iter().copied().chain(["F", "M", "Netflix", "티빙", "a'b", "OTT", "도서"]).collect();
    select(known).prop_map(|t| Literal::Text(t.to_owned()))
}

fn date() -> impl Strategy<Value = Literal> {
    prop_oneof![
        (0u32..130).prop_map(DateSpec::DaysBefore),
        (0u32..5).prop_map(DateSpec::MonthsBefore),
        Just(DateSpec::On(as_of())),
        Just(DateSpec::MonthsBefore(u32::MAX)),
    ]
    .prop_map(Literal::Date)
}
