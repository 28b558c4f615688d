//! Whether a request stands by itself or goes on from the segment, and how it then changes it.

use crate::segment::{Act, EditOp};
use crate::translate::grammar::korean::Form;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::parts::Part;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Whether the request is whole by itself: a verb of asking, a head, and nothing that refers back.
    pub(in crate::translate::grammar) fn starts_anew(&self) -> bool {
        if self.draft.act == Act::New {
            return true;
        }
        let has = |class: Class| self.parts.iter().any(|p| p.is(class));
        let refers = has(Class::Anaphor)
            || [Class::Add, Class::Replace, Class::Keep, Class::InsteadAfter, Class::NotJust].into_iter().any(has)
            || self.has(Class::LikeThat) && !self.parts.iter().any(|p| p.hangul);
        let only = self
            .parts
            .iter()
            .enumerate()
            .any(|(i, p)| p.is(Class::Only) && !(i > 0 && self.parts[i - 1].any(&[Class::By, Class::HowMany])));
        // "40대는 몇 명이야" asks of what was found; "부산 사는 40대는 몇 명이야" is whole by itself.
        let clausal = self.parts.iter().any(|p| !p.hangul || p.form() == Some(Form::Adnominal))
            || self.parts.iter().filter(|p| !p.values().is_empty() || p.amount().is_some()).count() > 1;
        let counted = |p: &Part| p.is(Class::HowMany) && clausal;
        // 여행 관심 고객 is one word of the catalog, and names people.
        let people = |p: &Part| {
            let surface = &self.text.chars[p.from..p.to];
            let ends = |noun: &String| surface.ends_with(&noun.chars().collect::<Vec<char>>());
            !p.terms().is_empty() && self.catalog.entity_nouns.iter().any(ends)
        };
        let head = has(Class::Head)
            || self.parts.iter().any(people)
            || self.parts.iter().any(counted)
            || self.asks_for_a_value();
        // 보는 사람 does not ask to see anybody.
        let inside = |p: &Part| matches!(p.form(), Some(Form::Adnominal | Form::Negatable | Form::Or | Form::Noun));
        let asks = self.parts.iter().any(|p| p.is(Class::Ask) && !p.is(Class::Filler) && !(p.hangul && inside(p)))
            || self.parts.iter().any(counted)
            || self.starts_with_head();
        let refers = refers || self.replaces_a_value();
        let dropped = has(Class::Drop) || has(Class::Exclude) && self.starts_with_exclude();
        let too = self.too().is_some_and(|i| self.parts[i].hangul || !has(Class::Ask));
        head && asks && !refers && !only && !dropped && !too
    }

    /// A word such as 도 that is said of a condition, not of what is shown (시군구별 탑10도).
    fn too(&self) -> Option<usize> {
        let shown = |i: usize| {
            let part = &self.parts[i];
            let top = part
                .amount()
                .and_then(super::super::amounts::Amount::exact)
                .is_some_and(|n| self.draft.show.top.is_some_and(|top| f64::from(top) == n));
            part.any(&[Class::By, Class::Top, Class::Stats, Class::Cross]) || top
        };
        (0..self.parts.len()).find(|&i| self.parts[i].is(Class::Too) && !(i > 0 && shown(i - 1)))
    }

    /// "브롤스타즈 하는 10대 뽑아줘": what a clause modifies, and is asked for, is a head.
    fn asks_for_a_value(&self) -> bool {
        let Some(ask) = self.parts.iter().rposition(|p| p.is(Class::Ask) && p.hangul) else { return false };
        let Some(object) = self.prev_full(ask) else { return false };
        let part = &self.parts[object];
        let named = !part.values().is_empty() || !part.terms().is_empty() || part.amount().is_some_and(|a| a.decade);
        // "캠페인 받은 30대 여성 뽑아줘": over the values between.
        let mut first = object;
        while let Some(before) = self.prev_full(first).filter(|&i| {
            let p = &self.parts[i];
            p.form().is_none() && (!p.values().is_empty() || !p.terms().is_empty() || p.amount().is_some())
        }) {
            first = before;
        }
        let modified = self.prev_full(first).is_some_and(|i| self.parts[i].form() == Some(Form::Adnominal));
        named && modified
    }

    /// "서울 말고 경기 사는 분": instead of a value that the segment restricts.
    fn replaces_a_value(&self) -> bool {
        let Some(at) = self.parts.iter().position(|p| p.is(Class::Instead) && p.hangul) else { return false };
        self.parts[..at].iter().flat_map(Part::values).any(|(d, f, _)| {
            let name = (d > 0).then(|| self.dataset(d).name.as_str());
            let attribute = self.attribute(d, f);
            self.segment().conditions.iter().any(|c| {
                Self::restricts(&c.expr, None, &|ds, n| {
                    ds == name && self.catalog.attribute(ds.unwrap_or(&self.catalog.entity().name), n) == attribute
                })
            })
        })
    }

    /// "people working in Mapo", "customers who …": a noun phrase alone is a request in English.
    fn starts_with_head(&self) -> bool {
        let first = self.parts.iter().position(|p| !p.is_empty() && !p.taken);
        let head = first.is_some_and(|i| {
            self.parts[i].is(Class::Head) && !self.parts[i].hangul && !self.parts[i].is(Class::Anaphor)
        });
        let verbs =
            self.parts.iter().any(|p| !p.hangul && (p.form().is_some() && !p.cues().is_empty() || p.is(Class::Who)));
        head && verbs
    }

    fn starts_with_exclude(&self) -> bool {
        let set_aside = |p: &Part| p.taken && p.meanings.is_empty();
        let first = self.parts.iter().position(|p| !p.is_empty() && !set_aside(p));
        first.is_some_and(|i| self.parts[i].is(Class::Exclude))
            || self.parts.iter().rposition(|p| !p.is_empty()).is_some_and(|i| self.parts[i].is(Class::Exclude))
    }

    /// How conditions change the segment when nothing else is said.
    pub(super) fn plain_op(&self) -> EditOp {
        let has = |class: Class| self.parts.iter().any(|p| p.is(class));
        if self.starts_anew() {
            return EditOp::Narrow;
        }
        let first = self.parts.iter().find(|p| !p.is_empty());
        let or = first.is_some_and(|p| p.is(Class::Or)) && !self.segment().is_everybody();
        let not_just = self.parts.iter().any(|p| p.is(Class::NotJust) && p.hangul);
        if or || not_just {
            return EditOp::Widen;
        }
        if !self.segment().is_everybody() && (has(Class::Add) || self.too().is_some() && !has(Class::Anaphor)) {
            return EditOp::Widen;
        }
        if has(Class::InsteadAfter) {
            return EditOp::Swap;
        }
        if has(Class::Anaphor) || has(Class::Keep) || has(Class::Both) { EditOp::Narrow } else { EditOp::Set }
    }
}
