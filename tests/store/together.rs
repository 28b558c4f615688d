//! Many at once.

use std::time::Instant;

use tokio::task::JoinSet;
use waggle::store::{SegmentWrite, Store, StoreError, TurnWrite};

use super::bed::Bed;
use super::cases::{session, turn};

/// Conversations at once.
const MANY: usize = 200;
/// Turns of each.
const TURNS: u32 = 3;

async fn converse(store: Store, id: String) {
    store.create_session(session(&id, "lee", 1), Vec::new()).await.unwrap();
    for n in 1..=TURNS {
        let usage = vec![("age".into(), "profile".into()), ("app".into(), "usage".into())];
        store.add_turn(TurnWrite { usage, ..turn(&id, n) }).await.unwrap();
        // What was acknowledged is read again, by any reader.
        let kept = store.turns(&id).await.unwrap();
        assert_eq!(kept.len(), n as usize);
        assert_eq!(kept.last().unwrap().answer, format!("{{\"answer\":\"{id}/{n}\"}}"));
    }
}

pub(super) async fn two_hundred_conversations_at_once(bed: Bed) {
    let store = bed.open().await;
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for n in 0..MANY {
        tasks.spawn(converse(store.clone(), format!("s{n}")));
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    eprintln!("{MANY} conversations of {TURNS} turns: {:?}", begun.elapsed());
    let all = MANY as u64 * u64::from(TURNS);
    let verdict = store.verify_audit(|_, _| {}).await.unwrap();
    assert_eq!((verdict.entries, verdict.broken), (all, None));
    assert_eq!(store.usage().await.unwrap()[0].2.unsigned_abs(), all);
}

/// How many of several writes went through; the others found it taken.
async fn winners(tasks: JoinSet<Result<(), StoreError>>) -> usize {
    let outcomes = tasks.join_all().await;
    assert!(outcomes.iter().all(|o| matches!(o, Ok(()) | Err(StoreError::Conflict { what: "turn" }))), "{outcomes:?}");
    outcomes.iter().filter(|o| o.is_ok()).count()
}

/// Two stores on one address, as two servers have them.
pub(super) async fn servers_share_a_store(bed: Bed) {
    let (one, other) = tokio::join!(bed.open(), bed.open());
    let mut tasks = JoinSet::new();
    for n in 0..40 {
        let store = if n % 2 == 0 { &one } else { &other };
        tasks.spawn(converse(store.clone(), format!("s{n}")));
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    // The same turn of one session from everywhere: one is kept.
    one.create_session(session("same", "lee", 1), Vec::new()).await.unwrap();
    for n in 1..=5 {
        let mut tasks = JoinSet::new();
        for store in [&one, &other, &one, &other] {
            let store = store.clone();
            tasks.spawn(async move { store.add_turn(turn("same", n)).await.map(drop) });
        }
        assert_eq!(winners(tasks).await, 1, "turn {n}");
    }
    // The same name from everywhere: one segment, no version lost.
    let mut tasks = JoinSet::new();
    for n in 0..20 {
        let store = if n % 2 == 0 { one.clone() } else { other.clone() };
        let write = SegmentWrite {
            id: format!("g{n}"),
            owner: "lee".into(),
            name: "VIP".into(),
            folded_name: "vip".into(),
            ..SegmentWrite::default()
        };
        tasks.spawn(async move { store.save_segment(write, Vec::new()).await.unwrap().version });
    }
    let mut versions = tasks.join_all().await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=20).collect::<Vec<u32>>());
    assert_eq!(other.segments("lee", false).await.unwrap().len(), 1);
    let verdict = other.verify_audit(|_, _| {}).await.unwrap();
    assert_eq!((verdict.entries, verdict.broken), (40 * u64::from(TURNS) + 5, None));
}

pub(super) async fn a_caller_that_goes_away_tears_nothing(bed: Bed) {
    let store = bed.open().await;
    let mut tasks = JoinSet::new();
    for n in 0..60_u64 {
        let (store, id) = (store.clone(), format!("s{n}"));
        tasks.spawn(async move {
            let hurry = std::time::Duration::from_micros(n * 200);
            let _ = tokio::time::timeout(hurry, converse(store, id)).await;
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    // Writes that were handed in come before this one.
    store.check().await.unwrap();
    let mut turns = 0;
    for row in store.sessions("lee", 1_000, None).await.unwrap() {
        let kept = store.turns(&row.id).await.unwrap();
        assert_eq!(row.head as usize, kept.len());
        turns += kept.len();
    }
    let verdict = store.verify_audit(|_, _| {}).await.unwrap();
    assert_eq!((verdict.entries, verdict.broken), (turns as u64, None));
    converse(store, "after".into()).await;
}
