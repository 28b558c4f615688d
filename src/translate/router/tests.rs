//! What the router does with models that answer, differ, fail and cost.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "what a model cost is handed on as it is")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::catalog::{Catalog, Secrecy, builtin as telco};
use crate::segment::{Act, Condition, Edit, EditOp, Segment, Why, Words, text};
use crate::translate::Context;
use crate::translate::model::chat::Reply;
use crate::translate::model::{Abilities, Billing, Place, StepKind};

/// What a fake model says.
type Says = Result<Turn, ModelError>;

/// A model that says what it is told to, over and over from the last on.
#[derive(Debug)]
struct Fake {
    spec: ModelSpec,
    says: Mutex<Vec<Says>>,
    asked: AtomicUsize,
}

impl Fake {
    fn new(name: &str, place: Place, says: &[Says]) -> Arc<Self> {
        let spec = ModelSpec {
            name: name.to_owned(),
            base_url: "http://127.0.0.1:1/v1".to_owned(),
            model: name.to_owned(),
            key: None,
            place,
            billing: Billing { output: 50_000.0, ..Billing::default() },
            context_tokens: 8_192,
            timeout: Duration::from_secs(1),
            concurrency: 1,
            can: Abilities::default(),
            size_b: None,
            kind: None,
            agent: false,
            brief: false,
            prompts: None,
        };
        let says = says.iter().rev().cloned().collect();
        Arc::new(Self { spec, says: Mutex::new(says), asked: AtomicUsize::new(0) })
    }

    fn house(name: &str, says: &[Says]) -> Arc<Self> {
        Self::new(name, Place::OnPrem, says)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Translator for Fake {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn prompts(&self) -> &'static str {
        "1"
    }

    fn translate<'a>(
        &'a self,
        _: Request<'a>,
        _: Option<&'a dyn Counting>,
        meter: &'a Meter,
    ) -> Boxed<'a, Result<Translation, ModelError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut says = self.says.lock().unwrap();
        let said = if says.len() > 1 { says.pop() } else { says.last().cloned() };
        let said = said.unwrap_or_else(|| Err(unreachable_at(&self.spec.name)));
        Box::pin(async move {
            if !matches!(said, Err(ModelError::Unreachable { .. })) {
                meter.add(&Reply { prompt_tokens: 90, completion_tokens: 10, ..Reply::default() });
            }
            let turn = said?;
            let steps = vec![Step { kind: StepKind::Asked { prompt_tokens: 90, completion_tokens: 10 }, ms: 1.0 }];
            Ok(Translation { turn, prompt_tokens: 90, cached_tokens: 0, completion_tokens: 10, cost: 0.5, steps })
        })
    }
}

fn unreachable_at(model: &str) -> ModelError {
    ModelError::Unreachable { model: model.to_owned(), why: "no connection".to_owned() }
}

/// A reading: one condition, as sure as that.
fn reads(catalog: &Catalog, condition: &str, confidence: f32) -> Turn {
    let condition = text::parse(condition, catalog).unwrap();
    let edit = Edit { op: EditOp::Narrow, condition, instead_of: None, words: Words::default() };
    Turn { act: Act::New, edits: vec![edit], confidence, ..Turn::default() }
}

/// A reading that leaves a word over.
fn unsure(catalog: &Catalog) -> Turn {
    let word = Words { start: 0, end: 3, text: "abc".to_owned() };
    Turn { unmatched: vec![word], ..reads(catalog, "gender = 'F'", 0.8) }
}

fn asks<'a>(catalog: &'a Catalog, text: &'a str) -> Ask<'a> {
    let request = Request { text, locale: Locale::Ko, catalog, context: Context::default(), past: &[] };
    Ask { request, model: None, caller: "kim", role: "marketer", day: 1 }
}

fn router(policy: Policy, models: &[&Arc<Fake>]) -> Router {
    let models = models.iter().map(|m| Arc::clone(m) as Arc<dyn Translator>).collect();
    Router::new(policy, models, Arc::new(Purse::default())).unwrap()
}

async fn routed(router: &Router, ask: &Ask<'_>, builtin: &Turn) -> Routed {
    router.route(ask, builtin, None).await.unwrap()
}

fn model_first() -> Policy {
    Policy { mode: Mode::ModelFirst, ..Policy::default() }
}

#[tokio::test]
async fn nobody_is_asked_where_the_builtin_translator_is_sure() {
    let catalog = telco().unwrap();
    let model = Fake::house("a", &[Ok(reads(&catalog, "gender = 'M'", 0.9))]);
    let router = router(Policy::default(), &[&model]);
    let sure = reads(&catalog, "gender = 'F'", 1.0);
    let done = routed(&router, &asks(&catalog, "여성"), &sure).await;
    assert_eq!((done.translator.as_str(), &done.turn, model.asked()), (BUILTIN, &sure, 0));
    assert!(done.notes.is_empty() && done.steps.is_empty() && done.used == Used::default());
}

#[tokio::test]
async fn a_conversation_goes_on_where_a_model_is_gone() {
    let catalog = telco().unwrap();
    let gone = Fake::house("gone", &[]);
    let there = Fake::house("there", &[Ok(reads(&catalog, "age >= 30", 0.9))]);
    let router = router(Policy::default(), &[&gone, &there]);
    let done = routed(&router, &asks(&catalog, "서른 넘은"), &unsure(&catalog)).await;
    assert_eq!((done.translator.as_str(), gone.asked(), there.asked()), ("there", 1, 1));
    assert_eq!((done.used.prompt_tokens, done.used.completion_tokens, done.used.cost), (90, 10, 0.5));
    assert!(matches!(&done.steps[0].kind, StepKind::Failed { translator, .. } if translator == "gone"));
    for locale in [Locale::Ko, Locale::En] {
        let said = done.notes[0].message(locale);
        assert!(said.contains("gone") && said.contains("there"), "{said}");
    }
    let alone = self::router(Policy::default(), &[&gone]);
    let done = routed(&alone, &asks(&catalog, "서른 넘은"), &unsure(&catalog)).await;
    assert_eq!((done.translator.as_str(), &done.turn), (BUILTIN, &unsure(&catalog)));
    assert!(done.notes[0].message(Locale::Ko).contains("내장 번역기"));
}

#[tokio::test]
async fn a_model_that_fails_again_and_again_is_left_alone() {
    let catalog = telco().unwrap();
    let gone = Fake::house("gone", &[]);
    let router = router(Policy::default(), &[&gone]);
    let (ask, unsure) = (asks(&catalog, "x"), unsure(&catalog));
    for _ in 0..5 {
        routed(&router, &ask, &unsure).await;
    }
    assert_eq!(gone.asked(), usize::try_from(DEFAULT_FAILURES).unwrap());
    let explained = router.explain(&ask, &unsure).unwrap();
    assert!(explained.left_out.contains(&Candidate::new("gone", Reason::Open)), "{explained:?}");
    assert_eq!(explained.order.len(), 1);

    // What names things that are not there is reached all the same.
    let why = ModelError::Unresolved { model: "lost".to_owned(), why: "x".to_owned() };
    let lost = Fake::house("lost", &[Err(why)]);
    let router = self::router(Policy::default(), &[&lost]);
    for _ in 0..5 {
        routed(&router, &ask, &unsure).await;
    }
    assert_eq!(lost.asked(), 5);
}

#[tokio::test]
async fn who_has_spent_their_budget_gets_the_next_in_the_chain() {
    let catalog = telco().unwrap();
    let model = Fake::house("a", &[Ok(reads(&catalog, "age >= 30", 0.9))]);
    let per_caller = Budget { usd: Some(0.5), tokens: None };
    let policy = Policy { budget: Budgets { per_caller, ..Budgets::default() }, cached: 0, ..Policy::default() };
    let router = router(policy, &[&model]);
    let (ask, unsure) = (asks(&catalog, "x"), unsure(&catalog));
    let mut who = Vec::new();
    for (caller, day) in [("kim", 1), ("kim", 1), ("lee", 1), ("kim", 2)] {
        who.push(routed(&router, &Ask { caller, day, ..ask }, &unsure).await.translator);
    }
    assert_eq!(who, ["a", BUILTIN, "a", "a"]);
    let explained = router.explain(&ask, &unsure).unwrap();
    assert_eq!(explained.left_out, [Candidate::new("a", Reason::CallerSpent)]);
}

#[tokio::test]
async fn what_came_to_nothing_is_paid_for_too() {
    let catalog = telco().unwrap();
    let unresolved = ModelError::Unresolved { model: "a".to_owned(), why: "no field `x`".to_owned() };
    let (a, b) = (Fake::house("a", &[Err(unresolved)]), Fake::house("b", &[Ok(reads(&catalog, "age >= 30", 0.9))]));
    let router = router(Policy::default(), &[&a, &b]);
    let done = routed(&router, &asks(&catalog, "x"), &unsure(&catalog)).await;
    assert_eq!((done.translator.as_str(), done.used.prompt_tokens, done.used.cost), ("b", 180, 1.0));
    assert_eq!(router.ledger.spent(1, Some("kim")).tokens, 200);
}

#[tokio::test]
async fn the_same_request_is_paid_for_once() {
    let mut catalog = telco().unwrap();
    let model = Fake::house("a", &[Ok(reads(&catalog, "age >= 30", 0.9))]);
    let router = router(Policy::default(), &[&model]);
    let unsure = unsure(&catalog);
    let first = routed(&router, &asks(&catalog, "x"), &unsure).await;
    let again = routed(&router, &Ask { caller: "lee", ..asks(&catalog, " x ") }, &unsure).await;
    assert_eq!((first.turn, model.asked()), (again.turn, 1));
    assert_eq!(again.used, Used { cached: true, ..Used::default() });
    assert!(router.explain(&asks(&catalog, "x"), &unsure).unwrap().cached);

    let expr = text::parse("gender = 'F'", &catalog).unwrap();
    let segment = Segment { conditions: vec![Condition { expr, turn: 1, words: Words::default() }] };
    let context = Context { segment: Some(&segment), ..Context::default() };
    let ask = asks(&catalog, "x");
    let elsewhere = Ask { request: Request { context, ..ask.request }, ..ask };
    routed(&router, &elsewhere, &unsure).await;
    let english = Ask { request: Request { locale: Locale::En, ..ask.request }, ..ask };
    routed(&router, &english, &unsure).await;
    assert_eq!(model.asked(), 3, "another place of a conversation, another language");
    catalog.version.push('2');
    routed(&router, &asks(&catalog, "x"), &unsure).await;
    assert_eq!(model.asked(), 4, "another catalog");
}

#[tokio::test]
async fn confidence_rises_where_both_agree() {
    let catalog = telco().unwrap();
    // Written otherwise, and the same.
    let model = Fake::house("a", &[Ok(reads(&catalog, "NOT age < 20 AND gender = 'F'", 0.9))]);
    let builtin = reads(&catalog, "gender = 'F' AND NOT age < 20", 0.8);
    let router = router(Policy::default(), &[&model]);
    let done = routed(&router, &asks(&catalog, "x"), &builtin).await;
    assert!((done.turn.confidence - 0.98).abs() < 1e-6, "{}", done.turn.confidence);
    assert!(done.notes.is_empty() && done.translator == "a");
    assert!(done.steps.iter().any(|step| step.kind == StepKind::Compared { agreed: true }));
}

#[tokio::test]
async fn both_readings_are_offered_where_they_differ() {
    let catalog = telco().unwrap();
    let (woman, man) = (reads(&catalog, "gender = 'F'", 1.0), reads(&catalog, "gender = 'M'", 0.9));
    let model = Fake::house("a", &[Ok(man.clone())]);
    let router = router(model_first(), &[&model]);
    let ask = asks(&catalog, "여성");
    let done = routed(&router, &ask, &woman).await;
    let question = done.turn.question.clone().unwrap();
    assert_eq!((question.why, question.choices.len()), (Why::TwoReadings, 2));
    assert_eq!((&question.choices[0].edits, &question.choices[1].edits), (&woman.edits, &man.edits));
    for choice in &question.choices {
        assert!(!choice.label[0].is_empty() && choice.label[0] != choice.label[1], "{choice:?}");
    }
    assert_eq!(done.notes, [Note::BothOffered { model: "a".to_owned() }]);

    // Who names a model gets its reading.
    let named = routed(&router, &Ask { model: Some("a"), ..ask }, &woman).await;
    assert_eq!((named.turn, named.notes), (man.clone(), Vec::new()));
    // A reading that leaves words over is no match for one that does not.
    let done = routed(&router, &ask, &unsure(&catalog)).await;
    assert_eq!((done.turn, done.notes), (man.clone(), Vec::new()));
    let lost = Fake::house("lost", &[Ok(unsure(&catalog))]);
    let router = self::router(model_first(), &[&lost]);
    let young = reads(&catalog, "age < 20", 1.0);
    let done = routed(&router, &ask, &young).await;
    assert_eq!((done.translator.as_str(), done.turn, done.used.cost), (BUILTIN, young, 0.5));
    assert_eq!(done.notes, [Note::Kept { model: "lost".to_owned() }]);
    // The policy may say that a model is right.
    let never = self::router(Policy { offer_both: false, ..model_first() }, &[&model]);
    assert_eq!(routed(&never, &ask, &woman).await.turn, man);
}

#[tokio::test]
async fn a_restricted_catalog_never_goes_to_a_cloud() {
    let mut catalog = telco().unwrap();
    catalog.secrecy = Secrecy::Restricted;
    let says = [Ok(reads(&catalog, "age >= 30", 0.9))];
    let cloud = Fake::new("cloud", Place::Cloud, &says);
    let unsure = unsure(&catalog);
    let standing = Standing {
        translator: "cloud".to_owned(),
        metrics: BTreeMap::from([(DEFAULT_METRIC.to_owned(), 1.0)]),
        cost_per_turn: 0.0,
    };
    for mode in [Mode::BuiltinFirst, Mode::ModelFirst, Mode::BuiltinOnly, Mode::CheapestAbove] {
        for model in [None, Some("cloud"), Some(AUTOMATIC)] {
            // A rule cannot open what the catalog closes.
            let rule = Rule { place: Some(Place::Cloud), chain: Some(vec!["cloud".to_owned()]), ..Rule::default() };
            let router = router(Policy { mode, rules: vec![rule], ..Policy::default() }, &[&cloud]);
            router.take_standings(vec![standing.clone()]);
            let done = routed(&router, &Ask { model, ..asks(&catalog, "x") }, &unsure).await;
            assert_eq!(done.translator, BUILTIN);
            assert_eq!(done.notes.len(), usize::from(model == Some("cloud")), "who named it is told");
        }
    }
    assert_eq!(cloud.asked(), 0);
    let house = Fake::house("house", &says);
    let router = router(Policy::default(), &[&cloud, &house]);
    assert_eq!(routed(&router, &asks(&catalog, "x"), &unsure).await.translator, "house");
}

#[tokio::test]
async fn a_named_translator_must_be_there() {
    let catalog = telco().unwrap();
    let model = Fake::house("qwen-small", &[Ok(reads(&catalog, "age >= 30", 0.9))]);
    let router = router(Policy::default(), &[&model]);
    let (sure, ask) = (reads(&catalog, "gender = 'F'", 1.0), asks(&catalog, "x"));
    let unknown = router.route(&Ask { model: Some("qwen-smal"), ..ask }, &sure, None).await.unwrap_err();
    assert_eq!(unknown.nearest, ["qwen-small"]);
    assert_ne!(unknown.message(Locale::Ko), unknown.message(Locale::En));
    for (name, who) in [(AUTOMATIC, BUILTIN), (BUILTIN, BUILTIN), ("qwen-small", "qwen-small")] {
        assert_eq!(routed(&router, &Ask { model: Some(name), ..ask }, &sure).await.translator, who);
        assert!(router.known(name).is_ok() && router.names().contains(&name.to_owned()));
    }
}

#[tokio::test]
async fn rules_are_exceptions_from_the_policy() {
    let catalog = telco().unwrap();
    let says = [Ok(reads(&catalog, "age >= 30", 0.9))];
    let (small, large) = (Fake::house("small", &says), Fake::house("large", &says));
    let of = |chain: &str| Some(vec![chain.to_owned()]);
    let rules = vec![
        Rule { role: vec!["analyst".to_owned()], chain: of("large"), ..Rule::default() },
        Rule { locale: Some(Locale::En), policy: Some(Mode::BuiltinOnly), ..Rule::default() },
        Rule { caller: vec!["lee".to_owned()], act: vec![Act::New], confidence: Some(0.5), ..Rule::default() },
    ];
    let router = router(Policy { rules, ..Policy::default() }, &[&small, &large]);
    let (ask, unsure) = (asks(&catalog, "x"), unsure(&catalog));
    let english = Ask { request: Request { locale: Locale::En, ..ask.request }, ..ask };
    let cases = [
        (ask, "small", vec![]),
        (Ask { role: "analyst", ..ask }, "large", vec![1]),
        (english, BUILTIN, vec![2]),
        (Ask { role: "analyst", ..english }, BUILTIN, vec![1, 2]),
        (Ask { caller: "lee", ..ask }, BUILTIN, vec![3]),
    ];
    for (ask, who, rules) in cases {
        let explained = router.explain(&ask, &unsure).unwrap();
        assert_eq!((explained.order[0].translator.as_str(), &explained.rules), (who, &rules));
        assert!(explained.lines(Locale::En).len() > rules.len());
        assert_eq!(routed(&router, &ask, &unsure).await.translator, who);
    }
}

#[tokio::test]
async fn the_cheapest_that_is_good_enough_is_asked() {
    let catalog = telco().unwrap();
    let says = [Ok(reads(&catalog, "age >= 30", 0.9))];
    let models = ["poor", "cheap", "dear", "new"].map(|name| Fake::house(name, &says));
    let policy = Policy { mode: Mode::CheapestAbove, cached: 0, ..Policy::default() };
    let router = router(policy, &models.each_ref());
    let standing = |(name, value, cost_per_turn): (&str, f64, f64)| Standing {
        translator: name.to_owned(),
        metrics: BTreeMap::from([(DEFAULT_METRIC.to_owned(), value)]),
        cost_per_turn,
    };
    let (ask, sure) = (asks(&catalog, "x"), reads(&catalog, "age >= 30", 1.0));
    assert_eq!(routed(&router, &ask, &sure).await.translator, BUILTIN, "nothing is measured");
    let stands = |cheap, builtin| {
        let all = [("poor", 0.5, 0.0), ("dear", 0.99, 0.1), ("cheap", cheap, 0.01), (BUILTIN, builtin, 0.0)];
        router.take_standings(all.map(standing).to_vec());
    };
    stands(0.95, 0.8);
    let explained = router.explain(&ask, &sure).unwrap();
    let order: Vec<_> = explained.order.iter().map(|c| c.translator.as_str()).collect();
    assert_eq!(order, ["cheap", "dear", BUILTIN]);
    let unmeasured = Reason::Unmeasured { metric: DEFAULT_METRIC.to_owned() };
    assert!(explained.left_out.contains(&Candidate::new("new", unmeasured)), "{explained:?}");
    assert_eq!(routed(&router, &ask, &sure).await.translator, "cheap");
    // It regresses, and is taken out.
    stands(0.7, 0.8);
    assert_eq!(routed(&router, &ask, &sure).await.translator, "dear");
    // The built-in one is good enough, and costs nothing.
    stands(0.95, 0.95);
    assert_eq!(routed(&router, &ask, &sure).await.translator, BUILTIN);
    assert_eq!(routed(&router, &ask, &unsure(&catalog)).await.translator, "cheap");
}

#[tokio::test]
async fn replies_and_refusals_are_the_builtin_translators() {
    let catalog = telco().unwrap();
    let model = Fake::house("a", &[Ok(reads(&catalog, "age >= 30", 0.9))]);
    let router = router(model_first(), &[&model]);
    let sure = reads(&catalog, "gender = 'F'", 1.0);
    let ask = asks(&catalog, "1");
    let refused = Turn { act: Act::Refuse, confidence: 1.0, ..Turn::default() };
    assert_eq!(routed(&router, &ask, &refused).await.translator, BUILTIN);
    let question = crate::segment::Question { words: Words::default(), why: Why::Vague, choices: Vec::new() };
    let pending = Turn { question: Some(question), ..Turn::default() };
    let context = Context { pending: Some(&pending), ..Context::default() };
    let reply = Ask { request: Request { context, ..ask.request }, ..ask };
    assert_eq!(routed(&router, &reply, &sure).await.translator, BUILTIN);
    assert_eq!(routed(&router, &reply, &unsure(&catalog)).await.translator, "a", "no reply that it understands");
}

/// A model that never answers.
#[derive(Debug)]
struct Slow(ModelSpec);

impl Translator for Slow {
    fn spec(&self) -> &ModelSpec {
        &self.0
    }

    fn prompts(&self) -> &'static str {
        "1"
    }

    fn translate<'a>(
        &'a self,
        _: Request<'a>,
        _: Option<&'a dyn Counting>,
        _: &'a Meter,
    ) -> Boxed<'a, Result<Translation, ModelError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn patience_ends() {
    let catalog = telco().unwrap();
    let slow = Slow(Fake::house("slow", &[]).spec.clone());
    let policy = Policy { patience_s: 1, ..Policy::default() };
    let router = Router::new(policy, vec![Arc::new(slow)], Arc::new(Purse::default())).unwrap();
    let done = routed(&router, &asks(&catalog, "x"), &unsure(&catalog)).await;
    assert_eq!(done.translator, BUILTIN);
    assert!(matches!(&done.notes[..], [Note::FellBack { missed, .. }]
        if matches!(missed[0].why, Reason::Failed(ModelError::TimedOut { .. }))));
}
