//! The tree of turns: undo, going back, questions that wait, saved segments, and the file.

use std::sync::LazyLock;

use waggle::catalog::{Catalog, Locale, builtin};
use waggle::segment::{Act, Action, Choice, Edit, EditOp, Expr, Question, Turn, Why, Words, text};
use waggle::session::{Deed, Ending, Happened, Outcome, Session, SessionError, Step, converse, expand, settle};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| builtin().unwrap());

const WOMEN: &str = "gender = 'F'";
const VIP: &str = "membership_tier = 'VIP'";
const GANGNAM: &str = "home_sigungu = '강남구'";

fn edit(op: EditOp, condition: &str) -> Edit<Expr> {
    let condition = text::parse(condition, &CATALOG).unwrap();
    Edit { op, condition, instead_of: None, words: Words::default() }
}

fn narrow(condition: &str) -> Turn {
    Turn { edits: vec![edit(EditOp::Narrow, condition)], ..Turn::default() }
}

fn new(condition: &str) -> Turn {
    Turn { act: Act::New, ..narrow(condition) }
}

fn act(act: Act) -> Turn {
    Turn { act, ..Turn::default() }
}

fn action(action: Action) -> Turn {
    Turn { action: Some(action), ..Turn::default() }
}

fn save(name: &str) -> Turn {
    action(Action::Save { name: Some(name.to_owned()) })
}

fn load(name: &str) -> Turn {
    action(Action::Load { name: name.to_owned() })
}

fn goto(turn: u32) -> Turn {
    action(Action::Goto { turn })
}

fn asking(choices: &[&str]) -> Turn {
    let choice = |condition: &&str| Choice {
        label: [(*condition).to_owned(), (*condition).to_owned()],
        words: Vec::new(),
        edits: vec![edit(EditOp::Narrow, condition)],
    };
    let choices = choices.iter().map(choice).collect();
    Turn { question: Some(Question { words: Words::default(), why: Why::Vague, choices }), ..Turn::default() }
}

/// A conversation in a test.
struct Talk {
    session: Session,
}

impl Talk {
    fn new() -> Self {
        Self { session: Session::new("test", Locale::Ko) }
    }

    fn step(&mut self, turn: &Turn) -> Step {
        let step = converse(&self.session, turn, &CATALOG);
        let ending = match step.outcome {
            Outcome::Count => Ending::Answered,
            Outcome::Ask(_) => Ending::Clarify,
            _ => Ending::Unknown,
        };
        let happened = Happened { text: "…", asked: turn, ending, count: Some(7), catalog: "c", data: "d" };
        self.session.record(step.clone(), &happened);
        step
    }

    /// The segment after the turns.
    fn after(&mut self, turns: &[Turn]) -> String {
        for turn in turns {
            self.step(turn);
        }
        text::print(&self.session.segment().expr())
    }
}

fn printed(condition: &str) -> String {
    text::print(&text::parse(condition, &CATALOG).unwrap())
}

fn both(a: &str, b: &str) -> String {
    text::print(&Expr::all_of(vec![text::parse(a, &CATALOG).unwrap(), text::parse(b, &CATALOG).unwrap()]))
}

fn everybody() -> String {
    text::print(&Expr::All)
}

#[test]
fn undo_goes_back_change_by_change() {
    let mut talk = Talk::new();
    assert_eq!(talk.after(&[new(WOMEN), narrow(VIP), act(Act::Continue)]), both(WOMEN, VIP));
    assert_eq!(talk.after(&[act(Act::Undo)]), printed(WOMEN), "a question about the segment is no change");
    assert_eq!(talk.after(&[act(Act::Undo)]), everybody());
    let step = talk.step(&act(Act::Undo));
    assert_eq!(step.deed, Some(Deed::NothingToUndo));
    assert_eq!(talk.session.nodes().len(), 6, "nothing is overwritten");
}

#[test]
fn a_change_after_an_undo_is_undone_first() {
    let mut talk = Talk::new();
    assert_eq!(talk.after(&[new(WOMEN), narrow(VIP), act(Act::Undo), narrow(GANGNAM)]), both(WOMEN, GANGNAM));
    assert_eq!(talk.after(&[act(Act::Undo)]), printed(WOMEN));
    assert_eq!(talk.after(&[act(Act::Undo)]), everybody());
}

#[test]
fn a_new_segment_and_a_reset_can_be_undone() {
    let mut talk = Talk::new();
    assert_eq!(talk.after(&[new(WOMEN), new(VIP)]), printed(VIP));
    assert_eq!(talk.after(&[act(Act::Undo)]), printed(WOMEN));
    assert_eq!(talk.after(&[act(Act::Reset)]), everybody());
    assert_eq!(talk.after(&[act(Act::Undo)]), printed(WOMEN));
}

#[test]
fn going_back_makes_a_branch_and_can_be_undone() {
    let mut talk = Talk::new();
    assert_eq!(talk.after(&[new(WOMEN), narrow(VIP), goto(1)]), printed(WOMEN));
    assert_eq!(talk.after(&[narrow(GANGNAM)]), both(WOMEN, GANGNAM));
    assert_eq!(talk.session.children(1).map(|n| n.turn).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(talk.after(&[act(Act::Undo), act(Act::Undo)]), both(WOMEN, VIP));
    assert_eq!(talk.after(&[goto(0)]), everybody());
    assert_eq!(talk.step(&goto(99)).outcome, Outcome::NoSuchTurn(99));
}

#[test]
fn a_question_leaves_the_segment_and_undo_drops_it_first() {
    let mut talk = Talk::new();
    assert_eq!(talk.after(&[new(WOMEN), asking(&[VIP, GANGNAM])]), printed(WOMEN));
    assert_eq!(talk.session.question().unwrap().choices.len(), 2);
    let step = talk.step(&act(Act::Undo));
    assert_eq!(step.deed, Some(Deed::DropQuestion));
    assert!(talk.session.pending().is_none());
    assert_eq!(talk.after(&[]), printed(WOMEN));
    assert_eq!(talk.after(&[act(Act::Undo)]), everybody());
}

#[test]
fn a_question_waits_through_an_explanation_but_not_through_an_answer() {
    let mut talk = Talk::new();
    talk.after(&[asking(&[VIP]), act(Act::About)]);
    assert!(talk.session.pending().is_some());
    talk.after(&[narrow(VIP)]);
    assert!(talk.session.pending().is_none());
}

#[test]
fn a_taken_name_gets_a_new_version_and_loading_takes_the_newest() {
    let mut talk = Talk::new();
    talk.after(&[new(WOMEN), save("VIP 여성"), narrow(VIP)]);
    let step = talk.step(&save("vip여성"));
    assert_eq!(step.deed, Some(Deed::Save { name: "VIP 여성".to_owned(), version: 2 }));
    assert_eq!(talk.session.saved_names(), ["VIP 여성"]);
    assert_eq!(talk.session.saved()[0].versions.len(), 2);
    assert_eq!(talk.after(&[act(Act::Reset), load("VIP 여성")]), both(WOMEN, VIP));
}

#[test]
fn edits_come_before_a_save() {
    let mut talk = Talk::new();
    let turn = Turn { action: save("a").action, ..new(WOMEN) };
    talk.after(&[turn]);
    let saved = talk.session.find_saved("a").unwrap().latest().unwrap().segment.expr();
    assert_eq!(text::print(&saved), printed(WOMEN));
}

#[test]
fn a_save_without_a_name_takes_the_reply_as_one() {
    let mut talk = Talk::new();
    talk.after(&[new(WOMEN)]);
    let step = talk.step(&action(Action::Save { name: None }));
    assert!(matches!(step.outcome, Outcome::Ask(Question { why: Why::NoName, .. })));
    let reply = settle(&talk.session, " '강남 VIP' ", narrow(VIP));
    assert_eq!(talk.step(&reply).deed, Some(Deed::Save { name: "강남 VIP".to_owned(), version: 1 }));
    assert_eq!(talk.after(&[]), printed(WOMEN));
}

#[test]
fn an_unknown_name_is_asked_back_with_the_known_ones() {
    let mut talk = Talk::new();
    talk.after(&[new(WOMEN), save("여성"), new(VIP)]);
    let step = talk.step(&load("남성"));
    let Outcome::Ask(question) = step.outcome else { panic!("no question") };
    assert_eq!(question.choices[0].label[0], "여성");
    assert_eq!(talk.after(&[]), printed(VIP));
    let picked = Turn { edits: question.choices[0].edits.clone(), ..load("남성") };
    assert_eq!(talk.after(&[settle(&talk.session, "1번", picked)]), printed(WOMEN));
}

#[test]
fn comparing_with_nothing_saved_asks_too() {
    let mut talk = Talk::new();
    let step = talk.step(&action(Action::Compare { name: "a".to_owned() }));
    assert!(matches!(step.outcome, Outcome::Ask(Question { choices, .. }) if choices.is_empty()));
}

#[test]
fn names_of_saved_segments_are_written_out() {
    let mut talk = Talk::new();
    talk.after(&[new(WOMEN), save("여성"), new("SEGMENT '여성'")]);
    let named = talk.session.segment().expr();
    assert_eq!(text::print(&expand(&named, &talk.session)), printed(WOMEN));
    talk.after(&[save("다른 여성"), new(VIP), save("여성")]);
    let kept = talk.session.find_saved("다른 여성").unwrap().latest().unwrap().segment.expr();
    assert_eq!(text::print(&kept), printed(WOMEN), "a saved segment stays what it was");
    let unknown = new("SEGMENT 'nobody'");
    assert!(matches!(talk.step(&unknown).outcome, Outcome::Ask(_)));
}

#[test]
fn a_failed_turn_leaves_the_segment() {
    let mut talk = Talk::new();
    talk.after(&[new(WOMEN)]);
    let turn = narrow(VIP);
    let step = converse(&talk.session, &turn, &CATALOG);
    let happened = Happened { text: "…", asked: &turn, ending: Ending::Error, count: None, catalog: "c", data: "d" };
    talk.session.record(step, &happened);
    assert_eq!(talk.after(&[]), printed(WOMEN));
    assert_eq!(talk.after(&[act(Act::Undo)]), everybody());
}

#[test]
fn a_session_file_says_the_same_when_it_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.json");
    let mut talk = Talk::new();
    talk.after(&[new(WOMEN), save("여성"), narrow(VIP), asking(&[GANGNAM]), act(Act::Undo), goto(1)]);
    talk.session.save(&path).unwrap();
    talk.session.save(&path).unwrap();
    assert_eq!(Session::load(&path).unwrap(), talk.session);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left in the folder");
}

#[test]
fn the_deepest_conditions_are_kept_or_refused_but_never_make_a_file_unreadable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.json");
    for depth in [10, 40, 60] {
        let mut talk = Talk::new();
        let women = text::parse(WOMEN, &CATALOG).unwrap();
        let nest = |inner: Expr, _| Expr::Or(vec![women.clone(), Expr::And(vec![women.clone(), inner])]);
        let condition = (0..depth / 2).fold(women.clone(), nest);
        let edit = Edit { op: EditOp::Narrow, condition, instead_of: None, words: Words::default() };
        talk.step(&Turn { act: Act::New, edits: vec![edit], ..Turn::default() });
        talk.session.save(&path).unwrap();
        assert_eq!(Session::load(&path).unwrap(), talk.session);
    }
}

#[test]
fn broken_files_are_told_apart_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.json");
    let told = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let error = Session::load(&path).unwrap_err();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert!(!error.message(Locale::Ko).is_empty() && !error.message(Locale::En).is_empty());
        error
    };
    assert!(matches!(told(""), SessionError::NotASession { .. }));
    assert!(matches!(told("{\"id\": 3}"), SessionError::NotASession { .. }));
    assert!(matches!(told("{\"waggle_session\": 99}"), SessionError::Format { found: 99, .. }));
    assert!(matches!(told(&"[".repeat(100_000)), SessionError::NotASession { .. }));
    let lost = r#"{"waggle_session": 1, "id": "s", "locale": "ko", "head": 4, "nodes": [], "saved": []}"#;
    assert!(matches!(told(lost), SessionError::Broken { turn: 4, .. }));
    let nowhere = dir.path().join("no/such/s.json");
    assert!(matches!(Session::load(&nowhere), Err(SessionError::Read { .. })));
    assert!(matches!(Session::new("s", Locale::En).save(&nowhere), Err(SessionError::Write { .. })));
}
