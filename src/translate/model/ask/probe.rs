//! Trying a model: is it there, does it keep to a schema, how fast is it.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Model;
use crate::catalog::Locale;
use crate::translate::model::ModelError;
use crate::translate::model::chat::{Form, Message, Role};

/// Tokens of the reply to a trial.
const PROBE_TOKENS: u32 = 128;

/// What a trial of a model showed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Whether its server answers.
    pub reachable: bool,
    /// Whether the server lists the model; none where it lists nothing.
    pub listed: Option<bool>,
    /// Whether a reply held to a schema keeps to it; none where the model is not said to.
    pub schema: Option<bool>,
    /// Tokens of a reply per second, the prompt's share of the time included; none where nothing was measured.
    pub tokens_per_second: Option<f64>,
    /// Milliseconds of the trial's reply.
    pub ms: f64,
    /// What went wrong, in the reader's language.
    pub fault: Option<String>,
}

impl Model {
    /// Tries the model: at most two small requests.
    pub async fn probe(&self, locale: Locale) -> Probe {
        let mut probe = Probe::default();
        if let Some(client) = &self.client {
            match client.models().await {
                Ok(models) => {
                    probe.reachable = true;
                    probe.listed = Some(models.contains(&self.spec.model));
                }
                // Not every server lists its models; whether it is there shows when it is asked.
                Err(ModelError::Unreadable { .. }) => probe.reachable = true,
                Err(_) => {}
            }
        }
        if let Err(error) = self.tried(&mut probe).await {
            probe.fault = Some(error.message(locale));
        }
        probe
    }

    async fn tried(&self, probe: &mut Probe) -> Result<(), ModelError> {
        let can = self.spec.can.json_schema;
        let form =
            if can { Form::Schema { name: "trial".to_owned(), schema: schema(), strict: true } } else { Form::Text };
        let text = "Count from 1 to 20. Reply with JSON: {\"numbers\": [1, 2, …, 20], \"done\": true}.";
        let messages = [Message::new(Role::User, text)];
        let reply = self.chat.chat(&messages, &form, PROBE_TOKENS).await?;
        probe.reachable = true;
        probe.ms = reply.ms;
        if reply.ms > 0.0 && reply.completion_tokens > 0 {
            #[allow(clippy::cast_precision_loss, reason = "tokens of one reply")]
            let tokens = reply.completion_tokens as f64;
            probe.tokens_per_second = Some(tokens / reply.ms * 1e3);
        }
        probe.schema = can.then(|| keeps(&reply.text));
        Ok(())
    }
}

fn schema() -> Json {
    json!({
        "type": "object",
        "properties": {
            "numbers": { "type": "array", "items": { "type": "integer" } },
            "done": { "type": "boolean" },
        },
        "required": ["numbers", "done"],
        "additionalProperties": false,
    })
}

fn keeps(text: &str) -> bool {
    let Ok(Json::Object(reply)) = serde_json::from_str(text.trim()) else { return false };
    let numbers = reply.get("numbers").and_then(Json::as_array).is_some_and(|all| all.iter().all(Json::is_number));
    reply.len() == 2 && numbers && reply.get("done").is_some_and(Json::is_boolean)
}
