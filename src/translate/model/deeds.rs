//! What a model may do and say, whatever it wrote. It reads: conditions, groupings, measures. It does not do: saving,
//! exporting, loading, comparing and going to another turn are the user's to ask, and are done only where the
//! built-in translator reads the same in the words. It does not talk: what a reader sees of a turn is the
//! reader's own words or the catalog's.

use super::StepKind;
use super::tools::shortened;
use crate::catalog::{Catalog, Label, Locale};
use crate::segment::sentence::condition;
use crate::segment::{Act, Action, Assumption, Choice, Edit, EditOp, Expr, Question, Topic, Turn};

/// Choices of a question that are kept.
pub const MAX_CHOICES: usize = 10;
/// Words by which a choice can be picked.
pub const MAX_CHOICE_WORDS: usize = 8;
/// Characters of such a word.
pub const MAX_WORD_CHARS: usize = 40;
/// Edits of one turn that are kept.
pub const MAX_EDITS: usize = 64;
/// Characters of the model's own that a step keeps.
const MAX_NAMED_CHARS: usize = 60;
/// What stands for a confidence that is no number from 0 to 1.
const UNSURE: f32 = 0.5;

/// Takes out of `turn` what a model does that the words do not ask for, as `builtin`, the built-in reading of the
/// same words, has it; tells what was taken out. What the built-in translator refuses stays refused.
pub fn allowed(turn: &mut Turn, builtin: &Turn) -> Vec<StepKind> {
    if builtin.act == Act::Refuse && turn.act != Act::Refuse {
        *turn = Turn { act: Act::Refuse, refused: builtin.refused, ..Turn::default() };
        return vec![mended("what must not be asked stays refused")];
    }
    let Some(action) = turn.action.take() else { return Vec::new() };
    turn.action = builtin.action.clone().filter(|asked| kind(asked) == kind(&action)).map(|asked| {
        let closer = named(&action).is_some_and(|name| is_part_of(name, named(&asked)));
        if closer { action.clone() } else { asked }
    });
    match &turn.action {
        Some(kept) if *kept == action => Vec::new(),
        Some(_) => vec![mended("an action is done as it was typed")],
        None => {
            let what = format!("{}: nobody asked for it", kind(&action));
            vec![mended(&what)]
        }
    }
}

fn mended(what: &str) -> StepKind {
    StepKind::Mended { what: what.to_owned() }
}

fn kind(action: &Action) -> &'static str {
    match action {
        Action::Save { .. } => "save",
        Action::Export { .. } => "export",
        Action::Load { .. } => "load",
        Action::Compare { .. } => "compare",
        Action::Goto { .. } => "goto",
    }
}

/// The name that an action goes by, where it is to keep or find something.
fn named(action: &Action) -> Option<&str> {
    match action {
        Action::Save { name } => name.as_deref(),
        Action::Load { name } | Action::Compare { name } => Some(name),
        Action::Export { .. } | Action::Goto { .. } => None,
    }
}

/// Whether `name` is some of the words that were taken for the name: "내 펫보험" of which a model kept "펫보험".
fn is_part_of(name: &str, typed: Option<&str>) -> bool {
    !name.trim().is_empty() && typed.is_some_and(|typed| typed.contains(name))
}

/// Makes what a reader sees of `turn` the reader's own words, which are in `said`, or the catalog's; tells what else was
/// taken out. Numbers that only a model states go too.
pub fn own_words(turn: &mut Turn, said: &str, catalog: &Catalog) -> Vec<StepKind> {
    let mut steps = Vec::new();
    if !(0.0..=1.0).contains(&turn.confidence) {
        turn.confidence = UNSURE;
    }
    if turn.edits.len() > MAX_EDITS {
        turn.edits.truncate(MAX_EDITS);
        steps.push(mended("more edits than a request can hold"));
    }
    for edit in &mut turn.edits {
        typed(edit, said);
    }
    if let Some(question) = &mut turn.question {
        ask(question, said, catalog);
        // Nothing to choose from is no question, unless a name is asked for.
        if question.choices.is_empty() && question.why != crate::segment::Why::NoName {
            turn.question = None;
            steps.push(mended("a question without choices"));
        }
    }
    let before = turn.unmatched.len();
    turn.unmatched.retain(|words| !words.text.trim().is_empty() && said.contains(words.text.trim()));
    turn.assumptions.retain(|assumption| {
        let grounded = assumed(assumption, said, catalog);
        if !grounded {
            let word = shortened(assumption.word(), MAX_NAMED_CHARS);
            steps.push(mended(&format!("an assumption about words that nobody typed: {word}")));
        }
        grounded
    });
    turn.topics.retain(|topic| is_there(topic, catalog));
    if turn.unmatched.len() < before {
        steps.push(mended("words named as not understood that nobody typed"));
    }
    steps
}

/// Words of an edit are those that were typed, or none.
fn typed(edit: &mut Edit<Expr>, said: &str) {
    if said.get(edit.words.start..edit.words.end) != Some(edit.words.text.as_str()) {
        edit.words = crate::segment::Words::default();
    }
}

/// A question in Waggle's own words: each choice is called what it does.
fn ask(question: &mut Question<Expr>, said: &str, catalog: &Catalog) {
    if !said.contains(&question.words.text) {
        question.words = crate::segment::Words::default();
    }
    question.choices.truncate(MAX_CHOICES);
    question.choices.retain(|choice| !choice.edits.is_empty());
    for choice in &mut question.choices {
        called(choice, said, catalog);
    }
}

fn called(choice: &mut Choice<Expr>, said: &str, catalog: &Catalog) {
    choice.edits.truncate(MAX_EDITS);
    for edit in &mut choice.edits {
        typed(edit, said);
    }
    choice.label = [Locale::Ko, Locale::En].map(|locale| {
        let lines = choice.edits.iter().map(|edit| line(edit, catalog, locale));
        lines.collect::<Vec<_>>().join(", ")
    });
    choice.words.retain(|word| word.chars().count() <= MAX_WORD_CHARS);
    choice.words.truncate(MAX_CHOICE_WORDS);
}

fn line(edit: &Edit<Expr>, catalog: &Catalog, locale: Locale) -> String {
    let line = condition(&edit.condition, catalog, locale);
    match (edit.op, locale) {
        (EditOp::Exclude, Locale::Ko) => format!("{line} 제외"),
        (EditOp::Exclude, Locale::En) => format!("without {line}"),
        (EditOp::Remove, Locale::Ko) => format!("{line} 조건 빼기"),
        (EditOp::Remove, Locale::En) => format!("dropping {line}"),
        _ => line,
    }
}

/// Whether an assumption is about words that were typed and says what the catalog says.
fn assumed(assumption: &Assumption, said: &str, catalog: &Catalog) -> bool {
    let word = assumption.word();
    let typed = !word.trim().is_empty() && said.contains(word);
    typed
        && match assumption {
            Assumption::Background { .. } => true,
            Assumption::Term { means, .. } => catalog
                .glossary
                .iter()
                .any(|term| term.predicate == *means || term.also.iter().any(|(_, predicate)| predicate == means)),
            Assumption::Typo { read_as, .. } => is_a_name(read_as, catalog),
            Assumption::Chosen { read_as, .. } => read_as.iter().all(|name| is_a_name(name, catalog)),
            Assumption::Window { days, .. } => {
                catalog.datasets.iter().flat_map(|d| &d.fields).any(|f| f.window_days == Some(*days))
            }
        }
}

/// Whether something of the catalog is called `name`, to the letter.
fn is_a_name(name: &str, catalog: &Catalog) -> bool {
    let called = |own: &str, label: &Label, synonyms: &[String]| {
        own == name || label.ko == name || label.en == name || synonyms.iter().any(|s| s == name)
    };
    let in_field = |field: &crate::catalog::Field| {
        called(&field.name, &field.label, &field.synonyms)
            || field.values.iter().any(|v| called(&v.name, &v.label, &v.synonyms))
            || field.groups.iter().any(|g| called(&g.label.en, &g.label, &g.synonyms))
    };
    catalog.datasets.iter().any(|d| called(&d.name, &d.label, &d.presence.nouns) || d.fields.iter().any(in_field))
        || catalog.glossary.iter().any(|t| called(&t.name, &t.label, &t.synonyms))
        || catalog.bands.iter().any(|b| called(&b.name, &b.label, &b.synonyms))
}

fn is_there(topic: &Topic, catalog: &Catalog) -> bool {
    match topic {
        Topic::Term { name } => catalog.term(name).is_some(),
        Topic::Field { dataset, field } => {
            catalog.dataset(dataset).is_some_and(|d| d.field(field).is_some()) || catalog.band(field).is_some()
        }
        Topic::Dataset { name } => catalog.dataset(name).is_some(),
        Topic::Category { name } => catalog.categories.iter().any(|c| c.name == *name),
        Topic::Data | Topic::Segment | Topic::Everything => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::catalog::builtin;
    use crate::segment::{Refusal, Why, Words, text};

    fn doing(action: Action) -> Turn {
        Turn { action: Some(action), ..Turn::default() }
    }

    fn save(name: &str) -> Action {
        Action::Save { name: Some(name.to_owned()) }
    }

    #[test]
    fn nothing_is_done_that_nobody_asked_for() {
        let reads = Turn::default();
        for action in [
            save("x"),
            Action::Export { format: Some("csv".to_owned()) },
            Action::Load { name: "x".to_owned() },
            Action::Compare { name: "x".to_owned() },
            Action::Goto { turn: 1 },
        ] {
            let mut turn = doing(action);
            assert_eq!(allowed(&mut turn, &reads).len(), 1);
            assert_eq!(turn.action, None);
        }
        let mut turn = doing(Action::Export { format: None });
        allowed(&mut turn, &doing(save("x")));
        assert_eq!(turn.action, None, "one kind of action is not another");
    }

    #[test]
    fn what_was_asked_for_is_done_as_it_was_typed() {
        let mut turn = doing(save("펫보험"));
        assert!(allowed(&mut turn, &doing(save("펫보험"))).is_empty());
        let mut turn = doing(save("펫보험"));
        assert!(allowed(&mut turn, &doing(save("이대로 펫보험"))).is_empty());
        assert_eq!(turn.action, Some(save("펫보험")), "a part of the typed words is a name too");
        let mut turn = doing(save("../../etc/passwd"));
        assert_eq!(allowed(&mut turn, &doing(save("펫보험"))).len(), 1);
        assert_eq!(turn.action, Some(save("펫보험")));
        let mut turn = doing(save("made up"));
        allowed(&mut turn, &doing(Action::Save { name: None }));
        assert_eq!(turn.action, Some(Action::Save { name: None }), "so the name is asked for");
        let mut turn = doing(Action::Goto { turn: 7 });
        allowed(&mut turn, &doing(Action::Goto { turn: 2 }));
        assert_eq!(turn.action, Some(Action::Goto { turn: 2 }));
    }

    #[test]
    fn what_is_refused_stays_refused() {
        let refuses = Turn { act: Act::Refuse, refused: Some(Refusal::Personal), ..Turn::default() };
        let mut turn = doing(save("x"));
        assert_eq!(allowed(&mut turn, &refuses).len(), 1);
        assert_eq!(turn, refuses);
    }

    fn edit(condition: &str, catalog: &Catalog) -> Edit<Expr> {
        let condition = text::parse(condition, catalog).unwrap();
        Edit { op: EditOp::Narrow, condition, instead_of: None, words: Words::default() }
    }

    #[test]
    fn a_question_is_asked_in_words_of_the_catalog() {
        let catalog = builtin().unwrap();
        let choice = |label: &str, condition: &str| Choice {
            label: [label.to_owned(), label.to_owned()],
            words: vec![label.to_owned(), "x".repeat(500)],
            edits: vec![edit(condition, &catalog)],
        };
        let words = Words { start: 0, end: 5, text: "<script>".to_owned() };
        let hostile = "<a href=\"http://evil.example\">click</a>";
        let choices = vec![choice(hostile, "gender = 'F'"), choice("men", "gender = 'M'")];
        let question = Some(Question { words, why: Why::Vague, choices });
        let mut turn = Turn { question, ..Turn::default() };
        own_words(&mut turn, "여성", &catalog);
        let question = turn.question.unwrap();
        assert_eq!(question.words, Words::default());
        let [ko, en] = &question.choices[0].label;
        assert!(!ko.contains('<') && !en.contains('<') && !ko.is_empty(), "{ko} {en}");
        assert_eq!(*ko, condition(&question.choices[0].edits[0].condition, &catalog, Locale::Ko));
        assert!(question.choices.iter().flat_map(|c| &c.words).all(|w| w.chars().count() <= MAX_WORD_CHARS));
        let empty = Some(Question { words: Words::default(), why: Why::Vague, choices: Vec::new() });
        let mut turn = Turn { question: empty, ..Turn::default() };
        assert_eq!(own_words(&mut turn, "여성", &catalog).len(), 1);
        assert_eq!(turn.question, None);
    }

    #[test]
    fn a_model_says_nothing_of_its_own() {
        let catalog = builtin().unwrap();
        let said = "자주 가는 넷프릭스 여성";
        let word = |text: &str| Words { start: 0, end: text.len(), text: text.to_owned() };
        let term = catalog.glossary.iter().find(|t| t.name == "자주").unwrap();
        let (right, wrong) = (|w: &str| w.to_owned(), "send money to 110-123-456789".to_owned());
        let kept = vec![
            Assumption::Term { word: right("자주"), means: term.predicate.clone() },
            Assumption::Typo { word: right("넷프릭스"), read_as: "넷플릭스".to_owned() },
            Assumption::Background { word: right("가는") },
        ];
        let dropped = [
            Assumption::Term { word: right("자주"), means: wrong.clone() },
            Assumption::Typo { word: right("넷프릭스"), read_as: wrong.clone() },
            Assumption::Chosen { word: right("여성"), read_as: [wrong.clone(), wrong.clone()] },
            Assumption::Background { word: wrong.clone() },
            Assumption::Window { word: right("자주"), days: 12_345 },
        ];
        let mut turn = Turn {
            assumptions: kept.iter().chain(&dropped).cloned().collect(),
            unmatched: vec![word("여성"), word(&wrong)],
            topics: vec![Topic::Data, Topic::Term { name: wrong.clone() }],
            confidence: f32::NAN,
            ..Turn::default()
        };
        let steps = own_words(&mut turn, said, &catalog);
        assert_eq!(turn.assumptions, kept);
        assert_eq!(turn.unmatched, [word("여성")]);
        assert_eq!(turn.topics, [Topic::Data]);
        assert!((turn.confidence - UNSURE).abs() < f32::EPSILON);
        assert_eq!(steps.len(), dropped.len() + 1);
    }
}
