//! A remark on a result, by the model that translated the request: it was let see the catalog, and its budget and
//! breaker hold here too. Off where the policy does not say otherwise.

use std::time::{Duration, Instant};

use super::breaker::Health;
use super::budget::{Spent, exhausted};
use super::{Ask, Router};
use crate::translate::model::Taken;
use crate::translate::model::comment::{Remarked, comment};

impl Router {
    /// What `translator` remarks on a result; none where the policy asks for nothing, where it was no model that
    /// translated, or where what it says cannot be shown.
    pub async fn remark(&self, ask: &Ask<'_>, translator: &str, about: &Remarked<'_>) -> Option<String> {
        if !self.policy.comment {
            return None;
        }
        let entry = self.entry(translator)?;
        let chat = entry.translator.chat()?;
        if exhausted(self.policy.budget, self.ledger.as_ref(), ask.day, ask.caller).is_some() {
            return None;
        }
        let pass = entry.breaker.enter(Instant::now())?;
        let patience = Duration::from_secs(self.policy.patience_s);
        let Ok(done) = tokio::time::timeout(patience, comment(chat, about)).await else {
            pass.ended(Health::Down, Instant::now());
            return None;
        };
        pass.ended(done.as_ref().map_or_else(Health::of, |_| Health::Up), Instant::now());
        let made = done.ok()?;
        let spent = Spent::of(Taken::of(&made.reply), &entry.translator.spec().billing);
        self.ledger.add(ask.day, ask.caller, spent);
        match made.text {
            Ok(text) => Some(text),
            Err(fault) => {
                tracing::warn!(translator, %fault, "a remark is not shown");
                None
            }
        }
    }
}
