//! What nobody gets past: rows of events that stay as they are, configuration that keeps its history, and DDL on the trail.

pub mod configuration;
pub mod ddl;
pub mod immutability;
pub mod triggers;
