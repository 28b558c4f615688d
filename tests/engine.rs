//! The engine: what it opens, what it refuses, and how it ends.

use std::time::Duration;

use waggle::catalog::{Catalog, FieldType};
use waggle::engine::{Cell, Difference, Engine, EngineConfig, EngineError, ExportFormat, ExportJob};
use waggle::segment::{Amount, End, Expr, Literal, Test};
use waggle::sql;

use crate::support::world::data::{Data, write};
use crate::support::world::{catalog, evaluate};

struct World {
    catalog: Catalog,
    data: Data,
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let (catalog, data) = (catalog(), Data::random(5, 200));
        let dir = tempfile::tempdir().unwrap();
        data.write(dir.path(), &catalog);
        Self { catalog, data, dir }
    }

    fn open(&self, config: EngineConfig) -> Engine {
        Engine::open(self.dir.path(), &self.catalog, config).unwrap()
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

#[test]
fn cells_have_the_types_of_the_catalog() {
    let world = World::new();
    let engine = world.open(EngineConfig::default());
    let columns = ["gender", "age", "score", "vip", "joined_on", "city"].map(str::to_owned);
    let rows = block_on(engine.run(&sql::keys(&Expr::All, &columns, None, &world.catalog).unwrap())).unwrap();
    let members = evaluate::members(&Expr::All, &world.data);
    assert_eq!(rows.columns[0], "customer_id");
    assert_eq!(rows.rows.len(), members.len());
    for (row, member) in rows.rows.iter().zip(members) {
        let expected: Vec<Cell> = rows.columns.iter().map(|c| member[c].clone()).collect();
        assert_eq!(*row, expected);
    }
}

#[test]
fn every_difference_from_the_catalog_is_told() {
    let world = World::new();
    let mut other = world.catalog.clone();
    other.datasets[0].fields[3].kind = FieldType::Int64;
    other.datasets[0].fields[4].name = "charge".to_owned();
    other.datasets[1].name = "apps".to_owned();
    let EngineError::Differs { differences } =
        Engine::open(world.dir.path(), &other, EngineConfig::default()).unwrap_err()
    else {
        panic!("another error")
    };
    assert!(differences.iter().any(|d| matches!(d, Difference::Type { column, .. } if column == "age")));
    assert!(differences.iter().any(|d| matches!(d, Difference::NoColumn { column, .. } if column == "charge")));
    assert!(differences.iter().any(|d| matches!(d, Difference::Extra { column, .. } if column == "fee")));
    assert!(differences.iter().any(|d| matches!(d, Difference::NoTable { table } if table == "apps")));
    assert_eq!(differences.len(), 4, "{differences:?}");
}

#[test]
fn further_columns_are_told_and_never_read() {
    let world = World::new();
    let mut other = world.catalog.clone();
    other.datasets[0].fields.retain(|f| f.name != "vip");
    let engine = Engine::open(world.dir.path(), &other, EngineConfig::default()).unwrap();
    assert!(matches!(engine.notes(), [Difference::Extra { column, .. }] if column == "vip"));
    assert!(block_on(engine.run_gold("SELECT vip FROM customers")).is_err());
}

#[test]
fn a_file_that_is_no_parquet_is_named() {
    let world = World::new();
    std::fs::write(world.dir.path().join("customers.parquet"), "no parquet at all").unwrap();
    let error = Engine::open(world.dir.path(), &world.catalog, EngineConfig::default()).unwrap_err();
    assert!(error.to_string().contains("customers.parquet"), "{error}");
}

#[test]
fn the_session_refuses_whatever_is_no_query() {
    let world = World::new();
    let engine = world.open(EngineConfig::default());
    for sql in [
        "CREATE TABLE t AS SELECT 1",
        "INSERT INTO customers SELECT * FROM customers",
        "DROP TABLE customers",
        "COPY customers TO 'stolen.csv'",
        "SET datafusion.execution.batch_size = 1",
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/'",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM 'customers.parquet'",
    ] {
        assert!(block_on(engine.run_gold(sql)).is_err(), "{sql}");
    }
    assert!(block_on(engine.run_gold("SELECT count(*) FROM customers")).is_ok());
}

/// A statement that takes far longer than a test may.
const ENDLESS: &str = "SELECT count(*) FROM customers a, customers b, customers c, customers d, customers e \
                       WHERE a.fee + b.fee + c.fee + d.fee + e.fee = 1";

#[test]
fn a_query_ends_at_its_time_limit() {
    let world = World::new();
    let engine = world.open(EngineConfig { timeout: Duration::from_millis(300), ..EngineConfig::default() });
    let started = std::time::Instant::now();
    let error = block_on(engine.run_gold(ENDLESS)).unwrap_err();
    assert!(matches!(error, EngineError::Timeout { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn a_dropped_query_stops_working() {
    let world = World::new();
    let engine = world.open(EngineConfig::default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let run = tokio::time::timeout(Duration::from_millis(300), engine.run_gold(ENDLESS));
        assert!(run.await.is_err());
        for _ in 0..50 {
            if tokio::runtime::Handle::current().metrics().num_alive_tasks() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("tasks of a dropped query are still alive");
    });
}

#[test]
fn memory_is_limited() {
    let world = World::new();
    let engine = world.open(EngineConfig { memory_bytes: 100_000, ..EngineConfig::default() });
    let sql = "SELECT a.customer_id, b.customer_id, count(*) FROM customers a, customers b GROUP BY 1, 2";
    let error = block_on(engine.run_gold(sql)).unwrap_err();
    assert!(matches!(error, EngineError::Memory { .. }), "{error}");
}

#[test]
fn the_data_version_is_of_the_content() {
    let world = World::new();
    let version = world.open(EngineConfig::default()).data_version().to_owned();
    world.data.write(world.dir.path(), &world.catalog);
    assert_eq!(world.open(EngineConfig::default()).data_version(), version);
    let people = world.data.rows("customers");
    write(&world.dir.path().join("customers.parquet"), world.catalog.entity(), &people[1..], true);
    assert_ne!(world.open(EngineConfig::default()).data_version(), version);
}

#[test]
fn exports_are_whole_and_correct() {
    let world = World::new();
    let engine = world.open(EngineConfig::default());
    let made = sql::keys(&Expr::All, &["city".to_owned(), "age".to_owned()], None, &world.catalog).unwrap();
    let members = evaluate::members(&Expr::All, &world.data);
    let csv = world.dir.path().join("out.csv");
    let rows = block_on(engine.export(&made, ExportJob::new(&csv, ExportFormat::Csv))).unwrap()[0].rows;
    assert_eq!(usize::try_from(rows).unwrap(), members.len());
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(text.starts_with("customer_id,city,age\r\n"), "{text}");
    assert!(text.contains("; DROP TABLE customers --"));
    assert!(!world.dir.path().join("out.csv.part").exists());
    let parquet = world.dir.path().join("out.parquet");
    let job = |path, format| ExportJob::new(path, format);
    assert_eq!(block_on(engine.export(&made, job(&parquet, ExportFormat::Parquet))).unwrap()[0].rows, rows);
    let nobody = sql::keys(&Expr::Or(Vec::new()), &[], None, &world.catalog).unwrap();
    assert_eq!(block_on(engine.export(&nobody, job(&csv, ExportFormat::Csv))).unwrap()[0].rows, 0);
    assert_eq!(std::fs::read_to_string(&csv).unwrap(), "customer_id\r\n");
}

#[test]
fn an_export_that_fails_leaves_nothing() {
    let world = World::new();
    let engine = world.open(EngineConfig { export_timeout: Duration::ZERO, ..EngineConfig::default() });
    let made = sql::keys(&Expr::All, &[], None, &world.catalog).unwrap();
    let path = world.dir.path().join("out.csv");
    assert!(block_on(engine.export(&made, ExportJob::new(&path, ExportFormat::Csv))).is_err());
    assert!(!path.exists() && !world.dir.path().join("out.csv.part").exists());
    let open = world.open(EngineConfig::default());
    let missing = world.dir.path().join("no/such/folder/out.csv");
    let refused = block_on(open.export(&made, ExportJob::new(&missing, ExportFormat::Csv)));
    assert!(matches!(refused.unwrap_err(), EngineError::Io { .. }));
}

#[test]
fn deep_and_wide_segments_run_on_a_common_stack() {
    let world = World::new();
    // Planning is slow beside other tests on two cores; how slow is not what is tested.
    let engine = world.open(EngineConfig { timeout: Duration::from_mins(10), ..EngineConfig::default() });
    let age = |n| Expr::Compare { field: "age".to_owned(), test: Test::Ge(Literal::Int(n)) };
    let wide = Expr::Or((0..1500).map(age).collect());
    let app = |n: i64| {
        let rows = Expr::Compare { field: "days".to_owned(), test: Test::Eq(Literal::Int(n)) };
        Expr::And(vec![age(n), Expr::exists("app_usage", rows)])
    };
    let presences = Expr::Or((0..25).map(app).collect());
    let deep =
        (0..60).fold(age(1), |e, n| if n % 2 == 0 { Expr::And(vec![age(2), e]) } else { Expr::Or(vec![age(30), e]) });
    let ranks = |depth| {
        (0..depth).fold(Expr::All, |within, _| Expr::Rank {
            field: "fee".to_owned(),
            end: End::Top,
            amount: Amount::Share(0.9),
            within: Box::new(within),
        })
    };
    for segment in [wide, presences, deep, ranks(2)] {
        let made = sql::count(&segment, &world.catalog).unwrap();
        let rows = block_on(engine.run(&made)).unwrap();
        let expected = i64::try_from(evaluate::members(&segment, &world.data).len()).unwrap();
        assert_eq!(rows.rows, [[Cell::Int(expected)]]);
    }
    block_on(engine.run(&sql::count(&ranks(12), &world.catalog).unwrap())).unwrap();
}
