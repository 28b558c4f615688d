//! Checks of a segment against the catalog.
