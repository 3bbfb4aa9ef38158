//! Removing what must not be kept: who may, what is left standing, and what the log says of it.

pub mod authorise;
pub mod log;
pub mod purge;
