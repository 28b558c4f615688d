//! Replies written by hand for an imagined, stronger model, played through the model's path: reading, repair, the
//! agent's tools. Tests of the plumbing: what comes out is held to the gold numbers of the conversations, and is no
//! score of any model.

use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use waggle::answer::Answer;
use waggle::app::{App, AskOptions, Nobody};
use waggle::catalog::Locale;
use waggle::eval::cache::GoldCache;
use waggle::eval::score::judge;
use waggle::eval::{Conversation, GoldTurn, file, gold};
use waggle::segment::Expr;
use waggle::session::{Session, settle};
use waggle::translate::Context;
use waggle::translate::model::chat::{Boxed, Chat, Form, Message, Reply, Role};
use waggle::translate::model::worker::Agent;
use waggle::translate::model::{Counting, Model, ModelError, ModelSpec, Previewed, Request, StepKind, Translation};
use waggle::translate::router::{Mode, Policy, Purse, Router, Translator, Versioned};

use crate::reference;
use crate::support::llm;
use crate::support::scripted::{Line, Plain, Scripted, spec};

/// Least turns that are recorded.
const MIN_TURNS: usize = 60;
/// Least turns that are repaired.
const MIN_REPAIRS: usize = 15;
/// Least turns that the agent works on.
const MIN_WORKS: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    conversation: String,
    turns: Vec<RecordedTurn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedTurn {
    #[serde(default)]
    replies: Vec<String>,
    #[serde(default)]
    steps: Vec<String>,
}

fn recorded() -> Vec<(Conversation, Vec<RecordedTurn>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let text = std::fs::read_to_string(root.join("models/recorded.yaml")).unwrap();
    let all: Vec<Recorded> = serde_saphyr::from_str(&text).unwrap();
    let mut conversations = file::read(&root.join("conversations")).unwrap();
    all.into_iter()
        .map(|recorded| {
            let at = conversations.iter().position(|c| c.id == recorded.conversation).unwrap();
            let conversation = conversations.swap_remove(at);
            assert_eq!(conversation.turns.len(), recorded.turns.len(), "{}", recorded.conversation);
            (conversation, recorded.turns)
        })
        .collect()
}

/// A step of the agent: a call where it is `{tool, arguments}` and the model has tool calls, else text.
fn line(step: &str, tools: bool) -> Line {
    let call: Option<serde_json::Value> = serde_json::from_str(step).ok();
    match call.and_then(|c| Some((c.get("tool")?.as_str()?.to_owned(), c.get("arguments")?.to_string()))) {
        Some((tool, arguments)) if tools => Line::Calls(tool, arguments),
        Some(_) => Line::Says(step.to_owned()),
        // A model without tool calls ends its work with a call as well.
        None if tools => Line::Says(step.to_owned()),
        None => Line::Says(r#"{"tool": "finish", "arguments": {}}"#.to_owned()),
    }
}

/// What the model says in a turn. The agent works where three drafts could not be used.
fn script(turn: &RecordedTurn, tools: bool) -> Vec<Line> {
    if turn.steps.is_empty() {
        return turn.replies.iter().cloned().map(Line::Says).collect();
    }
    let unusable = r#"{"act": "continue", "edits": [{"words": "", "op": "narrow",
        "condition": {"field": "nothing_is_called_so", "op": "=", "values": [1]}}]}"#;
    let unusable = std::iter::repeat_n(unusable, 3).map(|text| Line::Says(text.to_owned()));
    unusable.chain(turn.steps.iter().map(|step| line(step, tools))).collect()
}

/// A thousand, whatever is counted: previews are shown to the model alone.
struct Thousand;

impl Counting for Thousand {
    fn count<'a>(&'a self, _: &'a Expr) -> Boxed<'a, Previewed> {
        Box::pin(async { Previewed::Count(1_000) })
    }
}

async fn translated(app: &App, session: &Session, said: &str, chat: Arc<Scripted>, tools: bool) -> Translation {
    let model = Model::over(spec(tools), chat, Arc::new(Plain)).with_worker(Arc::new(Agent::default()));
    let (segment, saved) = (session.segment(), session.saved_names());
    let context = Context { segment: Some(&segment), pending: session.pending(), last: session.last(), saved: &saved };
    let request = Request { text: said, locale: session.locale, catalog: app.catalog(), context, past: &[] };
    model.translate(&request, Some(&Thousand)).await.unwrap_or_else(|error| panic!("{said}: {error}"))
}

/// One turn, as it came out: what it was translated to and what was answered.
struct Played {
    translation: Translation,
    answer: Answer,
    heard: String,
    left: usize,
}

async fn played(app: &App, session: &mut Session, turn: &GoldTurn, recorded: &RecordedTurn, tools: bool) -> Played {
    let chat = Scripted::new(script(recorded, tools));
    let translation = translated(app, session, &turn.user, chat.clone(), tools).await;
    let settled = settle(session, &turn.user, translation.turn.clone());
    let options = AskOptions { min_group: Some(0), ..AskOptions::default() };
    let answer = Box::pin(app.take(session, &turn.user, settled, &options, &Nobody)).await;
    let heard = chat.heard().iter().filter(|m| m.role != Role::Assistant).map(|m| m.text.clone() + "\n").collect();
    Played { translation, answer, heard, left: chat.left() }
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_written_by_hand_come_out_as_the_gold_says() {
    let app = reference::app(reference::many());
    let cache = GoldCache::open(None, app.engine().data_version());
    let mut faults = Vec::new();
    for (i, (conversation, turns)) in recorded().into_iter().enumerate() {
        // Every other conversation is played by a model without tool calls.
        let tools = i % 2 == 0;
        let mut session = Session::new(&conversation.id, Locale::Ko);
        for (number, (turn, recorded)) in conversation.turns.iter().zip(&turns).enumerate() {
            let at = format!("{} #{}: {}", conversation.id, number + 1, turn.user);
            let played = played(&app, &mut session, turn, recorded, tools).await;
            let golds = gold::numbers(app.engine(), app.catalog(), turn, &cache).await.unwrap();
            let verdict = judge(turn, &golds, &played.answer);
            if !verdict.right {
                faults.push(format!("{at}: {} [{}]", verdict.why.join("; "), played.answer.text));
            }
            went_as_recorded(&at, recorded, &played);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Repairs and steps are as many as were recorded, and each is kept.
fn went_as_recorded(at: &str, recorded: &RecordedTurn, played: &Played) {
    let count = |kind: fn(&StepKind) -> bool| played.translation.steps.iter().filter(|s| kind(&s.kind)).count();
    let repaired = count(|k| matches!(k, StepKind::Repaired { .. }));
    let used = count(|k| matches!(k, StepKind::Tool { .. }));
    if recorded.steps.is_empty() {
        assert_eq!((repaired, used), (recorded.replies.len() - 1, 0), "{at}: {:?}", played.translation.steps);
        assert_eq!(played.left, 0, "{at}: a reply was not asked for");
    } else {
        assert!(used >= 1, "{at}: {:?}", played.translation.steps);
    }
    if repaired > 0 {
        assert!(played.heard.contains("cannot be used"), "{at}: nobody said what was wrong: {}", played.heard);
    }
    assert!(played.translation.prompt_tokens >= 700, "{at}");
}

/// A model whose script is changed from turn to turn.
#[derive(Default)]
struct Tape(Mutex<Option<Arc<Scripted>>>);

impl Tape {
    fn put(&self, lines: Vec<Line>) -> Arc<Scripted> {
        let chat = Scripted::new(lines);
        *self.0.lock().unwrap() = Some(Arc::clone(&chat));
        chat
    }
}

impl Chat for Tape {
    fn chat<'a>(&'a self, said: &'a [Message], form: &'a Form, max: u32) -> Boxed<'a, Result<Reply, ModelError>> {
        let chat = self.0.lock().unwrap().clone().unwrap();
        Box::pin(async move { chat.chat(said, form, max).await })
    }
}

/// Two models, the first of which cannot be reached; the second plays `tape`. Both are asked before the built-in
/// translator.
fn routed(tape: &Arc<Tape>) -> Router {
    let gone = Model::new(llm::spec("gone", "http://127.0.0.1:1/v1"), Arc::new(Plain)).unwrap();
    let recorded = ModelSpec { name: "recorded".to_owned(), ..spec(true) };
    let chat = Arc::clone(tape) as Arc<dyn Chat>;
    let recorded = Model::over(recorded, chat, Arc::new(Plain)).with_worker(Arc::new(Agent::default()));
    let policy = Policy { mode: Mode::ModelFirst, offer_both: false, failures: 0, ..Policy::default() };
    let models: Vec<Arc<dyn Translator>> =
        vec![Arc::new(Versioned::new(gone, "1")), Arc::new(Versioned::new(recorded, "1"))];
    Router::new(policy, models, Arc::new(Purse::default())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_replies_are_routed_past_a_model_that_cannot_be_reached() {
    let tape = Arc::new(Tape::default());
    let app = reference::app(reference::many()).with_router(Arc::new(routed(&tape)));
    let cache = GoldCache::open(None, app.engine().data_version());
    let options = AskOptions { min_group: Some(0), ..AskOptions::default() };
    let (mut faults, mut by_model, mut by_itself) = (Vec::new(), 0, 0);
    for (i, (conversation, turns)) in recorded().into_iter().enumerate() {
        let mut session = Session::new(&conversation.id, Locale::Ko);
        for (number, (turn, recorded)) in conversation.turns.iter().zip(&turns).enumerate() {
            let at = format!("{} #{}: {}", conversation.id, number + 1, turn.user);
            // Every fifth turn the second model says nothing either, and the built-in translator reads.
            let silent = (i + number) % 5 == 4;
            let chat = tape.put(if silent { Vec::new() } else { script(recorded, true) });
            let answer = Box::pin(app.ask(&mut session, &turn.user, &options)).await;
            let by = answer.translator.as_str();
            // Refusals, replies to questions and the like are the built-in translator's, whatever the policy: nobody is asked.
            if by == "builtin" && answer.notes.is_empty() {
                continue;
            }
            assert_eq!(by, if silent { "builtin" } else { "recorded" }, "{at}: {:?}", answer.notes);
            assert!(answer.notes.iter().any(|note| note.contains("gone")), "{at}: {:?}", answer.notes);
            if silent {
                by_itself += 1;
                let ended = |note: &String| note.contains("the script has ended");
                assert!(answer.notes.iter().any(ended), "{at}: {:?}", answer.notes);
            } else {
                by_model += 1;
                let said = recorded.steps.is_empty();
                assert!(!said || chat.left() == 0, "{at}: a reply was not asked for");
                let golds = gold::numbers(app.engine(), app.catalog(), turn, &cache).await.unwrap();
                let verdict = judge(turn, &golds, &answer);
                if !verdict.right {
                    faults.push(format!("{at}: {} [{}]", verdict.why.join("; "), answer.text));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(
        by_model >= MIN_TURNS && by_itself >= 10,
        "{by_model} by the model, {by_itself} by the built-in translator"
    );
}

#[test]
fn enough_is_recorded_in_both_languages() {
    let all = recorded();
    let turns: Vec<&RecordedTurn> = all.iter().flat_map(|(_, turns)| turns).collect();
    assert!(turns.len() >= MIN_TURNS, "{}", turns.len());
    assert!(turns.iter().filter(|t| t.replies.len() > 1).count() >= MIN_REPAIRS);
    assert!(turns.iter().filter(|t| !t.steps.is_empty()).count() >= MIN_WORKS);
    for language in ["ko", "en"] {
        assert!(all.iter().filter(|(c, _)| c.lang == language).count() >= 8, "{language}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_stays_wrong_is_no_translation() {
    let app = reference::app(reference::few());
    let wrong = r#"{"act": "new", "edits": [{"words": "여성", "op": "narrow",
        "condition": {"field": "gendr", "op": "=", "values": ["F"]}}]}"#;
    let chat = Scripted::new((0..3).map(|_| Line::Says(wrong.to_owned())));
    let mut without = spec(false);
    without.agent = false;
    let model = Model::over(without, chat.clone(), Arc::new(Plain));
    let request = Request {
        text: "여성 고객",
        locale: Locale::Ko,
        catalog: app.catalog(),
        context: Context::default(),
        past: &[],
    };
    let error = model.translate(&request, None).await.unwrap_err();
    assert!(error.to_string().contains("gendr") && error.to_string().contains("gender"), "{error}");
    assert_eq!(chat.left(), 0, "all repairs were tried");
}
