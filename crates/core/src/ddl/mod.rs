//! DDL on the trail: what commands do to it.

pub mod command;
pub mod subject;
