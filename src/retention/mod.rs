//! Operations on policies: they are changed, explained, and removed where they are unused.

pub mod change;
pub mod clear;
pub mod explain;
