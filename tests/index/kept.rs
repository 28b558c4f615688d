//! The index on disk: opened where it is whole and of this data, else noticed and built anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use waggle::catalog::Catalog;
use waggle::engine::{Cell, Engine, EngineConfig, EngineError, IndexConfig, IndexProgress, Unfit};
use waggle::segment::{Expr, Literal, Test};
use waggle::sql;

use crate::support::world::{self, data::Data};

/// Data, and a folder for its index.
pub(super) struct Bed {
    pub(super) catalog: Catalog,
    pub(super) data: tempfile::TempDir,
    pub(super) folder: tempfile::TempDir,
}

impl Bed {
    fn new() -> Self {
        let bed = Self::empty();
        Data::random(2, 300).write(bed.data.path(), &bed.catalog);
        bed
    }

    /// One without data yet.
    pub(super) fn empty() -> Self {
        let folder = || tempfile::tempdir().unwrap();
        Self { catalog: world::catalog(), data: folder(), folder: folder() }
    }

    fn open(&self) -> Engine {
        self.open_in(self.folder.path())
    }

    /// The data, with its index in a folder.
    pub(super) fn open_in(&self, folder: &Path) -> Engine {
        let config = IndexConfig { folder: Some(folder.to_path_buf()), ..IndexConfig::default() };
        Engine::open(self.data.path(), &self.catalog, EngineConfig::default()).unwrap().with_index(&config).unwrap()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("segments.index")
    }

    fn count(&self, engine: &Engine) -> i64 {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let compare = |field: &str, test| Expr::Compare { field: field.to_owned(), test };
        let used = Expr::exists("app_usage", compare("days", Test::Ge(Literal::Int(3))));
        let vip = Expr::And(vec![compare("vip", Test::True), used]);
        let rows = runtime.block_on(engine.run(&sql::count(&vip, &self.catalog).unwrap())).unwrap();
        let Cell::Int(count) = rows.rows[0][0] else { panic!("no count") };
        count
    }
}

const QUIET: IndexProgress<'static> = IndexProgress { report: &|_, _| (), stopped: &|| false, anew: false };

#[test]
fn an_index_is_opened_again_and_answers_the_same() {
    let bed = Bed::new();
    let first = bed.open();
    assert!(!first.has_index() && first.index_info() == Err(Unfit::Missing));
    let by_sql = bed.count(&first);
    assert!(first.build_index(&QUIET).unwrap());
    let again = bed.open();
    assert!(again.has_index() && again.index_info().unwrap().fresh);
    assert_eq!([bed.count(&first), bed.count(&again)], [by_sql; 2]);
    // It is there: nothing is written again.
    let written = fs::metadata(bed.file()).unwrap().modified().unwrap();
    assert!(again.build_index(&QUIET).unwrap());
    assert_eq!(fs::metadata(bed.file()).unwrap().modified().unwrap(), written);
}

#[test]
fn an_index_of_other_data_or_another_catalog_is_not_used() {
    let mut bed = Bed::new();
    bed.open().build_index(&QUIET).unwrap();
    Data::random(3, 310).write(bed.data.path(), &bed.catalog);
    let changed = bed.open();
    assert!(!changed.has_index() && !changed.index_info().unwrap().fresh);
    changed.build_index(&QUIET).unwrap();
    assert!(bed.open().has_index());
    bed.catalog.version = "another".to_owned();
    assert!(!bed.open().has_index());
}

#[test]
fn tables_that_have_not_changed_are_taken_over() {
    let bed = Bed::new();
    bed.open().build_index(&QUIET).unwrap();
    let read = |engine: &Engine| {
        let all = std::sync::atomic::AtomicU64::new(0);
        let report = |_: u64, total: u64| all.store(total, std::sync::atomic::Ordering::Relaxed);
        assert!(engine.build_index(&IndexProgress { report: &report, ..QUIET }).unwrap());
        all.into_inner()
    };
    // One table's files alone are others now.
    let (orders, mut data) = (bed.catalog.datasets[2].clone(), Data::random(2, 300));
    let rows = data.tables.get_mut(&orders.name).unwrap();
    rows.truncate(rows.len() / 2);
    world::data::write(&bed.data.path().join("Order.parquet"), &orders, rows, false);
    let engine = bed.open();
    assert!(!engine.has_index());
    let expected = bed.count(&engine);
    assert_eq!(read(&engine), u64::try_from(rows.len() * orders.fields.len()).unwrap());
    assert_eq!(bed.count(&engine), expected);
    let statement = sql::count(&Expr::exists("Order", Expr::All), &bed.catalog).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let by_index = runtime.block_on(engine.run(&statement)).unwrap();
    let by_sql = runtime.block_on(engine.run_gold(statement.text())).unwrap();
    assert_eq!(by_index, by_sql);
}

#[test]
fn data_that_changes_while_it_is_built_gives_no_index() {
    let bed = Bed::new();
    let engine = bed.open();
    Data::random(4, 320).write(bed.data.path(), &bed.catalog);
    assert!(matches!(engine.build_index(&QUIET), Err(EngineError::Stopped)));
    assert!(!engine.has_index() && !bed.open().has_index());
}

#[test]
fn a_file_that_is_not_whole_or_not_an_index_is_not_used() {
    let bed = Bed::new();
    bed.open().build_index(&QUIET).unwrap();
    let whole = fs::read(bed.file()).unwrap();
    let mut in_head = whole.clone();
    let at = whole.len() - 60;
    in_head[at] ^= 1;
    let parts: [&[u8]; 6] =
        [&whole[..whole.len() - 1], &whole[..40], &whole[..whole.len() / 2], &in_head, b"nothing", b""];
    for part in parts {
        replace(&bed.file(), part);
        let engine = bed.open();
        assert!(!engine.has_index());
        assert!(engine.build_index(&QUIET).unwrap() && bed.open().has_index());
    }
}

#[test]
fn a_damaged_section_is_noticed_when_it_is_used_and_sql_answers() {
    let bed = Bed::new();
    let engine = bed.open();
    let expected = bed.count(&engine);
    engine.build_index(&QUIET).unwrap();
    drop(engine);
    let mut bytes = fs::read(bed.file()).unwrap();
    // All sections, not the head.
    let head = bytes.len() - 32;
    let head = u64::from_le_bytes(bytes[head..head + 8].try_into().unwrap());
    bytes[64..usize::try_from(head).unwrap()].iter_mut().for_each(|byte| *byte ^= 0x55);
    replace(&bed.file(), &bytes);
    let engine = bed.open();
    // Opening looks at the head alone.
    if engine.has_index() {
        assert_eq!(bed.count(&engine), expected);
        assert!(!engine.has_index() && !bed.file().exists());
    }
}

#[test]
fn a_build_can_be_stopped_and_leaves_nothing() {
    let bed = Bed::new();
    let engine = bed.open();
    let stopped = IndexProgress { stopped: &|| true, ..QUIET };
    assert!(matches!(engine.build_index(&stopped), Err(EngineError::Stopped)));
    assert!(!bed.file().exists() && !engine.has_index());
    // Wherever it is stopped, with some tables written or none.
    for checks in 0..24 {
        let left = std::sync::atomic::AtomicUsize::new(checks);
        let stopped = || {
            let update = |left: usize| left.checked_sub(1);
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update).is_err()
        };
        let built = engine.build_index(&IndexProgress { stopped: &stopped, anew: true, ..QUIET });
        assert!(matches!(built, Err(EngineError::Stopped) | Ok(true)));
        assert!(!bed.folder.path().join("segments.part").exists());
    }
    // What a killed build has left is removed by the next.
    fs::write(bed.folder.path().join("segments.part"), b"half").unwrap();
    assert!(engine.build_index(&QUIET).unwrap());
    assert!(!bed.folder.path().join("segments.part").exists());
}

#[test]
fn everybody_is_counted_by_either() {
    let bed = Bed::new();
    let engine = bed.open();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let everybody = sql::count(&Expr::All, &bed.catalog).unwrap();
    let before = runtime.block_on(engine.run(&everybody)).unwrap();
    engine.build_index_in_memory().unwrap();
    assert_eq!(runtime.block_on(engine.run(&everybody)).unwrap(), before);
}

/// As another process would: the old file stays as it is for those who have it mapped.
fn replace(file: &Path, bytes: &[u8]) {
    let other = file.with_extension("other");
    fs::write(&other, bytes).unwrap();
    fs::rename(other, file).unwrap();
}
