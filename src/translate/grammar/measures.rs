//! Amounts and dates → the field they are about: the one named beside them, a measure of the table spoken
//! of, or the only field with such a unit.

mod comparisons;
mod dated;
mod totals;
mod units;

pub(super) use totals::Total;

use comparisons::{compare, test_of};
use units::YEARS;

use super::amounts::{Amount, Unit};
use super::conditions::{Cond, Presence};
use super::language::{Class, Measure};
use super::lexicon::Target;
use super::reader::Reader;
use crate::catalog::FieldType;
use crate::segment::{Expr, Func, Literal, Test};

/// What an amount is about.
pub(super) enum About {
    Entity(usize, f64),
    Row(usize, usize, f64),
    Distinct(usize, usize),
}

impl Reader<'_> {
    /// Conditions from the amounts not taken so far.
    pub(super) fn amounts(&mut self, conds: &mut Vec<Cond>, presences: &mut Vec<Presence>) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken {
                continue;
            }
            let Some(amount) = self.parts[at].amount().cloned() else { continue };
            // "세 가지 중 하나라도": how many were named.
            let of = amount.unit.counter && amount.exact().is_some() && !amount.compared;
            if of && self.parts.get(at + 1).is_some_and(|p| p.is(Class::Among)) {
                self.take([at]);
                continue;
            }
            let once = amount.exact() == Some(1.0) && amount.unit.times && !amount.compared;
            if once || self.is_window(at, &amount) {
                self.take([at]);
                continue;
            }
            // "하루 1시간 이상": nothing is counted by the day, and the answer says that it was not understood.
            let rate = !amount.compared && !amount.decade && amount.exact() == Some(1.0) || amount.exact() == Some(7.0);
            if rate && amount.unit.time.is_some() && self.beside_a_comparison(at) {
                continue;
            }
            match self.about(at, &amount, presences) {
                Some((About::Entity(f, _), by)) if self.not_even_one(at, &amount) => {
                    let field = self.field(0, f).name.clone();
                    let mut cond = self.cond(
                        Expr::Compare { field, test: Test::Eq(Literal::Int(0)) },
                        by.map_or(at, |b| b.min(at)),
                        by.map_or(at, |b| b.max(at)),
                        None,
                    );
                    cond.negated = true;
                    let (_, _, marks) = self.negation(cond.first, cond.last);
                    self.take(marks);
                    self.take([at]);
                    self.take(by);
                    conds.push(cond);
                }
                Some((About::Entity(f, factor), by)) => {
                    let amount = self.moved_bound(0, f, amount);
                    let ranked = self.ranked(at, f, &amount);
                    self.take(self.prev_full(at).filter(|_| ranked.is_some()));
                    let expr = ranked.or_else(|| compare(self.field(0, f), &amount, factor));
                    let Some(expr) = expr else { continue };
                    let first = by.map_or(at, |b| b.min(at));
                    let last = by.map_or(at, |b| b.max(at));
                    self.take([at]);
                    self.take(by);
                    conds.push(self.cond(expr, first, last, None));
                }
                Some((About::Row(d, f, factor), by)) => {
                    let amount = self.moved_bound(d, f, amount);
                    self.row_amount(presences, at, d, f, &amount, factor);
                    self.take([at]);
                    self.take(by.filter(|b| self.parts[*b].cues().is_empty()));
                }
                Some((About::Distinct(d, f), by)) => {
                    let Some(test) = test_of(&amount, 1.0, true) else { continue };
                    let field = self.field(d, f).name.clone();
                    let total = Total { func: Func::CountDistinct, field: Some(field), test };
                    self.total(presences, at, d, total);
                    self.take([at]);
                    self.take(by);
                }
                None => {}
            }
        }
    }

    /// "한 건도 안", "not a single one": none at all.
    fn not_even_one(&self, at: usize, amount: &Amount) -> bool {
        amount.exact() == Some(1.0)
            && !amount.compared
            && self.parts.get(at + 1).is_some_and(|p| p.is(Class::Too) && !p.starts_word)
            && self.negation_at(at, at).0
    }

    /// "한 달에 5번": a time beside another amount says per what it is counted.
    fn is_window(&self, at: usize, amount: &Amount) -> bool {
        let plain = !amount.compared && !amount.decade && amount.unit.time.is_some();
        let computes = [Class::Avg, Class::Sum, Class::Median, Class::Combined, Class::Max, Class::Min];
        if plain && self.next_full(at).is_some_and(|i| self.parts[i].any(&computes)) {
            return self.is_window_of_data(amount);
        }
        if plain && self.prev_full(at).is_some_and(|i| self.parts[i].dates().is_some()) {
            return true;
        }
        plain && self.beside_a_comparison(at) && self.is_window_of_data(amount)
    }

    fn beside_a_comparison(&self, at: usize) -> bool {
        self.parts.iter().enumerate().any(|(i, p)| i != at && p.amount().is_some_and(|a| a.compared))
    }

    /// Whether some field of the data is counted over about such a time.
    fn is_window_of_data(&self, amount: &Amount) -> bool {
        let days = match amount.unit.time {
            Some(Measure::Day) => 1.0,
            Some(Measure::Week) => 7.0,
            Some(Measure::Month) => 30.0,
            Some(Measure::Year) => 365.0,
            _ => return false,
        };
        let Some(days) = amount.exact().map(|n| n * days) else { return false };
        let near = |w: u32| (days - f64::from(w)).abs() * 10.0 <= f64::from(w);
        self.catalog.datasets.iter().flat_map(|d| &d.fields).any(|f| f.window_days.is_some_and(near))
    }

    fn about(&self, at: usize, amount: &Amount, presences: &[Presence]) -> Option<(About, Option<usize>)> {
        if amount.unit.percent {
            return None;
        }
        let entity_or_row =
            |d: usize, f: usize, factor: f64| if d == 0 { About::Entity(f, factor) } else { About::Row(d, f, factor) };
        // "3 or more provinces", "네 개 이상의 앱": a number before the name of what is counted.
        if let Some((d, f, by)) = self.counted_field(at, amount) {
            // "more than two pet supplies orders": the noun is the unit of a measure.
            let measure = by.and_then(|by| self.measure_in(d, by));
            return Some((measure.map_or(About::Distinct(d, f), |(f, factor)| About::Row(d, f, factor)), by));
        }
        let row = self.in_presence(at, amount, presences);
        if let Some((d, f, factor, by, distance)) = self.named_field(at, amount, false)
            && (row.is_none() || distance <= 5)
        {
            let own = self.same_name_in_presence(at, by, amount, presences).filter(|_| d == 0);
            let own = own.or_else(|| self.done_to(at, by, amount).filter(|_| d == 0));
            return Some(own.map_or((entity_or_row(d, f, factor), Some(by)), |about| (about, Some(by))));
        }
        // A number right after a word nobody knows counts that: 신용카드 세 장.
        if self.prev_full(at).is_some_and(|i| self.parts[i].unknown() && !self.parts[i].taken) {
            return None;
        }
        if let Some((d, f, factor)) = row {
            return Some((if factor > 0.0 { About::Row(d, f, factor) } else { About::Distinct(d, f) }, None));
        }
        if let Some((d, f, factor, by, _)) = self.named_field(at, amount, true) {
            return Some((entity_or_row(d, f, factor), Some(by)));
        }
        if let Some((d, f, factor)) = self.in_segment(amount) {
            return Some((entity_or_row(d, f, factor), None));
        }
        self.only_field(amount).map(|(f, factor)| (About::Entity(f, factor), None))
    }

    /// "틱톡에 데이터를 2기가": a name that the entity and the rows of the clause share is that of the rows.
    fn same_name_in_presence(&self, at: usize, by: usize, amount: &Amount, presences: &[Presence]) -> Option<About> {
        let near = |d: usize| {
            let reach = usize::from(!self.parts[at].hangul);
            presences.iter().any(|p| p.dataset == d && p.clause.abs_diff(self.clauses[at]) <= reach)
        };
        let (d, f) = self.parts[by].fields().into_iter().find(|(d, _)| *d > 0 && near(*d))?;
        self.fits(self.field(d, f), amount).map(|factor| About::Row(d, f, factor))
    }

    /// "earned 1,500 points": of what the noun may be, the field that the verb is about.
    fn done_to(&self, at: usize, by: usize, amount: &Amount) -> Option<About> {
        let noun = self.surface(by);
        let noun = noun.rsplit(' ').next()?;
        let cued = self.parts.iter().enumerate().filter(|(i, _)| *i != by && self.clauses[*i] == self.clauses[at]);
        let mut fields = cued.flat_map(|(_, p)| p.cues()).filter_map(|t| match t {
            Target::Field(0, f) => Some(f),
            _ => None,
        });
        let named = |f: usize| {
            let field = self.field(0, f);
            let names = [&field.label.ko, &field.label.en].into_iter().chain(&field.synonyms);
            names.map(|n| n.to_lowercase()).any(|n| n.contains(noun))
        };
        let own = |f: usize| self.parts[by].fields().contains(&(0, f));
        if fields.clone().any(own) {
            return None;
        }
        let f = fields.find(|f| !own(*f) && named(*f) && self.fits(self.field(0, *f), amount).is_some())?;
        self.fits(self.field(0, f), amount).map(|factor| About::Entity(f, factor))
    }

    /// The nearest field named in words that the amount fits: dataset, field, factor, part, distance.
    fn named_field(&self, at: usize, amount: &Amount, cues: bool) -> Option<(usize, usize, f64, usize, usize)> {
        let mut best: Option<(usize, usize, f64, usize, usize)> = None;
        for (i, part) in self.parts.iter().enumerate() {
            if part.taken && part.fields().is_empty() || i == at || part.is(Class::By) {
                continue;
            }
            let low = i.min(at);
            let between = (low + 1..i.max(at)).filter(|&j| !self.parts[j].is_empty()).count();
            let other =
                (low + 1..i.max(at)).any(|j| self.parts[j].amount().is_some() && self.clauses[j] != self.clauses[at]);
            let clauses = self.clauses[i].abs_diff(self.clauses[at]);
            let mut targets: Vec<(usize, usize, usize)> = part.fields().into_iter().map(|(d, f)| (d, f, 0)).collect();
            targets.extend(part.cues().into_iter().filter(|_| cues).filter_map(|t| match t {
                Target::Field(d, f) => Some((d, f, 1)),
                Target::Dataset(_) => None,
            }));
            for (d, f, cue) in targets {
                let field = self.field(d, f);
                let Some(factor) = self.fits(field, amount) else { continue };
                if amount.unit == Unit::default() && (cue > 0 || !amount.compared && between > 1) {
                    continue;
                }
                let wrong = usize::from(i > at) + if amount.unit == Unit::default() && i > at { 2 } else { 0 };
                let cued = self.parts.iter().enumerate().any(|(j, p)| {
                    j != i && self.clauses[j] == self.clauses[at] && p.cues().contains(&Target::Field(d, f))
                });
                let distance = between * 2 + clauses * 4 + cue + wrong + usize::from(other) * 6 + usize::from(!cued);
                if best.is_none_or(|b| distance < b.4) {
                    best = Some((d, f, factor, i, distance));
                }
            }
        }
        best.filter(|b| b.4 <= 13)
    }

    /// A number right before or after the noun of what is counted in a many-table.
    fn counted_field(&self, at: usize, amount: &Amount) -> Option<(usize, usize, Option<usize>)> {
        if !(amount.unit == Unit::default() || amount.unit.counter) || amount.decade {
            return None;
        }
        let after = (at + 1..self.parts.len())
            .find(|&i| !self.parts[i].any(&[Class::Distinct, Class::Filler, Class::Particle]))
            .map(|i| self.head_noun(i));
        let before = (0..at)
            .rev()
            .find(|&i| !self.parts[i].any(&[Class::Particle, Class::Distinct, Class::Filler, Class::Combined]));
        for i in [after, before].into_iter().flatten() {
            let part = &self.parts[i];
            if !part.values().is_empty() && part.datasets().is_empty() && part.fields().is_empty() {
                continue;
            }
            let text = |d: usize, f: usize| d > 0 && self.field(d, f).kind == FieldType::String;
            let fields: Vec<(usize, usize)> = part.fields().into_iter().filter(|(d, f)| text(*d, *f)).collect();
            let cued = |d: usize| {
                self.parts.iter().any(|p| {
                    p.cues().contains(&Target::Dataset(d))
                        || p.datasets().contains(&d) && !p.values().iter().any(|v| v.0 != d)
                })
            };
            if let Some((d, f)) =
                fields.iter().copied().find(|(d, _)| cued(*d)).or(fields.first().copied().filter(|_| fields.len() == 1))
            {
                return Some((d, f, Some(i)));
            }
            let tables = part.datasets();
            if let [d] = tables.as_slice() {
                let item = self.dataset(*d).item.as_deref()?;
                let f = self.dataset(*d).fields.iter().position(|x| x.name == item)?;
                if amount.unit.counter || Some(i) == after {
                    return Some((*d, f, Some(i)));
                }
            }
        }
        None
    }

    /// The measure of rows of `d` whose unit stands in part `at`: "orders on 11st".
    fn measure_in(&self, d: usize, at: usize) -> Option<(usize, f64)> {
        let surface = self.surface(at);
        let mut words = surface.split(' ');
        let unit_of = |word: &str| {
            self.dataset(d).fields.iter().enumerate().find_map(|(f, field)| {
                let unit = self.catalog.unit(field.unit.as_deref()?)?;
                unit.words.iter().find(|(w, _)| w == word).map(|(_, factor)| (f, *factor))
            })
        };
        words.find_map(unit_of)
    }

    /// "5 or more shopping apps": of a value and the noun after it, the noun is what is counted.
    fn head_noun(&self, at: usize) -> usize {
        let tables: Vec<usize> = self.parts[at].values().iter().map(|v| v.0).collect();
        let noun = self.parts.get(at + 1).is_some_and(|p| p.datasets().iter().any(|d| tables.contains(d)));
        if noun && !self.parts[at].hangul { at + 1 } else { at }
    }

    /// The measure of a presence in the same clause: factor 0 means that its items are counted.
    fn in_presence(&self, at: usize, amount: &Amount, presences: &[Presence]) -> Option<(usize, usize, f64)> {
        let clause = self.clauses[at];
        // Distance, whether only a verb points to it, the table.
        let mut tables: Vec<(usize, bool, usize)> =
            presences.iter().map(|p| (p.clause.abs_diff(clause), false, p.dataset)).collect();
        for (i, part) in self.parts.iter().enumerate() {
            let distance = self.clauses[i].abs_diff(clause);
            // "pays over 80,000 won" is of the line's own fee, unless orders are spoken of.
            let own = part
                .cues()
                .iter()
                .any(|t| matches!(t, Target::Field(0, f) if self.fits(self.field(0, *f), amount).is_some()));
            let spoken = |d: usize| {
                let name = Some(self.dataset(d).name.as_str());
                let restricted = |e: &Expr| Self::restricts(e, None, &|ds, _| ds == name);
                presences.iter().any(|p| p.dataset == d)
                    || self.parts.iter().any(|p| p.datasets().contains(&d))
                    || !self.starts_anew() && self.segment().conditions.iter().any(|c| restricted(&c.expr))
            };
            let cues = part.cues().into_iter().filter_map(|t| if let Target::Dataset(d) = t { Some(d) } else { None });
            let cues = cues.filter(|d| !own || spoken(*d));
            tables.extend(cues.chain(part.datasets()).map(|d| (distance, true, d)));
        }
        tables.sort_unstable();
        tables.dedup();
        for (distance, _, d) in tables {
            if distance > 1 {
                break;
            }
            let dataset = self.dataset(d);
            let mut fits = dataset
                .fields
                .iter()
                .enumerate()
                .filter(|(_, f)| f.kind.is_number() && amount.unit != Unit::default())
                .filter_map(|(i, f)| self.fits(f, amount).map(|factor| (i, factor)));
            if let Some((f, factor)) = fits.next() {
                return Some((d, f, factor));
            }
            let item = dataset.item.as_deref().and_then(|n| dataset.fields.iter().position(|f| f.name == n));
            if let Some(item) = item.filter(|_| amount.unit.counter) {
                return Some((d, item, 0.0));
            }
        }
        None
    }

    /// A field of this unit that the segment already restricts.
    fn in_segment(&self, amount: &Amount) -> Option<(usize, usize, f64)> {
        for condition in self.segment().conditions.iter().rev() {
            for (d, dataset) in self.catalog.datasets.iter().enumerate() {
                for (f, field) in dataset.fields.iter().enumerate() {
                    let Some(factor) = self.fits_directly(field, amount) else { continue };
                    let meant = amount.compared || amount.decade || self.has(Class::Replace);
                    let elsewhere = d > 0 && !self.has(Class::Replace);
                    if amount.unit == Unit::default() && (elsewhere || !field.kind.is_number() || !meant) {
                        continue;
                    }
                    let name = (d > 0).then_some(dataset.name.as_str());
                    if Self::restricts(&condition.expr, None, &|ds, n| ds == name && n == field.name) {
                        return Some((d, f, factor));
                    }
                }
            }
        }
        if amount.unit == Unit::default() {
            return None;
        }
        // "통화 4회" after a presence of calls.
        for condition in self.segment().conditions.iter().rev() {
            for (d, dataset) in self.catalog.datasets.iter().enumerate().skip(1) {
                if !Self::restricts(&condition.expr, None, &|ds, _| ds == Some(dataset.name.as_str())) {
                    continue;
                }
                let fit =
                    dataset.fields.iter().enumerate().find_map(|(f, x)| self.fits(x, amount).map(|factor| (f, factor)));
                if let Some((f, factor)) = fit {
                    return Some((d, f, factor));
                }
            }
        }
        None
    }

    /// The only field of the entity with such a unit; a bare number or a decade is an age.
    fn only_field(&self, amount: &Amount) -> Option<(usize, f64)> {
        let entity = self.catalog.entity();
        let ages = amount.decade && amount.unit.catalog.is_empty()
            || amount.unit.age
            || amount.unit == Unit::default() && amount.compared;
        if ages {
            let plausible = [amount.low, amount.high].into_iter().flatten().all(|(n, _)| n <= 120.0);
            return entity
                .fields
                .iter()
                .position(|f| f.unit.as_deref() == Some(YEARS))
                .filter(|_| plausible)
                .map(|f| (f, 1.0));
        }
        if amount.unit == Unit::default() {
            return None;
        }
        // "한 달 평균": a bare time says how long something was counted for, not what must hold.
        if amount.unit.time.is_some() && !amount.compared && !amount.decade {
            return None;
        }
        let mut fits = entity
            .fields
            .iter()
            .enumerate()
            .filter_map(|(i, f)| self.fits_directly(f, amount).map(|factor| (i, factor, f.preferred)));
        let first = fits.next()?;
        let rest: Vec<_> = fits.collect();
        if rest.is_empty() {
            return Some((first.0, first.1));
        }
        std::iter::once(first).chain(rest).find(|(_, _, preferred)| *preferred).map(|(i, factor, _)| (i, factor))
    }
}
