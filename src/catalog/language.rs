//! Reading what a catalog says about words: categories, units, bands, glossary, vague and personal
//! words, respellings.

use super::fault::Log;
use super::fields::Marks;
use super::model::{Band, Catalog, Category, Term, Unit, Vague};
use super::read::{Section, as_text, texts};

/// Reads the sections about words of one file into `catalog`.
pub(super) fn read_language(root: &mut Section<'_>, catalog: &mut Catalog, marks: &mut Marks, log: &mut Log) {
    let file = root.place.file.clone();
    for node in root.list("categories", log) {
        let Some(section) = Section::open(node, &file, "a category", log) else { continue };
        catalog.categories.push(read_category(section, marks, log));
    }
    for node in root.list("units", log) {
        let Some(section) = Section::open(node, &file, "a unit", log) else { continue };
        catalog.units.push(read_unit(section, marks, log));
    }
    for node in root.list("bands", log) {
        let Some(section) = Section::open(node, &file, "a band", log) else { continue };
        catalog.bands.push(read_band(section, marks, log));
    }
    for node in root.list("glossary", log) {
        let Some(section) = Section::open(node, &file, "a term", log) else { continue };
        catalog.glossary.push(read_term(section, marks, log));
    }
    for node in root.list("vague", log) {
        let Some(mut section) = Section::open(node, &file, "a vague word", log) else { continue };
        let vague = Vague { words: section.texts("words", log), options: section.texts("options", log) };
        marks.note(format!("vague:{}", catalog.vague.len()), section.place.clone());
        catalog.vague.push(vague);
        section.close(log);
    }
    let personal = root.texts("personal", log);
    catalog.personal.extend(personal);
    if let Some(section) = root.section("respellings", log) {
        for (word, place, node) in section.entries() {
            let spellings = texts(node, &place, &format!("respellings of `{word}`"), log);
            catalog.respellings.push((word.to_owned(), spellings));
        }
    }
}

fn read_category(mut section: Section<'_>, marks: &mut Marks, log: &mut Log) -> Category {
    let name = section.need("name", log);
    section.what = format!("category `{name}`");
    marks.note(format!("category:{name}"), section.place.clone());
    let category =
        Category { label: section.label("label", &name, log), synonyms: section.texts("synonyms", log), name };
    section.close(log);
    category
}

fn read_unit(mut section: Section<'_>, marks: &mut Marks, log: &mut Log) -> Unit {
    let name = section.need("name", log);
    section.what = format!("unit `{name}`");
    marks.note(format!("unit:{name}"), section.place.clone());
    let unit = Unit {
        label: section.label("label", &name, log),
        words: read_factors(&mut section, "words", log),
        prefixes: read_factors(&mut section, "prefixes", log),
        name,
    };
    section.close(log);
    unit
}

/// Word → factor; a factor may be a fraction (`1/1024`), a list of words has factor 1.
fn read_factors(section: &mut Section<'_>, key: &'static str, log: &mut Log) -> Vec<(String, f64)> {
    let Some(inner) = section.section(key, log) else { return Vec::new() };
    let mut factors = Vec::new();
    for (word, place, node) in inner.entries() {
        match as_text(node).and_then(factor) {
            Some(factor) => factors.push((word.to_owned(), factor)),
            None => log.add(&place, format!("`{word}` of {} needs a number or a fraction above 0", section.what)),
        }
    }
    factors
}

fn factor(text: &str) -> Option<f64> {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    let value = above.trim().parse::<f64>().ok()? / below.trim().parse::<f64>().ok()?;
    (value.is_finite() && value > 0.0).then_some(value)
}

fn read_band(mut section: Section<'_>, marks: &mut Marks, log: &mut Log) -> Band {
    let name = section.need("name", log);
    section.what = format!("band `{name}`");
    marks.note(format!("band:{name}"), section.place.clone());
    for key in ["field", "labels", "labels_en", "edges"] {
        marks.note(format!("band:{name}/{key}"), section.at(key));
    }
    let labels = section.texts("labels", log);
    let mut labels_en = section.texts("labels_en", log);
    if labels_en.is_empty() {
        labels_en.clone_from(&labels);
    }
    let texts = section.texts("edges", log);
    let edges: Vec<f64> = texts.iter().filter_map(|t| t.parse().ok()).collect();
    if edges.len() < texts.len() {
        log.add(&section.at("edges"), format!("the edges of {} must be numbers", section.what));
    }
    let band = Band {
        field: section.need("field", log),
        label: section.label("label", &name, log),
        synonyms: section.texts("synonyms", log),
        labels,
        labels_en,
        edges,
        name,
    };
    section.close(log);
    band
}

fn read_term(mut section: Section<'_>, marks: &mut Marks, log: &mut Log) -> Term {
    let name = section.need("name", log);
    section.what = format!("term `{name}`");
    marks.note(format!("term:{name}"), section.place.clone());
    let line = section.at("predicate").line;
    let mut also = Vec::new();
    if let Some(inner) = section.section("also", log) {
        for (dataset, place, node) in inner.entries() {
            marks.note(format!("term:{name}/also/{dataset}"), place.clone());
            match as_text(node) {
                Some(predicate) => also.push((dataset.to_owned(), predicate.to_owned())),
                None => log.add(&place, format!("`also` of {} maps a dataset to a condition", section.what)),
            }
        }
    }
    let term = Term {
        label: section.label("label", &name, log),
        synonyms: section.texts("synonyms", log),
        predicate: section.need("predicate", log),
        of: section.text("of", log),
        also,
        line,
        name,
    };
    section.close(log);
    term
}
