//! `[[models]]`: who else can translate, where it is and what it costs. A key is never in the file: it is in an
//! environment variable that the file names.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::keys::{Key, Kind, LONG, key, optional};
use super::serve::Read;
use super::show::{MASK, masked};
use super::sources::{Origin, Said};
use super::value::{Value, from_text, quoted};
use crate::translate::model::client::is_loopback;
use crate::translate::model::{Abilities, Billing, ModelSpec, Place, Secret};
use crate::translate::router::{AUTOMATIC, BUILTIN};

/// Names that are taken: Waggle's own, and those that other programs send where they mean no model in particular.
pub const TAKEN: [&str; 3] = [AUTOMATIC, BUILTIN, "waggle"];
/// Longest name.
const MAX_NAME_CHARS: usize = 64;

/// Where a model runs, as the file says it.
const PLACES: &[&str] = &["on_prem", "cloud"];

/// Everything that can be said of a model, in the order in which it is shown.
pub(super) const MODEL_KEYS: &[Key] = &[
    optional(
        "models.name",
        Kind::Text,
        "local",
        "What it is called here: letters from a to z, digits, `.`, `_` and `-`; not automatic, builtin or waggle",
    ),
    optional(
        "models.base_url",
        Kind::Text,
        "http://127.0.0.1:8081/v1",
        "Address of its OpenAI-compatible API, with the version; `/chat/completions` is added",
    ),
    optional("models.model", Kind::Text, "qwen2.5-coder-1.5b", "What its server calls it. Without it: its name"),
    optional(
        "models.key_env",
        Kind::Text,
        "LOCAL_MODEL_KEY",
        "Environment variable that holds the key of the API; the key itself never stands here. Without it: no key is sent",
    ),
    optional(
        "models.place",
        Kind::Choice(PLACES),
        "on_prem",
        "Where it runs: on_prem or cloud; what a restricted catalog holds never goes to a cloud. Without it: on_prem where \
         base_url is this machine or a private address, else cloud",
    ),
    key("models.context_tokens", Kind::Whole(1024, 100_000_000), Some("8192"), "Tokens that prompt and reply may have"),
    key("models.timeout_s", Kind::Whole(1, LONG), Some("60"), "Longest wait for a reply; then the next one is asked"),
    key("models.concurrency", Kind::Whole(1, 10_000), Some("4"), "Requests to it at once; further ones wait"),
    optional(
        "models.size_b",
        Kind::Decimal,
        "1.5",
        "Billions of parameters, for the leaderboard. Without it: nothing is shown there",
    ),
    optional(
        "models.kind",
        Kind::Text,
        "chat",
        "What kind of model it is, for the leaderboard: chat, fine-tuned, base. Without it: nothing is shown there",
    ),
    key(
        "models.agent",
        Kind::Truth,
        Some("false"),
        "Whether it may look around in the catalog in steps for a hard request",
    ),
    key(
        "models.brief",
        Kind::Truth,
        Some("false"),
        "Whether it is small (below about 4 billion parameters) or slow: short prompts, and replies that leave out what is empty",
    ),
    optional(
        "models.prompts",
        Kind::Text,
        "/etc/waggle/prompts",
        "Folder of its prompt templates. Without it: those that are built in",
    ),
    key("models.price.input", Kind::Decimal, Some("0.0"), "US dollars for a million tokens of prompts"),
    optional(
        "models.price.cached_input",
        Kind::Decimal,
        "0.0",
        "The same where its server had them cached. Without it: as `input`",
    ),
    key("models.price.output", Kind::Decimal, Some("0.0"), "US dollars for a million tokens of replies"),
    key(
        "models.can.json_schema",
        Kind::Truth,
        Some("true"),
        "Whether it can be held to a JSON schema (`response_format`). If not, tools are used, or else its plain text is read",
    ),
    key("models.can.tools", Kind::Truth, Some("false"), "Whether it can call tools; the steps of `agent` need it"),
];

/// The models that were said, where nothing is wrong with them; what is wrong becomes a fault.
pub(super) fn of(said: &mut Said, variable: &dyn Fn(&str) -> Option<String>) -> Vec<ModelSpec> {
    let mut names = BTreeSet::new();
    let mut specs = Vec::new();
    let mut faults = Vec::new();
    for (one, origin) in &said.models {
        let mut told = |at: &Origin, why: String| faults.push((at.clone(), why));
        let at = |name: &str| one.get(name).map_or(origin, |(_, origin)| origin);
        let Some(spec) = spec(one, origin, variable, &mut told) else { continue };
        if !names.insert(spec.name.clone()) {
            told(at("models.name"), format!("two models are called `{}`: each needs a name of its own", spec.name));
        }
        specs.push(spec);
    }
    for (at, why) in faults {
        said.fault(at, why);
    }
    specs
}

/// The environment variables that hold keys.
pub(super) fn variables(said: &Said) -> Vec<String> {
    said.models.iter().filter_map(|(one, _)| Read(one).text("models.key_env")).collect()
}

/// What is odd and no fault.
pub(super) fn notes(specs: &[ModelSpec]) -> Vec<String> {
    let free = |spec: &&ModelSpec| spec.place == Place::Cloud && spec.billing == Billing::default();
    let note = |spec: &ModelSpec| {
        format!("the model `{}` is in a cloud and has no `price`: budgets count its answers as free", spec.name)
    };
    specs.iter().filter(free).map(note).collect()
}

type Told<'a> = &'a mut dyn FnMut(&Origin, String);

fn spec(one: &Said, origin: &Origin, variable: &dyn Fn(&str) -> Option<String>, told: Told<'_>) -> Option<ModelSpec> {
    let read = Read(one);
    let at = |name: &str| one.get(name).map_or(origin, |(_, origin)| origin);
    for name in ["models.name", "models.base_url"] {
        if one.get(name).is_none() {
            let like = MODEL_KEYS.iter().find(|key| key.name == name).map_or("", |key| key.example);
            told(origin, format!("this model needs `{name}`, such as {}", quoted(like)));
        }
    }
    let (name, base_url) = (read.text("models.name")?, read.text("models.base_url")?);
    if let Some(why) = name_fault(&name) {
        told(at("models.name"), format!("`models.name` {why}"));
    }
    let place = read.text("models.place").map(|place| if place == "cloud" { Place::Cloud } else { Place::OnPrem });
    let host = host(&base_url);
    let place = place.unwrap_or_else(|| if host.is_some_and(is_near) { Place::OnPrem } else { Place::Cloud });
    if let Some(why) = url_fault(&base_url, host, place) {
        told(at("models.base_url"), format!("`models.base_url` {why}"));
    }
    let key = read.text("models.key_env").and_then(|name| {
        let held = variable(&name).filter(|key| !key.trim().is_empty());
        if held.is_none() {
            let why = format!("`models.key_env`: the environment variable {name} is not set; it must hold the key");
            told(at("models.key_env"), why);
        }
        held.map(|key| Secret::new(key.trim()))
    });
    let price = |name: &str| read.decimal(&format!("models.price.{name}"));
    let input = price("input").unwrap_or_default();
    let billing = Billing {
        input,
        cached_input: price("cached_input").unwrap_or(input),
        output: price("output").unwrap_or_default(),
    };
    Some(ModelSpec {
        model: read.text("models.model").unwrap_or_else(|| name.clone()),
        base_url: base_url.trim_end_matches('/').to_owned(),
        key,
        place,
        billing,
        context_tokens: read.whole("models.context_tokens"),
        timeout: Duration::from_secs(read.whole("models.timeout_s")),
        concurrency: read.whole("models.concurrency"),
        can: Abilities { json_schema: read.truth("models.can.json_schema"), tools: read.truth("models.can.tools") },
        size_b: read.decimal("models.size_b"),
        kind: read.text("models.kind"),
        agent: read.truth("models.agent"),
        brief: read.truth("models.brief"),
        prompts: read.text("models.prompts").map(PathBuf::from),
        name,
    })
}

fn name_fault(name: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if TAKEN.contains(&name) {
        return Some(format!("cannot be `{name}`: that is one of Waggle's own names"));
    }
    let fits = name.chars().all(allowed) && name.chars().count() <= MAX_NAME_CHARS;
    let why =
        format!("is made of letters from a to z, digits, `.`, `_` and `-`, at most {MAX_NAME_CHARS}, not `{name}`");
    (!fits).then_some(why)
}

/// The host of an address: what stands between the scheme and the path, less the port.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    Some(host).filter(|host| !host.is_empty())
}

/// Whether a host is this machine or one of the house's.
fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => is_loopback(host),
    }
}

fn url_fault(url: &str, host: Option<&str>, place: Place) -> Option<String> {
    let encrypted = url.starts_with("https://");
    let Some(host) = host.filter(|_| encrypted || url.starts_with("http://")) else {
        return Some(format!("must be an address such as http://127.0.0.1:8081/v1, not `{}`", without_user(url)));
    };
    if url.contains('@') {
        return Some("must hold no user and password: put the key into an environment variable (`key_env`)".to_owned());
    }
    if url.contains(['?', '#']) {
        return Some("must end with its path: no `?` and no `#`".to_owned());
    }
    if place == Place::Cloud && !encrypted && !is_loopback(host) {
        return Some(
            "must begin with https:// for a model in a cloud: what is asked would be readable on the way".to_owned(),
        );
    }
    None
}

/// The address with nothing that may be a password.
fn without_user(url: &str) -> String {
    url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, place)| format!("{MASK}@{place}"))
}

/// What is in force, as the file would say it.
pub(super) fn effective(said: &Said) -> Vec<String> {
    let mut lines = Vec::new();
    for (one, _) in &said.models {
        lines.extend([String::new(), "[[models]]".to_owned()]);
        let set = MODEL_KEYS.iter().filter_map(|key| one.get(key.name).map(|said| (key, said)));
        lines.extend(set.map(|(key, (value, origin))| match (key.name, value) {
            ("models.base_url", Value::Text(url)) => format!("base_url = {}  # {origin}", quoted(&without_user(url))),
            _ => format!("{} = {}  # {origin}", local(key), masked(key, value)),
        }));
    }
    lines
}

/// One model with all that can be said of it, commented out.
pub(super) fn example() -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "# Models that can translate beside the built-in translator; one `[[models]]` each.".to_owned(),
        "#[[models]]".to_owned(),
    ];
    for key in MODEL_KEYS {
        let text = key.default.unwrap_or(key.example);
        let value = from_text(key, text).map_or_else(|_| quoted(text), |value| value.shown());
        lines.extend([format!("# {}.", key.about), format!("#{} = {value}", local(key))]);
    }
    lines
}

/// The name of a setting within its `[[models]]`.
fn local(key: &Key) -> &str {
    key.name.strip_prefix("models.").unwrap_or(key.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_near_or_far() {
        for (url, near) in [
            ("http://127.0.0.1:8081/v1", true),
            ("http://localhost/v1", true),
            ("http://[::1]:8081/v1", true),
            ("http://10.1.2.3/v1", true),
            ("http://172.16.0.9:1/v1", true),
            ("https://api.example.com/v1", false),
            ("https://8.8.8.8/v1", false),
            ("https://127.0.0.1.example.com/v1", false),
        ] {
            assert_eq!(host(url).map(is_near), Some(near), "{url}");
        }
        assert_eq!([host("127.0.0.1:80"), host("http:///v1"), host("http://[::1")], [None; 3]);
    }
}
