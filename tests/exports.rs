//! Exports: every format read back, identifiers, reach against independent counts, and parts held out.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use waggle::app::{
    App, AppConfig, ExportError, ExportOutcome, ExportRequest, FileRole, HoldOut, IdentifierPolicy, Origin,
    ReachRequest, StepName, export_columns, manifest,
};
use waggle::catalog::Locale;
use waggle::engine::{
    Cell, Engine, EngineConfig, EngineError, ExportFormat, ExportJob, HashKey, MAX_XLSX_ROWS, sha256,
};
use waggle::segment::{Expr, text};
use waggle::sql::{self, RowColumns};

use crate::reference;
use crate::support::world::data::Data;
use crate::support::world::{catalog, evaluate};

/// The segment of these tests.
const WOMEN: &str = "gender = 'F' AND age >= 30";
/// The same in plain SQL, within the population.
const PLAIN: &str = "FROM customers c WHERE c.pi_consent AND c.gender = 'F' AND c.age >= 30";
const SECRET: &[u8] = b"a secret of some length";

fn app() -> &'static App {
    static APP: OnceLock<App> = OnceLock::new();
    APP.get_or_init(|| reference::app(reference::few()))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

fn women() -> Expr {
    text::parse(WOMEN, app().catalog()).unwrap()
}

fn plain(app: &App, sql: &str) -> u64 {
    let rows = block_on(app.engine().run_gold(sql)).unwrap_or_else(|e| panic!("{e}\n{sql}"));
    if let Cell::Int(n) = rows.rows[0][0] { n.unsigned_abs() } else { panic!("no number: {sql}") }
}

fn export(app: &App, request: &ExportRequest, out: &Path) -> ExportOutcome {
    block_on(app.export(&women(), request, out, None)).unwrap_or_else(|e| panic!("{e}"))
}

/// The lines of a text file, without its header.
fn body(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().skip(1).map(str::to_owned).collect()
}

fn inflated(path: &Path) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// What a script prints; none where Python or a package of it is missing.
fn python(script: &str, path: &Path) -> Option<String> {
    let made = Command::new("python3").args(["-c", script]).arg(path).output();
    match made {
        Ok(made) if made.status.success() => Some(String::from_utf8(made.stdout).unwrap().trim().to_owned()),
        _ => {
            println!("not run: {} with Python", path.display());
            None
        }
    }
}

/// The number of rows of a file, read by something else than what wrote it.
fn rows_of(path: &Path, format: ExportFormat) -> u64 {
    let lines = |text: &str, header: usize| text.lines().count() - header;
    let count = match format {
        ExportFormat::Csv => lines(&fs::read_to_string(path).unwrap(), 1),
        ExportFormat::CsvGz => lines(&inflated(path), 1),
        ExportFormat::JsonLines => lines(&fs::read_to_string(path).unwrap(), 0),
        ExportFormat::JsonLinesGz => lines(&inflated(path), 0),
        ExportFormat::Parquet => {
            let file = File::open(path).unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
            reader.map(|batch| batch.unwrap().num_rows()).sum()
        }
        ExportFormat::Arrow => {
            let reader = arrow::ipc::reader::StreamReader::try_new(File::open(path).unwrap(), None).unwrap();
            reader.map(|batch| batch.unwrap().num_rows()).sum()
        }
        ExportFormat::Xlsx => {
            let script = "import sys, zipfile\n\
                          sheet = zipfile.ZipFile(sys.argv[1]).read('xl/worksheets/sheet1.xml')\n\
                          print(sheet.count(b'<row ') - 1)";
            match python(script, path) {
                Some(count) => count.parse().unwrap(),
                None => return u64::MAX,
            }
        }
    };
    u64::try_from(count).unwrap()
}

#[test]
fn every_format_holds_the_count() {
    let dir = tempfile::tempdir().unwrap();
    let expected = plain(app(), &format!("SELECT count(*) {PLAIN}"));
    assert!(expected > 100);
    for format in ExportFormat::ALL {
        let out = dir.path().join(format!("out.{}", format.extension()));
        let outcome = export(app(), &ExportRequest::new(format), &out);
        let [file] = outcome.files.as_slice() else { panic!("{format:?}") };
        let bytes = fs::read(&out).unwrap();
        assert_eq!((file.rows, file.role), (expected, FileRole::Exported), "{format:?}");
        assert_eq!(file.bytes, u64::try_from(bytes.len()).unwrap(), "{format:?}");
        assert_eq!(file.sha256, sha256(&bytes), "{format:?}");
        let read = rows_of(&out, format);
        assert!(read == expected || read == u64::MAX, "{format:?}: {read} rows instead of {expected}");
        let duck = match format {
            ExportFormat::Csv | ExportFormat::CsvGz => "read_csv(?)",
            ExportFormat::JsonLines | ExportFormat::JsonLinesGz => "read_json(?)",
            ExportFormat::Parquet => "read_parquet(?)",
            ExportFormat::Arrow | ExportFormat::Xlsx => continue,
        };
        let script = format!(
            "import duckdb, sys\nprint(duckdb.execute('SELECT count(*) FROM {duck}', [sys.argv[1]]).fetchone()[0])"
        );
        if let Some(count) = python(&script, &out) {
            assert_eq!(count, expected.to_string(), "{format:?} by DuckDB");
        }
    }
    assert!(fs::read_dir(dir.path()).unwrap().all(|e| !e.unwrap().path().to_string_lossy().ends_with(".part")));
}

#[test]
fn a_byte_order_mark_stands_where_it_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.csv");
    let columns = vec!["age".to_owned(), "age_band".to_owned(), "gender".to_owned()];
    let request = ExportRequest { columns, bom: true, ..ExportRequest::new(ExportFormat::Csv) };
    export(app(), &request, &out);
    assert!(fs::read_to_string(&out).unwrap().starts_with("\u{feff}age,age_band,gender\r\n"));
    export(app(), &ExportRequest { bom: false, ..request }, &out);
    assert!(fs::read_to_string(&out).unwrap().starts_with("age,"));
}

#[test]
fn no_identifier_leaves_unless_it_may() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.csv");
    let head = |identifiers| {
        let columns = vec!["gender".to_owned()];
        let request = ExportRequest { identifiers, columns, ..ExportRequest::new(ExportFormat::Csv) };
        let outcome = export(app(), &request, &out);
        (fs::read_to_string(&out).unwrap().lines().next().unwrap().to_owned(), outcome.sql)
    };
    let (omitted, sql) = head(IdentifierPolicy::Omit);
    assert_eq!(omitted, "gender");
    assert!(sql.starts_with("SELECT c.gender FROM"), "{sql}");
    assert_eq!(head(IdentifierPolicy::Plain).0, "customer_id,gender");
    assert_eq!(head(IdentifierPolicy::Hashed(HashKey::new(SECRET).unwrap())).0, "customer_id_hash,gender");
    let refused = export_columns(&["customer_id".to_owned()], app().catalog());
    assert!(matches!(refused, Err(ExportError::Column { .. })));
}

#[test]
fn hashes_are_those_of_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let write = |identifiers, name: &str| {
        let columns = vec!["gender".to_owned()];
        let out = dir.path().join(name);
        export(app(), &ExportRequest { identifiers, columns, ..ExportRequest::new(ExportFormat::Csv) }, &out);
        body(&out).iter().map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let keys = write(IdentifierPolicy::Plain, "plain.csv");
    let hashes = write(IdentifierPolicy::Hashed(HashKey::new(SECRET).unwrap()), "hashed.csv");
    assert_eq!(keys.len(), hashes.len());
    for (key, hash) in keys.iter().zip(&hashes) {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
        mac.update(key.as_bytes());
        let expected = mac.finalize().into_bytes().iter().fold(String::new(), |hex, b| format!("{hex}{b:02x}"));
        assert_eq!(*hash, expected, "{key}");
    }
}

#[test]
fn the_steps_are_those_of_independent_counts() {
    let reach = |channel: &str, days| {
        let request = ReachRequest {
            channel: Some(channel.to_owned()),
            not_contacted_days: days,
            hold_out: Some(HoldOut { percent: 10.0, seed: 3 }),
            min_group: Some(0),
        };
        block_on(app().reach(&women(), &request)).unwrap()
    };
    for (channel, needs, sent) in [
        ("sms", "c.ad_consent AND c.sms_opt_out IS NOT TRUE", "AND m.channel IN ('SMS', 'MMS')"),
        ("email", "c.ad_consent AND c.email_opt_out IS NOT TRUE", "AND m.channel = 'Email'"),
        ("push", "c.ad_consent", "AND m.channel = 'Push'"),
        ("any", "c.ad_consent", ""),
    ] {
        let found = reach(channel, Some(30));
        let count = |name| found.step(name).and_then(|step| step.count).unwrap();
        let contacted = format!(
            "c.customer_id NOT IN (SELECT m.customer_id FROM contacts m WHERE m.sent_on >= DATE '2024-03-23' {sent})"
        );
        let allowed = plain(app(), &format!("SELECT count(*) {PLAIN} AND {needs}"));
        let rested = plain(app(), &format!("SELECT count(*) {PLAIN} AND {needs} AND {contacted}"));
        assert_eq!(count(StepName::Matched), plain(app(), &format!("SELECT count(*) {PLAIN}")));
        assert_eq!(count(StepName::AllowsChannel), allowed, "{channel}");
        assert_eq!(count(StepName::NotContacted), rested, "{channel}");
        assert!(rested < allowed, "{channel}");
        let held = (rested * 10 + 50) / 100;
        assert_eq!((count(StepName::HeldOut), count(StepName::Exported)), (held, rested - held), "{channel}");
        assert_eq!(found.step(StepName::Exported).unwrap().dropped, Some(held));
        assert!(reach(channel, None).step(StepName::NotContacted).is_none());
        assert!(reach(channel, Some(0)).step(StepName::NotContacted).is_none());
    }
}

#[test]
fn what_cannot_be_asked_is_told() {
    let ask = |request: ReachRequest| block_on(app().reach(&women(), &request)).unwrap_err();
    let hold = |percent| ReachRequest { hold_out: Some(HoldOut { percent, seed: 1 }), ..ReachRequest::default() };
    let errors = [
        ask(ReachRequest { channel: Some("pigeon".to_owned()), ..ReachRequest::default() }),
        ask(ReachRequest { not_contacted_days: Some(3), ..ReachRequest::default() }),
        ask(hold(0.0)),
        ask(hold(100.0)),
        ask(hold(f64::NAN)),
    ];
    for error in errors {
        assert!(error.is_of_the_request());
        assert_ne!(error.message(Locale::Ko), error.message(Locale::En));
    }
}

#[test]
fn the_parts_are_disjoint_complete_and_the_same_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let keys = |app: &App, name: &str, seed, channel: Option<&str>| {
        let out = dir.path().join(format!("{name}.csv"));
        let hold_out = Some(HoldOut { percent: 12.5, seed });
        let request = ExportRequest {
            identifiers: IdentifierPolicy::Plain,
            columns: vec!["gender".to_owned()],
            reach: ReachRequest { hold_out, channel: channel.map(str::to_owned), ..ReachRequest::default() },
            ..ExportRequest::new(ExportFormat::Csv)
        };
        let outcome = export(app, &request, &out);
        let read = |path: &Path| body(path).into_iter().collect::<BTreeSet<_>>();
        let parts = [read(&out), read(&dir.path().join(format!("{name}.held_out.csv")))];
        assert_eq!(outcome.files.iter().map(|f| f.role).collect::<Vec<_>>(), [FileRole::Exported, FileRole::HeldOut]);
        for (file, part) in outcome.files.iter().zip(&parts) {
            assert_eq!(file.rows, u64::try_from(part.len()).unwrap());
        }
        parts
    };
    let one = |threads| {
        let engine = EngineConfig { threads, ..EngineConfig::default() };
        App::open(AppConfig { engine, ..AppConfig::new(reference::few().to_path_buf()) }).unwrap()
    };
    let [exported, held] = keys(&one(1), "one", 9, None);
    let all = plain(app(), &format!("SELECT count(*) {PLAIN}"));
    assert_eq!(u64::try_from(exported.len() + held.len()).unwrap(), all);
    assert!(exported.is_disjoint(&held));
    assert_eq!(u64::try_from(held.len()).unwrap(), (all * 125 + 500) / 1000);
    assert_eq!(keys(&one(5), "five", 9, None), [exported, held.clone()]);
    assert_ne!(keys(app(), "other", 10, None)[1], held);
    let [exported, held] = keys(app(), "sms", 9, Some("sms"));
    let allowed = plain(app(), &format!("SELECT count(*) {PLAIN} AND c.ad_consent AND c.sms_opt_out IS NOT TRUE"));
    assert_eq!(u64::try_from(exported.len() + held.len()).unwrap(), allowed);
}

#[test]
fn a_manifest_says_where_a_file_comes_from() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.parquet");
    let request = ExportRequest::new(ExportFormat::Parquet);
    let outcome = export(app(), &request, &out);
    let when = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let origin = Origin { segment: WOMEN, reach: &request.reach, who: "kim", when };
    let (path, hash) = manifest(app(), &outcome, &origin).write_beside(&out).unwrap();
    let bytes = fs::read(path).unwrap();
    assert_eq!(hash, sha256(&bytes));
    let read: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(read["files"][0]["sha256"], sha256(&fs::read(&out).unwrap()));
    assert_eq!(read["when"], "2023-11-14T22:13:20Z");
    assert_eq!((&read["segment"], &read["who"], &read["as_of"]), (&WOMEN.into(), &"kim".into(), &"2024-04-22".into()));
    assert_eq!(read["data_version"], app().engine().data_version());
}

#[test]
fn progress_is_told_up_to_the_last_row() {
    let dir = tempfile::tempdir().unwrap();
    let seen = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&seen);
    let progress = Arc::new(move |p: waggle::app::ExportProgress| {
        assert!(p.rows <= p.total);
        told.store(p.rows, Ordering::Relaxed);
    });
    let request = ExportRequest::new(ExportFormat::JsonLines);
    let out = dir.path().join("out.jsonl");
    let outcome = block_on(app().export(&women(), &request, &out, Some(progress))).unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), outcome.files[0].rows);
}

/// An engine over the small world, and everybody's rows.
fn small(dir: &Path) -> (Engine, sql::CheckedSql, usize) {
    let (catalog, data) = (catalog(), Data::random(5, 300));
    data.write(dir, &catalog);
    let engine = Engine::open(dir, &catalog, EngineConfig::default()).unwrap();
    let columns = ["city", "age", "score", "vip", "joined_on"].map(str::to_owned);
    let of = RowColumns { key: true, columns: &columns, held_out: None };
    (engine, sql::rows(&Expr::All, of, &catalog).unwrap(), evaluate::members(&Expr::All, &data).len())
}

#[test]
fn a_file_with_another_number_of_rows_than_was_counted_does_not_appear() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, statement, rows) = small(dir.path());
    let out = dir.path().join("out.arrow");
    let expected = u64::try_from(rows).unwrap();
    let job = |expected| ExportJob { expected: Some(expected), ..ExportJob::new(&out, ExportFormat::Arrow) };
    let refused = block_on(engine.export(&statement, job(expected + 1))).unwrap_err();
    assert!(matches!(refused, EngineError::Rows { found, .. } if found == expected), "{refused}");
    assert!(!out.exists() && !dir.path().join("out.arrow.part").exists());
    assert_eq!(block_on(engine.export(&statement, job(expected))).unwrap()[0].rows, expected);
}

#[test]
fn a_workbook_ends_where_excel_does() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, data) = (catalog(), Data::random(5, 2200));
    data.write(dir.path(), &catalog);
    let engine = Engine::open(dir.path(), &catalog, EngineConfig::default()).unwrap();
    // Everybody beside everybody is more than a sheet holds.
    let limits = sql::SqlLimits { max_rows: 2 * MAX_XLSX_ROWS, min_group: Some(0), ..sql::SqlLimits::default() };
    let pairs = "SELECT a.vip FROM customers a CROSS JOIN customers b";
    let statement = sql::check(pairs, &catalog, &limits).unwrap_or_else(|e| panic!("{e}"));
    let out = dir.path().join("out.xlsx");
    let refused = block_on(engine.export(&statement, ExportJob::new(&out, ExportFormat::Xlsx))).unwrap_err();
    assert!(matches!(refused, EngineError::TooManyRows { limit: MAX_XLSX_ROWS }), "{refused}");
    assert!(!out.exists() && !dir.path().join("out.xlsx.part").exists());
}

#[test]
fn a_dropped_export_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, statement, _) = small(dir.path());
    let out = dir.path().join("out.csv");
    block_on(async {
        let slow = Arc::new(|_| std::thread::sleep(std::time::Duration::from_millis(500)));
        let job = ExportJob { progress: Some(slow), ..ExportJob::new(&out, ExportFormat::Csv) };
        let work = engine.export(&statement, job);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(200), work).await.is_err());
        for _ in 0..50 {
            if !dir.path().join("out.csv.part").exists() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    assert!(!out.exists() && !dir.path().join("out.csv.part").exists());
}
