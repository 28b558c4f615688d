//! The files that tables are made of, and what a build takes over from an older index of some of the same files: the
//! rows of those that have not changed.

use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::codes::Codes;
use super::many::Many;

/// A file of a table, and how many of its rows the index holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    /// Changes when the file does.
    pub version: String,
    /// Rows of the file.
    pub rows: u64,
    /// Those that belong to an entity.
    pub held: u64,
    /// Whether the build of the index read it; else its rows were taken over from an older one.
    pub read: bool,
}

/// A file of the catalog's table as it lies there now.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    pub path: PathBuf,
    /// Changes when the file does.
    pub version: String,
}

/// The rows of an older index that are of one file, in their order there.
#[derive(Debug, Clone)]
pub(super) enum OldRows {
    Range(Range<usize>),
    Listed(Vec<u32>),
}

impl OldRows {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Range(range) => range.len(),
            Self::Listed(rows) => rows.len(),
        }
    }

    /// Calls `each` with every one.
    pub(super) fn each(&self, mut each: impl FnMut(usize)) {
        match self {
            Self::Range(range) => range.clone().for_each(each),
            Self::Listed(rows) => rows.iter().for_each(|row| each(*row as usize)),
        }
    }
}

/// Where the rows of a file are had from.
#[derive(Debug)]
pub(super) struct Take {
    pub file: SourceFile,
    /// What an older index has of it; none where the file is read.
    pub old: Option<(OldRows, Piece)>,
}

/// How the files of a table are had; all of them read where there is nothing older.
pub(super) fn takes(files: &[SourceFile], older: Vec<(Piece, OldRows)>) -> Vec<Take> {
    let mut older = older;
    let take = |file: &SourceFile| {
        let known = older.iter().position(|(piece, _)| piece.version == file.version);
        let old = known.map(|at| older.swap_remove(at)).map(|(piece, rows)| (rows, piece));
        Take { file: file.clone(), old }
    };
    files.iter().map(take).collect()
}

/// Whether all files are those of an older index, in the same order.
pub(super) fn same(files: &[SourceFile], pieces: &[Piece]) -> bool {
    files.len() == pieces.len() && files.iter().zip(pieces).all(|(file, piece)| file.version == piece.version)
}

/// The pieces, each with its rows in an index that has them one file after the other.
pub(super) fn in_a_row(pieces: Vec<Piece>) -> Vec<(Piece, OldRows)> {
    let mut from = 0;
    let ranged = |piece: Piece| {
        let to = from + piece.held as usize;
        let rows = OldRows::Range(from..to);
        from = to;
        (piece, rows)
    };
    pieces.into_iter().map(ranged).collect()
}

/// The same of a many-table, whose rows lie by entity. Where entities have come, the files with rows that were nobody's
/// are left out: they may be somebody's now.
pub(super) fn of_many(many: &Many, grown: bool) -> Vec<(Piece, OldRows)> {
    let pieces = many.pieces.clone();
    let mut known = match &many.origin {
        None => in_a_row(pieces),
        Some(origin) => {
            let mut lists: Vec<Vec<u32>> = pieces.iter().map(|p| Vec::with_capacity(p.held as usize)).collect();
            for row in 0..origin.len() {
                lists[origin.at(row) as usize].push(row as u32);
            }
            pieces.into_iter().zip(lists.into_iter().map(OldRows::Listed)).collect()
        }
    };
    known.retain(|(piece, _)| !grown || piece.held == piece.rows);
    known
}

/// The file that each row of a many-table is of, where its rows do not lie one file after the other: `ends` is where
/// the rows of each file end as they were had, and `order` the order in which they lie now.
pub(super) fn origin(ends: &[usize], order: Option<&[u32]>) -> Option<Codes> {
    let order = order.filter(|_| ends.len() > 1)?;
    let file = |row: &u32| ends.partition_point(|end| *end <= *row as usize);
    if order.iter().map(file).is_sorted() {
        return None;
    }
    Some(match ends.len() {
        0..=0x100 => Codes::One(order.iter().map(|row| file(row) as u8).collect::<Vec<_>>().into()),
        0x101..=0x1_0000 => Codes::Two(order.iter().map(|row| file(row) as u16).collect::<Vec<_>>().into()),
        _ => Codes::Four(order.iter().map(|row| file(row) as u32).collect::<Vec<_>>().into()),
    })
}

/// How many rows of each file are held.
pub(super) fn held(ends: &[usize], owned: impl Fn(usize) -> bool) -> Vec<u64> {
    let mut from = 0;
    let count = |end: &usize| {
        let held = (from..*end).filter(|row| owned(*row)).count() as u64;
        from = *end;
        held
    };
    ends.iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_by_their_file() {
        assert!(origin(&[2, 5], None).is_none() && origin(&[5], Some(&[4, 3])).is_none());
        // Each file in an order of its own, but one after the other.
        assert!(origin(&[2, 5], Some(&[1, 0, 4, 2])).is_none());
        let mixed = origin(&[2, 2, 5], Some(&[4, 0, 2, 1])).unwrap();
        assert_eq!((0..4).map(|row| mixed.at(row)).collect::<Vec<_>>(), [2, 0, 2, 0]);
        assert_eq!(held(&[2, 2, 5], |row| row != 3), [2, 0, 2]);
    }
}
