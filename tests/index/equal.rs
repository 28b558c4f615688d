//! Random questions to the index and to SQL over the same data.

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waggle::catalog::{self, Catalog};
use waggle::engine::{BY_SQL, Cell, Engine, EngineConfig, IndexConfig, Mode, Rows};
use waggle::segment::{Amount, End, Expr, Func, Literal, Metric, Test, text};
use waggle::sql::{self, CheckedSql};

use super::ask::{Asked, Pool, pool, question};
use crate::reference;
use crate::support::world::{self, data::Data};

/// Questions to each of the worlds; the environment may ask for more.
const CASES: u32 = 60;

pub(super) struct Two {
    pub(super) catalog: Catalog,
    pub(super) index: Engine,
    pub(super) sql: Engine,
    pub(super) pool: Pool,
    pub(super) runtime: tokio::runtime::Runtime,
    /// Held from a question to the look at how it was answered.
    pub(super) one: std::sync::Mutex<()>,
}

impl Two {
    pub(super) fn new(data: &Path, catalog: Catalog) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let open = |mode| {
            let config = EngineConfig { threads: 2, ..EngineConfig::default() };
            Engine::open(data, &catalog, config)
                .unwrap()
                .with_index(&IndexConfig { mode, ..IndexConfig::default() })
                .unwrap()
        };
        let (index, sql) = (open(Mode::Auto), open(Mode::Sql));
        assert!(index.build_index_in_memory().unwrap());
        Self::between(runtime, (index, sql), catalog)
    }

    /// Of an engine with an index, and the data that it is of.
    pub(super) fn of(index: Engine, data: &Path, catalog: Catalog) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let sql = IndexConfig { mode: Mode::Sql, ..IndexConfig::default() };
        let sql = Engine::open(data, &catalog, EngineConfig::default()).unwrap().with_index(&sql).unwrap();
        Self::between(runtime, (index, sql), catalog)
    }

    fn between(runtime: tokio::runtime::Runtime, (index, sql): (Engine, Engine), catalog: Catalog) -> Self {
        index.explain_from_now_on();
        let pool = runtime.block_on(pool(&sql, &catalog));
        Self { catalog, index, sql, pool, runtime, one: std::sync::Mutex::default() }
    }

    pub(super) fn statement(&self, segment: &Expr, asked: &Asked) -> CheckedSql {
        match asked {
            Asked::Count => sql::count(segment, &self.catalog),
            Asked::Metric(metric) => sql::metric(segment, metric, &self.catalog),
            Asked::Groups { by, rows, metric } => {
                sql::breakdown(segment, by, rows.as_ref(), metric.as_ref(), &self.catalog)
            }
        }
        .unwrap()
    }

    /// The rows by the index, and whether it was the index that gave them.
    pub(super) fn by_index(&self, sql: &CheckedSql) -> (Rows, bool) {
        let _one = self.one.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let rows = self.runtime.block_on(self.index.run(sql)).unwrap();
        (rows, self.index.explained().iter().all(|how| how.by != BY_SQL))
    }

    pub(super) fn by_sql(&self, sql: &CheckedSql) -> Rows {
        self.runtime.block_on(self.sql.run(sql)).unwrap_or_else(|e| panic!("{e}\n{}", sql.text()))
    }

    fn same(&self, segment: &Expr, asked: &Asked) -> Result<(), TestCaseError> {
        let statement = self.statement(segment, asked);
        let (found, indexed) = self.by_index(&statement);
        let expected = self.by_sql(&statement);
        let about = format!("{}\n{asked:?}\n{}", text::print(segment), statement.text());
        prop_assert!(indexed, "not by the index: {}", about);
        prop_assert!(alike(&found, &expected), "index: {:?}\nSQL: {:?}\n{}", found, expected, about);
        Ok(())
    }

    /// Tries `cases` random questions.
    pub(super) fn tried(&self, cases: u32) {
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let questions = question(&self.catalog, &self.pool);
        runner.run(&questions, |(segment, asked)| self.same(&segment, &asked)).unwrap_or_else(|e| panic!("{e}"));
    }
}

/// The same rows; sums of numbers with fractions may end differently.
pub(super) fn alike(a: &Rows, b: &Rows) -> bool {
    let cell = |a: &Cell, b: &Cell| match (a, b) {
        (Cell::Float(a), Cell::Float(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (a, b) => a == b,
    };
    let row = |a: &Vec<Cell>, b: &Vec<Cell>| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| cell(a, b));
    a.columns == b.columns && a.rows.len() == b.rows.len() && a.rows.iter().zip(&b.rows).all(|(a, b)| row(a, b))
}

pub(super) fn cases() -> u32 {
    #[expect(clippy::disallowed_methods, reason = "how long a property is tried is for whoever runs it")]
    let asked = std::env::var("WAGGLE_INDEX_CASES");
    asked.ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

/// A few people with missing values everywhere, who share their few values.
fn small() -> &'static Two {
    static TWO: OnceLock<(Two, tempfile::TempDir)> = OnceLock::new();
    let (two, _) = TWO.get_or_init(|| {
        let (catalog, dir) = (world::catalog(), tempfile::tempdir().unwrap());
        Data::random(11, 200).write(dir.path(), &catalog);
        (Two::new(dir.path(), catalog), dir)
    });
    two
}

/// The reference data.
pub(super) fn many() -> &'static Two {
    static TWO: OnceLock<Two> = OnceLock::new();
    TWO.get_or_init(|| Two::new(reference::many(), catalog::builtin().unwrap()))
}

#[test]
fn of_a_few_with_missing_values() {
    small().tried(cases());
}

#[test]
fn of_the_reference_data() {
    many().tried(cases());
}

#[test]
fn of_more_than_one_chunk_of_entities() {
    let (catalog, dir) = (world::catalog(), tempfile::tempdir().unwrap());
    Data::random(3, 70_000).write(dir.path(), &catalog);
    Two::new(dir.path(), catalog).tried(cases() / 4);
}

fn rank(amount: Amount, end: End, within: Expr) -> Expr {
    Expr::Rank { field: "arpu_3m".to_owned(), end, amount, within: Box::new(within) }
}

#[test]
fn of_the_edges() {
    let two = many();
    let score = |test| Expr::Compare { field: "churn_score".to_owned(), test };
    let nobody = || Expr::Or(Vec::new());
    let days = Expr::Compare { field: "days_used_30d".to_owned(), test: Test::Ge(Literal::Int(15)) };
    let segments = [
        Expr::All,
        nobody(),
        Expr::Not(Box::new(nobody())),
        score(Test::Ge(Literal::Float(0.7))),
        score(Test::Gt(Literal::Float(0.7))),
        score(Test::Eq(Literal::Float(0.7))),
        score(Test::Between(Literal::Int(0), Literal::Float(0.1))),
        Expr::exists("app_usage", nobody()),
        Expr::Not(Box::new(Expr::exists("app_usage", days))),
        rank(Amount::Share(0.1), End::Top, Expr::All),
        rank(Amount::Number(1000), End::Bottom, score(Test::Lt(Literal::Float(0.2)))),
        rank(Amount::Share(1.0), End::Top, nobody()),
        Expr::Sample { size: 100, seed: 3, within: Box::new(Expr::All) },
    ];
    let by = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let apps = by(&["app_usage.app"]);
    let of = |by: Vec<String>, metric| Asked::Groups { by, rows: None, metric };
    let mean = Metric::Of { func: Func::Avg, field: "arpu_3m".to_owned() };
    let asked = [
        Asked::Count,
        of(by(&["age_band"]), None),
        of(by(&["home_sido", "gender"]), None),
        of(by(&["churn_score"]), None),
        of(apps.clone(), None),
        of(apps, Some(mean.clone())),
        of(by(&["membership_tier"]), Some(Metric::Share(score(Test::Ge(Literal::Float(0.7)))))),
        of(by(&["line_type"]), Some(Metric::Share(Expr::exists("contacts", nobody())))),
        Asked::Metric(mean),
    ];
    for segment in &segments {
        for asked in &asked {
            two.same(segment, asked).unwrap_or_else(|e| panic!("{e}"));
        }
    }
}

#[test]
fn fields_with_few_values_are_counted_by_them_once_they_are_asked_for_often() {
    let two = many();
    let sides = [Test::Ge(Literal::Float(0.2)), Test::Lt(Literal::Float(0.9)), Test::Lt(Literal::Float(0.95))];
    for by in [["gender"].as_slice(), &["membership_tier", "ad_consent"], &["home_sido"]] {
        let by: Vec<String> = by.iter().map(|name| (*name).to_owned()).collect();
        let hows = sides.iter().map(|test| {
            let segment = Expr::Compare { field: "churn_score".to_owned(), test: test.clone() };
            let asked = Asked::Groups { by: by.clone(), rows: None, metric: None };
            two.same(&segment, &asked).unwrap_or_else(|e| panic!("{e}"));
            let statement = two.statement(&Expr::Not(Box::new(segment)), &asked);
            let _one = two.one.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let _ = two.index.explained();
            let rows = two.runtime.block_on(two.index.run(&statement)).unwrap();
            assert!(alike(&rows, &two.by_sql(&statement)));
            two.index.explained().pop().unwrap().by
        });
        let hows: Vec<&str> = hows.collect();
        assert!(hows.contains(&"sets of the keys' values"), "{by:?}: {hows:?}");
    }
}
