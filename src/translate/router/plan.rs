//! Who is to translate a request, in order, by the policy alone: nobody is asked here.

use super::explain::{Candidate, Reason};
use super::policy::{Mode, Policy, Rule, Standing};
use super::{AUTOMATIC, Ask, BUILTIN, UnknownTranslator};
use crate::catalog::Secrecy;
use crate::segment::{Act, Turn, Why};
use crate::translate::model::{ModelSpec, Place};

/// Who is asked, in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// Who; the built-in translator at the end.
    pub order: Vec<Candidate>,
    /// Who not.
    pub left_out: Vec<Candidate>,
    /// The rules that hold, counted from 1.
    pub rules: Vec<usize>,
    /// Whether the caller has named the translator.
    pub named: bool,
}

/// The policy with the rules that hold for a request.
struct Ruled<'a> {
    mode: Mode,
    chain: &'a [String],
    enough: f32,
    place: Option<Place>,
    rules: Vec<usize>,
}

impl<'a> Ruled<'a> {
    fn new(policy: &'a Policy, ask: &Ask<'_>, builtin: &Turn) -> Self {
        let Policy { mode, chain, confidence, .. } = policy;
        let mut ruled = Self { mode: *mode, chain, enough: *confidence, place: None, rules: Vec::new() };
        for (i, rule) in policy.rules.iter().enumerate().filter(|(_, rule)| holds(rule, ask, builtin.act)) {
            ruled.rules.push(i + 1);
            ruled.mode = rule.policy.unwrap_or(ruled.mode);
            ruled.chain = rule.chain.as_deref().unwrap_or(ruled.chain);
            ruled.enough = rule.confidence.unwrap_or(ruled.enough);
            ruled.place = rule.place.or(ruled.place);
        }
        ruled
    }
}

fn holds(rule: &Rule, ask: &Ask<'_>, act: Act) -> bool {
    let one_of = |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == name);
    rule.locale.is_none_or(|locale| locale == ask.request.locale)
        && (rule.act.is_empty() || rule.act.contains(&act))
        && one_of(&rule.caller, ask.caller)
        && one_of(&rule.role, ask.role)
        && rule.sensitivity.is_none_or(|secrecy| secrecy == ask.request.catalog.secrecy)
}

/// Who is to translate `ask`, which the built-in translator reads as `builtin`.
///
/// # Errors
/// Where the caller names a translator that is not there.
pub(super) fn plan(
    policy: &Policy,
    models: &[&ModelSpec],
    standings: &[Standing],
    ask: &Ask<'_>,
    builtin: &Turn,
) -> Result<Plan, UnknownTranslator> {
    let ruled = Ruled::new(policy, ask, builtin);
    let mut planner = Planner { policy, models, standings, ask, place: ruled.place, left_out: Vec::new() };
    let named = ask.model.filter(|name| *name != AUTOMATIC);
    let order = match named {
        Some(BUILTIN) => vec![Candidate::builtin(Reason::Named)],
        Some(name) => {
            let spec = models.iter().find(|spec| spec.name == name);
            let spec = spec.ok_or_else(|| UnknownTranslator::new(name, models))?;
            planner.place = None;
            let mut order = planner.allowed([(spec.name.as_str(), Reason::Named)]);
            order.push(Candidate::builtin(Reason::LastResort));
            order
        }
        None => planner.automatic(&ruled, builtin),
    };
    let Planner { left_out, .. } = planner;
    Ok(Plan { order, left_out, rules: ruled.rules, named: named.is_some() })
}

struct Planner<'a> {
    policy: &'a Policy,
    models: &'a [&'a ModelSpec],
    standings: &'a [Standing],
    ask: &'a Ask<'a>,
    place: Option<Place>,
    left_out: Vec<Candidate>,
}

impl Planner<'_> {
    fn automatic(&mut self, ruled: &Ruled<'_>, builtin: &Turn) -> Vec<Candidate> {
        let (confidence, enough) = (builtin.confidence, ruled.enough);
        let sure = confidence >= enough;
        if let Some(why) = self.settled(builtin, sure) {
            return vec![Candidate::builtin(why)];
        }
        let unsure = Reason::Unsure { confidence, enough };
        let mut order = match ruled.mode {
            Mode::BuiltinOnly => return vec![Candidate::builtin(Reason::BuiltinOnly)],
            Mode::BuiltinFirst if sure => return vec![Candidate::builtin(Reason::Sure { confidence, enough })],
            Mode::BuiltinFirst => self.chain(ruled.chain, unsure),
            Mode::ModelFirst => self.chain(ruled.chain, Reason::First),
            Mode::CheapestAbove => {
                let good = self.good_enough(ruled.chain);
                match good.first() {
                    // The built-in one is the cheapest: the next are for what it is unsure of.
                    Some(first) if first.translator == BUILTIN && sure => return vec![first.clone()],
                    _ => good.into_iter().filter(|c| c.translator != BUILTIN).collect(),
                }
            }
        };
        let last = if order.is_empty() { Reason::NoModel } else { Reason::LastResort };
        order.push(Candidate::builtin(last));
        order
    }

    /// Why no model is needed, whatever the policy is.
    fn settled(&self, builtin: &Turn, sure: bool) -> Option<Reason> {
        let question = self.ask.request.context.pending.and_then(|turn| turn.question.as_ref());
        match question {
            // A name is taken as it is.
            Some(question) if question.why == Why::NoName => Some(Reason::Reply),
            Some(_) if sure && builtin.unmatched.is_empty() => Some(Reason::Reply),
            _ => (sure && builtin.act == Act::Refuse).then_some(Reason::MustNot),
        }
    }

    /// The models of a chain; all where it names none.
    fn chain(&mut self, chain: &[String], first: Reason) -> Vec<Candidate> {
        let names: Vec<&str> = match chain {
            [] => self.models.iter().map(|spec| spec.name.as_str()).collect(),
            named => named.iter().map(String::as_str).filter(|name| *name != BUILTIN && *name != AUTOMATIC).collect(),
        };
        let mut order = self.allowed(names.into_iter().map(|name| (name, Reason::Next)));
        if let Some(candidate) = order.first_mut() {
            candidate.why = first;
        }
        order
    }

    /// Those that are good enough, the cheapest first. A chain says who may be among them.
    fn good_enough(&mut self, chain: &[String]) -> Vec<Candidate> {
        let metric = &self.policy.metric;
        let mut good = Vec::new();
        let names = std::iter::once(BUILTIN).chain(self.models.iter().map(|spec| spec.name.as_str()));
        for name in names.filter(|name| chain.is_empty() || *name == BUILTIN || chain.iter().any(|c| c == name)) {
            let standing = self.standings.iter().find(|standing| standing.translator == name);
            let value = standing.and_then(|standing| standing.metrics.get(metric)).copied();
            let why = match (standing, value) {
                (Some(standing), Some(value)) if value >= self.policy.threshold => {
                    good.push((name, value, standing.cost_per_turn));
                    continue;
                }
                (_, Some(value)) => Reason::TooLow { metric: metric.clone(), value, least: self.policy.threshold },
                _ => Reason::Unmeasured { metric: metric.clone() },
            };
            self.left_out.push(Candidate::new(name, why));
        }
        // Of equal cost, the better one.
        good.sort_by(|(_, a, cost), (_, b, other)| cost.total_cmp(other).then(b.total_cmp(a)));
        let told = |(name, value, cost)| (name, Reason::Cheapest { metric: metric.clone(), value, cost });
        let good: Vec<_> = good.into_iter().map(told).collect();
        let mut order = self.allowed(good);
        order.iter_mut().skip(1).for_each(|candidate| candidate.why = Reason::Next);
        order
    }

    /// Those that may see the catalog, and that a rule does not shut out.
    fn allowed<'n>(&mut self, names: impl IntoIterator<Item = (&'n str, Reason)>) -> Vec<Candidate> {
        let restricted = self.ask.request.catalog.secrecy == Secrecy::Restricted;
        let mut order = Vec::new();
        for (name, why) in names {
            let spec = self.models.iter().find(|spec| spec.name == name);
            let against = match spec {
                None if name == BUILTIN => None,
                None => Some(Reason::NotConfigured),
                Some(spec) if restricted && spec.place == Place::Cloud => Some(Reason::Restricted),
                Some(spec) if self.place.is_some_and(|place| place != spec.place) => Some(Reason::Elsewhere),
                Some(_) => None,
            };
            match against {
                Some(why) => self.left_out.push(Candidate::new(name, why)),
                None => order.push(Candidate::new(name, why)),
            }
        }
        order
    }
}
