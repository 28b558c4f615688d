//! The reference data: the same for a seed however it is made, complete, and true to itself.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test fails by panicking; it may run any SQL")]

use std::cell::Cell;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Field, Int64Type};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use tempfile::TempDir;
use waggle::catalog::FieldType;
use waggle::generate::{GenerateError, Options, Problem, Shapes, run, run_with};

const LINES: u64 = 50_000;

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::builtin().unwrap());

/// One data set that the tests of its contents share.
static DATA: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = TempDir::new().unwrap();
    run(&SHAPES, LINES, 7, dir.path(), &|_| ()).unwrap();
    dir
});

/// The only column that a query gives.
fn column(sql: &str) -> ArrayRef {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let context = SessionContext::new();
        for table in SHAPES.tables() {
            let path = DATA.path().join(format!("{table}.parquet"));
            context.register_parquet(table, path.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
        }
        let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
        let columns: Vec<&dyn Array> = batches.iter().map(|b| b.column(0).as_ref()).collect();
        concat(&columns).unwrap()
    })
}

fn numbers(sql: &str) -> Vec<i64> {
    column(sql).as_primitive::<Int64Type>().values().to_vec()
}

fn texts(sql: &str) -> Vec<String> {
    let column = cast(&column(sql), &DataType::Utf8).unwrap();
    column.as_string::<i32>().iter().map(|t| t.unwrap().to_owned()).collect()
}

fn number(sql: &str) -> i64 {
    numbers(sql)[0]
}

/// How many customers hold a condition.
fn lines(condition: &str) -> i64 {
    number(&format!("SELECT count(*) FROM customers WHERE {condition}"))
}

fn share(condition: &str) -> f64 {
    f64::from(i32::try_from(lines(condition)).unwrap()) / f64::from(u32::try_from(LINES).unwrap())
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap());
    let mut files: Vec<_> =
        entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect();
    files.sort();
    files
}

fn made(customers: u64, seed: u64, threads: usize) -> Vec<(String, Vec<u8>)> {
    let dir = TempDir::new().unwrap();
    run_with(&SHAPES, Options { customers, seed, threads, cancel: None }, dir.path(), &|_| ()).unwrap();
    files(dir.path())
}

#[test]
fn a_seed_gives_the_same_bytes_on_any_number_of_threads() {
    // More than two groups of lines, the last of another size.
    let one = made(140_001, 1, 1);
    assert_eq!(one.len(), 7);
    assert!(one == made(140_001, 1, 3), "the number of threads shows in the files");
    let other = made(3_000, 2, 1);
    assert!(other.iter().zip(made(3_000, 3, 1)).all(|(a, b)| a.1 != b.1), "the seed does not show");
}

#[test]
fn a_stopped_run_leaves_nothing_behind() {
    let dir = TempDir::new().unwrap();
    let cancel = AtomicBool::new(false);
    let stop = |_| cancel.store(true, std::sync::atomic::Ordering::Relaxed);
    let options = Options { customers: 500_000, seed: 1, threads: 2, cancel: Some(&cancel) };
    let stopped = run_with(&SHAPES, options, dir.path(), &stop);
    assert!(matches!(stopped, Err(GenerateError::Cancelled)), "{stopped:?}");
    assert!(files(dir.path()).is_empty());
}

#[test]
fn progress_rises_to_the_whole_and_a_second_run_replaces_the_first() {
    let dir = TempDir::new().unwrap();
    let last = Cell::new(0);
    let summary = run(&SHAPES, 5_000, 1, dir.path(), &|done| assert!(last.replace(done) < done)).unwrap();
    assert_eq!(last.get(), 5_000);
    assert_eq!((summary.customers, summary.rows[0].1), (5_000, 5_000));
    let before = files(dir.path());
    run(&SHAPES, 4_000, 1, dir.path(), &|_| ()).unwrap();
    assert!(files(dir.path()).iter().zip(before).all(|(a, b)| a.1 != b.1));
}

#[test]
fn no_lines_make_empty_tables() {
    let dir = TempDir::new().unwrap();
    assert!(run(&SHAPES, 0, 1, dir.path(), &|_| ()).unwrap().rows.iter().all(|(_, rows)| *rows == 0));
    assert_eq!(files(dir.path()).len(), 7);
}

#[test]
fn tables_have_about_their_rows_for_each_line() {
    let expected = [
        ("app_usage", 80),
        ("call_usage", 30),
        ("visits", 50),
        ("subscriptions", 15),
        ("purchases", 15),
        ("contacts", 20),
    ];
    for (table, tenths) in expected {
        let rows = number(&format!("SELECT count(*) FROM {table}")) * 10;
        let goal = tenths * i64::try_from(LINES).unwrap();
        assert!((rows - goal).abs() * 10 < goal, "{table}: {rows} for {goal}");
    }
}

#[test]
fn keys_are_unique_and_rows_sorted_by_line() {
    let keys = [
        ("customers", "customer_id"),
        ("app_usage", "customer_id, app"),
        ("call_usage", "customer_id, business"),
        ("visits", "customer_id, sigungu, place_type"),
        ("subscriptions", "customer_id, service"),
        ("purchases", "customer_id, category"),
        ("contacts", "contact_id"),
    ];
    for (table, key) in keys {
        let repeats = number(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1) AS repeats"
        ));
        assert_eq!(repeats, 0, "{table}");
        let unknown =
            format!("SELECT count(*) FROM {table} WHERE customer_id NOT IN (SELECT customer_id FROM customers)");
        assert_eq!(number(&unknown), 0, "{table}");
    }
}

#[test]
fn every_value_of_the_catalog_occurs_and_no_other() {
    let catalog = waggle::catalog::builtin().unwrap();
    for dataset in &catalog.datasets {
        for field in dataset.fields.iter().filter(|f| !f.values.is_empty()) {
            let mut found = texts(&format!("SELECT DISTINCT CAST({} AS VARCHAR) FROM {}", field.name, dataset.name));
            let mut expected: Vec<String> = field.values.iter().map(|v| v.name.clone()).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{}.{}", dataset.name, field.name);
        }
    }
    for columns in ["home_sido || home_sigungu", "work_sido || work_sigungu"] {
        assert_eq!(number(&format!("SELECT count(DISTINCT {columns}) FROM customers")), 229);
    }
}

#[test]
fn columns_and_types_are_the_catalogs() {
    let catalog = waggle::catalog::builtin().unwrap();
    assert_eq!(SHAPES.tables().collect::<Vec<_>>(), catalog.datasets.iter().map(|d| &d.name).collect::<Vec<_>>());
    for dataset in &catalog.datasets {
        let file = std::fs::File::open(DATA.path().join(format!("{}.parquet", dataset.name))).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let found: Vec<_> = reader.schema().fields().iter().map(|f| described(f)).collect();
        let expected: Vec<_> =
            dataset.fields.iter().map(|f| (f.name.clone(), arrow_type(f.kind), f.nullable)).collect();
        assert_eq!(found, expected, "{}", dataset.name);
    }
}

fn described(field: &Field) -> (String, DataType, bool) {
    (field.name().clone(), field.data_type().clone(), field.is_nullable())
}

fn arrow_type(kind: FieldType) -> DataType {
    match kind {
        FieldType::Bool => DataType::Boolean,
        FieldType::Int8 => DataType::Int8,
        FieldType::Int16 => DataType::Int16,
        FieldType::Int32 => DataType::Int32,
        FieldType::Int64 => DataType::Int64,
        FieldType::Float64 => DataType::Float64,
        FieldType::String => DataType::Utf8,
        FieldType::Date => DataType::Date32,
    }
}

#[test]
fn lines_are_true_to_themselves() {
    let never = [
        "family_bundle <> (family_lines >= 2)",
        "iptv_product = '없음' AND (iptv_minutes_30d <> 0 OR vod_purchases_30d <> 0)",
        "(iptv_product = '없음') <> (iptv_top_genre = '없음')",
        "(contract_months_left IS NULL) <> (discount_type = '없음')",
        "(commute_mode = '없음') <> (commute_minutes = 0)",
        "(device_maker = 'Apple') <> (device_os = 'iOS')",
        "device_series = 'iPhone' AND device_maker <> 'Apple'",
        "plan_name = '5GX 프라임' AND (monthly_fee <> 89000 OR network <> '5G')",
        "plan_name LIKE '0 청년%' AND age NOT BETWEEN 19 AND 54",
        "plan_name LIKE 'ZEM%' AND age > 12",
        "joined_on > DATE '2024-04-22' OR tenure_months < 0",
        "joined_on > DATE '2024-04-22' - make_interval(tenure_months)",
        "joined_on <= DATE '2024-04-22' - make_interval(tenure_months + 1)",
        "churn_score < 0 OR churn_score > 1 OR golf_score < 0 OR golf_score > 1",
        "abs(round(churn_score * 1000) - churn_score * 1000) > 0.000001",
        "income_decile NOT BETWEEN 1 AND 10 OR age NOT BETWEEN 0 AND 100 OR arpu_3m <= 0",
        "roaming_days_12m > 0 AND overseas_trips_12m = 0",
        "okcashbag_earned_30d > okcashbag_points",
    ];
    for condition in never {
        let condition =
            condition.replace("make_interval(tenure_months + 1)", "CAST((tenure_months + 1) || ' months' AS INTERVAL)");
        let condition =
            condition.replace("make_interval(tenure_months)", "CAST(tenure_months || ' months' AS INTERVAL)");
        assert_eq!(lines(&condition), 0, "{condition}");
    }
    let rows = [
        "SELECT count(*) FROM app_usage WHERE days_used_30d NOT BETWEEN 1 AND 30 OR minutes_30d < days_used_30d OR data_mb_30d < 0",
        "SELECT count(*) FROM call_usage WHERE calls_30d < 1 OR minutes_30d < 1",
        "SELECT count(*) FROM visits WHERE visits_30d < 1",
        "SELECT count(*) FROM purchases WHERE orders_90d < 1 OR amount_90d < 0 OR last_order_on NOT BETWEEN DATE '2024-01-22' AND DATE '2024-04-22'",
        "SELECT count(*) FROM contacts WHERE sent_on NOT BETWEEN DATE '2024-01-23' AND DATE '2024-04-22'",
        "SELECT count(*) FROM subscriptions s JOIN customers c ON s.customer_id = c.customer_id WHERE s.started_on < c.joined_on OR s.started_on > DATE '2024-04-22'",
        "SELECT count(*) FROM visits WHERE sigungu = '강남구' AND sido <> '서울특별시'",
    ];
    for sql in rows {
        assert_eq!(number(sql), 0, "{sql}");
    }
}

#[test]
fn shares_are_those_of_life() {
    let expected = [
        ("pi_consent", 0.53, 0.57),
        ("line_type = 'corporate'", 0.06, 0.1),
        ("foreigner", 0.02, 0.04),
        ("device_series = 'iPhone'", 0.18, 0.3),
        ("roaming_days_12m > 0", 0.05, 0.3),
        ("data_gb_30d >= 50", 0.05, 0.2),
        ("home_sido IN ('서울특별시', '경기도', '인천광역시')", 0.48, 0.53),
        ("churn_score >= 0.7", 0.04, 0.2),
        ("upgrade_score >= 0.7", 0.04, 0.2),
        ("single_household_score >= 0.7", 0.05, 0.2),
        ("has_child_score >= 0.7", 0.05, 0.2),
        ("pet_score >= 0.7", 0.05, 0.2),
        ("golf_score >= 0.7", 0.05, 0.2),
        ("travel_score >= 0.7", 0.05, 0.2),
        ("game_score >= 0.7", 0.05, 0.2),
        ("invest_score >= 0.7", 0.05, 0.2),
    ];
    for (condition, low, high) in expected {
        let found = share(condition);
        assert!((low..=high).contains(&found), "{condition}: {found}");
    }
    for responded in numbers("SELECT sum(CAST(responded AS BIGINT)) * 1000 / count(*) FROM contacts GROUP BY campaign")
    {
        assert!((20..=80).contains(&responded), "{responded} of 1000 responded");
    }
}

#[test]
fn scores_predict() {
    let lift = [
        ("golf_score >= 0.7", "app_usage WHERE app_category = '골프'"),
        ("golf_score >= 0.7", "visits WHERE place_type = '골프장'"),
        ("golf_score >= 0.7", "purchases WHERE category = '골프용품'"),
        ("pet_score >= 0.7", "purchases WHERE category = '반려동물용품'"),
        ("game_score >= 0.7", "app_usage WHERE app_category = '게임'"),
        ("invest_score >= 0.7", "app_usage WHERE app_category = '증권'"),
        ("travel_score >= 0.7", "app_usage WHERE app_category = '여행'"),
        ("has_child_score >= 0.7", "call_usage WHERE business = '학원'"),
        ("churn_score >= 0.7", "contacts WHERE campaign = '해지 방어'"),
    ];
    for (score, rows) in lift {
        let with = lines(&format!("{score} AND customer_id IN (SELECT customer_id FROM {rows})"));
        let all = lines(&format!("customer_id IN (SELECT customer_id FROM {rows})"));
        let lift = 100 * with * i64::try_from(LINES).unwrap() / (all * lines(score));
        assert!(lift >= 150, "{score} and {rows}: {lift}%");
    }
}

fn problem(text: &str) -> (u64, Problem) {
    let fault = Shapes::from_texts(&[("x.yaml", text)]).unwrap_err().0.swap_remove(0);
    assert_eq!(fault.file, "x.yaml");
    (fault.line, fault.problem)
}

#[test]
fn faults_of_shapes_have_their_place() {
    let unknown = "tables:\n  t:\n    columns:\n      a: 1\n      b: {type: int8, is: a + c}\n";
    assert_eq!(problem(unknown), (5, Problem::UnknownName("c".to_owned())));
    assert_eq!(problem("tables:\n  t:\n    columns:\n      a: 1 +\n"), (4, Problem::Ended));
    let short = "lists:\n  l:\n    columns: [x, y]\n    rows:\n      - [1, 2]\n      - [1]\n";
    assert_eq!(problem(short), (6, Problem::RowLength(1, 2)));
    let text = "tables:\n  t:\n    columns:\n      a: {choose: {x: 1, y: 2}}\n      b: a = 'z'\n";
    assert_eq!(problem(text), (5, Problem::UnknownText("z".to_owned())));
    let kind = "tables:\n  t:\n    columns:\n      a: {type: string, is: 1}\n";
    assert_eq!(problem(kind), (4, Problem::ColumnType));
    let weights = "tables:\n  t:\n    columns:\n      a: {choose: {x: 0}}\n";
    assert_eq!(problem(weights), (4, Problem::Weights));
    assert!(matches!(problem("tables: [").1, Problem::Yaml(_)));
    let empty = Shapes::from_texts(&[("x.yaml", "as_of: 2024-04-22\n")]).unwrap_err();
    assert_eq!(empty.0[0].problem, Problem::Empty);
}

#[test]
fn all_faults_are_told_at_once() {
    let text = "tables:\n  t:\n    columns:\n      a: x\n      b: sqrt(1, 2)\n      c: nothing(1)\n";
    let faults = Shapes::from_texts(&[("x.yaml", text)]).unwrap_err();
    assert_eq!(faults.0.iter().map(|f| f.line).collect::<Vec<_>>(), [4, 5, 6]);
}

#[test]
fn a_folder_of_shapes_is_the_builtin_one() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/telco/shapes");
    assert_eq!(Shapes::load(&dir).unwrap().version(), SHAPES.version());
    assert!(Shapes::load(Path::new("no such folder")).is_err());
}

#[test]
fn the_example_of_the_readme_makes_its_tables() {
    let readme = include_str!("../schema/telco/shapes/README.md");
    let example = readme.split("```yaml").nth(1).unwrap().split("```").next().unwrap();
    let shapes = Shapes::from_texts(&[("README.md", example)]).unwrap();
    let dir = TempDir::new().unwrap();
    let summary = run(&shapes, 1_000, 1, dir.path(), &|_| ()).unwrap();
    assert!(summary.rows[1].1 > 100, "{summary:?}");
}

/// `cargo test --release -- --ignored --nocapture speed`
#[test]
#[ignore = "a measurement"]
fn speed() {
    let dir = TempDir::new().unwrap();
    let start = std::time::Instant::now();
    let summary = run(&SHAPES, 200_000, 42, dir.path(), &|_| ()).unwrap();
    println!("{:?} for {summary:?}", start.elapsed());
}
