//! What the turn does: refuse, explain, save, undo, or change the segment; and the stages of a reading in
//! their order.

use super::language::Class;
use super::lexicon::{Sense, Target};
use super::reader::Reader;
use crate::segment::{
    Act, Action, Amount, Choice, Draft, DraftExpr, Edit, EditOp, End, Expr, Metric, Question, Refusal, Test, Topic,
    Why, text,
};

impl Reader<'_> {
    /// Reads the request from its parts.
    pub(super) fn read(mut self) -> Draft {
        self.number_clauses();
        self.background();
        if self.refuses() || self.explains_segment() {
            return self.draft;
        }
        self.action();
        if matches!(self.draft.action, Some(Action::Save { .. } | Action::Load { .. } | Action::Compare { .. })) {
            return self.draft;
        }
        if matches!(self.draft.action, Some(Action::Export { .. })) && !self.has(Class::Head) {
            return self.draft;
        }
        if self.goes_back() || self.explains() {
            return self.draft;
        }
        self.shows();
        let conds = self.conditions();
        self.edits(conds);
        self.vague();
        self.leftovers();
        self.finish()
    }

    /// Clauses that say why the request is made are set aside, and the reader is told.
    fn background(&mut self) {
        let mut at = 0;
        while at < self.parts.len() {
            let colon = self.surface(at) == ":" && self.only_leads(at);
            if !(self.parts[at].is(Class::Background) || colon) {
                at += 1;
                continue;
            }
            let start = (0..at).rev().find(|&i| self.ends_sentence(i) || self.parts[i].taken).map_or(0, |i| i + 1);
            let mut end = at;
            for i in at + 1..self.parts.len().min(at + 7) {
                if self.parts[i].any(&[Class::Comma, Class::Stop]) || colon {
                    end = i - usize::from(colon);
                    break;
                }
                let leads_out = self.parts[i].hangul
                    && (self.parts[i].is_empty() || self.parts[i].is(Class::Background))
                    && end == i - 1;
                if leads_out {
                    end = i;
                }
            }
            let content = |i: usize| {
                let p = &self.parts[i];
                !p.values().is_empty()
                    || !p.terms().is_empty()
                    || p.amount().is_some()
                    || !p.fields().is_empty()
                    || !p.datasets().is_empty()
                    || p.band().is_some()
            };
            if (end + 1..self.parts.len()).any(content) && (start..=end).any(|i| !self.parts[i].is_empty()) {
                let word = self.words(start, end).text;
                self.take(start..=end);
                self.draft.assumptions.push(crate::segment::Assumption::Background { word });
            }
            at = end + 1;
        }
        self.idle_sentences();
        let spoken = self.parts.iter().position(|p| !p.taken).unwrap_or(0);
        for i in 0..spoken {
            self.parts[i].meanings.clear();
        }
    }

    /// A sentence that asks nothing, before one that does, says why.
    fn idle_sentences(&mut self) {
        let asks = |p: &super::parts::Part| {
            p.any(&[
                Class::Ask,
                Class::HowMany,
                Class::Head,
                Class::Anaphor,
                Class::Only,
                Class::Exclude,
                Class::Add,
                Class::Replace,
                Class::Keep,
                Class::Drop,
                Class::About,
                Class::Undo,
                Class::Reset,
                Class::By,
            ])
        };
        let mut start = 0;
        for at in 0..self.parts.len() {
            if !self.ends_sentence(at) || self.surface(at) == ":" {
                continue;
            }
            let rest = self.parts[at + 1..].iter().any(|p| p.any(&[Class::Ask, Class::HowMany]))
                && self.parts[at + 1..].iter().any(|p| p.is(Class::Head));
            let said = self.parts[start..at].iter().any(|p| !p.is_empty() && !p.taken);
            if rest && said && !self.parts[start..at].iter().any(asks) {
                let word = self.words(start, at - 1).text;
                self.take(start..=at);
                self.draft.assumptions.push(crate::segment::Assumption::Background { word });
            }
            start = at + 1;
        }
    }

    fn ends_sentence(&self, at: usize) -> bool {
        matches!(self.surface(at).as_str(), "." | "!" | "?" | ":")
    }

    /// Personal data, those outside the population, writing, the system itself.
    fn refuses(&mut self) -> bool {
        let saving = self.has(Class::Save) || self.has(Class::NameIs) || self.parts.iter().any(|p| p.name().is_some());
        let number = self.phone_number();
        let personal = number
            || self
                .parts
                .iter()
                .any(|p| !p.taken && p.starts_word && p.meanings.iter().any(|m| m.sense == Sense::Personal));
        let shown = !(self.has(Class::Exclude) || self.has(Class::About));
        let content = self.parts.iter().any(|p| !p.values().is_empty() || !p.fields().is_empty());
        let refusal = if personal && shown && !saving {
            Some(Refusal::Personal)
        } else if self.has(Class::System) {
            Some(Refusal::System)
        } else if self.has(Class::Delete)
            && !self.has(Class::Condition)
            && (!content || self.has(Class::Anaphor) || self.has(Class::Head) && !self.has(Class::Only))
        {
            Some(Refusal::Write)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            self.draft.act = Act::Refuse;
            self.draft.refused = Some(refusal);
        }
        refusal.is_some()
    }

    /// A telephone number: somebody in particular is asked about.
    fn phone_number(&self) -> bool {
        let shape: String = self.text.chars.iter().map(|c| if c.is_ascii_digit() { '0' } else { *c }).collect();
        ["000-0000-0000", "000-000-0000", "00000000000", "000000-0000000"].iter().any(|s| shape.contains(s))
    }

    /// Whether what stands before a colon only leads to what follows.
    fn only_leads(&self, colon: usize) -> bool {
        let before = &self.parts[..colon];
        before.iter().any(|p| p.any(&[Class::Background, Class::Ask]))
            || before.iter().all(|p| p.values().is_empty() && p.terms().is_empty() && p.amount().is_none())
    }

    /// "지금 조건이 뭐야".
    fn explains_segment(&mut self) -> bool {
        let asks = self.has(Class::About) || self.has(Class::Which);
        let now = self.parts.iter().any(|p| p.is(Class::About))
            && self.text.chars.iter().collect::<String>().contains("조건");
        let english = self.has(Class::Condition) && self.has(Class::About) && !self.has(Class::Drop);
        let values = self.parts.iter().any(|p| !p.values().is_empty() || !p.terms().is_empty());
        let korean =
            self.has(Class::Condition) && (self.has(Class::About) || self.has(Class::Which)) && !self.has(Class::Drop)
                || now && asks;
        let acts = self.has(Class::Save) || self.has(Class::Export) || self.parts.iter().any(|p| p.name().is_some());
        if acts || values || !(english || korean) || self.parts.iter().any(|p| !p.fields().is_empty()) {
            return false;
        }
        self.draft.act = Act::About;
        self.draft.topics.push(Topic::Segment);
        true
    }

    /// A question about words, fields or data.
    fn explains(&mut self) -> bool {
        let Some(at) = self.find(Class::About) else { return false };
        // "설명 감사합니다. … 조회해 주세요": a later sentence asks for something else.
        let end = (at..self.parts.len()).find(|&i| self.ends_sentence(i)).unwrap_or(self.parts.len());
        if self.parts[end..].iter().any(|p| p.any(&[Class::Ask, Class::HowMany])) {
            return false;
        }
        let numbers = [
            Class::HowMany,
            Class::Max,
            Class::Min,
            Class::HowLong,
            Class::Most,
            Class::Avg,
            Class::Share,
            Class::Median,
            Class::Sum,
        ];
        if numbers
            .iter()
            .any(|c| self.parts.iter().enumerate().any(|(i, p)| i != at && !p.taken && p.is(*c) && !p.is(Class::About)))
            || self.draft.action.is_some()
        {
            return false;
        }
        let grouped = self.parts.iter().any(|p| p.any(&[Class::By, Class::Cross, Class::Top]));
        let asked = self.has(Class::Ask)
            && self.has(Class::Head)
            && self.parts.iter().filter(|p| !p.values().is_empty()).count() > 1;
        if grouped || asked {
            return false;
        }
        let mut topics = Vec::new();
        for part in self.parts.iter().filter(|p| !p.taken) {
            if let Some(t) = part.terms().first() {
                topics.push(Topic::Term { name: self.catalog.glossary[*t].name.clone() });
            } else if let Some((d, f)) = part.fields().first() {
                let (dataset, field) = (self.dataset(*d).name.clone(), self.field(*d, *f).name.clone());
                topics.push(Topic::Field { dataset, field });
            } else if let Some(c) =
                part.meanings.iter().find_map(|m| if let Sense::Category(c) = m.sense { Some(c) } else { None })
            {
                topics.push(Topic::Category { name: self.catalog.categories[c].name.clone() });
            } else if let Some(d) = part.datasets().first() {
                topics.push(Topic::Dataset { name: self.dataset(*d).name.clone() });
            } else if let Some((d, f, _)) = part.values().first() {
                let (dataset, field) = (self.dataset(*d).name.clone(), self.field(*d, *f).name.clone());
                topics.push(Topic::Field { dataset, field });
            } else if part.is(Class::Data) {
                topics.push(Topic::Data);
            }
        }
        if topics.is_empty() {
            topics.push(Topic::Everything);
        }
        topics.dedup();
        self.draft.act = Act::About;
        self.draft.topics = topics;
        true
    }

    /// Undo and reset, where nothing else is asked.
    fn goes_back(&mut self) -> bool {
        let content = self.parts.iter().any(|p| {
            !p.taken
                && (!p.values().is_empty()
                    || !p.terms().is_empty()
                    || p.amount().is_some()
                    || p.dates().is_some()
                    || !p.fields().is_empty()
                    || p.is(Class::DateWord))
        });
        if self.has(Class::Reset) && self.draft.action.is_none() {
            let at: Vec<usize> = (0..self.parts.len()).filter(|&i| self.parts[i].is(Class::Reset)).collect();
            // "새로 가입한", "다시 보여줘": only where it stands for itself.
            let condition = self.has(Class::Condition) && content;
            if !content && !condition {
                self.draft.act = Act::Reset;
                return true;
            }
            let own = at.iter().any(|&i| self.surface(i).chars().filter(|c| *c != ' ').count() > 2);
            if own {
                self.draft.act = Act::New;
                self.take(at);
            }
        }
        let emptied = self.has(Class::Everyone) && self.has(Class::Condition) && self.has(Class::Drop) && !content;
        if emptied {
            self.draft.act = Act::Reset;
            return true;
        }
        if self.has(Class::Undo) && !content && self.draft.action.is_none() {
            self.draft.act = Act::Undo;
            return true;
        }
        let last = self.has(Class::Drop) && self.has(Class::Condition) && !content;
        if last {
            self.draft.act = Act::Undo;
        }
        last
    }

    /// Whether the request is whole by itself: a verb of asking, a head, and nothing that refers back.
    pub(super) fn starts_anew(&self) -> bool {
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
        let counted = |p: &super::parts::Part| p.is(Class::HowMany);
        let head = has(Class::Head) || self.parts.iter().any(counted);
        let asks = self.parts.iter().any(|p| p.is(Class::Ask) && !p.is(Class::Filler))
            || self.parts.iter().any(counted)
            || self.starts_with_head();
        let dropped = has(Class::Drop) || has(Class::Exclude) && self.starts_with_exclude();
        let too = self.parts.iter().any(|p| p.is(Class::Too) && p.hangul) || has(Class::Too) && !has(Class::Ask);
        head && asks && !refers && !only && !dropped && !too
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
        let first = self.parts.iter().position(|p| !p.is_empty() && !p.taken);
        first.is_some_and(|i| self.parts[i].is(Class::Exclude))
            || self.parts.iter().rposition(|p| !p.is_empty()).is_some_and(|i| self.parts[i].is(Class::Exclude))
    }

    /// How conditions change the segment when nothing else is said.
    fn plain_op(&self) -> EditOp {
        let has = |class: Class| self.parts.iter().any(|p| p.is(class));
        if self.starts_anew() {
            return EditOp::Narrow;
        }
        if !self.segment().is_everybody() && (has(Class::Add) || has(Class::Too) && !has(Class::Anaphor)) {
            return EditOp::Widen;
        }
        if has(Class::InsteadAfter) {
            return EditOp::Swap;
        }
        if has(Class::Anaphor) || has(Class::Keep) || has(Class::Both) { EditOp::Narrow } else { EditOp::Set }
    }

    fn edits(&mut self, conds: Vec<super::conditions::Cond>) {
        let anew = self.starts_anew();
        if self.has(Class::Drop) && self.has(Class::Condition) {
            self.removals(&conds);
            return;
        }
        // A rank is taken within what the other conditions leave.
        let mut ranks = std::mem::take(&mut self.draft.edits);
        let share = self.share_of(&conds);
        let op = self.plain_op();
        let mut at = 0;
        while at < conds.len() {
            let cond = &conds[at];
            let set_aside = self.prev_full(cond.first).is_some_and(|i| self.parts[i].is(Class::NotJust));
            if set_aside || self.population_asked(&cond.expr) {
                at += 1;
                continue;
            }
            if self.draft.act == Act::Refuse {
                return;
            }
            if share.is_some_and(|s| at >= s) {
                let rest: Vec<Expr> = conds[at..].iter().map(|c| c.expr.clone()).collect();
                self.draft.show.metric = Some(Metric::Share(DraftExpr::Typed(Expr::all_of(rest))));
                break;
            }
            let words = self.words(cond.first, cond.last);
            if let Some(edit) = self.swap(&conds, at, &words) {
                self.draft.edits.push(edit);
                at += 2;
                continue;
            }
            let (op, expr) = if cond.exclude && !anew && op == EditOp::Swap {
                (EditOp::Exclude, cond.expr.clone())
            } else if cond.exclude {
                if anew { (EditOp::Narrow, cond.expr.clone().negated()) } else { (EditOp::Exclude, cond.expr.clone()) }
            } else if cond.negated && op != EditOp::Narrow {
                (EditOp::Narrow, cond.expr.clone())
            } else {
                (op, cond.expr.clone())
            };
            let edit = Edit { op, ..self.plain_edit(expr, &words) };
            self.draft.edits.push(edit);
            at += 1;
        }
        if self.draft.act == Act::Refuse {
            return;
        }
        self.draft.edits.append(&mut ranks);
        if anew && (!self.draft.edits.is_empty() || self.draft.question.is_some()) {
            self.draft.act = Act::New;
        }
        self.nationwide();
    }

    /// "전국으로", "all regions": no restriction on the attribute that regions of home are.
    fn nationwide(&mut self) {
        let Some(at) = self.find(Class::Everyone) else { return };
        if self.starts_anew()
            || !self.draft.edits.is_empty()
            || self.segment().is_everybody()
            || self.has(Class::HowMany)
        {
            let whole = self.draft.edits.is_empty()
                && self.has(Class::HowMany)
                && !self.parts.iter().any(|p| p.is(Class::Anaphor));
            if whole && self.draft.show.metric.is_none() {
                self.draft.act = Act::New;
            }
            return;
        }
        let entity = self.catalog.entity();
        if let Some(field) = entity.fields.iter().find(|f| f.preferred && f.shared.is_some()) {
            let words = self.words(at, at);
            let expr = Expr::Compare { field: field.name.clone(), test: Test::Missing };
            let edit = Edit { op: EditOp::Remove, ..self.plain_edit(expr, &words) };
            self.draft.edits.push(edit);
        }
    }

    /// A condition on who belongs to the population: true of everybody counted, or not to be asked for.
    fn population_asked(&mut self, expr: &Expr) -> bool {
        let Ok(population) = text::parse(&self.catalog.population, self.catalog) else { return false };
        if *expr == population.clone().negated() || self.has(Class::Exclude) && *expr == population {
            self.draft.act = Act::Refuse;
            self.draft.refused = Some(Refusal::Population);
            self.draft.edits.clear();
            return true;
        }
        *expr == population
    }

    /// "X 말고 Y", "swap X for Y", "Y instead of X".
    fn swap(
        &self,
        conds: &[super::conditions::Cond],
        at: usize,
        words: &crate::segment::Words,
    ) -> Option<Edit<DraftExpr>> {
        let (a, b) = (&conds[at], conds.get(at + 1)?);
        let between = |class: Class| (a.last + 1..b.first).any(|i| self.parts[i].is(class));
        let before_b = (a.last + 1..b.first).any(|i| self.parts[i].is(Class::Instead));
        let replaces = self.parts.iter().any(|p| p.is(Class::Replace));
        let same = a.dataset == b.dataset
            && (a.dataset.is_some() || self.one_attribute(&a.expr) == self.one_attribute(&b.expr));
        let edit = |new: &Expr, old: &Expr| Edit {
            op: EditOp::Swap,
            condition: DraftExpr::Typed(new.clone()),
            instead_of: Some(DraftExpr::Typed(old.clone())),
            words: words.clone(),
        };
        if !same || self.starts_anew() && !replaces {
            return None;
        }
        if a.exclude && !b.exclude && between(Class::Instead) {
            return Some(edit(&b.expr, &a.expr));
        }
        if b.exclude && before_b && !self.parts[b.first].hangul {
            return Some(edit(&a.expr, &b.expr));
        }
        let object = (a.last + 1..b.first).any(|i| matches!(self.surface(i).as_str(), "을" | "를" | "에서"));
        let english = between(Class::SwapFor) && !self.parts[b.first].hangul;
        (replaces && !a.exclude && (english || object)).then(|| edit(&b.expr, &a.expr))
    }

    /// "디플 조건은 없애자", "drop the region condition".
    fn removals(&mut self, conds: &[super::conditions::Cond]) {
        for cond in conds {
            let words = self.words(cond.first, cond.last);
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
            if part.taken || part.is(Class::Condition) {
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

    /// For a share: the first condition that belongs to it.
    fn share_of(&mut self, conds: &[super::conditions::Cond]) -> Option<usize> {
        let at = self.find(Class::Share)?;
        if conds.is_empty() || !self.draft.show.breakdown.is_empty() {
            return None;
        }
        self.take([at]);
        let refers = self.parts.iter().rposition(|p| p.any(&[Class::Anaphor]) || p.is(Class::Among) && p.hangul);
        match refers {
            Some(i) if conds.iter().any(|c| c.first > i) && self.parts[i].hangul => {
                conds.iter().position(|c| c.first > i)
            }
            _ if !self.parts[at].hangul && conds.len() > 1 && conds.iter().any(|c| c.first < at) => {
                conds.iter().position(|c| c.first > at)
            }
            _ if self.parts[at].hangul && conds.len() > 1 && refers.is_none() => Some(conds.len() - 1),
            _ => Some(0),
        }
    }

    /// A word too vague to count by is asked about.
    fn vague(&mut self) {
        if self.draft.question.is_some() || self.draft.act == Act::Refuse {
            return;
        }
        for at in 0..self.parts.len() {
            let part = self.parts[at].clone();
            if part.taken {
                continue;
            }
            let row_term = part.terms().iter().any(|t| self.catalog.glossary[*t].of.is_some());
            let row_in_segment = row_term && self.row_term_in_segment(at);
            if row_in_segment {
                continue;
            }
            let vague = part.vague().or_else(|| {
                let surface = self.surface(at);
                row_term
                    .then(|| {
                        self.catalog
                            .vague
                            .iter()
                            .position(|v| v.words.iter().any(|w| super::text::normal(w) == surface))
                    })
                    .flatten()
            });
            let Some(vague) = vague else { continue };
            let words = self.words(at, at);
            let op = self.plain_op();
            let choices =
                self.catalog.vague[vague].options.iter().filter_map(|o| self.vague_choice(o, &words, op)).collect();
            self.draft.question = Some(Question { words, why: Why::Vague, choices });
            self.take([at]);
            return;
        }
    }

    /// "자주" after a presence that the segment already has restricts its rows.
    fn row_term_in_segment(&mut self, at: usize) -> bool {
        let terms = self.parts[at].terms();
        for condition in self.segment().conditions.iter().rev() {
            let Expr::Exists { dataset, rows } = &condition.expr else { continue };
            for t in &terms {
                let term = &self.catalog.glossary[*t];
                let Some(predicate) = term.row_predicate(dataset) else { continue };
                let Ok(row) = text::parse_rows(predicate, self.catalog, dataset) else { continue };
                let expr = Expr::exists(dataset, Expr::all_of(vec![(**rows).clone(), row]));
                let words = self.words(at, at);
                self.draft
                    .assumptions
                    .push(crate::segment::Assumption::Term { word: words.text.clone(), means: predicate.to_owned() });
                let edit = Edit { op: EditOp::Narrow, ..self.plain_edit(expr, &words) };
                self.draft.edits.push(edit);
                self.take([at]);
                return true;
            }
        }
        false
    }

    fn vague_choice(&self, option: &str, words: &crate::segment::Words, op: EditOp) -> Option<Choice<DraftExpr>> {
        let edit = |expr| Edit { op, ..self.plain_edit(expr, words) };
        if let Some(term) = self.catalog.term(option) {
            let expr = text::parse(&term.predicate, self.catalog).ok()?;
            let mut known = vec![term.label.ko.clone(), term.label.en.clone()];
            known.extend(term.synonyms.iter().cloned());
            return Some(Choice {
                label: [term.label.ko.clone(), term.label.en.clone()],
                words: known,
                edits: vec![edit(expr)],
            });
        }
        let field = self.catalog.field(option)?;
        let expr = Expr::Rank {
            field: field.name.clone(),
            end: End::Top,
            amount: Amount::Share(0.1),
            within: Box::new(Expr::All),
        };
        let mut known = vec![field.label.ko.clone(), field.label.en.clone()];
        known.extend(field.synonyms.iter().cloned());
        Some(Choice {
            label: [format!("{} 상위 10%", field.label.ko), format!("top 10% by {}", field.label.en)],
            words: known,
            edits: vec![edit(expr)],
        })
    }

    /// Content words that nothing used are named.
    fn leftovers(&mut self) {
        for at in 0..self.parts.len() {
            let part = &self.parts[at];
            let left = !part.taken
                && (part.unknown()
                    || part.amount().is_some_and(|a| a.compared || a.unit != super::amounts::Unit::default())
                    || part.dates().is_some());
            let digit = part.unknown() && !self.surface(at).chars().any(char::is_alphanumeric);
            if !left || digit {
                continue;
            }
            let mut words = self.words(at, at);
            // The rest of the word, without what is clearly a particle.
            if part.unknown()
                && self.parts.get(at + 1).is_some_and(|n| {
                    !n.starts_word
                        && n.hangul
                        && n.is(Class::Particle)
                        && matches!(self.surface(at + 1).as_str(), "이" | "가" | "인" | "나" | "야" | "일")
                })
            {
                words = self.words(at, at + 1);
            }
            match self.draft.unmatched.last_mut() {
                Some(last) if words.start >= last.end && words.start - last.end <= 1 && part.unknown() => {
                    last.text = format!("{}{}{}", last.text, if words.start > last.end { " " } else { "" }, words.text);
                    last.end = words.end;
                }
                _ => self.draft.unmatched.push(words),
            }
        }
    }

    fn finish(mut self) -> Draft {
        let op = self.plain_op();
        if let Some(question) = &mut self.draft.question {
            for edit in question.choices.iter_mut().flat_map(|c| &mut c.edits) {
                edit.op = op;
            }
        }
        let draft = &self.draft;
        let nothing = draft.edits.is_empty()
            && draft.show.breakdown.is_empty()
            && draft.show.metric.is_none()
            && draft.action.is_none()
            && draft.question.is_none()
            && draft.act == Act::Continue;
        let empty = draft.act == Act::New
            && draft.edits.is_empty()
            && draft.question.is_none()
            && draft.show.breakdown.is_empty();
        if (nothing || empty) && !draft.unmatched.is_empty() {
            self.draft.act = Act::Unknown;
        } else if nothing
            && !self
                .parts
                .iter()
                .any(|p| p.any(&[Class::HowMany, Class::Anaphor, Class::Ask, Class::Head, Class::Everyone]))
        {
            self.draft.act = Act::About;
            self.draft.topics.push(Topic::Everything);
        }
        #[allow(clippy::cast_precision_loss, reason = "a handful")]
        let doubts = self.draft.unmatched.len() as f32;
        self.draft.confidence = (1.0 - 0.2 * doubts).clamp(0.0, 1.0);
        self.draft
    }

    /// Save, load, compare, export.
    fn action(&mut self) {
        let saving = |p: &super::parts::Part| {
            p.is(Class::Save) && !p.is(Class::Earlier) && p.form() != Some(super::korean::Form::Adnominal)
        };
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
    fn named(&mut self, save: usize) -> Option<String> {
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
