//! Answers from rows that are written out here: order of groups, what is hidden, what is said.

use std::sync::LazyLock;

use waggle::answer::{Answer, Counted, Facts, Status, grouped_by, tell};
use waggle::catalog::{Catalog, Locale, builtin};
use waggle::engine::{Cell, Rows};
use waggle::segment::{
    Act, Action, Assumption, Choice, Edit, EditOp, Expr, Func, Metric, Question, Refusal, Show, Topic, Turn, Why,
    Words, text,
};
use waggle::session::{Session, converse};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| builtin().unwrap());

fn expr(condition: &str) -> Expr {
    text::parse(condition, &CATALOG).unwrap()
}

fn turn(condition: &str) -> Turn {
    let edit = Edit { op: EditOp::Narrow, condition: expr(condition), instead_of: None, words: Words::default() };
    Turn { act: Act::New, edits: vec![edit], ..Turn::default() }
}

fn by(turn: Turn, keys: &[&str]) -> Turn {
    let breakdown = keys.iter().map(|k| (*k).to_owned()).collect();
    Turn { show: Show { breakdown, ..turn.show }, ..turn }
}

fn told_in(locale: Locale, turn: &Turn, counted: &Counted, min_group: u64) -> Answer {
    let session = Session::new("s", locale);
    let step = converse(&session, turn, &CATALOG);
    tell(&Facts {
        catalog: &CATALOG,
        locale,
        min_group,
        number: 1,
        turn,
        step: &step,
        counted: Some(counted),
        known: None,
    })
}

fn told(turn: &Turn, counted: &Counted) -> Answer {
    told_in(Locale::Ko, turn, counted, 5)
}

fn counted(count: u64) -> Counted {
    Counted { count, population: 1000, ..Counted::default() }
}

fn cell(text: &str) -> Cell {
    if text == "null" { Cell::Null } else { Cell::Text(text.to_owned()) }
}

fn groups(keys: &[&str], rows: &[(&[&str], i64)]) -> (Vec<String>, Rows) {
    let names = keys.iter().map(|k| (*k).to_owned()).collect();
    let columns = (1..=keys.len()).map(|n| format!("k{n}")).chain(["n".to_owned()]).collect();
    let row = |(key, n): &(&[&str], i64)| key.iter().map(|k| cell(k)).chain([Cell::Int(*n)]).collect();
    (names, Rows { columns, rows: rows.iter().map(row).collect() })
}

fn listed(answer: &Answer) -> Vec<(String, u64)> {
    let rows = &answer.breakdown.as_ref().unwrap().rows;
    rows.iter().map(|g| (g.key.iter().flatten().cloned().collect::<Vec<_>>().join("/"), g.count)).collect()
}

fn pairs(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
    rows.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect()
}

#[test]
fn a_count_is_said_with_its_share() {
    let answer = told(&turn("gender = 'F' AND home_sigungu = '강남구'"), &counted(123));
    assert_eq!((answer.status, answer.count, answer.population), (Status::Answered, Some(123), Some(1000)));
    assert!(answer.reply.contains("고객은 123명입니다. 전체의 12.3%입니다."), "{}", answer.reply);
    let english = told_in(Locale::En, &turn("gender = 'F'"), &counted(1234), 5);
    assert!(english.reply.starts_with("Every customer") && english.reply.contains(": 1,234."), "{}", english.reply);
    assert_eq!(answer.as_of, CATALOG.as_of.to_string());
}

#[test]
fn the_share_of_the_segment_before_is_of_a_narrowing_turn_only() {
    let narrowing = Turn { act: Act::Continue, ..turn("gender = 'F'") };
    let found = Counted { previous: Some(400), ..counted(100) };
    assert_eq!(told(&narrowing, &found).share_of_previous, Some(0.25));
    assert!(told(&narrowing, &found).reply.contains("직전 대비 25%, 전체의 10%"));
    assert_eq!(told(&turn("gender = 'F'"), &found).share_of_previous, None);
    let widened = Counted { previous: Some(50), ..counted(100) };
    assert_eq!(told(&narrowing, &widened).share_of_previous, None);
}

#[test]
fn bands_come_in_their_order_and_empty_ones_are_listed() {
    let asked = by(turn("gender = 'F'"), &["age_band"]);
    let found = Counted {
        groups: Some(groups(&["age_band"], &[(&["30대"], 60), (&["20대"], 30), (&["null"], 10)])),
        ..counted(100)
    };
    let answer = told(&asked, &found);
    let rows = listed(&answer);
    assert_eq!(rows[..4], pairs(&[("10대 미만", 0), ("10대", 0), ("20대", 30), ("30대", 60)]));
    assert_eq!(rows.last().unwrap(), &(String::new(), 10), "the missing ones last");
    assert!(answer.reply.contains("연령대별로는 30대가 60명(60%)으로 가장 많습니다."), "{}", answer.reply);
    let english = told_in(Locale::En, &asked, &found, 5);
    assert_eq!(english.breakdown.unwrap().rows[2].label, ["20s"]);
}

#[test]
fn listed_values_come_in_catalog_order_and_items_by_size() {
    let found = Counted { groups: Some(groups(&["gender"], &[(&["F"], 60), (&["M"], 40)])), ..counted(100) };
    let first = &CATALOG.field("gender").unwrap().values[0].name;
    assert_eq!(&listed(&told(&by(turn("age >= 30"), &["gender"]), &found))[0].0, first);
    let rows: &[(&[&str], i64)] = &[(&["TVING"], 30), (&["Netflix"], 70), (&["YouTube"], 70)];
    let found = Counted { groups: Some(groups(&["app_usage.app"], rows)), ..counted(100) };
    let answer = told(&by(turn("gender = 'F'"), &["app_usage.app"]), &found);
    let sizes: Vec<u64> = listed(&answer).iter().map(|g| g.1).collect();
    assert_eq!(sizes, [70, 70, 30]);
    assert!(answer.breakdown.unwrap().rows.iter().map(|g| g.share).sum::<f64>() > 1.0);
}

#[test]
fn top_gives_exactly_n_and_ties_fall_in_catalog_order() {
    let names: Vec<&str> = CATALOG.field("plan_name").unwrap().values.iter().map(|v| v.name.as_str()).collect();
    let rows: Vec<([&str; 1], i64)> = names[..6].iter().rev().map(|n| ([*n], 20)).collect();
    let rows: Vec<(&[&str], i64)> = rows.iter().map(|(k, n)| (k.as_slice(), *n)).collect();
    let mut asked = by(turn("gender = 'F'"), &["plan_name"]);
    asked.show.top = Some(3);
    let found = Counted { groups: Some(groups(&["plan_name"], &rows)), ..counted(120) };
    let top: Vec<String> = listed(&told(&asked, &found)).into_iter().map(|g| g.0).collect();
    assert_eq!(top, names[..3]);
}

#[test]
fn a_small_group_is_hidden_with_one_more() {
    let asked = by(turn("age >= 30"), &["network"]);
    let found =
        Counted { groups: Some(groups(&["network"], &[(&["5G"], 90), (&["LTE"], 7), (&["3G"], 3)])), ..counted(100) };
    let answer = told(&asked, &found);
    assert_eq!(listed(&answer), pairs(&[("5G", 90)]));
    assert_eq!(answer.breakdown.unwrap().suppressed, 2);
    let all = told_in(Locale::Ko, &asked, &found, 0);
    assert_eq!(listed(&all).len(), 3);
}

#[test]
fn a_small_segment_has_no_count_no_groups_and_no_metric() {
    let mut asked = by(turn("age >= 30"), &["network"]);
    asked.show.metric = Some(Metric::Of { func: Func::Avg, field: "monthly_fee".to_owned() });
    let found = Counted { metric: Some(Some(1.0)), groups: Some(groups(&["network"], &[(&["5G"], 3)])), ..counted(3) };
    let answer = told(&asked, &found);
    assert_eq!((answer.count, answer.count_below), (None, Some(5)));
    assert!(answer.breakdown.is_none() && answer.metrics.is_empty() && answer.share.is_none());
    assert!(answer.suggestions.contains(&"되돌려줘".to_owned()));
    let json = serde_json::to_value(&answer).unwrap();
    assert!(json.get("count").is_none_or(serde_json::Value::is_null));
    assert_eq!(told(&turn("age >= 30"), &counted(0)).count, Some(0), "zero is not small");
}

#[test]
fn metrics_are_named_and_said_with_their_unit() {
    let mut asked = turn("gender = 'F'");
    asked.show.metric = Some(Metric::Of { func: Func::Avg, field: "monthly_fee".to_owned() });
    let answer = told(&asked, &Counted { metric: Some(Some(61_234.5)), ..counted(100) });
    assert_eq!(answer.metrics[0].name, "avg(monthly_fee)");
    assert!(answer.reply.contains("월정액 평균은 61,234원입니다."), "{}", answer.reply);
    asked.show.metric = Some(Metric::Share(expr("membership_tier = 'VIP'")));
    let answer = told(&asked, &Counted { metric: Some(Some(0.02)), ..counted(100) });
    assert_eq!(answer.metrics[0].value, None, "2 of 100 is a small group");
}

#[test]
fn assumptions_and_words_left_over_are_said() {
    let mut asked = turn("age >= 30");
    asked.assumptions = vec![
        Assumption::Term { word: "자주".to_owned(), means: "days_used_30d >= 15".to_owned() },
        Assumption::Typo { word: "넷플릭슨".to_owned(), read_as: "넷플릭스".to_owned() },
    ];
    asked.unmatched = vec![Words { start: 0, end: 3, text: "혈액형".to_owned() }];
    let answer = told(&asked, &counted(100));
    assert!(answer.assumptions[0].starts_with("'자주'는 ") && answer.assumptions[0].contains("15"));
    assert!(answer.assumptions[1].starts_with("'넷플릭슨'을 '넷플릭스'로"));
    assert_eq!(answer.unmatched, ["혈액형"]);
    assert!(answer.reply.contains("'혈액형'은"));
}

#[test]
fn questions_have_numbered_options() {
    let choice = |ko: &str, en: &str| Choice { label: [ko.to_owned(), en.to_owned()], words: vec![], edits: vec![] };
    let question = Question {
        words: Words { start: 0, end: 6, text: "중구".to_owned() },
        why: Why::SharedName,
        choices: vec![choice("서울 중구", "Jung-gu, Seoul"), choice("부산 중구", "Jung-gu, Busan")],
    };
    let asked = Turn { question: Some(question), ..Turn::default() };
    let answer = told(&asked, &counted(0));
    assert_eq!(answer.status, Status::Clarify);
    assert_eq!(answer.options, ["서울 중구", "부산 중구"]);
    assert!(answer.reply.ends_with(" 1) 서울 중구 2) 부산 중구"), "{}", answer.reply);
    assert!(answer.count.is_none() && answer.question.is_some());
    let unnamed = Turn { action: Some(Action::Save { name: None }), ..Turn::default() };
    assert_eq!(told(&unnamed, &counted(0)).question.unwrap(), "어떤 이름으로 저장할까요?");
}

#[test]
fn refusals_each_have_a_reason_and_a_way_on() {
    for locale in [Locale::Ko, Locale::En] {
        let reply = |refused| {
            let asked = Turn { act: Act::Refuse, refused: Some(refused), ..Turn::default() };
            let answer = told_in(locale, &asked, &counted(0), 5);
            assert_eq!(answer.status, Status::Refused);
            answer.reply
        };
        let all = [Refusal::Personal, Refusal::Population, Refusal::Write, Refusal::System].map(reply);
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one));
        }
    }
}

#[test]
fn every_topic_is_explained_in_both_languages() {
    let topics = [
        Topic::Term { name: CATALOG.glossary[0].name.clone() },
        Topic::Field { dataset: "customers".to_owned(), field: "monthly_fee".to_owned() },
        Topic::Dataset { name: "app_usage".to_owned() },
        Topic::Category { name: "mno".to_owned() },
        Topic::Data,
        Topic::Segment,
        Topic::Everything,
    ];
    for locale in [Locale::Ko, Locale::En] {
        for topic in &topics {
            let asked = Turn { act: Act::About, topics: vec![topic.clone()], ..Turn::default() };
            let answer = told_in(locale, &asked, &counted(0), 5);
            assert_eq!(answer.status, Status::About);
            assert!(answer.reply.chars().count() > 10, "{topic:?}: {}", answer.reply);
        }
    }
    let data = Turn { act: Act::About, topics: vec![Topic::Data], ..Turn::default() };
    assert!(told(&data, &counted(0)).reply.contains(&CATALOG.as_of.to_string()));
}

#[test]
fn a_district_is_grouped_with_its_province_where_there_are_several() {
    let grouped = |name: &str, condition: &str| grouped_by(&[name.to_owned()], &expr(condition), None, &CATALOG);
    assert_eq!(grouped("home_sigungu", "gender = 'F'"), ["home_sido", "home_sigungu"]);
    assert_eq!(grouped("home_sigungu", "home_sido = '서울특별시' AND gender = 'F'"), ["home_sigungu"]);
    assert_eq!(grouped("home_sigungu", "home_sigungu = '강남구'"), ["home_sigungu"]);
    assert_eq!(grouped("home_sigungu", "home_sido IN ('서울특별시', '부산광역시')"), ["home_sido", "home_sigungu"]);
    assert_eq!(grouped("visits.sigungu", "gender = 'F'"), ["visits.sido", "visits.sigungu"]);
    assert_eq!(grouped("device_series", "gender = 'F'"), ["device_series"]);
    assert_eq!(grouped("age_band", "gender = 'F'"), ["age_band"]);
}

#[test]
fn suggestions_leave_out_what_is_restricted_or_shown() {
    let answer = told(&by(turn("gender = 'F' AND age >= 30"), &["network"]), &counted(100));
    assert!((2..=3).contains(&answer.suggestions.len()), "{:?}", answer.suggestions);
    let all = answer.suggestions.join(" ");
    assert!(!all.contains("성별") && !all.contains("연령"), "{all}");
}
