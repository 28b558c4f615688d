//! Random questions: segments over the algebra whose constants are taken from the data, so that they lie on bounds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use waggle::catalog::{Catalog, Dataset, Field, FieldType, Sensitivity};
use waggle::engine::{Cell, Engine};
use waggle::segment::{Amount, DateSpec, End, Expr, Func, Literal, Metric, Test};

/// Values of a field that questions are made of.
const VALUES: usize = 60;

/// What is asked of a segment.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    Count,
    Metric(Metric<Expr>),
    Groups { by: Vec<String>, rows: Option<Expr>, metric: Option<Metric<Expr>> },
}

/// Table and field → constants that its rows have.
pub(super) type Pool = BTreeMap<(String, String), Vec<Literal>>;

/// Constants from the data.
pub(super) async fn pool(engine: &Engine, catalog: &Catalog) -> Pool {
    let mut pool = Pool::new();
    for dataset in &catalog.datasets {
        for field in fields(dataset).filter(|f| f.kind != FieldType::Bool) {
            let (table, name) = (&dataset.name, &field.name);
            let sql = format!("SELECT DISTINCT \"{name}\" FROM \"{table}\" ORDER BY 1 LIMIT 20000");
            let rows = engine.run_gold(&sql).await.unwrap().rows;
            let step = rows.len().div_ceil(VALUES).max(1);
            let values = rows.iter().step_by(step).filter_map(|row| literal(&row[0])).collect();
            pool.insert((table.clone(), name.clone()), values);
        }
    }
    pool
}

fn literal(cell: &Cell) -> Option<Literal> {
    match cell {
        Cell::Int(whole) => Some(Literal::Int(*whole)),
        Cell::Float(number) => Some(Literal::Float(*number)),
        Cell::Text(text) => Some(Literal::Text(text.clone())),
        Cell::Date(day) => Some(Literal::Date(DateSpec::On(*day))),
        Cell::Bool(_) | Cell::Null => None,
    }
}

/// The fields that may be asked about.
fn fields(dataset: &Dataset) -> impl Iterator<Item = &Field> {
    dataset.fields.iter().filter(|f| f.sensitivity == Sensitivity::Open && !f.name.ends_with("_id"))
}

fn numbers(dataset: &Dataset) -> Vec<String> {
    fields(dataset).filter(|f| f.kind.is_number()).map(|f| f.name.clone()).collect()
}

/// A segment and what is asked of it.
pub(super) fn question(catalog: &Catalog, pool: &Pool) -> BoxedStrategy<(Expr, Asked)> {
    let segment = segment(catalog, pool);
    let asked = prop_oneof![
        3 => Just(Asked::Count),
        1 => metric(catalog, pool).prop_map(Asked::Metric),
        3 => groups(catalog, pool),
    ];
    (segment, asked).boxed()
}

/// Any segment.
pub(super) fn segment(catalog: &Catalog, pool: &Pool) -> BoxedStrategy<Expr> {
    let plain = compare(catalog.entity(), pool);
    let presence = Union::new(catalog.datasets[1..].iter().map(|d| exists(d, pool)).collect::<Vec<_>>());
    let totals = Union::new(catalog.datasets[1..].iter().map(|d| total(d, pool)).collect::<Vec<_>>());
    let leaf = prop_oneof![
        1 => Just(Expr::All),
        8 => plain.clone(),
        4 => presence.clone(),
        4 => totals,
        1 => rank(catalog, prop_oneof![Just(Expr::All), plain, presence].boxed()),
    ];
    combined(leaf.boxed(), 3)
}

fn combined(leaf: BoxedStrategy<Expr>, depth: u32) -> BoxedStrategy<Expr> {
    leaf.prop_recursive(depth, 10, 3, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::And),
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::Or),
            1 => inner.prop_map(|e| Expr::Not(Box::new(e))),
        ]
    })
    .boxed()
}

fn rank(catalog: &Catalog, within: BoxedStrategy<Expr>) -> BoxedStrategy<Expr> {
    let share = || {
        prop_oneof![select(vec![0.001, 0.1, 0.25, 0.5, 0.9, 1.0]), (1..1000_u32).prop_map(|n| f64::from(n) / 1000.0)]
    };
    let amount = prop_oneof![share().prop_map(Amount::Share), (1..3000_u64).prop_map(Amount::Number)];
    let ranked = (select(numbers(catalog.entity())), select(vec![End::Top, End::Bottom]), amount, within.clone())
        .prop_map(|(field, end, amount, within)| Expr::Rank { field, end, amount, within: Box::new(within) });
    let sample = (1..3000_u64, any::<u64>(), within).prop_map(|(size, seed, within)| Expr::Sample {
        size,
        seed,
        within: Box::new(within),
    });
    prop_oneof![2 => ranked, 1 => sample].boxed()
}

fn rows(dataset: &Dataset, pool: &Pool) -> BoxedStrategy<Expr> {
    combined(prop_oneof![1 => Just(Expr::All), 6 => compare(dataset, pool)].boxed(), 2)
}

fn exists(dataset: &Dataset, pool: &Pool) -> BoxedStrategy<Expr> {
    let name = dataset.name.clone();
    rows(dataset, pool).prop_map(move |rows| Expr::exists(&name, rows)).boxed()
}

fn total(dataset: &Dataset, pool: &Pool) -> BoxedStrategy<Expr> {
    let name = dataset.name.clone();
    let names: Vec<String> = fields(dataset).map(|f| f.name.clone()).collect();
    let numbers = numbers(dataset);
    let counted = (select(vec![Func::Count, Func::CountDistinct]), select(names)).prop_map(|(f, n)| (f, Some(n)));
    let mut what = vec![(1, Just((Func::Count, None)).boxed()), (2, counted.boxed())];
    let mut values = vec![Literal::Int(0), Literal::Int(1), Literal::Int(2), Literal::Float(2.5), Literal::Int(40)];
    for number in &numbers {
        values.extend(pool[&(name.clone(), number.clone())].iter().cloned());
    }
    if !numbers.is_empty() {
        let funcs = select(vec![Func::Sum, Func::Avg, Func::Min, Func::Max]);
        what.push((3, (funcs, select(numbers)).prop_map(|(f, n)| (f, Some(n))).boxed()));
    }
    (Union::new_weighted(what), rows(dataset, pool), ordered(select(values).boxed()))
        .prop_map(move |((func, field), rows, test)| Expr::Total {
            dataset: name.clone(),
            func,
            field,
            rows: Box::new(rows),
            test,
        })
        .boxed()
}

fn compare(dataset: &Dataset, pool: &Pool) -> BoxedStrategy<Expr> {
    let each = fields(dataset).map(|field| {
        let name = field.name.clone();
        tests(dataset, field, pool).prop_map(move |test| Expr::Compare { field: name.clone(), test }).boxed()
    });
    Union::new(each.collect::<Vec<_>>()).boxed()
}

fn tests(dataset: &Dataset, field: &Field, pool: &Pool) -> BoxedStrategy<Test> {
    if field.kind == FieldType::Bool {
        return select(vec![Test::True, Test::Missing]).boxed();
    }
    let mut values = pool[&(dataset.name.clone(), field.name.clone())].clone();
    match field.kind {
        FieldType::String => values.push(Literal::Text("nobody".to_owned())),
        FieldType::Date => {
            values.push(Literal::Date(DateSpec::DaysBefore(30)));
            values.push(Literal::Date(DateSpec::MonthsBefore(u32::MAX)));
        }
        _ => {
            let odd = [Literal::Int(i64::MIN), Literal::Int(i64::MAX), Literal::Float(1e300), Literal::Float(-0.0)];
            values.extend(odd.into_iter().chain([Literal::Float(0.3), Literal::Float(17.5), Literal::Int(20)]));
        }
    }
    ordered(select(values).boxed())
}

fn ordered(value: BoxedStrategy<Literal>) -> BoxedStrategy<Test> {
    let one = value.clone();
    let of = |make: fn(Literal) -> Test| one.clone().prop_map(make);
    prop_oneof![
        3 => of(Test::Eq),
        1 => of(Test::Ne),
        1 => of(Test::Lt),
        1 => of(Test::Le),
        1 => of(Test::Gt),
        2 => of(Test::Ge),
        2 => (value.clone(), value.clone()).prop_map(|(a, b)| Test::Between(a, b)),
        2 => prop::collection::vec(value, 0..6).prop_map(Test::In),
        1 => Just(Test::Missing),
    ]
    .boxed()
}

fn metric(catalog: &Catalog, pool: &Pool) -> BoxedStrategy<Metric<Expr>> {
    let funcs =
        || select(vec![Func::Sum, Func::Avg, Func::Min, Func::Max, Func::Median, Func::Count, Func::CountDistinct]);
    let of = (funcs(), select(numbers(catalog.entity()))).prop_map(|(func, field)| Metric::Of { func, field });
    let share = combined(compare(catalog.entity(), pool), 1);
    let others = catalog.datasets[1..].iter().filter(|d| !numbers(d).is_empty()).map(|dataset| {
        let name = dataset.name.clone();
        (funcs(), select(numbers(dataset)), proptest::option::of(rows(dataset, pool)))
            .prop_map(move |(func, field, rows)| Metric::OfRows { func, dataset: name.clone(), field, rows })
            .boxed()
    });
    // No share of a presence: where the optimizer can tell that nobody has such rows, DataFusion 55 loses the rows that
    // the join for it should keep, and SQL is wrong. `of_the_edges` has one.
    prop_oneof![
        3 => of,
        2 => share.prop_map(Metric::Share),
        3 => Union::new(others.collect::<Vec<_>>()),
    ]
    .boxed()
}

fn groups(catalog: &Catalog, pool: &Pool) -> BoxedStrategy<Asked> {
    let bands = catalog.bands.iter().map(|b| b.name.clone());
    let own: Vec<String> = fields(catalog.entity()).map(|f| f.name.clone()).chain(bands).collect();
    let many: Vec<(String, String)> = catalog.datasets[1..]
        .iter()
        .flat_map(|d| fields(d).map(|f| (d.name.clone(), f.name.clone())).collect::<Vec<_>>())
        .collect();
    let metric = || proptest::option::weighted(0.4, metric(catalog, pool));
    let own_keys = prop::collection::vec(select(own.clone()), 1..3);
    let of_entity = (own_keys, metric()).prop_map(|(by, metric)| Asked::Groups { by, rows: None, metric });
    let tables: BTreeMap<String, BoxedStrategy<Expr>> =
        catalog.datasets[1..].iter().map(|d| (d.name.clone(), rows(d, pool))).collect();
    let second = prop_oneof![
        2 => Just(None),
        1 => select(own).prop_map(Some),
        1 => select(many.clone()).prop_map(|(d, f)| Some(format!("{d}.{f}"))),
    ];
    let of_rows = (select(many), second, any::<bool>(), metric()).prop_flat_map(
        move |((dataset, field), second, turned, metric)| {
            let mut by = vec![format!("{dataset}.{field}")];
            by.extend(second);
            if turned {
                by.reverse();
            }
            let first = by.iter().find_map(|name| name.split_once('.')).unwrap().0.to_owned();
            proptest::option::of(tables[&first].clone()).prop_map(move |rows| Asked::Groups {
                by: by.clone(),
                rows,
                metric: metric.clone(),
            })
        },
    );
    prop_oneof![3 => of_entity, 3 => of_rows].boxed()
}
