//! The answer of a turn: what was found, what may be shown of it, and how it is said.

use super::groups::{self, share};
use super::keys::Key;
use super::number::percent;
use super::words::{Voice, voice};
use super::{Answer, Breakdown, Done, MetricValue, SegmentExpr, Status, explain, metric, privacy, readback, suggest};
use crate::catalog::{Catalog, Locale, search};
use crate::engine::Rows;
use crate::segment::sentence::{reading, sentence};
use crate::segment::{Act, Expr, Metric, Turn, text};
use crate::session::{Deed, Outcome, Step};

/// So many things that are near to unknown words are named.
const MAX_NEAR: usize = 3;

/// What an answer is made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Language of the reply.
    pub locale: Locale,
    /// Groups below this are hidden; 0 shows all.
    pub min_group: u64,
    /// Number of the turn.
    pub number: u32,
    /// What was asked.
    pub turn: &'a Turn,
    /// What it does.
    pub step: &'a Step,
    /// What was counted, where anything was.
    pub counted: Option<&'a Counted>,
    /// Size of the segment that stays, where nothing was counted and it is known.
    pub known: Option<u64>,
}

/// What the engine found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counted {
    /// Size of the segment.
    pub count: u64,
    /// Size of the population.
    pub population: u64,
    /// Size of the segment before, where the turn narrowed it.
    pub previous: Option<u64>,
    /// The keys that groups are of, and the groups.
    pub groups: Option<(Vec<String>, Rows)>,
    /// Value of the metric over the whole segment: asked for, and what it is.
    pub metric: Option<Option<f64>>,
    /// Size of the segment that was compared with, and of what both have.
    pub compared: Option<[u64; 2]>,
    /// The SQL that answers the request.
    pub sql: String,
}

/// The answer, but for what only the door and the app know: session, translator, timings.
#[must_use]
pub fn tell(facts: &Facts<'_>) -> Answer {
    let expr = facts.step.segment.expr();
    let mut answer = Answer {
        turn: facts.number,
        locale: facts.locale,
        reading: reading(&facts.step.segment, facts.catalog, facts.locale),
        text: text::print(&expr),
        count: facts.known.filter(|&n| !privacy::is_small(n, facts.min_group)),
        as_of: facts.catalog.as_of.to_string(),
        confidence: facts.turn.confidence,
        unmatched: readback::unmatched(facts.turn),
        ..Answer::default()
    };
    let teller = Teller { facts, expr: &expr, voice: voice(facts.locale) };
    match &facts.step.outcome {
        Outcome::Count => teller.count(&mut answer),
        outcome => teller.words(outcome, &mut answer),
    }
    answer.segment = SegmentExpr(expr);
    answer
}

/// The answer where a stage failed; `cause` is a sentence.
#[must_use]
pub fn failed(cause: &str, locale: Locale) -> Answer {
    Answer { status: Status::Error, locale, reply: voice(locale).failed(cause), ..Answer::default() }
}

struct Teller<'a> {
    facts: &'a Facts<'a>,
    expr: &'a Expr,
    voice: &'static dyn Voice,
}

impl Teller<'_> {
    /// An answer in words, the segment being as it was.
    fn words(&self, outcome: &Outcome, answer: &mut Answer) {
        let Facts { catalog, locale, turn, step, .. } = *self.facts;
        (answer.status, answer.reply) = match outcome {
            Outcome::Ask(question) => {
                let asked = readback::question(question, turn.action.as_ref(), locale);
                answer.options = readback::options(question, locale);
                let reply = readback::numbered(&asked, &answer.options);
                answer.question = Some(asked);
                (Status::Clarify, reply)
            }
            Outcome::Refuse(why) => {
                let population = catalog.population_label.get(locale);
                (Status::Refused, self.voice.refusal(*why, population, catalog.entity_label.get(locale)))
            }
            Outcome::Unknown | Outcome::Count => {
                let near = near(&answer.unmatched, catalog, locale);
                (Status::Unknown, self.voice.unknown(&answer.unmatched, &near))
            }
            Outcome::Explain(topics) => {
                let said = explain::explain(topics, &step.segment, catalog, self.facts.min_group, locale);
                (Status::About, said)
            }
            Outcome::NoSuchTurn(turn) => (Status::Unknown, self.voice.no_such_turn(*turn)),
            Outcome::TooDeep => (Status::Refused, self.voice.too_deep()),
        };
        if answer.status != Status::Clarify {
            answer.suggestions = suggest::after_words(&self.situation(false));
        }
    }

    fn situation(&self, is_empty: bool) -> suggest::Situation<'_> {
        let Facts { catalog, locale, turn, number, .. } = *self.facts;
        suggest::Situation { catalog, locale, segment: self.expr, turn, number, is_empty }
    }

    /// An answer with numbers.
    fn count(&self, answer: &mut Answer) {
        let Facts { catalog, locale, min_group, turn, .. } = *self.facts;
        let nothing = Counted::default();
        let counted = self.facts.counted.unwrap_or(&nothing);
        answer.status = Status::Answered;
        answer.assumptions = readback::assumptions(turn, catalog, locale);
        answer.population = Some(counted.population);
        answer.sql = (!counted.sql.is_empty()).then(|| counted.sql.clone());
        let small = privacy::is_small(counted.count, min_group);
        let mut said: Vec<String> = self.deed().into_iter().collect();
        if small {
            (answer.count, answer.count_below) = (None, Some(min_group));
            said.push(self.voice.few(&self.who(), min_group));
        } else {
            answer.count = Some(counted.count);
            answer.share = share(counted.count, counted.population);
            answer.share_of_previous = self.share_of_previous(counted);
            said.push(self.size(counted.count));
            said.extend(self.shares(answer));
            said.extend(self.groups(counted, answer));
            said.extend(self.metric(counted, answer));
        }
        answer.action = self.action(counted);
        said.extend(self.comparison(counted));
        said.extend(answer.assumptions.iter().cloned());
        if !answer.unmatched.is_empty() {
            said.push(self.voice.unmatched(&answer.unmatched));
        }
        answer.reply = said.join(" ");
        answer.suggestions = suggest::after_numbers(&self.situation(small || counted.count == 0));
    }

    fn who(&self) -> String {
        sentence(self.expr, self.facts.catalog, self.facts.locale)
    }

    fn size(&self, count: u64) -> String {
        match (count, self.expr) {
            (0, _) => self.voice.nobody(&self.who()),
            (_, Expr::All) => self.voice.count_all(self.facts.catalog.population_label.get(self.facts.locale), count),
            _ => self.voice.count(&self.who(), count),
        }
    }

    /// Of the segment before, where this one is part of it and neither is hidden.
    fn share_of_previous(&self, counted: &Counted) -> Option<f64> {
        let narrowed = self.facts.turn.act == Act::Continue && !self.facts.turn.edits.is_empty();
        let previous = counted.previous.filter(|&p| narrowed && p >= counted.count)?;
        if privacy::is_small(previous, self.facts.min_group) { None } else { share(counted.count, previous) }
    }

    fn shares(&self, answer: &Answer) -> Option<String> {
        if answer.count == Some(0) || *self.expr == Expr::All {
            return None;
        }
        let previous = answer.share_of_previous.map(percent);
        let share = answer.share.map(percent);
        (share.is_some() || previous.is_some()).then(|| self.voice.shares(previous.as_deref(), share.as_deref()))
    }

    fn groups(&self, counted: &Counted, answer: &mut Answer) -> Vec<String> {
        let Facts { catalog, locale, min_group, turn, .. } = *self.facts;
        let Some((by, rows)) = &counted.groups else { return Vec::new() };
        let keys: Vec<&str> =
            by.iter().map(|name| Key::named(name, catalog).map_or(name.as_str(), |k| k.label(locale))).collect();
        let asked = groups::Asked {
            catalog,
            locale,
            by,
            segment: self.expr,
            total: counted.count,
            min_group,
            top: turn.show.top,
            bottom: turn.show.bottom,
        };
        let Some(mut breakdown) = groups::breakdown(rows, &asked) else { return vec![self.voice.no_groups(&keys)] };
        if let Some(metric) = &turn.show.metric {
            hide_values(&mut breakdown, metric, min_group);
        }
        let mut said: Vec<String> = self.headline(&breakdown, &keys).into_iter().collect();
        if breakdown.rows.is_empty() && breakdown.suppressed > 0 {
            said.push(self.voice.no_groups(&keys));
        } else if breakdown.suppressed > 0 {
            said.push(self.voice.suppressed(breakdown.suppressed, min_group));
        }
        answer.breakdown = Some(breakdown);
        said
    }

    /// The group that stands out.
    fn headline(&self, breakdown: &Breakdown, keys: &[&str]) -> Option<String> {
        let Facts { catalog, locale, turn, .. } = *self.facts;
        let bottom = turn.show.bottom;
        let name = |group: &super::Group| group.label.join(" · ");
        let Some(asked) = &turn.show.metric else {
            let filled = breakdown.rows.iter().filter(|g| g.count > 0);
            // The first of those with equal counts, in the order of the groups.
            let group = if bottom { filled.min_by_key(|g| g.count) } else { filled.rev().max_by_key(|g| g.count) }?;
            return Some(self.voice.largest(keys, &name(group), group.count, &percent(group.share), bottom));
        };
        let valued = breakdown.rows.iter().filter_map(|g| g.value.map(|v| (g, v)));
        let (group, value) = if bottom {
            valued.min_by(|a, b| a.1.total_cmp(&b.1))
        } else {
            valued.rev().max_by(|a, b| a.1.total_cmp(&b.1))
        }?;
        let (label, value) = (metric::label(asked, catalog, locale), metric::said(asked, value, catalog, locale));
        Some(self.voice.highest(keys, &label, &name(group), &value, bottom))
    }

    fn metric(&self, counted: &Counted, answer: &mut Answer) -> Option<String> {
        let Facts { catalog, locale, min_group, turn, .. } = *self.facts;
        let (asked, found) = (turn.show.metric.as_ref()?, counted.metric?);
        let label = metric::label(asked, catalog, locale);
        let telling = found.is_some_and(|v| metric::is_telling(asked, v, counted.count, min_group));
        let value = found.filter(|_| !telling);
        answer.metrics.push(MetricValue { name: metric::name(asked), value });
        Some(match value {
            Some(value) => self.voice.metric(&label, &metric::said(asked, value, catalog, locale)),
            None if telling => self.voice.hidden_metric(&label),
            None => self.voice.no_metric(&label),
        })
    }

    /// What was done, as a sentence.
    fn deed(&self) -> Option<String> {
        Some(match self.facts.step.deed.as_ref()? {
            Deed::Undo => self.voice.undone(),
            Deed::DropQuestion => self.voice.dropped(),
            Deed::NothingToUndo => self.voice.nothing_to_undo(),
            Deed::Reset => self.voice.reset(),
            Deed::Save { name, version } => self.voice.saved(name, *version),
            Deed::Load { name } => self.voice.loaded(name),
            Deed::Goto { turn } => self.voice.went_to(*turn),
            Deed::Export { format } => self.voice.export(format.as_deref()),
            Deed::Compare { .. } => return None,
        })
    }

    /// What was done, for a program.
    fn action(&self, counted: &Counted) -> Option<Done> {
        let deed = self.facts.step.deed.as_ref()?;
        let kind = match deed {
            Deed::Undo | Deed::DropQuestion | Deed::NothingToUndo => "undo",
            Deed::Reset => "reset",
            Deed::Save { .. } => "save",
            Deed::Load { .. } => "load",
            Deed::Goto { .. } => "goto",
            Deed::Compare { .. } => "compare",
            Deed::Export { .. } => "export",
        };
        let name = match deed {
            Deed::Save { name, .. } | Deed::Load { name } | Deed::Compare { name, .. } => Some(name.clone()),
            _ => None,
        };
        let result = match deed {
            Deed::Save { version, .. } => Some(serde_json::json!({ "version": version })),
            Deed::Goto { turn } => Some(serde_json::json!({ "turn": turn })),
            Deed::Export { format: Some(format) } => Some(serde_json::json!({ "format": format })),
            Deed::Compare { .. } => self.compared(counted).map(|c| c.json()),
            _ => None,
        };
        Some(Done { kind: kind.to_owned(), name, id: None, url: None, result })
    }

    fn comparison(&self, counted: &Counted) -> Option<String> {
        let Deed::Compare { name, .. } = self.facts.step.deed.as_ref()? else { return None };
        let compared = self.compared(counted)?;
        let min = self.facts.min_group;
        let size = |n: Option<u64>| n.map_or_else(|| self.voice.fewer(min), |n| self.voice.people(n));
        Some(self.voice.compared(name, &size(compared.this), &size(compared.that), compared.parts))
    }

    fn compared(&self, counted: &Counted) -> Option<Compared> {
        let [that, both] = counted.compared?;
        Some(Compared::of(counted.count, that, both, self.facts.min_group))
    }
}

/// What may be told of two segments of these sizes that share `both`: the size of each, and how many are in both,
/// only in the first, only in the second.
#[must_use]
pub fn compared(this: u64, that: u64, both: u64, min: u64) -> (Option<u64>, Option<u64>, Option<[u64; 3]>) {
    let told = Compared::of(this, that, both, min);
    (told.this, told.that, told.parts)
}

/// What may be told of a comparison. The three parts add up to the two sizes: where one part is small, none
/// is told.
struct Compared {
    this: Option<u64>,
    that: Option<u64>,
    /// Both, only this, only that.
    parts: Option<[u64; 3]>,
}

impl Compared {
    fn of(this: u64, that: u64, both: u64, min: u64) -> Self {
        let shown = |n: u64| (!privacy::is_small(n, min)).then_some(n);
        let parts = [both, this.saturating_sub(both), that.saturating_sub(both)];
        let all = [this, that].into_iter().chain(parts).all(|n| shown(n).is_some());
        Self { this: shown(this), that: shown(that), parts: all.then_some(parts) }
    }

    fn json(&self) -> serde_json::Value {
        let part = |at: usize| self.parts.map(|p| p[at]);
        serde_json::json!({
            "count": self.this, "other": self.that, "both": part(0), "only_this": part(1), "only_other": part(2),
        })
    }
}

/// Takes out the values of groups that tell a small number.
fn hide_values(breakdown: &mut Breakdown, metric: &Metric<Expr>, min: u64) {
    for group in &mut breakdown.rows {
        group.value = group.value.filter(|&v| !metric::is_telling(metric, v, group.count, min));
    }
}

/// What the catalog has that is called something like `words`.
fn near(words: &[String], catalog: &Catalog, locale: Locale) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for hit in words.iter().flat_map(|word| search(catalog, word, MAX_NEAR)) {
        let label = hit.label.get(locale);
        if !found.iter().any(|f| f == label) {
            found.push(label.to_owned());
        }
    }
    found.truncate(MAX_NEAR);
    found
}
