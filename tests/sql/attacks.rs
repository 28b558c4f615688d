//! The gate: what is let through, and what is not whatever it is dressed as.

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waggle::catalog::{Catalog, Locale};
use waggle::engine::{Cell, Engine, EngineConfig, Rows};
use waggle::segment::Expr;
use waggle::sql::{self, SqlLimits, SqlRefusal};

use crate::support::world::data::{Data, bool_of};
use crate::support::world::{catalog, evaluate, exprs};

pub(super) struct World {
    pub(super) catalog: Catalog,
    data: Data,
    pub(super) engine: Engine,
    pub(super) runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

pub(super) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let (catalog, data) = (catalog(), Data::random(3, 120));
        let dir = tempfile::tempdir().unwrap();
        data.write(dir.path(), &catalog);
        let engine = Engine::open(dir.path(), &catalog, EngineConfig::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        World { catalog, data, engine, runtime, _dir: dir }
    })
}

/// With no minimum group: `groups` tests that.
fn check(sql: &str) -> Result<sql::CheckedSql, SqlRefusal> {
    sql::check(sql, &world().catalog, &SqlLimits { min_group: Some(0), ..SqlLimits::default() })
}

fn run(sql: &str) -> Rows {
    let world = world();
    let checked = check(sql).unwrap_or_else(|e| panic!("{e}\n{sql}"));
    world.runtime.block_on(world.engine.run(&checked)).unwrap_or_else(|e| panic!("{e}\n{}", checked.text()))
}

/// What is refused, and a word of why.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("", "one SELECT"),
    (";", "one SELECT"),
    ("SELECT count(*) FROM customers; DROP TABLE customers", "one SELECT"),
    ("SELECT 1; SELECT 2", "one SELECT"),
    ("INSERT INTO customers VALUES (1)", "only SELECT"),
    ("UPDATE customers SET pi_consent = true", "only SELECT"),
    ("DELETE FROM customers", "only SELECT"),
    ("DROP TABLE customers", "only SELECT"),
    ("CREATE TABLE t AS SELECT * FROM customers", "only SELECT"),
    ("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'", ""),
    ("CREATE VIEW v AS SELECT * FROM customers", "only SELECT"),
    ("ALTER TABLE customers ADD COLUMN x INT", "only SELECT"),
    ("TRUNCATE TABLE customers", "only SELECT"),
    ("COPY customers TO '/tmp/out.csv'", ""),
    ("COPY (SELECT * FROM customers) TO '/tmp/out.parquet'", ""),
    ("EXPLAIN SELECT count(*) FROM customers", "only SELECT"),
    ("EXPLAIN ANALYZE SELECT count(*) FROM customers", "only SELECT"),
    ("SET datafusion.execution.batch_size = 1", "only SELECT"),
    ("SHOW TABLES", "only SELECT"),
    ("SHOW ALL", "only SELECT"),
    ("DESCRIBE customers", "only SELECT"),
    ("PREPARE p AS SELECT 1", "only SELECT"),
    ("EXECUTE p", "only SELECT"),
    ("MERGE INTO customers USING app_usage ON true WHEN MATCHED THEN DELETE", ""),
    ("VALUES (1)", "VALUES"),
    ("TABLE customers", ""),
    ("SELECT * INTO t FROM customers", "INTO"),
    ("SELECT gender FROM customers UNION SELECT app FROM app_usage", "UNION"),
    ("SELECT gender FROM customers EXCEPT SELECT app FROM app_usage", "UNION"),
    ("(SELECT gender FROM customers)", "parentheses"),
    ("SELECT * FROM (SELECT gender FROM customers UNION ALL SELECT city FROM customers) AS u", "UNION"),
    ("SELECT table_name FROM information_schema.tables", "no table"),
    ("SELECT count(*) FROM public.customers", "no table"),
    ("SELECT count(*) FROM datafusion.public.customers", "no table"),
    ("SELECT * FROM '/etc/passwd'", ""),
    ("SELECT * FROM 'customers.parquet'", ""),
    ("SELECT * FROM read_parquet('customers.parquet')", "table with arguments"),
    ("SELECT * FROM parquet_metadata('x')", "table with arguments"),
    ("SELECT * FROM generate_series(1, 1000000000)", "table with arguments"),
    ("SELECT * FROM TABLE(range(1, 10))", "table function"),
    ("SELECT * FROM UNNEST([1, 2])", "table function"),
    ("SELECT * FROM pg_catalog.pg_tables", "no table"),
    ("SELECT count(*) FROM Customer", "no table"),
    ("SELECT count(*) FROM \"Customers\"", "no table"),
    ("SELECT count(*) FROM `customers`", "quotes"),
    ("SELECT nope FROM customers", "no column 'nope'"),
    ("SELECT c.gender FROM customers", "no column 'c.gender'"),
    ("SELECT c.a.b FROM customers AS c", "no column"),
    ("SELECT customer_id FROM customers", "cannot be in the output"),
    ("SELECT \"customer_id\" FROM customers", "cannot be in the output"),
    ("SELECT CUSTOMER_ID FROM CUSTOMERS", "cannot be in the output"),
    ("SELECT (((customer_id))) FROM customers", "cannot be in the output"),
    ("SELECT * FROM customers", "cannot be in the output"),
    ("SELECT c.* FROM customers AS c", "cannot be in the output"),
    ("SELECT * EXCEPT (gender) FROM customers", "* with options"),
    ("SELECT customer_id AS gender FROM customers", "cannot be in the output"),
    ("SELECT x FROM (SELECT customer_id AS x FROM customers) AS t", "cannot be in the output"),
    ("SELECT t.a FROM (SELECT customer_id, gender FROM customers) AS t (a, b)", "cannot be in the output"),
    ("WITH t (x) AS (SELECT customer_id FROM customers) SELECT x FROM t", "cannot be in the output"),
    ("WITH t AS (SELECT * FROM customers) SELECT * FROM t", "cannot be in the output"),
    ("SELECT (SELECT customer_id FROM customers LIMIT 1)", "cannot be in the output"),
    ("SELECT order_id FROM \"Order\"", "cannot be in the output"),
    ("SELECT min(customer_id) FROM customers", "nothing else"),
    ("SELECT max(customer_id) FROM app_usage", "nothing else"),
    ("SELECT sum(customer_id) FROM customers", "nothing else"),
    ("SELECT array_agg(customer_id) FROM customers", "function 'array_agg'"),
    ("SELECT string_agg(gender, ',') FROM customers", "function 'string_agg'"),
    ("SELECT concat(customer_id, '') FROM customers", "nothing else"),
    ("SELECT customer_id || '' FROM customers", "nothing else"),
    ("SELECT customer_id + 0 FROM customers", "nothing else"),
    ("SELECT -customer_id FROM customers", "nothing else"),
    ("SELECT CAST(customer_id AS VARCHAR) FROM customers", "nothing else"),
    ("SELECT customer_id::text FROM customers", "nothing else"),
    ("SELECT CASE WHEN true THEN customer_id END FROM customers", "nothing else"),
    ("SELECT coalesce(customer_id, 0) FROM customers", "nothing else"),
    ("SELECT gender FROM customers WHERE customer_id = 7", "nothing else"),
    ("SELECT gender FROM customers WHERE customer_id IN (7, 14)", "nothing else"),
    ("SELECT gender FROM customers WHERE customer_id BETWEEN 7 AND 7", "nothing else"),
    ("SELECT count(*) FROM customers WHERE customer_id % 10 = 3", "nothing else"),
    ("SELECT gender FROM customers ORDER BY CASE WHEN customer_id = 7 THEN 0 ELSE 1 END LIMIT 1", "nothing else"),
    ("SELECT gender FROM customers ORDER BY customer_id = 7", "nothing else"),
    ("SELECT gender FROM customers WHERE age = (SELECT customer_id FROM app_usage LIMIT 1)", "nothing else"),
    ("SELECT gender FROM customers WHERE customer_id IN (SELECT age FROM customers)", "nothing else"),
    ("SELECT first_value(customer_id) OVER (ORDER BY age) FROM customers", "nothing else"),
    ("SELECT lag(customer_id) OVER (ORDER BY age) FROM customers", "nothing else"),
    ("SELECT row_number() OVER (ORDER BY customer_id) FROM customers", "nothing else"),
    ("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY customer_id) FROM customers", "nothing else"),
    ("SELECT count(*) FILTER (WHERE customer_id < 100) FROM customers", "nothing else"),
    ("WITH customers AS (SELECT 1 AS x) SELECT * FROM customers", "taken"),
    ("WITH a AS (SELECT 1 AS x), a AS (SELECT 2 AS x) SELECT * FROM a", "taken"),
    ("WITH RECURSIVE t AS (SELECT 1 AS x) SELECT * FROM t", "RECURSIVE"),
    ("WITH t AS (DELETE FROM customers RETURNING *) SELECT * FROM t", ""),
    ("SELECT * FROM app_usage AS a, LATERAL (SELECT 1 AS x) AS l", "LATERAL"),
    ("SELECT count(*) FROM customers NATURAL JOIN app_usage", "NATURAL"),
    ("SELECT count(*) FROM customers TABLESAMPLE (10)", ""),
    ("SELECT now()", "function 'now'"),
    ("SELECT current_date", ""),
    ("SELECT random() FROM customers", "function 'random'"),
    ("SELECT version()", "function 'version'"),
    ("SELECT \"count\"(*) FROM customers", "function"),
    ("SELECT pg_sleep(100)", "function 'pg_sleep'"),
    ("SELECT $1", ""),
    ("SELECT ? FROM customers", ""),
    ("SELECT X'41'", "constant"),
    ("SELECT E'\\x41'", "constant"),
    ("SELECT [1, 2]", ""),
    ("SELECT {'a': 1}", ""),
    ("SELECT gender FROM customers LIMIT 1000000", "LIMIT must"),
    ("SELECT gender FROM customers LIMIT 1 + 1", "LIMIT"),
    ("SELECT gender FROM customers LIMIT (SELECT 5)", "LIMIT"),
    ("SELECT gender FROM customers FETCH FIRST 5 ROWS ONLY", "FETCH"),
    ("SELECT gender FROM customers FOR UPDATE", "FOR UPDATE"),
    ("SELECT DISTINCT ON (gender) gender FROM customers", "DISTINCT ON"),
    ("SELECT gender FROM customers QUALIFY row_number() OVER (ORDER BY age) = 1", "QUALIFY"),
    ("SELECT count(*) FROM customers GROUP BY ALL", "GROUP BY ALL"),
    ("SELECT count(*) FROM customers GROUP BY CUBE (gender, city)", "expression"),
    ("SELECT gender AS \"a\"\"b\" FROM customers", "name of these characters"),
    ("SELECT gender FROM customers WHERE gender = 'F\u{0}'", "U+0000"),
    ("SELECT gender FROM custo\u{200B}mers", "U+200B"),
    ("SELECT gender \u{202E}FROM customers", "U+202E"),
    ("SELECT gender FROM ｃustomers", "no table"),
    ("SELECT gеnder FROM customers", "no column"),
    ("SELECT gender FROM customers WHERE", "not SQL"),
    ("SELECT 'open FROM customers", "not SQL"),
    ("SELECT \"open FROM customers", "not SQL"),
    ("SELECT /* open FROM customers", "not SQL"),
    ("행복한 고객 찾아줘", "not SQL"),
];

#[test]
fn attacks_are_refused_with_a_reason() {
    let mut wrong = Vec::new();
    for (sql, why) in REFUSED {
        match check(sql) {
            Ok(checked) => wrong.push(format!("let through: {sql}\n  as {}", checked.text())),
            Err(refusal) => {
                let (english, korean) = (refusal.message(Locale::En), refusal.message(Locale::Ko));
                if !english.contains(why) || korean.is_empty() {
                    wrong.push(format!("{sql}\n  {english} (expected: {why})"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_refusal_says_where() {
    let at = |sql: &str| check(sql).map_err(|e| (e.line, e.column)).unwrap_err();
    assert_eq!(at("SELECT gender,\n       nope\nFROM customers"), (2, 8));
    assert_eq!(at("SELECT gender\nFROM  nope"), (2, 7));
    assert_eq!(at("SELECT gender, customer_id FROM customers"), (1, 16));
    assert_eq!(at("SELECT gender FROM customers WHERE nope(age) = 1"), (1, 36));
    assert_eq!(at("SELECT gender FROM customers WHERE )"), (1, 36));
}

/// What an analyst may well ask; all of it runs.
pub(crate) const ALLOWED: &[&str] = &[
    "SELECT count(*) FROM customers",
    "select COUNT(*) as n from Customers c where C.Age >= 20;",
    "SELECT gender, avg(fee) AS fee FROM customers GROUP BY gender ORDER BY fee DESC LIMIT 10",
    "SELECT gender, city, age FROM customers WHERE city = 'it''s' LIMIT 5 OFFSET 2",
    "SELECT count(DISTINCT customer_id) FROM app_usage",
    "SELECT approx_distinct(customer_id) FROM app_usage",
    "SELECT a.app, count(DISTINCT c.customer_id) FROM customers c JOIN app_usage a ON a.customer_id = c.customer_id \
     GROUP BY a.app",
    "SELECT count(*) FROM customers JOIN app_usage USING (customer_id) WHERE app = '티빙'",
    "SELECT count(*) FROM customers c LEFT JOIN app_usage a ON c.customer_id = a.customer_id WHERE a.customer_id IS NULL",
    "SELECT count(*) FROM customers WHERE customer_id IN (SELECT customer_id FROM app_usage WHERE days > 10)",
    "SELECT count(*) FROM customers c WHERE EXISTS (SELECT * FROM app_usage u WHERE u.customer_id = c.customer_id)",
    "SELECT avg(n) FROM (SELECT customer_id, count(*) AS n FROM app_usage GROUP BY customer_id) AS t",
    "WITH heavy AS (SELECT customer_id FROM app_usage GROUP BY customer_id HAVING sum(minutes) > 20) SELECT gender, \
     count(*) FROM customers WHERE customer_id IN (SELECT customer_id FROM heavy) GROUP BY 1",
    "WITH a AS (SELECT gender FROM customers), b AS (SELECT * FROM a) SELECT x.gender, count(*) FROM b AS x GROUP BY 1",
    "SELECT gender FROM customers ORDER BY customer_id LIMIT 3",
    "SELECT gender, rank() OVER (PARTITION BY gender ORDER BY fee) AS r FROM customers",
    "SELECT sum(fee) OVER (PARTITION BY city ORDER BY age ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM customers",
    "SELECT CASE WHEN age < 20 THEN 'young' ELSE 'old' END AS k, count(*) FROM customers GROUP BY 1",
    "SELECT median(age), percentile_cont(0.9) WITHIN GROUP (ORDER BY fee) FROM customers",
    "SELECT date_trunc('month', joined_on), count(*) FROM customers GROUP BY 1",
    "SELECT extract(year FROM joined_on) AS y, count(*) FROM customers GROUP BY 1",
    "SELECT count(*) FROM customers WHERE joined_on >= DATE '2024-04-22' - INTERVAL '30 days'",
    "SELECT upper(city), length(city), substring(city, 1, 2), trim(city) FROM customers WHERE city LIKE '%강%'",
    "SELECT round(avg(fee), 2), CAST(avg(fee) AS BIGINT), floor(avg(score)) FROM customers",
    "SELECT count(*) /* all of them */ FROM customers -- who agreed",
    "SELECT count(*) FROM customers AS app_usage WHERE app_usage.pi_consent IS NOT TRUE",
    "SELECT \"Order\".category, count(*) FROM \"Order\" GROUP BY 1",
    "SELECT DISTINCT gender FROM customers",
    "SELECT count(*) FROM customers a JOIN customers b ON a.customer_id = b.customer_id AND a.customer_id <> b.customer_id",
    "SELECT gender AS \"성별 (전체)\", count(*) AS \"수\" FROM customers GROUP BY 1",
    "SELECT count(*) FROM (customers c JOIN app_usage a ON a.customer_id = c.customer_id)",
    "SELECT 1 + 2 AS three",
    "SELECT count(*) FROM customers LIMIT ALL",
];

#[test]
fn honest_questions_run() {
    for sql in ALLOWED {
        run(sql);
    }
}

fn number(rows: &Rows) -> i64 {
    if let Cell::Int(n) = rows.rows[0][0] { n } else { panic!("{rows:?}") }
}

#[test]
fn only_the_population_is_seen_whatever_the_sql_says() {
    let world = world();
    let population = i64::try_from(evaluate::members(&Expr::All, &world.data).len()).unwrap();
    let people = world.data.rows("customers");
    let outside: Vec<_> =
        people.iter().filter(|p| bool_of(&p["pi_consent"]) != Some(true)).filter_map(evaluate::id).collect();
    let inside = |table: &str| {
        let own = world.data.rows(table).iter().filter_map(evaluate::id);
        i64::try_from(own.filter(|id| !outside.contains(id)).count()).unwrap()
    };
    let table = [
        ("SELECT count(*) FROM customers", population),
        ("SELECT count(*) FROM customers WHERE NOT pi_consent", 0),
        ("SELECT count(*) FROM customers WHERE pi_consent IS NOT TRUE OR true", population),
        ("SELECT count(*) FROM customers AS pi_consent", population),
        ("SELECT count(*) FROM app_usage", inside("app_usage")),
        ("SELECT count(*) FROM \"Order\" o", inside("Order")),
        ("SELECT count(DISTINCT customer_id) FROM customers c FULL JOIN app_usage a USING (customer_id)", population),
        ("WITH t AS (SELECT * FROM customers) SELECT count(*) FROM t AS customers", population),
        ("SELECT (SELECT count(*) FROM customers)", population),
    ];
    for (sql, expected) in table {
        assert_eq!(number(&run(sql)), expected, "{sql}");
    }
}

#[test]
fn what_waggle_prints_passes_its_own_gate() {
    let world = world();
    let mut runner = TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });
    let sample = |within: Expr| Expr::Sample { size: 20, seed: 9, within: Box::new(within) };
    let strategy = (exprs::segment(&world.catalog), any::<bool>());
    let law = |(segment, sampled): (Expr, bool)| {
        let text = sql::count(&segment, &world.catalog).unwrap().text().to_owned();
        if text.contains('\0') {
            return Ok(());
        }
        let expected = i64::try_from(evaluate::members(&segment, &world.data).len()).unwrap();
        prop_assert_eq!(number(&run(&text)), expected, "{}", text);
        if sampled {
            let text = sql::count(&sample(segment), &world.catalog).unwrap().text().to_owned();
            prop_assert_eq!(number(&run(&text)), expected.min(20), "{}", text);
        }
        Ok(())
    };
    runner.run(&strategy, law).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn output_is_limited() {
    let limits = SqlLimits { max_rows: 7, min_group: Some(0), ..SqlLimits::default() };
    let text = |sql: &str| sql::check(sql, &world().catalog, &limits).map(|c| c.text().to_owned());
    assert!(text("SELECT gender FROM customers").unwrap().ends_with("LIMIT 7"));
    assert!(text("SELECT gender FROM customers LIMIT 5").unwrap().ends_with("LIMIT 5"));
    assert!(text("SELECT gender FROM customers LIMIT ALL").unwrap().ends_with("LIMIT 7"));
    assert!(text("SELECT gender FROM customers OFFSET 3").unwrap().ends_with("LIMIT 7 OFFSET 3"));
    assert!(text("SELECT gender FROM customers LIMIT 8").is_err());
}

#[test]
fn huge_and_deep_texts_are_refused_without_harm() {
    let nested =
        |open: &str, close: &str, n: usize| format!("SELECT {}1{} FROM customers", open.repeat(n), close.repeat(n));
    let chain = |op: &str, n: usize| format!("SELECT count(*) FROM customers WHERE {}", vec!["age = 1"; n].join(op));
    let hostile = [
        nested("(", ")", 5_000),
        nested("(SELECT ", ")", 3_000),
        nested("abs(", ")", 3_000),
        nested("CASE WHEN true THEN ", " END", 3_000),
        nested("NOT ", "", 5_000),
        nested("- ", "", 5_000),
        nested("", "::int", 5_000),
        nested("", " IS NULL", 5_000),
        nested("", " + 1", 5_000),
        chain(" AND ", 4_000),
        chain(" OR ", 1_000),
        format!("SELECT 1 FROM {}customers{}", "(".repeat(3_000), ")".repeat(3_000)),
        format!("SELECT count(*) FROM customers{}", " JOIN app_usage USING (customer_id)".repeat(1_500)),
        "SELECT 1 ".repeat(200_000),
        "(".repeat(60_000),
        "'".repeat(60_001),
        "\u{1F600}".repeat(10_000),
    ];
    for sql in hostile {
        let small_stack = std::thread::Builder::new().stack_size(2 << 20);
        let handle = small_stack.spawn(move || check(&sql).map(|c| c.text().len()).unwrap_err());
        handle.unwrap().join().unwrap();
    }
    run(&chain(" AND ", 150));
    run(&chain(" OR ", 150));
    let many = vec!["1"; 5_000].join(", ");
    run(&format!("SELECT count(*) FROM customers WHERE age IN ({many})"));
}
