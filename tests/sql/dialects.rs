//! Other dialects. What is printed for DuckDB is run in DuckDB.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use waggle::catalog::Catalog;
use waggle::segment::{Amount, End, Expr, Func, Literal, Metric, Test};
use waggle::sql::{self, Dialect, SqlError};

use crate::support::world::data::Data;
use crate::support::world::{catalog, evaluate, exprs};

fn segment() -> Expr {
    Expr::And(vec![
        Expr::Compare { field: "city".to_owned(), test: Test::Ne(Literal::Text("it's \\ 강".to_owned())) },
        Expr::Total {
            dataset: "Order".to_owned(),
            func: Func::Sum,
            field: Some("amount".to_owned()),
            rows: Box::new(Expr::Compare {
                field: "category".to_owned(),
                test: Test::Eq(Literal::Text("도서".into())),
            }),
            test: Test::Ge(Literal::Int(3)),
        },
        Expr::Rank { field: "fee".to_owned(), end: End::Top, amount: Amount::Share(0.1), within: Box::new(Expr::All) },
        Expr::Sample { size: 3, seed: 1, within: Box::new(Expr::All) },
    ])
}

fn said(dialect: Dialect) -> String {
    let catalog = catalog();
    sql::count(&segment(), &catalog).unwrap().dialect(dialect).unwrap()
}

#[test]
fn each_dialect_has_its_own_quotes_and_constructs() {
    let has = |dialect, parts: &[&str]| {
        let text = said(dialect);
        for part in parts {
            assert!(text.contains(part), "{}: no {part} in\n{text}", dialect.name());
        }
    };
    has(
        Dialect::DataFusion,
        &["'it''s \\ 강'", "\"Order\"", "IS NOT TRUE", "percentile_cont(0.9) WITHIN GROUP", "% 2147483647"],
    );
    has(Dialect::DuckDb, &["'it''s \\ 강'", "\"Order\"", "IS NOT TRUE", "percentile_cont(0.9) WITHIN GROUP"]);
    has(Dialect::Postgres, &["'it''s \\ 강'", "\"Order\"", "IS NOT TRUE", "percentile_cont(0.9) WITHIN GROUP"]);
    has(
        Dialect::BigQuery,
        &[
            "'it\\'s \\\\ 강'",
            "`Order`",
            "MOD(",
            "AS INT64)",
            "PERCENTILE_CONT(c2.fee, 0.9) OVER () ",
            " LIMIT 1)",
            "c.customer_id IN (SELECT m.customer_id FROM `Order`",
        ],
    );
    has(
        Dialect::Snowflake,
        &["'it''s \\\\ 강'", "NOT COALESCE(", "\"Order\"", "c.customer_id IN (SELECT m.customer_id"],
    );
    has(Dialect::Spark, &["'it\\'s \\\\ 강'", "`Order`", "c.customer_id IN (SELECT m.customer_id"]);
}

#[test]
fn medians_are_said_where_there_is_none() {
    let catalog = catalog();
    let metric = Metric::Of { func: Func::Median, field: "age".to_owned() };
    let made = sql::metric(&Expr::All, &metric, &catalog).unwrap();
    let said = |dialect| made.dialect(dialect).unwrap();
    assert!(said(Dialect::Postgres).contains("percentile_cont(0.5) WITHIN GROUP (ORDER BY c.age) AS value"));
    assert!(said(Dialect::BigQuery).contains("APPROX_QUANTILES(c.age, 1000)[OFFSET(500)] AS value"));
    assert!(said(Dialect::DuckDb).contains("median(c.age) AS value"));
}

#[test]
fn a_nul_is_said_only_where_it_can_be() {
    let catalog = catalog();
    let nul = Expr::is_in("city", vec![Literal::Text("\0".to_owned())]);
    let made = sql::count(&nul, &catalog).unwrap();
    for dialect in Dialect::ALL {
        match made.dialect(dialect) {
            Ok(_) => assert_eq!(dialect, Dialect::DataFusion),
            Err(error) => assert!(matches!(error, SqlError::Dialect { .. })),
        }
    }
}

/// Reads `[{name: sql}]`-like lines `name \t sql` after the first, which is the folder, and prints `name \t count`.
const RUNNER: &str = r#"
import sys, json
try:
    import duckdb
except ImportError:
    sys.exit(77)
job = json.load(sys.stdin)
db = duckdb.connect()
for table, path in job["tables"].items():
    db.execute(f"CREATE VIEW \"{table}\" AS SELECT * FROM read_parquet('{path}')")
print(json.dumps([db.execute(sql).fetchall()[0][0] for sql in job["sql"]]))
"#;

/// The first value of each statement, by DuckDB; none where there is no DuckDB here.
fn duckdb(tables: &BTreeMap<String, String>, statements: &[String]) -> Option<Vec<i64>> {
    let job = serde_json::json!({ "tables": tables, "sql": statements });
    let child = Command::new("python3")
        .args(["-c", RUNNER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.ok()?;
    let mut input = child.stdin.take().unwrap();
    let feed = std::thread::spawn(move || std::io::Write::write_all(&mut input, job.to_string().as_bytes()));
    let done = child.wait_with_output().unwrap();
    let _ = feed.join().unwrap();
    if done.status.code() == Some(77) {
        return None;
    }
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(serde_json::from_slice(&done.stdout).unwrap())
}

fn tables(dir: &std::path::Path, catalog: &Catalog) -> BTreeMap<String, String> {
    let path = |name: &str| {
        let folder = dir.join(name);
        if folder.is_dir() { folder.join("*.parquet") } else { dir.join(format!("{name}.parquet")) }
    };
    catalog.datasets.iter().map(|d| (d.name.clone(), path(&d.name).display().to_string())).collect()
}

#[test]
fn duckdb_counts_the_same() {
    let (catalog, data) = (catalog(), Data::random(11, 120));
    let dir = tempfile::tempdir().unwrap();
    data.write(dir.path(), &catalog);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let strategy = exprs::segment(&catalog);
    let mut segments: Vec<Expr> = (0..80).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    segments.push(segment());
    let said = |e: &Expr| sql::count(e, &catalog).unwrap().dialect(Dialect::DuckDb).ok();
    let (segments, statements): (Vec<_>, Vec<_>) =
        segments.into_iter().filter_map(|e| said(&e).map(|text| (e, text))).unzip();
    let Some(counts) = duckdb(&tables(dir.path(), &catalog), &statements) else {
        #[expect(clippy::disallowed_methods, reason = "a test that is skipped here must not be skipped in CI")]
        let in_ci = std::env::var_os("CI").is_some();
        assert!(!in_ci, "python3 with duckdb is needed: pip install duckdb");
        println!("skipped: no python3 with duckdb");
        return;
    };
    let mut wrong = String::new();
    for ((segment, text), count) in segments.iter().zip(&statements).zip(counts) {
        if text.contains("% 2147483647") {
            continue;
        }
        let expected = i64::try_from(evaluate::members(segment, &data).len()).unwrap();
        if count != expected {
            let _ = writeln!(wrong, "{count}, not {expected}: {text}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
