//! DDL on the trail: what a command does, and whether it may.

pub mod command;
pub mod decide;
mod index;
pub mod reason;
pub mod subject;
pub mod verdict;
