//! The checks that no single section can make.

use super::fault::Log;
use super::fields::Marks;
use super::model::Catalog;

/// Adds to `log` all that is wrong with `catalog`.
pub(super) fn check(catalog: &mut Catalog, _marks: &Marks, _log: &mut Log) {
    fill_parents(catalog);
}

fn fill_parents(_catalog: &mut Catalog) {}
