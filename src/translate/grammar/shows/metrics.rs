//! Aggregates: average, median, sum …, and the field that they are of.

use crate::segment::{Func, Metric};
use crate::translate::grammar::amounts::Unit;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::{Sense, Target};
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// 평균, share of, median …
    pub(super) fn metric(&mut self) {
        let funcs = [
            (Class::Avg, Func::Avg),
            (Class::Median, Func::Median),
            (Class::Max, Func::Max),
            (Class::Min, Func::Min),
            (Class::Sum, Func::Sum),
            (Class::Combined, Func::Sum),
        ];
        for (class, func) in funcs {
            let Some(at) = self.find(class) else { continue };
            let total_of_amount = matches!(class, Class::Sum | Class::Combined)
                && self.parts.iter().any(|p| p.amount().is_some_and(|a| a.compared));
            if total_of_amount || self.amount_beside(at) || class == Class::Combined && !self.has(Class::HowMany) {
                continue;
            }
            if let Some((d, f, by)) = self.measured(at) {
                let field = self.field(d, f).name.clone();
                self.draft.show.metric = Some(if d == 0 {
                    Metric::Of { func, field }
                } else {
                    Metric::OfRows { func, dataset: self.dataset(d).name.clone(), field, rows: None }
                });
                self.take([at]);
                self.take(by);
                return;
            }
        }
        self.average_in_name();
        self.plain_measure();
    }

    /// "평균 청구금액" may be the name of a field as a whole: it still asks for the average.
    fn average_in_name(&mut self) {
        let asked = (0..self.parts.len()).find_map(|i| {
            let surface = self.surface(i);
            let average = ["평균", "average", "mean"].iter().any(|w| surface.starts_with(w));
            let (_, f) =
                self.parts[i].fields().into_iter().find(|(d, f)| *d == 0 && self.field(0, *f).kind.is_number())?;
            let compared =
                [self.next_full(i), self.prev_full(i)].into_iter().flatten().any(|j| self.parts[j].amount().is_some());
            (average && !self.parts[i].taken && !compared && !self.has(Class::Top)).then_some((i, f))
        });
        if let Some((at, f)) = asked {
            self.draft.show.metric = Some(Metric::Of { func: Func::Avg, field: self.field(0, f).name.clone() });
            self.take([at]);
        }
    }

    /// "데이터 사용량 얼마": a measure is asked for, and no function named.
    fn plain_measure(&mut self) {
        let Some(at) = self.find(Class::HowLong) else { return };
        if let Some((0, f, by)) = self.measured(at) {
            self.draft.show.metric = Some(Metric::Of { func: Func::Avg, field: self.field(0, f).name.clone() });
            self.take([at]);
            self.take(by);
        }
    }

    fn amount_beside(&self, at: usize) -> bool {
        [self.next_full(at), at.checked_sub(1)].into_iter().flatten().any(|i| {
            self.parts[i].amount().is_some_and(|a| a.compared || a.unit != Unit::default() && a.unit.time.is_none())
        }) && !self.has(Class::HowMany)
    }

    /// The number field that a function is asked of.
    fn measured(&self, at: usize) -> Option<(usize, usize, Option<usize>)> {
        let mut best: Option<(usize, usize, usize, usize)> = None;
        for (i, part) in self.parts.iter().enumerate() {
            if part.taken || part.is(Class::Head) {
                continue;
            }
            let cues = part
                .cues()
                .into_iter()
                .filter_map(|t| if let Target::Field(d, f) = t { Some((d, f, 3)) } else { None });
            let fields = part.fields().into_iter().map(|(d, f)| (d, f, 0));
            let bands = part
                .band()
                .and_then(|b| self.catalog.entity().fields.iter().position(|f| f.name == self.catalog.bands[b].field))
                .map(|f| (0, f, 1));
            for (d, f, extra) in fields.chain(bands).chain(cues) {
                let field = self.field(d, f);
                if !field.kind.is_number() {
                    continue;
                }
                let distance = i.abs_diff(at) * 2 + usize::from(i < at) + extra + usize::from(d > 0) * 2;
                if best.is_none_or(|b| distance < b.3) {
                    best = Some((d, f, i, distance));
                }
            }
        }
        let named = best.filter(|b| !self.parts[b.2].fields().is_empty() || self.parts[b.2].band().is_some());
        let cued = best.filter(|_| self.has(Class::HowLong)).map(|(d, f, by, _)| (d, f, Some(by)));
        named.map(|(d, f, by, _)| (d, f, Some(by))).or_else(|| self.by_unit()).or(cued).or_else(|| self.last_measured())
    }

    /// "평균 몇 기가": the field with such a unit, one of the segment's first.
    fn by_unit(&self) -> Option<(usize, usize, Option<usize>)> {
        let (at, units) = self.parts.iter().enumerate().find_map(|(i, p)| {
            let unit = p
                .meanings
                .iter()
                .find_map(|m| if let Sense::Unit(units) = &m.sense { Some(units.clone()) } else { None });
            let asked = i > 0 && self.parts[i - 1].any(&[Class::HowMany, Class::Which]);
            unit.filter(|_| !p.taken && asked && !p.is(Class::Head)).map(|u| (i, u))
        })?;
        let entity = self.catalog.entity();
        let with_unit: Vec<usize> = (0..entity.fields.len())
            .filter(|f| {
                entity.fields[*f]
                    .unit
                    .as_deref()
                    .is_some_and(|u| units.iter().any(|(i, _)| self.catalog.units[*i].name == u))
            })
            .collect();
        let cued = |f: &&usize| self.parts.iter().any(|p| p.cues().contains(&Target::Field(0, **f)));
        let restricted = |f: &&usize| {
            self.segment()
                .conditions
                .iter()
                .any(|c| Self::restricts(&c.expr, None, &|d, n| d.is_none() && n == entity.fields[**f].name))
        };
        let field = with_unit
            .iter()
            .find(cued)
            .or(with_unit.iter().find(restricted))
            .or(with_unit.first().filter(|_| with_unit.len() == 1))?;
        Some((0, *field, Some(at)))
    }

    /// "what's the highest usage": the last number that the segment restricts.
    fn last_measured(&self) -> Option<(usize, usize, Option<usize>)> {
        let entity = self.catalog.entity();
        for condition in self.segment().conditions.iter().rev() {
            let field = entity.fields.iter().position(|f| {
                f.kind.is_number() && Self::restricts(&condition.expr, None, &|d, n| d.is_none() && n == f.name)
            });
            if let Some(f) = field {
                return Some((0, f, None));
            }
        }
        None
    }
}
