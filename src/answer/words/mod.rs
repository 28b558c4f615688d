//! What answers say: one template a sentence, in each language. Templates hold language only; everything
//! about the data comes in as labels.

mod en;
mod ko;

use crate::catalog::Locale;
use crate::segment::{Refusal, Why};

/// The sentences of a language.
pub(super) trait Voice: Sync {
    /// "강남구에 사는 고객은 1,234명입니다."
    fn count(&self, who: &str, count: u64) -> String;
    /// The same of everybody; `who` is the population.
    fn count_all(&self, who: &str, count: u64) -> String;
    /// Nobody is in the segment.
    fn nobody(&self, who: &str) -> String;
    /// The count is hidden.
    fn few(&self, who: &str, below: u64) -> String;
    /// Shares of the segment before and of the population.
    fn shares(&self, previous: Option<&str>, population: Option<&str>) -> String;
    /// A number of entities.
    fn people(&self, count: u64) -> String;

    /// The largest or smallest group. `by`: labels of the keys.
    fn largest(&self, by: &[&str], group: &str, count: u64, share: &str, smallest: bool) -> String;
    /// The group with the highest or lowest metric.
    fn highest(&self, by: &[&str], metric: &str, group: &str, value: &str, lowest: bool) -> String;
    /// Groups are hidden.
    fn suppressed(&self, groups: usize, below: u64) -> String;
    /// All groups are too small.
    fn no_groups(&self, by: &[&str]) -> String;

    /// What a metric is called: a function of a field.
    fn metric_name(&self, func: crate::segment::Func, label: &str) -> String;
    /// What the share of a condition is called.
    fn share_name(&self, condition: &str) -> String;
    /// With a further condition on the rows.
    fn metric_where(&self, metric: &str, rows: &str) -> String;
    /// The value of a metric.
    fn metric(&self, name: &str, value: &str) -> String;
    /// The metric has no value.
    fn no_metric(&self, name: &str) -> String;
    /// The metric is hidden.
    fn hidden_metric(&self, name: &str) -> String;

    /// A glossary word was read as a condition.
    fn term(&self, word: &str, means: &str) -> String;
    /// A slip of typing was mended.
    fn typo(&self, word: &str, read_as: &str) -> String;
    /// A word was read as one of its meanings.
    fn chosen(&self, word: &str, read_as: &str) -> String;
    /// Words were set aside.
    fn background(&self, word: &str) -> String;
    /// A span that the measure already covers.
    fn window(&self, word: &str, days: u32) -> String;
    /// Words that nothing was found for, beside what was done.
    fn unmatched(&self, words: &[String]) -> String;

    /// Which of the choices is meant.
    fn question(&self, why: Why, word: &str) -> String;
    /// What name to save under.
    fn which_name(&self) -> String;
    /// Nothing is saved yet.
    fn nothing_saved(&self, name: &str) -> String;
    /// No saved segment has this name; which one is meant.
    fn no_such_name(&self, name: &str) -> String;

    /// Why it is refused, and what can be done instead.
    fn refusal(&self, refusal: Refusal, population: &str, entity: &str) -> String;
    /// Nothing of the request is in the data.
    fn unknown(&self, words: &[String], near: &[String]) -> String;
    /// There is no such turn.
    fn no_such_turn(&self, turn: u32) -> String;
    /// The request nests too deep.
    fn too_deep(&self) -> String;
    /// The request is too long.
    fn too_long(&self, bytes: usize) -> String;
    /// Nothing was typed.
    fn empty(&self) -> String;
    /// Something failed; `cause` is a sentence.
    fn failed(&self, cause: &str) -> String;

    /// The last change was undone.
    fn undone(&self) -> String;
    /// The question was dropped.
    fn dropped(&self) -> String;
    /// There is nothing to undo.
    fn nothing_to_undo(&self) -> String;
    /// Back to everybody.
    fn reset(&self) -> String;
    /// The segment was saved.
    fn saved(&self, name: &str, version: usize) -> String;
    /// A saved segment was taken.
    fn loaded(&self, name: &str) -> String;
    /// Back to an earlier turn.
    fn went_to(&self, turn: u32) -> String;
    /// The segment is to be exported.
    fn export(&self, format: Option<&str>) -> String;
    /// Sizes of two segments; `parts` are both, only this, only that, where they may be shown.
    fn compared(&self, name: &str, this: &str, that: &str, parts: Option<[u64; 3]>) -> String;
    /// Fewer than.
    fn fewer(&self, below: u64) -> String;

    /// What a glossary word means.
    fn about_term(&self, name: &str, means: &str, text: &str) -> String;
    /// A field: label, name and what it is.
    fn about_field(&self, label: &str, name: &str, about: &str) -> String;
    /// Its unit.
    fn about_unit(&self, unit: &str) -> String;
    /// Its bounds.
    fn about_range(&self, low: &str, high: &str) -> String;
    /// Its values; `more` are left out.
    fn about_values(&self, values: &[&str], more: usize) -> String;
    /// It sums over so many days.
    fn about_window(&self, days: u32) -> String;
    /// Its bands.
    fn about_bands(&self, label: &str, bands: &[String]) -> String;
    /// A dataset: label, name, what a row is.
    fn about_dataset(&self, label: &str, name: &str, row: &[&str]) -> String;
    /// Fields of something.
    fn about_fields(&self, label: &str, fields: &[&str], more: usize) -> String;
    /// The date and the span of the data.
    fn about_data(&self, as_of: &str, from: &str, to: &str, population: &str) -> String;
    /// The smallest group that is shown.
    fn about_min_group(&self, min: u64) -> String;
    /// The segment so far.
    fn about_segment(&self, lines: &[String]) -> String;
    /// The segment is everybody.
    fn about_everybody(&self, population: &str) -> String;
    /// Ahead of a list of everything.
    fn about_everything(&self) -> String;
    /// Nothing is known about it.
    fn about_nothing(&self) -> String;

    /// A request for an undo.
    fn ask_undo(&self) -> String;
    /// A request for a breakdown.
    fn ask_breakdown(&self, label: &str) -> String;
    /// A request that narrows to a glossary word.
    fn ask_narrow(&self, term: &str, entity: &str) -> String;
    /// A request for what can be asked.
    fn ask_everything(&self) -> String;
    /// A request to start over.
    fn ask_reset(&self) -> String;
}

/// The sentences of `locale`.
pub(super) fn voice(locale: Locale) -> &'static dyn Voice {
    match locale {
        Locale::Ko => &ko::Korean,
        Locale::En => &en::English,
    }
}

/// A request that cannot be read at all, said in `locale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing was typed.
    Empty,
    /// It has more than so many bytes.
    TooLong(usize),
}

impl Unreadable {
    /// What a reader sees.
    #[must_use]
    pub fn message(self, locale: Locale) -> String {
        match self {
            Self::Empty => voice(locale).empty(),
            Self::TooLong(bytes) => voice(locale).too_long(bytes),
        }
    }
}
