//! A rule on rows holds at every door: what its caller is told is what somebody who sees all is told of those rows.

use serde_json::{Value, json};

use super::{BUSAN, House, Who};
use crate::support::mcp;

const HERE: &str = "home_sido = '부산광역시'";
const ELSEWHERE: &str = "home_sido = '서울특별시'";

/// How many the SQL of somebody who sees all counts.
fn count(free: &Who<'_>, condition: &str) -> u64 {
    free.sql(&format!("SELECT count(*) FROM customers WHERE {condition}"))[0][0].as_u64().unwrap()
}

/// The groups of an answer that have somebody.
fn peopled(answer: &Value) -> usize {
    let rows = answer["breakdown"]["rows"].as_array().unwrap_or_else(|| panic!("{answer}"));
    rows.iter().filter(|row| row["count"] != 0).count()
}

impl Who<'_> {
    fn tool(&self, tool: &str, arguments: &Value) -> Value {
        mcp::given(&self.house.service, tool, arguments, &[("authorization", &format!("Bearer {}", self.key))])
    }

    /// What is said through the chat API of `OpenAI`.
    fn complete(&self, text: &str) -> Value {
        let body = json!({ "messages": [{ "role": "user", "content": text }] });
        let (status, completion) = self.post("/v1/chat/completions", &body);
        assert_eq!(status, 200, "{completion}");
        completion["waggle"].clone()
    }
}

#[test]
fn assistants_see_the_rows_of_their_caller() {
    let house = House::open();
    let (free, bound) = (house.key("all", "admin", &[]), house.key("busan", "analyst", &[BUSAN]));
    let here = count(&free, HERE);
    let women = count(&free, &format!("{HERE} AND gender = 'F'"));
    assert!(0 < women && women < count(&free, "gender = 'F'"));

    let all = bound.tool("ask", &json!({ "text": "전체 고객 지역별로" }));
    assert_eq!((&all["count"], &all["population"], peopled(&all)), (&json!(here), &json!(here), 1), "{all}");
    let session = &all["session"];
    let narrowed = bound.tool("refine", &json!({ "session": session, "text": "이 중 여성만" }));
    assert_eq!(narrowed["count"], json!(women), "{narrowed}");
    assert_eq!(free.tool("ask", &json!({ "text": "부산 사는 여성" }))["count"], json!(women));
    let grouped = bound.tool("break_down", &json!({ "session": session, "by": ["home_sido"] }));
    assert_eq!((&grouped["count"], peopled(&grouped)), (&json!(women), 1), "{grouped}");
    for of in [json!({ "session": session }), json!({ "segment": "gender = 'F'" }), json!({ "segment": ELSEWHERE })] {
        let sql = bound.tool("preview_sql", &of)["sql"].as_str().unwrap().to_owned();
        assert!(sql.contains("부산광역시"), "{of}: {sql}");
    }
    for of in [json!({ "session": session, "name": "하나" }), json!({ "segment": "gender = 'F'", "name": "둘" })] {
        assert_eq!(bound.tool("save_segment", &of)["count"], json!(women), "{of}");
    }
    let edit = json!({ "op": "narrow", "condition": ELSEWHERE });
    assert_eq!(bound.tool("refine", &json!({ "session": session, "edit": edit }))["count"], 0);
    assert_eq!(bound.tool("ask", &json!({ "text": "서울 사는 사람" }))["count"], 0);
}

#[test]
fn assistants_do_not_find_sessions_of_others() {
    let house = House::open();
    let (free, bound) = (house.key("all", "admin", &[]), house.key("busan", "analyst", &[BUSAN]));
    let session = free.session();
    free.say(&session, "여성 고객");
    let bearer = format!("Bearer {}", bound.key);
    let calls = [
        ("ask", json!({ "session": session, "text": "이 중 20대" })),
        ("refine", json!({ "session": session, "text": "이 중 20대" })),
        ("break_down", json!({ "session": session, "by": ["gender"] })),
        ("preview_sql", json!({ "session": session })),
        ("save_segment", json!({ "session": session, "name": "남의 것" })),
    ];
    for (tool, arguments) in calls {
        let result = mcp::call(&house.service, tool, &arguments, &[("authorization", &bearer)]);
        let told = result["content"][0]["text"].as_str().unwrap_or_default();
        assert!(result["isError"] == json!(true) && told.contains("no session"), "{tool}: {result}");
    }
    assert_eq!(free.get(&format!("/v1/sessions/{session}")).1["turns"], 1);
}

#[test]
fn a_chat_client_sees_the_rows_of_its_caller() {
    let house = House::open();
    let (free, bound) = (house.key("all", "admin", &[]), house.key("busan", "analyst", &[BUSAN]));
    let women = count(&free, &format!("{HERE} AND gender = 'F'"));
    assert_eq!(bound.complete("여성 고객")["count"], json!(women));
    assert_eq!(bound.complete("서울 사는 사람")["count"], 0);
    let all = bound.complete("전체 고객 지역별로");
    assert_eq!((&all["count"], peopled(&all)), (&json!(count(&free, HERE)), 1), "{all}");
}

#[test]
fn segments_of_those_who_see_all_are_counted_within_the_rows() {
    let house = House::open();
    let (free, bound) = (house.key("all", "admin", &[]), house.key("busan", "analyst", &[BUSAN]));
    free.save("VIP", "gender = 'F'", true);
    free.save("서울사람", ELSEWHERE, true);
    // Combined by name.
    let (mine, all) = (bound.session(), free.session());
    let words = "VIP 세그먼트에서 지난달 발송 고객 빼줘";
    let within = bound.say(&mine, words);
    let without = free.say(&all, words);
    assert!(without["count"].as_u64() > within["count"].as_u64(), "{within}");
    assert_eq!(within["count"], free.say(&all, "이 중 부산 사는 사람")["count"]);
    // Loaded by name.
    assert_eq!(bound.say(&bound.session(), "'서울사람' 불러와줘")["count"], 0);
}

#[test]
fn both_parts_of_an_export_stay_within_the_rows() {
    let house = House::open();
    let (free, bound) = (house.key("all", "admin", &[]), house.key("busan", "analyst", &[BUSAN]));
    let women = count(&free, &format!("{HERE} AND gender = 'F'"));
    let public = free.save("여성", "gender = 'F'", true);
    let order = json!({ "columns": ["home_sido"], "hold_out": { "percent": 30, "seed": 7 } });
    let path = format!("/v1/segments/{}/exports", public["id"].as_str().unwrap());
    let (status, started) = bound.post(&path, &order);
    assert_eq!(status, 202, "{started}");
    let url = format!("/v1/exports/{}", started["id"].as_str().unwrap());
    let info = bound.done(&url);
    assert_eq!(info["state"], "done", "{info}");
    let parts = ["exported", "held_out"].map(|part| bound.file(&format!("{url}/file?part={part}")));
    let lines: Vec<&str> = parts.iter().flat_map(|part| part.lines().skip(1)).collect();
    assert_eq!(lines.len() as u64, women);
    assert!(lines.iter().all(|line| line.ends_with(",부산광역시")), "{lines:?}");
}

#[test]
fn a_refresh_tells_and_keeps_the_counts_of_its_own_rows() {
    let house = House::open();
    let (free, bound) = (house.key("all", "admin", &[]), house.key("busan", "analyst", &[BUSAN]));
    let women = count(&free, &format!("{HERE} AND gender = 'F'"));
    // A segment of somebody who sees all: its counts are not told, and are not changed.
    let public = free.save("여성", "gender = 'F'", true);
    let url = format!("/v1/segments/{}", public["id"].as_str().unwrap());
    let (status, seen) = bound.post(&format!("{url}/refresh"), &json!({}));
    assert_eq!(status, 200, "{seen}");
    assert!(seen.get("count").is_none() && seen.get("history").is_none(), "{seen}");
    let kept = free.get(&url).1;
    assert_eq!((&kept["count"], &kept["history"]), (&public["count"], &public["history"]));
    // One of the caller's own.
    let own = bound.save("우리 여성", "gender = 'F'", true);
    let url = format!("/v1/segments/{}", own["id"].as_str().unwrap());
    let (_, refreshed) = bound.post(&format!("{url}/refresh"), &json!({}));
    let counts: Vec<&Value> = refreshed["history"].as_array().unwrap().iter().map(|point| &point["count"]).collect();
    assert_eq!(counts, [&json!(women), &json!(women)]);
    let seen = free.get(&url).1;
    assert!(seen.get("count").is_none() && seen.get("history").is_none(), "{seen}");
}
