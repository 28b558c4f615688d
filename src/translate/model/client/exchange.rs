//! What is sent and what comes back, as OpenAI-compatible servers have it.

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage, ChatCompletionRequestToolMessage,
    ChatCompletionRequestUserMessage, ChatCompletionTool, ChatCompletionToolChoiceOption, ChatCompletionTools,
    CreateChatCompletionRequest, FunctionCall, FunctionObject, ResponseFormat, ResponseFormatJsonSchema,
    ToolChoiceOptions,
};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::translate::model::chat::{Form, Message, Reply, Role, Tool, ToolCall};

/// The request as it is sent.
pub(super) fn request(model: &str, messages: &[Message], form: &Form, max_tokens: u32) -> CreateChatCompletionRequest {
    let mut request = CreateChatCompletionRequest {
        model: model.to_owned(),
        messages: messages.iter().map(message).collect(),
        temperature: Some(0.0),
        stream: Some(false),
        ..CreateChatCompletionRequest::default()
    };
    #[allow(deprecated, reason = "the name that every compatible server knows")]
    {
        request.max_tokens = Some(max_tokens);
    }
    match form {
        Form::Schema { name, schema, strict } => {
            let (name, schema) = (name.clone(), schema.clone());
            let json_schema = ResponseFormatJsonSchema { name, schema, strict: Some(*strict), ..Default::default() };
            request.response_format = Some(ResponseFormat::JsonSchema { json_schema });
        }
        Form::Tools { tools, must } => {
            request.tools = Some(tools.iter().map(tool).collect());
            let mode = if *must { ToolChoiceOptions::Required } else { ToolChoiceOptions::Auto };
            request.tool_choice = Some(ChatCompletionToolChoiceOption::Mode(mode));
        }
        Form::Text => {}
    }
    request
}

fn tool(tool: &Tool) -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool {
        function: FunctionObject {
            name: tool.name.clone(),
            description: Some(tool.about.clone()),
            parameters: Some(tool.parameters.clone()),
            strict: None,
        },
    })
}

fn message(message: &Message) -> ChatCompletionRequestMessage {
    let text = message.text.as_str();
    match message.role {
        Role::System => ChatCompletionRequestSystemMessage::from(text).into(),
        Role::User => ChatCompletionRequestUserMessage::from(text).into(),
        Role::Assistant if message.calls.is_empty() => ChatCompletionRequestAssistantMessage::from(text).into(),
        Role::Assistant => {
            let call = |call: &ToolCall| {
                ChatCompletionMessageToolCalls::Function(ChatCompletionMessageToolCall {
                    id: call.id.clone(),
                    function: FunctionCall { name: call.name.clone(), arguments: call.arguments.clone() },
                })
            };
            let calls = message.calls.iter().map(call).collect();
            let content = (!text.is_empty()).then(|| text.into());
            ChatCompletionRequestAssistantMessage { content, tool_calls: Some(calls), ..Default::default() }.into()
        }
        Role::Tool => ChatCompletionRequestToolMessage {
            content: text.into(),
            tool_call_id: message.answers.clone().unwrap_or_default(),
        }
        .into(),
    }
}

/// A reply as servers send it: they differ in all that is not read here.
#[derive(Deserialize)]
pub(super) struct Completion {
    #[serde(default)]
    choices: Vec<Chosen>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Chosen {
    message: Said,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<Called>>,
}

#[derive(Deserialize)]
struct Called {
    #[serde(default)]
    id: Option<String>,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Json,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    prompt_tokens_details: Option<Details>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<u64>,
}

impl Completion {
    /// What the model wrote; none where there is no message.
    pub(super) fn reply(self) -> Option<Reply> {
        let message = self.choices.into_iter().next()?.message;
        let usage = self.usage.unwrap_or_default();
        let cached = usage.prompt_tokens_details.and_then(|d| d.cached_tokens).unwrap_or(0);
        let call = |(i, call): (usize, Called)| ToolCall {
            id: call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{i}")),
            name: call.function.name,
            // Some servers send the arguments as JSON, not as text that is JSON.
            arguments: match call.function.arguments {
                Json::String(text) => text,
                Json::Null => "{}".to_owned(),
                other => other.to_string(),
            },
        };
        Some(Reply {
            text: message.content.or(message.refusal).unwrap_or_default(),
            calls: message.tool_calls.unwrap_or_default().into_iter().enumerate().map(call).collect(),
            prompt_tokens: usage.prompt_tokens,
            cached_tokens: cached.min(usage.prompt_tokens),
            completion_tokens: usage.completion_tokens,
            ms: 0.0,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_holds_the_form() {
        let messages = [Message::new(Role::System, "s"), Message::new(Role::User, "u")];
        let form = Form::Schema { name: "draft".to_owned(), schema: json!({ "type": "object" }), strict: true };
        let sent = serde_json::to_value(request("m", &messages, &form, 64)).unwrap();
        assert_eq!((&sent["max_tokens"], &sent["model"]), (&json!(64), &json!("m")));
        assert_eq!(sent["temperature"].as_f64(), Some(0.0));
        assert_eq!(sent["messages"][1], json!({ "role": "user", "content": "u" }));
        assert_eq!(sent["response_format"]["json_schema"]["strict"], json!(true));
        let tool = Tool { name: "t".to_owned(), about: "a".to_owned(), parameters: json!({}) };
        let sent = request("m", &messages, &Form::Tools { tools: vec![tool], must: true }, 64);
        let sent = serde_json::to_value(sent).unwrap();
        assert_eq!((&sent["tool_choice"], &sent["tools"][0]["type"]), (&json!("required"), &json!("function")));
    }
}
