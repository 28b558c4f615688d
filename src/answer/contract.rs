//! The answer, from every door: the JSON contract of the program. Fields that do not apply are left out.

use serde::{Deserialize, Serialize};

use crate::catalog::Locale;
use crate::segment::Expr;
use crate::translate::model::Step;

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// With numbers.
    #[default]
    Answered,
    /// With a question back.
    Clarify,
    /// Not done: it must not be.
    Refused,
    /// The data has nothing about it.
    Unknown,
    /// A question on data, filters or words, answered in words.
    About,
    /// Something failed.
    Error,
}

/// One answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Answer {
    /// The session it belongs to.
    pub session: String,
    /// Turn number, from 1.
    pub turn: u32,
    /// How the turn ended.
    pub status: Status,
    /// What a person reads.
    pub reply: String,
    /// Language of the reply.
    #[serde(skip)]
    #[schema(ignore)]
    pub locale: Locale,
    /// How the request was read: a line for each condition of the segment.
    pub reading: Vec<String>,
    /// Readings chosen without asking, as sentences.
    pub assumptions: Vec<String>,
    /// Words not understood.
    pub unmatched: Vec<String>,
    /// What words of the request became, in their order; none where nobody typed any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The readings chosen without asking, one by one, as `assumptions` has them in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Assumed>,
    /// The question asked back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Its possible answers.
    pub options: Vec<String>,
    /// The segment after the turn.
    #[schema(value_type = serde_json::Value)]
    pub segment: SegmentExpr,
    /// The same in text form.
    pub text: String,
    /// Size of the segment; none where it is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Set where the count is hidden for being small: it is below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count_below: Option<u64>,
    /// Size of the population.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<u64>,
    /// All lines, consented or not, where the administrator has said how many they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_total: Option<u64>,
    /// `count / population`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// `count` over that of the segment before the turn, where the turn narrowed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_of_previous: Option<f64>,
    /// Date of the data, `2024-04-22`.
    pub as_of: String,
    /// Version of the data that the answer was made from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub data_version: String,
    /// Groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    /// Aggregates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricValue>,
    /// What was done beside counting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Done>,
    /// The SQL of the count, or of the breakdown or metric where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Sensible next requests.
    pub suggestions: Vec<String>,
    /// What the model that translated remarks on the result; its figures are Waggle's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What the reader is told of who translated: that somebody else had to, or that two read it differently.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Who translated.
    pub translator: String,
    /// How sure the translator is, from 0 to 1.
    pub confidence: f32,
    /// What a model cost; zero for the built-in translator.
    pub usage: Usage,
    /// What happened on the way to the translation, where models were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub trace: Vec<Step>,
    /// Milliseconds by stage.
    pub timings_ms: Timings,
}

/// Words of a request and what they became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Part {
    /// Their first character in the request.
    pub start: usize,
    /// One past their last.
    pub end: usize,
    /// What they became.
    pub became: Became,
    /// How they were read, for a reader; left out where the words say it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reading: String,
}

/// What words of a request became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// A condition.
    Condition,
    /// Something that is taken out.
    Excluded,
    /// A condition by a reading that was chosen without asking.
    Assumed,
    /// What is shown.
    Shown,
    /// What is done.
    Done,
    /// What is asked back.
    Asked,
    /// Set aside: it says why, not whom.
    Background,
    /// Nothing: it was not understood.
    Unmatched,
}

/// A reading that was chosen without asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Assumed {
    /// `term`, `typo`, `chosen`, `background` or `window`.
    pub kind: String,
    /// The words as they were typed.
    pub word: String,
    /// What they were read as, for a reader.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reading: String,
    /// For a term: its condition in text form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<String>,
}

/// The segment expression of an answer; everybody where nothing was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SegmentExpr(pub Expr);

impl Default for SegmentExpr {
    fn default() -> Self {
        Self(Expr::All)
    }
}

/// Groups of a segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Breakdown {
    /// Fields or bands, one or two.
    pub by: Vec<String>,
    /// The groups.
    pub rows: Vec<Group>,
    /// How many groups are hidden.
    pub suppressed: usize,
}

/// One group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Group {
    /// Stored values or band labels; null where missing.
    pub key: Vec<Option<String>>,
    /// The same for a reader.
    pub label: Vec<String>,
    /// How many.
    pub count: u64,
    /// Of the segment.
    pub share: f64,
    /// The metric of the group, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// An aggregate over the segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MetricValue {
    /// `avg(monthly_fee)`, `share(gender = 'F')`.
    pub name: String,
    /// The number; none where there is nothing to aggregate or it is hidden.
    pub value: Option<f64>,
}

/// Something done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Done {
    /// `save`, `export`, `load`, `undo`, `reset`, `compare`.
    pub kind: String,
    /// Name of what it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it can be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What came of it (the numbers of a comparison).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub result: Option<serde_json::Value>,
}

/// What a model cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Usage {
    /// Tokens sent.
    pub prompt_tokens: u64,
    /// Tokens received.
    pub completion_tokens: u64,
    /// In US dollars.
    pub cost: f64,
    /// Whether the translation was there already, and cost nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
}

/// Milliseconds by stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Timings {
    /// Words to turn.
    pub translate: f64,
    /// Segment to SQL.
    pub compile: f64,
    /// SQL to rows.
    pub run: f64,
}
