//! What is to be shown beside the count: groups, the largest of them, an aggregate.

use super::language::Class;
use super::lexicon::{Sense, Target};
use super::reader::Reader;
use crate::catalog::FieldType;
use crate::segment::{Amount, DraftExpr, End, Expr, Func, Literal, Metric};

/// Groups by more than this many fields are not asked for.
const MAX_BREAKDOWN: usize = 2;

impl Reader<'_> {
    /// Reads groups, top N and metric; the parts are taken.
    pub(super) fn shows(&mut self) {
        self.top();
        let by: Vec<usize> = (0..self.parts.len()).filter(|&i| self.is_grouping(i)).take(MAX_BREAKDOWN).collect();
        for &at in &by {
            self.group_by(at);
        }
        if by.is_empty() && self.draft.show.top.is_some() {
            self.group_of_values();
        }
        self.metric();
        if self.draft.show.breakdown.is_empty() {
            self.category_with_metric();
        }
    }

    /// "상위 5개", "top 3", "많은 순으로 열 개"; with a percentage it is a rank.
    fn top(&mut self) {
        for at in 0..self.parts.len() {
            let bottom = self.parts[at].is(Class::Bottom);
            if self.parts[at].taken || !(self.parts[at].is(Class::Top) || bottom) {
                continue;
            }
            let near = [self.next_full(at), self.prev_full(at)];
            let Some(number) = near
                .into_iter()
                .flatten()
                .find(|&i| self.parts[i].amount().is_some_and(|a| a.exact().is_some() && !a.compared))
            else {
                continue;
            };
            let Some(amount) = self.parts[number].amount().cloned() else { continue };
            let Some(n) = amount.exact() else { continue };
            let end = if bottom { End::Bottom } else { End::Top };
            if amount.unit.percent {
                self.rank(at, number, Amount::Share(n / 100.0), end);
            } else if self.scale_follows(number) {
                return;
            } else if self.entity_counted(number) {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a small positive whole number"
                )]
                self.rank(at, number, Amount::Number(n as u64), end);
            } else {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a small positive whole number"
                )]
                let n = n as u32;
                self.draft.show.top = Some(n);
                self.draft.show.bottom = bottom;
                self.take([at, number]);
            }
        }
    }

    /// "배달 앱 상위 3개": the items of the values that a top N stands beside.
    fn group_of_values(&mut self) {
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

    /// "top two income deciles" is a condition on a scale, not a number of groups.
    fn scale_follows(&self, number: usize) -> bool {
        self.next_full(number).is_some_and(|i| {
            self.parts[i]
                .fields()
                .iter()
                .any(|(d, f)| *d == 0 && self.field(*d, *f).range.is_some() && self.field(*d, *f).kind.is_integer())
        })
    }

    /// "상위 100명": people are ranked, not groups.
    fn entity_counted(&self, number: usize) -> bool {
        let surface = self.surface(number);
        surface.ends_with('명')
            || self
                .parts
                .get(number + 1)
                .is_some_and(|p| p.is(Class::Head) && !p.starts_word || self.surface(number + 1) == "명")
    }

    fn rank(&mut self, at: usize, number: usize, amount: Amount, end: End) {
        let (low, high) = (at.min(number), at.max(number));
        let mut best: Option<(usize, usize, usize)> = None;
        for (i, part) in self.parts.iter().enumerate() {
            if part.taken {
                continue;
            }
            let cues =
                part.cues().into_iter().filter_map(|t| if let Target::Field(d, f) = t { Some((d, f)) } else { None });
            for (d, f) in part.fields().into_iter().chain(cues) {
                let field = self.field(d, f);
                if d == 0 && field.kind.is_number() {
                    let distance = if i < low { (low - i) * 2 } else { i.abs_diff(high) * 2 + 1 };
                    if best.is_none_or(|b| distance < b.2) {
                        best = Some((f, i, distance));
                    }
                }
            }
        }
        let Some((f, by, _)) = best else { return };
        self.take([at, number, by]);
        let field = self.field(0, f).name.clone();
        let expr = Expr::Rank { field, end, amount, within: Box::new(Expr::All) };
        let words = self.words(low.min(by), high.max(by));
        let edit = self.plain_edit(expr, &words);
        self.draft.edits.push(edit);
    }

    /// Whether part `at` names what to group by.
    fn is_grouping(&self, at: usize) -> bool {
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
        which && !self.has(Class::About)
            || counted && (part.fields().iter().any(|(d, f)| self.groups(*d, *f)) || part.band().is_some())
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
    fn groups(&self, d: usize, f: usize) -> bool {
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

    fn group_by(&mut self, at: usize) {
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
                        || d > 0 && p.values().iter().any(|(x, _, _)| *x == d)
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

    /// 평균, share of, median …
    fn metric(&mut self) {
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
        [self.next_full(at), at.checked_sub(1)]
            .into_iter()
            .flatten()
            .any(|i| self.parts[i].amount().is_some_and(|a| a.compared || a.unit != super::amounts::Unit::default()))
            && !self.has(Class::HowMany)
    }

    /// The number field that a function is asked of.
    fn measured(&self, at: usize) -> Option<(usize, usize, Option<usize>)> {
        let mut best: Option<(usize, usize, usize, usize)> = None;
        for (i, part) in self.parts.iter().enumerate() {
            if part.taken {
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
            unit.filter(|_| !p.taken && asked).map(|u| (i, u))
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

    /// "남녀 평균 청구금액": a field with listed values beside a metric is what to group by.
    fn category_with_metric(&mut self) {
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
            !p.taken
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
