//! What an index takes.

use waggle::catalog;
use waggle::engine::{Engine, EngineConfig, IndexConfig, IndexProgress};

use crate::reference;

/// Most bytes in memory for each line of the reference data, with all fields and tables of its catalog.
const MOST: u64 = 260;

/// What does not grow with the lines: what codes stand for, and bits of the last 65,536 lines, however many there are.
const FIXED: u64 = 256 << 10;

#[test]
fn a_line_takes_no_more_than_is_promised() {
    let catalog = catalog::builtin().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = IndexConfig { folder: Some(folder.path().to_path_buf()), ..IndexConfig::default() };
    let engine =
        Engine::open(reference::many(), &catalog, EngineConfig::default()).unwrap().with_index(&config).unwrap();
    assert!(engine.build_index(&IndexProgress { report: &|_, _| (), stopped: &|| false, anew: false }).unwrap());
    let info = engine.index_info().unwrap();
    let each = info.resident().saturating_sub(FIXED) / info.entities;
    assert!(each <= MOST, "{each} bytes a line: {:#?}", info.tables);
    assert_eq!(u64::try_from(engine.index_bytes().unwrap()).unwrap(), info.resident());
    // All tables are there, and all that is not data is small.
    assert_eq!(info.tables.len(), catalog.datasets.len());
    assert!(info.tables.iter().all(|table| table.rows > 0 && table.files == 1));
    assert!(info.bytes - info.resident() < info.bytes / 100);
}
