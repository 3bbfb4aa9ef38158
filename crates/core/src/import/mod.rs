//! Importing the history of another trail: where the values of its events come from, and what is wrong with them.

pub mod halves;
pub mod mapping;
pub mod refusal;
