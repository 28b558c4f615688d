//! Dates → the date field they are about, or the window that a measure already has.

use crate::catalog::FieldType;
use crate::segment::{Assumption, Expr, Literal, Test, Words};
use crate::translate::grammar::conditions::{Cond, Presence};
use crate::translate::grammar::dates::Dates;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::{Sense, Target};
use crate::translate::grammar::reader::Reader;

/// Months of the year that a field of the entity may be.
struct Months {
    field: usize,
    /// Each with its part.
    said: Vec<(usize, u32)>,
    /// The part that names the field.
    by: usize,
}

impl Reader<'_> {
    /// Conditions from the dates not taken so far.
    pub(in crate::translate::grammar) fn date_conditions(&mut self, conds: &mut Vec<Cond>, presences: &mut [Presence]) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken {
                continue;
            }
            let Some(dates) = self.parts[at].dates().cloned() else { continue };
            let words = self.words(at, at);
            if let Some(Months { field: f, said: months, by }) = self.month_field(at) {
                let values = months.iter().map(|(_, m)| Literal::Int(i64::from(*m))).collect();
                let expr = Expr::is_in(&self.field(0, f).name, values);
                let last = months.last().map_or(at, |(i, _)| *i);
                self.take(months.into_iter().map(|(i, _)| i).chain([by]));
                conds.push(self.cond(expr, at.min(by), last.max(by), None));
                continue;
            }
            if self.covered(at, &dates, presences, &words) {
                self.take([at]);
                continue;
            }
            let clause = self.clauses[at];
            if let Some((f, by)) = self.date_field(at, presences) {
                let expr = span(&self.field(0, f).name, &dates);
                // A further date of a list stands by itself.
                let used = by.is_some_and(|i| conds.iter().any(|c| (c.first..=c.last).contains(&i)));
                let by = by.filter(|_| !used).unwrap_or(at);
                self.take([at, by]);
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
            if let Some((d, expr)) = self.date_of_rows(at, &dates) {
                self.take([at]);
                conds.push(self.cond(expr, at, at, Some(d)));
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

    /// "지난주에 받은": when rows that the segment requires were made, by a verb of theirs.
    fn date_of_rows(&self, at: usize, dates: &Dates) -> Option<(usize, Expr)> {
        let cued = |d: usize| {
            self.parts
                .iter()
                .enumerate()
                .any(|(i, p)| self.clauses[i].abs_diff(self.clauses[at]) <= 1 && p.cues().contains(&Target::Dataset(d)))
        };
        (1..self.catalog.datasets.len()).find_map(|d| {
            let field = self.dataset(d).date_field().filter(|_| cued(d))?;
            let name = Some(self.dataset(d).name.as_str());
            let required =
                self.segment().conditions.iter().any(|c| Self::restricts(&c.expr, None, &|ds, _| ds == name));
            let rows = [self.rows_spoken_of(d, Some(&field.name)), vec![span(&field.name, dates)]].concat();
            (required && !self.starts_anew()).then(|| (d, Expr::exists(&self.dataset(d).name, Expr::all_of(rows))))
        })
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

    /// "5월 생일", "birthday in May or June": months beside a field that counts months of the year.
    fn month_field(&self, at: usize) -> Option<Months> {
        let month = |i: usize| {
            let part = self.parts.get(i)?;
            let named =
                || part.meanings.iter().find_map(|m| if let Sense::Month(m) = m.sense { Some(m) } else { None });
            part.dates().and_then(|d| d.month).or_else(named)
        };
        let mut months = vec![(at, month(at)?)];
        let mut next = at + 1;
        while self.parts.get(next).is_some_and(|p| {
            p.any(&[Class::And, Class::Or, Class::Comma]) || p.is(Class::Particle) || month(next).is_some()
        }) {
            months.extend(month(next).map(|m| (next, m)));
            next += 1;
        }
        let last = months.last().map_or(at, |(i, _)| *i);
        for i in [self.next_full(last), self.prev_full(at)].into_iter().flatten() {
            for (d, f) in self.parts[i].fields() {
                let field = self.field(d, f);
                if d == 0 && field.kind.is_integer() && field.range == Some((1.0, 12.0)) {
                    return Some(Months { field: f, said: months, by: i });
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
                && (p.fields().into_iter())
                    .chain(
                        p.cues()
                            .into_iter()
                            .filter_map(|t| if let Target::Field(d, f) = t { Some((d, f)) } else { None }),
                    )
                    .any(|(d, f)| d == 0 && self.field(d, f).window_days.is_some_and(near))
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

/// A date field within a span.
fn span(field: &str, dates: &Dates) -> Expr {
    let test = match (dates.low, dates.high) {
        (Some(low), Some(high)) if low == high => Test::Eq(Literal::Date(low)),
        (Some(low), Some(high)) => Test::Between(Literal::Date(low), Literal::Date(high)),
        (Some(low), None) => Test::Ge(Literal::Date(low)),
        (None, Some(high)) => Test::Le(Literal::Date(high)),
        (None, None) => return Expr::All,
    };
    Expr::Compare { field: field.to_owned(), test }
}
