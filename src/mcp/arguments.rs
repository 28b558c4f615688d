//! What the tools take. The descriptions are read by a model that has never seen the program.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;

use crate::catalog::Locale;
use crate::service::{HandEdit, HandOp};
use crate::sql::Dialect;

/// Arguments of `search_catalog`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// Words, in Korean or English, for what is looked for: an attribute, a value, a place, an app, a term.
    pub query: String,
    /// How many things to find at most; 10 where left out.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Arguments of `ask`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    /// The request in the user's own words, Korean or English: whom to count, how to group them, or what to change of the
    /// segment so far.
    pub text: String,
    /// Id of the session to go on with, from an earlier result. Left out, a new conversation begins.
    #[serde(default)]
    pub session: Option<String>,
    /// Who is to read the request: `builtin`, or a model of the service. Leave it out unless the user names one.
    #[serde(default)]
    pub model: Option<String>,
}

/// Arguments of `refine`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Refine {
    /// Id of the session whose segment is changed.
    pub session: String,
    /// The change in words ("only women", "이 중 넷플릭스 보는 사람", "undo"). Give this or `edit`.
    #[serde(default)]
    pub text: Option<String>,
    /// The change as a condition of the segment language. Give this or `text`.
    #[serde(default)]
    pub edit: Option<EditArgument>,
}

/// A structured change of a segment.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct EditArgument {
    /// How the condition changes the segment: `narrow` (must hold as well), `set` (a new value for an attribute that is
    /// restricted already), `widen` (or this too), `exclude` (those for whom it holds are taken out), `remove` (drop the
    /// condition on this attribute), `swap` (takes the place of `instead_of`).
    pub op: Op,
    /// The condition in segment text, as results show it in `text`: `home_sido = '부산광역시'`, `age BETWEEN 20 AND 29`.
    /// `search_catalog` gives conditions that can be used as they are.
    pub condition: String,
    /// For `swap`: the condition whose place is taken.
    #[serde(default)]
    pub instead_of: Option<String>,
    /// Fields or bands to group by afterwards, at most two.
    #[serde(default)]
    pub by: Vec<String>,
}

/// How a condition changes a segment.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars", inline)]
#[serde(rename_all = "snake_case")]
pub(super) enum Op {
    Narrow,
    Set,
    Widen,
    Exclude,
    Remove,
    Swap,
}

impl From<EditArgument> for HandEdit {
    fn from(edit: EditArgument) -> Self {
        let op = match edit.op {
            Op::Narrow => HandOp::Narrow,
            Op::Set => HandOp::Set,
            Op::Widen => HandOp::Widen,
            Op::Exclude => HandOp::Exclude,
            Op::Remove => HandOp::Remove,
            Op::Swap => HandOp::Swap,
        };
        Self { op, condition: edit.condition.into(), instead_of: edit.instead_of.map(Into::into), breakdown: edit.by }
    }
}

/// Arguments of `preview_sql`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Preview {
    /// Id of the session whose segment is meant. Give this or `segment`.
    #[serde(default)]
    pub session: Option<String>,
    /// A definition in segment text: `home_sigungu = '강남구' AND device_series = 'iPhone'`. Give this or `session`.
    #[serde(default)]
    pub segment: Option<String>,
    /// Fields or bands to group by, at most two; left out for the count.
    #[serde(default)]
    pub by: Vec<String>,
    /// Flavour of SQL; `datafusion` where left out.
    #[serde(default)]
    pub dialect: Option<DialectArgument>,
    /// Language of the sentence that describes the segment; `ko` where left out.
    #[serde(default)]
    pub locale: Option<LocaleArgument>,
}

/// A flavour of SQL.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars", inline)]
#[serde(rename_all = "lowercase")]
pub(super) enum DialectArgument {
    DataFusion,
    Postgres,
    BigQuery,
    Snowflake,
    Spark,
    DuckDb,
}

impl From<DialectArgument> for Dialect {
    fn from(dialect: DialectArgument) -> Self {
        match dialect {
            DialectArgument::DataFusion => Self::DataFusion,
            DialectArgument::Postgres => Self::Postgres,
            DialectArgument::BigQuery => Self::BigQuery,
            DialectArgument::Snowflake => Self::Snowflake,
            DialectArgument::Spark => Self::Spark,
            DialectArgument::DuckDb => Self::DuckDb,
        }
    }
}

/// A language.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars", inline)]
#[serde(rename_all = "lowercase")]
pub(super) enum LocaleArgument {
    Ko,
    En,
}

impl From<LocaleArgument> for Locale {
    fn from(locale: LocaleArgument) -> Self {
        match locale {
            LocaleArgument::Ko => Self::Ko,
            LocaleArgument::En => Self::En,
        }
    }
}

/// Arguments of `break_down`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct BreakDown {
    /// Id of the session whose segment is grouped.
    pub session: String,
    /// One or two fields or bands by their names in the catalog, such as `age_band` or `gender`.
    pub by: Vec<String>,
}

/// Arguments of `save_segment`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Save {
    /// What to call it. A name that the user has used already gets a further version.
    pub name: String,
    /// Id of the session whose segment is kept. Give this or `segment`.
    #[serde(default)]
    pub session: Option<String>,
    /// A definition in segment text. Give this or `session`.
    #[serde(default)]
    pub segment: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether everybody who uses the service may use it too; only its owner where left out.
    #[serde(default)]
    pub public: Option<bool>,
}
