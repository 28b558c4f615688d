//! Fills the lexicon: every name, value, synonym and verb of the catalog, every word of the languages.

use std::collections::BTreeMap;

use super::korean::{self, Form};
use super::language::{Class, Language, english_forms};
use super::lexicon::{Lexicon, Sense, Target};
use super::text::{self, is_hangul};
use crate::catalog::{Catalog, Dataset, Field, Label};

/// Respellings of one name that are kept at most.
const MAX_RESPELLINGS: usize = 24;

/// Compiles the lexicon of `catalog` in both languages.
pub(super) fn compile(catalog: &Catalog, languages: &[Language]) -> Lexicon {
    let particles = languages.iter().flat_map(|l| l.inside.clone());
    let irregular = languages.iter().flat_map(|l| l.irregular.clone()).collect();
    let mut words = Words { lexicon: Lexicon::new(particles), catalog, irregular };
    for language in languages {
        words.language(language);
    }
    for (d, dataset) in catalog.datasets.iter().enumerate() {
        words.dataset(d, dataset);
    }
    words.rest();
    words.lexicon
}

struct Words<'a> {
    lexicon: Lexicon,
    catalog: &'a Catalog,
    /// English base form → its irregular forms, of all languages.
    irregular: BTreeMap<String, Vec<String>>,
}

impl Words<'_> {
    fn language(&mut self, language: &Language) {
        for (class, words) in &language.words {
            for word in words {
                self.lexicon.add(word, Sense::Word(*class), None);
            }
        }
        for (class, verbs) in &language.verbs {
            for verb in verbs {
                self.verb(verb, &Sense::Word(*class));
            }
        }
        for (measure, words) in &language.time_units {
            for word in words {
                self.lexicon.add(word, Sense::Time(*measure), None);
            }
        }
        for amount in &language.amounts {
            self.lexicon.add(&amount.word, Sense::Amount(amount.value, amount.unit), None);
        }
        for (word, month) in &language.months {
            self.lexicon.add(word, Sense::Month(*month), None);
        }
        for (word, decade) in &language.decades {
            self.lexicon.add(word, Sense::Decade(*decade), None);
        }
    }

    /// All forms of a verb: Korean in dictionary form (조회하다 also gives 조회), English in base form.
    fn verb(&mut self, verb: &str, sense: &Sense) {
        if verb.chars().any(is_hangul) {
            let verb = if verb.ends_with('다') { verb.to_owned() } else { format!("{verb}하다") };
            self.korean_verb(&verb, sense);
        } else {
            for form in english_forms(verb, &self.irregular) {
                self.lexicon.add(&form, sense.clone(), Some(Form::End));
            }
        }
    }

    fn korean_verb(&mut self, verb: &str, sense: &Sense) {
        self.forms(verb, sense);
        // X하다 is also said X 중인, X 이력 있는, X 부탁: the noun alone.
        if let Some(noun) = verb.strip_suffix("하다").map(str::trim).filter(|n| n.chars().count() > 1) {
            self.lexicon.add(noun, sense.clone(), None);
            // 방문자, 구매자: those who do it.
            if noun.chars().count() == 2 {
                self.lexicon.add(&format!("{noun}자"), sense.clone(), None);
                self.lexicon.add(&format!("{noun}자들"), sense.clone(), None);
            }
            self.forms(&format!("{noun}되다"), sense);
        }
    }

    /// Every form of a Korean verb. The forms of a normalised verb are normalised: most of the lexicon is made
    /// here, once at every start.
    fn forms(&mut self, verb: &str, sense: &Sense) {
        for (surface, form) in korean::forms(&text::normal(verb)) {
            self.lexicon.add_normal(&surface, sense.clone(), Some(form));
        }
    }

    /// A word of the catalog; a Korean phrase that ends in a verb is found in all its forms.
    fn word(&mut self, word: &str, sense: &Sense) {
        let verbs = korean::dictionary(word);
        self.lexicon.add(word, sense.clone(), verbs.first().map(|_| Form::Adnominal));
        for verb in verbs {
            self.forms(&verb, sense);
        }
        // 문자 발송 가능: an adjective in 하다.
        if word.ends_with("가능") {
            self.forms(&format!("{word}하다"), sense);
        }
        if let Some(plural) = plural(word) {
            self.lexicon.add(&plural, sense.clone(), None);
        }
    }

    fn names(&mut self, label: &Label, synonyms: &[String], sense: &Sense) {
        for word in [&label.ko, &label.en].into_iter().chain(synonyms) {
            self.word(word, sense);
        }
    }

    fn dataset(&mut self, d: usize, dataset: &Dataset) {
        if d > 0 {
            let sense = Sense::Dataset(d);
            self.names(&dataset.label, &dataset.presence.nouns, &sense);
            for verb in &dataset.presence.verbs {
                self.verb(verb, &Sense::Cue(vec![Target::Dataset(d)]));
            }
        }
        for (f, field) in dataset.fields.iter().enumerate() {
            if field.sensitivity == crate::catalog::Sensitivity::Open {
                self.field(d, f, field);
            }
        }
    }

    fn field(&mut self, d: usize, f: usize, field: &Field) {
        self.names(&field.label, &field.synonyms, &Sense::Field(d, f));
        self.lexicon.add(&field.name, Sense::Field(d, f), None);
        for cue in &field.cues {
            let sense = Sense::Cue(vec![Target::Field(d, f)]);
            if cue.ends_with('다') || cue.is_ascii() { self.verb(cue, &sense) } else { self.word(cue, &sense) }
        }
        for (v, value) in field.values.iter().enumerate() {
            let sense = Sense::Value { dataset: d, field: f, values: vec![v] };
            let mut names = vec![value.name.clone(), value.label.ko.clone(), value.label.en.clone()];
            names.extend(value.synonyms.iter().cloned());
            for name in names.clone() {
                names.extend(self.respelled(&name));
            }
            names.sort_unstable();
            names.dedup();
            for name in names {
                self.word(&name, &sense);
            }
        }
        for group in &field.groups {
            let position = |name: &String| field.values.iter().position(|v| v.name == *name);
            let values = group.values.iter().filter_map(position).collect();
            self.names(&group.label, &group.synonyms, &Sense::Value { dataset: d, field: f, values });
        }
    }

    /// The name with its words respelled: iPhone 15 Pro → 아이폰 15 프로, 아이폰 15 Pro …
    fn respelled(&self, name: &str) -> Vec<String> {
        let mut all = vec![String::new()];
        for word in name.split(' ') {
            let spellings = self.catalog.respellings.iter().find(|(w, _)| w.eq_ignore_ascii_case(word));
            let mut next = Vec::new();
            for start in &all {
                let options = spellings.map_or(&[][..], |(_, s)| s.as_slice());
                for option in options.iter().map(String::as_str).chain([word]) {
                    next.push(format!("{start} {option}").trim().to_owned());
                }
            }
            next.truncate(MAX_RESPELLINGS);
            all = next;
        }
        all.retain(|spelling| spelling != name);
        all
    }

    fn rest(&mut self) {
        let catalog = self.catalog;
        for (i, band) in catalog.bands.iter().enumerate() {
            self.names(&band.label, &band.synonyms, &Sense::Band(i));
            self.lexicon.add(&band.name, Sense::Band(i), None);
        }
        for (i, term) in catalog.glossary.iter().enumerate() {
            self.word(&term.name, &Sense::Term(i));
            self.names(&term.label, &term.synonyms, &Sense::Term(i));
        }
        for (i, vague) in catalog.vague.iter().enumerate() {
            for word in &vague.words {
                self.word(word, &Sense::Vague(i));
            }
        }
        for (i, category) in catalog.categories.iter().enumerate() {
            self.names(&category.label, &category.synonyms, &Sense::Category(i));
        }
        for (i, unit) in catalog.units.iter().enumerate() {
            for (word, factor) in &unit.words {
                self.lexicon.add(word, Sense::Unit(vec![(i, *factor)]), None);
            }
            for (word, factor) in &unit.prefixes {
                self.lexicon.add(word, Sense::Prefix(vec![(i, *factor)]), None);
            }
        }
        for word in &catalog.personal {
            self.word(word, &Sense::Personal);
        }
        for word in &catalog.entity_nouns {
            self.word(word, &Sense::Word(Class::Head));
        }
    }
}

/// The English plural of a word in letters.
fn plural(word: &str) -> Option<String> {
    let last = word.chars().last().filter(char::is_ascii_lowercase)?;
    if word.len() < 3 || last == 's' {
        return None;
    }
    Some(match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if last == 'x' || last == 'z' || word.ends_with("ch") || word.ends_with("sh") => format!("{word}es"),
        _ => format!("{word}s"),
    })
}
