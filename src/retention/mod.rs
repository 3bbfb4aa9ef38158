//! What is done with policies: they are changed, explained, and removed where nobody needs them.

pub mod change;
pub mod clear;
pub mod explain;
