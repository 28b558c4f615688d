//! Integration tests: one binary, a module for each room.

mod catalog;
