//! Checks of bands, glossary and vague words.

use std::collections::BTreeMap;

use super::unique;
use crate::catalog::fault::Log;
use crate::catalog::fields::Marks;
use crate::catalog::model::{Band, Catalog, Term};
use crate::catalog::read::hint;
use crate::catalog::words::fold;

/// Checks all that is said about words.
pub(super) fn check_language(catalog: &Catalog, marks: &Marks, log: &mut Log) {
    let mark = |kind: &'static str| move |name: &str| format!("{kind}:{name}");
    unique(catalog.categories.iter().map(|c| c.name.as_str()), mark("category"), "categories", marks, log);
    unique(catalog.units.iter().map(|u| u.name.as_str()), mark("unit"), "units", marks, log);
    unique(catalog.bands.iter().map(|b| b.name.as_str()), mark("band"), "bands", marks, log);
    unique(catalog.glossary.iter().map(|t| t.name.as_str()), mark("term"), "terms", marks, log);
    unique(catalog.row_rules.iter().map(|r| r.name.as_str()), mark("rule"), "row rules", marks, log);
    for band in &catalog.bands {
        check_band(catalog, band, marks, log);
    }
    for term in &catalog.glossary {
        check_term(catalog, term, marks, log);
    }
    check_words(catalog, marks, log);
    check_vague(catalog, marks, log);
}

fn check_band(catalog: &Catalog, band: &Band, marks: &Marks, log: &mut Log) {
    let at = |key: &str| marks.at(&format!("band:{}/{key}", band.name));
    let entity = catalog.entity();
    if entity.field(&band.name).is_some() {
        log.add(&at(""), format!("`{}` is both a band and a field of `{}`", band.name, entity.name));
    }
    match entity.field(&band.field) {
        None => {
            let near = hint(&band.field, entity.fields.iter().map(|f| f.name.as_str()));
            log.add(&at("field"), format!("`{}` has no field `{}`{near}", entity.name, band.field));
        }
        Some(field) if !field.kind.is_number() => {
            log.add(&at("field"), format!("bands group numbers, and `{}` is none", band.field));
        }
        Some(_) => {}
    }
    if !band.edges.windows(2).all(|pair| pair[0] < pair[1]) {
        log.add(&at("edges"), format!("the edges of `{}` must ascend", band.name));
    }
    if band.labels.len() != band.edges.len() + 1 {
        let (labels, edges) = (band.labels.len(), band.edges.len());
        let message = format!("`{}` has {labels} labels for {edges} edges, and needs {}", band.name, edges + 1);
        log.add(&at("labels"), message);
    }
    if band.labels_en.len() != band.labels.len() {
        log.add(&at("labels_en"), format!("`labels_en` of `{}` must be as many as `labels`", band.name));
    }
    for (i, label) in band.labels.iter().enumerate() {
        if band.labels[..i].contains(label) {
            log.add(&at("labels"), format!("two labels of `{}` are `{label}`", band.name));
        }
    }
}

fn check_term(catalog: &Catalog, term: &Term, marks: &Marks, log: &mut Log) {
    let many: Vec<&str> = catalog.datasets.iter().skip(1).map(|d| d.name.as_str()).collect();
    let place = format!("term:{}", term.name);
    if term.of.is_none() && !term.also.is_empty() {
        log.add(&marks.at(&place), format!("`also` of term `{}` goes with `of`", term.name));
    }
    for dataset in term.of.iter().chain(term.also.iter().map(|(d, _)| d)) {
        if !many.contains(&dataset.as_str()) {
            let near = hint(dataset, many.iter().copied());
            let place = marks.at(&format!("{place}/also/{dataset}"));
            log.add(&place, format!("term `{}` is over `{dataset}`, no many-table{near}", term.name));
        }
    }
}

/// A word is one term, and not vague too.
fn check_words(catalog: &Catalog, marks: &Marks, log: &mut Log) {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for term in &catalog.glossary {
        for word in [&term.name, &term.label.ko, &term.label.en].into_iter().chain(&term.synonyms) {
            match owners.insert(fold(word), &term.name) {
                Some(other) if other != term.name => {
                    let place = marks.at(&format!("term:{}", term.name));
                    log.add(&place, format!("`{word}` stands for both the terms `{other}` and `{}`", term.name));
                }
                _ => {}
            }
        }
    }
    for (i, vague) in catalog.vague.iter().enumerate() {
        for word in &vague.words {
            if let Some(term) = owners.get(&fold(word)) {
                let place = marks.at(&format!("vague:{i}"));
                log.add(&place, format!("`{word}` is vague and the term `{term}` too"));
            }
        }
    }
}

fn check_vague(catalog: &Catalog, marks: &Marks, log: &mut Log) {
    let fields = || catalog.entity().fields.iter().map(|f| f.name.as_str());
    let terms = || catalog.glossary.iter().map(|t| t.name.as_str());
    for (i, vague) in catalog.vague.iter().enumerate() {
        let place = marks.at(&format!("vague:{i}"));
        if vague.words.is_empty() || vague.options.is_empty() {
            log.add(&place, "a vague word needs `words` and `options`");
        }
        for option in &vague.options {
            if !fields().chain(terms()).any(|name| name == option) {
                let near = hint(option, fields().chain(terms()));
                log.add(&place, format!("the option `{option}` is neither a field nor a term{near}"));
            }
        }
    }
}
