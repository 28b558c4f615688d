//! Saved segments: kept with the versions of the catalog and the data they were made with, and refreshed on new data
//! with the history of their counts. Those of others that are not public are not found.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::message::{expression, supported};
use super::turns::allowed;
use super::{Message, Say, Service, ServiceError, Thing, failed, new_id, time};
use crate::access::{Caller, Right};
use crate::answer::contract::Answer;
use crate::answer::is_small;
use crate::app::{App, Nobody};
use crate::catalog::Locale;
use crate::segment::sentence::sentence;
use crate::segment::{Condition, Expr, Segment, Words, text};
use crate::session::{MAX_NAME_CHARS, expand, folded};
use crate::store::{AuditEntry, CountPoint, SegmentRow, SegmentVersion, SegmentWrite, StoreError, now};

/// Longest description of a segment, in characters.
pub const MAX_DESCRIPTION_CHARS: usize = 2000;

/// A segment to be kept: that of a session, or a definition.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSegment {
    /// Its name; one that is taken gets a further version.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether others may use it too.
    #[serde(default)]
    pub public: Option<bool>,
    /// The session whose segment is kept.
    #[serde(default)]
    pub session: Option<String>,
    /// Or the definition, as segment text.
    #[serde(default)]
    pub text: Option<String>,
    /// Or the definition, typed.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    pub segment: Option<Value>,
}

/// What is changed of a segment beside its definition.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentEdit {
    /// A new name.
    #[serde(default)]
    pub name: Option<String>,
    /// A new description.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether others may use it.
    #[serde(default)]
    pub public: Option<bool>,
}

/// A count of a segment at a time.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CountInfo {
    /// When, RFC 3339.
    pub at: String,
    /// The version that was counted.
    pub version: u32,
    /// Its size; left out where it is hidden for being small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Version of the data.
    pub data_version: String,
    /// Version of the catalog.
    pub catalog_version: String,
}

/// A version of a segment: what its definition was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VersionInfo {
    /// Its number, from 1.
    pub version: u32,
    /// The definition, in text form.
    pub text: String,
    /// The definition as a sentence; in text form where the catalog of today does not support it.
    pub sentence: String,
    /// When it was saved, RFC 3339.
    pub at: String,
}

/// A saved segment.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SegmentInfo {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who made it.
    pub owner: String,
    /// Whether others may use it.
    pub public: bool,
    /// Newest version, from 1.
    pub version: u32,
    /// The definition, in text form.
    pub text: String,
    /// The definition as a sentence, in the language that was asked for.
    pub sentence: String,
    /// The definition, typed.
    #[schema(value_type = Value)]
    pub segment: Value,
    /// Version of the catalog that it was made with.
    pub catalog_version: String,
    /// Version of the data that it was made with.
    pub data_version: String,
    /// When it was saved first, RFC 3339.
    pub created: String,
    /// When it was changed last, RFC 3339.
    pub updated: String,
    /// When it was deleted, RFC 3339; a deleted one can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<String>,
    /// Its last count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When it was counted last, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<String>,
    /// Its count before the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count_before: Option<u64>,
    /// What the catalog of today does not support of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unsupported: Vec<String>,
    /// All counts so far, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<CountInfo>,
    /// All versions so far, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VersionInfo>,
}

impl Service {
    /// Keeps a segment; a name that the caller has used gets a further version.
    ///
    /// # Errors
    /// A definition that the catalog does not support, a name that cannot be one, no such session.
    pub async fn save_segment(
        &self,
        caller: &Caller,
        new: &NewSegment,
        locale: Locale,
    ) -> Result<SegmentInfo, ServiceError> {
        allowed(caller, Right::Save)?;
        let name = usable_name(&new.name)?;
        usable_description(new.description.as_deref())?;
        let app = self.apps.of(caller)?;
        let (segment, session) = self.definition(caller, &app, new).await?;
        let expr = segment.expr();
        supported(&expr, &app)?;
        let count = app.count_of(&expr).await.map_err(failed)?;
        let write = SegmentWrite {
            id: new_id(),
            owner: caller.id.clone(),
            folded_name: folded(name),
            name: name.to_owned(),
            description: new.description.clone(),
            public: new.public,
            segment_json: serde_json::to_string(&segment).unwrap_or_default(),
            text: text::print(&expr),
            catalog: app.catalog().version.clone(),
            data: app.engine().data_version().to_owned(),
            session,
            turn: None,
            at: now(),
            count: self.told(&app, count).and_then(|n| i64::try_from(n).ok()),
        };
        let entry = entry(caller, "save_segment", name, &json!({ "name": name, "text": write.text }));
        let saved = self.store.save_segment(write, vec![entry]).await.map_err(|e| taken(e, name))?;
        self.segment(caller, &saved.id, locale).await
    }

    /// The segments that the caller may use, its own first; with `deleted`, its own deleted ones instead.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn segments(
        &self,
        caller: &Caller,
        deleted: bool,
        locale: Locale,
    ) -> Result<Vec<SegmentInfo>, ServiceError> {
        let app = self.apps.of(caller)?;
        let mut rows = self.store.segments(&caller.id, deleted).await?;
        rows.retain(|row| row.deleted.is_some() == deleted);
        rows.sort_by_key(|row| (row.owner != caller.id, std::cmp::Reverse(row.updated)));
        let mut infos = Vec::with_capacity(rows.len());
        for row in rows {
            infos.push(self.info((caller, &app), &row, false, locale).await?);
        }
        Ok(infos)
    }

    /// One segment, with the history of its counts.
    ///
    /// # Errors
    /// No such segment that the caller may use.
    pub async fn segment(&self, caller: &Caller, id: &str, locale: Locale) -> Result<SegmentInfo, ServiceError> {
        let row = self.usable_row(caller, id, true).await?;
        let app = self.apps.of(caller)?;
        self.info((caller, &app), &row, true, locale).await
    }

    /// Renames, describes, shares.
    ///
    /// # Errors
    /// No such segment of the caller's own, or a name that is taken.
    pub async fn change_segment(
        &self,
        caller: &Caller,
        id: &str,
        edit: &SegmentEdit,
        locale: Locale,
    ) -> Result<SegmentInfo, ServiceError> {
        allowed(caller, Right::Save)?;
        let row = self.own_row(caller, id).await?;
        let name = edit.name.as_deref().map(usable_name).transpose()?;
        usable_description(edit.description.as_deref())?;
        let name = name.unwrap_or(&row.name).to_owned();
        let changed = SegmentRow {
            folded_name: folded(&name),
            name: name.clone(),
            description: edit.description.clone().unwrap_or_else(|| row.description.clone()),
            public: edit.public.unwrap_or(row.public),
            updated: now(),
            ..row.clone()
        };
        let entry = entry(caller, "change_segment", id, &json!({ "name": edit.name, "public": edit.public }));
        self.store.update_segment(changed, vec![entry]).await.map_err(|e| taken(e, &name))?;
        self.segment(caller, id, locale).await
    }

    /// Deletes a segment, or takes the deletion back.
    ///
    /// # Errors
    /// No such segment of the caller's own; on taking back, a name that was given to another since.
    pub async fn delete_segment(&self, caller: &Caller, id: &str, deleted: bool) -> Result<(), ServiceError> {
        allowed(caller, Right::Save)?;
        let row = self.own_row(caller, id).await?;
        let action = if deleted { "delete_segment" } else { "restore_segment" };
        let entry = entry(caller, action, id, &json!({ "name": row.name }));
        let done = self.store.set_deleted(&row.id, deleted.then(now), vec![entry]).await;
        done.map_err(|e| taken(e, &row.name))
    }

    /// Counts a segment on the data of today and remembers the count.
    ///
    /// # Errors
    /// A definition that the catalog does not support any more: which part of it; nothing is changed then.
    pub async fn refresh_segment(
        &self,
        caller: &Caller,
        id: &str,
        locale: Locale,
    ) -> Result<SegmentInfo, ServiceError> {
        allowed(caller, Right::Ask)?;
        let row = self.usable_row(caller, id, false).await?;
        let app = self.apps.of(caller)?;
        let (version, expr) = self.latest(&app, &row).await?;
        let count = app.count_of(&expr).await.map_err(failed)?;
        // A count within somebody's rows is no count of the segment: only the owner's are remembered.
        if row.owner == caller.id {
            let point = CountPoint {
                segment: row.id.clone(),
                version: version.version,
                at: now(),
                data: app.engine().data_version().to_owned(),
                catalog: app.catalog().version.clone(),
                count: self.told(&app, count).and_then(|n| i64::try_from(n).ok()),
            };
            let entry = entry(caller, "refresh_segment", id, &json!({ "count": point.count, "data": point.data }));
            self.store.add_count(point, vec![entry]).await?;
        }
        self.segment(caller, id, locale).await
    }

    /// Takes a segment into a conversation, in the place of what it stood at.
    ///
    /// # Errors
    /// No such segment or session.
    pub async fn load_segment(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        session: &str,
        locale: Option<Locale>,
    ) -> Result<Answer, ServiceError> {
        let row = self.usable_row(caller, id, false).await?;
        self.say(caller, session, &Message::Load(row.name), &Say { locale, ..Say::default() }, &Nobody).await
    }

    /// The newest version of a segment and its definition, checked against the catalog of today.
    pub(super) async fn latest(&self, app: &App, row: &SegmentRow) -> Result<(SegmentVersion, Expr), ServiceError> {
        let version = self.store.segment_versions(&row.id).await?.pop();
        let version = version.ok_or_else(|| ServiceError::not_found(Thing::Segment, &row.id))?;
        let segment: Segment = serde_json::from_str(&version.segment_json).map_err(|e| {
            let why = |what: &str| format!("{what}: {e}");
            ServiceError::invalid(why("정의를 읽을 수 없습니다"), why("the definition cannot be read"))
        })?;
        let expr = segment.expr();
        supported(&expr, app)?;
        Ok((version, expr))
    }

    /// A segment that the caller may use.
    pub(super) async fn usable_row(
        &self,
        caller: &Caller,
        id: &str,
        deleted: bool,
    ) -> Result<SegmentRow, ServiceError> {
        let row = self.store.segment(id).await?;
        let usable = |row: &SegmentRow| {
            let own = row.owner == caller.id;
            (own || row.public) && (row.deleted.is_none() || (own && deleted))
        };
        row.filter(usable).ok_or_else(|| ServiceError::not_found(Thing::Segment, id))
    }

    async fn own_row(&self, caller: &Caller, id: &str) -> Result<SegmentRow, ServiceError> {
        let row = self.usable_row(caller, id, true).await?;
        if row.owner == caller.id { Ok(row) } else { Err(ServiceError::Forbidden { right: Right::DeleteOthers }) }
    }

    /// What is to be kept, and the session it comes from.
    pub(super) async fn definition(
        &self,
        caller: &Caller,
        app: &App,
        new: &NewSegment,
    ) -> Result<(Segment, Option<String>), ServiceError> {
        let condition = |expr| Condition { expr, turn: 0, words: Words::default() };
        match (&new.session, &new.text, &new.segment) {
            (Some(id), None, None) => {
                let row = self.session_row(caller, id).await?;
                let mut session = self.read_session(&row).await?;
                session.lend(self.library(caller).await?.into_iter().map(|(_, saved)| saved).collect());
                let mut segment = session.segment();
                for part in &mut segment.conditions {
                    part.expr = expand(&part.expr, &session);
                }
                Ok((segment, Some(id.clone())))
            }
            (None, Some(text), None) => {
                let expr = expression(&Value::String(text.clone()), app)?;
                Ok((Segment { conditions: vec![condition(expr)] }, None))
            }
            (None, None, Some(typed)) => Ok((Segment { conditions: vec![condition(expression(typed, app)?)] }, None)),
            _ => Err(ServiceError::invalid(
                "session, text, segment 가운데 하나를 씁니다",
                "one of `session`, `text` and `segment` says what is kept",
            )),
        }
    }

    async fn info(
        &self,
        (caller, app): (&Caller, &App),
        row: &SegmentRow,
        history: bool,
        locale: Locale,
    ) -> Result<SegmentInfo, ServiceError> {
        let versions = self.store.segment_versions(&row.id).await?;
        let newest = versions.last().ok_or_else(|| ServiceError::not_found(Thing::Segment, &row.id))?;
        // What others counted within their rows is not told to those who may see other rows.
        let mut counts = self.store.counts(&row.id).await?;
        counts.retain(|point| row.owner == caller.id || point.catalog == app.catalog().version);
        let expr = definition_of(newest).unwrap_or(Expr::All);
        let unsupported = supported(&expr, app).map_or_else(|e| e.parts(locale), |()| Vec::new());
        let size = |point: &CountPoint| point.count.and_then(|n| u64::try_from(n).ok());
        let told = |point: &CountPoint| CountInfo {
            at: time(point.at),
            version: point.version,
            count: size(point),
            data_version: point.data.clone(),
            catalog_version: point.catalog.clone(),
        };
        Ok(SegmentInfo {
            id: row.id.clone(),
            name: row.name.clone(),
            description: row.description.clone(),
            owner: row.owner.clone(),
            public: row.public,
            version: newest.version,
            text: newest.text.clone(),
            sentence: said(newest, app, locale),
            segment: serde_json::to_value(&expr).unwrap_or_default(),
            catalog_version: newest.catalog.clone(),
            data_version: newest.data.clone(),
            created: time(row.created),
            updated: time(row.updated),
            deleted: row.deleted.map(time),
            count: counts.last().and_then(size),
            counted: counts.last().map(|point| time(point.at)),
            count_before: counts.iter().nth_back(1).and_then(size),
            unsupported,
            history: if history { counts.iter().map(told).collect() } else { Vec::new() },
            versions: if history { versions.iter().map(|v| version(v, app, locale)).collect() } else { Vec::new() },
        })
    }

    /// A count, where it may be told.
    pub(super) fn told(&self, app: &App, count: u64) -> Option<u64> {
        let min = self.config.min_group.unwrap_or(app.min_group());
        (!is_small(count, min)).then_some(count)
    }
}

/// An entry of the audit log: `caller` did `action` to `subject`.
#[must_use]
pub fn entry(caller: &Caller, action: &str, subject: &str, detail: &Value) -> AuditEntry {
    AuditEntry {
        actor: caller.id.clone(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail_json: detail.to_string(),
    }
}

fn definition_of(version: &SegmentVersion) -> Option<Expr> {
    serde_json::from_str::<Segment>(&version.segment_json).ok().map(|segment| segment.expr())
}

/// A definition as a sentence, or as it was kept where the catalog of today has no words for it.
fn said(version: &SegmentVersion, app: &App, locale: Locale) -> String {
    match definition_of(version).filter(|expr| supported(expr, app).is_ok()) {
        Some(expr) => sentence(&expr, app.catalog(), locale),
        None => version.text.clone(),
    }
}

fn version(kept: &SegmentVersion, app: &App, locale: Locale) -> VersionInfo {
    VersionInfo { version: kept.version, text: kept.text.clone(), sentence: said(kept, app, locale), at: time(kept.at) }
}

fn taken(error: StoreError, name: &str) -> ServiceError {
    match error {
        StoreError::Conflict { .. } => ServiceError::NameTaken { name: name.to_owned() },
        other => other.into(),
    }
}

fn usable_name(name: &str) -> Result<&str, ServiceError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(ServiceError::invalid(
            format!("이름은 1~{MAX_NAME_CHARS}자입니다"),
            format!("a name has 1 to {MAX_NAME_CHARS} characters"),
        ));
    }
    Ok(name)
}

fn usable_description(description: Option<&str>) -> Result<(), ServiceError> {
    match description.map(|d| d.chars().count()) {
        Some(chars) if chars > MAX_DESCRIPTION_CHARS => Err(ServiceError::invalid(
            format!("설명은 {MAX_DESCRIPTION_CHARS}자까지입니다"),
            format!("a description has at most {MAX_DESCRIPTION_CHARS} characters"),
        )),
        _ => Ok(()),
    }
}
