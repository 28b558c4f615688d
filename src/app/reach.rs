//! Reach: how many of a segment may be contacted, step by step. A step is the segment with one condition
//! more, made from the catalog's policy; `sql` and the engine count it like any other segment.
//!
//! Small steps are hidden as small groups are, and so is every step by which a difference of a few could be
//! computed from those that are shown.

use serde::Serialize;

use super::App;
use super::export::ExportError;
use super::small::{Amount, shown};
use super::stages::number;
use crate::catalog::{Catalog, Channel, Label};
use crate::segment::{DateSpec, Expr, Literal, Test, check, text};
use crate::sql::{self, CheckedSql};

/// What is asked of a segment before it is contacted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReachRequest {
    /// A channel of the catalog; without one nobody is left out.
    pub channel: Option<String>,
    /// Nobody who was contacted in the last so many days: by that channel, or for a channel that stands for
    /// all of them, by any. 0 asks nothing; it needs a channel.
    pub not_contacted_days: Option<u32>,
    /// A control group, which is not contacted.
    pub hold_out: Option<HoldOut>,
    /// Smallest number that is shown, instead of the app's; 0 shows all.
    pub min_group: Option<u64>,
}

/// A part held out at random. It is the same for the same seed and the same people, and its size is exact:
/// the percentage of those who are left, rounded to a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HoldOut {
    /// Above 0 and below 100.
    pub percent: f64,
    /// Seed.
    pub seed: u64,
}

/// A step of the waterfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The segment, within the population.
    Matched,
    /// Those who allow the channel.
    AllowsChannel,
    /// Those who were not contacted of late.
    NotContacted,
    /// The control group.
    HeldOut,
    /// What is left.
    Exported,
}

/// How many there are at a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReachStep {
    /// Which.
    pub name: StepName,
    /// What a reader sees.
    pub label: Label,
    /// How many; none where it must not be told.
    pub count: Option<u64>,
    /// Given where there are some, but fewer than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count_below: Option<u64>,
    /// How many fewer than at the step before (those held out aside); none at the first step, for those
    /// held out, and where it must not be told.
    pub dropped: Option<u64>,
}

/// The waterfall: matched → allows the channel → not contacted → held out → exported. Steps that were not
/// asked for are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reach {
    /// The steps, first to last.
    pub steps: Vec<ReachStep>,
}

impl Reach {
    /// The step called `name`.
    #[must_use]
    pub fn step(&self, name: StepName) -> Option<&ReachStep> {
        self.steps.iter().find(|s| s.name == name)
    }
}

impl App {
    /// Counts who can be reached, without exporting anybody. The segment must not name saved ones.
    ///
    /// # Errors
    /// Where the request or the segment asks for what the catalog lacks, or the engine fails.
    pub async fn reach(&self, segment: &Expr, request: &ReachRequest) -> Result<Reach, ExportError> {
        let plan = Plan::of(segment, request, self.catalog())?;
        let counts = plan.counts(self).await?;
        Ok(plan.told(&counts, request.min_group.unwrap_or(self.min_group()), &[]))
    }
}

/// The steps as segments.
pub(super) struct Plan {
    /// Each with what it is called; the last is what is left to be held out or exported.
    steps: Vec<(StepName, Label, Expr)>,
    hold_out: Option<HoldOut>,
}

/// How many there are at the steps of a plan.
pub(super) struct Counts {
    steps: Vec<u64>,
    /// Those held out.
    pub(super) held: u64,
    /// The rest.
    pub(super) exported: u64,
}

impl Plan {
    /// The plan of a request.
    pub(super) fn of(segment: &Expr, request: &ReachRequest, catalog: &Catalog) -> Result<Self, ExportError> {
        let days = request.not_contacted_days.filter(|days| *days > 0);
        if let Some(HoldOut { percent, .. }) = request.hold_out
            && !(percent > 0.0 && percent < 100.0)
        {
            return Err(ExportError::Percent { percent });
        }
        let mut steps = vec![(StepName::Matched, matched(catalog), segment.clone())];
        match (&request.channel, days) {
            (Some(name), days) => {
                let channel = channel(name, catalog)?;
                let mut parts = vec![segment.clone(), needs(channel, catalog)?];
                steps.push((StepName::AllowsChannel, allows(channel), Expr::all_of(parts.clone())));
                if let Some(days) = days {
                    parts.push(contacted(channel, days, catalog)?.negated());
                    steps.push((StepName::NotContacted, not_contacted(days), Expr::all_of(parts)));
                }
            }
            (None, Some(_)) => return Err(ExportError::NoChannel),
            (None, None) => {}
        }
        let plan = Self { steps, hold_out: request.hold_out };
        check::check(plan.left(), catalog).map_err(ExportError::Segment)?;
        Ok(plan)
    }

    /// Who is left after every condition.
    pub(super) fn left(&self) -> &Expr {
        self.steps.last().map_or(&Expr::All, |(_, _, expr)| expr)
    }

    /// Those of them who are held out, where some are to be.
    pub(super) fn held(&self, counts: &Counts) -> Option<Expr> {
        let HoldOut { seed, .. } = self.hold_out?;
        Some(match counts.held {
            0 => Expr::Or(Vec::new()),
            size => Expr::Sample { size, seed, within: Box::new(self.left().clone()) },
        })
    }

    /// Counts every step.
    pub(super) async fn counts(&self, app: &App) -> Result<Counts, ExportError> {
        let statements: Vec<CheckedSql> = self
            .steps
            .iter()
            .map(|(_, _, expr)| sql::count(expr, app.catalog()))
            .collect::<Result<_, _>>()
            .map_err(ExportError::Sql)?;
        let counted = statements.iter().map(|statement| number(app.engine(), statement));
        let steps = futures::future::try_join_all(counted).await.map_err(ExportError::Engine)?;
        let left = steps.last().copied().unwrap_or(0);
        let held = self.hold_out.map_or(0, |h| part(left, h.percent));
        Ok(Counts { steps, held, exported: left - held })
    }

    /// The waterfall as it may be told. `known` are steps that are known anyway: the rows of files.
    pub(super) fn told(&self, counts: &Counts, min_group: u64, known: &[StepName]) -> Reach {
        let mut steps: Vec<(StepName, Label, u64)> =
            self.steps.iter().zip(&counts.steps).map(|((name, label, _), n)| (*name, label.clone(), *n)).collect();
        if self.hold_out.is_some() {
            steps.push((StepName::HeldOut, label("대조군으로 제외", "held out"), counts.held));
        }
        steps.push((StepName::Exported, label("내보내기 대상", "exported"), counts.exported));
        let names: Vec<StepName> = steps.iter().map(|(name, ..)| *name).collect();
        let visible = shown(&amounts(&counts.steps, &names, counts), min_group, known);
        let mut before: Option<Option<u64>> = None;
        let steps = steps.into_iter().map(|(name, label, n)| {
            let count = visible.contains(&name).then_some(n);
            let count_below = (count.is_none() && (1..min_group).contains(&n)).then_some(min_group);
            if name == StepName::HeldOut {
                return ReachStep { name, label, count, count_below, dropped: None };
            }
            let dropped = before.flatten().zip(count).map(|(before, now)| before - now);
            before = Some(count);
            ReachStep { name, label, count, count_below, dropped }
        });
        Reach { steps: steps.collect() }
    }
}

/// What each step counts, as a sum of groups that no two share: those dropped at each step, those held out,
/// those exported. In the order in which they are worth telling.
fn amounts(steps: &[u64], names: &[StepName], counts: &Counts) -> Vec<(StepName, Amount)> {
    let mut groups: Vec<u64> = steps.windows(2).map(|pair| pair[0].saturating_sub(pair[1])).collect();
    let dropped = groups.len();
    groups.extend([counts.held, counts.exported]);
    let all = groups.len();
    let amount = |range: std::ops::Range<usize>| Amount::of(&groups, range);
    let rank = |name: StepName| match name {
        StepName::Matched => 0,
        StepName::Exported => 1,
        StepName::HeldOut => 2,
        StepName::AllowsChannel => 3,
        StepName::NotContacted => 4,
    };
    let of = |(at, name): (usize, &StepName)| match name {
        StepName::HeldOut => (*name, amount(dropped..dropped + 1)),
        StepName::Exported => (*name, amount(dropped + 1..all)),
        _ => (*name, amount(at..all)),
    };
    let mut amounts: Vec<_> = names.iter().enumerate().map(of).collect();
    amounts.sort_by_key(|(name, _)| rank(*name));
    amounts
}

/// So many percent, rounded.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no table has 2⁵³ rows, and the percentage is between 0 and 100"
)]
fn part(of: u64, percent: f64) -> u64 {
    ((of as f64 * percent / 100.0).round() as u64).min(of)
}

fn channel<'a>(name: &str, catalog: &'a Catalog) -> Result<&'a Channel, ExportError> {
    catalog.contact.channel(name).ok_or_else(|| ExportError::UnknownChannel {
        name: name.to_owned(),
        channels: catalog.contact.channels.iter().map(|c| c.name.clone()).collect(),
    })
}

fn needs(channel: &Channel, catalog: &Catalog) -> Result<Expr, ExportError> {
    text::parse(&channel.needs, catalog).map_err(|error| ExportError::Policy {
        channel: channel.name.clone(),
        reason: [error.message(crate::catalog::Locale::Ko), error.message(crate::catalog::Locale::En)],
    })
}

/// A contact by the channel in the last `days` days.
fn contacted(channel: &Channel, days: u32, catalog: &Catalog) -> Result<Expr, ExportError> {
    let history = catalog.contact.history.as_ref().ok_or(ExportError::NoHistory)?;
    let since = Test::Ge(Literal::Date(DateSpec::DaysBefore(days)));
    let mut rows = vec![Expr::Compare { field: history.date.clone(), test: since }];
    if let (Some(field), false) = (&history.channel, channel.values.is_empty()) {
        rows.push(Expr::is_in(field, channel.values.iter().cloned().map(Literal::Text).collect()));
    }
    Ok(Expr::exists(&history.dataset, Expr::all_of(rows)))
}

fn label(ko: &str, en: &str) -> Label {
    Label { ko: ko.to_owned(), en: en.to_owned() }
}

fn matched(catalog: &Catalog) -> Label {
    let Label { ko, en } = &catalog.population_label;
    if ko.is_empty() || en.is_empty() {
        return label("조건에 맞음", "matched");
    }
    Label { ko: format!("{ko} 중 조건에 맞음"), en: format!("{en}: matched") }
}

fn allows(channel: &Channel) -> Label {
    let Label { ko, en } = &channel.label;
    Label { ko: format!("{ko} 수신 가능"), en: format!("allows {en}") }
}

fn not_contacted(days: u32) -> Label {
    Label { ko: format!("최근 {days}일 접촉 없음"), en: format!("not contacted in the last {days} days") }
}
