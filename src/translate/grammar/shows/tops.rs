//! Top N of groups, and ranks of customers.

use crate::segment::{Amount, End, Expr};
use crate::translate::grammar::amounts::{Amount as Amounts, Unit};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Target;
use crate::translate::grammar::reader::Reader;

/// Parts between "가장" and the groups it is said of, at most.
const MAX_TO_GROUP: usize = 5;

impl Reader<'_> {
    /// "상위 5개", "top 3", "많은 순으로 열 개"; with a percentage it is a rank.
    pub(super) fn top(&mut self) {
        for at in 0..self.parts.len() {
            let bottom = self.parts[at].is(Class::Bottom);
            if self.parts[at].taken || !(self.parts[at].is(Class::Top) || bottom) {
                self.most_of(at);
                continue;
            }
            let near = [self.next_full(at), self.prev_full(at)];
            let Some(number) = near
                .into_iter()
                .flatten()
                .find(|&i| self.parts[i].amount().is_some_and(|a| a.exact().is_some() && !a.compared))
                .or_else(|| self.which_number())
            else {
                continue;
            };
            let Some(amount) = self.parts[number].amount().cloned() else { continue };
            let Some(mut n) = amount.exact() else { continue };
            // "top 5만": the particle, not ten thousand.
            if n >= 10_000.0 && amount.unit == Unit::default() && self.surface(number).ends_with('만') {
                n /= 10_000.0;
            }
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

    /// "가장 많이 쓰는 앱 10개": the number stands after the groups.
    fn most_of(&mut self, at: usize) {
        let most = !self.parts[at].taken && self.parts[at].is(Class::Most) && self.parts[at].hangul;
        let reach = self.parts.len().min(at + MAX_TO_GROUP);
        let group = (at + 1..reach).find(|&i| {
            !self.parts[i].datasets().is_empty() || self.parts[i].fields().iter().any(|(d, f)| self.groups(*d, *f))
        });
        let Some(number) = group.filter(|_| most).and_then(|i| self.next_full(i)) else { return };
        let exact = self.parts[number].amount().filter(|a| !a.compared && !a.decade && !a.unit.percent);
        if let Some(n) = exact.and_then(Amounts::exact) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive whole number")]
            let n = n as u32;
            self.draft.show.top = Some(n);
            let words = (at..=number).filter(|&i| Some(i) != group);
            let words: Vec<usize> = words.collect();
            self.take(words);
        }
    }

    /// "which three provinces have the highest …": the number after "which".
    fn which_number(&self) -> Option<usize> {
        let which = self.find(Class::Which).filter(|&i| !self.parts[i].hangul)?;
        let number = self.next_full(which)?;
        self.parts[number].amount().is_some_and(|a| a.exact().is_some() && !a.compared).then_some(number)
    }

    /// "top two income deciles" is a condition on a scale, not a number of groups.
    fn scale_follows(&self, number: usize) -> bool {
        // "top 3 deciles": the unit of such a scale.
        let unit = self.parts[number].amount().is_some_and(|a| {
            let scale = |u: usize| {
                let name = Some(self.catalog.units[u].name.as_str());
                self.catalog
                    .entity()
                    .fields
                    .iter()
                    .any(|f| f.unit.as_deref() == name && f.range.is_some() && f.kind.is_integer())
            };
            a.unit.catalog.iter().any(|(u, _)| scale(*u))
        });
        unit || self.next_full(number).is_some_and(|i| {
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
}
