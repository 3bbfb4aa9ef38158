//! DDL on the trail: what commands do to it, and what is made of that.

pub mod command;
pub mod decide;
mod index;
pub mod reason;
pub mod subject;
pub mod verdict;
