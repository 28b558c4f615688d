//! The tools of a model that works in steps: searching the catalog, proposing a segment, counting it, asking back.
//! What they tell is data: JSON, escaped and shortened. A fault in their arguments is a result, not an end.
//! They tell names of the catalog and counts, never a row; small groups are told as "below N" by who counts.

use serde_json::{Map, Value, json};

use super::chat::Tool;
use super::lookup::Lookup;
use super::told::{Counting, Previewed};
use crate::catalog::{Catalog, Hit, HitKind, Locale};
use crate::segment::{Act, Choice, Draft, Expr, Question, Segment, Turn, Why, Words, text};
use crate::translate::Context;
use crate::translate::resolve::{ResolveError, resolve};

/// Hits that one search tells.
pub const MAX_HITS: usize = 10;
/// Values of a field that a search tells beside it.
pub const MAX_SAMPLE_VALUES: usize = 6;
/// Characters of a label, value or message that are told.
pub const MAX_TOLD_CHARS: usize = 120;
/// Characters of a segment's text that are told.
pub const MAX_SEGMENT_CHARS: usize = 1_000;
/// Faults of a draft that are told at once.
pub const MAX_FAULTS: usize = 8;
/// Choices of a question.
pub const MAX_CHOICES: usize = 5;
/// Bytes of a call's arguments that are read.
pub const MAX_ARGUMENTS: usize = 32_000;

/// How a model's form of a draft is described and read.
#[derive(Debug, Clone, Copy)]
pub struct Drafts {
    /// Its JSON schema.
    pub schema: fn() -> Value,
    /// The draft that JSON text holds, its words found in what was said (the second text); else what is wrong.
    pub read: fn(&str, &str) -> Result<Draft, String>,
}

/// What the tools work with.
#[derive(Clone, Copy)]
pub struct Toolbox<'a> {
    /// What can be asked.
    pub catalog: &'a Catalog,
    /// The request as it was typed.
    pub said: &'a str,
    /// The conversation so far.
    pub context: Context<'a>,
    /// Who searches.
    pub lookup: &'a dyn Lookup,
    /// Who counts; nobody where a model may not preview.
    pub counting: Option<&'a dyn Counting>,
    /// How drafts are read.
    pub drafts: Drafts,
    /// Whether the model has tool calls; else it writes `{tool, arguments}` as JSON.
    pub calls: bool,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// Something to tell, and the steps go on.
    Told(Value),
    /// A draft that resolves.
    Proposed(Box<Turn>, Value),
    /// A question to the user: the end.
    Asked(Box<Turn>),
    /// The model says that it is finished.
    Finished,
}

/// Names of the tools.
pub mod name {
    /// Finds fields, bands and terms.
    pub const SEARCH_FIELDS: &str = "search_fields";
    /// Finds values.
    pub const SEARCH_VALUES: &str = "search_values";
    /// Proposes the reading.
    pub const PROPOSE: &str = "propose_segment";
    /// Counts.
    pub const PREVIEW: &str = "preview_count";
    /// Asks the user.
    pub const ASK: &str = "ask_user";
    /// Ends; only for a model without tool calls, which must write JSON.
    pub const FINISH: &str = "finish";
}

/// Where a schema keeps the types that it names by `#/$defs/…`: only at its root.
const DEFINITIONS: &str = "$defs";

/// An object of these properties. Types that a property brings are kept at the root.
fn object(properties: Value, required: &[&str]) -> Value {
    with_definitions(|definitions| {
        let properties = hoisted(properties, definitions);
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    })
}

/// The schema that `make` makes, with the types that it collects at its root.
fn with_definitions(make: impl FnOnce(&mut Map<String, Value>) -> Value) -> Value {
    let mut definitions = Map::new();
    let mut schema = make(&mut definitions);
    if !definitions.is_empty() {
        schema[DEFINITIONS] = Value::Object(definitions);
    }
    schema
}

/// `schema` without the types that it brings, which go to `definitions`.
fn hoisted(schema: Value, definitions: &mut Map<String, Value>) -> Value {
    match schema {
        Value::Object(mut map) => {
            if let Some(Value::Object(own)) = map.remove(DEFINITIONS) {
                definitions.extend(own);
            }
            map.remove("$schema");
            Value::Object(map.into_iter().map(|(k, v)| (k, hoisted(v, definitions))).collect())
        }
        Value::Array(all) => Value::Array(all.into_iter().map(|v| hoisted(v, definitions)).collect()),
        other => other,
    }
}

impl Toolbox<'_> {
    /// The tools as a model is told of them.
    #[must_use]
    pub fn tools(&self) -> Vec<Tool> {
        let words = json!({ "type": "string", "description": "a few words, Korean or English" });
        let draft = (self.drafts.schema)();
        let choice = object(json!({ "label": { "type": "string" }, "draft": draft }), &["label", "draft"]);
        let tool = |name: &str, about: &str, parameters: Value| Tool {
            name: name.to_owned(),
            about: about.to_owned(),
            parameters,
        };
        let mut tools = vec![
            tool(
                name::SEARCH_FIELDS,
                "Finds fields, bands, glossary terms and datasets of the catalog by words.",
                object(json!({ "query": words }), &["query"]),
            ),
            tool(
                name::SEARCH_VALUES,
                "Finds stored values by words: of one field, or of any where the field is left empty.",
                object(json!({ "field": { "type": "string" }, "query": words }), &["field", "query"]),
            ),
            tool(
                name::PROPOSE,
                "Proposes the whole reading of the request. Tells the segment it means, or what is wrong with it.",
                object(json!({ "draft": draft }), &["draft"]),
            ),
            tool(
                name::ASK,
                "Asks the user which of several readings is meant. Ends the work.",
                object(
                    json!({
                        "question": { "type": "string", "description": "the words of the request that are unclear" },
                        "choices": { "type": "array", "items": choice, "minItems": 2, "maxItems": MAX_CHOICES },
                    }),
                    &["question", "choices"],
                ),
            ),
        ];
        if self.counting.is_some() {
            let about = "Counts the segment of a draft, or of the last proposal where no draft is given.";
            tools.push(tool(name::PREVIEW, about, object(json!({ "draft": draft }), &[])));
        }
        if !self.calls {
            tools.push(tool(name::FINISH, "Ends the work with the last proposal.", object(json!({}), &[])));
        }
        tools
    }

    /// The schema of `{tool, arguments}` for a model without tool calls.
    #[must_use]
    pub fn schema(&self) -> Value {
        let call = |tool: Tool| {
            let properties = json!({ "tool": { "type": "string", "enum": [tool.name] }, "arguments": tool.parameters });
            object(properties, &["tool", "arguments"])
        };
        let calls = self.tools().into_iter().map(call);
        with_definitions(|definitions| {
            let calls: Vec<Value> = calls.map(|c| hoisted(c, definitions)).collect();
            json!({ "oneOf": calls })
        })
    }

    /// Does what a call asks. `last` is the turn that was proposed last.
    pub async fn call(&self, name: &str, arguments: &str, last: Option<&Turn>) -> Done {
        let arguments = match read(arguments) {
            Ok(arguments) => arguments,
            Err(why) => return Done::Told(error(&why)),
        };
        let done = match name {
            name::SEARCH_FIELDS => self.search_fields(&arguments).map(Done::Told),
            name::SEARCH_VALUES => self.search_values(&arguments).map(Done::Told),
            name::PROPOSE => self.propose(&arguments),
            name::PREVIEW if self.counting.is_some() => self.preview(&arguments, last).await.map(Done::Told),
            name::ASK => self.ask(&arguments),
            name::FINISH => Ok(Done::Finished),
            _ => {
                let names: Vec<String> = self.tools().into_iter().map(|t| t.name).collect();
                Err(json!({ "error": "there is no such tool", "tools": names }))
            }
        };
        done.unwrap_or_else(Done::Told)
    }

    fn search_fields(&self, arguments: &Map<String, Value>) -> Result<Value, Value> {
        let hits = self.lookup.fields(text_of(arguments, "query")?, MAX_HITS);
        Ok(json!({ "found": hits.iter().map(|h| self.told(h)).collect::<Vec<_>>() }))
    }

    fn search_values(&self, arguments: &Map<String, Value>) -> Result<Value, Value> {
        let query = text_of(arguments, "query")?;
        let field = arguments.get("field").and_then(Value::as_str).map(str::trim).filter(|f| !f.is_empty());
        let field = match field {
            Some(field) if !self.has_field(field) => return Err(self.no_field(field)),
            field => field,
        };
        let hits = self.lookup.values(field, query, MAX_HITS);
        Ok(json!({ "found": hits.iter().map(|h| self.told(h)).collect::<Vec<_>>() }))
    }

    fn has_field(&self, field: &str) -> bool {
        match field.split_once('.') {
            Some((dataset, field)) => self.catalog.dataset(dataset).is_some_and(|d| d.field(field).is_some()),
            None => self.catalog.datasets.iter().any(|d| d.field(field).is_some()),
        }
    }

    fn no_field(&self, field: &str) -> Value {
        let near: Vec<String> = self.lookup.fields(field, MAX_HITS).into_iter().map(|h| h.name).collect();
        json!({ "error": "there is no such field", "nearest": near })
    }

    /// A hit as a model is told of it.
    fn told(&self, hit: &Hit) -> Value {
        let label = [short(&hit.label.ko), short(&hit.label.en)];
        let mut told = json!({ "kind": hit.kind, "name": short(&hit.name), "label": label });
        if let Some(dataset) = &hit.dataset {
            told["dataset"] = json!(short(dataset));
        }
        if let Some(field) = &hit.field {
            told["field"] = json!(short(field));
        }
        let of = hit.dataset.as_deref().and_then(|d| self.catalog.dataset(d));
        if hit.kind == HitKind::Field
            && let Some(field) = of.and_then(|d| d.field(&hit.name))
        {
            told["type"] = json!(field.kind);
            told["values"] = json!(field.values.len());
            let some = field.values.iter().take(MAX_SAMPLE_VALUES).map(|v| short(&v.name));
            told["such_as"] = json!(some.collect::<Vec<_>>());
            if let Some(unit) = &field.unit {
                told["unit"] = json!(short(unit));
            }
        }
        if hit.kind == HitKind::Term
            && let Some(term) = self.catalog.term(&hit.name)
        {
            told["means"] = json!(short(&term.predicate));
        }
        told
    }

    /// The turn that the draft in `arguments` means.
    fn draft(&self, draft: &Value) -> Result<Turn, Value> {
        // Some models write the draft as text within their JSON.
        let text = draft.as_str().map_or_else(|| draft.to_string(), str::to_owned);
        let draft = (self.drafts.read)(&text, self.said).map_err(|why| error(&why))?;
        resolve(draft, self.catalog).map_err(|errors| faults(&errors))
    }

    fn propose(&self, arguments: &Map<String, Value>) -> Result<Done, Value> {
        let turn = self.draft(arguments.get("draft").ok_or_else(|| error("there is no draft"))?)?;
        let told = json!({
            "segment": shortened(&text::print(&self.after(&turn).expr()), MAX_SEGMENT_CHARS),
            "act": turn.act,
            "breakdown": turn.show.breakdown,
        });
        Ok(Done::Proposed(Box::new(turn), told))
    }

    /// What a draft that was written as plain text means, where it is one that resolves.
    #[must_use]
    pub fn plain(&self, text: &str) -> Option<Turn> {
        if text.len() > MAX_ARGUMENTS || !text.contains('{') {
            return None;
        }
        let draft = (self.drafts.read)(text, self.said).ok()?;
        // An empty draft is what a tolerant reader makes of any JSON.
        let says = draft.act != Act::Continue || !draft.edits.is_empty() || draft.show != Draft::default().show;
        says.then(|| resolve(draft, self.catalog).ok()).flatten()
    }

    fn after(&self, turn: &Turn) -> Segment {
        let anew = Segment::default();
        let before =
            if matches!(turn.act, Act::New | Act::Reset) { &anew } else { self.context.segment.unwrap_or(&anew) };
        // The number of the turn only tells old conditions from new ones.
        before.apply(&turn.edits, self.catalog, u32::MAX)
    }

    async fn preview(&self, arguments: &Map<String, Value>, last: Option<&Turn>) -> Result<Value, Value> {
        let counting = self.counting.ok_or_else(|| error("nothing can be counted"))?;
        let given = arguments.get("draft").filter(|d| !d.is_null());
        let given = given.map(|draft| self.draft(draft)).transpose()?;
        let turn = given.as_ref().or(last).ok_or_else(|| error("nothing is proposed yet"))?;
        let segment: Expr = self.after(turn).expr();
        Ok(match counting.count(&segment).await {
            Previewed::Count(count) => json!({ "count": count }),
            Previewed::Below(bound) => json!({ "below": bound }),
            Previewed::Fault(why) => error(&why),
        })
    }

    fn ask(&self, arguments: &Map<String, Value>) -> Result<Done, Value> {
        let asked = text_of(arguments, "question")?;
        let choices = arguments.get("choices").and_then(Value::as_array).ok_or_else(|| error("choices is no list"))?;
        if !(2..=MAX_CHOICES).contains(&choices.len()) {
            return Err(error(&format!("between 2 and {MAX_CHOICES} choices")));
        }
        let mut read = Vec::new();
        for choice in choices {
            let draft = choice.get("draft").ok_or_else(|| error("a choice without a draft"))?;
            read.push(self.choice(choice, draft)?);
        }
        let question = Question { words: words_in(self.said, asked), why: Why::Vague, choices: read };
        Ok(Done::Asked(Box::new(Turn { question: Some(question), confidence: 0.5, ..Turn::default() })))
    }

    fn choice(&self, choice: &Value, draft: &Value) -> Result<Choice<Expr>, Value> {
        let turn = self.draft(draft)?;
        if turn.edits.is_empty() {
            return Err(error("a choice that changes nothing"));
        }
        let label = short(choice.get("label").and_then(Value::as_str).unwrap_or_default());
        let words = if label.is_empty() { Vec::new() } else { vec![label.clone()] };
        Ok(Choice { label: [label.clone(), label], words, edits: turn.edits })
    }
}

/// The arguments of a call.
fn read(arguments: &str) -> Result<Map<String, Value>, String> {
    if arguments.len() > MAX_ARGUMENTS {
        return Err(format!("more than {MAX_ARGUMENTS} bytes of arguments"));
    }
    if arguments.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("the arguments are no JSON object".to_owned()),
        Err(why) => Err(format!("the arguments are no JSON: {why}")),
    }
}

fn text_of<'a>(arguments: &'a Map<String, Value>, name: &str) -> Result<&'a str, Value> {
    let text = arguments.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    text.ok_or_else(|| error(&format!("{name} must be a text")))
}

fn error(why: &str) -> Value {
    json!({ "error": short(why) })
}

/// Typed faults of a draft, with the nearest names.
fn faults(errors: &[ResolveError]) -> Value {
    let told = errors.iter().take(MAX_FAULTS).map(|e| {
        let nearest: Vec<String> = e.nearest().iter().map(|n| short(n)).collect();
        json!({ "place": e.place, "error": short(&e.fault.message(Locale::En)), "nearest": nearest })
    });
    json!({ "errors": told.collect::<Vec<_>>() })
}

fn short(text: &str) -> String {
    shortened(text, MAX_TOLD_CHARS)
}

/// `text` of at most `most` characters, without control characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(most).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}

/// `told` as a message holds it. Marks that a chat template takes for its own (`<|im_start|>`, `</s>`) are escaped,
/// as JSON allows in every text, so that a name in a catalog cannot end its message.
pub(super) fn as_data(told: &Value) -> String {
    told.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace("[INST", "\\u005bINST")
}

/// Where `words` stand in what was said; all of it where they do not.
fn words_in(said: &str, words: &str) -> Words {
    let (start, text) = match said.find(words) {
        Some(start) => (start, words),
        None => (0, said),
    };
    Words { start, end: start + text.len(), text: text.to_owned() }
}

/// Whether two turns would do the same.
pub(super) fn same(one: &Turn, other: &Turn) -> bool {
    let conditions = |turn: &Turn| turn.edits.iter().map(|e| (e.op, e.condition.clone())).collect::<Vec<_>>();
    one.act == other.act && one.show == other.show && one.action == other.action && conditions(one) == conditions(other)
}
