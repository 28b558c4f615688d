//! `waggle keys`: makes, lists and revokes API keys. The secret is printed once, on standard output alone, and
//! kept nowhere.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::config::{self, ConfigFlags};
use super::error::CliError;
use super::exit::Exit;
use super::output;
use super::serve::open_store;
use super::table::{self, Align};
use crate::access::keys::{self, KeyRecord};
use crate::access::{Caller, NoSuchRole, Role};
use crate::service::KeyInfo;
use crate::store::{self, AuditEntry, KeyRow, Store, StoreError};

/// Longest name of a key, in characters.
const MAX_NAME: usize = 100;

/// Make, list and revoke API keys.
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a key and print it; it cannot be shown again
    Create(CreateArgs),
    /// List the keys
    List {
        /// Which store.
        #[command(flatten)]
        flags: ConfigFlags,
    },
    /// Revoke a key: it stops working at once
    Revoke {
        /// The key's id, such as `key_abc`
        id: String,
        /// Which store.
        #[command(flatten)]
        flags: ConfigFlags,
    },
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// Whose it is, or what it is for
    #[arg(long, value_parser = named)]
    name: String,
    /// What its caller may do: marketer, analyst or admin
    #[arg(long, value_parser = role)]
    role: Role,
    /// What the catalog's row rules are to know of its caller, such as region=부산광역시; may be repeated
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,
    #[command(flatten)]
    flags: ConfigFlags,
}

fn named(text: &str) -> Result<String, String> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err("a key needs a name".to_owned()),
        _ if name.chars().any(char::is_control) => Err("a name has no control characters".to_owned()),
        length if length > MAX_NAME => Err(format!("a name has at most {MAX_NAME} characters")),
        _ => Ok(name.to_owned()),
    }
}

fn role(text: &str) -> Result<Role, NoSuchRole> {
    text.parse()
}

fn attribute(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.is_empty() => {
            Ok((name.trim().to_owned(), value.to_owned()))
        }
        _ => Err("an attribute is NAME=VALUE".to_owned()),
    }
}

/// Where keys are kept: the store, as far as this command needs it.
pub trait Keyring {
    /// Why it failed.
    type Error: Into<CliError>;

    /// Keeps a key.
    fn insert(&self, key: &KeyRecord) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// All keys, the newest first.
    fn list(&self) -> impl Future<Output = Result<Vec<KeyRecord>, Self::Error>> + Send;

    /// Revokes a key; false where there is none of that id.
    fn revoke(&self, id: &str) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

impl Keyring for Store {
    type Error = StoreError;

    async fn insert(&self, key: &KeyRecord) -> Result<(), StoreError> {
        let row = KeyRow {
            id: key.id.clone(),
            name: key.name.clone(),
            hash: key.hash.clone(),
            role: key.role.name().to_owned(),
            attributes_json: json!(key.attributes).to_string(),
            created: store::now(),
            last_used: None,
            revoked: None,
        };
        let detail = json!({ "name": row.name, "role": row.role, "attributes": key.attributes });
        let audit = vec![entry("make_key", &row.id, &detail)];
        self.insert_key(row, audit).await
    }

    async fn list(&self) -> Result<Vec<KeyRecord>, StoreError> {
        // A role that only a later program knows is none here.
        Ok(self.keys().await?.iter().rev().filter_map(record).collect())
    }

    async fn revoke(&self, id: &str) -> Result<bool, StoreError> {
        match self.revoke_key(id, store::now(), vec![entry("revoke_key", id, &json!({}))]).await {
            Ok(()) => Ok(true),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn record(row: &KeyRow) -> Option<KeyRecord> {
    let KeyInfo { id, name, role, attributes, created, last_used, revoked } = KeyInfo::of(row);
    Some(KeyRecord {
        id,
        name,
        hash: row.hash.clone(),
        role: role.parse().ok()?,
        attributes,
        created,
        last_used,
        revoked,
    })
}

/// An entry of the audit log: whoever has the command line has the machine.
fn entry(action: &str, subject: &str, detail: &Value) -> AuditEntry {
    AuditEntry {
        actor: Caller::local().id,
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail_json: detail.to_string(),
    }
}

impl KeysArgs {
    /// The settings that say which store.
    #[must_use]
    pub fn flags(&self) -> &ConfigFlags {
        match &self.command {
            KeysCommand::Create(args) => &args.flags,
            KeysCommand::List { flags } | KeysCommand::Revoke { flags, .. } => flags,
        }
    }
}

/// Does it, in the store that the settings name.
///
/// # Errors
/// Where the keys cannot be read or written.
pub async fn run(args: &KeysArgs) -> Result<Exit, CliError> {
    let store = open_store(&config::load(args.flags())?.serve).await?;
    let done = within(args, &store).await;
    store.close().await;
    done
}

async fn within(args: &KeysArgs, ring: &impl Keyring) -> Result<Exit, CliError> {
    let lines = match &args.command {
        KeysCommand::Create(create) => created(create, ring, args.json).await?,
        KeysCommand::List { .. } => listed(&ring.list().await.map_err(Into::into)?, args.json),
        KeysCommand::Revoke { id, .. } => {
            if !ring.revoke(id).await.map_err(Into::into)? {
                return Err(CliError::Usage(format!("there is no key {id}; see waggle keys list")));
            }
            vec![if args.json { json!({ "id": id, "revoked": true }).to_string() } else { format!("{id} is revoked") }]
        }
    };
    output::line(&output::plain(&lines.join("\n")))?;
    Ok(Exit::Done)
}

async fn created(args: &CreateArgs, ring: &impl Keyring, json: bool) -> Result<Vec<String>, CliError> {
    let attributes: BTreeMap<_, _> = args.attributes.iter().cloned().collect();
    if attributes.len() < args.attributes.len() {
        return Err(CliError::Usage("an attribute is given twice".to_owned()));
    }
    let key = keys::generate()?;
    let record = KeyRecord {
        id: key.id,
        name: args.name.clone(),
        hash: keys::hash(&key.secret)?,
        role: args.role,
        attributes,
        // The store says when it was.
        created: String::new(),
        last_used: None,
        revoked: None,
    };
    ring.insert(&record).await.map_err(Into::into)?;
    if json {
        let shown = json!({
            "id": record.id, "name": record.name, "role": record.role, "attributes": record.attributes, "key": key.secret,
        });
        return Ok(vec![shown.to_string()]);
    }
    output::note(&output::plain(&format!(
        "{} ({}, {}) is made. The key below is not shown again; it is sent as `Authorization: Bearer KEY`.",
        record.id, record.name, record.role
    )));
    Ok(vec![key.secret])
}

fn listed(keys: &[KeyRecord], json: bool) -> Vec<String> {
    if json {
        return keys.iter().map(|key| json!(key).to_string()).collect();
    }
    let row = |key: &KeyRecord| {
        let attributes: Vec<_> = key.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let or_dash = |time: &Option<String>| time.clone().unwrap_or_else(|| "-".to_owned());
        vec![
            key.id.clone(),
            key.name.clone(),
            key.role.to_string(),
            attributes.join(" "),
            key.created.clone(),
            or_dash(&key.last_used),
            or_dash(&key.revoked),
        ]
    };
    let head = ["id", "name", "role", "attributes", "created", "last used", "revoked"].map(str::to_owned);
    table::lines(&head, &[Align::Left; 7], &keys.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use clap::Parser;

    use super::*;
    use crate::access::keys::hash;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        keys: KeysArgs,
    }

    #[derive(Default)]
    struct Ring(Mutex<Vec<KeyRecord>>);

    impl Keyring for Ring {
        type Error = CliError;

        async fn insert(&self, key: &KeyRecord) -> Result<(), CliError> {
            self.0.lock().unwrap().push(key.clone());
            Ok(())
        }

        async fn list(&self) -> Result<Vec<KeyRecord>, CliError> {
            Ok(self.0.lock().unwrap().clone())
        }

        async fn revoke(&self, id: &str) -> Result<bool, CliError> {
            Ok(self.0.lock().unwrap().iter().any(|key| key.id == id))
        }
    }

    fn parsed(line: &[&str]) -> Result<KeysArgs, String> {
        Line::try_parse_from([&["keys"], line].concat()).map(|line| line.keys).map_err(|e| e.to_string())
    }

    #[tokio::test]
    async fn a_key_is_shown_once_and_kept_as_a_hash() {
        let ring = Ring::default();
        let args = parsed(&[
            "create",
            "--name",
            "캠페인",
            "--role",
            "marketer",
            "--attribute",
            "region=부산광역시",
            "--store",
            "x.db",
            "--json",
        ]);
        let KeysArgs { command: KeysCommand::Create(create), json } = args.unwrap() else { panic!("create") };
        let shown = created(&create, &ring, json).await.unwrap().join("\n");
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        let kept = ring.list().await.unwrap().remove(0);
        assert_eq!(hash(shown["key"].as_str().unwrap()).unwrap(), kept.hash);
        assert_eq!((kept.role, kept.attributes["region"].as_str()), (Role::Marketer, "부산광역시"));
        let list = listed(std::slice::from_ref(&kept), false).join("\n");
        assert!(list.contains(&kept.id) && list.contains("캠페인") && !list.contains(&kept.hash), "{list}");
        assert!(!listed(&[kept], true).join("").contains(shown["key"].as_str().unwrap()));
    }

    #[tokio::test]
    async fn an_unknown_key_cannot_be_revoked() {
        let error = within(&parsed(&["revoke", "key_x"]).unwrap(), &Ring::default()).await.unwrap_err();
        assert!(error.to_string().contains("key_x"));
    }

    #[test]
    fn wrong_usage_is_told() {
        for (line, what) in [
            (&["create", "--name", "x"][..], "--role"),
            (&["create", "--name", "x", "--role", "boss"], "marketer"),
            (&["create", "--name", " ", "--role", "admin"], "name"),
            (&["create", "--name", "x", "--role", "admin", "--attribute", "region"], "NAME=VALUE"),
            (&["revoke"], "ID"),
        ] {
            let error = parsed(line).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }
}
