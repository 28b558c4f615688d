//! A small world of its own: a catalog, random data with missing values, the same data as Parquet files, an
//! independent evaluator of segments over it, and random segments.

pub(crate) mod data;
pub(crate) mod evaluate;
pub(crate) mod exprs;

use std::collections::HashMap;

use chrono::NaiveDate;
use waggle::catalog::{
    Band, Catalog, Channel, Contact, ContactHistory, Dataset, Field, FieldType, Label, Reading, Sensitivity,
};

/// The day that relative dates count back from.
pub(crate) fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 4, 22).unwrap()
}

fn field(name: &str, kind: FieldType, nullable: bool) -> Field {
    Field {
        name: name.to_owned(),
        kind,
        label: Label::default(),
        synonyms: Vec::new(),
        about: Label::default(),
        unit: None,
        category: String::new(),
        sensitivity: Sensitivity::Open,
        nullable,
        range: None,
        values: Vec::new(),
        groups: Vec::new(),
        within: None,
        band: None,
        shared: None,
        preferred: false,
        cues: Vec::new(),
        ordered: Vec::new(),
        reading: Reading::Row,
        window_days: None,
    }
}

fn dataset(name: &str, fields: Vec<Field>, primary_key: &[&str], joins_on: Option<&str>) -> Dataset {
    Dataset {
        name: name.to_owned(),
        label: Label::default(),
        fields,
        primary_key: primary_key.iter().map(|k| (*k).to_owned()).collect(),
        joins_on: joins_on.map(str::to_owned),
        item: None,
        presence: waggle::catalog::Presence::default(),
    }
}

/// Letters to those who are VIPs, calls to whoever is not known to be one, and anything to everybody; the
/// orders stand for past contacts, their categories for the channels.
fn contact() -> Contact {
    let channel = |name: &str, needs: &str, values: &[&str]| Channel {
        name: name.to_owned(),
        label: Label::default(),
        needs: needs.to_owned(),
        values: values.iter().map(|v| (*v).to_owned()).collect(),
        line: 0,
    };
    Contact {
        channels: vec![
            channel("letter", "vip", &["도서", "it's"]),
            channel("call", "NOT vip", &["F"]),
            channel("any", "TRUE", &[]),
        ],
        history: Some(ContactHistory {
            dataset: "Order".to_owned(),
            date: "sent_on".to_owned(),
            channel: Some("category".to_owned()),
        }),
    }
}

/// People who agreed to be counted, the apps they use and what they bought. `Order` and `group` are names
/// that need quotes.
pub(crate) fn catalog() -> Catalog {
    use FieldType::{Bool, Date, Float64, Int16, Int32, Int64, String};
    let mut key = field("customer_id", Int64, false);
    key.sensitivity = Sensitivity::Identifier;
    let people = vec![
        key,
        field("gender", String, true),
        field("city", String, false),
        field("age", Int16, true),
        field("fee", Int32, false),
        field("score", Float64, true),
        field("vip", Bool, true),
        field("pi_consent", Bool, true),
        field("joined_on", Date, true),
    ];
    let apps = vec![
        field("customer_id", Int64, false),
        field("app", String, false),
        field("group", String, true),
        field("days", Int16, false),
        field("minutes", Int32, true),
        field("mb", Float64, true),
    ];
    let orders = vec![
        field("order_id", Int64, false),
        field("customer_id", Int64, true),
        field("category", String, true),
        field("amount", Int32, true),
        field("sent_on", Date, true),
        field("returned", Bool, true),
    ];
    let datasets = vec![
        dataset("customers", people, &["customer_id"], None),
        dataset("app_usage", apps, &["customer_id", "app"], Some("customer_id")),
        dataset("Order", orders, &["order_id"], Some("customer_id")),
    ];
    let by_name: HashMap<_, _> = datasets.iter().enumerate().map(|(i, d)| (d.name.clone(), i)).collect();
    let band = Band {
        name: "age_band".to_owned(),
        field: "age".to_owned(),
        labels: ["20 미만", "20대", "it's 30+"].map(str::to_owned).to_vec(),
        labels_en: ["under 20", "20s", "30 and over"].map(str::to_owned).to_vec(),
        edges: vec![20.0, 30.0],
        label: Label::default(),
        synonyms: Vec::new(),
    };
    Catalog {
        name: "small".to_owned(),
        version: "0".to_owned(),
        as_of: as_of(),
        window: (as_of(), as_of()),
        min_group: 5,
        secrecy: waggle::catalog::Secrecy::default(),
        population: "pi_consent".to_owned(),
        everybody: "pi_consent".to_owned(),
        row_rules: Vec::new(),
        population_label: Label::default(),
        entity_label: Label::default(),
        entity_nouns: Vec::new(),
        categories: Vec::new(),
        datasets,
        units: Vec::new(),
        bands: vec![band],
        glossary: Vec::new(),
        vague: Vec::new(),
        personal: Vec::new(),
        respellings: Vec::new(),
        contact: contact(),
        source: std::path::PathBuf::new(),
        by_name,
    }
}
