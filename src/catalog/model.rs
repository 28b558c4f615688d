//! The catalog as the rest of the program sees it: checked, immutable, looked up by index or name.
//!
//! Loading ([`super::load`]) guarantees what the types cannot say: every index is in range, every
//! `within` names a field of the same dataset, every band covers its field from end to end.

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::rules::RowRule;

/// The two languages that labels, answers and questions are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Korean.
    Ko,
    /// English.
    #[default]
    En,
}

impl Locale {
    /// `ko`, `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }
}

impl std::str::FromStr for Locale {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        [Self::Ko, Self::En].into_iter().find(|l| l.code() == code).ok_or(())
    }
}

/// What a thing is called in each language; a catalog in one language repeats it in both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Label {
    /// The Korean label.
    pub ko: String,
    /// The English label.
    pub en: String,
}

impl Label {
    /// The label a reader of `locale` sees.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::Ko => &self.ko,
            Locale::En => &self.en,
        }
    }
}

/// The storage type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// True or false.
    Bool,
    /// 8-bit signed integer.
    Int8,
    /// 16-bit signed integer.
    Int16,
    /// 32-bit signed integer.
    Int32,
    /// 64-bit signed integer.
    Int64,
    /// Double precision number.
    Float64,
    /// UTF-8 text.
    String,
    /// Calendar date, no time.
    Date,
}

impl FieldType {
    /// Whether values can be added and averaged.
    #[must_use]
    pub fn is_number(self) -> bool {
        !matches!(self, Self::Bool | Self::String | Self::Date)
    }

    /// Whether values are whole numbers.
    #[must_use]
    pub fn is_integer(self) -> bool {
        self.is_number() && self != Self::Float64
    }
}

/// One listed value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Value {
    /// The value as it is stored.
    pub name: String,
    /// What a reader sees.
    pub label: Label,
    /// Further words people use for it, in any language.
    pub synonyms: Vec<String>,
    /// The values of the `within` field that hold it; more than one for a name that several share
    /// (중구), none for a field without `within`.
    pub parents: Vec<String>,
    /// Means "has none of it" (없음, none): "with broadband" is any other value, "without" is this one.
    pub absent: bool,
}

/// Several values of one field under one name: "갤럭시" is every Galaxy series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueGroup {
    /// What a reader sees.
    pub label: Label,
    /// The words for it.
    pub synonyms: Vec<String>,
    /// Stored values, in catalog order.
    pub values: Vec<String>,
}

/// Whether a field tells who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// May be used and shown.
    #[default]
    Open,
    /// May be used to join and count, never listed.
    Identifier,
}

/// How secret a catalog is: its names, its values and what is asked of it. Rows leave the house in neither case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// A model elsewhere may be told of it.
    #[default]
    Internal,
    /// It stays in the house.
    Restricted,
}

/// A word that says neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sensitivity of a catalog is `internal` or `restricted`")]
pub struct NoSuchSecrecy;

impl std::str::FromStr for Secrecy {
    type Err = NoSuchSecrecy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "internal" => Ok(Self::Internal),
            "restricted" => Ok(Self::Restricted),
            _ => Err(NoSuchSecrecy),
        }
    }
}

/// How a measure of a many-table is read when a number is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// One row at a time, unless a total is asked for ("15 days or more" of one app).
    #[default]
    Row,
    /// The rows that match are added up (visits, calls, orders, money).
    Total,
}

/// One column of a dataset.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Column name; unique within its dataset.
    pub name: String,
    /// Storage type.
    pub kind: FieldType,
    /// What a reader sees.
    pub label: Label,
    /// Further words for the attribute.
    pub synonyms: Vec<String>,
    /// What it is, in a sentence, in each language; empty where the label says it all.
    pub about: Label,
    /// Unit key of [`Catalog::units`], such as `minutes`.
    pub unit: Option<String>,
    /// Category key of [`Catalog::categories`].
    pub category: String,
    /// Whether it may be shown.
    pub sensitivity: Sensitivity,
    /// Whether a row may lack it.
    pub nullable: bool,
    /// Smallest and largest value, both included.
    pub range: Option<(f64, f64)>,
    /// All values, where they are listed; empty for free values.
    pub values: Vec<Value>,
    /// Named sets of values.
    pub groups: Vec<ValueGroup>,
    /// The field of the same dataset whose values contain this one's (district within province).
    /// Fields so chained are one attribute.
    pub within: Option<String>,
    /// The band that a breakdown uses by default.
    pub band: Option<String>,
    /// Name of a list shared with other fields (regions of home, of work, of visits): a value of it
    /// on its own goes to the `preferred` field.
    pub shared: Option<String>,
    /// Of the fields that share a list, the one meant when nothing else tells.
    pub preferred: bool,
    /// Verbs and nouns that point to this field (사는, 거주, living in): dictionary forms.
    pub cues: Vec<String>,
    /// The values in order from lowest to highest, where they have one ("골드 이상").
    pub ordered: Vec<String>,
    /// How a number asked of it is read, in a many-table.
    pub reading: Reading,
    /// Length of the window it sums over, in days, where it does (30 for `*_30d`).
    pub window_days: Option<u32>,
}

impl Field {
    /// The listed value stored as `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|v| v.name == name)
    }
}

/// How the presence of a row in a many-table is spoken of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Presence {
    /// Verbs in dictionary form (쓰다, 보다, use, watch).
    pub verbs: Vec<String>,
    /// Nouns that point to the dataset (앱, app, 통화, order).
    pub nouns: Vec<String>,
    /// Korean and English sentence: `{}` stands for what is present ("{} 이용", "uses {}").
    pub says: Label,
    /// The same for absence ("{} 이용 안 함", "does not use {}").
    pub says_not: Label,
    /// What `{}` is when no row condition is given ("앱", "any app").
    pub anything: Label,
}

/// A table: the entity itself, or a table of many rows for each entity.
#[derive(Debug, Clone, Serialize)]
pub struct Dataset {
    /// Table name.
    pub name: String,
    /// What a reader sees.
    pub label: Label,
    /// Columns, in file order.
    pub fields: Vec<Field>,
    /// Columns that identify a row.
    pub primary_key: Vec<String>,
    /// For a many-table, the column that equals the entity's key.
    pub joins_on: Option<String>,
    /// For a many-table, the field that says what is present (app, business, service).
    pub item: Option<String>,
    /// For a many-table, how presence is spoken of.
    pub presence: Presence,
}

impl Dataset {
    /// The field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The first date field: when the thing happened.
    #[must_use]
    pub fn date_field(&self) -> Option<&Field> {
        self.fields.iter().find(|f| f.kind == FieldType::Date)
    }
}

/// A group of filters as a marketer browses them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Category {
    /// Key that fields name.
    pub name: String,
    /// What a reader sees.
    pub label: Label,
    /// Further words for it ("단말" filters).
    pub synonyms: Vec<String>,
}

/// Words for amounts of a unit: `hour: 60` for a unit of minutes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unit {
    /// Key that fields name.
    pub name: String,
    /// What follows a number in an answer.
    pub label: Label,
    /// Word after a number → factor to the unit.
    pub words: Vec<(String, f64)>,
    /// Word before a number ("$") → factor.
    pub prefixes: Vec<(String, f64)>,
}

/// How a number is grouped: `edges` are the lower bounds of every band but the first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// Name, used like a column (`age_band`).
    pub name: String,
    /// The entity's field that is grouped.
    pub field: String,
    /// One more label than edges, lowest first. These are the stored keys of groups.
    pub labels: Vec<String>,
    /// English labels, one for each label (the same where none are given).
    pub labels_en: Vec<String>,
    /// Lower bounds, ascending.
    pub edges: Vec<f64>,
    /// What a reader sees.
    pub label: Label,
    /// Further words for the grouping (연령대, age group).
    pub synonyms: Vec<String>,
}

/// A word that stands for a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Term {
    /// The word.
    pub name: String,
    /// What a reader sees.
    pub label: Label,
    /// Further words for it.
    pub synonyms: Vec<String>,
    /// The condition, in the segment's text form. Over the entity, or over rows of `of`.
    pub predicate: String,
    /// The many-table whose rows it restricts (자주: `days_used_30d >= 15` of `app_usage`).
    pub of: Option<String>,
    /// The same word over further many-tables: dataset → predicate.
    pub also: Vec<(String, String)>,
    /// Line of the catalog file where it stands, for faults found later.
    pub line: u64,
}

impl Term {
    /// The predicate over rows of `dataset`, where the term has one.
    #[must_use]
    pub fn row_predicate(&self, dataset: &str) -> Option<&str> {
        if self.of.as_deref() == Some(dataset) {
            return Some(&self.predicate);
        }
        self.also.iter().find(|(d, _)| d == dataset).map(|(_, p)| p.as_str())
    }
}

/// A word for something that people ask for and the data does not have, or must not give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vague {
    /// The words (점수, 많이 쓰는, active).
    pub words: Vec<String>,
    /// The entity's fields or glossary terms that could be meant: the options of the question.
    pub options: Vec<String>,
}

/// A way in which an entity may be contacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// What a request names it by.
    pub name: String,
    /// What a reader sees.
    pub label: Label,
    /// Condition on the entity that allows it, in the segment's text form.
    pub needs: String,
    /// Stored values of the history's channel field that stand for it; none for any of them.
    pub values: Vec<String>,
    /// Line of the catalog file where the condition stands, for faults found later.
    pub line: u64,
}

/// Where the contacts of the past are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactHistory {
    /// The many-table: a row for each contact.
    pub dataset: String,
    /// Its date field: the day of the contact.
    pub date: String,
    /// Its field that says by which channel.
    pub channel: Option<String>,
}

/// Who may be contacted, and how; empty where the catalog says nothing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// The channels that there are.
    pub channels: Vec<Channel>,
    /// The contacts of the past, where the data has them.
    pub history: Option<ContactHistory>,
}

impl Contact {
    /// The channel called `name`.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|c| c.name == name)
    }
}

/// Everything that can be asked.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// Its name (`telco`).
    pub name: String,
    /// Hash of the files it was read from, hexadecimal.
    pub version: String,
    /// The data's date: "최근 30일" counts back from it.
    pub as_of: NaiveDate,
    /// First and last day that windowed measures sum over.
    pub window: (NaiveDate, NaiveDate),
    /// Groups smaller than this are hidden.
    pub min_group: u64,
    /// Whether models outside the house may be told of it.
    pub secrecy: Secrecy,
    /// Condition on the entity that every count is restricted to; segment text form.
    pub population: String,
    /// The population as the catalog's files say it; differs from `population` within a caller's rows
    /// ([`Catalog::within`]).
    pub everybody: String,
    /// Who sees which rows.
    pub row_rules: Vec<RowRule>,
    /// What the population is called ("개인정보 활용 동의 고객").
    pub population_label: Label,
    /// What one row of the entity is called (고객, customer) and its counter (명).
    pub entity_label: Label,
    /// Nouns for the entity in requests (고객, 사람, 회선, customer, people).
    pub entity_nouns: Vec<String>,
    /// Categories in the order a marketer browses them.
    pub categories: Vec<Category>,
    /// Datasets; the entity first.
    pub datasets: Vec<Dataset>,
    /// Units by key.
    pub units: Vec<Unit>,
    /// Bands.
    pub bands: Vec<Band>,
    /// Glossary.
    pub glossary: Vec<Term>,
    /// Words too vague to count by, and what they may mean.
    pub vague: Vec<Vague>,
    /// Words of personal data that is never given one by one (이름, phone number).
    pub personal: Vec<String>,
    /// Words of the catalog respelled: `Pro` → 프로, so that "아이폰 15 프로" is found.
    pub respellings: Vec<(String, Vec<String>)>,
    /// Who may be contacted, and how.
    pub contact: Contact,
    /// Where it was read from.
    pub source: PathBuf,
    /// Dataset name → index.
    pub by_name: HashMap<String, usize>,
}

impl Catalog {
    /// The entity's dataset.
    #[must_use]
    pub fn entity(&self) -> &Dataset {
        &self.datasets[0]
    }

    /// The entity's key column.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.entity().primary_key[0]
    }

    /// The dataset called `name`.
    #[must_use]
    pub fn dataset(&self, name: &str) -> Option<&Dataset> {
        self.by_name.get(name).map(|&i| &self.datasets[i])
    }

    /// A field of the entity.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.entity().field(name)
    }

    /// The band called `name`.
    #[must_use]
    pub fn band(&self, name: &str) -> Option<&Band> {
        self.bands.iter().find(|b| b.name == name)
    }

    /// The unit called `name`.
    #[must_use]
    pub fn unit(&self, name: &str) -> Option<&Unit> {
        self.units.iter().find(|u| u.name == name)
    }

    /// The glossary term called `name`.
    #[must_use]
    pub fn term(&self, name: &str) -> Option<&Term> {
        self.glossary.iter().find(|t| t.name == name)
    }

    /// The topmost field of the chain of `within` that `field` of `dataset` belongs to: the name of
    /// the attribute. `home_sigungu` and `home_sido` are one attribute, named `home_sido`.
    #[must_use]
    pub fn attribute<'a>(&'a self, dataset: &str, field: &'a str) -> &'a str {
        let Some(dataset) = self.dataset(dataset) else { return field };
        let mut name = field;
        // A chain is at most as long as the dataset is wide; loading refuses cycles.
        for _ in 0..dataset.fields.len() {
            match dataset.field(name).and_then(|f| f.within.as_deref()) {
                Some(parent) => name = parent,
                None => break,
            }
        }
        name
    }
}
