//! What to group by: which words name a group, and the field or band they mean.

use crate::catalog::FieldType;
use crate::segment::{DraftExpr, Expr, Literal};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Target;
use crate::translate::grammar::parts::Part;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// "배달 앱 상위 3개": the items of the values that a top N stands beside.
    pub(super) fn group_of_values(&mut self) {
        let found = (0..self.parts.len()).find_map(|at| {
            let part = &self.parts[at];
            let beside = [self.next_full(at), self.prev_full(at)].into_iter().flatten().any(|i| self.parts[i].taken);
            let (d, f, values) = part.values().into_iter().find(|(d, _, _)| *d > 0)?;
            let item = self.dataset(d).item.clone()?;
            let wider = self.dataset(d).field(&item)?.within.as_deref() == Some(self.field(d, f).name.as_str());
            (beside && wider && !part.taken).then_some((at, d, f, values, item))
        });
        let Some((at, d, f, values, item)) = found else { return };
        let field = self.field(d, f);
        let literals = values.iter().map(|v| Literal::Text(field.values[*v].name.clone())).collect();
        self.draft.show.rows = Some(DraftExpr::Typed(Expr::is_in(&field.name, literals)));
        self.draft.show.breakdown.push(format!("{}.{item}", self.dataset(d).name));
        self.take([at]);
    }

    /// Whether part `at` names what to group by.
    pub(super) fn is_grouping(&self, at: usize) -> bool {
        let part = &self.parts[at];
        let named = part.band().is_some()
            || part.fields().iter().any(|(d, f)| self.groups(*d, *f))
            || !part.datasets().is_empty();
        if part.taken || !named {
            return false;
        }
        // 성별=여: a value of it follows.
        let own_value = self
            .next_full(at)
            .is_some_and(|i| self.parts[i].values().iter().any(|(d, f, _)| part.fields().contains(&(*d, *f))));
        let bounded = self
            .next_full(at)
            .is_some_and(|i| self.parts[i].amount().is_some_and(|a| a.compared) || self.parts[i].dates().is_some())
            && self.draft.show.top.is_none();
        if (own_value || bounded) && !self.parts.get(at + 1).is_some_and(|p| p.any(&[Class::By, Class::ByTo])) {
            return false;
        }
        let is = |i: Option<usize>, classes: &[Class]| i.is_some_and(|i| self.parts[i].any(classes));
        let direct = self.parts.get(at + 1);
        let prev = (0..at).rev().find(|&i| !self.parts[i].any(&[Class::Filler, Class::Particle]));
        let next =
            (at + 1..self.parts.len()).find(|&i| !self.parts[i].any(&[Class::Particle, Class::To, Class::Filler]));
        // 연령별, 구간별, 요금제 기준으로
        if direct.is_some_and(|p| p.any(&[Class::By, Class::ByTo, Class::Each, Class::Cross]))
            && direct.is_some_and(|p| !p.any(&[Class::By]) || part.hangul || p.hangul)
        {
            return true;
        }
        if is(next, &[Class::Each, Class::Cross])
            || is(prev, &[Class::Cross])
            || is(next, &[Class::By]) && next.is_some_and(|i| self.parts[i].hangul)
        {
            return true;
        }
        let field = part.band().is_some() || part.fields().iter().any(|(d, f)| self.groups(*d, *f));
        if field
            && (is(next, &[Class::Stats, Class::Most])
                || is(next, &[Class::Split])
                || is(prev, &[Class::Stats]) && !part.hangul)
        {
            return true;
        }
        // by gender and age group
        if is(prev, &[Class::By]) && prev.is_some_and(|i| !self.parts[i].hangul) {
            return true;
        }
        if field
            && is(prev, &[Class::And, Class::Comma])
            && prev.and_then(|p| self.before_joiner(p)).is_some_and(|i| self.is_grouping(i))
        {
            return true;
        }
        // gender by commute mode: a table of both.
        let category = part.band().is_some()
            || part.fields().iter().any(|(d, f)| {
                *d == 0 && (self.field(*d, *f).kind == FieldType::String || self.field(*d, *f).band.is_some())
            });
        if category && !part.hangul && is(next, &[Class::By]) && self.draft.show.top.is_none() && !self.computes() {
            return true;
        }
        // 연령대 성별로: the last of a row of fields carries the marker; a label in 별 (성별) is its own.
        let own = self.surface(at).ends_with('별') || self.surface(at).ends_with("분포");
        if field
            && own
            && !is(next, &[Class::Has, Class::HasNot])
            && next.is_none_or(|i| self.parts[i].values().is_empty())
        {
            return true;
        }
        if field && part.hangul && next == Some(at + 1) && self.is_field_grouped_next(at + 1) {
            return true;
        }
        if field
            && is(next, &[Class::Comma, Class::And, Class::Cross])
            && next
                .and_then(|n| self.next_full(n).or(Some(n + 1)))
                .is_some_and(|i| i < self.parts.len() && i > at && self.is_marked(i))
        {
            return true;
        }
        // 어떤 업종에 전화하는지, what kinds of place, top 5 categories
        let which = is(prev, &[Class::Which]) && (part.fields().iter().any(|(d, _)| *d > 0) || field);
        let counted = self.draft.show.top.is_some()
            && (is(prev, &[Class::Top, Class::Bottom, Class::Which])
                || prev.is_some_and(|i| self.parts[i].amount().is_some())
                || is(next, &[Class::Top, Class::Comma, Class::Most, Class::Bottom])
                || next.is_none()
                || next.is_some_and(|i| self.parts[i].amount().is_some())
                || self.only_group(at));
        // "the highest average bill" is what the groups go by.
        let measured = is(prev, &[Class::Max, Class::Min])
            && part.fields().iter().all(|(d, f)| self.field(*d, *f).kind.is_number())
            && self.draft.show.top.is_some();
        let counted = counted && !measured;
        which && !self.has(Class::About)
            || counted && (part.fields().iter().any(|(d, f)| self.groups(*d, *f)) || part.band().is_some())
    }

    /// Whether an aggregate is asked for.
    fn computes(&self) -> bool {
        [Class::Avg, Class::Sum, Class::Median, Class::Max, Class::Min, Class::Share].into_iter().any(|c| self.has(c))
    }

    /// No other part could be the group of a top N.
    fn only_group(&self, at: usize) -> bool {
        (0..self.parts.len())
            .all(|i| i == at || self.parts[i].taken || self.parts[i].fields().iter().all(|(d, f)| !self.groups(*d, *f)))
    }

    fn before_joiner(&self, joiner: usize) -> Option<usize> {
        (0..joiner).rev().find(|&i| !self.parts[i].any(&[Class::Filler, Class::Particle]))
    }

    fn is_field_grouped_next(&self, at: usize) -> bool {
        let part = &self.parts[at];
        let named = part.band().is_some() || part.fields().iter().any(|(d, f)| self.groups(*d, *f));
        named && (self.surface(at).ends_with('별') || self.is_marked(at))
    }

    fn is_marked(&self, at: usize) -> bool {
        let after = self.parts.get(at + 1);
        let named = self.parts[at].band().is_some() || !self.parts[at].fields().is_empty();
        named
            && (self.surface(at).ends_with('별')
                || after.is_some_and(|p| p.any(&[Class::By, Class::ByTo, Class::Cross, Class::Each, Class::Stats])))
    }

    /// Whether groups of a field make sense: text with listed values, a banded number, a small scale, a truth value.
    pub(super) fn groups(&self, d: usize, f: usize) -> bool {
        let field = self.field(d, f);
        match field.kind {
            FieldType::String | FieldType::Bool => true,
            FieldType::Date => false,
            _ => {
                field.band.is_some()
                    || field.range.is_some_and(|(low, high)| field.kind.is_integer() && high - low <= 31.0)
            }
        }
    }

    pub(super) fn group_by(&mut self, at: usize) {
        let part = &self.parts[at];
        let rows = self.rows_before(at);
        let name = part.band().map(|b| (0, self.catalog.bands[b].name.clone())).or_else(|| {
            let fields = part.fields();
            let (d, f) = self.grouped_field(at, &fields).or_else(|| {
                let d = part.datasets().first().copied()?;
                let item = self.dataset(d).item.as_deref()?;
                Some((d, self.dataset(d).fields.iter().position(|x| x.name == item)?))
            })?;
            let field = self.field(d, f);
            Some((
                d,
                if d == 0 {
                    field.band.clone().unwrap_or_else(|| field.name.clone())
                } else {
                    format!("{}.{}", self.dataset(d).name, field.name)
                },
            ))
        });
        let Some((d, name)) = name else { return };
        if !self.draft.show.breakdown.contains(&name) {
            self.draft.show.breakdown.push(name);
        }
        self.take([at]);
        if let Some((rows, part)) = rows.filter(|_| d > 0) {
            self.draft.show.rows = Some(DraftExpr::Typed(rows));
            self.take([part]);
        }
        // The marker, and words that lead to it.
        for i in [at.checked_sub(1), Some(at + 1), Some(at + 2)].into_iter().flatten() {
            if self.parts.get(i).is_some_and(|p| {
                p.any(&[Class::By, Class::ByTo, Class::Cross, Class::Each, Class::Stats, Class::Which, Class::Most])
            }) {
                self.take([i]);
            }
        }
    }

    /// "OTT 앱별", "top 5 OTT apps": values of the same table right before the group.
    fn rows_before(&self, at: usize) -> Option<(Expr, usize)> {
        let before = at.checked_sub(1)?;
        let part = &self.parts[before];
        let mut tables: Vec<usize> = self.parts[at].fields().iter().map(|(d, _)| *d).collect();
        tables.extend(self.parts[at].datasets());
        let (d, f, values) = part.values().into_iter().find(|(d, _, _)| *d > 0 && tables.contains(d))?;
        let field = self.field(d, f);
        let literals = values.iter().map(|v| Literal::Text(field.values[*v].name.clone())).collect();
        (!part.taken).then(|| (Expr::is_in(&field.name, literals), before))
    }

    /// Of several fields of one name, the one that the rest of the sentence is about.
    fn grouped_field(&self, at: usize, fields: &[(usize, usize)]) -> Option<(usize, usize)> {
        let able: Vec<(usize, usize)> = fields.iter().copied().filter(|(d, f)| self.groups(*d, *f)).collect();
        if able.len() <= 1 {
            return able.first().copied();
        }
        let near = |(d, f): (usize, usize)| {
            let attribute = self.attribute(d, f);
            self.parts
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != at)
                .filter(|(_, p)| {
                    p.cues().iter().any(|t| match t {
                        Target::Dataset(x) => *x == d,
                        Target::Field(x, y) => *x == d && self.attribute(*x, *y) == attribute,
                    }) || p.datasets().contains(&d) && d > 0
                        || p.fields().iter().any(|(x, y)| {
                            *x == d && self.attribute(*x, *y) == attribute && fields.len() > p.fields().len()
                        })
                        || d > 0 && !p.values().is_empty() && p.values().iter().all(|(x, _, _)| *x == d)
                })
                .map(|(i, _)| i.abs_diff(at))
                .min()
        };
        let cued = able.iter().copied().filter_map(|c| near(c).map(|n| (n, c))).min();
        if let Some((_, chosen)) = cued {
            return Some(chosen);
        }
        let preferred = able.iter().copied().find(|(d, f)| {
            let attribute = self.attribute(*d, *f);
            self.dataset(*d).fields.iter().enumerate().any(|(i, x)| x.preferred && self.attribute(*d, i) == attribute)
        });
        preferred.or_else(|| able.iter().copied().find(|(d, _)| *d == 0)).or_else(|| able.first().copied())
    }

    /// "men vs women": values of one field set against each other are its groups.
    pub(super) fn values_compared(&mut self) {
        let set_against = self.find(Class::Compare).filter(|_| !self.has(Class::Load));
        let joins =
            |p: &Part| p.is(Class::Cross) || set_against.is_some() && p.any(&[Class::And, Class::Or, Class::Comma]);
        let versus = (1..self.parts.len().saturating_sub(1)).find(|&i| joins(&self.parts[i]));
        let Some(at) = versus.filter(|_| self.draft.show.breakdown.is_empty()) else { return };
        let (Some(before), Some(after)) = (self.prev_full(at), self.next_full(at)) else { return };
        let other: Vec<(usize, usize)> = self.parts[after].values().iter().map(|v| (v.0, v.1)).collect();
        let field = self.parts[before].values().iter().map(|v| (v.0, v.1)).find(|f| f.0 == 0 && other.contains(f));
        let Some((_, f)) = field else { return };
        self.draft.show.breakdown.push(self.field(0, f).name.clone());
        if self.parts[at].is(Class::Cross) {
            self.take([before, at, after]);
        }
        self.take(set_against);
    }

    /// "남녀 평균 청구금액": a field with listed values beside a metric is what to group by.
    pub(super) fn category_with_metric(&mut self) {
        let metric = self.draft.show.metric.is_some();
        let compares = self.has(Class::Stats) && !self.has(Class::Ask) || self.has(Class::Each);
        if !metric && !compares {
            return;
        }
        let at = (0..self.parts.len()).find(|&i| {
            let p = &self.parts[i];
            let next = self.next_full(i);
            let qualified = next.is_some_and(|n| {
                self.parts[n].amount().is_some()
                    || !self.parts[n].values().is_empty()
                    || self.parts[n].any(&[Class::Has, Class::HasNot])
            });
            let said = p.hangul || compares;
            !p.taken
                && said
                && p.values().is_empty()
                && !qualified
                && (p.band().is_some()
                    || p.fields().iter().any(|(d, f)| {
                        *d == 0 && self.field(*d, *f).kind == FieldType::String && !self.field(*d, *f).values.is_empty()
                    }))
        });
        if let Some(at) = at {
            self.group_by(at);
        }
    }
}
