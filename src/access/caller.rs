//! The caller and what each role may do.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::catalog::Locale;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// What tells callers apart: the id of a key, or the subject of a token. Sessions and segments belong to it.
    pub id: String,
    /// What people call them; for the eyes of an administrator, decides nothing.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What else is known of them, such as `branch`; row rules look here.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

impl Caller {
    /// The one on the machine itself, where the service asks for no authentication.
    #[must_use]
    pub fn local() -> Self {
        Self { id: "local".to_owned(), name: "local".to_owned(), role: Role::Admin, attributes: BTreeMap::new() }
    }

    /// Whether they may do it.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }
}

/// What a caller is; each may do all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks in words, saves and exports.
    Marketer,
    /// Writes SQL too.
    Analyst,
    /// Runs the service.
    Admin,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Marketer, Self::Analyst, Self::Admin];

    /// What it is called in keys, tokens, configuration and catalogs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Marketer => "marketer",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }

    /// Whether it may do it.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        self >= right.least()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role; the roles are marketer, analyst, admin")]
pub struct NoSuchRole(pub String);

impl NoSuchRole {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match locale {
            Locale::Ko => format!("`{}`라는 역할은 없습니다. 역할은 marketer, analyst, admin입니다", self.0),
            Locale::En => self.to_string(),
        }
    }
}

impl FromStr for Role {
    type Err = NoSuchRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| NoSuchRole(text.to_owned()))
    }
}

/// One thing that may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Ask in words, browse the catalog, keep sessions.
    Ask,
    /// Save segments and change one's own.
    Save,
    /// Export with hashed identifiers.
    Export,
    /// Read the SQL behind one's own answers.
    SeeSql,
    /// Say whether an answer was right.
    Feedback,
    /// Check and run SQL of one's own.
    RunSql,
    /// Run evaluations, compare them, and review feedback for golden sets.
    Evaluate,
    /// Have identifiers as they are instead of hashed.
    SeeIdentifiers,
    /// Make, list and revoke API keys.
    ManageKeys,
    /// Read and verify the audit log.
    ReadAudit,
    /// Have the data or the catalog read anew.
    Reload,
    /// Back the state up and restore it.
    Backup,
    /// Delete what belongs to other callers.
    DeleteOthers,
    /// Read what everybody together does: usage, feedback, metrics.
    ReadMetrics,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Ask,
        Self::Save,
        Self::Export,
        Self::SeeSql,
        Self::Feedback,
        Self::RunSql,
        Self::Evaluate,
        Self::SeeIdentifiers,
        Self::ManageKeys,
        Self::ReadAudit,
        Self::Reload,
        Self::Backup,
        Self::DeleteOthers,
        Self::ReadMetrics,
    ];

    /// What it is called to a reader.
    #[must_use]
    pub fn name(self, locale: Locale) -> &'static str {
        let [ko, en] = match self {
            Self::Ask => ["질문하기", "ask"],
            Self::Save => ["세그먼트 저장", "save segments"],
            Self::Export => ["내보내기", "export"],
            Self::SeeSql => ["SQL 보기", "see the SQL of answers"],
            Self::Feedback => ["의견 보내기", "give feedback"],
            Self::RunSql => ["SQL 실행", "run SQL"],
            Self::Evaluate => ["평가", "run evaluations"],
            Self::SeeIdentifiers => ["식별자 보기", "see identifiers"],
            Self::ManageKeys => ["키 관리", "manage keys"],
            Self::ReadAudit => ["감사 기록 보기", "read the audit log"],
            Self::Reload => ["데이터 다시 읽기", "reload the data"],
            Self::Backup => ["백업", "back up"],
            Self::DeleteOthers => ["다른 사람의 것 바꾸기", "change what belongs to others"],
            Self::ReadMetrics => ["지표 보기", "read metrics"],
        };
        if locale == Locale::Ko { ko } else { en }
    }

    /// The least role that may do it. A match without a default: a new right must be given to somebody here.
    #[must_use]
    pub fn least(self) -> Role {
        match self {
            Self::Ask | Self::Save | Self::Export | Self::SeeSql | Self::Feedback => Role::Marketer,
            Self::RunSql | Self::Evaluate => Role::Analyst,
            Self::SeeIdentifiers
            | Self::ManageKeys
            | Self::ReadAudit
            | Self::Reload
            | Self::Backup
            | Self::DeleteOthers
            | Self::ReadMetrics => Role::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_it_is_for() {
        let may = |role: Role| Right::ALL.into_iter().filter(|right| role.may(*right)).count();
        assert_eq!(Role::ALL.map(may), [5, 7, 14]);
        assert!(Role::Marketer.may(Right::Export) && !Role::Marketer.may(Right::RunSql));
        assert!(Role::Analyst.may(Right::RunSql) && !Role::Analyst.may(Right::SeeIdentifiers));
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
        }
        for text in ["", "Admin", "root", "marketer "] {
            assert_eq!(text.parse::<Role>(), Err(NoSuchRole(text.to_owned())));
        }
    }
}
