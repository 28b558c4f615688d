//! Amounts and dates → the field they are about: the one named beside them, a measure of the table spoken
//! of, or the only field with such a unit.

use super::amounts::{Amount, Unit};
use super::conditions::{Cond, Presence};
use super::dates::Dates;
use super::language::{Class, Measure};
use super::lexicon::Target;
use super::reader::Reader;
use crate::catalog::{Field, FieldType, Reading};
use crate::segment::{Assumption, Expr, Func, Literal, Test, Words};

/// A comparison of an aggregate of rows.
#[derive(Debug, Clone)]
pub(super) struct Total {
    pub(super) func: Func,
    pub(super) field: Option<String>,
    pub(super) test: Test,
}

/// What an amount is about.
enum About {
    Entity(usize, f64),
    Row(usize, usize, f64),
    Distinct(usize, usize),
}

/// The unit that a bare number or a decade counts in, where the catalog has it.
const YEARS: &str = "years";

impl Reader<'_> {
    /// Conditions from the amounts not taken so far.
    pub(super) fn amounts(&mut self, conds: &mut Vec<Cond>, presences: &mut Vec<Presence>) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken {
                continue;
            }
            let Some(amount) = self.parts[at].amount().cloned() else { continue };
            let once = amount.exact() == Some(1.0) && amount.unit.times && !amount.compared;
            if once || self.is_window(at, &amount) {
                self.take([at]);
                continue;
            }
            match self.about(at, &amount, presences) {
                Some((About::Entity(f, factor), by)) => {
                    let expr = self.ranked(at, f, &amount).or_else(|| compare(self.field(0, f), &amount, factor));
                    let Some(expr) = expr else { continue };
                    let first = by.map_or(at, |b| b.min(at));
                    let last = by.map_or(at, |b| b.max(at));
                    self.take([at]);
                    self.take(by);
                    conds.push(self.cond(expr, first, last, None));
                }
                Some((About::Row(d, f, factor), by)) => {
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

    /// "한 달에 5번": a time beside another amount says per what it is counted.
    fn is_window(&self, at: usize, amount: &Amount) -> bool {
        let plain = !amount.compared && !amount.decade && amount.unit.time.is_some();
        if plain && self.prev_full(at).is_some_and(|i| self.parts[i].dates().is_some()) {
            return true;
        }
        plain && self.parts.iter().enumerate().any(|(i, p)| i != at && p.amount().is_some_and(|a| a.compared))
    }

    fn about(&self, at: usize, amount: &Amount, presences: &[Presence]) -> Option<(About, Option<usize>)> {
        if amount.unit.percent {
            return None;
        }
        let entity_or_row =
            |d: usize, f: usize, factor: f64| if d == 0 { About::Entity(f, factor) } else { About::Row(d, f, factor) };
        // "3 or more provinces", "네 개 이상의 앱": a number before the name of what is counted.
        if let Some((d, f, by)) = self.counted_field(at, amount) {
            return Some((About::Distinct(d, f), by));
        }
        let row = self.in_presence(at, amount, presences);
        if let Some((d, f, factor, by, distance)) = self.named_field(at, amount, false)
            && (row.is_none() || distance <= 4)
        {
            return Some((entity_or_row(d, f, factor), Some(by)));
        }
        // A number right after a word nobody knows counts that: 신용카드 세 장.
        if self.prev_full(at).is_some_and(|i| self.parts[i].unknown()) {
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
                let distance = between * 2 + clauses * 4 + cue + wrong + usize::from(other) * 6;
                if best.is_none_or(|b| distance < b.4) {
                    best = Some((d, f, factor, i, distance));
                }
            }
        }
        best.filter(|b| b.4 <= 12)
    }

    /// A number right before or after the noun of what is counted in a many-table.
    fn counted_field(&self, at: usize, amount: &Amount) -> Option<(usize, usize, Option<usize>)> {
        if !(amount.unit == Unit::default() || amount.unit.counter) || amount.decade {
            return None;
        }
        let after = (at + 1..self.parts.len())
            .find(|&i| !self.parts[i].any(&[Class::Distinct, Class::Filler, Class::Particle]));
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

    /// The measure of a presence in the same clause: factor 0 means that its items are counted.
    fn in_presence(&self, at: usize, amount: &Amount, presences: &[Presence]) -> Option<(usize, usize, f64)> {
        let clause = self.clauses[at];
        let mut tables: Vec<(usize, usize)> =
            presences.iter().map(|p| (p.clause.abs_diff(clause), p.dataset)).collect();
        for (i, part) in self.parts.iter().enumerate() {
            let distance = self.clauses[i].abs_diff(clause);
            let cues = part.cues().into_iter().filter_map(|t| if let Target::Dataset(d) = t { Some(d) } else { None });
            tables.extend(cues.chain(part.datasets()).map(|d| (distance, d)));
        }
        tables.sort_unstable();
        tables.dedup();
        for (distance, d) in tables {
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
                    if amount.unit == Unit::default() && (d > 0 || !field.kind.is_number()) {
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

    /// The factor by which an amount counts in a field's unit; none where it cannot.
    pub(super) fn fits(&self, field: &Field, amount: &Amount) -> Option<f64> {
        self.fits_directly(field, amount).or_else(|| {
            // A handset that is three years old.
            let years = self.catalog.units.iter().position(|u| u.name == YEARS)?;
            let unit = self.catalog.unit(field.unit.as_deref()?)?;
            let factor = unit.words.iter().find(|(w, _)| w == "years").map(|(_, factor)| *factor);
            factor.filter(|_| field.kind.is_number() && amount.unit.catalog.iter().any(|(u, _)| *u == years))
        })
    }

    /// The same, by the unit that was said alone.
    fn fits_directly(&self, field: &Field, amount: &Amount) -> Option<f64> {
        if !field.kind.is_number() {
            return None;
        }
        if amount.unit == Unit::default() {
            let ages = amount.decade && field.unit.as_deref() != Some(YEARS);
            return (!ages).then_some(1.0);
        }
        let unit = field.unit.as_deref()?;
        if amount.unit.age && unit == YEARS {
            return Some(1.0);
        }
        let index = self.catalog.units.iter().position(|u| u.name == unit)?;
        let words = &self.catalog.units[index].words;
        let word = |wanted: &str| words.iter().find(|(w, _)| w == wanted).map(|(_, factor)| *factor);
        amount
            .unit
            .catalog
            .iter()
            .find(|(u, _)| *u == index)
            .map(|(_, factor)| *factor)
            .or_else(|| {
                let canonical = match amount.unit.time? {
                    Measure::Minute => "minutes",
                    Measure::Hour => "hours",
                    Measure::Day => "days",
                    Measure::Week => return word("days").map(|f| f * 7.0),
                    Measure::Month => "months",
                    Measure::Year => return word("months").map(|f| f * 12.0),
                    _ => return None,
                };
                word(canonical)
            })
            .or_else(|| (amount.unit.times).then(|| word("times")).flatten())
    }

    /// "top two income deciles": the N highest of a scale with a known end.
    fn ranked(&self, at: usize, f: usize, amount: &Amount) -> Option<Expr> {
        let field = self.field(0, f);
        let (low, high) = field.range?;
        let n = amount.exact()?;
        let before = self.prev_full(at)?;
        let top = self.parts[before].is(Class::Top);
        let bottom = self.parts[before].is(Class::Bottom);
        if !(field.kind.is_integer() && (top || bottom)) {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "a small whole scale")]
        let bound = Literal::Int(if top { high - n + 1.0 } else { low + n - 1.0 } as i64);
        let test = if top { Test::Ge(bound) } else { Test::Le(bound) };
        Some(Expr::Compare { field: field.name.clone(), test })
    }

    fn row_amount(
        &mut self,
        presences: &mut Vec<Presence>,
        at: usize,
        d: usize,
        f: usize,
        amount: &Amount,
        factor: f64,
    ) {
        let field = self.field(d, f);
        let Some(test) = test_of(amount, factor, field.kind.is_integer()) else { return };
        let summed = field.reading == Reading::Total || self.total_said(self.clauses[at]);
        if summed {
            let total = Total { func: Func::Sum, field: Some(field.name.clone()), test };
            self.total(presences, at, d, total);
            return;
        }
        let expr = Expr::Compare { field: field.name.clone(), test };
        let clause = self.clauses[at];
        match presences.iter_mut().filter(|p| p.dataset == d).min_by_key(|p| p.clause.abs_diff(clause)) {
            Some(presence) => {
                presence.rows.push(expr);
                presence.first = presence.first.min(at);
                presence.last = presence.last.max(at);
            }
            None => presences.push(Presence {
                dataset: d,
                clause,
                first: at,
                last: at,
                rows: vec![expr],
                each: Vec::new(),
                totals: Vec::new(),
            }),
        }
    }

    /// A total belongs to the presence spoken of, or to the one that the segment already has.
    fn total(&mut self, presences: &mut Vec<Presence>, at: usize, d: usize, total: Total) {
        let clause = self.clauses[at];
        if let Some(presence) = presences
            .iter_mut()
            .filter(|p| p.dataset == d && p.clause.abs_diff(clause) <= 1)
            .min_by_key(|p| p.clause.abs_diff(clause))
        {
            presence.totals.push(total);
            presence.first = presence.first.min(at);
            presence.last = presence.last.max(at);
            return;
        }
        let rows = if self.starts_anew() { Vec::new() } else { self.rows_in_segment(d, &total) };
        presences.push(Presence {
            dataset: d,
            clause,
            first: at,
            last: at,
            rows,
            each: Vec::new(),
            totals: vec![total],
        });
    }

    /// The rows of the last presence of `d` in the segment: "둘을 합쳐서 통화 4회 이상".
    fn rows_in_segment(&self, d: usize, total: &Total) -> Vec<Expr> {
        if total.func == Func::CountDistinct && !self.has(Class::LikeThat) {
            return Vec::new();
        }
        let name = &self.dataset(d).name;
        let rows = self.segment().conditions.iter().rev().find_map(|c| match &c.expr {
            Expr::Exists { dataset, rows } | Expr::Total { dataset, rows, .. } if dataset == name => {
                Some((**rows).clone())
            }
            _ => None,
        });
        rows.into_iter().filter(|r| *r != Expr::All).collect()
    }

    /// Conditions from the dates not taken so far.
    pub(super) fn date_conditions(&mut self, conds: &mut Vec<Cond>, presences: &mut [Presence]) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken {
                continue;
            }
            let Some(dates) = self.parts[at].dates().cloned() else { continue };
            let words = self.words(at, at);
            if let Some((f, month, by)) = self.month_field(at, &dates) {
                let expr =
                    Expr::Compare { field: self.field(0, f).name.clone(), test: Test::Eq(Literal::Int(month.into())) };
                self.take([at, by]);
                conds.push(self.cond(expr, at.min(by), at.max(by), None));
                continue;
            }
            if self.covered(at, &dates, presences, &words) {
                self.take([at]);
                continue;
            }
            let clause = self.clauses[at];
            if let Some((f, by)) = self.date_field(at, presences) {
                let expr = span(&self.field(0, f).name, &dates);
                self.take([at]);
                self.take(by);
                let by = by.unwrap_or(at);
                conds.push(self.cond(expr, at.min(by), at.max(by), None));
                continue;
            }
            let near = presences
                .iter_mut()
                .filter(|p| self.catalog.datasets[p.dataset].date_field().is_some())
                .min_by_key(|p| p.clause.abs_diff(clause));
            if let Some(presence) = near {
                let Some(field) = self.catalog.datasets[presence.dataset].date_field() else { continue };
                presence.rows.push(span(&field.name, &dates));
                presence.first = presence.first.min(at);
                presence.last = presence.last.max(at);
                self.parts[at].taken = true;
                continue;
            }
            if let Some(expr) = self.date_in_segment(&dates) {
                self.take([at]);
                conds.push(self.cond(expr, at, at, None));
                continue;
            }
            let dated: Vec<usize> =
                (0..self.catalog.entity().fields.len()).filter(|f| self.field(0, *f).kind == FieldType::Date).collect();
            if let ([f], true) = (dated.as_slice(), presences.is_empty() && dates.window.is_none()) {
                let expr = span(&self.field(0, *f).name, &dates);
                self.take([at]);
                conds.push(self.cond(expr, at, at, None));
            }
        }
    }

    /// A date of a kind the segment already restricts: "2023년 상반기도 포함".
    fn date_in_segment(&self, dates: &Dates) -> Option<Expr> {
        for condition in self.segment().conditions.iter().rev() {
            for (d, dataset) in self.catalog.datasets.iter().enumerate() {
                let name = (d > 0).then_some(dataset.name.as_str());
                for field in dataset.fields.iter().filter(|f| f.kind == FieldType::Date) {
                    if Self::restricts(&condition.expr, None, &|ds, n| ds == name && n == field.name) {
                        let expr = span(&field.name, dates);
                        return Some(if d == 0 { expr } else { Expr::exists(&dataset.name, expr) });
                    }
                }
            }
        }
        None
    }

    /// "5월 생일": a month beside a field that counts months of the year.
    fn month_field(&self, at: usize, dates: &Dates) -> Option<(usize, u32, usize)> {
        let month = dates.month?;
        let near = [self.next_full(at), self.prev_full(at)].into_iter().flatten();
        for i in near {
            for (d, f) in self.parts[i].fields() {
                let field = self.field(d, f);
                if d == 0 && field.kind.is_integer() && field.range == Some((1.0, 12.0)) {
                    return Some((f, month, i));
                }
            }
        }
        None
    }

    /// "최근 3개월 … 결제액": the measure already sums over such a window.
    fn covered(&mut self, at: usize, dates: &Dates, presences: &[Presence], words: &Words) -> bool {
        let Some(window) = dates.window else { return false };
        let clause = self.clauses[at];
        let near = |w: u32| window.abs_diff(w) * 10 <= w;
        let entity = self.parts.iter().enumerate().any(|(i, p)| {
            self.clauses[i].abs_diff(clause) <= 1
                && p.fields().into_iter().any(|(d, f)| d == 0 && self.field(d, f).window_days.is_some_and(near))
        });
        let rows = presences.iter().filter(|p| p.clause.abs_diff(clause) <= 1).any(|p| {
            let dataset = self.dataset(p.dataset);
            let summed = dataset.fields.iter().any(|f| f.window_days.is_some_and(near));
            summed
                && (dataset.date_field().is_none()
                    || !p.totals.is_empty()
                    || dataset.fields.iter().all(|f| f.window_days.is_none_or(near)))
        });
        let terms = self.parts.iter().any(|p| {
            p.taken
                && p.terms().iter().any(|t| {
                    self.catalog.entity().fields.iter().any(|f| {
                        f.window_days.is_some_and(near) && self.catalog.glossary[*t].predicate.contains(&f.name)
                    })
                })
        });
        if entity || rows || terms {
            self.draft.assumptions.push(Assumption::Window { word: words.text.clone(), days: window });
        }
        entity || rows || terms
    }

    /// The date field of the entity that a word beside the dates points to, and that word.
    fn date_field(&self, at: usize, presences: &[Presence]) -> Option<(usize, Option<usize>)> {
        let clause = self.clauses[at];
        let mut best: Option<(usize, usize, usize)> = None;
        for (i, part) in self.parts.iter().enumerate() {
            if part.taken && part.form().is_none() {
                continue;
            }
            let cues =
                part.cues().into_iter().filter_map(|t| if let Target::Field(d, f) = t { Some((d, f)) } else { None });
            for (d, f) in part.fields().into_iter().chain(cues) {
                if d == 0 && self.field(d, f).kind == FieldType::Date {
                    let distance = i.abs_diff(at) + self.clauses[i].abs_diff(clause) * 4;
                    if best.is_none_or(|b| distance < b.2) {
                        best = Some((f, i, distance));
                    }
                }
            }
        }
        let (f, i, distance) = best?;
        let presence = presences
            .iter()
            .filter(|p| self.dataset(p.dataset).date_field().is_some())
            .map(|p| p.clause.abs_diff(clause))
            .min();
        (presence.is_none_or(|p| p > 0) && distance <= 12).then_some((f, Some(i)))
    }
}

/// The test of an amount on a field.
fn compare(field: &Field, amount: &Amount, factor: f64) -> Option<Expr> {
    let integer = field.kind.is_integer();
    let test = |amount: &Amount| test_of(amount, factor, integer);
    let expr = |test| Expr::Compare { field: field.name.clone(), test };
    // One bound included and the other not: two comparisons.
    if let (Some(low), Some(high)) = (amount.low, amount.high)
        && !(low.1 && high.1)
    {
        let lower = Amount { low: Some(low), ..Amount::default() };
        let upper = Amount { high: Some(high), ..Amount::default() };
        return Some(Expr::all_of(vec![expr(test(&lower)?), expr(test(&upper)?)]));
    }
    test(amount).map(expr)
}

/// The test of an amount; an amount with one open bound of two gives that of its lower one.
fn test_of(amount: &Amount, factor: f64, integer: bool) -> Option<Test> {
    let literal = |n: f64| number(n * factor, integer);
    match (amount.low, amount.high) {
        (Some((low, true)), Some((high, true))) if low == high && !amount.decade => {
            // A bare number of something countable is that many; a decade is a span.
            Some(Test::Eq(literal(low)))
        }
        (Some((low, _)), Some((high, _))) => Some(Test::Between(literal(low), literal(high))),
        (Some((low, true)), None) => Some(Test::Ge(literal(low))),
        (Some((low, false)), None) => Some(Test::Gt(literal(low))),
        (None, Some((high, true))) => Some(Test::Le(literal(high))),
        (None, Some((high, false))) => Some(Test::Lt(literal(high))),
        (None, None) => None,
    }
}

fn number(n: f64, integer: bool) -> Literal {
    #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53, checked")]
    if n.fract() == 0.0 && n.abs() < 9e15 && integer { Literal::Int(n as i64) } else { Literal::Float(n) }
}

/// A date field within a span.
pub(super) fn span(field: &str, dates: &Dates) -> Expr {
    let test = match (dates.low, dates.high) {
        (Some(low), Some(high)) if low == high => Test::Eq(Literal::Date(low)),
        (Some(low), Some(high)) => Test::Between(Literal::Date(low), Literal::Date(high)),
        (Some(low), None) => Test::Ge(Literal::Date(low)),
        (None, Some(high)) => Test::Le(Literal::Date(high)),
        (None, None) => return Expr::All,
    };
    Expr::Compare { field: field.to_owned(), test }
}
