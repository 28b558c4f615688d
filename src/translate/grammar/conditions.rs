//! Parts → conditions: values, terms, amounts and dates come together by clause and table, and each
//! condition learns whether it is negated, excluded or one of several alternatives.

use super::korean::Form;
use super::language::Class;
use super::parts::ValueSense;
use super::reader::Reader;
use super::values::List;
use crate::catalog::{Field, FieldType};
use crate::segment::text;
use crate::segment::{Assumption, Choice, Edit, EditOp, Expr, Literal, Question, Test, Why};

/// A condition and the parts it came from.
#[derive(Debug, Clone)]
pub(super) struct Cond {
    /// What must hold; already negated where it was said so.
    pub(super) expr: Expr,
    /// First part.
    pub(super) first: usize,
    /// Last part.
    pub(super) last: usize,
    /// The many-table it is about.
    pub(super) dataset: Option<usize>,
    /// Said to be taken out.
    pub(super) exclude: bool,
    /// Said not to hold.
    pub(super) negated: bool,
}

/// A presence that is being put together.
#[derive(Debug, Clone)]
pub(super) struct Presence {
    pub(super) dataset: usize,
    pub(super) clause: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) rows: Vec<Expr>,
    /// Several presences, one for each of these, all required.
    pub(super) each: Vec<Expr>,
    /// Totals over the rows.
    pub(super) totals: Vec<super::measures::Total>,
}

impl Presence {
    fn expr(&self, name: &str) -> Expr {
        let rows = Expr::all_of(self.rows.clone());
        let mut all: Vec<Expr> = self
            .totals
            .iter()
            .map(|total| Expr::Total {
                dataset: name.to_owned(),
                func: total.func,
                field: total.field.clone(),
                rows: Box::new(rows.clone()),
                test: total.test.clone(),
            })
            .collect();
        for item in &self.each {
            all.push(Expr::exists(name, Expr::all_of(vec![item.clone(), rows.clone()])));
        }
        if all.is_empty() {
            all.push(Expr::exists(name, rows));
        }
        Expr::all_of(all)
    }
}

/// The text of a text literal; empty for others.
pub(super) fn text_of(literal: &Literal) -> String {
    if let Literal::Text(text) = literal { text.clone() } else { String::new() }
}

impl Reader<'_> {
    /// The conditions that the parts not taken so far make.
    pub(super) fn conditions(&mut self) -> Vec<Cond> {
        let governors = self.governors();
        let mut conds = Vec::new();
        let mut presences: Vec<Presence> = Vec::new();
        let mut pending_parent: Option<(usize, usize, Expr, usize)> = None;
        for list in self.lists() {
            if self.names_the_table(&list) {
                continue;
            }
            let chosen = self.choose(&list, &governors);
            let sense = match chosen.as_slice() {
                [] => continue,
                [one] => one.clone(),
                several => {
                    self.ask_which(&list, several);
                    continue;
                }
            };
            self.say_if_chosen(&list, &sense);
            self.take(list.members.clone());
            let (d, f) = (sense.0, sense.1);
            let Some(mut expr) = self.value_condition(&list, &sense, pending_parent.as_ref()) else { continue };
            if d == 0 {
                let within = self.field(d, f).within.clone();
                if let Some((pd, pf, parent, at)) = pending_parent.take()
                    && pd == d
                    && within.as_deref() == Some(self.field(pd, pf).name.as_str())
                    && self.prev_full(list.first) == Some(at)
                    && !self.joined(at, list.first)
                {
                    conds.pop();
                    expr = Expr::all_of(vec![parent, expr]);
                }
                pending_parent = Some((d, f, expr.clone(), list.last));
                conds.push(self.cond(expr, list.first, list.last, None));
            } else {
                self.add_to_presence(&mut presences, &list, &sense, expr);
                pending_parent = None;
            }
        }
        self.row_terms(&mut presences);
        self.terms(&mut conds);
        self.bare_presences(&mut presences, &conds);
        self.amounts(&mut conds, &mut presences);
        self.date_conditions(&mut conds, &mut presences);
        self.flags(&mut conds, &mut presences);
        for presence in &presences {
            let expr = presence.expr(&self.dataset(presence.dataset).name);
            let cond = self.cond(expr, presence.first, presence.last, Some(presence.dataset));
            conds.push(cond);
        }
        conds.sort_by_key(|c| c.first);
        self.negations(&mut conds);
        self.alternatives(conds)
    }

    pub(super) fn cond(&self, expr: Expr, first: usize, last: usize, dataset: Option<usize>) -> Cond {
        Cond { expr, first, last, dataset, exclude: false, negated: false }
    }

    /// Whether two parts are joined as members of a list.
    fn joined(&self, from: usize, to: usize) -> bool {
        (from + 1..to).any(|i| self.parts[i].any(&[Class::And, Class::Or, Class::Comma]))
    }

    /// "회사가 영등포", "포인트 1만 이상": the word names a field that its neighbour is a value of.
    fn names_a_field(&self, at: usize) -> bool {
        let near = [self.next_full(at), self.prev_full(at)];
        self.parts[at].fields().iter().any(|(d, f)| {
            let attribute = self.attribute(*d, *f);
            near.iter()
                .flatten()
                .any(|&i| self.parts[i].values().iter().any(|(x, y, _)| x == d && self.attribute(*x, *y) == attribute))
                || near[0].is_some_and(|i| {
                    self.parts[i].amount().is_some_and(|a| {
                        a.unit != super::amounts::Unit::default() && self.fits(self.field(*d, *f), a).is_some()
                    })
                })
        })
    }

    /// "11번가에서 산": the word is the table's own name where a verb of the table stands by it.
    fn names_the_table(&self, list: &List) -> bool {
        if list.members.len() > 1 {
            return false;
        }
        if self.names_a_field(list.first) {
            return true;
        }
        let part = &self.parts[list.first];
        let nouns = part.datasets();
        let clause = self.clauses[list.first];
        let points = |d: usize, wanted: bool| {
            self.parts.iter().enumerate().any(|(i, p)| {
                i != list.first
                    && self.clauses[i].abs_diff(clause) <= usize::from(wanted)
                    && (p.cues().contains(&super::lexicon::Target::Dataset(d))
                        || p.fields().iter().any(|(x, _)| *x == d && d > 0)
                        || p.values().iter().any(|(x, _, _)| *x == d && wanted))
            })
        };
        nouns.iter().any(|d| points(*d, true)) && !part.values().iter().any(|(d, _, _)| points(*d, false))
    }

    /// The condition of a list of values on its field.
    fn value_condition(
        &mut self,
        list: &List,
        sense: &ValueSense,
        parent: Option<&(usize, usize, Expr, usize)>,
    ) -> Option<Expr> {
        let (d, f, values) = sense;
        let field = self.field(*d, *f);
        let names = self.in_order(list, field, values);
        let shared = |name: &&String| field.value(name).is_some_and(|v| v.parents.len() > 1);
        let within_parent = parent.is_some_and(|(pd, pf, _, at)| {
            pd == d
                && field.within.as_deref() == Some(self.field(*pd, *pf).name.as_str())
                && self.prev_full(list.first) == Some(*at)
                && !self.joined(*at, list.first)
        });
        if field.within.is_some() && !within_parent && names.iter().any(|n| shared(&n)) {
            return self.with_parent(list, *d, *f, &names);
        }
        let literals = names.into_iter().map(Literal::Text).collect();
        Some(Expr::is_in(&field.name, literals))
    }

    /// The values of a list, widened by a bound: "골드 이상".
    fn in_order(&mut self, list: &List, field: &Field, values: &[usize]) -> Vec<String> {
        let names: Vec<String> = values.iter().map(|v| field.values[*v].name.clone()).collect();
        if field.ordered.is_empty() || names.len() != 1 {
            return names;
        }
        let after = (list.last + 1..self.parts.len()).find(|&i| {
            !self.parts[i].is(Class::Particle)
                && !self.parts[i].fields().iter().any(|(_, f)| self.field(0, *f).name == field.name)
        });
        let Some(at) = field.ordered.iter().position(|n| *n == names[0]) else { return names };
        let before = list.first.checked_sub(1);
        let is = |classes: &[Class]| after.is_some_and(|i| self.parts[i].any(classes));
        let is_before = |classes: &[Class]| before.is_some_and(|i| self.parts[i].any(classes));
        let range = if is(&[Class::Ge]) || is_before(&[Class::GeBefore]) {
            at..field.ordered.len()
        } else if is(&[Class::Gt]) || is_before(&[Class::GtBefore]) {
            at + 1..field.ordered.len()
        } else if is(&[Class::Le]) || is_before(&[Class::LeBefore]) {
            0..at + 1
        } else if is(&[Class::Lt]) || is_before(&[Class::LtBefore]) {
            0..at
        } else {
            return names;
        };
        if let Some(after) = after {
            self.take([after]);
        }
        let chosen = &field.ordered[range];
        field.values.iter().map(|v| v.name.clone()).filter(|n| chosen.contains(n)).collect()
    }

    /// A name that several parents share: the one parent that is left, or a question.
    fn with_parent(&mut self, list: &List, d: usize, f: usize, names: &[String]) -> Option<Expr> {
        let field = self.field(d, f);
        let within = field.within.clone()?;
        let allowed = if self.starts_anew() { None } else { self.allowed_parents(d, f) };
        let mut parts = Vec::new();
        for name in names {
            let value = field.value(name)?;
            let plain = Expr::is_in(&field.name, vec![Literal::Text(name.clone())]);
            if value.parents.len() <= 1 {
                parts.push(plain);
                continue;
            }
            let left: Vec<&String> =
                value.parents.iter().filter(|p| allowed.as_ref().is_none_or(|a| a.contains(p))).collect();
            if let [parent] = left.as_slice() {
                parts.push(Expr::all_of(vec![Expr::is_in(&within, vec![Literal::Text((*parent).clone())]), plain]))
            } else {
                self.ask_parent(list, d, f, name);
                return None;
            }
        }
        Some(Expr::any_of(parts))
    }

    fn ask_parent(&mut self, list: &List, d: usize, f: usize, name: &str) {
        let field = self.field(d, f);
        let dataset = self.dataset(d);
        let (Some(value), Some(parent_field)) =
            (field.value(name), field.within.as_deref().and_then(|w| dataset.field(w)))
        else {
            return;
        };
        let words = self.words(list.first, list.last);
        let allowed = if self.starts_anew() { None } else { self.allowed_parents(d, f) };
        let choices = value
            .parents
            .iter()
            .filter(|p| allowed.as_ref().is_none_or(|a| a.is_empty() || a.contains(p)))
            .filter_map(|p| parent_field.value(p))
            .map(|parent| {
                let rows = Expr::all_of(vec![
                    Expr::is_in(&parent_field.name, vec![Literal::Text(parent.name.clone())]),
                    Expr::is_in(&field.name, vec![Literal::Text(name.to_owned())]),
                ]);
                let expr = if d == 0 { rows } else { Expr::exists(&dataset.name, rows) };
                let mut known = vec![parent.name.clone(), parent.label.ko.clone(), parent.label.en.clone()];
                known.extend(parent.synonyms.iter().cloned());
                Choice {
                    label: [
                        format!("{} {}", parent.label.ko, value.label.ko),
                        format!("{}, {}", value.label.en, parent.label.en),
                    ],
                    words: known,
                    edits: vec![self.plain_edit(expr, &words)],
                }
            })
            .collect();
        self.take(list.members.clone());
        self.draft.question.get_or_insert(Question { words, why: Why::SharedName, choices });
    }

    pub(super) fn plain_edit(&self, expr: Expr, words: &crate::segment::Words) -> Edit<crate::segment::DraftExpr> {
        Edit {
            op: EditOp::Narrow,
            condition: crate::segment::DraftExpr::Typed(expr),
            instead_of: None,
            words: words.clone(),
        }
    }

    /// One word, several tables: ask, with each as an option.
    fn ask_which(&mut self, list: &List, senses: &[ValueSense]) {
        let words = self.words(list.first, list.last);
        let choices = senses
            .iter()
            .map(|(d, f, values)| {
                let (dataset, field) = (self.dataset(*d), self.field(*d, *f));
                let literals = values.iter().map(|v| Literal::Text(field.values[*v].name.clone())).collect();
                let rows = Expr::is_in(&field.name, literals);
                let expr = if *d == 0 { rows } else { Expr::exists(&dataset.name, rows) };
                let value = &field.values[values[0]].label;
                let mut known: Vec<String> = dataset.presence.verbs.clone();
                known.extend(dataset.presence.nouns.iter().cloned());
                known.extend([
                    dataset.label.ko.clone(),
                    dataset.label.en.clone(),
                    field.label.ko.clone(),
                    field.label.en.clone(),
                ]);
                Choice {
                    label: [
                        format!("{}: {} = {}", dataset.label.ko, field.label.ko, value.ko),
                        format!("{}: {} = {}", dataset.label.en, field.label.en, value.en),
                    ],
                    words: known,
                    edits: vec![self.plain_edit(expr, &words)],
                }
            })
            .collect();
        self.take(list.members.clone());
        self.draft.question.get_or_insert(Question { words, why: Why::SeveralTables, choices });
    }

    /// A word with several senses, one of which was taken by preference, is said in the answer.
    fn say_if_chosen(&mut self, list: &List, sense: &ValueSense) {
        if list.senses.len() <= 1 || self.field(sense.0, sense.1).shared.is_some() {
            return;
        }
        let field = self.field(sense.0, sense.1);
        let word = self.words(list.first, list.last).text;
        let read_as = [field.label.ko.clone(), field.label.en.clone()];
        self.draft.assumptions.push(Assumption::Chosen { word, read_as });
    }

    fn add_to_presence(&mut self, presences: &mut Vec<Presence>, list: &List, sense: &ValueSense, expr: Expr) {
        let (d, f) = (sense.0, sense.1);
        let clause = self.clauses[list.last];
        let field = self.field(d, f);
        let several = list.members.len() > 1 && matches!(&expr, Expr::Compare { test: Test::In(_), .. });
        let both = self.parts.iter().enumerate().any(|(i, p)| {
            p.is(Class::Both) && i > list.first && self.clauses[i].abs_diff(clause) <= 1 && !self.total_said(clause)
        }) || (list.joined_by_and && !self.negated_before(list.first) && !self.total_said(clause));
        let each = if several && (both) && self.dataset(d).item.as_deref().is_some_and(|i| self.holds_several(d, i, f))
        {
            self.one_by_one(&expr)
        } else {
            Vec::new()
        };
        let attribute = self.attribute(d, f).to_owned();
        let same = presences.iter_mut().find(|p| p.dataset == d && p.clause == clause);
        let fresh = |rows: Vec<Expr>, each: Vec<Expr>| Presence {
            dataset: d,
            clause,
            first: list.first,
            last: list.last,
            rows,
            each,
            totals: Vec::new(),
        };
        let rows = if each.is_empty() { vec![expr] } else { Vec::new() };
        match same {
            Some(presence)
                if !presence.rows.iter().any(|r| {
                    matches!(r, Expr::Compare { field: other, .. }
                        if self.catalog.attribute(&self.catalog.datasets[d].name, other) == attribute && *other == field.name)
                }) =>
            {
                presence.rows.extend(rows);
                presence.each.extend(each);
                presence.last = list.last;
            }
            _ => presences.push(fresh(rows, each)),
        }
    }

    fn holds_several(&self, d: usize, item: &str, f: usize) -> bool {
        self.field(d, f).name == item
            || self.dataset(d).field(item).is_some_and(|i| i.within.as_deref() == Some(self.field(d, f).name.as_str()))
    }

    fn one_by_one(&self, expr: &Expr) -> Vec<Expr> {
        match expr {
            Expr::Compare { field, test: Test::In(values) } => {
                values.iter().map(|v| Expr::is_in(field, vec![v.clone()])).collect()
            }
            other => vec![other.clone()],
        }
    }

    pub(super) fn total_said(&self, clause: usize) -> bool {
        self.parts
            .iter()
            .enumerate()
            .any(|(i, p)| p.any(&[Class::Combined, Class::Sum]) && self.clauses[i].abs_diff(clause) <= 1)
    }

    /// Glossary words over the entity.
    fn terms(&mut self, conds: &mut Vec<Cond>) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken || !self.parts[at].values().is_empty() {
                continue;
            }
            let found = self.parts[at].terms().into_iter().find(|t| self.catalog.glossary[*t].of.is_none());
            let Some(term) = found.map(|t| &self.catalog.glossary[t]) else { continue };
            let Ok(expr) = text::parse(&term.predicate, self.catalog) else { continue };
            let word = self.words(at, at).text;
            self.draft.assumptions.push(Assumption::Term { word, means: term.predicate.clone() });
            conds.push(self.cond(expr, at, at, None));
            self.take([at]);
        }
        self.term_of_last_turn(conds);
    }

    /// "그 기준에 걸리는 분들": the term that the last turn explained.
    fn term_of_last_turn(&mut self, conds: &mut Vec<Cond>) {
        let Some(at) = self.find(Class::ThatTerm) else { return };
        let topics = self.context.last.map(|t| t.topics.as_slice()).unwrap_or_default();
        for topic in topics {
            let crate::segment::Topic::Term { name } = topic else { continue };
            let Some(term) = self.catalog.term(name).filter(|t| t.of.is_none()) else { continue };
            let Ok(expr) = text::parse(&term.predicate, self.catalog) else { continue };
            self.draft.assumptions.push(Assumption::Term { word: name.clone(), means: term.predicate.clone() });
            conds.push(self.cond(expr, at, at, None));
        }
        self.take([at]);
    }

    /// Words such as 자주 that restrict the rows of a presence said in the same request.
    fn row_terms(&mut self, presences: &mut [Presence]) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken {
                continue;
            }
            let clause = self.clauses[at];
            for t in self.parts[at].terms() {
                let term = &self.catalog.glossary[t];
                let near = presences
                    .iter_mut()
                    .filter(|p| term.row_predicate(&self.catalog.datasets[p.dataset].name).is_some())
                    .min_by_key(|p| p.clause.abs_diff(clause));
                let Some(presence) = near else { continue };
                let dataset = &self.catalog.datasets[presence.dataset].name;
                let Some(predicate) = term.row_predicate(dataset) else { continue };
                let Ok(expr) = text::parse_rows(predicate, self.catalog, dataset) else { continue };
                presence.rows.push(expr);
                presence.first = presence.first.min(at);
                presence.last = presence.last.max(at);
                let word = self.text.words(self.parts[at].from, self.parts[at].to).text;
                self.draft.assumptions.push(Assumption::Term { word, means: predicate.to_owned() });
                self.parts[at].taken = true;
                break;
            }
        }
    }

    /// A verb of one table alone: "주문한 적 있는", "발송 나간".
    fn bare_presences(&mut self, presences: &mut Vec<Presence>, conds: &[Cond]) {
        for at in 0..self.parts.len() {
            let part = &self.parts[at];
            let acts = part.meanings.iter().any(|m| matches!(m.sense, super::lexicon::Sense::Word(_)));
            if part.taken || acts || !part.values().is_empty() && part.cues().is_empty() {
                continue;
            }
            let clause = self.clauses[at];
            let tables: Vec<usize> = part
                .cues()
                .iter()
                .filter_map(|t| match t {
                    super::lexicon::Target::Field(0, _) => None,
                    super::lexicon::Target::Dataset(d) | super::lexicon::Target::Field(d, _) => Some(*d),
                })
                .collect();
            let entity = part.cues().iter().any(|t| matches!(t, super::lexicon::Target::Field(0, _)));
            let mut only = tables.clone();
            only.dedup();
            let [d] = only.as_slice() else { continue };
            let grouped = format!("{}.", self.dataset(*d).name);
            if self.draft.show.breakdown.iter().any(|b| b.starts_with(&grouped)) {
                continue;
            }
            let unknown_object = (0..self.parts.len()).any(|i| self.clauses[i] == clause && self.parts[i].unknown());
            let served = presences.iter().any(|p| p.dataset == *d && p.clause.abs_diff(clause) <= 1)
                || conds
                    .iter()
                    .any(|c| (c.first..=c.last).any(|i| self.clauses[i] == clause && !self.parts[i].cues().is_empty()))
                || (!self.parts[at].hangul && presences.iter().any(|p| p.dataset == *d));
            let any = (0..self.parts.len()).any(|i| {
                self.clauses[i].abs_diff(clause) <= 1
                    && (self.parts[i].is(Class::Any)
                        || self.parts[i].dates().is_some()
                        || !self.parts[i].datasets().is_empty())
            });
            if served || unknown_object || entity || !any {
                continue;
            }
            presences.push(Presence {
                dataset: *d,
                clause,
                first: at,
                last: at,
                rows: Vec::new(),
                each: Vec::new(),
                totals: Vec::new(),
            });
            self.take([at]);
        }
    }

    /// Truth values, fields that may be absent, and fields that may be missing: "가족결합", "IPTV 없는", "약정 없는".
    fn flags(&mut self, conds: &mut Vec<Cond>, presences: &mut Vec<Presence>) {
        for at in 0..self.parts.len() {
            if self.parts[at].taken {
                continue;
            }
            let cue = self.parts[at].cues();
            let mut fields = self.parts[at].fields();
            fields.extend(cue.iter().filter_map(|t| match t {
                super::lexicon::Target::Field(d, f) if self.field(*d, *f).kind == FieldType::Bool => Some((*d, *f)),
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

    /// "responded to it" belongs to the presence before it; "but did not respond" makes a second one.
    fn row_flag(&self, presences: &mut Vec<Presence>, conds: &mut Vec<Cond>, d: usize, flag: Expr, at: usize) {
        let clause = self.clauses[at];
        let negated = self.negation_at(at, at).0;
        let before = presences.iter_mut().rev().find(|p| p.dataset == d && p.clause.abs_diff(clause) <= 2);
        match before {
            Some(presence) if negated => {
                let mut rows = presence.rows.clone();
                rows.push(flag);
                let expr = Expr::exists(&self.dataset(d).name, Expr::all_of(rows));
                let mut cond = self.cond(expr.negated(), at, at, Some(d));
                cond.negated = true;
                conds.push(cond);
            }
            Some(presence) => {
                presence.rows.push(flag);
                presence.last = presence.last.max(at);
            }
            None => presences.push(Presence {
                dataset: d,
                clause,
                first: at,
                last: at,
                rows: vec![flag],
                each: Vec::new(),
                totals: Vec::new(),
            }),
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
                || p.cues().contains(&super::lexicon::Target::Field(0, f))
                || p.form().is_some() && p.is(Class::Filler)
        }) || (!self.parts[at].hangul
            && at > 0
            && (self.parts[at - 1].any(&[Class::Has, Class::NotBefore])
                || self.prev_full(at).is_some_and(|i| self.parts[i].any(&[Class::Has, Class::NotBefore]))))
            || self.parts[at].cues().contains(&super::lexicon::Target::Field(0, f));
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

    /// Negation and exclusion of every condition.
    fn negations(&mut self, conds: &mut [Cond]) {
        for i in 0..conds.len() {
            if conds[i].negated {
                continue;
            }
            let (negated, exclude, marks) = self.negation(conds[i].first, conds[i].last);
            conds[i].exclude = exclude;
            if negated {
                conds[i].negated = true;
                conds[i].expr = negate(std::mem::replace(&mut conds[i].expr, Expr::All));
            }
            self.take(marks);
        }
        // "강남 사는 아이폰 쓰는 사람 빼고": what modifies the same noun is excluded with it.
        for i in (1..conds.len()).rev() {
            let closes = (conds[i - 1].last..conds[i].first).rev().find(|&p| !self.parts[p].is_empty());
            let adnominal =
                closes.is_some_and(|p| p > conds[i - 1].last && self.parts[p].form() == Some(Form::Adnominal));
            if conds[i].exclude && adnominal && self.parts[conds[i].first].hangul {
                conds[i - 1].exclude = true;
            }
        }
    }

    fn negation_at(&self, first: usize, last: usize) -> (bool, bool) {
        let (negated, exclude, _) = self.negation(first, last);
        (negated, exclude)
    }

    /// Whether what stands in parts `first..=last` is negated or excluded, and by which parts.
    fn negation(&self, first: usize, last: usize) -> (bool, bool, Vec<usize>) {
        let mut marks = Vec::new();
        let (mut negated, mut exclude) = (false, false);
        let dropping = |at: usize| self.parts[at].is(Class::Drop) && !self.has(Class::Condition);
        // A condition that goes on to another clause is not touched by what follows.
        let open = !matches!(self.parts[last].form(), Some(Form::And | Form::Or));
        for at in (last + 1..self.parts.len()).take_while(|_| open) {
            let part = &self.parts[at];
            // "받은 사람은 exclude": an English word at the end of a Korean clause.
            let korean = part.hangul || at > 0 && self.parts[at - 1].hangul;
            if korean && (part.is(Class::Exclude) || dropping(at)) {
                exclude = true;
                marks.push(at);
                break;
            }
            if part.any(&[Class::Instead]) && part.hangul {
                exclude = true;
                marks.push(at);
                break;
            }
            if part.hangul && part.any(&[Class::HasNot, Class::NotAfter]) {
                negated = !negated;
                marks.push(at);
                if self.clauses[at] != self.clauses[last] {
                    break;
                }
                continue;
            }
            if part.is(Class::NotBefore) && part.hangul {
                negated = !negated;
                marks.push(at);
                continue;
            }
            if self.stops_negation(at) {
                break;
            }
        }
        let mut at = first;
        while at > 0 {
            at -= 1;
            let part = &self.parts[at];
            if part.hangul {
                break;
            }
            if part.is(Class::NotJust) {
                break;
            }
            if part.is(Class::Exclude) || dropping(at) || part.is(Class::Instead) && part.any(&[Class::Exclude]) {
                exclude = true;
                marks.push(at);
                break;
            }
            if part.is(Class::NotBefore) {
                negated = !negated;
                marks.push(at);
                break;
            }
            let content = part.any(&[Class::But, Class::Stop, Class::Has]) || self.stops_negation(at);
            if content {
                break;
            }
        }
        (negated && !exclude, exclude, marks)
    }

    pub(super) fn negated_before(&self, first: usize) -> bool {
        (0..first).rev().take_while(|&i| !self.stops_negation(i)).any(|i| self.parts[i].is(Class::NotBefore))
    }

    /// Parts beyond which a negation does not reach: other conditions, "and", "중에".
    fn stops_negation(&self, at: usize) -> bool {
        let part = &self.parts[at];
        if part.any(&[Class::Among, Class::But]) && part.hangul {
            return true;
        }
        let joiner = part.any(&[Class::And, Class::Or]);
        if matches!(part.form(), Some(Form::And | Form::Or)) && part.hangul && !joiner {
            return true;
        }
        if part.is(Class::Has) && part.hangul {
            return self.surface(at).ends_with(['고', '데', '며', '만']);
        }
        if part.is(Class::Comma) {
            let listed = |i: Option<usize>| i.is_some_and(|i| !self.parts[i].values().is_empty());
            return !(listed(self.prev_full(at)) && listed(self.next_full(at)));
        }
        let value = !part.values().is_empty() && part.cues().is_empty();
        let term = !part.terms().is_empty() && part.cues().is_empty();
        value || term || part.amount().is_some() && !part.hangul
    }

    /// Joins conditions that are alternatives: by "or", or the same attribute said twice in a list.
    fn alternatives(&mut self, conds: Vec<Cond>) -> Vec<Cond> {
        let mut joined: Vec<Cond> = Vec::new();
        for cond in conds {
            let Some(before) = joined.last_mut() else {
                joined.push(cond);
                continue;
            };
            let between: Vec<usize> = (before.last + 1..cond.first).collect();
            let or = between.iter().any(|&i| {
                self.parts[i].is(Class::Or) && !self.parts[i].is(Class::And) || self.parts[i].form() == Some(Form::Or)
            });
            let list = between.iter().any(|&i| self.parts[i].any(&[Class::And, Class::Comma, Class::Tilde]))
                && between.iter().all(|&i| {
                    self.parts[i].any(&[Class::And, Class::Comma, Class::Or, Class::Tilde]) || self.parts[i].is_empty()
                });
            let alike = before.exclude == cond.exclude && (before.negated == cond.negated || or);
            let same = self.one_attribute(&before.expr).is_some_and(|a| Some(a) == self.one_attribute(&cond.expr));
            if before.expr == cond.expr {
                before.last = cond.last;
            } else if alike && (or || list && same && !cond.negated) {
                let first = std::mem::replace(&mut before.expr, Expr::All);
                before.expr = either(first, cond.expr);
                before.last = cond.last;
                if before.dataset != cond.dataset {
                    before.dataset = None;
                }
            } else {
                joined.push(cond);
            }
        }
        joined
    }

    /// The one attribute that an expression restricts.
    pub(super) fn one_attribute(&self, expr: &Expr) -> Option<String> {
        let mut found: Vec<String> = Vec::new();
        let seen = std::cell::RefCell::new(&mut found);
        Self::restricts(expr, None, &|d, f| {
            let name = d.unwrap_or(&self.catalog.entity().name);
            let attribute = format!("{name}.{}", self.catalog.attribute(name, f));
            let mut seen = seen.borrow_mut();
            if !seen.contains(&attribute) {
                seen.push(attribute);
            }
            false
        });
        (found.len() == 1).then(|| found.remove(0))
    }
}

/// Not: a comparison takes its opposite where that is exact, the rest is wrapped.
fn negate(expr: Expr) -> Expr {
    match expr {
        Expr::Compare { field, test: Test::Ne(value) } => Expr::Compare { field, test: Test::Eq(value) },
        Expr::Compare { field, test: Test::Eq(value) } => Expr::Compare { field, test: Test::Ne(value) },
        other => other.negated(),
    }
}

/// Either of two, flattened; values of one field come together.
pub(super) fn either(a: Expr, b: Expr) -> Expr {
    if let (Expr::Exists { dataset, rows }, Expr::Exists { dataset: other, rows: more }) = (&a, &b)
        && dataset == other
        && let Some(rows) = union(rows, more)
    {
        return Expr::exists(dataset, rows);
    }
    if let Some(one) = union(&a, &b) {
        return one;
    }
    let mut parts = match a {
        Expr::Or(parts) => parts,
        other => vec![other],
    };
    match b {
        Expr::Or(more) => parts.extend(more),
        other => parts.push(other),
    }
    Expr::Or(parts)
}

/// `field IN` of the values of two comparisons of one field.
pub(super) fn union(a: &Expr, b: &Expr) -> Option<Expr> {
    let values = |expr: &Expr| match expr {
        Expr::Compare { field, test: Test::Eq(value) } => Some((field.clone(), vec![value.clone()])),
        Expr::Compare { field, test: Test::In(values) } => Some((field.clone(), values.clone())),
        _ => None,
    };
    let ((field, mut all), (other, more)) = (values(a)?, values(b)?);
    if field != other {
        return None;
    }
    all.extend(more.into_iter().filter(|v| !all.contains(v)).collect::<Vec<_>>());
    Some(Expr::is_in(&field, all))
}
