//! What the chat API of `OpenAI` is asked with: the fields that matter here. All others are accepted and ignored.

use serde::Deserialize;
use serde_json::Value;

use crate::http::error::ApiError;

/// Who translates where nobody is named.
const DEFAULT_MODEL: &str = "automatic";

/// The names of the session in `metadata`.
const SESSION: [&str; 2] = ["session", "session_id"];

/// A conversation whose last message is to be answered.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct ChatRequest {
    /// Who is to translate, as `/v1/models` lists them; `waggle` is `automatic` too.
    #[serde(default)]
    model: Option<String>,
    /// What was said so far; the last message is the user's.
    messages: Vec<ChatMessage>,
    /// Whether the answer is to come in pieces.
    #[serde(default)]
    stream: Option<bool>,
    /// How it comes in pieces: `include_usage`.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    stream_options: Option<Value>,
    /// `session` or `session_id`: the session to go on with. Then only the last message is read.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    metadata: Option<Value>,
}

/// Something said.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct ChatMessage {
    /// `user`; what others said is not read.
    role: String,
    /// A text, or parts of which those of type `text` are read.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    content: Option<Value>,
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Asked {
    /// Who is to translate.
    pub model: String,
    /// What the user said, the last of it to be answered; at least one.
    pub said: Vec<String>,
    /// The session to go on with.
    pub session: Option<String>,
    /// Whether the answer is to come in pieces.
    pub stream: bool,
    /// Whether a last piece is to say what it cost.
    pub usage: bool,
}

impl Asked {
    /// What the user said before.
    pub(super) fn earlier(&self) -> &[String] {
        self.said.split_last().map_or(&[], |(_, earlier)| earlier)
    }

    /// What is to be answered.
    pub(super) fn text(&self) -> &str {
        self.said.last().map_or("", String::as_str)
    }
}

impl ChatRequest {
    /// What is asked.
    ///
    /// # Errors
    /// A message that cannot be read, no message of the user's, or one that was answered already.
    pub(super) fn asked(self) -> Result<Asked, ApiError> {
        let session = session(self.metadata.as_ref())?;
        let spoken = |m: &&ChatMessage| !matches!(m.role.as_str(), "system" | "developer");
        // To answer a message once more that has its answer could save or export once more.
        if self.messages.iter().rev().find(spoken).is_none_or(|last| last.role != "user") {
            return Err(ApiError::bad("invalid_messages", "the last message must be the user's").about("messages"));
        }
        let said = self.messages.iter().filter(|m| m.role == "user").map(ChatMessage::text);
        let usage = self.stream_options.as_ref().and_then(|o| o["include_usage"].as_bool());
        Ok(Asked {
            model: self.model.unwrap_or_else(|| DEFAULT_MODEL.to_owned()),
            said: said.collect::<Result<_, _>>()?,
            session,
            stream: self.stream.unwrap_or_default(),
            usage: usage.unwrap_or_default(),
        })
    }
}

impl ChatMessage {
    fn text(&self) -> Result<String, ApiError> {
        let unreadable =
            || ApiError::bad("invalid_messages", "`content` is a text or a list of parts").about("messages");
        match &self.content {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Array(parts)) => {
                let texts = parts.iter().filter(|part| part["type"] == "text");
                let texts: Option<Vec<&str>> = texts.map(|part| part["text"].as_str()).collect();
                Ok(texts.ok_or_else(unreadable)?.join("\n"))
            }
            Some(_) => Err(unreadable()),
        }
    }
}

fn session(metadata: Option<&Value>) -> Result<Option<String>, ApiError> {
    match metadata.and_then(|m| SESSION.iter().find_map(|name| m.get(name))) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => Ok(Some(id.clone())),
        Some(_) => {
            Err(ApiError::bad("invalid_metadata", "`metadata.session` is the id of a session").about("metadata"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(request: Value) -> Result<Asked, ApiError> {
        serde_json::from_value::<ChatRequest>(request).unwrap().asked()
    }

    #[test]
    fn only_what_the_user_said_is_read() {
        let request = json!({
            "model": "builtin", "temperature": 0.2, "tools": [], "stream": true,
            "stream_options": {"include_usage": true}, "metadata": {"session": null},
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "user", "content": [{"type": "text", "text": "서울"}, {"type": "image_url", "image_url": {}},
                    {"type": "text", "text": "여성"}]},
                {"role": "assistant", "content": null, "refusal": "no"},
                {"role": "user", "content": "20대만", "name": "kim"},
                {"role": "developer", "content": "again"},
            ],
        });
        let asked = asked(request).unwrap();
        assert_eq!((asked.earlier(), asked.text()), (&["서울\n여성".to_owned()][..], "20대만"));
        assert!(asked.stream && asked.usage && asked.session.is_none() && asked.model == "builtin");
    }

    #[test]
    fn what_cannot_be_answered_is_refused() {
        let answered = json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]});
        for request in [
            json!({"messages": []}),
            json!({"messages": [{"role": "system", "content": "a"}]}),
            json!({"messages": [{"role": "user", "content": 3}]}),
            json!({"messages": [{"role": "user", "content": [{"type": "text"}]}]}),
            json!({"messages": [{"role": "user", "content": "a"}], "metadata": {"session_id": 3}}),
            answered,
        ] {
            assert!(asked(request.clone()).is_err(), "{request}");
        }
    }
}
