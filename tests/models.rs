//! Models: one request asked of a scripted OpenAI-compatible server, in every form, with everything that goes wrong.
#![allow(clippy::needless_pass_by_value, reason = "JSON that is made for a call")]

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use waggle::catalog::{Catalog, Locale};
use waggle::segment::normal::normal_form;
use waggle::segment::{Act, Assumption, Edit, Expr, Metric, Segment, Turn, text};
use waggle::translate::Context;
use waggle::translate::grammar::Grammar;
use waggle::translate::model::chat::{Boxed, Chat, Message, Role};
use waggle::translate::model::{
    Abilities, Billing, Counting, Model, ModelError, ModelSpec, Prompted, Prompting, Request, Secret, Step, StepKind,
    Translation, Wire, Worked, Working,
};
use waggle::translate::resolve::resolve;

use crate::support::llm::{self, Llm, Say};

const KEY: &str = "sk-test-0123456789abcdef";

/// The shortest prompts there can be.
struct Plain;

impl Prompting for Plain {
    fn prompt(&self, request: &Request<'_>, _: u32) -> Prompted {
        let messages = vec![Message::new(Role::System, "Write a draft."), Message::new(Role::User, request.text)];
        Prompted { messages, tokens: 20 }
    }
}

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| waggle::catalog::builtin().unwrap())
}

fn grammar() -> Arc<Grammar> {
    static GRAMMAR: OnceLock<Arc<Grammar>> = OnceLock::new();
    Arc::clone(GRAMMAR.get_or_init(|| Arc::new(Grammar::new(catalog()))))
}

fn spec(base_url: &str) -> ModelSpec {
    let billing = Billing { input: 1.0, cached_input: 0.5, output: 10.0 };
    ModelSpec { key: Some(Secret::new(KEY)), billing, ..llm::spec("local", base_url) }
}

fn request<'a>(text: &'a str, context: Context<'a>) -> Request<'a> {
    Request { text, locale: Locale::Ko, catalog: catalog(), context, past: &[] }
}

async fn asked(spec: ModelSpec, said: &str) -> Result<Translation, ModelError> {
    let model = Model::new(spec, Arc::new(Plain)).unwrap().with_grammar(grammar());
    model.translate(&request(said, Context::default()), None).await
}

fn narrow(words: &str, condition: Value) -> Value {
    json!({ "words": words, "op": "narrow", "condition": condition, "instead_of": null })
}

fn draft(edits: Value) -> Value {
    json!({ "act": "continue", "edits": edits, "show": null, "action": null, "refused": null, "topics": [],
        "question": null, "assumptions": [], "unmatched": [], "confidence": 0.9 })
}

fn women() -> Value {
    draft(json!([narrow("여성", json!({ "field": "gender", "op": "=", "values": ["F"] }))]))
}

fn conditions(turn: &Turn) -> Vec<String> {
    turn.edits.iter().map(|e| text::print(&e.condition)).collect()
}

#[tokio::test]
async fn a_schema_is_sent_and_the_draft_is_resolved() {
    let llm = Llm::queued([Say::json(&women())]);
    let found = asked(spec(llm.base()), "여성 고객").await.unwrap();
    assert_eq!(conditions(&found.turn), ["gender = 'F'"]);
    assert_eq!(found.turn.edits[0].words.text, "여성");
    assert_eq!((found.prompt_tokens, found.cached_tokens, found.completion_tokens), (100, 40, 20));
    assert!((found.cost - (60.0 + 20.0 + 200.0) / 1e6).abs() < 1e-12, "{}", found.cost);
    let heard = llm.heard();
    let body = &heard[0].body;
    assert_eq!(heard[0].path, "/v1/chat/completions");
    assert_eq!(body["response_format"]["type"], "json_schema");
    assert_eq!(body["response_format"]["json_schema"]["schema"], Wire::bare_schema());
    assert!(body["max_tokens"].as_u64().is_some_and(|n| n > 0));
    assert_eq!(body["temperature"].as_f64(), Some(0.0));
}

#[tokio::test]
async fn a_model_without_a_schema_calls_a_tool() {
    let llm = Llm::queued([Say::call("draft", &women())]);
    let can = Abilities { json_schema: false, tools: true };
    let found = asked(ModelSpec { can, ..spec(llm.base()) }, "여성 고객").await.unwrap();
    assert_eq!(conditions(&found.turn), ["gender = 'F'"]);
    let body = &llm.heard()[0].body;
    assert_eq!(body["tools"][0]["function"]["name"], "draft");
    assert_eq!(body["tool_choice"], "required");
    assert!(body.get("response_format").is_none());
}

#[tokio::test]
async fn a_model_without_either_writes_json_among_words() {
    let text = format!("Here is the draft:\n```json\n{}\n```\nAnything else?", women());
    let llm = Llm::queued([Say::text(&text)]);
    let can = Abilities { json_schema: false, tools: false };
    let found = asked(ModelSpec { can, ..spec(llm.base()) }, "여성 고객").await.unwrap();
    assert_eq!(conditions(&found.turn), ["gender = 'F'"]);
    let body = &llm.heard()[0].body;
    assert!(body.get("tools").is_none() && body.get("response_format").is_none());
}

#[tokio::test]
async fn a_wrong_name_goes_back_with_the_nearest_ones() {
    let wrong = draft(json!([narrow("여성", json!({ "field": "gendr", "op": "=", "values": ["F"] }))]));
    let llm = Llm::queued([Say::json(&wrong), Say::text("let me think"), Say::json(&women())]);
    let found = asked(spec(llm.base()), "여성 고객").await.unwrap();
    assert_eq!(conditions(&found.turn), ["gender = 'F'"]);
    assert_eq!((found.prompt_tokens, found.completion_tokens), (300, 60));
    let heard = llm.heard();
    assert_eq!(heard.len(), 3);
    let second = heard[1].said();
    for part in ["gendr", "edits[0].condition", "no field", "gender"] {
        assert!(second.contains(part), "{part}: {second}");
    }
    let third = heard[2].said();
    assert!(third.contains("JSON") && !third.contains("gendr"), "only the last draft goes back: {third}");
    let repaired = found.steps.iter().filter(|s| matches!(s.kind, StepKind::Repaired { .. })).count();
    let asked = found.steps.iter().filter(|s| matches!(s.kind, StepKind::Asked { .. })).count();
    assert_eq!((repaired, asked), (2, 3));
}

#[tokio::test]
async fn a_tool_call_that_is_wrong_is_answered_as_a_tool() {
    let wrong = draft(json!([narrow("여성", json!({ "exists": "aps", "rows": null }))]));
    let llm = Llm::queued([Say::call("draft", &wrong), Say::call("draft", &women())]);
    let can = Abilities { json_schema: false, tools: true };
    asked(ModelSpec { can, ..spec(llm.base()) }, "여성 고객").await.unwrap();
    let messages = llm.heard()[1].body["messages"].as_array().unwrap().clone();
    let last = messages.last().unwrap();
    assert_eq!((&last["role"], &last["tool_call_id"]), (&json!("tool"), &json!("call_1")));
    assert!(last["content"].as_str().unwrap().contains("aps"));
}

#[tokio::test]
async fn repairs_come_to_an_end() {
    let wrong = draft(json!([narrow("여성", json!({ "field": "gendr", "op": "=", "values": ["F"] }))]));
    let llm = Llm::answering(move |_| Say::json(&wrong));
    let error = asked(spec(llm.base()), "여성 고객").await.unwrap_err();
    assert_eq!(llm.heard().len(), 3, "one draft and two repairs");
    assert!(matches!(error, ModelError::Unresolved { .. }), "{error:?}");
    assert!(error.message(Locale::Ko).contains("'gendr'라는 항목이 없습니다"), "{}", error.message(Locale::Ko));
    let llm = Llm::answering(|_| Say::text("I cannot."));
    let error = asked(spec(llm.base()), "여성 고객").await.unwrap_err();
    assert!(matches!(error, ModelError::Unreadable { .. }), "{error:?}");
}

#[tokio::test]
async fn saved_segments_and_topics_are_looked_up_too() {
    let saved = draft(json!([narrow("단골", json!({ "saved": "단골" }))]));
    let mut about = draft(json!([]));
    about["act"] = json!("about");
    about["topics"] = json!([{ "kind": "dataset", "name": "secrets" }]);
    for (reply, name) in [(saved, "단골"), (about, "secrets")] {
        let llm = Llm::answering(move |_| Say::json(&reply));
        let error = asked(spec(llm.base()), "단골 고객").await.unwrap_err();
        assert!(matches!(&error, ModelError::Unresolved { why, .. } if why.contains(name)), "{error:?}");
    }
}

#[tokio::test]
async fn a_slow_server_is_not_waited_for() {
    let llm = Llm::queued([Say::json(&women()).after(Duration::from_secs(30))]);
    let start = Instant::now();
    let error = asked(ModelSpec { timeout: Duration::from_millis(300), ..spec(llm.base()) }, "여성").await.unwrap_err();
    assert_eq!(error, ModelError::TimedOut { model: "local".to_owned(), seconds: 1 });
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_busy_model_says_so() {
    let llm = Llm::answering(|_| Say::json(&women()).after(Duration::from_secs(2)));
    let spec = ModelSpec { timeout: Duration::from_millis(800), concurrency: 1, ..spec(llm.base()) };
    let model = Model::new(spec, Arc::new(Plain)).unwrap().with_grammar(grammar());
    let one = request("여성", Context::default());
    let (first, second) = tokio::join!(model.translate(&one, None), model.translate(&one, None));
    let kinds = [first.unwrap_err(), second.unwrap_err()];
    assert!(kinds.iter().any(|e| matches!(e, ModelError::TimedOut { .. })), "{kinds:?}");
    assert!(kinds.iter().all(|e| matches!(e, ModelError::TimedOut { .. } | ModelError::Busy { .. })), "{kinds:?}");
}

#[tokio::test]
async fn failures_are_told_and_tried_once() {
    let llm = Llm::answering(|_| Say::fail(500, "out of memory"));
    let error = asked(spec(llm.base()), "여성").await.unwrap_err();
    assert_eq!(error.to_string(), "local cannot be reached: HTTP 500: out of memory");
    assert_eq!(llm.heard().len(), 1, "who falls back decides what is asked again");
    let llm = Llm::answering(|_| Say::fail(429, "slow down"));
    assert!(matches!(asked(spec(llm.base()), "여성").await.unwrap_err(), ModelError::Busy { .. }));
    assert_eq!(llm.heard().len(), 1);
    let error = asked(spec("http://127.0.0.1:1/v1"), "여성").await.unwrap_err();
    assert_eq!(error.to_string(), "local cannot be reached: no connection");
    assert_eq!(error.message(Locale::Ko), "local에 연결할 수 없습니다: 연결되지 않았습니다");
}

#[tokio::test]
async fn what_a_server_does_not_take_is_left_out_from_then_on() {
    let refusals = [
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "Unsupported value: 'temperature' does not support 0 with this model.",
        "response_format of type json_schema is not supported",
    ];
    let says = refusals.iter().map(|why| Say::fail(400, why)).chain([Say::json(&women()), Say::json(&women())]);
    let llm = Llm::queued(says);
    let model = Model::new(spec(llm.base()), Arc::new(Plain)).unwrap().with_grammar(grammar());
    let one = request("여성", Context::default());
    assert_eq!(model.translate(&one, None).await.unwrap().turn.edits.len(), 1);
    assert_eq!(model.translate(&one, None).await.unwrap().turn.edits.len(), 1);
    let heard = llm.heard();
    assert_eq!(heard.len(), 5, "three refusals, and nothing that was refused is sent again");
    assert!(heard[0].body["max_tokens"].is_number() && heard[0].body["response_format"].is_object());
    let last = &heard[4].body;
    assert!(last["max_completion_tokens"].is_number(), "{last}");
    assert!(
        last["max_tokens"].is_null() && last["temperature"].is_null() && last["response_format"].is_null(),
        "{last}"
    );
    // What is refused for another reason is not tried again.
    let llm = Llm::answering(|_| Say::fail(400, "the prompt is too long"));
    assert!(asked(spec(llm.base()), "여성").await.is_err());
    assert_eq!(llm.heard().len(), 1);
}

#[tokio::test]
async fn a_model_that_copies_the_segment_changes_nothing_by_it() {
    let copied = json!({ "words": "gender", "op": "narrow",
        "condition": { "field": "gender", "op": "=", "values": ["F"] } });
    let new = json!({ "words": "서울", "op": "narrow",
        "condition": { "field": "home_sido", "op": "=", "values": ["서울특별시"] } });
    let llm = Llm::queued([Say::json(&json!({ "act": "new", "edits": [copied, new] }))]);
    let model =
        Model::new(ModelSpec { brief: true, ..spec(llm.base()) }, Arc::new(Plain)).unwrap().with_grammar(grammar());
    let expr = text::parse("gender = 'F'", catalog()).unwrap();
    let condition = waggle::segment::Condition { expr, turn: 1, words: waggle::segment::Words::default() };
    let so_far = Segment { conditions: vec![condition] };
    let context = Context { segment: Some(&so_far), ..Context::default() };
    let found = model.translate(&request("이 중 서울 사는 사람", context), None).await.unwrap();
    assert_eq!((found.turn.act, found.turn.edits.len()), (Act::Continue, 1), "{:?}", found.turn);
    let sent = &llm.heard()[0].body;
    assert_eq!(sent["response_format"]["json_schema"]["strict"], json!(false));
    assert_eq!(sent["response_format"]["json_schema"]["schema"]["required"], json!(["act", "edits"]));
}

#[tokio::test]
async fn the_key_stands_in_the_header_and_nowhere_else() {
    let llm = Llm::queued([Say::fail(401, &format!("Incorrect API key provided: {KEY}")), Say::json(&women())]);
    let with_password = llm.base().replace("http://", "http://user:pa55word@");
    let spec = ModelSpec { base_url: with_password, ..spec(llm.base()) };
    let model = Model::new(spec, Arc::new(Plain)).unwrap().with_grammar(grammar());
    let one = request("여성", Context::default());
    let error = model.translate(&one, None).await.unwrap_err();
    for said in [error.to_string(), format!("{error:?}"), error.message(Locale::Ko), format!("{model:?}")] {
        assert!(!said.contains("0123456789abcdef") && !said.contains("sk-test"), "{said}");
    }
    assert!(!format!("{error} {error:?}").contains("pa55word"));
    let found = model.translate(&one, None).await.unwrap();
    assert!(!format!("{found:?}").contains("sk-test"));
    for heard in llm.heard() {
        assert_eq!(heard.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
        assert!(!heard.body.to_string().contains("sk-test") && !heard.path.contains("sk-test"));
    }
}

#[tokio::test]
async fn a_model_is_tried() {
    let llm = Llm::answering(|_| Say::json(&json!({ "numbers": [1, 2, 3], "done": true })));
    let probe = Model::new(spec(llm.base()), Arc::new(Plain)).unwrap().probe(Locale::En).await;
    assert_eq!((probe.reachable, probe.listed, probe.schema), (true, Some(true), Some(true)));
    assert!(probe.tokens_per_second.is_some_and(|t| t > 0.0) && probe.fault.is_none());
    let llm = Llm::answering(|_| Say::text("1, 2, 3"));
    let probe = Model::new(spec(llm.base()), Arc::new(Plain)).unwrap().probe(Locale::En).await;
    assert_eq!(probe.schema, Some(false));
    let probe = Model::new(spec("http://127.0.0.1:1/v1"), Arc::new(Plain)).unwrap().probe(Locale::Ko).await;
    assert!(!probe.reachable && probe.fault.is_some_and(|f| f.contains("연결할 수 없습니다")));
}

/// Somebody who always finds men.
struct Finds;

impl Working for Finds {
    fn work<'a>(
        &'a self,
        _: &'a dyn Chat,
        _: &'a ModelSpec,
        request: Request<'a>,
        _: Option<&'a dyn Counting>,
        opening: Vec<Message>,
    ) -> Boxed<'a, Result<Worked, ModelError>> {
        let men = draft(json!([narrow(request.text, json!({ "field": "gender", "op": "=", "values": ["M"] }))]));
        let turn = Wire::read(&men.to_string()).map(|wire| resolve(wire.into_draft(request.text), catalog()));
        let kind = StepKind::Tool { name: "search".to_owned(), arguments: opening.len().to_string() };
        let steps = vec![Step { kind, ms: 1.0 }];
        let worked = Worked { turn: turn.ok().and_then(Result::ok), steps };
        Box::pin(async move { Ok(worked) })
    }
}

/// Prompts that are too long for any model.
struct Endless;

impl Prompting for Endless {
    fn prompt(&self, request: &Request<'_>, budget: u32) -> Prompted {
        Prompted { tokens: budget + 1, ..Plain.prompt(request, budget) }
    }
}

#[tokio::test]
async fn hard_requests_are_worked_on_in_steps_where_the_model_may() {
    let wrong = draft(json!([narrow("남성", json!({ "field": "gendr", "op": "=", "values": ["M"] }))]));
    let llm = Llm::answering(move |_| Say::json(&wrong));
    let one = request("남성", Context::default());
    let able = || ModelSpec { agent: true, ..spec(llm.base()) };
    let model = Model::new(able(), Arc::new(Plain)).unwrap().with_grammar(grammar()).with_worker(Arc::new(Finds));
    let found = model.translate(&one, None).await.unwrap();
    assert_eq!(conditions(&found.turn), ["gender = 'M'"]);
    assert_eq!(found.prompt_tokens, 300, "three drafts");
    assert!(found.steps.iter().any(|s| matches!(&s.kind, StepKind::Tool { name, .. } if name == "search")));

    let asked = llm.heard().len();
    let model = Model::new(able(), Arc::new(Endless)).unwrap().with_grammar(grammar()).with_worker(Arc::new(Finds));
    assert_eq!(conditions(&model.translate(&one, None).await.unwrap().turn), ["gender = 'M'"]);
    assert_eq!(llm.heard().len(), asked, "no draft of a prompt that does not fit");

    let model = Model::new(spec(llm.base()), Arc::new(Endless)).unwrap().with_worker(Arc::new(Finds));
    assert!(matches!(model.translate(&one, None).await.unwrap_err(), ModelError::TooLong { .. }));
}

/// What the rules that hold after every model make of a draft.
async fn mended(said: &str, reply: Value) -> (Translation, Vec<String>) {
    let llm = Llm::queued([Say::json(&reply)]);
    let found = asked(spec(llm.base()), said).await.unwrap();
    let mends = found.steps.iter().filter_map(|s| match &s.kind {
        StepKind::Mended { what } => Some(what.clone()),
        _ => None,
    });
    let mends = mends.collect();
    (found, mends)
}

#[tokio::test]
async fn numbers_and_decades_are_those_that_were_said() {
    let fee = |op: &str, n: i64| json!({ "field": "monthly_fee", "op": op, "values": [n] });
    let age = |op: &str, values: Value| json!({ "field": "age", "op": op, "values": values });
    for (said, words, condition, right) in [
        ("월정액 10만원 이상", "월정액 10만원 이상", fee(">=", 10_000), "monthly_fee >= 100000"),
        ("월정액 10만원 이상", "월정액 10만원 이상", fee(">=", 100_000), "monthly_fee >= 100000"),
        ("40대", "40대", age(">", json!([40])), "age BETWEEN 40 AND 49"),
        ("people in their 40s", "in their 40s", age(">=", json!([40])), "age BETWEEN 40 AND 49"),
        ("40대", "40대", age("between", json!([40, 49])), "age BETWEEN 40 AND 49"),
        // 39 and over 39 are the same people as 40 and more.
        ("40세 이상", "40세 이상", age(">", json!([39])), "age > 39"),
    ] {
        let (found, mends) = mended(said, draft(json!([narrow(words, condition)]))).await;
        assert_eq!(conditions(&found.turn), [right], "{said}: {mends:?}");
    }
    // Two conditions for one decade.
    let both = json!({ "all": [age(">", json!([40])), age("<", json!([50]))] });
    let (found, _) = mended("40대", draft(json!([narrow("40대", both)]))).await;
    let form = normal_form(&found.turn.edits[0].condition, catalog());
    assert_eq!(form, normal_form(&text::parse("age BETWEEN 40 AND 49", catalog()).unwrap(), catalog()));
}

#[tokio::test]
async fn a_breakdown_is_no_condition() {
    let wrong = draft(json!([
        narrow("여성", json!({ "field": "gender", "op": "=", "values": ["F"] })),
        narrow("연령별", json!({ "field": "age", "op": ">=", "values": [20] })),
    ]));
    let (found, mends) = mended("여성 연령별로", wrong).await;
    assert_eq!(conditions(&found.turn), ["gender = 'F'"]);
    assert_eq!(found.turn.show.breakdown, ["age_band"]);
    assert!(!mends.is_empty());
}

#[tokio::test]
async fn what_a_model_leaves_out_is_named() {
    let (found, mends) = mended("강남구 여성", women()).await;
    let unmatched: Vec<_> = found.turn.unmatched.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(unmatched.len(), 1, "{mends:?}");
    assert!(unmatched[0].contains("강남구") && found.turn.confidence < 0.9);
    let (found, mends) = mended("여성", women()).await;
    assert!(found.turn.unmatched.is_empty() && mends.is_empty(), "{mends:?}");
}

#[tokio::test]
async fn what_must_be_refused_is_refused() {
    let (found, _) = mended("고객 전화번호 목록 뽑아줘", women()).await;
    assert_eq!(found.turn.act, Act::Refuse);
}

/// A turn as far as a draft says it: the wording of choices is not a translator's.
fn essence(turn: &Turn) -> Turn {
    let mut turn = turn.clone();
    let normal = |e: &Expr| normal_form(e, catalog());
    let edit = |e: &Edit<Expr>| Edit {
        condition: normal(&e.condition),
        instead_of: e.instead_of.as_ref().map(normal),
        words: waggle::segment::Words::default(),
        ..e.clone()
    };
    turn.edits = turn.edits.iter().map(edit).collect();
    // Words that say what to show or to do are not a model's to name.
    turn.used.clear();
    if let Some(question) = &mut turn.question {
        question.words = waggle::segment::Words::default();
        for choice in &mut question.choices {
            choice.label = [String::new(), String::new()];
            choice.edits = choice.edits.iter().map(edit).collect();
        }
    }
    turn.show.rows = turn.show.rows.as_ref().map(|rows| normal_rows(rows, &turn.show.breakdown));
    turn.show.metric = turn.show.metric.map(|metric| match metric {
        Metric::Share(of) => Metric::Share(normal(&of)),
        Metric::OfRows { func, dataset, field, rows: Some(rows) } => {
            let rows = Some(normal(&Expr::exists(&dataset, rows)));
            Metric::OfRows { func, dataset, field, rows }
        }
        of => of,
    });
    // Labels of fields come from the catalog, and words that were typed once are found where they stand first.
    turn.assumptions.retain(|a| !matches!(a, Assumption::Chosen { .. }));
    turn.unmatched = turn.unmatched.iter().map(text_only).collect();
    turn.confidence = (turn.confidence * 100.0).round() / 100.0;
    turn
}

fn text_only(words: &waggle::segment::Words) -> waggle::segment::Words {
    let letters = words.text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    waggle::segment::Words { text: letters, ..waggle::segment::Words::default() }
}

/// Rows stand within a many-table: their normal form is that of its presence.
fn normal_rows(rows: &Expr, breakdown: &[String]) -> Expr {
    let dataset = breakdown.iter().find_map(|b| b.split_once('.')).map_or("", |(d, _)| d);
    normal_form(&Expr::exists(dataset, rows.clone()), catalog())
}

#[test]
fn whatever_the_grammar_reads_can_be_written_as_a_model_writes_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conversations");
    let conversations = waggle::eval::file::read(&folder).unwrap();
    let (catalog, grammar) = (catalog(), grammar());
    let (mut turns, mut faults) = (0, Vec::new());
    for conversation in &conversations {
        let mut segment = Segment::default();
        let (mut last, mut pending): (Option<Turn>, Option<Turn>) = (None, None);
        for (i, gold) in conversation.turns.iter().enumerate() {
            let context =
                Context { segment: Some(&segment), pending: pending.as_ref(), last: last.as_ref(), saved: &[] };
            let Ok(mut turn) = resolve(grammar.translate(&gold.user, catalog, &context), catalog) else { continue };
            // An assumption about a word of an earlier turn is not a model's to write.
            turn.assumptions.retain(|assumption| {
                let word = serde_json::to_value(assumption).unwrap()["word"].as_str().unwrap().to_owned();
                gold.user.contains(&word)
            });
            // Words of the turn before stand in another text.
            if pending.is_none() {
                turns += 1;
                let written = serde_json::to_string(&Wire::of(&turn)).unwrap();
                let again = Wire::read(&written).map(|wire| resolve(wire.into_draft(&gold.user), catalog));
                match again {
                    Ok(Ok(again)) if essence(&again) == essence(&turn) => {}
                    other => faults.push(format!("{}: {}\n{written}\n{other:?}\n{turn:?}", conversation.id, gold.user)),
                }
            }
            if turn.question.is_none() {
                segment = segment.apply(&turn.edits, catalog, u32::try_from(i + 1).unwrap());
                (last, pending) = (Some(turn), None);
            } else {
                pending = Some(turn);
            }
        }
    }
    assert!(turns > 200, "{turns} turns");
    assert!(faults.is_empty(), "{} of {turns}:\n{}", faults.len(), faults.join("\n\n"));
}
