//! Seals: each makes the events that were committed since the last one leaves of their workspaces' logs, and the heads of those logs leaves of the
//! root log, whose head is the checkpoint. `crates/evidence` decides which transactions a seal takes and which rows of tiles it writes.

mod append;
pub mod checkpoint;
pub mod error;
mod find;
pub mod incarnation;
pub mod log;
mod refs;
pub mod refusal;
pub mod run;
pub mod signatures;
mod state;
pub mod verify;
pub mod wait;
mod write;
