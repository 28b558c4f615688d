//! Truth values, and fields named without a value: to have it, or not to have it.

use crate::catalog::FieldType;
use crate::segment::{Expr, Literal, Test};
use crate::translate::grammar::conditions::Cond;
use crate::translate::grammar::conditions::Presence;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Target;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Truth values, fields that may be absent, and fields that may be missing: "가족결합", "IPTV 없는", "약정 없는".
    pub(super) fn flags(&mut self, conds: &mut Vec<Cond>, presences: &mut Vec<Presence>) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken {
                continue;
            }
            let cue = self.parts[at].cues();
            let mut fields = self.parts[at].fields();
            fields.extend(cue.iter().filter_map(|t| match t {
                Target::Field(d, f) if self.field(*d, *f).kind == FieldType::Bool => Some((*d, *f)),
                _ => None,
            }));
            let bools: Vec<(usize, usize)> =
                fields.iter().copied().filter(|(d, f)| self.field(*d, *f).kind == FieldType::Bool).collect();
            if let Some((d, f)) = bools.first().copied() {
                let expr = Expr::Compare { field: self.field(d, f).name.clone(), test: Test::True };
                self.take([at]);
                if d == 0 {
                    conds.push(self.cond(expr, at, at, None));
                } else {
                    self.row_flag(presences, conds, d, expr, at);
                }
                continue;
            }
            let Some((0, f)) = fields.iter().copied().find(|(d, _)| *d == 0) else { continue };
            let attribute = self.attribute(0, f);
            let said = |c: &Cond| {
                Self::restricts(&c.expr, None, &|d, n| {
                    d.is_none() && self.catalog.attribute(&self.catalog.entity().name, n) == attribute
                })
            };
            if conds.iter().any(said) {
                continue;
            }
            if let Some(expr) = self.having(at, f) {
                self.take([at]);
                conds.push(self.cond(expr, at, at, None));
            }
        }
    }

    /// A field named without a value: to have any of it.
    fn having(&self, at: usize, f: usize) -> Option<Expr> {
        let field = self.field(0, f);
        let next =
            (at + 1..self.parts.len()).find(|&i| !self.parts[i].any(&[Class::Particle, Class::Too, Class::Filler]));
        let says = next.is_some_and(|i| {
            let p = &self.parts[i];
            p.any(&[Class::Has, Class::HasNot, Class::Head, Class::NotAfter, Class::NotBefore])
                || p.cues().contains(&Target::Field(0, f))
                || p.form().is_some() && p.is(Class::Filler)
        }) || (!self.parts[at].hangul
            && at > 0
            && (self.parts[at - 1].any(&[Class::Has, Class::NotBefore])
                || self.prev_full(at).is_some_and(|i| self.parts[i].any(&[Class::Has, Class::NotBefore]))))
            || self.parts[at].cues().contains(&Target::Field(0, f));
        if !says {
            return None;
        }
        let compare = |test| Expr::Compare { field: field.name.clone(), test };
        if let Some(absent) = field.values.iter().find(|v| v.absent) {
            return Some(compare(Test::Ne(Literal::Text(absent.name.clone()))));
        }
        if field.nullable {
            return Some(compare(Test::Missing).negated());
        }
        let counted = field.kind.is_integer() && field.window_days.is_some();
        counted.then(|| compare(Test::Gt(Literal::Int(0))))
    }
}
