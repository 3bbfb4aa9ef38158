//! Seals: each makes the events that were committed since the last one leaves of their workspaces' logs, and the heads of those logs leaves of the
//! root log, whose head is the checkpoint. `crates/evidence` decides which transactions a seal takes and which rows of tiles it writes.

mod append;
pub mod checkpoint;
pub mod error;
mod find;
mod incarnation;
pub mod log;
pub mod signatures;
pub mod verify;
