//! Files that come, go and change: the index of them is that of a build from nothing, and only what changed was read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waggle::engine::{Cell, IndexProgress};

use super::equal::Two;
use super::kept::Bed;
use crate::support::world::data::{self, Data, Row};

/// Random questions to each index.
const CASES: u32 = 12;

/// People 1 to 400 and their rows; the rows of somebody are in different files.
impl Bed {
    fn of_files() -> Self {
        let bed = Self::empty();
        bed.people("a", &people(1, 150));
        bed.people("c", &people(2, 400)[150..300]);
        let rows = Data::random(3, 400);
        let apps = rows.rows("app_usage");
        let (even, odd) = halves(apps);
        bed.rows("app_usage", "1", &even);
        bed.rows("app_usage", "2", &odd);
        // In the order of the people, one file after the other.
        let orders = rows.rows("Order");
        let middle = orders.len() / 2;
        bed.rows("Order", "a", &orders[..middle]);
        bed.rows("Order", "b", &orders[middle..]);
        bed
    }

    fn people(&self, name: &str, rows: &[Row]) {
        self.rows("customers", name, rows);
    }

    fn piece(&self, table: &str, name: &str) -> PathBuf {
        let folder = self.data.path().join(table);
        fs::create_dir_all(&folder).unwrap();
        folder.join(format!("{name}.parquet"))
    }

    fn rows(&self, table: &str, name: &str, rows: &[Row]) {
        data::write(&self.piece(table, name), self.catalog.dataset(table).unwrap(), rows, name == "2");
    }

    /// Builds the index of what lies there now. It is, section by section, that of a build from nothing, and answers as
    /// SQL does. Gives the files read of each table, and the values.
    fn renewed(&self) -> ([u64; 3], u64) {
        let all = AtomicU64::new(0);
        let report = |_: u64, total: u64| all.store(total, Ordering::Relaxed);
        let engine = self.open_in(self.folder.path());
        assert!(engine.build_index(&IndexProgress { report: &report, stopped: &|| false, anew: false }).unwrap());
        let fresh = tempfile::tempdir().unwrap();
        let anew = self.open_in(fresh.path());
        assert!(anew.build_index(&IndexProgress { report: &|_, _| (), stopped: &|| false, anew: false }).unwrap());
        assert!(sections(self.folder.path()) == sections(fresh.path()), "another index than one from nothing");
        let (one, other) = (engine.index_info().unwrap(), anew.index_info().unwrap());
        assert_eq!((one.entities, one.resident()), (other.entities, other.resident()));
        assert!(other.tables.iter().all(|table| table.read == table.files));
        Two::of(engine, self.data.path(), self.catalog.clone()).tried(CASES);
        let read = |at: usize| one.tables[at].read;
        ([read(0), read(1), read(2)], all.into_inner())
    }
}

fn people(seed: u64, to: i64) -> Vec<Row> {
    Data::random(seed, to).rows("customers").to_vec()
}

fn halves(rows: &[Row]) -> (Vec<Row>, Vec<Row>) {
    let (even, odd): (Vec<_>, Vec<_>) = rows.iter().cloned().enumerate().partition(|(i, _)| i % 2 == 0);
    let rows = |list: Vec<(usize, Row)>| list.into_iter().map(|(_, row)| row).collect();
    (rows(even), rows(odd))
}

/// All of a file but its head, which says what was read.
fn sections(folder: &Path) -> Vec<u8> {
    let mut bytes = fs::read(folder.join("segments.index")).unwrap();
    let end = bytes.len() - 32;
    let head = u64::from_le_bytes(bytes[end..end + 8].try_into().unwrap());
    bytes.truncate(usize::try_from(head).unwrap());
    bytes
}

#[test]
fn a_file_of_rows_that_comes_or_changes_is_read_alone() {
    let bed = Bed::of_files();
    assert_eq!(bed.renewed().0, [2, 2, 2]);
    let more = Data::random(5, 300);
    bed.rows("app_usage", "3", more.rows("app_usage"));
    let fields = bed.catalog.dataset("app_usage").unwrap().fields.len();
    let values = more.rows("app_usage").len() * fields;
    assert_eq!(bed.renewed(), ([0, 1, 0], u64::try_from(values).unwrap()));
    // The rows of a day are other ones now.
    bed.rows("app_usage", "2", &halves(Data::random(6, 250).rows("app_usage")).0);
    assert_eq!(bed.renewed().0, [0, 1, 0]);
    // Between two that are there, and others gone.
    bed.rows("Order", "aa", Data::random(7, 40).rows("Order"));
    fs::remove_file(bed.piece("app_usage", "1")).unwrap();
    assert_eq!(bed.renewed().0, [0, 0, 1]);
    fs::remove_file(bed.piece("Order", "a")).unwrap();
    assert_eq!(bed.renewed().0, [0, 0, 0]);
}

#[test]
fn people_who_come_or_change_leave_the_others_as_they_were() {
    let bed = Bed::of_files();
    bed.renewed();
    // Between two files, so that ordinals move; and rows that were nobody's are somebody's now: their files are read.
    bed.people("b", &people(4, 400)[330..360]);
    assert_eq!(bed.renewed().0, [1, 2, 2]);
    // From here on nobody's rows are left in no file but those of people who never come.
    let known = |row: &Row| matches!(row["customer_id"], Cell::Int(id) if id <= 7 * 150);
    let apps: Vec<Row> = Data::random(8, 400).rows("app_usage").iter().filter(|row| known(row)).cloned().collect();
    bed.rows("app_usage", "1", &apps);
    bed.rows("app_usage", "2", &apps[..30]);
    bed.renewed();
    bed.people("d", &people(9, 400)[360..]);
    let (read, _) = bed.renewed();
    assert_eq!(read[..2], [1, 0]);
    // The same people with other values.
    bed.people("c", &people(10, 400)[150..300]);
    assert_eq!(bed.renewed().0[..2], [1, 0]);
    fs::remove_file(bed.piece("customers", "b")).unwrap();
    assert_eq!(bed.renewed().0, [0, 0, 0]);
    // They are back: their rows had gone with them.
    bed.people("b", &people(4, 400)[330..360]);
    bed.renewed();
}

#[test]
fn whatever_happens_to_files_the_index_is_that_of_a_build_from_nothing() {
    let bed = Bed::of_files();
    bed.renewed();
    let step = (0..3_usize, 0..3_usize, 0..1000_u64, 1..400_i64, prop::bool::weighted(0.3));
    let mut runner = TestRunner::new(Config { cases: 6, failure_persistence: None, ..Config::default() });
    let steps = prop::collection::vec(step, 1..4);
    runner
        .run(&steps, |steps| {
            for (table, name, seed, people, gone) in steps {
                let (table, name) = (["customers", "app_usage", "Order"][table], ["x", "y", "z"][name]);
                let rows = Data::random(seed, people);
                // Keys are those of one file alone.
                let own = i64::from(name.as_bytes()[0]) % 3 * 400 + 10_000;
                let row = |row: &Row| match (&row["customer_id"], table) {
                    (Cell::Int(id), "customers") => {
                        let key = ("customer_id".to_owned(), Cell::Int(id / 7 + own));
                        row.clone().into_iter().chain([key]).collect::<Row>()
                    }
                    _ => row.clone(),
                };
                bed.rows(table, name, &rows.rows(table).iter().map(row).collect::<Vec<_>>());
                if gone {
                    fs::remove_file(bed.piece(table, name)).unwrap();
                }
            }
            bed.renewed();
            Ok(())
        })
        .unwrap();
}
