//! Save, load, compare and export, and the names they are given.

use crate::segment::{Action, DraftExpr, Edit, EditOp};
use crate::translate::grammar::korean::Form;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::parts::Part;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Save, load, compare, export.
    pub(super) fn action(&mut self) {
        let saving = |p: &Part| p.is(Class::Save) && !p.is(Class::Earlier) && p.form() != Some(Form::Adnominal);
        if let Some(at) = self.parts.iter().position(|p| !p.taken && saving(p)) {
            let name = self.named(at);
            self.draft.action = Some(Action::Save { name });
            return;
        }
        let named = self.parts.iter().position(|p| !p.taken && p.name().is_some());
        let name = named.and_then(|i| self.parts[i].name().map(unquoted));
        if let (Some(name), Some(i)) = (name.clone(), named) {
            if self.has(Class::Compare) {
                self.take_all_but_content(i);
                self.draft.action = Some(Action::Compare { name });
                return;
            }
            if self.has(Class::Load) || self.has(Class::Earlier) && self.has(Class::Undo) {
                self.take_all_but_content(i);
                self.draft.action = Some(Action::Load { name });
                return;
            }
            if self.context.saved.contains(&name) {
                let words = self.words(i, i);
                let edit = Edit { op: EditOp::Narrow, condition: DraftExpr::Saved(name), instead_of: None, words };
                self.take([i]);
                self.draft.edits.push(edit);
            }
        }
        let saved = self.has(Class::Earlier) && !self.context.saved.is_empty();
        if saved && (self.has(Class::Compare) || self.has(Class::Load)) {
            let name = self.context.saved[self.context.saved.len() - 1].clone();
            self.draft.action =
                Some(if self.has(Class::Compare) { Action::Compare { name } } else { Action::Load { name } });
            return;
        }
        if let Some(at) = self.find(Class::Export) {
            let surface = self.surface(at);
            let format = ["csv", "parquet", "xlsx"].into_iter().find(|f| surface.contains(f)).map(str::to_owned);
            let format =
                format.or_else(|| (surface.contains("엑셀") || surface.contains("excel")).then(|| "xlsx".to_owned()));
            self.take([at]);
            self.draft.action = Some(Action::Export { format });
        }
    }

    fn take_all_but_content(&mut self, name: usize) {
        let marks: Vec<usize> = (0..self.parts.len())
            .filter(|&i| {
                i == name
                    || self.parts[i].any(&[
                        Class::Compare,
                        Class::Load,
                        Class::Earlier,
                        Class::Stats,
                        Class::Anaphor,
                        Class::LikeThat,
                        Class::Undo,
                    ])
            })
            .collect();
        self.take(marks);
    }

    /// The name in "…라는 이름으로 저장", "save it as …".
    pub(in crate::translate::grammar) fn named(&mut self, save: usize) -> Option<String> {
        if let Some(i) = self.parts.iter().position(|p| p.name().is_some()) {
            let name = self.parts[i].name().map(unquoted);
            let all: Vec<usize> =
                (0..self.parts.len()).filter(|&j| j == i || j == save || self.parts[j].is(Class::NameIs)).collect();
            self.take(all);
            return name;
        }
        let marker = self.parts.iter().position(|p| p.is(Class::NameIs));
        let words =
            if self.parts[save].hangul || self.parts.iter().any(|p| p.hangul && p.any(&[Class::NameIs, Class::To])) {
                let end = marker.or_else(|| (0..save).rev().find(|&i| self.parts[i].is(Class::To)))?;
                let start = (0..end).find(|&i| {
                    !self.parts[i].any(&[
                        Class::Filler,
                        Class::Anaphor,
                        Class::LikeThat,
                        Class::Condition,
                        Class::Comma,
                        Class::Particle,
                        Class::And,
                    ])
                })?;
                let mut end = end;
                while end > start + 1
                    && self.parts[end - 1].any(&[Class::Particle, Class::NameIs])
                    && !self.parts[end - 1].starts_word
                {
                    end -= 1;
                }
                if start >= end {
                    return None;
                }
                let words = self.words(start, end - 1);
                self.take(start..=save.max(end));
                words
            } else {
                let start = marker? + 1;
                let last = self.parts.len() - 1;
                if start > last {
                    return None;
                }
                let words = self.words(start, last);
                self.take(save..=last);
                words
            };
        let name = words.text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        (!name.is_empty()).then_some(name)
    }
}

fn unquoted(name: &str) -> String {
    name.trim_matches(|c: char| matches!(c, '\'' | '"' | '‘' | '’' | '“' | '”' | '「' | '」')).to_owned()
}
