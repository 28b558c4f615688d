//! The laws of the SQL path: it counts what a plain reading of the segment counts.

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waggle::catalog::Catalog;
use waggle::engine::{Cell, Engine, EngineConfig, Rows};
use waggle::segment::{Expr, Func, Literal, Metric, Test};
use waggle::sql::{self, CheckedSql};

use crate::support::world::data::Data;
use crate::support::world::{catalog, evaluate, exprs};

/// How many segments each law is tried with.
const CASES: u32 = 200;

struct World {
    catalog: Catalog,
    data: Data,
    engine: Engine,
    runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

impl World {
    fn new(seed: u64) -> Self {
        let catalog = catalog();
        let data = Data::random(seed, 150);
        let dir = tempfile::tempdir().unwrap();
        data.write(dir.path(), &catalog);
        let config = EngineConfig { threads: 2, ..EngineConfig::default() };
        let engine = Engine::open(dir.path(), &catalog, config).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        Self { catalog, data, engine, runtime, _dir: dir }
    }

    fn run(&self, sql: &CheckedSql) -> Rows {
        self.runtime.block_on(self.engine.run(sql)).unwrap_or_else(|e| panic!("{e}\n{}", sql.text()))
    }

    fn count(&self, segment: &Expr) -> i64 {
        number(&self.run(&sql::count(segment, &self.catalog).unwrap()).rows[0][0])
    }
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World::new(7))
}

fn number(cell: &Cell) -> i64 {
    if let Cell::Int(n) = cell { *n } else { panic!("no whole number: {cell:?}") }
}

/// Tries `law` with random segments.
fn holds<S: Strategy>(strategy: &S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    runner.run(strategy, law).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn sql_counts_what_the_segment_means() {
    let world = world();
    holds(&exprs::segment(&world.catalog), |segment| {
        let expected = evaluate::members(&segment, &world.data).len();
        let text = sql::count(&segment, &world.catalog).unwrap();
        prop_assert_eq!(world.count(&segment), i64::try_from(expected).unwrap(), "{}", text.text());
        Ok(())
    });
}

#[test]
fn a_and_not_a_are_everybody_and_a_further_condition_never_raises_a_count() {
    let world = world();
    let pairs = (exprs::segment(&world.catalog), exprs::segment(&world.catalog));
    let everybody = world.count(&Expr::All);
    holds(&pairs, |(a, b)| {
        let count = world.count(&a);
        prop_assert_eq!(count + world.count(&Expr::Not(Box::new(a.clone()))), everybody);
        prop_assert!(world.count(&Expr::And(vec![a, b])) <= count);
        Ok(())
    });
}

#[test]
fn groups_of_a_partition_sum_to_the_count() {
    let world = world();
    let by = prop::sample::select(vec!["gender", "city", "age_band", "vip", "age"]);
    let keys = prop::collection::vec(by, 1..3);
    holds(&(exprs::segment(&world.catalog), keys), |(segment, by)| {
        let by: Vec<String> = by.into_iter().map(str::to_owned).collect();
        let groups = world.run(&sql::breakdown(&segment, &by, None, None, &world.catalog).unwrap());
        let sum: i64 = groups.rows.iter().map(|r| number(&r[by.len()])).sum();
        prop_assert_eq!(sum, world.count(&segment));
        Ok(())
    });
}

#[test]
fn groups_of_a_many_table_count_different_entities() {
    let world = world();
    let condition = Expr::Compare { field: "days".into(), test: Test::Ge(Literal::Int(10)) };
    holds(&exprs::segment(&world.catalog), |segment| {
        let by = ["app_usage.group".to_owned()];
        let groups = world.run(&sql::breakdown(&segment, &by, Some(&condition), None, &world.catalog).unwrap());
        for row in &groups.rows {
            let test = match &row[0] {
                Cell::Text(t) => Test::Eq(Literal::Text(t.clone())),
                _ => Test::Missing,
            };
            let own = Expr::And(vec![condition.clone(), Expr::Compare { field: "group".into(), test }]);
            let expected = Expr::And(vec![segment.clone(), Expr::exists("app_usage", own)]);
            let expected = evaluate::members(&expected, &world.data).len();
            prop_assert_eq!(number(&row[1]), i64::try_from(expected).unwrap());
        }
        Ok(())
    });
}

#[test]
fn a_metric_is_the_aggregate_of_the_members() {
    let world = world();
    let func = prop::sample::select(vec![Func::Sum, Func::Avg, Func::Min, Func::Max, Func::Median, Func::Count]);
    let field = prop::sample::select(vec!["age", "fee", "score"]);
    holds(&(exprs::segment(&world.catalog), func, field), |(segment, func, field)| {
        let metric = Metric::Of { func, field: field.to_owned() };
        let rows = world.run(&sql::metric(&segment, &metric, &world.catalog).unwrap());
        let members = evaluate::members(&segment, &world.data);
        prop_assert_eq!(number(&rows.rows[0][0]), i64::try_from(members.len()).unwrap());
        let expected = evaluate::aggregate(func, Some(field), &members);
        prop_assert!(near(&rows.rows[0][1], &expected), "{:?} is not {expected:?}", rows.rows[0][1]);
        Ok(())
    });
}

#[test]
fn a_share_is_the_share_of_the_members() {
    let world = world();
    let pairs = (exprs::segment(&world.catalog), exprs::segment(&world.catalog));
    holds(&pairs, |(segment, condition)| {
        let rows = world.run(&sql::metric(&segment, &Metric::Share(condition.clone()), &world.catalog).unwrap());
        let members = evaluate::members(&segment, &world.data);
        let held = members.iter().filter(|m| evaluate::holds(&condition, m, &world.data)).count();
        prop_assert_eq!(number(&rows.rows[0][0]), i64::try_from(members.len()).unwrap());
        let share =
            Cell::Float(f64::from(u32::try_from(held).unwrap()) / f64::from(u32::try_from(members.len()).unwrap()));
        let expected = if members.is_empty() { Cell::Null } else { share };
        prop_assert!(near(&rows.rows[0][1], &expected), "{:?} is not {expected:?}", rows.rows[0][1]);
        Ok(())
    });
}

#[test]
fn rows_of_the_members_are_aggregated() {
    let world = world();
    holds(&exprs::segment(&world.catalog), |segment| {
        let condition = Expr::Compare { field: "days".into(), test: Test::Ge(Literal::Int(5)) };
        let metric = Metric::OfRows {
            func: Func::Sum,
            dataset: "app_usage".to_owned(),
            field: "mb".to_owned(),
            rows: Some(condition.clone()),
        };
        let rows = world.run(&sql::metric(&segment, &metric, &world.catalog).unwrap());
        let members = evaluate::members(&segment, &world.data);
        let ids: Vec<_> = members.iter().map(|m| evaluate::id(m)).collect();
        let used: Vec<_> = world.data.rows("app_usage").iter().collect();
        let own: Vec<_> = used.into_iter().filter(|r| ids.contains(&evaluate::id(r))).collect();
        let own: Vec<_> = own.into_iter().filter(|r| evaluate::holds(&condition, r, &world.data)).collect();
        let expected = evaluate::aggregate(Func::Sum, Some("mb"), &own);
        prop_assert_eq!(number(&rows.rows[0][0]), i64::try_from(members.len()).unwrap());
        prop_assert!(near(&rows.rows[0][1], &expected), "{:?} is not {expected:?}", rows.rows[0][1]);
        Ok(())
    });
}

fn near(a: &Cell, b: &Cell) -> bool {
    use crate::support::world::data::float_of;
    match (float_of(a), float_of(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (None, None) => a == b,
        _ => false,
    }
}
