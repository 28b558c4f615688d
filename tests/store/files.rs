//! What holds for a store that is a file: who reads it, copies, and putting one in place.

use std::fs;
use std::path::{Path, PathBuf};

use waggle::store::{Store, StoreError, restore};

use super::bed::Bed;
use super::cases::{entry, session, turn};

/// A path beside the store.
fn beside(bed: &Bed, name: &str) -> PathBuf {
    Path::new(&bed.address).with_file_name(name)
}

async fn with_turns(bed: &Bed, turns: u32) -> Store {
    let store = bed.open().await;
    store.create_session(session("s", "lee", 1), vec![entry("session.create", "s")]).await.unwrap();
    for n in 1..=turns {
        store.add_turn(turn("s", n)).await.unwrap();
    }
    store
}

async fn turns_in(path: &Path) -> usize {
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    let turns = store.turns("s").await.unwrap().len();
    assert!(store.verify_audit(|_, _| {}).await.unwrap().holds());
    store.close().await;
    turns
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_reads_a_store() {
    use std::os::unix::fs::PermissionsExt as _;
    let bed = Bed::file();
    let store = with_turns(&bed, 1).await;
    let copy = beside(&bed, "copy.db");
    store.backup(&copy).await.unwrap();
    for path in [Path::new(&bed.address), &copy, &beside(&bed, "waggle.db-wal")] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_made_while_others_write() {
    let bed = Bed::file();
    let store = with_turns(&bed, 20).await;
    let writing = {
        let store = store.clone();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move {
            for n in 21..=60 {
                store.add_turn(turn("s", n)).await.unwrap();
            }
        });
        tasks
    };
    let copy = beside(&bed, "copy.db");
    store.backup(&copy).await.unwrap();
    assert!(matches!(store.backup(&copy).await, Err(StoreError::Exists { .. })));
    writing.join_all().await;
    assert_eq!(store.turns("s").await.unwrap().len(), 60, "nobody was held up");

    let to = beside(&bed, "elsewhere/restored.db");
    fs::create_dir(to.parent().unwrap()).unwrap();
    restore(&copy, to.to_str().unwrap(), false).await.unwrap();
    let restored = turns_in(&to).await;
    assert!((20..=60).contains(&restored), "{restored}");
    let left: Vec<_> = fs::read_dir(to.parent().unwrap()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, ["restored.db"], "nothing is left beside it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_replaced_only_by_force_and_when_nobody_has_it_open() {
    let bed = Bed::file();
    let store = with_turns(&bed, 2).await;
    let copy = beside(&bed, "copy.db");
    store.backup(&copy).await.unwrap();
    store.add_turn(turn("s", 3)).await.unwrap();

    let refused = restore(&copy, &bed.address, false).await;
    assert!(matches!(refused, Err(StoreError::Exists { .. })), "{refused:?}");
    let refused = restore(&copy, &bed.address, true).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })), "{refused:?}");
    store.add_turn(turn("s", 4)).await.unwrap();
    store.close().await;
    restore(&copy, &bed.address, true).await.unwrap();
    assert_eq!(turns_in(Path::new(&bed.address)).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_store_is_neither_opened_nor_restored() {
    let bed = Bed::file();
    let store = with_turns(&bed, 2).await;
    let to = beside(&bed, "to.db");
    let put = |from: PathBuf| {
        let to = to.to_str().unwrap().to_owned();
        async move { restore(&from, &to, false).await.unwrap_err() }
    };

    let letter = beside(&bed, "letter.txt");
    fs::write(&letter, "no database at all, but long enough to be looked at. ".repeat(40)).unwrap();
    assert!(matches!(put(letter.clone()).await, StoreError::NotAStore { .. }));
    assert!(matches!(Store::open(letter.to_str().unwrap()).await, Err(StoreError::NotAStore { .. })));
    assert!(fs::read_to_string(&letter).unwrap().starts_with("no database"), "it is left as it was");
    assert!(matches!(put(beside(&bed, "none.db")).await, StoreError::Io { .. }));
    assert!(matches!(Store::open("mysql://x").await, Err(StoreError::BadAddress { .. })));

    // A copy that was tampered with, and one of a later version.
    let copy = beside(&bed, "copy.db");
    store.backup(&copy).await.unwrap();
    let tampered = Bed::at(&copy);
    tampered.tamper("DROP TRIGGER audit_never_changes; UPDATE audit SET actor = 'kim' WHERE seq = 2").await.unwrap();
    let refused = put(copy.clone()).await;
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
    tampered.tamper("UPDATE audit SET actor = 'lee' WHERE seq = 2").await.unwrap();
    tampered.tamper("INSERT INTO schema_version (version, at) VALUES (999, 0)").await.unwrap();
    assert!(matches!(put(copy.clone()).await, StoreError::LaterVersion { .. }));
    tampered.tamper("DELETE FROM schema_version WHERE version = 999").await.unwrap();
    restore(&copy, to.to_str().unwrap(), false).await.unwrap();
    assert_eq!(turns_in(&to).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_may_write_at_the_same_time() {
    let bed = Bed::file();
    let store = with_turns(&bed, 0).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 1..=30 {
        let store = store.clone();
        tasks.spawn(async move { store.append_audit(vec![entry("ask", &n.to_string())]).await });
    }
    for _ in 0..10 {
        bed.tamper("INSERT INTO filter_usage VALUES ('c', 'f', 1) ON CONFLICT (category, field) DO UPDATE SET n = filter_usage.n + 1")
            .await
            .unwrap();
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
    assert_eq!(store.usage().await.unwrap()[0].2, 10);
}
