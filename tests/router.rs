//! Conversations with models beside the built-in translator: one that cannot be reached, one that fails, one that
//! reads otherwise. Whatever they do, the conversation goes on, and the answer says who translated.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use waggle::answer::{Answer, Status};
use waggle::app::{App, AskOptions};
use waggle::catalog::Locale;
use waggle::session::Session;
use waggle::translate::model::chat::{Message, Role};
use waggle::translate::model::{Model, Prompted, Prompting, Request};
use waggle::translate::router::{Mode, Policy, Purse, Router, Translator, Versioned};

use crate::reference;
use crate::support::llm::{self, Llm, Say};

/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:1/v1";

struct Plain;

impl Prompting for Plain {
    fn prompt(&self, request: &Request<'_>, _: u32) -> Prompted {
        Prompted { messages: vec![Message::new(Role::User, request.text)], tokens: 20 }
    }
}

fn model(name: &str, base_url: &str) -> Arc<dyn Translator> {
    let spec = llm::spec(name, base_url);
    Arc::new(Versioned::new(Model::new(spec, Arc::new(Plain)).unwrap(), "1"))
}

fn app(policy: Policy, models: Vec<Arc<dyn Translator>>) -> App {
    let router = Router::new(policy, models, Arc::new(Purse::default())).unwrap();
    reference::app(reference::few()).with_router(Arc::new(router))
}

/// Models are asked first, and believed.
fn believed() -> Policy {
    Policy { mode: Mode::ModelFirst, offer_both: false, ..Policy::default() }
}

fn draft(act: &str, words: &str, op: &str, condition: &Value) -> Say {
    Say::json(&json!({ "act": act, "confidence": 0.9,
        "edits": [{ "words": words, "op": op, "condition": condition, "instead_of": null }] }))
}

fn gender(words: &str, value: &str) -> Say {
    draft("new", words, "narrow", &json!({ "field": "gender", "op": "=", "values": [value] }))
}

/// A conversation with every group shown.
struct Talk {
    runtime: Runtime,
    app: App,
    session: Session,
}

impl Talk {
    fn with(app: App) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { runtime, app, session: Session::new("t", Locale::Ko) }
    }

    fn ask_of(&mut self, model: Option<&str>, text: &str) -> Answer {
        let options = AskOptions { min_group: Some(0), model: model.map(str::to_owned), ..AskOptions::default() };
        self.runtime.block_on(self.app.ask(&mut self.session, text, &options))
    }

    fn ask(&mut self, text: &str) -> Answer {
        self.ask_of(None, text)
    }
}

#[test]
fn a_conversation_goes_on_with_a_model_that_cannot_be_reached() {
    let seoul = json!({ "field": "home_sido", "op": "=", "values": ["서울특별시"] });
    let llm = Llm::queued([gender("여성", "F"), draft("continue", "서울", "narrow", &seoul)]);
    let mut talk = Talk::with(app(believed(), vec![model("gone", NOWHERE), model("there", llm.base())]));
    let mut alone = Talk::with(reference::app(reference::few()));
    for text in ["여성", "이 중 서울 사는 사람"] {
        let (answer, by_itself) = (talk.ask(text), alone.ask(text));
        assert_eq!((answer.status, answer.translator.as_str()), (Status::Answered, "there"), "{answer:?}");
        assert_eq!(answer.count, by_itself.count, "{}", answer.text);
        assert_eq!((answer.usage.prompt_tokens, answer.usage.completion_tokens), (100, 20));
        assert!(answer.usage.cost > 0.0 && answer.notes[0].contains("gone"), "{:?}", answer.notes);
        let told = serde_json::to_value(&answer).unwrap();
        assert_eq!((&told["trace"][0]["step"], &told["trace"][0]["translator"]), (&json!("failed"), &json!("gone")));
    }
    // Now the other one fails too.
    let answer = talk.ask("30대");
    assert_eq!((answer.status, answer.translator.as_str()), (Status::Answered, "builtin"), "{answer:?}");
    assert!(answer.notes[0].contains("gone") && answer.notes[0].contains("there"), "{:?}", answer.notes);
    assert_eq!(answer.usage.prompt_tokens, 0);
}

#[test]
fn what_was_said_again_asks_no_model() {
    let llm = Llm::queued([gender("여성", "F")]);
    let mut talk = Talk::with(app(believed(), vec![model("there", llm.base())]));
    let first = talk.ask("여성");
    assert_eq!(first.translator, "there");
    // The same request in the same place was paid for.
    talk.session = Session::new("u", Locale::Ko);
    let again = talk.ask("여성");
    assert_eq!((again.count, again.translator.as_str(), again.usage.cached), (first.count, "there", true));
    assert!(again.usage.cost.abs() < f64::EPSILON);
    // Who rebuilds a conversation gets the same each time, whoever translated it first.
    let mut rebuilt = Session::new("v", Locale::Ko);
    let options = AskOptions { min_group: Some(0), ..AskOptions::default() };
    let replayed = talk.runtime.block_on(talk.app.replay(&mut rebuilt, "여성", &options));
    assert_eq!((replayed.count, replayed.translator.as_str()), (first.count, "builtin"));
    assert_eq!(llm.heard().len(), 1);
}

#[test]
fn the_reader_picks_where_two_read_differently() {
    let llm = Llm::queued([gender("여성", "M")]);
    let policy = Policy { mode: Mode::ModelFirst, ..Policy::default() };
    let mut talk = Talk::with(app(policy, vec![model("odd", llm.base())]));
    let asked = talk.ask("여성");
    assert_eq!((asked.status, asked.options.len()), (Status::Clarify, 2), "{asked:?}");
    assert_ne!(asked.options[0], asked.options[1]);
    assert!(asked.notes[0].contains("odd"), "{:?}", asked.notes);
    let picked = talk.ask("1");
    assert_eq!((picked.text.as_str(), picked.translator.as_str()), ("gender = 'F'", "builtin"), "{picked:?}");
    assert_eq!(llm.heard().len(), 1, "a reply needs no model");
}

#[test]
fn who_translates_can_be_named_and_is_explained() {
    let llm = Llm::queued([gender("여성", "F")]);
    let mut talk = Talk::with(app(Policy::default(), vec![model("there", llm.base())]));
    assert_eq!(talk.app.translators(), ["automatic", "builtin", "there"]);
    assert_eq!(talk.ask("여성").translator, "builtin", "it is sure");
    talk.session = Session::new("u", Locale::Ko);
    let options = AskOptions { model: Some("there".to_owned()), ..AskOptions::default() };
    let explained = talk.app.explain_route(&talk.session, "여성", &options).unwrap();
    assert_eq!((explained.order[0].translator.as_str(), llm.heard().len()), ("there", 0));
    assert_eq!(talk.ask_of(Some("there"), "여성").translator, "there");
    let unknown = talk.ask_of(Some("ther"), "여성");
    assert_eq!(unknown.status, Status::Error);
    assert!(unknown.reply.contains("there"), "the nearest name: {}", unknown.reply);
    assert!(talk.app.known_translator("ther").is_err());
    assert!(reference::app(reference::few()).known_translator("automatic").is_ok());
}

#[test]
fn a_request_that_is_given_up_is_no_turn() {
    let llm = Llm::queued([gender("여성", "F").after(Duration::from_secs(30))]);
    let Talk { runtime, app, mut session } = Talk::with(app(believed(), vec![model("slow", llm.base())]));
    let options = AskOptions::default();
    let given_up = runtime.block_on(async {
        tokio::time::timeout(Duration::from_millis(300), app.ask(&mut session, "여성", &options)).await
    });
    assert!(given_up.is_err() && session.nodes().is_empty());
}

#[test]
fn a_remark_says_no_number_of_its_own() {
    let remarks = ["모두 {count}명입니다.", "약 5,000명입니다."].map(Say::text);
    let [first, second] = remarks;
    let llm = Llm::queued([gender("여성", "F"), first, gender("남성", "M"), second]);
    let mut talk = Talk::with(app(Policy { comment: true, ..believed() }, vec![model("there", llm.base())]));
    let women = talk.ask("여성");
    let remark = women.comment.unwrap();
    assert!(remark.starts_with("모두 ") && remark.ends_with("명입니다.") && !remark.contains('{'), "{remark}");
    let asked = llm.heard()[1].said();
    assert!(asked.contains("{count}") && !asked.contains(&women.count.unwrap().to_string()), "{asked}");
    talk.session = Session::new("u", Locale::Ko);
    let men = talk.ask("남성");
    assert_eq!((men.status, men.comment), (Status::Answered, None));
    assert_eq!(llm.heard().len(), 4);
}
