//! The guards: events stay as they are, configuration keeps its history, and DDL cannot change the trail.

pub mod change;
pub mod configuration;
pub mod ddl;
pub mod immutability;
pub mod triggers;
