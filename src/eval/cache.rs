//! Gold numbers kept on disk between runs, by the version of the data and the SQL: a second evaluation of
//! the same files over the same data runs no gold query. A cache that cannot be read is an empty one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::gold::{Gold, GoldSql};

/// Gold numbers by their SQL.
#[derive(Debug, Default)]
pub struct GoldCache {
    file: Option<PathBuf>,
    known: Mutex<BTreeMap<String, Gold>>,
}

impl GoldCache {
    /// The numbers that `folder` holds for data of `version`; none without a folder.
    #[must_use]
    pub fn open(folder: Option<&Path>, version: &str) -> Self {
        let file = folder.map(|f| f.join(format!("gold-{}.json", plain(version))));
        let known = file.as_deref().and_then(|f| std::fs::read(f).ok());
        let known = known.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { file, known: Mutex::new(known) }
    }

    /// The numbers of `sql`, where they are known.
    #[must_use]
    pub fn get(&self, sql: &GoldSql) -> Option<Gold> {
        self.known.lock().ok()?.get(&key(sql)).cloned()
    }

    /// Keeps the numbers of `sql`.
    pub fn put(&self, sql: &GoldSql, gold: &Gold) {
        if let Ok(mut known) = self.known.lock() {
            known.insert(key(sql), gold.clone());
        }
    }

    /// Writes everything known, whole or not at all.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn save(&self) -> std::io::Result<()> {
        let (Some(file), Ok(known)) = (&self.file, self.known.lock()) else { return Ok(()) };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let part = file.with_extension(format!("part{}", std::process::id()));
        std::fs::write(&part, serde_json::to_vec(&*known)?)?;
        std::fs::rename(part, file)
    }
}

fn key(sql: &GoldSql) -> String {
    match &sql.groups {
        Some(groups) => format!("{}; {groups}", sql.total),
        None => sql.total.clone(),
    }
}

/// A version as part of a file name.
fn plain(version: &str) -> String {
    version.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_known_again_for_the_same_data_only() {
        let folder = tempfile::tempdir().unwrap();
        let sql = GoldSql { total: "SELECT 1".into(), groups: None };
        let gold = Gold { count: 3, value: Some(0.5), groups: None };
        let cache = GoldCache::open(Some(folder.path()), "a:1");
        assert_eq!(cache.get(&sql), None);
        cache.put(&sql, &gold);
        cache.save().unwrap();
        assert_eq!(GoldCache::open(Some(folder.path()), "a:1").get(&sql), Some(gold));
        assert_eq!(GoldCache::open(Some(folder.path()), "a:2").get(&sql), None);
    }

    #[test]
    fn a_broken_cache_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("gold-v.json"), b"{").unwrap();
        let cache = GoldCache::open(Some(folder.path()), "v");
        assert_eq!(cache.get(&GoldSql { total: String::new(), groups: None }), None);
    }
}
