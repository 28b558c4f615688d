//! The saved segments that a caller may use by name: those of its own, and those that others have made public.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Service, ServiceError};
use crate::access::Caller;
use crate::segment::Segment;
use crate::session::{Saved, Version};
use crate::store::{SegmentRow, SegmentVersion};

/// Most segments whose versions are kept in memory.
const MAX_KNOWN: usize = 10_000;

/// What was read of segments, by id, with the time of the change that it shows.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<BTreeMap<String, (i64, Saved)>>);

impl Known {
    fn get(&self, row: &SegmentRow) -> Option<Saved> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&row.id).filter(|(at, _)| *at == row.updated).map(|(_, saved)| saved.clone())
    }

    fn put(&self, row: &SegmentRow, saved: &Saved) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(row.id.clone(), (row.updated, saved.clone()));
    }
}

impl Service {
    /// What a conversation of `caller` knows by name. Where two share a name, the caller's own is meant.
    pub(super) async fn library(&self, caller: &Caller) -> Result<Vec<(SegmentRow, Saved)>, ServiceError> {
        let mut rows = self.store.segments(&caller.id, false).await?;
        rows.sort_by_key(|row| (row.owner != caller.id, row.created));
        let mut names = std::collections::BTreeSet::new();
        let mut library = Vec::new();
        for row in rows {
            if !names.insert(row.folded_name.clone()) {
                continue;
            }
            let saved = self.saved(&row).await?;
            if !saved.versions.is_empty() {
                library.push((row, saved));
            }
        }
        Ok(library)
    }

    /// A segment with its versions, as a conversation knows it.
    async fn saved(&self, row: &SegmentRow) -> Result<Saved, ServiceError> {
        if let Some(known) = self.known.get(row) {
            return Ok(known);
        }
        let versions = self.store.segment_versions(&row.id).await?;
        let saved = Saved { name: row.name.clone(), versions: versions.iter().filter_map(version).collect() };
        self.known.put(row, &saved);
        Ok(saved)
    }
}

/// A version as a conversation knows it; none where it was written by a later program.
fn version(kept: &SegmentVersion) -> Option<Version> {
    let segment: Segment = serde_json::from_str(&kept.segment_json).ok()?;
    Some(Version { segment, turn: kept.turn.unwrap_or(0), count: None, data: kept.data.clone() })
}
