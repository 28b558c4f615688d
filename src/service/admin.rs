//! What administrators do: keys, and the audit log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::segments::entry;
use super::turns::allowed;
use super::{Page, Service, ServiceError, Thing, time};
use crate::access::{Caller, Right, Role, keys};
use crate::catalog::Locale;
use crate::store::{AuditRow, AuditWanted, KeyRow, StoreError, now};

/// Longest name of a key, in characters.
pub const MAX_KEY_NAME_CHARS: usize = 100;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MeInfo {
    /// The caller's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `marketer`, `analyst` or `admin`.
    #[schema(value_type = String)]
    pub role: Role,
    /// What else is known of the caller; rules on rows look here.
    pub attributes: BTreeMap<String, String>,
    /// What it may do.
    #[schema(value_type = Vec<String>)]
    pub rights: Vec<Right>,
}

impl MeInfo {
    /// What `caller` is told about itself.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        Self {
            id: caller.id.clone(),
            name: caller.name.clone(),
            role: caller.role,
            attributes: caller.attributes.clone(),
            rights: Right::ALL.into_iter().filter(|right| caller.may(*right)).collect(),
        }
    }
}

/// A key that is to be made.
#[derive(Debug, Clone, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Whose it is, or what it is for.
    pub name: String,
    /// What its caller may do: `marketer`, `analyst` or `admin`.
    #[schema(value_type = String)]
    pub role: Role,
    /// What the catalog's rules on rows are to know of its caller.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// A key, but for the key itself.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct KeyInfo {
    /// Its id, which is the id of its caller too.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What its caller may do.
    pub role: String,
    /// What else is known of its caller.
    pub attributes: BTreeMap<String, String>,
    /// When it was made.
    pub created: String,
    /// When it was last used, to the minute.
    pub last_used: Option<String>,
    /// When it was revoked.
    pub revoked: Option<String>,
}

/// A key that was just made.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MadeKey {
    /// The key: shown once.
    pub key: String,
    /// What is kept of it.
    #[serde(flatten)]
    pub info: KeyInfo,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AuditInfo {
    /// Its place; the first is 1.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// More of it.
    pub detail: Value,
    /// The hash of the entry before.
    pub previous: String,
    /// The hash of this one.
    pub hash: String,
}

/// Whether the audit log is as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AuditVerdictInfo {
    /// Whether it is.
    pub holds: bool,
    /// Entries that hang together, from the first on.
    pub entries: u64,
    /// The hash of the last of them; noted elsewhere, it shows a log that was written anew.
    pub head: String,
    /// The first place where the log is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<AuditBreakInfo>,
}

/// Where the audit log is broken.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AuditBreakInfo {
    /// The entry.
    pub seq: i64,
    /// What is wrong with it.
    pub message: String,
}

impl Service {
    /// The keys, oldest first.
    ///
    /// # Errors
    /// A role that may not, or a store that fails.
    pub async fn keys(&self, caller: &Caller) -> Result<Vec<KeyInfo>, ServiceError> {
        allowed(caller, Right::ManageKeys)?;
        Ok(self.store.keys().await?.iter().map(KeyInfo::of).collect())
    }

    /// Makes a key.
    ///
    /// # Errors
    /// A role that may not, a name that is none, or a store that fails.
    pub async fn make_key(&self, caller: &Caller, new: &NewKey) -> Result<MadeKey, ServiceError> {
        allowed(caller, Right::ManageKeys)?;
        let name = usable_name(&new.name)?;
        let failed =
            |e: keys::KeyError| ServiceError::Failed { message: [e.message(Locale::Ko), e.message(Locale::En)] };
        let made = keys::generate().map_err(failed)?;
        let row = KeyRow {
            hash: keys::hash(&made.secret).map_err(failed)?,
            id: made.id,
            name,
            role: new.role.name().to_owned(),
            attributes_json: json!(new.attributes).to_string(),
            created: now(),
            last_used: None,
            revoked: None,
        };
        let info = KeyInfo::of(&row);
        let detail = json!({ "name": row.name, "role": row.role, "attributes": new.attributes });
        let audit = vec![entry(caller, "make_key", &row.id, &detail)];
        self.store.insert_key(row, audit).await?;
        Ok(MadeKey { key: made.secret, info })
    }

    /// Revokes a key.
    ///
    /// # Errors
    /// A role that may not, no such key, or a store that fails.
    pub async fn revoke_key(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        allowed(caller, Right::ManageKeys)?;
        let audit = vec![entry(caller, "revoke_key", id, &json!({}))];
        match self.store.revoke_key(id, now(), audit).await {
            Err(StoreError::NotFound { .. }) => Err(ServiceError::not_found(Thing::Key, id)),
            done => Ok(done?),
        }
    }

    /// Entries of the audit log that are looked for.
    ///
    /// # Errors
    /// A role that may not, or a store that fails.
    pub async fn audit(
        &self,
        caller: &Caller,
        wanted: &AuditWanted,
        limit: Option<u32>,
    ) -> Result<Vec<AuditInfo>, ServiceError> {
        allowed(caller, Right::ReadAudit)?;
        let limit = Page { limit, before: None }.limit();
        Ok(self.store.find_audit(wanted, limit).await?.iter().map(AuditInfo::of).collect())
    }

    /// Follows the audit log from its first entry to its last.
    ///
    /// # Errors
    /// A role that may not, or a store that fails; a log that is broken is an answer.
    pub async fn verify_audit(&self, caller: &Caller, locale: Locale) -> Result<AuditVerdictInfo, ServiceError> {
        allowed(caller, Right::ReadAudit)?;
        let verdict = self.store.verify_audit(|_, _| ()).await?;
        let broken = verdict.broken.as_ref().map(|b| AuditBreakInfo { seq: b.seq, message: b.message(locale) });
        Ok(AuditVerdictInfo { holds: verdict.holds(), entries: verdict.entries, head: verdict.head, broken })
    }
}

fn usable_name(name: &str) -> Result<String, ServiceError> {
    let name = name.trim();
    let chars = name.chars().count();
    if chars == 0 || chars > MAX_KEY_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(ServiceError::invalid(
            format!("키의 이름은 1~{MAX_KEY_NAME_CHARS}자이고 제어 문자가 없습니다"),
            format!("the name of a key has 1 to {MAX_KEY_NAME_CHARS} characters, and no control characters"),
        ));
    }
    Ok(name.to_owned())
}

impl KeyInfo {
    /// What is told of a key.
    #[must_use]
    pub fn of(row: &KeyRow) -> Self {
        Self {
            id: row.id.clone(),
            name: row.name.clone(),
            role: row.role.clone(),
            attributes: serde_json::from_str(&row.attributes_json).unwrap_or_default(),
            created: time(row.created),
            last_used: row.last_used.map(time),
            revoked: row.revoked.map(time),
        }
    }
}

impl AuditInfo {
    /// What is told of an entry.
    #[must_use]
    pub fn of(row: &AuditRow) -> Self {
        Self {
            seq: row.seq,
            at: time(row.at),
            actor: row.actor.clone(),
            action: row.action.clone(),
            subject: row.subject.clone(),
            detail: serde_json::from_str(&row.detail_json).unwrap_or_default(),
            previous: row.previous.clone(),
            hash: row.hash.clone(),
        }
    }
}
