//! Examples of the form over the house's own catalog, made of its labels: a small model copies the names that it is
//! shown, so those of another catalog would cost it repairs.
//!
//! They say how a reply looks, not how people speak; nobody's requests are in them.

use serde_json::{Value as Json, json};

use super::told::Example;
use crate::catalog::{Band, Catalog, Dataset, Field, FieldType, Label, Locale, Value, search};
use crate::segment::check::is_identifier;
use crate::segment::{Expr, Literal, Test, text};

/// Longer labels are no help in an example.
const MAX_LABEL_CHARS: usize = 30;
/// Values that the smaller of two listed fields has at most.
const FEW_VALUES: usize = 3;
/// A word that catalogs rarely have anything for, in a request that asks for it.
const UNKNOWN: &str = "zodiac sign";

/// At most five examples over `catalog`; fewer where it lists too little.
pub(super) fn examples(catalog: &Catalog) -> Vec<Example> {
    let parts = Parts::of(catalog);
    [parts.whole(), parts.another(), parts.narrowed(), parts.by_band(), parts.by_field()]
        .into_iter()
        .flatten()
        .collect()
}

/// A listed field and two of its values.
#[derive(Clone, Copy)]
struct Listed<'a> {
    field: &'a Field,
    values: [&'a Value; 2],
}

impl<'a> Listed<'a> {
    fn of(field: &'a Field) -> Option<Self> {
        let mut values = field.values.iter().filter(|value| !value.absent && is_short(&value.label));
        Some(Self { field, values: [values.next()?, values.next()?] })
    }

    fn test(&self, value: usize) -> Json {
        json!({ "field": self.field.name, "op": "=", "values": [self.values[value].name] })
    }

    fn condition(&self, value: usize) -> Expr {
        let test = Test::Eq(Literal::Text(self.values[value].name.clone()));
        Expr::Compare { field: self.field.name.clone(), test }
    }

    fn text(&self, value: usize) -> String {
        text::print(&self.condition(value))
    }
}

/// What the examples are made of.
struct Parts<'a> {
    /// A field with many values: where people live.
    large: Option<Listed<'a>>,
    /// A field with few: their gender.
    small: Option<Listed<'a>>,
    /// A number and how it is grouped.
    number: Option<(&'a Field, &'a Band)>,
    /// A many-table that is spoken of by its presence.
    present: Option<(&'a Dataset, Listed<'a>)>,
    catalog: &'a Catalog,
}

impl<'a> Parts<'a> {
    fn of(catalog: &'a Catalog) -> Self {
        let entity = catalog.entity();
        let open = |field: &&Field| !is_identifier(field, entity) && is_short(&field.label);
        let texts = || {
            let fields = entity.fields.iter().filter(open);
            fields.filter(|field| field.kind == FieldType::String && field.within.is_none()).filter_map(Listed::of)
        };
        let few = |listed: &Listed<'_>| listed.field.values.len() <= FEW_VALUES;
        let number = catalog.bands.iter().find_map(|band| {
            let field = entity.field(&band.field).filter(open)?;
            (!band.edges.is_empty() && is_short(&band.label)).then_some((field, band))
        });
        let mut many = catalog.datasets.iter().skip(1).filter_map(|of| item(of).map(|item| (of, item)));
        Self {
            large: texts().filter(|listed| !few(listed)).max_by_key(|listed| listed.field.preferred),
            small: texts().filter(few).min_by_key(|listed| listed.field.values.len()),
            number,
            present: many.find(|(of, _)| !of.presence.says.ko.is_empty()),
            catalog,
        }
    }

    /// A whole request in Korean.
    fn whole(&self) -> Option<Example> {
        let mut request = Said::new("new");
        let mut words = Vec::new();
        for listed in [self.large, self.small].into_iter().flatten() {
            words.push(request.edit(&listed.values[0].label.ko, "narrow", &listed.test(0)));
        }
        if let Some((of, item)) = self.present {
            let said = of.presence.says.ko.replace("{}", &item.values[0].label.ko);
            words.push(request.edit(&said, "narrow", &json!({ "exists": of.name, "rows": item.test(0) })));
        }
        request.example(format!("{} {} 몇 명이야?", words.join(" "), self.catalog.entity_label.ko), None)
    }

    /// Another value of a condition, in English.
    fn another(&self) -> Option<Example> {
        let small = self.small?;
        let mut request = Said::new("continue");
        let words = request.edit(&small.values[1].label.en, "set", &small.test(1));
        let before = self.large.into_iter().chain([small]).map(|listed| listed.condition(0)).collect();
        request.example(format!("what about {words}?"), Some(text::print(&Expr::And(before))))
    }

    /// A segment narrowed by numbers, and somebody left out, in Korean.
    fn narrowed(&self) -> Option<Example> {
        let mut request = Said::new("continue");
        let mut parts = Vec::new();
        if let Some((field, band)) = self.number {
            let edge = band.edges[band.edges.len() / 2];
            let words = format!("{} {edge} 이상", field.label.ko);
            let test = json!({ "field": field.name, "op": ">=", "values": [whole_number(edge)] });
            parts.push(request.edit(&words, "narrow", &test));
        }
        if let Some((of, item)) = self.present {
            let words = of.presence.says.ko.replace("{}", &item.values[1].label.ko);
            parts.push(request.edit(&words, "narrow", &json!({ "exists": of.name, "rows": item.test(1) })));
        }
        let mut said = format!("이 중 {}인 사람", parts.join(", "));
        if let Some(large) = self.large {
            let value = &large.values[1].label.ko;
            said = format!("{said}, {}", request.edit(&format!("{value} 제외"), "exclude", &large.test(1)));
        }
        let before = self.small.map(|small| small.text(0));
        if parts.is_empty() { None } else { request.example(said, before) }
    }

    /// A grouping that is no condition, in Korean.
    fn by_band(&self) -> Option<Example> {
        let (_, band) = self.number?;
        let mut request = Said::new("continue");
        request.shows(&band.name);
        request.example(format!("{}별로 나눠줘", band.label.ko), self.small.map(|small| small.text(0)))
    }

    /// One in English, and a word that the catalog has nothing for.
    fn by_field(&self) -> Option<Example> {
        let large = self.large?;
        let mut request = Said::new("continue");
        request.shows(&large.field.name);
        let mut said = format!("by {}", large.field.label.en);
        if search(self.catalog, UNKNOWN, 1).is_empty() {
            said = format!("{said} and {UNKNOWN}");
            request.reply["unmatched"] = json!([UNKNOWN]);
        }
        request.example(said, self.small.map(|small| small.text(0)))
    }
}

/// A reply that grows with its request.
struct Said {
    reply: Json,
}

impl Said {
    fn new(act: &str) -> Self {
        Self { reply: json!({ "act": act, "edits": [] }) }
    }

    /// Adds a change, and gives its words back.
    fn edit(&mut self, words: &str, op: &str, condition: &Json) -> String {
        if let Some(edits) = self.reply["edits"].as_array_mut() {
            edits.push(json!({ "words": words, "op": op, "condition": condition }));
        }
        words.to_owned()
    }

    fn shows(&mut self, grouping: &str) {
        self.reply["show"] = json!({ "breakdown": [grouping] });
    }

    /// None where nothing came of it.
    fn example(self, said: String, before: Option<String>) -> Option<Example> {
        let nothing = self.reply["edits"].as_array().is_none_or(Vec::is_empty) && self.reply.get("show").is_none();
        (!nothing).then_some(Example { said, before, reply: self.reply })
    }
}

/// The field of `of` that says what is present, where it lists values.
fn item(of: &Dataset) -> Option<Listed<'_>> {
    Listed::of(of.field(of.item.as_deref()?)?)
}

fn is_short(label: &Label) -> bool {
    [Locale::Ko, Locale::En]
        .into_iter()
        .all(|locale| (1..=MAX_LABEL_CHARS).contains(&label.get(locale).chars().count()))
}

/// A whole number as JSON writes one.
#[allow(clippy::cast_possible_truncation, reason = "what has no fraction and is small is itself")]
fn whole_number(edge: f64) -> Json {
    if edge.fract() == 0.0 && edge.abs() < 1e15 { json!(edge as i64) } else { json!(edge) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::catalog::builtin;
    use crate::translate::model::Wire;
    use crate::translate::resolve::resolve;

    #[test]
    fn examples_over_the_own_catalog_are_right_replies() {
        let catalog = builtin().unwrap();
        let examples = examples(&catalog);
        assert_eq!(examples.len(), 5);
        for example in examples {
            let wire = Wire::read(&example.reply.to_string()).unwrap();
            for edit in example.reply["edits"].as_array().unwrap() {
                assert!(example.said.contains(edit["words"].as_str().unwrap()), "{example:?}");
            }
            resolve(wire.into_draft(&example.said), &catalog).unwrap();
            if let Some(before) = example.before {
                text::parse(&before, &catalog).unwrap();
            }
        }
    }

    #[test]
    fn a_catalog_that_lists_nothing_has_no_examples() {
        let mut catalog = builtin().unwrap();
        catalog.bands.clear();
        for dataset in &mut catalog.datasets {
            dataset.fields.iter_mut().for_each(|field| field.values.clear());
        }
        assert!(examples(&catalog).is_empty());
    }
}
