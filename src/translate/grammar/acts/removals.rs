//! Conditions that are to be dropped, named by their field, table or value.

use crate::segment::{Edit, EditOp, Expr, Test};
use crate::translate::grammar::conditions::Cond;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Target;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// "디플 조건은 없애자", "drop the region condition".
    pub(super) fn removals(&mut self, conds: &[Cond], clause: usize) {
        for cond in conds {
            let words = self.words(cond.first, cond.last);
            // "the call condition": the table that the segment speaks of, not a value of another.
            if let Some(expr) = self.table_meant(cond) {
                let edit = Edit { op: EditOp::Remove, ..self.plain_edit(expr, &words) };
                self.draft.edits.push(edit);
                continue;
            }
            let positive = if cond.exclude || cond.negated { cond.expr.clone().negated() } else { cond.expr.clone() };
            let edit = Edit { op: EditOp::Remove, ..self.plain_edit(positive, &words) };
            self.draft.edits.push(edit);
        }
        if let Some(at) = self.find(Class::DateWord)
            && let Some(expr) = self.restricted_date()
        {
            let words = self.words(at, at);
            let edit = Edit { op: EditOp::Remove, ..self.plain_edit(expr, &words) };
            self.draft.edits.push(edit);
            return;
        }
        for at in 0..self.parts.len() {
            let part = &self.parts[at];
            if part.taken || part.is(Class::Condition) || self.clauses[at].abs_diff(clause) > 1 {
                continue;
            }
            let mut fields = part.fields();
            if let Some(b) = part.band()
                && let Some(f) = self.catalog.entity().fields.iter().position(|f| f.name == self.catalog.bands[b].field)
            {
                fields.push((0, f));
            }
            fields.extend(
                part.cues().into_iter().filter_map(|t| if let Target::Field(d, f) = t { Some((d, f)) } else { None }),
            );
            let restricted = |(d, f): &(usize, usize)| {
                let name = (*d > 0).then(|| self.dataset(*d).name.as_str());
                let attribute = self.attribute(*d, *f);
                self.segment().conditions.iter().any(|c| {
                    Self::restricts(&c.expr, None, &|ds, n| {
                        ds == name && self.catalog.attribute(ds.unwrap_or(&self.catalog.entity().name), n) == attribute
                    })
                })
            };
            let mut exprs: Vec<Expr> = fields
                .iter()
                .copied()
                .filter(restricted)
                .map(|(d, f)| {
                    let compare = Expr::Compare { field: self.field(d, f).name.clone(), test: Test::Missing };
                    if d == 0 { compare } else { Expr::exists(&self.dataset(d).name, compare) }
                })
                .collect();
            if part.unknown() {
                exprs.extend(self.restricted_by_word(&self.surface(at)));
            }
            if exprs.is_empty() {
                exprs.extend(
                    part.datasets()
                        .into_iter()
                        .filter(|d| *d > 0)
                        .map(|d| Expr::exists(&self.dataset(d).name, Expr::All)),
                );
            }
            // "sign-up date": another field of the same kind is what the segment restricts.
            if exprs.is_empty()
                && fields.iter().any(|(d, f)| self.field(*d, *f).kind == crate::catalog::FieldType::Date)
            {
                exprs.extend(self.restricted_date());
            }
            let words = self.words(at, at);
            let edits: Vec<_> =
                exprs.into_iter().map(|e| Edit { op: EditOp::Remove, ..self.plain_edit(e, &words) }).collect();
            if !edits.is_empty() {
                self.take([at]);
                self.draft.edits.extend(edits);
            }
        }
    }

    fn table_meant(&self, cond: &Cond) -> Option<Expr> {
        let restricted = |d: usize| {
            let name = Some(self.dataset(d).name.as_str());
            self.segment().conditions.iter().any(|c| Self::restricts(&c.expr, None, &|ds, _| ds == name))
        };
        let other = cond.dataset.is_some_and(|d| !restricted(d));
        let nouns = self.parts[cond.first].datasets().into_iter();
        let cues = self.parts[cond.first].cues().into_iter().filter_map(|t| match t {
            Target::Dataset(d) => Some(d),
            Target::Field(..) => None,
        });
        let d = nouns.chain(cues).find(|d| other && *d > 0 && restricted(*d))?;
        Some(Expr::exists(&self.dataset(d).name, Expr::All))
    }

    /// "the pet condition": the restricted field in whose name the word stands.
    fn restricted_by_word(&self, word: &str) -> Option<Expr> {
        let entity = self.catalog.entity();
        let named = entity.fields.iter().filter(|f| {
            let names = [&f.label.ko, &f.label.en].into_iter().chain(&f.synonyms);
            names.flat_map(|n| n.split(|c: char| !c.is_alphanumeric())).any(|n| n.to_lowercase() == word)
        });
        named
            .into_iter()
            .find(|f| {
                let same = |d: Option<&str>, n: &str| d.is_none() && n == f.name;
                self.segment().conditions.iter().any(|c| Self::restricts(&c.expr, None, &same))
            })
            .map(|f| Expr::Compare { field: f.name.clone(), test: Test::Missing })
    }

    /// The date that the segment restricts, whatever the date is called.
    fn restricted_date(&self) -> Option<Expr> {
        for (d, dataset) in self.catalog.datasets.iter().enumerate() {
            let name = (d > 0).then_some(dataset.name.as_str());
            for field in dataset.fields.iter().filter(|f| f.kind == crate::catalog::FieldType::Date) {
                let used = self
                    .segment()
                    .conditions
                    .iter()
                    .any(|c| Self::restricts(&c.expr, None, &|ds, n| ds == name && n == field.name));
                if used {
                    let compare = Expr::Compare { field: field.name.clone(), test: Test::Missing };
                    return Some(if d == 0 { compare } else { Expr::exists(&dataset.name, compare) });
                }
            }
        }
        None
    }
}
