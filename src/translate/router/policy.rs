//! What an administrator says of who translates what; read from configuration as it stands here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::{Locale, Secrecy, nearest};
use crate::segment::Act;
use crate::translate::model::Place;

use super::{AUTOMATIC, BUILTIN};

/// Confidence from which on the built-in translator's reading stands by itself.
pub const DEFAULT_CONFIDENCE: f32 = 0.9;
/// Confidence from which on the built-in translator's reading is offered beside a model's.
pub const DEFAULT_PLAUSIBLE: f32 = 0.5;
/// Failures in a row after which a model is left alone for a while.
pub const DEFAULT_FAILURES: u32 = 3;
/// Seconds for which it is.
pub const DEFAULT_COOL_DOWN_S: u64 = 30;
/// Translations that are kept.
pub const DEFAULT_CACHED: usize = 1024;
/// Seconds that all models together may take for one request.
pub const DEFAULT_PATIENCE_S: u64 = 120;
/// The metric that `cheapest_above` goes by.
pub const DEFAULT_METRIC: &str = "turn_accuracy";
/// The least that it must be.
pub const DEFAULT_THRESHOLD: f64 = 0.9;

/// Who is asked first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The built-in translator; a model where it is unsure.
    #[default]
    BuiltinFirst,
    /// The models of the chain.
    ModelFirst,
    /// The built-in translator, and nobody else.
    BuiltinOnly,
    /// The cheapest that is good enough on the leaderboard.
    CheapestAbove,
}

/// The policy of a router.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Who is asked first.
    #[serde(rename = "policy")]
    pub mode: Mode,
    /// From which confidence on the built-in translator is sure.
    pub confidence: f32,
    /// Models in the order in which they are asked; empty for all, as they are configured.
    pub chain: Vec<String>,
    /// For `cheapest_above`: the metric of the leaderboard, one of which more is better.
    pub metric: String,
    /// For `cheapest_above`: the least that it must be.
    pub threshold: f64,
    /// Exceptions. All that hold for a request apply, in order; a later one overrides an earlier one.
    pub rules: Vec<Rule>,
    /// Whether both readings are offered where the built-in translator and a model differ.
    pub offer_both: bool,
    /// From which confidence on the built-in translator's reading is worth offering.
    pub plausible: f32,
    /// Failures in a row after which a model is left alone.
    pub failures: u32,
    /// Seconds for which it is; then one request tries it.
    pub cool_down_s: u64,
    /// What may be spent.
    pub budget: Budgets,
    /// Translations that are kept; 0 for none.
    pub cached: usize,
    /// Seconds that all models together may take for one request.
    pub patience_s: u64,
    /// Whether a model may add a comment to a result.
    pub comment: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            confidence: DEFAULT_CONFIDENCE,
            chain: Vec::new(),
            metric: DEFAULT_METRIC.to_owned(),
            threshold: DEFAULT_THRESHOLD,
            rules: Vec::new(),
            offer_both: true,
            plausible: DEFAULT_PLAUSIBLE,
            failures: DEFAULT_FAILURES,
            cool_down_s: DEFAULT_COOL_DOWN_S,
            budget: Budgets::default(),
            cached: DEFAULT_CACHED,
            patience_s: DEFAULT_PATIENCE_S,
            comment: false,
        }
    }
}

/// An exception. It holds where everything that it says of a request is so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// The language of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What the built-in translator takes it to do: any of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub act: Vec<Act>,
    /// Who asks, by id: any of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caller: Vec<String>,
    /// What they are: any of these roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub role: Vec<String>,
    /// How secret the catalog is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Secrecy>,
    /// Then: who is asked first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Mode>,
    /// Then: in which order models are asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<Vec<String>>,
    /// Then: from which confidence on the built-in translator is sure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Then: only models that run there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What may be spent on one day, which begins at midnight UTC. What a call takes is known when it is over, so
/// calls that run at once may go over it by what they take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budgets {
    /// By each caller.
    pub per_caller: Budget,
    /// By all together.
    pub total: Budget,
}

/// A limit of money and one of tokens; none for no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
    /// Tokens, of prompts and replies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
}

/// How a translator did on the leaderboard.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Who: `builtin`, or the name of a model.
    pub translator: String,
    /// Its newest result in each metric.
    pub metrics: BTreeMap<String, f64>,
    /// US dollars that a turn cost on average.
    pub cost_per_turn: f64,
}

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
#[non_exhaustive]
pub enum PolicyFault {
    /// A chain names a model that is not configured.
    NoSuchModel {
        /// The name.
        name: String,
        /// The nearest names.
        nearest: Vec<String>,
    },
    /// A confidence is not within 0 and 1.
    Confidence {
        /// What it is.
        value: f32,
    },
    /// A limit of money is below zero.
    Money {
        /// What it is.
        value: f64,
    },
}

impl PolicyFault {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::NoSuchModel { name, nearest }, Locale::Ko) => {
                format!("모델 `{name}`은(는) 설정에 없습니다. 비슷한 이름: {}", nearest.join(", "))
            }
            (Self::NoSuchModel { name, nearest }, Locale::En) => {
                format!("there is no model `{name}`; the nearest names are: {}", nearest.join(", "))
            }
            (Self::Confidence { value }, Locale::Ko) => format!("확신도는 0과 1 사이입니다: {value}"),
            (Self::Confidence { value }, Locale::En) => format!("a confidence is from 0 to 1, not {value}"),
            (Self::Money { value }, Locale::Ko) => format!("예산은 0보다 작을 수 없습니다: {value}"),
            (Self::Money { value }, Locale::En) => format!("a budget cannot be {value}"),
        }
    }
}

impl Policy {
    /// What is wrong with it, where the models are called `models`.
    #[must_use]
    pub fn faults(&self, models: &[&str]) -> Vec<PolicyFault> {
        let chains = self.rules.iter().filter_map(|rule| rule.chain.as_ref()).chain([&self.chain]);
        let unknown = chains.flatten().filter(|name| !models.contains(&name.as_str()) && !is_reserved(name));
        let mut faults: Vec<PolicyFault> =
            unknown.map(|name| PolicyFault::NoSuchModel { name: name.clone(), nearest: near(name, models) }).collect();
        let confidences = self.rules.iter().filter_map(|rule| rule.confidence);
        let confidences = confidences.chain([self.confidence, self.plausible]);
        faults.extend(confidences.filter(|c| !(0.0..=1.0).contains(c)).map(|value| PolicyFault::Confidence { value }));
        let money = [self.budget.per_caller.usd, self.budget.total.usd].into_iter().flatten();
        faults.extend(money.filter(|usd| usd.is_nan() || *usd < 0.0).map(|value| PolicyFault::Money { value }));
        faults
    }
}

/// Whether the name is one of Waggle's own.
pub(super) fn is_reserved(name: &str) -> bool {
    name == BUILTIN || name == AUTOMATIC
}

/// The nearest names; all of them where none is near.
pub(super) fn near(name: &str, names: &[&str]) -> Vec<String> {
    let found = nearest(name, names.iter().copied());
    let found = if found.is_empty() { names.to_vec() } else { found };
    found.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn a_policy_is_read_as_it_is_written() -> Result<(), serde_json::Error> {
        let policy: Policy = from_value(json!({
            "policy": "cheapest_above", "metric": "turn_accuracy", "threshold": 0.95, "chain": ["small"],
            "budget": { "per_caller": { "usd": 1.5 }, "total": { "tokens": 1_000_000 } },
            "rules": [{ "locale": "ko", "act": ["new"], "role": ["marketer"], "sensitivity": "restricted",
                "policy": "builtin_only", "place": "on_prem" }],
        }))?;
        assert_eq!((policy.mode, policy.threshold, policy.cached), (Mode::CheapestAbove, 0.95, DEFAULT_CACHED));
        assert_eq!(policy.rules[0].place, Some(Place::OnPrem));
        assert_eq!(from_value::<Policy>(to_value(&policy)?)?, policy);
        assert!(from_value::<Policy>(json!({ "chian": [] })).is_err());
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_told() {
        let policy = Policy {
            chain: vec!["smal".to_owned(), "builtin".to_owned()],
            confidence: 1.5,
            budget: Budgets { total: Budget { usd: Some(-1.0), tokens: None }, ..Budgets::default() },
            ..Policy::default()
        };
        let faults = policy.faults(&["small", "large"]);
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].message(Locale::En).contains("small"), "{}", faults[0]);
        assert!(faults.iter().all(|f| f.message(Locale::Ko) != f.message(Locale::En)));
        assert!(Policy::default().faults(&[]).is_empty());
    }
}
