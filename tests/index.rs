//! The index gives what SQL gives: the same counts, groups and metrics, for whatever is asked.

mod analyst;
mod ask;
mod asked;
mod equal;
mod few;
mod kept;
mod renewed;
mod size;
