//! Lists of values and what they are values of: "서울이랑 경기", "Baemin and Coupang Eats", "병원" (a call, a
//! visit, or nothing that can be told).

use super::clauses::Governor;
use super::korean::Form;
use super::language::Class;
use super::lexicon::{Sense, Target};
use super::parts::{Part, ValueSense};
use super::reader::Reader;
use crate::segment::{Expr, Test};

/// Values that stand together.
#[derive(Debug, Clone)]
pub(super) struct List {
    /// First part.
    pub(super) first: usize,
    /// Last part.
    pub(super) last: usize,
    /// The parts that name values.
    pub(super) members: Vec<usize>,
    /// What they may be values of, the values of all members together.
    pub(super) senses: Vec<ValueSense>,
    /// Joined by "and": each of them is required, where the field can hold several.
    pub(super) joined_by_and: bool,
}

/// Beyond this distance a governor tells nothing.
const MAX_DISTANCE: usize = 24;

impl Reader<'_> {
    /// The lists of values that no other reading has used, in order.
    pub(super) fn lists(&self) -> Vec<List> {
        let mut lists: Vec<List> = Vec::new();
        let mut at = 0;
        while at < self.parts.len() {
            let part = &self.parts[at];
            let senses = part.values();
            // A verb that is also a value (전화하다) is read as the verb where it has a verb's form.
            let clausal = part.form().is_some_and(|f| !matches!(f, Form::End | Form::Noun));
            let verbal = clausal && part.hangul && !part.cues().is_empty();
            if part.taken
                || senses.is_empty()
                || verbal
                || self.is_rather_a_term(at)
                || self.asks_whether(at)
                || self.asks_how_many(at)
            {
                at += 1;
                continue;
            }
            let mut list = List { first: at, last: at, members: vec![at], senses, joined_by_and: false };
            while let Some((next, by_and)) = self.continues(&list) {
                let more = self.parts[next].values();
                let Some(common) = intersect(&list.senses, &more) else { break };
                list.senses = common;
                list.last = next;
                list.members.push(next);
                list.joined_by_and |= by_and;
            }
            at = list.last + 1;
            lists.push(list);
        }
        lists
    }

    /// "결혼 여부별로": whether something holds is an attribute, not the value it sounds like.
    fn asks_whether(&self, at: usize) -> bool {
        self.parts.get(at + 1).is_some_and(|p| p.is(Class::Whether))
    }

    /// "몇 기가": a unit that is asked for, not the product of that name.
    fn asks_how_many(&self, at: usize) -> bool {
        let unit = self.parts[at].meanings.iter().any(|m| matches!(m.sense, Sense::Unit(_)));
        unit && at > 0 && self.parts[at - 1].is(Class::HowMany)
    }

    /// "include children": a word that is a value of a many-table and a term over the entity is the term, unless
    /// something speaks of the table.
    pub(super) fn is_rather_a_term(&self, at: usize) -> bool {
        let part = &self.parts[at];
        let term = part.terms().iter().any(|t| self.catalog.glossary[*t].of.is_none());
        let spoken = |d: usize, f: usize, p: &Part| match d {
            0 => p.cues().contains(&Target::Field(0, f)) || p.fields().contains(&(0, f)),
            d => p.cues().contains(&Target::Dataset(d)) || p.datasets().contains(&d),
        };
        let spoken_of = |d: usize, f: usize| self.parts.iter().any(|p| spoken(d, f, p));
        term && part.values().iter().all(|(d, f, _)| !spoken_of(*d, *f))
    }

    /// The next member of a list, over joiners; whether "and" joined it.
    fn continues(&self, list: &List) -> Option<(usize, bool)> {
        let mut by_and = false;
        let mut at = list.last + 1;
        let mut joined = false;
        while let Some(part) = self.parts.get(at).filter(|p| !p.taken) {
            if !part.values().is_empty() {
                return Some((at, by_and));
            }
            let joiner = part.any(&[Class::And, Class::Or, Class::Comma]) || self.surface(at) == "x";
            let noun = part.hangul
                && !joined
                && !part.is(Class::Head)
                && (part.datasets().len() + part.fields().len() > 0)
                && part.form().is_none();
            if part.is(Class::NotMark) {
                return None;
            }
            let quiet = part.is(Class::Particle) && !part.starts_word
                || part.any(&[Class::Any])
                || joined && part.is(Class::Filler);
            if joiner {
                joined = true;
                by_and |= self.surface(at) == "and";
            } else if !(quiet
                || noun && self.parts.get(at + 1).is_some_and(|p| p.any(&[Class::And, Class::Or, Class::Comma])))
            {
                return None;
            }
            at += 1;
        }
        None
    }

    /// What a list is a list of: the senses that are left when the governors have spoken. One is an
    /// answer, several are a question.
    pub(super) fn choose(&self, list: &List, governors: &[Governor]) -> Vec<ValueSense> {
        let mut senses = list.senses.clone();
        if senses.len() <= 1 {
            return senses;
        }
        let nearest = |sense: &ValueSense| {
            governors
                .iter()
                .filter(|g| {
                    !(list.first..=list.last).contains(&g.part) || list.members.len() == 1 && g.part != list.first
                })
                .filter(|g| g.targets.iter().any(|t| self.points_to(*t, sense)))
                .filter_map(|g| {
                    let member = if g.part < list.first { list.first } else { list.last };
                    self.distance(g, member)
                })
                .min()
                .unwrap_or(usize::MAX)
        };
        let scored: Vec<usize> = senses.iter().map(nearest).collect();
        let best = scored.iter().copied().min().unwrap_or(usize::MAX);
        if best <= MAX_DISTANCE {
            let mut at = 0;
            senses.retain(|_| {
                at += 1;
                scored[at - 1] == best
            });
        }
        self.narrow(list, senses)
    }

    fn points_to(&self, target: Target, sense: &ValueSense) -> bool {
        match target {
            Target::Dataset(d) => d == sense.0,
            Target::Field(d, f) => {
                d == sense.0 && (f == sense.1 || self.attribute(d, f) == self.attribute(sense.0, sense.1))
            }
        }
    }

    /// Rules where no governor decides: the larger region wins, a role used before, the preferred field.
    fn narrow(&self, list: &List, mut senses: Vec<ValueSense>) -> Vec<ValueSense> {
        if senses.len() <= 1 {
            return senses;
        }
        let parents = self.parents_before(list);
        let child = senses.iter().find(|(d, f, values)| {
            values.iter().all(|v| self.field(*d, *f).values[*v].parents.iter().any(|p| parents.contains(p)))
        });
        if let Some(child) = child.filter(|_| !parents.is_empty()) {
            let attribute = self.attribute(child.0, child.1);
            let field = child.1;
            senses.retain(|(d, f, _)| self.attribute(*d, *f) != attribute || *f == field);
        } else {
            let all = senses.clone();
            senses
                .retain(|(d, f, _)| !all.iter().any(|(d2, f2, _)| d2 == d && f2 != f && self.is_ancestor(*d, *f2, *f)));
        }
        if senses.len() > 1 && self.parts.iter().any(|p| p.any(&[Class::Replace, Class::Instead, Class::Drop])) {
            self.keep(&mut senses, Self::requires);
        }
        if senses.len() > 1 {
            self.keep(&mut senses, |reader, (d, f, _)| reader.used_before(*d, *f));
        }
        if senses.len() > 1 {
            self.keep(&mut senses, |reader, (d, f, _)| reader.family_preferred(*d, *f));
        }
        senses
    }

    /// Keeps what passes, unless nothing does.
    fn keep(&self, senses: &mut Vec<ValueSense>, pass: impl Fn(&Self, &ValueSense) -> bool) {
        if senses.iter().any(|s| pass(self, s)) {
            senses.retain(|s| pass(self, s));
        }
    }

    /// Values named just before a list: "경기도 광주".
    fn parents_before(&self, list: &List) -> Vec<String> {
        let Some(before) = self.prev_full(list.first) else { return Vec::new() };
        let part = &self.parts[before];
        part.values()
            .iter()
            .flat_map(|(d, f, values)| values.iter().map(|v| self.field(*d, *f).values[*v].name.clone()))
            .collect()
    }

    /// Whether the last condition of the segment on a list that several fields share was on this attribute.
    fn used_before(&self, d: usize, f: usize) -> bool {
        let shared: Vec<(Option<&str>, &str)> = self
            .catalog
            .datasets
            .iter()
            .enumerate()
            .flat_map(|(d, dataset)| {
                dataset
                    .fields
                    .iter()
                    .filter(|f| f.shared.is_some())
                    .map(move |f| ((d > 0).then_some(dataset.name.as_str()), f.name.as_str()))
            })
            .collect();
        let dataset = (d > 0).then(|| self.dataset(d).name.as_str());
        let attribute = self.attribute(d, f);
        let mut last = None;
        for condition in &self.segment().conditions {
            if Self::restricts(&condition.expr, None, &|ds, field| shared.contains(&(ds, field))) {
                last = Some(condition);
            }
        }
        let in_kind = |ds: Option<&str>, field: &str| {
            let name = ds.unwrap_or(&self.catalog.entity().name);
            ds == dataset && self.catalog.attribute(name, field) == attribute
        };
        match last {
            Some(condition) if self.field(d, f).shared.is_some() => Self::restricts(&condition.expr, None, &in_kind),
            _ => self.segment().conditions.last().is_some_and(|c| Self::restricts(&c.expr, None, &in_kind)),
        }
    }

    /// Whether the segment requires one of these values, of this field.
    pub(super) fn requires(&self, (d, f, values): &ValueSense) -> bool {
        let field = self.field(*d, *f);
        let dataset = (*d > 0).then(|| self.dataset(*d).name.as_str());
        let mut names = values.iter().map(|v| field.values[*v].name.as_str());
        names.any(|name| self.segment().conditions.iter().any(|c| requires(&c.expr, None, dataset, &field.name, name)))
    }

    fn family_preferred(&self, d: usize, f: usize) -> bool {
        let attribute = self.attribute(d, f);
        self.dataset(d).fields.iter().enumerate().any(|(i, x)| x.preferred && self.attribute(d, i) == attribute)
    }

    /// The parents that the segment so far allows for values of `field`.
    pub(super) fn allowed_parents(&self, d: usize, f: usize) -> Option<Vec<String>> {
        let within = self.field(d, f).within.as_deref()?;
        let mut allowed: Option<Vec<String>> = None;
        for condition in &self.segment().conditions {
            if let Expr::Compare { field, test } = &condition.expr
                && field == within
                && d == 0
            {
                let names: Vec<String> = match test {
                    Test::Eq(literal) => vec![super::conditions::text_of(literal)],
                    Test::In(all) => all.iter().map(super::conditions::text_of).collect(),
                    _ => continue,
                };
                allowed = Some(match allowed {
                    Some(old) => old.into_iter().filter(|n| names.contains(n)).collect(),
                    None => names,
                });
            }
        }
        allowed
    }
}

/// Whether `expr` lists `value` of a field without negating it.
fn requires(expr: &Expr, at: Option<&str>, dataset: Option<&str>, field: &str, value: &str) -> bool {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|p| requires(p, at, dataset, field, value)),
        Expr::Exists { dataset: d, rows } | Expr::Total { dataset: d, rows, .. } => {
            requires(rows, Some(d), dataset, field, value)
        }
        Expr::Compare { field: f, test } => {
            let is = |l: &crate::segment::Literal| super::conditions::text_of(l) == value;
            at == dataset
                && f == field
                && match test {
                    Test::Eq(literal) => is(literal),
                    Test::In(all) => all.iter().any(is),
                    _ => false,
                }
        }
        _ => false,
    }
}

/// The senses that two mentions share, with the values of both.
fn intersect(a: &[ValueSense], b: &[ValueSense]) -> Option<Vec<ValueSense>> {
    let mut common = Vec::new();
    for (d, f, values) in a {
        for (d2, f2, more) in b {
            if d == d2 && f == f2 {
                let mut all = values.clone();
                all.extend(more.iter().filter(|v| !values.contains(v)));
                common.push((*d, *f, all));
            }
        }
    }
    (!common.is_empty()).then_some(common)
}
