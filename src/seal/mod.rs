//! Seals: each makes the events that were committed since the last one leaves of their workspaces' logs, and the heads of those logs leaves of the
//! root log, whose head is the checkpoint. `crates/evidence` decides which transactions a seal takes and which rows of tiles it writes.

pub mod adopt;
mod append;
mod asked;
mod bound;
pub mod checkpoint;
pub mod cold;
pub mod deletions;
pub mod error;
pub mod export;
pub mod files;
mod find;
mod heads;
pub mod incarnation;
pub mod log;
pub mod proof;
mod refs;
pub mod refusal;
pub mod rows;
pub mod run;
mod shown;
pub mod signatures;
mod state;
mod statements;
pub mod verify;
pub mod wait;
mod write;
