//! Whole turns, from words to an answer, over a small data set that the generator made.

use std::sync::LazyLock;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use waggle::answer::{Answer, Status};
use waggle::app::{App, AppConfig, AskOptions, MAX_REQUEST_BYTES};
use waggle::catalog::Locale;
use waggle::engine::EngineConfig;
use waggle::generate::{Shapes, run};
use waggle::session::Session;

const LINES: u64 = 5_000;

struct World {
    app: App,
    runtime: Runtime,
    _dir: TempDir,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let dir = TempDir::new().unwrap();
    run(&Shapes::builtin().unwrap(), LINES, 3, dir.path(), &|_| ()).unwrap();
    let mut config = AppConfig::new(dir.path().to_owned());
    config.engine = EngineConfig { threads: 2, ..EngineConfig::default() };
    let app = App::open(config).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    World { app, runtime, _dir: dir }
});

/// A conversation with every group shown.
struct Talk(Session, AskOptions);

impl Talk {
    fn new() -> Self {
        Self(Session::new("t", Locale::Ko), AskOptions { min_group: Some(0), ..AskOptions::default() })
    }

    fn ask(&mut self, text: &str) -> Answer {
        WORLD.runtime.block_on(WORLD.app.ask(&mut self.0, text, &self.1))
    }

    /// The count of an answer that must have one.
    fn count(&mut self, text: &str) -> u64 {
        let answer = self.ask(text);
        assert_eq!(answer.status, Status::Answered, "{text}: {}", answer.reply);
        answer.count.unwrap()
    }
}

#[test]
fn a_request_and_its_follow_up() {
    let mut talk = Talk::new();
    let first = talk.ask("강남 거주 아이폰 사용자 연령별 통계 뽑아줘");
    assert_eq!(first.status, Status::Answered, "{}", first.reply);
    let rows = first.breakdown.unwrap().rows;
    assert_eq!(rows.iter().map(|g| g.count).sum::<u64>(), first.count.unwrap());
    assert_eq!((first.turn, first.locale, first.translator.as_str()), (1, Locale::Ko, "builtin"));
    assert!(first.sql.unwrap().contains("GROUP BY"));
    let second = talk.ask("이 중 넷플릭스 보는 사람 뽑아줘");
    assert_eq!(second.status, Status::Answered, "{}", second.reply);
    assert!(second.count.unwrap() <= first.count.unwrap());
    assert_eq!(second.reading.len(), 3, "{:?}", second.reading);
    assert!(second.breakdown.is_none(), "a breakdown is for its turn only");
}

#[test]
fn a_question_about_the_segment_counts_the_same_and_undo_counts_the_one_before() {
    let mut talk = Talk::new();
    let women = talk.count("여성 고객 뽑아줘");
    let young = talk.count("이 중 30대만");
    assert!(young < women);
    assert_eq!(talk.count("성별로 나눠줘"), young);
    assert_eq!(talk.count("되돌려줘"), women);
    assert_eq!(talk.0.nodes().len(), 4);
}

#[test]
fn the_language_follows_the_request_and_can_be_set() {
    let mut talk = Talk::new();
    assert_eq!(talk.ask("show me women in their 30s").locale, Locale::En);
    assert_eq!(talk.ask("여성 고객 보여줘").locale, Locale::Ko);
    talk.1.locale = Some(Locale::En);
    assert!(talk.ask("여성 고객 보여줘").reply.is_ascii());
}

#[test]
fn saving_loading_and_comparing() {
    let mut talk = Talk::new();
    let women = talk.count("여성 고객 뽑아줘");
    let saved = talk.ask("이걸 '여성'으로 저장해줘");
    let done = saved.action.unwrap();
    assert_eq!((done.kind.as_str(), done.name.as_deref()), ("save", Some("여성")), "{}", saved.reply);
    let young = talk.count("30대 고객 뽑아줘");
    let compared = talk.ask("'여성'이랑 비교해줘");
    let result = compared.action.as_ref().and_then(|a| a.result.clone()).unwrap();
    assert_eq!((result["count"].as_u64(), result["other"].as_u64()), (Some(young), Some(women)), "{}", compared.reply);
    let both = result["both"].as_u64().unwrap();
    assert_eq!(result["only_this"].as_u64(), Some(young - both));
    let loaded = talk.ask("'여성' 불러와줘");
    assert_eq!(loaded.count, Some(women), "{}", loaded.reply);
}

#[test]
fn what_cannot_be_read_is_answered_and_is_no_turn() {
    let mut talk = Talk::new();
    assert_eq!(talk.ask("   ").status, Status::Clarify);
    let long = "가".repeat(MAX_REQUEST_BYTES);
    assert_eq!(talk.ask(&long).status, Status::Refused);
    assert!(talk.0.nodes().is_empty());
    for odd in ["🙂🙂🙂", "\u{202e}\u{0}", "'; DROP TABLE customers; --", "((((((((((", "x".repeat(8000).as_str()]
    {
        let answer = talk.ask(odd);
        assert!(!answer.reply.is_empty() && answer.status != Status::Error, "{odd}: {}", answer.reply);
    }
}

#[test]
fn small_segments_are_hidden_by_default() {
    let mut talk = Talk::new();
    talk.1.min_group = None;
    let all = talk.ask("전체 고객 몇 명이야?");
    assert_eq!(all.count, all.population, "{}", all.reply);
    let districts = talk.ask("시군구별로 보여줘").breakdown.unwrap();
    assert!(districts.rows.iter().all(|g| g.count == 0 || g.count >= 5));
}

#[test]
fn suggestions_are_understood() {
    for first in ["여성 고객 뽑아줘", "show me customers in their 30s"] {
        let mut talk = Talk::new();
        let mut suggested = talk.ask(first).suggestions;
        suggested.extend(talk.ask("이 중 서울 사는 사람만").suggestions);
        for next in suggested {
            let answer = talk.ask(&next);
            assert!(answer.status == Status::Answered && answer.unmatched.is_empty(), "{next}: {}", answer.reply);
            eprintln!("{next}\n  {}", answer.reply);
        }
    }
}
