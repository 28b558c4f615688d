//! What a translator believes was asked: a `Draft`, loosely typed, and a `Turn`, the same thing resolved
//! against the catalog. Both translators make drafts; everything after is shared.
//!
//! A draft names fields, values and datasets as text; `translate::resolve` turns them into an
//! [`Expr`] or says what is wrong and what the nearest names are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expr::{Amount, End, Expr, Func};

/// Words of the request, by byte offsets into the text as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The words themselves.
    pub text: String,
}

/// What a turn does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Starts a new segment from everybody.
    New,
    /// Changes the segment, or asks about it.
    #[default]
    Continue,
    /// Back to the segment before the last change.
    Undo,
    /// Back to everybody.
    Reset,
    /// Asks for personal data one by one, or for something the system must not do.
    Refuse,
    /// Asks what data or filters exist or what a word means.
    About,
    /// Nothing of it is in the data.
    Unknown,
}

/// One change of the segment. The condition is the same type in a draft (`C` = [`DraftExpr`]) and in a
/// turn (`C` = [`Expr`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit<C> {
    /// How the condition changes the segment.
    pub op: EditOp,
    /// The condition; for [`EditOp::Remove`] any condition on the attribute.
    pub condition: C,
    /// For [`EditOp::Swap`], what is replaced.
    pub instead_of: Option<C>,
    /// The words it came from.
    pub words: Words,
}

/// How a condition changes a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditOp {
    /// Must hold as well.
    Narrow,
    /// A fragment: a new value for an attribute already restricted, else a further condition.
    Set,
    /// Widens the restriction on the same attribute or kind of presence.
    Widen,
    /// Takes out those for whom it holds.
    Exclude,
    /// Drops the restriction on its attribute.
    Remove,
    /// Puts the condition in the place of `instead_of`.
    Swap,
    /// Puts the condition in the place of the whole segment: for changes made by hand, never asked for in words.
    #[schemars(skip)]
    Replace,
}

/// A condition in words of the catalog that nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftExpr {
    /// All of them.
    All(Vec<DraftExpr>),
    /// Any of them.
    Any(Vec<DraftExpr>),
    /// Not.
    Not(Box<DraftExpr>),
    /// A field of the entity (or of the rows, inside a presence) compared with values.
    Field {
        /// Field name.
        field: String,
        /// `=`, `!=`, `<`, `<=`, `>`, `>=`, `between`, `in`, `true`, `missing`.
        op: String,
        /// Values: text, numbers, or dates as `2024-04-22`, `-30d`, `-3m`.
        values: Vec<serde_json::Value>,
    },
    /// A row exists in a many-table.
    Presence {
        /// The many-table.
        dataset: String,
        /// Condition on the rows.
        rows: Option<Box<DraftExpr>>,
    },
    /// An aggregate over a many-table compared with a number.
    Total {
        /// The many-table.
        dataset: String,
        /// What is computed.
        func: Func,
        /// Of which field.
        field: Option<String>,
        /// Condition on the rows.
        rows: Option<Box<DraftExpr>>,
        /// As in `Field`.
        op: String,
        /// As in `Field`.
        values: Vec<serde_json::Value>,
    },
    /// Top or bottom by a field, within the segment so far.
    Rank {
        /// Field of the entity.
        field: String,
        /// Which end.
        end: End,
        /// How many.
        amount: Amount,
    },
    /// So many at random.
    Sample {
        /// How many.
        size: u64,
        /// Seed.
        seed: u64,
    },
    /// A glossary term.
    Term(String),
    /// A saved segment.
    Saved(String),
    /// Already typed, as the built-in translator makes them; checked all the same.
    Typed(Expr),
}

/// What the answer shows beside the count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Show<C> {
    /// Fields or bands to group by, at most two. A field of a many-table is `dataset.field`.
    pub breakdown: Vec<String>,
    /// With a breakdown over a many-table: condition on its rows.
    pub rows: Option<C>,
    /// Only the N largest groups.
    pub top: Option<u32>,
    /// Only the N smallest groups.
    pub bottom: bool,
    /// An aggregate over the segment.
    pub metric: Option<Metric<C>>,
}

/// An aggregate over the segment's entities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric<C> {
    /// A function of a number field of the entity.
    Of {
        /// Which function.
        func: Func,
        /// Field of the entity.
        field: String,
    },
    /// The share of the segment for which a condition holds, from 0 to 1.
    Share(C),
    /// A function of a number field of a many-table over all rows of the segment's entities.
    OfRows {
        /// Which function.
        func: Func,
        /// The many-table.
        dataset: String,
        /// Its field.
        field: String,
        /// Condition on the rows.
        rows: Option<C>,
    },
}

/// Something done beside reading the segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// Keep the segment under a name.
    Save {
        /// The name; none where none was given.
        name: Option<String>,
    },
    /// Write the segment's entities to a file.
    Export {
        /// File format that was named (csv, parquet, xlsx).
        format: Option<String>,
    },
    /// Go to a saved segment.
    Load {
        /// The name.
        name: String,
    },
    /// Compare with a saved segment.
    Compare {
        /// The name.
        name: String,
    },
    /// Back to an earlier node of the session's tree.
    Goto {
        /// Turn number.
        turn: u32,
    },
}

/// One way to read what was ambiguous.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice<C> {
    /// What a reader sees, Korean and English.
    pub label: [String; 2],
    /// Words by which a reply picks it, beside its number.
    pub words: Vec<String>,
    /// The edits it stands for.
    pub edits: Vec<Edit<C>>,
}

/// A question back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question<C> {
    /// The words that could mean several things.
    pub words: Words,
    /// Why it is asked.
    pub why: Why,
    /// What they could mean.
    pub choices: Vec<Choice<C>>,
}

/// Why a question is asked back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// One name stands for several values (중구).
    SharedName,
    /// One word names things in several tables (병원).
    SeveralTables,
    /// A word too vague to count by (점수 높은, active).
    Vague,
    /// A save, load or comparison without a name, or with an unknown one.
    NoName,
    /// Two translators read the request differently. No translator says so by itself.
    #[schemars(skip)]
    TwoReadings,
}

/// A reading that was chosen without asking, said in the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Assumption {
    /// A glossary word was read as its condition.
    Term {
        /// The word as it was typed.
        word: String,
        /// The condition in text form.
        means: String,
    },
    /// A slip of typing was mended.
    Typo {
        /// As typed.
        word: String,
        /// As read.
        read_as: String,
    },
    /// A word with several meanings was read as the likely one.
    Chosen {
        /// The word.
        word: String,
        /// What it was read as: field or value label, Korean and English.
        read_as: [String; 2],
    },
    /// Words that say why, not whom, and were set aside.
    Background {
        /// The words.
        word: String,
    },
    /// A span of time that the measure already covers.
    Window {
        /// The words.
        word: String,
        /// Days that the measure covers.
        days: u32,
    },
}

impl Assumption {
    /// The word, or the words, that it is about, as they were typed.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Term { word, .. }
            | Self::Typo { word, .. }
            | Self::Chosen { word, .. }
            | Self::Background { word }
            | Self::Window { word, .. } => word,
        }
    }
}

/// Words of the request that say what to show or to do, and no condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// What they say.
    pub says: Says,
    /// The words.
    pub words: Words,
}

/// What words say that are no condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// What to show.
    Show,
    /// What to do.
    Do,
}

/// What a question about the data is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Topic {
    /// A glossary term.
    Term {
        /// Its name.
        name: String,
    },
    /// A field.
    Field {
        /// Dataset name.
        dataset: String,
        /// Field name.
        field: String,
    },
    /// A dataset.
    Dataset {
        /// Its name.
        name: String,
    },
    /// A category of filters.
    Category {
        /// Its name.
        name: String,
    },
    /// The data: date, window, population.
    Data,
    /// The segment so far.
    Segment,
    /// Everything that can be asked.
    Everything,
}

/// A translator's belief, generic over the condition type: `Draft` = `Believed<DraftExpr>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "C: Deserialize<'de>"))]
pub struct Believed<C> {
    /// What it does.
    pub act: Act,
    /// Changes of the segment, in the order they were said.
    pub edits: Vec<Edit<C>>,
    /// What to show.
    pub show: Show<C>,
    /// What to do.
    pub action: Option<Action>,
    /// What to explain, for [`Act::About`].
    pub topics: Vec<Topic>,
    /// What to ask back; the edits and the rest wait for the reply.
    pub question: Option<Question<C>>,
    /// Readings chosen without asking.
    pub assumptions: Vec<Assumption>,
    /// Content words that no reading covers.
    pub unmatched: Vec<Words>,
    /// Words that say what to show or to do; for readers, decides nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<Used>,
    /// For [`Act::Refuse`]: what was asked that must not be done.
    pub refused: Option<Refusal>,
    /// From 0 to 1.
    pub confidence: f32,
}

/// What must not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Personal data one by one.
    Personal,
    /// Those outside the population.
    Population,
    /// Changing or deleting data.
    Write,
    /// Showing or changing how the system works.
    System,
}

impl<C> Default for Believed<C> {
    fn default() -> Self {
        Self {
            act: Act::Continue,
            edits: Vec::new(),
            show: Show { breakdown: Vec::new(), rows: None, top: None, bottom: false, metric: None },
            action: None,
            topics: Vec::new(),
            question: None,
            assumptions: Vec::new(),
            unmatched: Vec::new(),
            used: Vec::new(),
            refused: None,
            confidence: 1.0,
        }
    }
}

/// What a translator believes, unchecked.
pub type Draft = Believed<DraftExpr>;

/// What was asked, resolved against the catalog.
pub type Turn = Believed<Expr>;
