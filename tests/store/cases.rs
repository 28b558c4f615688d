//! What holds for both databases.

use std::io::Write as _;

use waggle::store::{
    AnswerRow, AuditEntry, AuditFault, CountPoint, ExportRow, FeedbackRow, Idempotent, KeyRow, NoticeRow,
    SCHEMA_VERSION, SegmentWrite, SessionRow, Store, StoreError, TurnWrite,
};

use super::bed::{Bed, Cluster, PATIENCE};
use super::together::{
    a_caller_that_goes_away_tears_nothing, servers_share_a_store, two_hundred_conversations_at_once,
};

macro_rules! suite {
    ($($case:ident,)+) => {
        mod sqlite {
            use super::super::bed::{Bed, PATIENCE};
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    tokio::time::timeout(PATIENCE, super::$case(Bed::file())).await.unwrap();
                }
            )+
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn postgres_keeps_the_same() {
            let cluster = match Cluster::start() {
                Ok(cluster) => cluster,
                Err(why) => {
                    // Past the test's captured output: it must be seen.
                    writeln!(std::io::stderr(), "not run: PostgreSQL: {why}").unwrap();
                    return;
                }
            };
            $(
                eprintln!("on PostgreSQL: {}", stringify!($case));
                tokio::time::timeout(PATIENCE, $case(cluster.bed(stringify!($case)).await)).await.unwrap();
            )+
        }
    };
}

suite! {
    sessions_belong_to_their_owner,
    a_turn_is_kept_with_all_that_it_does,
    a_turn_is_never_overwritten,
    a_segment_keeps_its_versions,
    a_deleted_segment_comes_back,
    exports_are_followed_to_their_end,
    feedback_notices_keys_and_answers_are_kept,
    a_catalog_is_new_once,
    the_audit_shows_what_was_tampered_with,
    a_later_schema_is_refused,
    erasing_by_age_keeps_the_audit,
    text_of_any_kind_is_kept,
    what_was_acknowledged_is_there_again,
    two_hundred_conversations_at_once,
    servers_share_a_store,
    a_caller_that_goes_away_tears_nothing,
}

pub(super) fn entry(action: &str, subject: &str) -> AuditEntry {
    AuditEntry { actor: "lee".into(), action: action.into(), subject: subject.into(), detail_json: "{}".into() }
}

pub(super) fn session(id: &str, owner: &str, at: i64) -> SessionRow {
    SessionRow { id: id.into(), owner: owner.into(), created: at, updated: at, ..SessionRow::default() }
}

pub(super) fn turn(session: &str, turn: u32) -> TurnWrite {
    TurnWrite {
        session: session.into(),
        turn,
        node: format!("{{\"node\":{turn}}}"),
        answer: format!("{{\"answer\":\"{session}/{turn}\"}}"),
        at: 1_000 + i64::from(turn),
        audit: vec![entry("ask", session)],
        ..TurnWrite::default()
    }
}

fn segment(id: &str, owner: &str, name: &str) -> SegmentWrite {
    SegmentWrite {
        id: id.into(),
        owner: owner.into(),
        name: name.into(),
        folded_name: name.to_lowercase(),
        segment_json: "{}".into(),
        text: "true".into(),
        catalog: "c1".into(),
        data: "d1".into(),
        at: 5,
        count: Some(7),
        ..SegmentWrite::default()
    }
}

fn names(segments: &[waggle::store::SegmentRow]) -> Vec<&str> {
    segments.iter().map(|s| s.id.as_str()).collect()
}

async fn sessions_belong_to_their_owner(bed: Bed) {
    let store = bed.open().await;
    store.check().await.unwrap();
    for (id, owner, at) in [("a", "kim", 1), ("b", "kim", 3), ("c", "lee", 2), ("d", "kim", 2)] {
        store.create_session(session(id, owner, at), Vec::new()).await.unwrap();
    }
    let ids = |rows: Vec<SessionRow>| rows.into_iter().map(|s| s.id).collect::<Vec<_>>();
    assert_eq!(ids(store.sessions("kim", 10, None).await.unwrap()), ["b", "d", "a"]);
    assert_eq!(ids(store.sessions("kim", 1, Some(3)).await.unwrap()), ["d"]);
    assert!(matches!(
        store.create_session(session("a", "lee", 9), Vec::new()).await,
        Err(StoreError::Conflict { what: "session" })
    ));
    assert_eq!(store.session("a").await.unwrap(), Some(session("a", "kim", 1)));

    store.rename_session("a", Some("강남 아이폰")).await.unwrap();
    assert_eq!(store.session("a").await.unwrap().unwrap().title.as_deref(), Some("강남 아이폰"));
    store.delete_session("a", vec![entry("session.delete", "a")]).await.unwrap();
    assert_eq!(store.session("a").await.unwrap(), None);
    assert!(matches!(store.delete_session("a", Vec::new()).await, Err(StoreError::NotFound { what: "session" })));
    assert_eq!(store.audit_page(0, 10).await.unwrap()[0].action, "session.delete");
}

async fn a_turn_is_kept_with_all_that_it_does(bed: Bed) {
    let store = bed.open().await;
    store.create_session(session("s", "lee", 1), Vec::new()).await.unwrap();
    let first = TurnWrite {
        title: Some("title".into()),
        idempotent: Some(Idempotent { key: "k".into(), request_hash: "h".into() }),
        usage: vec![("age".into(), "profile".into()), ("app".into(), "usage".into())],
        segments: vec![SegmentWrite { session: Some("s".into()), turn: Some(1), ..segment("g", "lee", "VIP") }],
        ..turn("s", 1)
    };
    let saved = store.add_turn(first).await.unwrap();
    assert_eq!((saved[0].id.as_str(), saved[0].version), ("g", 1));
    store.add_turn(TurnWrite { usage: vec![("app".into(), "usage".into())], ..turn("s", 2) }).await.unwrap();

    let kept = store.session("s").await.unwrap().unwrap();
    assert_eq!((kept.head, kept.updated, kept.title.as_deref()), (2, 1_002, Some("title")));
    let turns = store.turns("s").await.unwrap();
    assert_eq!(turns.iter().map(|t| t.turn).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((turns[0].node.as_str(), turns[0].at), ("{\"node\":1}", 1_001));
    let replay = store.replay("s", "k").await.unwrap().unwrap();
    assert_eq!((replay.request_hash.as_str(), replay.turn, replay.answer.as_str()), ("h", 1, turns[0].answer.as_str()));
    assert_eq!(store.replay("s", "other").await.unwrap(), None);
    let usage = store.usage().await.unwrap();
    assert_eq!(usage, [("usage".into(), "app".into(), 2), ("profile".into(), "age".into(), 1)]);
    assert_eq!(store.segment_versions("g").await.unwrap()[0].turn, Some(1));
    let verdict = store.verify_audit(|_, _| {}).await.unwrap();
    assert_eq!((verdict.entries, verdict.broken), (2, None));
}

async fn a_turn_is_never_overwritten(bed: Bed) {
    let store = bed.open().await;
    store.create_session(session("s", "lee", 1), Vec::new()).await.unwrap();
    let key = Some(Idempotent { key: "k".into(), request_hash: "h".into() });
    store.add_turn(TurnWrite { idempotent: key.clone(), ..turn("s", 1) }).await.unwrap();

    let other = TurnWrite {
        answer: "other".into(),
        title: Some("other".into()),
        usage: vec![("age".into(), "profile".into())],
        segments: vec![segment("g", "lee", "VIP")],
        ..turn("s", 1)
    };
    assert!(matches!(store.add_turn(other).await, Err(StoreError::Conflict { what: "turn" })));
    let repeated = TurnWrite { idempotent: key, ..turn("s", 2) };
    assert!(matches!(store.add_turn(repeated).await, Err(StoreError::Conflict { what: "key" })));
    assert!(matches!(store.add_turn(turn("none", 1)).await, Err(StoreError::NotFound { what: "session" })));

    let kept = store.session("s").await.unwrap().unwrap();
    assert_eq!((kept.head, kept.title), (1, None));
    assert_eq!(store.turns("s").await.unwrap().len(), 1);
    assert_ne!(store.turns("s").await.unwrap()[0].answer, "other");
    assert!(store.usage().await.unwrap().is_empty());
    assert_eq!(store.segment("g").await.unwrap(), None);
    assert_eq!(store.audit_page(0, 10).await.unwrap().len(), 1);
}

async fn a_segment_keeps_its_versions(bed: Bed) {
    let store = bed.open().await;
    let save = |write: SegmentWrite| store.save_segment(write, vec![entry("segment.save", "g")]);
    let first = SegmentWrite { description: Some("사는 사람".into()), ..segment("g", "lee", "VIP") };
    assert_eq!(save(first).await.unwrap().version, 1);
    let second = SegmentWrite { text: "false".into(), at: 6, count: None, ..segment("unused", "lee", "vip") };
    let saved = save(second).await.unwrap();
    assert_eq!((saved.id.as_str(), saved.version), ("g", 2));
    assert_eq!(save(segment("h", "kim", "VIP")).await.unwrap().id, "h", "another owner's name is another segment");

    let row = store.segment("g").await.unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.description.as_str(), row.version, row.updated), ("vip", "사는 사람", 2, 6));
    let versions = store.segment_versions("g").await.unwrap();
    assert_eq!(versions.iter().map(|v| v.text.as_str()).collect::<Vec<_>>(), ["true", "false"]);
    let later =
        CountPoint { segment: "g".into(), version: 2, at: 9, data: "d2".into(), catalog: "c1".into(), count: Some(12) };
    store.add_count(later.clone(), Vec::new()).await.unwrap();
    let counts = store.counts("g").await.unwrap();
    assert_eq!(counts.iter().map(|c| c.count).collect::<Vec<_>>(), [Some(7), None, Some(12)]);
    let nowhere = CountPoint { version: 9, ..later };
    assert!(matches!(store.add_count(nowhere, Vec::new()).await, Err(StoreError::NotFound { what: "segment" })));

    save(segment("i", "lee", "New")).await.unwrap();
    let mut renamed = store.segment("i").await.unwrap().unwrap();
    (renamed.name, renamed.folded_name) = ("Vip".into(), "vip".into());
    let refused = store.update_segment(renamed.clone(), Vec::new()).await;
    assert!(matches!(refused, Err(StoreError::Conflict { what: "segment" })));
    (renamed.name, renamed.folded_name, renamed.public) = ("Other".into(), "other".into(), true);
    store.update_segment(renamed.clone(), Vec::new()).await.unwrap();
    assert_eq!(store.segment_named("lee", "other").await.unwrap(), Some(renamed));
    assert_eq!(names(&store.segments("kim", false).await.unwrap()), ["h", "i"], "own ones and public ones");
    assert!(names(&store.segments("nobody", true).await.unwrap()).eq(&["i"]));
}

async fn a_deleted_segment_comes_back(bed: Bed) {
    let store = bed.open().await;
    store.save_segment(segment("g", "lee", "VIP"), Vec::new()).await.unwrap();
    store.set_deleted("g", Some(8), vec![entry("segment.delete", "g")]).await.unwrap();
    assert_eq!(store.segment("g").await.unwrap().unwrap().deleted, Some(8));
    assert_eq!(store.segment_named("lee", "vip").await.unwrap(), None);
    assert!(store.segments("lee", false).await.unwrap().is_empty());
    assert_eq!(names(&store.segments("lee", true).await.unwrap()), ["g"]);
    assert!(store.segments("kim", true).await.unwrap().is_empty());

    // Its name is free meanwhile; then it cannot come back under it.
    store.save_segment(segment("h", "lee", "VIP"), Vec::new()).await.unwrap();
    assert!(matches!(store.set_deleted("g", None, Vec::new()).await, Err(StoreError::Conflict { what: "segment" })));
    store.set_deleted("h", Some(9), Vec::new()).await.unwrap();
    store.set_deleted("g", None, Vec::new()).await.unwrap();
    assert_eq!(names(&store.segments("lee", false).await.unwrap()), ["g"]);
    assert_eq!(store.segment_versions("g").await.unwrap().len(), 1);
    assert!(matches!(store.set_deleted("none", None, Vec::new()).await, Err(StoreError::NotFound { .. })));
}

async fn exports_are_followed_to_their_end(bed: Bed) {
    let store = bed.open().await;
    let ordered = |id: &str, at: i64| ExportRow {
        id: id.into(),
        owner: "lee".into(),
        request_json: "{}".into(),
        state: "running".into(),
        created: at,
        ..ExportRow::default()
    };
    for (id, at) in [("a", 1), ("b", 2)] {
        store.insert_export(ordered(id, at), vec![entry("export.order", id)]).await.unwrap();
    }
    let mut job = store.export("a").await.unwrap().unwrap();
    (job.done_rows, job.total_rows) = (500, Some(3_000_000_000));
    store.update_export(job.clone(), Vec::new()).await.unwrap();
    assert_eq!(store.export("a").await.unwrap(), Some(job.clone()));
    job.state = "done".into();
    (job.files_json, job.manifest_json) = (Some("[]".into()), Some("{}".into()));
    (job.finished, job.expires) = (Some(10), Some(20));
    store.update_export(job.clone(), vec![entry("export.done", "a")]).await.unwrap();

    let ids = |rows: Vec<ExportRow>| rows.into_iter().map(|e| e.id).collect::<Vec<_>>();
    assert_eq!(ids(store.exports("lee", 10).await.unwrap()), ["b", "a"]);
    assert_eq!(ids(store.unfinished_exports().await.unwrap()), ["b"]);
    assert!(store.expired_exports(19).await.unwrap().is_empty());
    assert_eq!(ids(store.expired_exports(20).await.unwrap()), ["a"]);
    job.files_json = None;
    store.update_export(job, Vec::new()).await.unwrap();
    assert!(store.expired_exports(20).await.unwrap().is_empty(), "its files are gone already");
    assert_eq!(ids(store.erase_exports_older_than(100).await.unwrap()), ["a"], "what runs is not erased");
    assert_eq!(store.export("a").await.unwrap(), None);
    assert_eq!(store.audit_page(3, 10).await.unwrap()[0].action, "export.erase");
}

async fn feedback_notices_keys_and_answers_are_kept(bed: Bed) {
    let store = bed.open().await;
    let feedback = FeedbackRow {
        id: "f".into(),
        owner: "lee".into(),
        session: "s".into(),
        turn: 2,
        verdict: "wrong".into(),
        expected: Some("30대".into()),
        text: "20대".into(),
        at: 4,
        ..FeedbackRow::default()
    };
    store.insert_feedback(feedback.clone(), vec![entry("feedback", "f")]).await.unwrap();
    let kept = FeedbackRow { state: "candidate".into(), ..feedback };
    assert_eq!(store.feedback(10).await.unwrap(), [kept]);

    let notice = |id: &str, at: i64| NoticeRow { id: id.into(), at, kind: "new".into(), ..NoticeRow::default() };
    store.add_notices(vec![notice("a", 1), notice("b", 2)]).await.unwrap();
    assert_eq!(store.notices(10, None).await.unwrap(), [notice("b", 2), notice("a", 1)]);
    assert_eq!(store.notices(10, Some(2)).await.unwrap(), [notice("b", 2)]);

    let key = KeyRow { id: "k".into(), hash: "abc".into(), role: "analyst".into(), created: 1, ..KeyRow::default() };
    store.insert_key(key.clone(), Vec::new()).await.unwrap();
    let twin = KeyRow { id: "l".into(), ..key.clone() };
    assert!(matches!(store.insert_key(twin, Vec::new()).await, Err(StoreError::Conflict { what: "key" })));
    assert_eq!(store.key_by_hash("abc").await.unwrap(), Some(key.clone()));
    assert_eq!(store.key_by_hash("abd").await.unwrap(), None);
    store.touch_key(&key, 100).await.unwrap();
    store.touch_key(&store.keys().await.unwrap()[0], 200).await.unwrap();
    assert_eq!(store.keys().await.unwrap()[0].last_used, Some(100), "to the minute");
    store.revoke_key("k", 300, vec![entry("key.revoke", "k")]).await.unwrap();
    store.revoke_key("k", 400, Vec::new()).await.unwrap();
    assert_eq!(store.key_by_hash("abc").await.unwrap().unwrap().revoked, Some(300));

    let told = |caller: &str, at: i64| AnswerRow {
        caller: caller.into(),
        at,
        kind: "count".into(),
        key: format!("age > {at}"),
        count: at * 10,
    };
    for answer in [told("lee", 1), told("lee", 2), told("kim", 3), told("lee", 4)] {
        store.add_answer(answer).await.unwrap();
    }
    assert_eq!(store.recent_answers("lee", 2).await.unwrap(), [told("lee", 4), told("lee", 2)]);
    assert_eq!(store.forget_answers_before(3).await.unwrap(), 2);
    assert_eq!(store.recent_answers("lee", 9).await.unwrap(), [told("lee", 4)]);
}

async fn a_catalog_is_new_once(bed: Bed) {
    let store = bed.open().await;
    assert_eq!(store.remember_catalog("1", "one", 10).await.unwrap(), None, "the first has none before it");
    assert_eq!(store.remember_catalog("1", "one", 11).await.unwrap(), None, "nothing changed");
    assert_eq!(store.remember_catalog("2", "two", 5).await.unwrap().as_deref(), Some("one"), "whatever the clock says");
    assert_eq!(store.remember_catalog("1", "one", 20).await.unwrap().as_deref(), Some("two"), "back again");
    let versions: Vec<_> = store.catalogs().await.unwrap().into_iter().map(|c| c.version).collect();
    assert_eq!(versions, ["1", "2"]);
}

async fn broken(store: &Store) -> Option<(i64, AuditFault)> {
    store.verify_audit(|_, _| {}).await.unwrap().broken.map(|b| (b.seq, b.why))
}

async fn the_audit_shows_what_was_tampered_with(bed: Bed) {
    let store = bed.open().await;
    assert_eq!(broken(&store).await, None);
    for n in 1..=5 {
        store.append_audit(vec![entry("ask", &n.to_string())]).await.unwrap();
    }
    let mut seen = Vec::new();
    let verdict = store.verify_audit(|done, of| seen.push((done, of))).await.unwrap();
    assert_eq!((verdict.entries, verdict.holds(), seen.last()), (5, true, Some(&(5, 5))));
    assert_eq!(verdict.head, store.audit_page(4, 1).await.unwrap()[0].hash);

    for refused in ["UPDATE audit SET actor = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2"] {
        let error = bed.tamper(refused).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{refused}: {error}");
    }
    // Who owns the database can take the triggers away.
    let off = if bed.is_file() {
        "DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_forgets; DROP TRIGGER audit_never_replaces"
    } else {
        "DROP TRIGGER audit_never_changes ON audit; DROP TRIGGER audit_never_forgets ON audit"
    };
    bed.tamper(off).await.unwrap();
    for (change, back, fault) in [
        (
            "UPDATE audit SET actor = 'kim' WHERE seq = 2",
            "UPDATE audit SET actor = 'lee' WHERE seq = 2",
            (2, AuditFault::Changed),
        ),
        (
            "UPDATE audit SET at = at + 1 WHERE seq = 1",
            "UPDATE audit SET at = at - 1 WHERE seq = 1",
            (1, AuditFault::Changed),
        ),
        ("UPDATE audit SET seq = 9 WHERE seq = 3", "UPDATE audit SET seq = 3 WHERE seq = 9", (3, AuditFault::Missing)),
        ("UPDATE audit SET seq = 0 WHERE seq = 5", "UPDATE audit SET seq = 5 WHERE seq = 0", (5, AuditFault::Missing)),
        (
            "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3)",
            "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)",
            (4, AuditFault::WrongEnd),
        ),
        (
            "UPDATE audit_head SET hash = 'x'",
            "UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE seq = 5)",
            (5, AuditFault::WrongEnd),
        ),
    ] {
        bed.tamper(change).await.unwrap();
        assert_eq!(broken(&store).await, Some(fault), "{change}");
        bed.tamper(back).await.unwrap();
        assert_eq!(broken(&store).await, None, "{back}");
    }
}

async fn a_later_schema_is_refused(bed: Bed) {
    bed.open().await.close().await;
    bed.open().await.close().await;
    bed.tamper("INSERT INTO schema_version (version, at) VALUES (999, 0)").await.unwrap();
    match Store::open(&bed.address).await {
        Err(StoreError::LaterVersion { found: 999, known: SCHEMA_VERSION }) => {}
        other => panic!("{other:?}"),
    }
}

async fn erasing_by_age_keeps_the_audit(bed: Bed) {
    let store = bed.open().await;
    for n in 0..5 {
        let id = format!("s{n}");
        store.create_session(session(&id, "lee", 1), Vec::new()).await.unwrap();
        store.add_turn(TurnWrite { at: n * 100, ..turn(&id, 1) }).await.unwrap();
    }
    assert_eq!(store.session_ids_older_than(300).await.unwrap(), ["s0", "s1", "s2"]);
    assert_eq!(store.erase_sessions_older_than(300).await.unwrap(), 3);
    assert!(store.session("s2").await.unwrap().is_none() && store.turns("s2").await.unwrap().is_empty());
    assert_eq!(store.turns("s3").await.unwrap().len(), 1);
    let audit = store.audit_page(0, 100).await.unwrap();
    let of = |action: &str| audit.iter().filter(|e| e.action == action).count();
    assert_eq!((of("ask"), of("session.erase")), (5, 3));
    assert_eq!(broken(&store).await, None);
}

async fn text_of_any_kind_is_kept(bed: Bed) {
    let store = bed.open().await;
    let text = "'; DROP TABLE turns; -- $1 ? 한글 🐝 \u{FFFF} \"\\";
    store.create_session(session("s", "lee", 1), Vec::new()).await.unwrap();
    let odd = TurnWrite { answer: text.into(), audit: vec![entry("ask\0", text)], ..turn("s", 1) };
    store.add_turn(odd).await.unwrap();
    assert_eq!(store.turns("s").await.unwrap()[0].answer, text);
    assert_eq!(store.session("s\0").await.unwrap(), None);
    store.rename_session("s", Some("a\0b")).await.unwrap();
    assert_eq!(store.session("s").await.unwrap().unwrap().title.as_deref(), Some("a\u{FFFD}b"));
    assert_eq!(broken(&store).await, None);
}

async fn what_was_acknowledged_is_there_again(bed: Bed) {
    let store = bed.open().await;
    store.create_session(session("s", "lee", 1), Vec::new()).await.unwrap();
    store.add_turn(turn("s", 1)).await.unwrap();
    store.close().await;
    assert!(matches!(store.add_turn(turn("s", 2)).await, Err(StoreError::Closed)));
    assert!(store.check().await.is_err());
    let again = bed.open().await;
    assert_eq!(again.turns("s").await.unwrap().len(), 1);
    again.add_turn(turn("s", 2)).await.unwrap();
    assert_eq!(broken(&again).await, None);
    if !bed.is_file() {
        assert!(matches!(again.backup(std::path::Path::new("/nowhere")).await, Err(StoreError::UseDatabaseTools)));
        assert!(!again.address().contains("user="));
    }
}
