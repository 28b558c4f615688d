//! Counting by value: for a field with few values, the entities that have each. Where many of a chunk's entities are in
//! a segment, its groups are then counted bit by bit, all entities of a word at once, instead of one by one. These sets
//! are made when scanning has cost as much as making them, and kept within a number of bytes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::EntityField;
use super::keys::Key;
use super::plan::{Query, first};
use super::set::{Lists, ListsBuilder, WORDS, Words, count};
use super::work::Halt;

/// A field with more codes is scanned.
const MAX_VALUES: u64 = 64;

/// The sets of the keys of a grouping.
#[derive(Debug)]
pub(super) struct Valued {
    of: Vec<(Arc<Lists>, usize)>,
}

impl Valued {
    /// Adds the members of a chunk to `counts`, a table of the stored codes, the second key's `width` wide; false where
    /// it is quicker to look at each member.
    pub(super) fn count(&self, chunk: usize, words: &Words, width: usize, counts: &mut [u64]) -> bool {
        let members = count(words);
        match self.of.as_slice() {
            [(lists, codes)] if cost(lists, chunk, *codes) < members => {
                for (code, to) in counts.iter_mut().enumerate().take(*codes) {
                    *to += lists.count_in(chunk * codes + code, words);
                }
            }
            [(firsts, codes), (seconds, others)]
                if (cost(seconds, chunk, *others) + WORDS as u64) * (*codes as u64) < members =>
            {
                for code in 0..*codes {
                    let mut own = [0; WORDS];
                    firsts.add(chunk * codes + code, &mut own);
                    own.iter_mut().zip(words).for_each(|(to, from)| *to &= from);
                    for other in 0..*others {
                        counts[code * width + other] += seconds.count_in(chunk * others + other, &own);
                    }
                }
            }
            _ => return false,
        }
        true
    }
}

/// What it takes to count by the sets of a chunk, in members that are looked at one by one.
fn cost(lists: &Lists, chunk: usize, codes: usize) -> u64 {
    (0..codes).map(|code| lists.cost(chunk * codes + code)).sum()
}

impl Query<'_> {
    /// The sets of some keys, where these are such that it pays to have them.
    pub(super) fn valued(&self, keys: &[Key<'_>]) -> Result<Option<Valued>, Halt> {
        let Some(fields) = few(keys) else { return Ok(None) };
        let mut of = Vec::with_capacity(fields.len());
        for field in fields {
            let known = match self.index.learnt.valued.get(&field.name) {
                Some(lists) => lists,
                None if field.scanned.load(Ordering::Relaxed) < self.index.entities() as u64 => return Ok(None),
                None => {
                    let lists = Arc::new(self.lists(field)?);
                    self.index.learnt.valued.put(&field.name, Arc::clone(&lists), lists.bytes());
                    lists
                }
            };
            of.push((known, field.column.last as usize + 1));
        }
        Ok(Some(Valued { of }))
    }

    /// Notes that so many members were looked at one by one, where sets would have been quicker.
    pub(super) fn note_scanned(&self, keys: &[Key<'_>], members: u64) {
        let Some(fields) = few(keys) else { return };
        let codes: u64 = fields.iter().map(|field| field.column.last + 1).product();
        if members * 64 > codes * self.index.entities() as u64 {
            for field in fields {
                field.scanned.fetch_add(members, Ordering::Relaxed);
            }
        }
    }

    /// The entities with each code of a field.
    fn lists(&self, field: &EntityField) -> Result<Lists, Halt> {
        let codes = field.column.last as usize + 1;
        let start = || (Vec::new(), vec![Vec::<u16>::new(); codes]);
        let parts = self.work.fold(start, |(made, of), chunk| {
            let (from, to) = self.index.span(chunk);
            for entity in from..to {
                of[field.column.codes.at(entity) as usize].push((entity - first(chunk)) as u16);
            }
            let mut lists = ListsBuilder::default();
            for list in of {
                lists.push_list(list);
                list.clear();
            }
            made.push((chunk, lists));
            Ok(())
        })?;
        let mut made: Vec<(usize, ListsBuilder)> = parts.into_iter().flat_map(|(made, _)| made).collect();
        made.sort_unstable_by_key(|(chunk, _)| *chunk);
        let mut all = ListsBuilder::default();
        for (_, lists) in made {
            all.append(&lists);
        }
        Ok(all.finish())
    }
}

/// The fields of keys that have few codes, in all.
fn few<'a>(keys: &[Key<'a>]) -> Option<Vec<&'a EntityField>> {
    let fields: Option<Vec<&EntityField>> = keys.iter().map(|key| key.field).collect();
    fields.filter(|fields| fields.iter().all(|field| field.column.last < MAX_VALUES))
}
