//! Random segments that pass the check, from whatever catalog is given.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use waggle::catalog::{Catalog, Dataset, Field, FieldType, Sensitivity};
use waggle::segment::{Amount, DateSpec, End, Expr, Func, Literal, Test};

use super::eval::{FREE, NUMBERS, few_values};

/// Conditions on the entity.
pub(crate) fn expr(catalog: &Arc<Catalog>) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        8 => compare(catalog.entity()),
        3 => exists(catalog),
        3 => total(catalog),
        1 => Just(Expr::All),
        1 => Just(Expr::Or(Vec::new())),
    ];
    let ranked: Vec<_> = numbers(catalog.entity()).map(|f| f.name.clone()).collect();
    let tree = leaf.prop_recursive(4, 24, 4, move |inner| {
        let rank = (select(ranked.clone()), end(), amount(), inner.clone())
            .prop_map(|(field, end, amount, within)| Expr::Rank { field, end, amount, within: Box::new(within) });
        let sample = (1..20_u64, any::<u64>(), inner.clone()).prop_map(|(size, seed, within)| Expr::Sample {
            size,
            seed,
            within: Box::new(within),
        });
        prop_oneof![4 => combined(inner), 1 => rank, 1 => sample]
    });
    tree.boxed()
}

/// The same with other saved segments among them.
pub(crate) fn expr_with_saved(catalog: &Arc<Catalog>) -> BoxedStrategy<Expr> {
    let saved = select(vec!["a", "it's", "가 \" 나", "\0"]).prop_map(|name| Expr::Saved { name: name.to_owned() });
    let one = prop_oneof![expr(catalog), saved.boxed()];
    proptest::collection::vec(one, 2..4).prop_map(Expr::And).boxed()
}

/// Conditions on the rows of a many-table.
pub(crate) fn rows(dataset: &Dataset) -> BoxedStrategy<Expr> {
    compare(dataset).prop_recursive(2, 6, 3, combined).boxed()
}

fn combined(inner: BoxedStrategy<Expr>) -> BoxedStrategy<Expr> {
    let several = proptest::collection::vec(inner.clone(), 2..4);
    prop_oneof![
        several.clone().prop_map(Expr::And),
        several.prop_map(Expr::Or),
        inner.prop_map(|e| Expr::Not(Box::new(e))),
    ]
    .boxed()
}

fn open(dataset: &Dataset) -> impl Iterator<Item = &Field> {
    let key = dataset.joins_on.clone();
    dataset.fields.iter().filter(move |f| f.sensitivity == Sensitivity::Open && key.as_ref() != Some(&f.name))
}

fn numbers(dataset: &Dataset) -> impl Iterator<Item = &Field> {
    open(dataset).filter(|f| f.kind.is_number())
}

/// A comparison of one of the dataset's fields. Few fields are used often, so that conditions meet.
fn compare(dataset: &Dataset) -> BoxedStrategy<Expr> {
    let all: Vec<_> = open(dataset).map(compared).collect();
    let mut kinds = Vec::new();
    let few: Vec<_> = open(dataset)
        .filter(|f| {
            f.nullable
                || f.within.is_some()
                || !kinds.contains(&f.kind) && {
                    kinds.push(f.kind);
                    true
                }
        })
        .flat_map(|f| std::iter::once(f).chain(f.within.as_ref().and_then(|w| dataset.field(w))))
        .map(compared)
        .collect();
    prop_oneof![proptest::strategy::Union::new(few), proptest::strategy::Union::new(all)].boxed()
}

fn compared(field: &Field) -> BoxedStrategy<Expr> {
    let name = field.name.clone();
    test(field).prop_map(move |test| Expr::Compare { field: name.clone(), test }).boxed()
}

fn test(field: &Field) -> BoxedStrategy<Test> {
    match field.kind {
        FieldType::Bool => prop_oneof![4 => Just(Test::True), 1 => Just(Test::Missing)].boxed(),
        FieldType::String => {
            let values: Vec<_> = if field.values.is_empty() { FREE.to_vec() } else { few_values(field) };
            let values: Vec<_> = values.into_iter().map(|v| Literal::Text(v.to_owned())).collect();
            let one = select(values.clone());
            let most = values.len();
            prop_oneof![
                3 => one.clone().prop_map(Test::Eq),
                1 => one.prop_map(Test::Ne),
                3 => subsequence(values, 1..=most).prop_shuffle().prop_map(Test::In),
                1 => Just(Test::Missing),
            ]
            .boxed()
        }
        FieldType::Date => ordered(&date().boxed()),
        _ => ordered(&number().boxed()),
    }
}

/// Any test of values that have an order.
fn ordered(value: &BoxedStrategy<Literal>) -> BoxedStrategy<Test> {
    let one = || value.clone();
    prop_oneof![
        1 => one().prop_map(Test::Eq),
        1 => one().prop_map(Test::Ne),
        2 => one().prop_map(Test::Lt),
        2 => one().prop_map(Test::Le),
        2 => one().prop_map(Test::Gt),
        2 => one().prop_map(Test::Ge),
        3 => (one(), one()).prop_map(|(low, high)| Test::Between(low, high)),
        1 => proptest::collection::vec(one(), 1..4).prop_map(Test::In),
        1 => Just(Test::Missing),
    ]
    .boxed()
}

fn number() -> impl Strategy<Value = Literal> {
    prop_oneof![
        6 => (-1..11_i64).prop_map(Literal::Int),
        3 => select(NUMBERS.to_vec()).prop_map(Literal::Float),
        1 => any::<i64>().prop_map(Literal::Int),
        1 => (-1e300..1e300_f64).prop_map(Literal::Float),
    ]
}

fn date() -> impl Strategy<Value = Literal> {
    let on = (0..40_u64).prop_map(|back| {
        let day = chrono::NaiveDate::from_ymd_opt(2024, 4, 22).unwrap() - chrono::Days::new(back);
        DateSpec::On(day)
    });
    let spec = prop_oneof![
        2 => on,
        2 => (0..40_u32).prop_map(DateSpec::DaysBefore),
        1 => (0..4_u32).prop_map(DateSpec::MonthsBefore),
    ];
    spec.prop_map(Literal::Date)
}

fn end() -> impl Strategy<Value = End> {
    select(vec![End::Top, End::Bottom])
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        (1..20_u64).prop_map(Amount::Number),
        (1..=100_u32).prop_map(|p| Amount::Share(f64::from(p) / 100.0)),
        (0.000_001..1.0_f64).prop_map(Amount::Share),
    ]
}

fn exists(catalog: &Arc<Catalog>) -> BoxedStrategy<Expr> {
    let one = |dataset: &Dataset| {
        let name = dataset.name.clone();
        let rows = prop_oneof![1 => Just(Expr::All), 5 => rows(dataset)];
        rows.prop_map(move |rows| Expr::exists(&name, rows)).boxed()
    };
    proptest::strategy::Union::new(catalog.datasets.iter().skip(1).map(one)).boxed()
}

fn total(catalog: &Arc<Catalog>) -> BoxedStrategy<Expr> {
    let one = |dataset: &Dataset| {
        let name = dataset.name.clone();
        let number_names: Vec<_> = numbers(dataset).map(|f| Some(f.name.clone())).collect();
        let names: Vec<_> = open(dataset).map(|f| Some(f.name.clone())).collect();
        let mut what = vec![
            Just((Func::Count, None)).boxed(),
            (Just(Func::Count), select(names.clone())).boxed(),
            (Just(Func::CountDistinct), select(names)).boxed(),
        ];
        if !number_names.is_empty() {
            let funcs = select(vec![Func::Sum, Func::Avg, Func::Min, Func::Max]);
            what.push((funcs, select(number_names)).boxed());
        }
        let rows = prop_oneof![1 => Just(Expr::All), 2 => rows(dataset)];
        (proptest::strategy::Union::new(what), rows, ordered(&number().boxed()))
            .prop_map(move |((func, field), rows, test)| Expr::Total {
                dataset: name.clone(),
                func,
                field,
                rows: Box::new(rows),
                test,
            })
            .boxed()
    };
    proptest::strategy::Union::new(catalog.datasets.iter().skip(1).map(one)).boxed()
}
